"""Cards, margin, place and drafts: the reader's scripts in a real Chromium, without the application."""

import random

import pytest
from playwright.sync_api import Page

from tests.browser.reader_page import Request, Stage
from tests.browser.visiting import Open, bar_is_open, select, until

pytestmark = pytest.mark.browser

LIT = "[...(CSS.highlights.get('current') ?? [])].map(String).join('|')"
LONG = "<p>" + "a long note " * 60 + "</p>"


def focus_id(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def boxes(page: Page) -> list[tuple[float, float]]:
    """Top and bottom of each margin group, in order."""
    script = """() => [...document.querySelectorAll(".margin__group")].filter((group) => group.offsetHeight)
        .map((group) => group.getBoundingClientRect()).map(({top, bottom}) => [top, bottom])"""
    return [(top, bottom) for top, bottom in page.evaluate(script)]


def overlaps(found: list[tuple[float, float]]) -> list[int]:
    return [n for n in range(1, len(found)) if found[n][0] < found[n - 1][1]]


def test_groups_stand_at_their_paragraphs_and_never_overlap(visit: Open, stage: Stage) -> None:
    for n in (2, 3, 4, 9):
        stage.card(f"c{n}", f"Report {n} says", note=LONG if n < 5 else "")
    page = visit()
    until(lambda: page.locator("#margin[data-laid]").count())
    tops = {n: page.locator(f"#p{n}").bounding_box() for n in (2, 9)}
    found = boxes(page)
    assert len(found) == 4 and overlaps(found) == []
    assert tops[2] and found[0][0] == pytest.approx(tops[2]["y"], abs=1)
    page.locator("#annotation-c2 .annotation__note").evaluate("note => note.remove()")
    # A card in hand shows its whole note.
    page.locator("#annotation-c3").evaluate("card => card.setAttribute('data-current', '')")
    page.locator("#annotation-c3 .annotation__note").evaluate("note => note.append('more '.repeat(500))")
    until(
        lambda: (
            overlaps(boxes(page)) == [] and boxes(page)[1][1] - boxes(page)[1][0] > found[1][1] - found[1][0]
        )
    )


def test_the_card_in_hand_stands_at_its_paragraph(visit: Open, stage: Stage) -> None:
    for n in (10, 11, 12):
        stage.card(f"c{n}", f"Report {n} says", note=LONG)
    page = visit("#annotation-c12")
    until(lambda: focus_id(page) == "annotation-c12")
    beside = """() => {
        const top = (id) => document.getElementById(id).getBoundingClientRect().top;
        return Math.abs(top("annotation-c12") - top("p12"));
    }"""
    until(lambda: page.evaluate(beside) < 2)
    assert overlaps(boxes(page)) == []
    assert page.evaluate(LIT) == "Report 12 says"


def test_stacking(still: Page) -> None:
    """Boxes keep their order and their distance; the fixed one keeps its wish where there is room."""
    chance = random.Random(7)
    for _ in range(300):
        wants = sorted(chance.randrange(1000) for _ in range(chance.randrange(1, 9)))
        asked = [{"want": want, "height": chance.randrange(1, 300)} for want in wants]
        fixed = chance.randrange(-1, len(asked))
        tops = still.evaluate("([asked, fixed]) => Margin.stack(asked, fixed)", [asked, fixed])
        bottoms = [top + one["height"] for top, one in zip(tops, asked, strict=True)]
        assert tops[0] >= 0
        assert all(tops[n] >= bottoms[n - 1] + 8 for n in range(1, len(tops)))
        if fixed >= 0 and sum(one["height"] + 8 for one in asked[:fixed]) <= asked[fixed]["want"]:
            assert tops[fixed] == asked[fixed]["want"]


def test_a_card_and_its_words_light_each_other(visit: Open, stage: Stage) -> None:
    stage.card("c1", "Report 1 says")
    stage.card("c2", "Report 2 says")
    page = visit()
    page.locator("#annotation-c2").hover()
    until(lambda: page.evaluate(LIT) == "Report 2 says")
    page.locator("#t1 mark").hover()
    until(
        lambda: page.locator("[data-lit]").evaluate_all("all => all.map(one => one.id)") == ["annotation-c1"]
    )
    assert page.evaluate(LIT) == ""


def test_from_card_to_words_and_on_to_the_next(visit: Open, stage: Stage) -> None:
    stage.card("c1", "Report 1 says")
    stage.card("c12", "Report 12 says")
    page = visit()
    page.locator("[data-step=next]").click()
    assert focus_id(page) == "annotation-c1"
    page.locator("[data-step=next]").click()
    assert focus_id(page) == "annotation-c12"
    until(lambda: 0 < page.locator("#p12").evaluate("block => block.getBoundingClientRect().top") < 800)
    page.locator("[data-step=previous]").click()
    assert focus_id(page) == "annotation-c1" and page.evaluate(LIT) == "Report 1 says"


def test_a_filter_hides_cards_for_the_visit(visit: Open, stage: Stage) -> None:
    stage.card("c1", "Report 1 says", "claim")
    stage.card("c2", "Report 2 says", "hedge")
    stage.card("c3", "Report 3 says", "claim", "hedge")
    page = visit()
    page.locator("[data-filter=claim]").click()
    for _ in range(2):
        assert [page.locator(f"#annotation-{uid}").is_visible() for uid in ("c1", "c2", "c3")] == [
            False,
            True,
            True,
        ]
        assert page.locator("[data-filter=claim]").get_attribute("aria-pressed") == "false"
        assert "blue" in (page.locator("main").get_attribute("data-dim") or "")
        page.reload()
    page.locator("[data-filter=claim]").click()
    assert page.locator("#annotation-c1").is_visible()


@pytest.mark.parametrize("calm", [True, False])
def test_the_drawer_takes_the_focus_and_gives_it_back(visit: Open, stage: Stage, calm: bool) -> None:
    stage.card("c1", "Report 1 says")
    page = visit(width=390, calm=calm)
    assert not page.locator("#margin").is_visible()
    page.locator("#toggle").click()
    assert page.locator("#toggle").get_attribute("aria-expanded") == "true"
    until(lambda: page.evaluate("document.getElementById('margin').contains(document.activeElement)"))
    page.keyboard.press("Escape")
    assert focus_id(page) == "toggle"
    assert page.locator("#toggle").get_attribute("aria-expanded") == "false"


def test_the_focus_goes_to_the_next_card_when_one_is_deleted(visit: Open, stage: Stage) -> None:
    stage.card("c1", "Report 1 says")
    stage.card("c2", "Report 2 says")

    def answer(request: Request) -> tuple[int, str]:
        stage.cards = [card for card in stage.cards if card.uid not in request.path]
        return 200, stage.changes()

    stage.answer = answer
    page = visit()
    page.locator("#annotation-c1 button").focus()
    page.keyboard.press("Enter")
    until(lambda: focus_id(page) == "annotation-c2")


def test_the_focus_stays_with_a_card_that_is_redrawn(visit: Open, stage: Stage) -> None:
    for n in (1, 2, 3):
        stage.card(f"c{n}", f"Report {n} says")
    stage.answer = lambda request: (200, stage.changes().replace("<button>Delete</button>", ""))
    page = visit()
    page.locator("#annotation-c2 button").evaluate("button => { button.id = 'goes'; button.focus(); }")
    page.keyboard.press("Enter")
    until(lambda: focus_id(page) == "annotation-c2")


def test_the_focus_goes_into_the_form_that_opens(visit: Open, stage: Stage) -> None:
    stage.card("c1", "Report 1 says")
    kind = 'class="annotation annotation--editing" id="annotation-c1"'
    form = f'<article {kind}><textarea name="note" id="n"></textarea></article>'
    stage.answer = lambda request: (200, form)
    page = visit()
    page.locator("#annotation-c1 a").focus()
    page.keyboard.press("Enter")
    until(lambda: focus_id(page) == "n")


# The place


def test_the_place_is_kept_and_found_again(visit: Open, stage: Stage) -> None:
    stage.attributes = 'data-place="6"'
    page = visit()
    assert 0 <= page.locator("#p6").evaluate("block => block.getBoundingClientRect().top") < 120
    top = page.locator("#p9").bounding_box()
    assert top is not None
    page.mouse.move(300, 300)
    page.mouse.wheel(0, top["y"] - 60)
    until(lambda: page.locator("#p9").evaluate("block => block.getBoundingClientRect().top") < 80)
    page.goto("about:blank")
    until(lambda: stage.posts("/place"))
    assert [request["place"] for request in stage.posts("/place")] == ["9"]


def test_a_paragraph_in_the_address_beats_the_place(visit: Open, stage: Stage) -> None:
    stage.attributes = 'data-place="2"'
    page = visit("#p9")
    assert 0 <= page.locator("#p9").evaluate("block => block.getBoundingClientRect().top") < 120
    page.goto("about:blank")
    assert stage.posts("/place") == []


# Drafts, failures, undo


def write_note(page: Page, stage: Stage, note: str) -> None:
    select(page, stage, "denied it")
    page.locator("#tag-bar").wait_for(state="visible")
    page.keyboard.press("n")
    page.keyboard.type(note)


def test_a_draft_survives_a_failure_and_a_reload_until_it_is_saved(visit: Open, stage: Stage) -> None:
    answers = [(413, "<html><body>Too large for this proxy</body></html>"), (200, "")]
    stage.answer = lambda request: answers.pop(0) if request.path.endswith("/annotations") else (204, "")
    page = visit()
    write_note(page, stage, "half 😀 a thought")
    page.keyboard.press("Control+Enter")
    page.locator(".toast--error").wait_for()
    assert page.locator("[name=note]").input_value() == "half 😀 a thought"
    page.reload()
    write_note(page, stage, "")
    assert page.locator("[name=note]").input_value() == "half 😀 a thought"
    page.keyboard.press("Control+Enter")
    until(lambda: page.evaluate("localStorage.length") == 0)
    until(lambda: page.locator("[name=note]").input_value() == "")
    assert [request["note"] for request in stage.posts("/annotations")] == ["half 😀 a thought"] * 2
    assert page.evaluate("getSelection().toString()") == "denied it"


def test_a_draft_is_for_its_writer_alone(visit: Open, stage: Stage) -> None:
    page = visit()
    write_note(page, stage, "mine")
    for viewer, text in (("ben", ""), ("", ""), ("ada", "mine")):
        stage.viewer = viewer
        page.reload()
        assert page.locator("[name=note]").input_value() == text
    stage.viewer = ""
    page.reload()
    before = page.evaluate("localStorage.length")
    write_note(page, stage, "nobody's")
    assert page.evaluate("localStorage.length") == before


def test_a_draft_brings_back_the_version_it_was_written_over(visit: Open, stage: Stage) -> None:
    form = (
        '<form hx-post="/annotations/c1" hx-swap="none"><input type="hidden" name="version" value="{}">'
        '<textarea name="note" id="n">{}</textarea></form>'
    )
    stage.extra = form.format(3, "as it was")
    page = visit()
    page.locator("#n").fill("my words")
    stage.extra = form.format(4, "theirs")
    page.reload()
    assert page.locator("#n").input_value() == "my words"
    assert page.locator("[name=version]").input_value() == "3"


def test_an_old_note_is_not_sent_with_a_tag(visit: Open, stage: Stage) -> None:
    page = visit()
    write_note(page, stage, "kept for later")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    until(lambda: stage.posts("/annotations"))
    assert "note" not in dict(stage.posts("/annotations")[0].fields)


def test_without_a_network_it_says_so(visit: Open, stage: Stage) -> None:
    page = visit()
    select(page, stage, "denied it")
    page.context.set_offline(True)
    page.keyboard.press("2")
    page.get_by_text("Not sent yet: 1").wait_for()
    assert page.evaluate("CSS.highlights.has('pending-blue')") is False
    assert page.evaluate("[...CSS.highlights.get('unsent')].map(String).join()") == "denied it"
    assert bar_is_open(page)


def test_undo_by_key_but_not_in_a_field(visit: Open, stage: Stage) -> None:
    page = visit()
    page.locator("#elsewhere").press("Control+z")
    page.evaluate("document.activeElement.blur()")
    select(page, stage, "denied it")
    page.keyboard.press("1")
    until(lambda: stage.posts("/annotations"))
    assert stage.posts("/undo") == []
    page.keyboard.press("Control+z")
    until(lambda: stage.posts("/undo"))


def test_toasts_leave_unless_looked_at(visit: Open, stage: Stage) -> None:
    page = visit()
    page.clock.install()
    page.evaluate("Toasts.show('failed')")
    page.locator(".toast").hover()
    page.clock.run_for(9000)
    assert page.locator(".toast").count() == 1
    page.mouse.move(600, 300)
    page.clock.run_for(9000)
    assert page.locator(".toast").count() == 0


def test_copying(visit: Open, stage: Stage) -> None:
    stage.extra = '<button data-copy="“words” (Author 2026)">Copy</button>'
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("[data-copy]").click()
    page.locator(".toast").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "“words” (Author 2026)"
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.evaluate("document.querySelector('[data-copy]').dataset.copy = 'without TLS'")
    page.locator("[data-copy]").click()
    page.locator("#elsewhere").focus()
    page.keyboard.press("Control+v")
    assert page.locator("#elsewhere").input_value() == "without TLS"


# Moving an edge


def drag_end(page: Page, words: str, stage: Stage, *, drop: bool = True) -> None:
    """Takes the end handle into the middle of `words`, and lets go there."""
    start = stage.offset(words)
    page.locator(".edge--end").hover()
    page.mouse.down()
    box = page.evaluate(
        """(span) => {
            const {x, y, width, height} = Reader.range(span).getBoundingClientRect();
            return [x + width / 2, y + height / 2];
        }""",
        {"start": start, "end": start + len(words)},
    )
    page.mouse.move(*box, steps=5)
    if drop:
        page.mouse.up()


def test_an_edge_is_dragged_by_words(visit: Open, stage: Stage) -> None:
    stage.card("c1", "Report 1 says")
    page = visit()
    page.locator("#annotation-c1").focus()
    drag_end(page, "Officials", stage)
    until(lambda: stage.posts("/annotations/c1"))
    request = stage.posts("/annotations/c1")[0]
    assert request["exact"] == "Report 1 says that the harbour may close by spring. Officials"
    assert (request["version"], request["only"]) == ("1", "span")
    assert int(request["end"]) - int(request["start"]) == len(request["exact"])
    assert "tag" not in dict(request.fields) and "note" not in dict(request.fields)


def test_escape_lets_go_of_an_edge(visit: Open, stage: Stage) -> None:
    stage.card("c1", "Report 1 says")
    page = visit()
    page.locator("#annotation-c1").focus()
    drag_end(page, "Officials", stage, drop=False)
    assert (
        page.evaluate("[...CSS.highlights.get('edge')].map(String).join()")
        == "Report 1 says that the harbour may close by spring. Officials"
    )
    page.keyboard.press("Escape")
    page.mouse.up()
    assert page.evaluate("CSS.highlights.has('edge')") is False
    assert stage.posts("/annotations/c1") == []
