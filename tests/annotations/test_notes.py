"""Notes read as meant; nothing outside the allow list survives, no word is lost, no input is slow."""

import json
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from app.annotations.notes import BRACKETS, DEEPEST, LONGEST, _render, render_note

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"

ALLOWED = {"p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
SCHEMES = ("http://", "https://", "mailto:")
UNREAD = dict.fromkeys(map(ord, "\t\r\n"))  # browsers leave these out of addresses
RELATION = "noopener noreferrer nofollow ugc"


class Elements(HTMLParser):
    """Every element with its attributes, the text, and whatever else the markup holds."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.strange: list[str] = []
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.strange.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def assert_harmless(html: str) -> None:
    read = Elements(html)
    assert not read.strange
    for tag, attributes in read.found:
        assert tag in ALLOWED
        if tag == "a":
            assert set(attributes) <= {"href", "rel"}
            assert attributes["rel"] == RELATION
            address = (attributes.get("href") or "mailto:").translate(UNREAD)
            assert address.lower().startswith(SCHEMES)
        else:
            assert set(attributes) <= ({"start"} if tag == "ol" else set())


def _link(address: str, words: str) -> str:
    return f'<p><a href="{address}" rel="{RELATION}">{words}</a></p>\n'


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("plain", "<p>plain</p>\n"),
        (
            "*so* **much** ~~less~~ `x<y`",
            "<p><em>so</em> <strong>much</strong> <del>less</del> <code>x&lt;y</code></p>\n",
        ),
        ("# A *big* claim", "<p><strong>A <em>big</em> claim</strong></p>\n"),
        ("> said\n", "<blockquote>\n<p>said</p>\n</blockquote>\n"),
        ("3. three\n4. four", '<ol start="3">\n<li>three</li>\n<li>four</li>\n</ol>\n'),
        ("```js\nif (a<b) {}\n```", "<pre><code>if (a&lt;b) {}\n</code></pre>\n"),
        ("one  \ntwo", "<p>one<br>\ntwo</p>\n"),
        (
            "[here](https://a.example/?b=1&c=2)",
            _link("https://a.example/?b=1&amp;c=2", "here"),
        ),
        (
            "<mailto:a@b.example>",
            _link("mailto:a@b.example", "mailto:a@b.example"),
        ),
        ("![a *chart*](https://a.example/c.png)", "<p>a chart</p>\n"),
        ("![](https://a.example/c.png)", "<p>https://a.example/c.png</p>\n"),
        ("![<b onclick=x>](https://a.example/c.png)", "<p>&lt;b onclick=x&gt;</p>\n"),
        ("<b hx-post=/x>bold</b>", "<p>&lt;b hx-post=/x&gt;bold&lt;/b&gt;</p>\n"),
        ("[go](javascript:alert(1))", "<p>[go](javascript:alert(1))</p>\n"),
        ("[out](/sign-out) [off](//evil.example)", "<p>[out](/sign-out) [off](//evil.example)</p>\n"),
        ("https://a.example is bare", "<p>https://a.example is bare</p>\n"),
        ("سلام 👩‍👩‍👧‍👦", "<p>سلام 👩‍👩‍👧‍👦</p>\n"),
        ("", ""),
    ],
)
def test_markdown_reads_as_meant(markdown: str, html: str) -> None:
    assert render_note(markdown) == html


def test_a_note_is_markup_that_templates_leave_alone() -> None:
    assert isinstance(render_note("*x*"), Markup)


@pytest.mark.parametrize(
    "markdown",
    [
        ">" * (DEEPEST + 1) + " deep & down",
        "- " * (DEEPEST + 1) + "deep & down",
        "word & <b>\n" * (LONGEST // 8),
        "[" * (BRACKETS + 1) + "word",
    ],
)
def test_what_is_too_deep_or_too_long_is_shown_as_it_was_typed(markdown: str) -> None:
    html = render_note(markdown)
    assert_harmless(html)
    assert Elements(html).text == markdown.replace("\n", "")
    assert html.count("<br>") == max(0, len(markdown.splitlines()) - 1)


@pytest.mark.parametrize("depth", [1, 5, DEEPEST // 2])
def test_nesting_within_bounds_keeps_its_words(depth: int) -> None:
    assert "the innermost" in Elements(render_note(">" * depth + " the innermost")).text
    assert "the innermost" in Elements(render_note("- " * (depth // 2) + "the innermost")).text


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert render_note("a\ud800b") == "<p>a?b</p>\n"


@given(
    st.text(st.sampled_from("ab \n\t*_`~#>-+1.[]()!<>&\"'\\:/|=@é👍\0\u200f"), max_size=80)
    | st.text(max_size=60)
)
def test_any_text_is_rendered_harmlessly(markdown: str) -> None:
    html = render_note(markdown)
    assert_harmless(html)
    html.encode()


@given(st.lists(st.text("abcé漢 ", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=4))
def test_no_word_is_lost(words: list[str]) -> None:
    markdown = "> " + " *x* ".join(words) + "\n\n- " + "\n- ".join(words)
    text = Elements(render_note(markdown)).text.split()
    assert all(part in text for word in words for part in word.split())


def payloads() -> list[str]:
    if not (CORPORA / "xss").is_dir():
        pytest.skip("the collections of attacks are not beside this project (../shared/corpora)")
    lines = [
        line
        for path in sorted((CORPORA / "xss").glob("*.txt"))
        for line in path.read_text("utf-8", errors="replace").splitlines()
        if line.strip()
    ]
    return lines + json.loads((CORPORA / "naughty-strings" / "blns.json").read_text("utf-8"))


FRAMES = (
    "{}",
    "[x]({})",
    "[x](<{}>)",
    "![{}]({})",
    "<{}>",
    "[{}][1]\n\n[1]: {}",
    "`{}`",
    "```{}\n{}\n```",
    "> {}\n# {}",
)


@pytest.mark.parametrize("frame", FRAMES)
def test_no_known_attack_survives(frame: str) -> None:
    attacks = payloads()
    assert len(attacks) > 400
    for attack in attacks:
        assert_harmless(render_note(frame.replace("{}", attack)))


def test_the_cleaner_alone_would_stop_what_the_parser_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second wall, tried without the first: raw HTML let through by the parser."""
    monkeypatch.setattr("app.annotations.notes._MARKDOWN", _permissive())
    for attack in payloads():
        assert_harmless(_render(attack))


def _permissive():
    from markdown_it import MarkdownIt

    class Permissive(MarkdownIt):
        def validateLink(self, url: str) -> bool:
            return True

    return Permissive("commonmark", {"html": True})


def calls(markdown: str) -> int:
    """Calls made while the note is rendered: what time is made of, without a clock."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    sys.setprofile(count)
    try:
        _render(markdown)
    finally:
        sys.setprofile(None)
    return seen


HOSTILE = (
    ">",
    "[",
    "![",
    "*a ",
    "*a",
    "_a ",
    "**a*",
    "`",
    "a`b``",
    "<",
    "&",
    "\\",
    "[a](",
    "- ",
    "> - ",
    "#",
    "\n",
    "~~",
    "*_",
)


@pytest.mark.parametrize(
    "unit", [*HOSTILE, "[[a](b)]", "[a]: b\n", "<<a@b>", "- a\n", "`\n", "<!--", "&#1", "a\n===\n"]
)
def test_twice_the_input_costs_at_most_two_and_a_half_times_the_work(unit: str) -> None:
    size = LONGEST // 4
    once, twice = ((unit * size)[:length] for length in (size, 2 * size))
    assert calls(twice) <= 2.5 * calls(once)


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_hundred_thousand_of_anything_is_answered(unit: str) -> None:
    markdown = unit * 100_000
    assert calls(markdown) < 2_000
