"""axe on every page in every state: light and dark, wide and at 320 px."""

import pytest
from playwright.sync_api import Page, expect

from app.accounts.models import one_time_secret
from tests.journeys.axe import findings
from tests.journeys.person import Person, Seats
from tests.support.cast import Member, World

pytestmark = pytest.mark.browser

EVERY_THEME = ("dark", "sepia", "contrast")


@pytest.fixture
def marked(ada: Member) -> Member:
    """Ada with marks in piles, in the title and in a heading, with and without notes."""
    ada.mark("Waiting can be a policy", "claim")
    ada.mark("Ali Khamenei, Iran’s Supreme Leader", "actor", note="Who *exactly*? [See](https://example.org)")
    ada.mark("Iran", "actor", "hedge", "prediction", "claim")
    ada.mark("as strategy", "prediction")
    ada.mark("Pressure from Washington", note="A heading\n\n> quoted\n\n- one\n- two\n\n`code`")
    return ada


def test_axe_has_teeth(seats: Seats, ada: Member) -> None:
    """The check can fail: a nameless button, pale words, and a line that is too long are found."""
    page = seats.sit(ada).open("/")
    page.locator("#main").evaluate(
        """main => {
            main.append(document.createElement("button"));
            const words = main.appendChild(document.createElement("p"));
            words.textContent = "long".repeat(99);
            words.style.cssText = "color: #ddd; background: #fff; overflow-wrap: normal";
        }"""
    )
    found = "\n".join(findings(page, "spoilt"))
    assert "button-name" in found and "color-contrast" in found and "scrolls sideways" in found


def test_reader(seats: Seats, marked: Member) -> None:
    reader = seats.sit(marked)
    page = reader.read()
    expect(reader.cards).to_have_count(5)
    found = findings(page, "reader", EVERY_THEME)

    reader.drag("What he did not do was rule them out", 1)
    reader.tag_bar.wait_for()
    found += findings(page, "tag bar", EVERY_THEME)
    page.keyboard.press("n")
    page.keyboard.type("Half a thought")
    found += findings(page, "note")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_be_visible()
    found += findings(page, "toast", EVERY_THEME)
    page.get_by_label("What the tags mean").click()
    expect(page.locator("#codebook .codebook__entry")).to_have_count(4)
    found += findings(page, "codebook panel")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert found == []


def test_reader_with_something_open(seats: Seats, marked: Member) -> None:
    reader = seats.sit(marked)
    page = reader.read()
    expect(reader.cards).to_have_count(5)
    page.locator("#t1 mark", has_text="Iran").last.click()
    page.locator("#pile:popover-open").wait_for()
    found = findings(page, "pile")
    page.keyboard.press("Escape")
    for button in ("Appearance", "More"):
        page.get_by_role("button", name=button).click()
        found += findings(page, f"{button} menu", EVERY_THEME)
        page.keyboard.press("Escape")
    found += edit_states(reader, marked)
    page.set_viewport_size({"width": 320, "height": 640})
    page.locator("[data-margin-toggle]").click()
    expect(reader.cards.first).to_be_visible()
    found += findings(page, "drawer")
    assert found == []


def edit_states(reader: Person, marked: Member) -> list[str]:
    """The form in a card: fresh, and after somebody else saved first."""
    page = reader.page
    reader.card("Waiting can be a policy").hover()
    reader.card("Waiting can be a policy").get_by_role("link", name="Edit").click()
    page.locator(".annotation--editing textarea").fill("Mine")
    found = findings(page, "edit form")
    first = marked.annotations()[0]
    address = f"/annotations/{first.uid}"
    marked.fragment(address, {"version": first.version, "note": "Theirs", "tags": ["claim"]})
    reader.expects("409")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".conflict")).to_contain_text("Theirs")
    found += findings(page, "conflict", EVERY_THEME)
    page.get_by_role("link", name="Cancel").click()
    return found


def test_pages(seats: Seats, marked: Member) -> None:
    reader = seats.sit(marked)
    reader.expects("404|422|300")
    first = marked.annotations()[0]
    pages = {
        "library": "/",
        "new article": "/articles/new",
        "notebook": "/notebook",
        "notebook, nothing found": "/notebook?q=nowhere",
        "list": f"{marked.reading}/annotations",
        "list of one tag": f"{marked.reading}/annotations?tag=hedge",
        "quoting": f"{marked.reading}/annotations/new",
        "edit page": f"/annotations/{first.uid}/edit",
        "codebook": f"{marked.reading}/codebook",
        "exports": "/exports",
        "account": "/account",
        "privacy": "/privacy",
        "error page": "/nowhere",
    }
    found: list[str] = []
    for name, address in pages.items():
        found += findings(reader.open(address), name)
    assert found == []


def test_pages_with_errors(seats: Seats, world: World) -> None:
    grace = world.member("Grace", is_admin=True, password="a long enough sentence")
    reader = seats.sit(grace)
    reader.expects("422|300")
    page = reader.open(f"{grace.reading}/annotations/new")
    send(page, {"The words": "words that are not there", "Note": "kept"}, "Save annotation")
    found = findings(page, "quoting, not there")
    send(page, {"The words": "Iran"}, "Save annotation")
    found += findings(page, "quoting, which one")
    page = reader.open("/articles/new")
    send(page, {}, "Preview")
    found += findings(page, "new article, nothing given")
    send(page, {"Text": "# A title\n\nA paragraph.\n\n- a list\n\n> a quotation\n\n    code"}, "Preview")
    found += findings(page, "preview")
    page = reader.open("/account")
    send(page, {"Present password": "wrong wrong", "New password": "short"}, "Change password")
    found += findings(page, "account with errors")
    page = reader.open("/people")
    send(page, {"Name": "Grace"}, "Add")
    found += findings(page, "people with errors")
    send(page, {"Name": "Ben"}, "Add")
    found += findings(page, "people with an invitation", ("dark",))
    page.get_by_role("link", name="Erase Ben").click()
    found += findings(page, "erasing somebody")
    send(page, {"Your password": "wrong"}, "Erase for good")
    found += findings(page, "erasing with the wrong password")
    assert found == []


def test_emptiness_and_deleting(seats: Seats, ada: Member) -> None:
    reader = seats.sit(ada)
    found = findings(reader.read(), "reader without marks")
    found += findings(reader.open("/notebook"), "empty notebook")
    found += findings(reader.open(f"{ada.reading}/annotations"), "empty list")
    page = reader.open("/")
    page.get_by_role("button", name="Account").click()
    found += findings(page, "account menu")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Delete").click()
    found += findings(page, "deleting an article")
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("1 deleted article").click()
    found += findings(page, "empty library")
    assert found == []


def test_the_door(seats: Seats, world: World) -> None:
    with world.database.writing() as writing:
        secret = one_time_secret(writing, "claim")
    visitor = seats.sit()
    visitor.expects("422")
    page = visitor.open(f"/setup/{secret}")
    found = findings(page, "setup")
    send(page, {"Your name": "Ada", "Password": "short"}, "Begin")
    found += findings(page, "setup with errors")
    page = visitor.open("/sign-in")
    found += findings(page, "sign-in")
    send(page, {"Name": "Ada", "Password": "not hers at all"}, "Sign in")
    found += findings(page, "sign-in with an error")
    ben = world.member("Ben")
    assert ben.user
    with world.database.writing() as writing:
        secret = one_time_secret(writing, "password", ben.user.id)
    page = visitor.open(f"/invitation/{secret}")
    found += findings(page, "invitation")
    send(page, {"Password": "short"}, "Set password")
    found += findings(page, "invitation with an error")
    assert found == []


def send(page: Page, fields: dict[str, str], button: str) -> None:
    """Fills a form in and sends it past the browser's own checks."""
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)
    page.locator("form").evaluate_all("forms => forms.forEach((form) => { form.noValidate = true; })")
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()
