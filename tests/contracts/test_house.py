"""The house's rules for templates, scripts and sizes: nothing inline, nothing that needs eval, no room too large."""

import ast
import re
from pathlib import Path

import pytest

from app.assets import SCRIPTS, STYLES
from tests.contracts.matrix import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPT_FILES = sorted((ROOT / "static" / "js").glob("*.js"))
STYLE_FILES = sorted((ROOT / "static" / "css").glob("*.css"))
MODULES = sorted((ROOT / "app").rglob("*.py"))
# What the content policy would stop, or what would need eval to be let through.
FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "an inline style": re.compile(r"<style|\sstyle\s*=", re.I),
    "an event attribute": re.compile(r"\son\w+\s*=", re.I),
    "htmx's own event attribute": re.compile(r"hx-on", re.I),
    "values that are a script": re.compile(r"""=["']\s*(js|javascript):""", re.I),
    "a filtered trigger": re.compile(r"""hx-trigger=["'][^"']*\["""),
    "another server": re.compile(r"""(?:src|href|action)=["'](?:https?:)?//"""),
    "unescaped text": re.compile(r"autoescape false", re.I),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what: str) -> None:
    found = [path.name for path in TEMPLATES if FORBIDDEN[what].search(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    ("what", "markup"),
    [
        ("an inline script", "<script>alert(1)</script>"),
        ("an inline style", '<p style="x">'),
        ("an event attribute", '<p onclick="x()">'),
        ("htmx's own event attribute", '<p hx-on:click="x()">'),
        ("values that are a script", "<p hx-vals='js:{a: 1}'>"),
        ("a filtered trigger", '<p hx-trigger="click[ctrlKey]">'),
        ("another server", '<img src="//evil.example/x.png">'),
        ("unescaped text", "{% autoescape false %}"),
    ],
)
def test_each_rule_finds_its_breach(what: str, markup: str) -> None:
    assert FORBIDDEN[what].search(markup)


def test_safe_marks_only_what_the_template_itself_wrote() -> None:
    marked = re.compile(r"(\S+)\s*\|\s*safe")
    found = {match for path in TEMPLATES for match in marked.findall(path.read_text("utf-8"))}
    assert {one for one in found if not one.startswith(("'", '"')) and not one.endswith(("'", '"'))} == set()


def test_no_script_makes_code_from_text() -> None:
    risky = re.compile(r"\beval\(|new Function|document\.write|\.outerHTML\s*=|insertAdjacentHTML")
    assert [path.name for path in SCRIPT_FILES if risky.search(path.read_text("utf-8"))] == []


def test_every_script_and_style_is_served_and_every_served_one_exists() -> None:
    assert sorted(SCRIPTS) == sorted(path.stem for path in SCRIPT_FILES)
    assert sorted(STYLES) == sorted(path.stem for path in STYLE_FILES)
    assert len(set(SCRIPTS)) == len(SCRIPTS) and len(set(STYLES)) == len(STYLES)


def lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_modules_are_small_or_say_why_not() -> None:
    large = [path for path in MODULES if lines(path) > 300]
    silent = [
        path for path in large if "long because" not in (ast.get_docstring(ast.parse(path.read_text())) or "")
    ]
    assert [str(path.relative_to(ROOT)) for path in silent] == []


def test_every_module_says_what_lives_there() -> None:
    silent = [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


@pytest.mark.parametrize(
    ("paths", "most"), [(TEMPLATES, 90), (SCRIPT_FILES, 180)], ids=["templates", "scripts"]
)
def test_templates_and_scripts_are_small(paths: list[Path], most: int) -> None:
    assert [(path.name, lines(path)) for path in paths if lines(path) > most] == []
