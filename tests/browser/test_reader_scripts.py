"""Marking by selection and key: the reader's scripts in a real Chromium, on pages without the application."""

import threading
from uuid import UUID

import pytest
from playwright.sync_api import Page

from tests.browser.reader_page import Request, Stage
from tests.browser.visiting import BLOCKS, Open, bar_is_open, marks, select, until

pytestmark = pytest.mark.browser

PRESS = "init => document.body.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, ...init}))"


def test_select_and_press_a_key(visit: Open, stage: Stage) -> None:
    stage.answer = marks(stage)
    page = visit()
    select(page, stage, "may close by spring")
    page.keyboard.press("3")
    page.locator("#p1 mark").wait_for()
    (request,) = stage.posts("/annotations")
    start = stage.offset("may close by spring")
    assert (request["start"], request["end"]) == (str(start), str(start + 19))
    assert (request["exact"], request["tag"]) == ("may close by spring", "hedge")
    assert UUID(request["uid"]).version == 7
    assert page.locator("#p1 mark").inner_text() == "may close by spring"


def test_an_offset_counts_code_points(visit: Open, stage: Stage) -> None:
    page = visit()
    select(page, stage, "believed them")
    page.keyboard.press("1")
    until(lambda: stage.posts("/annotations"))
    assert int(stage.posts("/annotations")[0]["start"]) == "\n".join(BLOCKS).index("believed them")


def test_a_selection_over_three_blocks(visit: Open, stage: Stage) -> None:
    page = visit()
    select(page, stage, "Report 2", "Report 4 says")
    page.keyboard.press("2")
    until(lambda: stage.posts("/annotations"))
    request = stage.posts("/annotations")[0]
    text = "\n".join(BLOCKS)
    assert request["exact"] == text[int(request["start"]) : int(request["end"])]
    assert request["exact"].count("\n") == 2 and request["exact"].endswith("Report 4 says")


KEYS = [
    pytest.param({"key": "2", "code": "Digit2"}, "2", id="digit"),
    pytest.param({"key": "é", "code": "Digit2"}, "2", id="azerty without shift"),
    pytest.param({"key": "2", "code": "Digit2", "shiftKey": True}, "2", id="azerty with shift"),
    pytest.param({"key": "@", "code": "Digit2", "shiftKey": True}, None, id="qwerty with shift"),
    pytest.param({"key": "۲", "code": "Digit2"}, "2", id="persian"),
    pytest.param({"key": "٢", "code": ""}, "2", id="arabic without a code"),
    pytest.param({"key": "४", "code": ""}, "4", id="devanagari"),
    pytest.param({"key": "2", "code": "Numpad2"}, "2", id="number pad"),
    pytest.param({"key": "ArrowDown", "code": "Numpad2"}, None, id="number pad as arrows"),
    pytest.param({"key": "2", "code": "Digit2", "modifierAltGraph": True}, None, id="altgr"),
    pytest.param({"key": "2", "code": "Digit2", "ctrlKey": True}, None, id="ctrl"),
    pytest.param({"key": "2", "code": "Digit2", "metaKey": True}, None, id="meta"),
    pytest.param({"key": "2", "code": "Digit2", "altKey": True}, None, id="alt"),
    pytest.param({"key": "2", "code": "Digit2", "isComposing": True}, None, id="composition"),
    pytest.param({"key": "Process", "code": "Digit2", "keyCode": 229}, None, id="input method"),
    pytest.param({"key": "2", "code": "Digit2", "repeat": True}, None, id="held down"),
    pytest.param({"key": "b", "code": "KeyN"}, "b", id="dvorak b where n is on qwerty"),
]


@pytest.mark.parametrize(("event", "meaning"), KEYS)
def test_which_key_means_what(still: Page, event: dict[str, object], meaning: str | None) -> None:
    heard = still.evaluate(
        """init => {
            let heard;
            document.addEventListener("keydown", (event) => { heard = Keys.shortcut(event); }, {once: true});
            document.body.dispatchEvent(new KeyboardEvent("keydown", {bubbles: true, ...init}));
            return heard;
        }""",
        event,
    )
    assert heard == meaning


@pytest.mark.parametrize(("key", "code"), [("n", "KeyN"), ("т", "KeyN"), ("n", "KeyL")])
def test_n_opens_the_note(visit: Open, stage: Stage, key: str, code: str) -> None:
    page = visit()
    select(page, stage, "Officials denied")
    page.evaluate(PRESS, {"key": key, "code": code})
    assert page.evaluate("document.activeElement.name") == "note"


def test_keys_do_nothing_in_a_field_or_without_a_selection(visit: Open, stage: Stage) -> None:
    page = visit()
    page.keyboard.press("2")
    select(page, stage, "Officials denied")
    page.locator("#tag-bar").wait_for(state="visible")
    page.evaluate(PRESS.replace("body", "getElementById('elsewhere')"), {"key": "2", "code": "Digit2"})
    page.keyboard.press("1")
    until(lambda: stage.posts("/annotations"))
    assert [request["tag"] for request in stage.posts("/annotations")] == ["actor"]


def test_no_bar_while_the_button_is_down(visit: Open, stage: Stage) -> None:
    page = visit()
    box = page.locator("#t1").bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 12, steps=5)
    until(lambda: not page.evaluate("getSelection().isCollapsed"))
    page.wait_for_timeout(120)  # longer than a selection takes to settle
    page.keyboard.press("2")
    assert not bar_is_open(page)
    page.mouse.up()
    page.locator("#tag-bar").wait_for(state="visible")
    page.keyboard.press("1")
    until(lambda: stage.posts("/annotations"))
    assert [request["tag"] for request in stage.posts("/annotations")] == ["actor"]


def test_the_end_of_a_drag_is_not_a_click(visit: Open, stage: Stage) -> None:
    stage.card("c1", "Report 1 says that the harbour may close by spring")
    stage.answer = lambda request: (200, "<a class='pile__item' href='/x' data-uid='c1'>claim</a>")
    page = visit()
    box = page.locator("#t1 mark").bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 8, steps=4)
    page.mouse.up()
    page.locator("#tag-bar").wait_for(state="visible")
    assert [request for request in stage.requests if request.path.endswith("/pile")] == []
    page.keyboard.press("Escape")
    page.mouse.click(box["x"] + 100, box["y"] + 8)
    page.locator("#pile").wait_for(state="visible")
    (asked,) = [request for request in stage.requests if request.path.endswith("/pile")]
    card = stage.cards[0]
    assert card.start < int(asked["start"]) < card.end and int(asked["end"]) == int(asked["start"]) + 1
    page.locator("#pile a").click()
    assert page.evaluate("document.activeElement.id") == "annotation-c1"
    assert not page.locator("#pile").is_visible()


def test_the_bar_stays_inside_the_window(visit: Open, stage: Stage) -> None:
    page = visit()
    page.evaluate("scrollTo(0, document.getElementById('t6').getBoundingClientRect().top + scrollY - 770)")
    select(page, stage, "Report 6 says")
    page.locator("#tag-bar").wait_for(state="visible")
    bar = page.locator("#tag-bar").bounding_box()
    words = page.evaluate("getSelection().getRangeAt(0).getBoundingClientRect().top")
    assert bar and bar["x"] >= 0 and bar["x"] + bar["width"] <= 1280 and bar["y"] + bar["height"] <= 800
    assert bar["y"] + bar["height"] <= words


def test_the_selection_survives_its_own_marks(visit: Open, stage: Stage) -> None:
    stage.answer = marks(stage)
    page = visit()
    select(page, stage, "the harbour may close")
    page.keyboard.press("2")
    page.locator("#p1 mark").wait_for()
    until(lambda: page.evaluate("getSelection().toString()") == "the harbour may close")
    page.keyboard.press("3")
    until(lambda: len(stage.posts("/annotations")) == 2)
    first, second = stage.posts("/annotations")
    assert first.fields[1:4] == second.fields[1:4]  # start, end, exact
    assert first["uid"] != second["uid"]


def test_sentence_and_paragraph(visit: Open, stage: Stage) -> None:
    page = visit()
    select(page, stage, "denied it")
    page.locator("#tag-bar").wait_for(state="visible")
    page.evaluate("document.querySelector('[data-extend=sentence]').click()")
    assert page.evaluate("getSelection().toString()") == "Officials denied it twice."
    page.evaluate("document.querySelector('[data-extend=paragraph]').click()")
    assert page.evaluate("getSelection().toString()") == BLOCKS[1]


def test_escape_cancels(visit: Open, stage: Stage) -> None:
    page = visit()
    select(page, stage, "denied it")
    page.locator("#tag-bar").wait_for(state="visible")
    page.keyboard.press("n")
    page.keyboard.type("half a thought, 2 of 3")
    page.keyboard.press("Escape")
    assert page.evaluate("getSelection().toString()") == "denied it"
    page.keyboard.press("Escape")
    assert not bar_is_open(page) and page.evaluate("getSelection().isCollapsed")
    assert stage.posts("/annotations") == []


def test_a_retry_has_the_same_id_and_a_new_wish_another(visit: Open, stage: Stage) -> None:
    answers = [(503, ""), (200, stage.changes()), (200, stage.changes())]
    stage.answer = lambda request: answers.pop(0)
    page = visit()
    select(page, stage, "denied it")
    page.keyboard.press("2")
    until(lambda: len(stage.posts("/annotations")) == 2)  # again by itself
    until(lambda: page.evaluate("Outbox.all().length") == 0)
    page.wait_for_timeout(700)  # until the same key means "take it off"
    page.keyboard.press("2")
    until(lambda: len(stage.posts("/annotations")) == 3)
    first, second, third = (request["uid"] for request in stage.posts("/annotations"))
    assert first == second != third


def test_a_double_click_is_one_wish(visit: Open, stage: Stage) -> None:
    page = visit()
    select(page, stage, "denied it")
    page.locator("#tag-bar").wait_for(state="visible")
    page.locator("#tag-bar [value=claim]").dblclick()
    page.keyboard.press("1")
    until(lambda: any(request["tag"] == "actor" for request in stage.posts("/annotations")))
    assert [request["tag"] for request in stage.posts("/annotations")] == ["claim", "actor"]


def test_ink_before_the_answer_and_none_after(visit: Open, stage: Stage) -> None:
    gate, status = threading.Event(), [200]

    def answer(request: Request) -> tuple[int, str]:
        gate.wait(10)
        return status[0], stage.changes()

    stage.answer = answer
    page = visit()
    painted = "[...(CSS.highlights.get('pending-blue') ?? [])].map(String).join()"
    for status[0] in (200, 500):
        select(page, stage, "denied it")
        page.keyboard.press("2")
        assert page.evaluate(painted) == "denied it"
        gate.set()
        until(lambda: page.evaluate(painted) == "")
        gate.clear()
        page.keyboard.press("Escape")


def test_fast_marks_are_all_sent(visit: Open, stage: Stage) -> None:
    page = visit()
    for words in ("Report 1", "Report 2", "Report 3", "Report 4", "Report 5"):
        select(page, stage, words)
        page.keyboard.press("2")
    until(lambda: len(stage.posts("/annotations")) == 5)
    assert [request["exact"][-1] for request in stage.posts("/annotations")] == list("12345")


def test_right_to_left(visit: Open, stage: Stage) -> None:
    stage.blocks[1] = "گزارش می‌گوید که بندر شاید تا بهار بسته شود. مسئولان آن را رد کردند."
    stage.language, stage.direction = "fa", "rtl"
    page = visit()
    select(page, stage, "شاید تا بهار")
    page.evaluate(PRESS, {"key": "۳", "code": "Digit3"})
    until(lambda: stage.posts("/annotations"))
    request = stage.posts("/annotations")[0]
    assert (request["exact"], request["tag"]) == ("شاید تا بهار", "hedge")
