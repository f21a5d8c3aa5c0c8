"""Files and pasted text become one article, or are refused in a sentence; corrections keep one title."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.library.importing import (
    KINDS,
    Block,
    ImportedArticle,
    ImportRefused,
    corrected,
    read_file,
    read_markdown,
    read_pasted,
    read_plain,
)

ARTICLES = Path(__file__).parents[3] / "shared/articles"
MARKUP = st.lists(
    st.one_of(
        st.sampled_from("*_`[)|\\ae漢 \n"),
        st.sampled_from(["**", "](", "![", "```\n", "<b>", "> ", "- ", "1. ", "\n\n", "# ", "---\n", "    "]),
        st.sampled_from(["&#x301;", "&#10;", "&nbsp;", "http://x.y", "Word"]),
    )
).map("".join)
ANY_TEXT = st.one_of(st.text(), MARKUP)


def shared(name: str) -> ImportedArticle:
    path = ARTICLES / name
    if not path.exists():
        pytest.skip("the shared articles are not at ../shared/articles")
    return read_file(name, path.read_bytes())


def kinds(article: ImportedArticle) -> list[str]:
    return [block.kind for block in article.blocks]


def is_sound(article: ImportedArticle) -> bool:
    inline = [(block, mark) for block in article.blocks for mark in block.inline]
    return (
        kinds(article).count("title") == 1
        and article.title == article.blocks[0].text
        and all(block.text.strip() == block.text or block.kind == "preformatted" for block in article.blocks)
        and all(
            block.text and ("\n" not in block.text or block.kind == "preformatted")
            for block in article.blocks
        )
        and all(0 <= mark.start < mark.end <= len(block.text) for block, mark in inline)
        and [article.text[a:b] for a, b in article.spans] == [block.text for block in article.blocks]
    )


def test_the_first_article() -> None:
    article = shared("khamenei-banks-on-patience.txt")
    assert Counter(kinds(article)) == {"title": 1, "heading": 2, "paragraph": 27}
    assert (article.language, article.direction) == ("en", "ltr")
    assert article.source == "khamenei-banks-on-patience.txt"
    assert article.blocks[-1].text.endswith("seeks?") and "“I told you so,”" in article.text


@pytest.mark.parametrize(
    ("name", "direction", "counts"),
    [
        ("fa", "rtl", {"title": 1, "heading": 31, "paragraph": 58}),
        ("ar", "rtl", {"title": 1, "heading": 33, "paragraph": 57}),
        ("ja", "ltr", {"title": 1, "heading": 31, "paragraph": 58}),
        ("th", "ltr", {"title": 1, "heading": 31, "paragraph": 58}),
        ("hi", "ltr", {"title": 1, "heading": 33, "paragraph": 58}),
    ],
)
def test_the_declaration_in_many_scripts(name: str, direction: str, counts: dict[str, int]) -> None:
    article = shared(f"udhr-{name}.txt")
    assert (article.language, article.direction) == (name, direction)
    assert Counter(kinds(article)) == counts


def test_pasted_mail() -> None:
    text = (
        "The plan\n\nWhy it waits\nThe committee met on Tuesday and put the matter off until the spring, as\n"
        "it had done each year before, and nobody was surprised to hear of it.\n\n"
        "> They always say that the money is there, and then it turns out that\n> it is not.\n\n"
        "- one\n- two\n  goes on\n  - nested\n"
    )
    article = read_pasted(text.replace("\n", "\r\n"))
    assert [(block.kind, block.level) for block in article.blocks] == [
        ("title", 0), ("heading", 2), ("paragraph", 0), ("quotation", 0),
        ("list_item", 1), ("list_item", 1), ("list_item", 2),
    ]  # fmt: skip
    assert article.blocks[2].text.endswith(
        "the spring, as it had done each year before, and nobody was surprised to hear of it."
    )
    assert [block.text for block in article.blocks[4:]] == ["one", "two goes on", "nested"]


def test_verse_is_no_heading() -> None:
    article = read_plain(
        "Waiting\n\nThe river takes\nwhat the field gave\nIn its own time\nNobody asks\n\nThe end of it came."
    )
    assert kinds(article) == ["title"] + ["paragraph"] * 5


def test_wrapped_chinese_is_joined_without_spaces() -> None:
    line = "人類社会のすべての構成員の固有の尊厳と平等で譲ることのできない権利"
    assert read_plain(f"題\n\n{line}\n{line}\nとである。").blocks[1].text == line + line + "とである。"


def test_a_text_without_a_title_is_given_its_first_words() -> None:
    paragraph = "In the end it was the waiting, more than the war, that told. " * 5
    article = read_plain(paragraph)
    assert article.title == "In the end it was the waiting, more than the war, that…"
    assert article.blocks[1].text == paragraph.strip()


def test_markdown() -> None:
    article = read_markdown(
        "By *me*\n\n# Top **bold** title\n\n"
        "A [link](https://a.b/c), `code` and\n<b>raw</b> [no](/relative).\n\n"
        "![only](y.png)\n\n> quote\n\n3. a\n   - b\n\n"
        "| h | i |\n|---|---|\n| 1 | 2 |\n\n```\nx = 1\n\ny\n```\n\n## Sub\n"
    )
    assert [(block.kind, block.level, block.text) for block in article.blocks] == [
        ("title", 0, "Top bold title"), ("paragraph", 0, "By me"),
        ("paragraph", 0, "A link, code and <b>raw</b> no."), ("caption", 0, "only"),
        ("quotation", 0, "quote"),
        ("list_item", 1, "3. a"), ("list_item", 2, "b"), ("table_row", 0, "h | i"), ("table_row", 0, "1 | 2"),
        ("preformatted", 0, "x = 1\n\ny"), ("heading", 2, "Sub"),
    ]  # fmt: skip
    marks = [
        (mark.kind, block.text[mark.start : mark.end], mark.value)
        for block in article.blocks
        for mark in block.inline
    ]
    assert marks == [
        ("strong", "bold", ""), ("emphasis", "me", ""), ("link", "link", "https://a.b/c"),
        ("code", "code", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//x.y", "JaVaScript:x", "vbscript:x"]
)
def test_only_safe_addresses_become_links(address: str) -> None:
    article = read_markdown(f"# T\n\n[a](<{address}>)")
    assert not any(block.inline for block in article.blocks)


@given(ANY_TEXT)
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_markdown, read_plain):
        try:
            assert is_sound(read(text))
        except ImportRefused as refusal:
            assert refusal.reason.endswith(".")


@pytest.mark.parametrize(
    "text",
    ["*" * 100_000, "[" * 100_000, ">" * 100_000, "> " * 50_000 + "a", "a" + "\n" * 100_000,
     "\n".join(" " * 2 * n + "- deep" for n in range(500)), "- " * 10_000 + "deep"],
)  # fmt: skip
def test_hostile_markdown_keeps_its_words(text: str) -> None:
    try:
        article = read_markdown(text)
    except ImportRefused:
        return
    assert is_sound(article) and article.text.count("deep") == text.count("deep")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    article = read_file("C:/x/Café.TXT", "Café “au lait” – wäre das schön".encode(encoding))
    assert article.title == "Café “au lait” – wäre das schön"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", b"x", ".txt and .md"),
        ("a", b"x", ".txt and .md"),
        ("a.txt", "Привет, мир".encode("cp1251"), "made out"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\xff\0", "made out"),
        ("a.txt", "abc".encode("utf-16-le"), "no text may hold"),
        ("a.txt", b" \n\xc2\xa0\n", "no text to read"),
        ("a.md", b"\n", "no text to read"),
        ("a.md", b"a\n\n" * 20_001, "too large"),
        ("a.txt", b"a" * 5_000_001, "too large"),
    ],
)
def test_refusals_say_why(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        read_file(name, data)
    assert reason in refusal.value.reason


def test_an_article_has_one_title_and_it_is_first() -> None:
    for blocks in ((), (Block("paragraph", "a"),), (Block("title", "a"), Block("title", "b"))):
        with pytest.raises(ValueError):
            ImportedArticle("a", "en", "ltr", blocks)


def test_another_block_made_the_title() -> None:
    article = corrected(
        read_plain("Opinion\nThe waiting game\nIt goes on."), kinds={0: "title", 1: "title"}, title="Opinion"
    )
    assert [(block.kind, block.level, block.text) for block in article.blocks] == [
        ("title", 0, "The waiting game"), ("heading", 2, "Opinion"), ("paragraph", 0, "It goes on."),
    ]  # fmt: skip
    assert is_sound(article)


def test_corrections_of_words_language_direction_and_levels() -> None:
    article = corrected(
        read_plain("A\nB\nC c c c."), title=" New \n title ", language="fa", direction="rtl",
        kinds={1: "list_item", 0: "paragraph"}, levels={1: 3},
    )  # fmt: skip
    assert (article.title, article.language, article.direction) == ("New title", "fa", "rtl")
    assert [(block.kind, block.level) for block in article.blocks] == [
        ("title", 0),
        ("list_item", 3),
        ("paragraph", 0),
    ]
    assert is_sound(corrected(read_markdown("# T\n\n```\na\nb\n```"), kinds={1: "paragraph"}))


@pytest.mark.parametrize(
    "wrong",
    [{"kinds": {1: "poem"}}, {"kinds": {9: "heading"}}, {"levels": {-1: 2}}, {"language": "no such"},
     {"direction": "up"},
     {"kinds": {1: "title", 2: "title"}}, {"title": "x" * 201}, {"title": "\0"}],
)  # fmt: skip
def test_wrong_corrections_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ImportRefused):
        corrected(read_plain("A\nB\nC c c c."), **wrong)


@given(
    st.dictionaries(st.integers(0, 3), st.sampled_from(KINDS)),
    st.dictionaries(st.integers(0, 3), st.integers()),
)
def test_any_correction_keeps_every_word(chosen: dict[int, str], levels: dict[int, int]) -> None:
    article = read_markdown("# T\n\n## H\n\n```\na\nb\n```\n\n- x")
    try:
        result = corrected(article, kinds=chosen, levels=levels)
    except ImportRefused:
        return
    assert is_sound(result)
    assert sorted(result.text.split()) == sorted(article.text.split())
