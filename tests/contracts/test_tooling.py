"""The house's own tools: what the lock promises, that import layers can fail, what the installer says."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

from tests.support.chromium import ChromiumMissing, find_chromium

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
LOCKED: dict[str, dict[str, Any]] = {package["name"]: package for package in LOCK["package"]}


# The lock


def test_lock_names_only_the_public_index() -> None:
    hosts = set(re.findall(r"\w+://([^/\"]+)", (ROOT / "uv.lock").read_text("utf-8")))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


def test_lock_was_made_from_this_project_file() -> None:
    asked = {Requirement(text).name for text in PROJECT["project"]["dependencies"]}
    assert asked == {entry["name"] for entry in LOCKED["postil"]["metadata"]["requires-dist"]}
    asked = {Requirement(text).name for text in PROJECT["dependency-groups"]["dev"]}
    assert asked == {entry["name"] for entry in LOCKED["postil"]["metadata"]["requires-dev"]["dev"]}


PLATFORMS = {
    "Linux on x86-64": (
        {"sys_platform": "linux", "platform_machine": "x86_64"},
        [f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)] + ["manylinux2014_x86_64"],
    ),
    "Linux on ARM": (
        {"sys_platform": "linux", "platform_machine": "aarch64"},
        [f"manylinux_2_{minor}_aarch64" for minor in range(28, 16, -1)] + ["manylinux2014_aarch64"],
    ),
    "macOS on ARM": (
        {"sys_platform": "darwin", "platform_machine": "arm64"},
        list(mac_platforms((14, 0), "arm64")),
    ),
    "macOS on Intel": (
        {"sys_platform": "darwin", "platform_machine": "x86_64"},
        list(mac_platforms((14, 0), "x86_64")),
    ),
}


@pytest.mark.parametrize("minor", [11, 12, 13, 14, 15])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_locked_package_that_serving_needs_has_a_wheel(platform: str, minor: int) -> None:
    environment, platforms = PLATFORMS[platform]
    tags = set(cpython_tags((3, minor), platforms=platforms))
    tags |= set(compatible_tags((3, minor), f"cp3{minor}", platforms))
    packages = needed(environment, minor)
    assert {"fastapi", "psycopg-binary", "pydantic-core"} <= packages
    assert {name for name in packages if not has_wheel(name, tags)} == set()


def needed(environment: dict[str, str], minor: int) -> set[str]:
    """Return the packages that uv would install for `make serve` there."""
    version = f"3.{minor}"
    there = environment | {
        "python_version": version,
        "python_full_version": f"{version}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    found: set[str] = set()
    waiting = list(LOCKED["postil"]["dependencies"])
    while waiting:
        entry = waiting.pop()
        if "marker" in entry and not Marker(entry["marker"]).evaluate(there):
            continue
        for dependency in links(entry):
            if dependency not in waiting and (dependency["name"] not in found or "extra" in dependency):
                waiting.append(dependency)
        found.add(entry["name"])
    return found


def links(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    package = LOCKED[entry["name"]]
    yield from package.get("dependencies", [])
    for extra in entry.get("extra", []):
        yield from package["optional-dependencies"][extra]


def has_wheel(name: str, tags: set[Tag]) -> bool:
    names = [wheel["url"].rpartition("/")[2] for wheel in LOCKED[name].get("wheels", [])]
    return any(parse_wheel_filename(wheel)[3] & tags for wheel in names)


# The import layers


VIOLATIONS = {
    "a model that asks who may see": ("annotations/models.py", "import app.access"),
    "a noun that imports a later noun": ("library/models.py", "import app.readings.models"),
    "a model that imports routes": ("accounts/models.py", "import app.library.routes"),
    "routes that import other routes": ("accounts/routes.py", "import app.library.routes"),
    "a model that imports a room of routes": ("accounts/models.py", "import app.courses.routes.groups"),
    "routes that import another noun's room": ("accounts/routes.py", "import app.courses.routes.groups"),
    "a room of routes that imports other routes": (
        "courses/routes/groups.py",
        "import app.accounts.routes",
    ),
    "routes that import main": ("accounts/routes.py", "import app.main"),
    "rendering that knows a noun": ("web.py", "import app.annotations.models"),
    "a model that knows the web framework": ("library/models.py", "from fastapi import Form"),
    "a module without a place in the layers": ("managers.py", ""),
}


def test_import_layers_hold_in_a_tree_without_violations(tree: Path) -> None:
    assert lint_imports(tree).returncode == 0


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_import_layers_can_fail(tree: Path, violation: str) -> None:
    file, line = VIOLATIONS[violation]
    (tree / "app" / file).write_text(f"{line}\n", "utf-8")
    answer = lint_imports(tree)
    assert answer.returncode == 1
    assert "1 broken" in answer.stdout or "2 broken" in answer.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a project of empty modules with a place for each layer, whose routes import downward.

    The routes of courses are a package, as those of a noun with many pages are.
    """
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    layers = next(contract for contract in importlinter()["contracts"] if contract["id"] == "layers")[
        "layers"
    ]
    for name in re.findall(r"\w+", " ".join(layers)):
        write_module(tmp_path / "app", name)
    (tmp_path / "app" / "__init__.py").touch()
    (tmp_path / "app" / "main.py").write_text(
        "import app.accounts.routes\nimport app.courses.routes\n", "utf-8"
    )
    make_rooms(tmp_path / "app" / "courses")
    return tmp_path


def write_module(app: Path, name: str) -> None:
    if not (ROOT / "app" / name).is_dir():
        app.mkdir(exist_ok=True)
        (app / f"{name}.py").touch()
        return
    (app / name).mkdir(parents=True)
    (app / name / "__init__.py").touch()
    (app / name / "models.py").touch()
    (app / name / "routes.py").write_text("import app.access, app.web, app.activity.models\n", "utf-8")


def make_rooms(noun: Path) -> None:
    routes = (noun / "routes.py").read_text("utf-8")
    (noun / "routes.py").unlink()
    (noun / "routes").mkdir()
    (noun / "routes" / "__init__.py").write_text(f"import app.{noun.name}.routes.groups\n", "utf-8")
    (noun / "routes" / "groups.py").write_text(routes, "utf-8")


def importlinter() -> dict[str, Any]:
    configuration: dict[str, Any] = PROJECT["tool"]["importlinter"]
    return configuration


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


# The installer


def install(tmp_path: Path, python: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of .ci/install where it can leave nothing behind."""
    (tmp_path / ".ci").mkdir()
    for file in (".ci/install", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / file, tmp_path / file)
    return subprocess.run(
        [tmp_path / ".ci/install"],
        env={"PATH": os.environ["PATH"], "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )


def test_installer_refuses_an_old_python_in_a_sentence(tmp_path: Path) -> None:
    answer = install(tmp_path, python="/bin/false")
    assert answer.returncode != 0
    assert answer.stderr == "postil: PYTHON=/bin/false is not a Python 3.11 or newer.\n"
    assert not (tmp_path / ".venv").exists()


def test_installer_says_what_debian_lacks(tmp_path: Path) -> None:
    """A Python without pip and ensurepip, as Debian ships it."""
    bare = tmp_path / "bare-python"
    bare.write_text('#!/bin/sh\n[ "$1" != "-m" ]\n', "utf-8")
    bare.chmod(0o755)
    answer = install(tmp_path, python=str(bare))
    assert answer.returncode != 0
    assert answer.stderr.count("\n") == 1
    assert "sudo apt install python3-venv" in answer.stderr


def test_one_uv_version_is_pinned() -> None:
    installer = re.search(r"^UV_VERSION=(.+)$", (ROOT / ".ci/install").read_text("utf-8"), re.MULTILINE)
    image = re.search(r"\buv==(\S+)", (ROOT / "Dockerfile").read_text("utf-8"))
    assert installer and image and installer[1] == image[1]


def test_make_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    assert targets - {"help"} == set(re.findall(r'echo "make (\w+)', makefile))


# The image


def test_image_copies_what_serving_needs_and_nothing_is_ignored() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    copied = {
        part
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for part in line.split()[1:-1]
    }
    assert {"app", "templates", "static", "migrations", "uv.lock", "pyproject.toml"} <= copied
    kept = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }
    assert copied == kept
    assert {name for name in copied if not (ROOT / name).exists()} == set()


def test_image_runs_as_nobody_special_with_one_volume_and_a_health_check() -> None:
    final_stage = (ROOT / "Dockerfile").read_text("utf-8").rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\w+)$", final_stage, re.MULTILINE) == ["postil"]
    assert re.findall(r"^VOLUME (.+)$", final_stage, re.MULTILINE) == ["/data"]
    assert "/health" in final_stage


# What the suite itself needs


def test_a_missing_browser_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(
        ChromiumMissing, match=r"^The browser tests need Chromium .* CHROMIUM=/path/to/chromium\.$"
    ):
        find_chromium()
