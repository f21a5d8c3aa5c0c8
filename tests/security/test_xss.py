"""Attacks in everything that people write, in a real browser: nothing runs, nothing is fetched, no markup survives."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from app.accounts.joining import add_user
from app.courses.models import Course, JoinCode
from app.errors import Refused
from app.forms import Name
from app.identity import new_uid
from app.security import cookie_name
from tests.security.payloads import COLLECTION, HOOKS, MARKUP, collected, live
from tests.support.cast import Member, World

pytestmark = pytest.mark.browser
SAMPLE = 170
LEAST = 60
LEAST_IN_FULL = 400
TEXT_TAGS = ["MARK", "EM", "STRONG", "CODE", "SUP", "SUB", "A"]
BREAKING_OUT = '">'
NOTE_TAGS = ["P", "BR", "HR", "EM", "STRONG", "DEL", "CODE", "PRE", "BLOCKQUOTE", "UL", "OL", "LI", "A"]
# What stands in a page that our templates never write, or writes where only text may stand.
SURVIVORS = """([textTags, noteTags]) => {
    const found = [];
    const say = (what, element) => found.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
    for (const element of document.querySelectorAll("*")) {
        for (const {name} of element.attributes)
            if (/^on|^srcdoc$|^srcset$|^ping$/.test(name)) say(name, element);
        // Our own scripts place the margin's groups and what floats.
        if (element.hasAttribute("style") && !element.matches(".margin__group, [popover]")) say("style", element);
        if (/^(BASE|IFRAME|OBJECT|EMBED|STYLE|TEMPLATE|FRAMESET|APPLET|MARQUEE)$/i.test(element.tagName)
            && !element.matches("template[id^=toast-], template[id^=unsent-]")) say("element", element);
        if (element.matches("script") && !/^\\/static\\/(app|vendor\\/htmx)/.test(element.getAttribute("src")))
            say("script", element);
        if (element.matches("a[href], area[href], form[action]")
            && !/^(https?|mailto):/.test(element.href ?? element.action)) say("address", element);
        if (element.matches("meta[http-equiv], link:not([href^='/static/'])")) say("meta", element);
    }
    const inside = (where, tags, attributes) => {
        for (const element of document.querySelectorAll(where)) {
            if (!tags.includes(element.tagName)) say(where, element);
            for (const {name} of element.attributes) if (!attributes.test(name)) say(`${where} ${name}`, element);
        }
    };
    inside(".block__text *", textTags, /^(class|data-\\w+|tabindex|role|aria-\\w+|href|rel)$/);
    inside(".annotation__note *", noteTags, /^(href|rel|start)$/);
    inside(".annotation__quote *, bdi *, h1 bdi *, .error-page p *", textTags, /^class$/);
    return found;
}"""


@dataclass
class Watch:
    """A browser's context, and everything in it that should not have happened."""

    page: Page
    own: str
    problems: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Open a page, and where it is a reading wait for its margin."""
        self.page.goto(self.own + address)
        if address.startswith("/readings/"):
            self.page.wait_for_load_state("networkidle")
        self.look()

    def submit(self, address: str, fields: dict[str, str], file_name: str = "") -> None:
        """Submit a form from one of our own pages, as a person would, with a file of that name if one is given."""
        # Not any navigation: what htmx notes in the history is one, too.
        with self.page.expect_event("load"):
            self.page.evaluate(SUBMIT, [address, fields, file_name])
        self.look()

    def look(self) -> None:
        self.problems += self.page.evaluate(SURVIVORS, [TEXT_TAGS, NOTE_TAGS])

    def request(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.own).netloc and not request.url.startswith(
            ("data:", "blob:")
        ):
            self.problems.append(f"request to {request.url}")


SUBMIT = """([address, fields, fileName]) => {
    const form = document.createElement("form");
    Object.assign(form, {action: address, method: "post", enctype: fileName ? "multipart/form-data" : form.enctype});
    for (const [name, value] of Object.entries(fields)) {
        const area = document.createElement("textarea");
        Object.assign(area, {name, value});
        form.append(area);
    }
    if (fileName) {
        const input = Object.assign(document.createElement("input"), {type: "file", name: "file"});
        const files = new DataTransfer();
        files.items.add(new File(["\\u0000"], fileName));
        input.files = files.files;
        form.append(input);
    }
    document.body.append(form);
    HTMLFormElement.prototype.submit.call(form);
}"""


@pytest.fixture(scope="module")
def payloads(chromium: Browser, prove: bool) -> list[str]:
    """Attacks that have been seen to work, and those that are markup alone."""
    if not COLLECTION.exists():
        pytest.skip("the collection of attacks is not at hand: it lies beside the project where it is made")
    tried = collected()
    alive = live(chromium, tried if prove else tried[:SAMPLE])
    assert len(alive) >= (LEAST_IN_FULL if prove else LEAST)
    return alive + MARKUP


@pytest.fixture(scope="module")
def served(lasting_world: World) -> Iterator[str]:
    """The application on a port of its own; its address."""
    config = uvicorn.Config(lasting_world.app, port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def ada(lasting_world: World) -> Member:
    return lasting_world.member("Ada", is_admin=True)


@pytest.fixture
def watching(chromium: Browser, served: str, ada: Member) -> Iterator[Callable[..., Watch]]:
    contexts: list[BrowserContext] = []

    def watch(member: Member = ada) -> Watch:
        context = chromium.new_context()
        contexts.append(context)
        token = member.http.cookies[cookie_name(ada.world.settings)]
        context.add_cookies([{"name": cookie_name(ada.world.settings), "value": token, "url": served}])
        context.add_init_script(HOOKS)
        watch = Watch(context.new_page(), served)
        context.on("request", watch.request)
        watch.page.on("dialog", lambda dialog: (watch.problems.append("a dialog"), dialog.dismiss()))
        watch.page.on("console", lambda line: complain(watch, line.text))
        return watch

    yield watch
    for context in contexts:
        context.close()


def complain(watch: Watch, text: str) -> None:
    if text.startswith(("fired", "violated")) or "Content Security Policy" in text:
        watch.problems.append(text)


@pytest.fixture
def watch(watching: Callable[..., Watch]) -> Iterator[Watch]:
    """A watch that has seen nothing in the end."""
    watch = watching()
    watch.open("/exports")
    yield watch
    assert watch.problems == []


def test_text_of_an_article_in_its_preview_and_its_reading(
    watch: Watch, ada: Member, payloads: list[str]
) -> None:
    for some in parts(payloads):
        text = "A title\n\n" + "\n\n".join(some)
        for source in (text, f"# {text}"):
            watch.submit("/articles/preview", {"text": source})
            article = {"source": source, "title": "T", "language": "en", "direction": "ltr"}
            added = ada.post("/articles", article)
            assert added.status_code == 303
            watch.open(added.headers["location"])
            assert watch.page.locator(".block__text").count() > len(some) / 2


def parts(payloads: list[str]) -> list[list[str]]:
    """As many at a time as an article may have paragraphs that come in one page."""
    return [payloads[first : first + 140] for first in range(0, len(payloads), 140)]


def test_titles_wherever_they_stand(watch: Watch, ada: Member, payloads: list[str], prove: bool) -> None:
    chosen = payloads if prove else payloads[-12:]
    for title in chosen:
        article = {"source": f"T\n\n{title} is read.", "title": title, "language": "en", "direction": "ltr"}
        added = ada.post("/articles", article)
        if added.status_code != 303:
            continue
        reading = added.headers["location"]
        watch.open(reading)
    for address in ("/", "/exports", "/notebook", "/articles/new"):
        watch.open(address)


def test_notes_and_the_words_they_stand_at(watch: Watch, ada: Member, payloads: list[str]) -> None:
    for some in parts(payloads):
        source = "T\n\n" + "\n\n".join(f"Word{n}x {payload}" for n, payload in enumerate(some))
        article = {"source": source, "title": "T", "language": "en", "direction": "ltr"}
        reading = ada.post("/articles", article).headers["location"]
        noted = []
        for n, note in enumerate(some):
            for words in (f"Word{n}x {note}", f"Word{n}x"):
                data = {"uid": new_uid(), "exact": words, "note": note, "tag": "claim"}
                if ada.post(f"{reading}/annotations", data).status_code == 303:
                    noted.append(data["uid"])
        assert len(noted) > len(some) / 2
        for address in (reading, f"{reading}/annotations", f"{reading}/margin?first=0&last=400", "/notebook"):
            watch.open(address)
        for uid in noted[::15]:
            watch.open(f"/annotations/{uid}/edit")


def test_names_in_the_list_of_people_and_in_the_menu(watch: Watch, ada: Member, payloads: list[str]) -> None:
    right = TypeAdapter(Name)
    added = 0
    for name in payloads:
        try:
            with ada.world.database.writing() as writing:
                add_user(writing, right.validate_python(name))
                added += 1
        except (ValidationError, Refused):
            continue
    assert added > 20
    watch.open("/people")
    for name in payloads[:: len(payloads) // 6]:
        ada.post("/account", {"name": name[:100]})
        watch.open("/account")
    assert ada.post("/account", {"name": "Ada"}).status_code == 303


def test_queries_and_addresses(watch: Watch, ada: Member, payloads: list[str], prove: bool) -> None:
    for payload in payloads if prove else payloads[::9]:
        text = quote(payload, safe="")
        watch.open(f"/notebook?q={text}&tag={text}&article={text}")
        watch.open(f"{ada.reading}/annotations?tag={text}")
        watch.open(f"/nowhere/{text}")
        watch.open(f"/notebook?since={text}")


def test_forms_that_come_back(watch: Watch, ada: Member, payloads: list[str], prove: bool) -> None:
    for payload in payloads if prove else payloads[::9]:
        marked = {
            "uid": payload,
            "exact": payload,
            "tag": payload,
            "tags": payload,
            "note": payload,
            "paragraph": "1",
        }
        watch.submit(f"{ada.reading}/annotations", marked)
        watch.submit("/people", {"name": payload + "\u202e"})
        watch.submit("/account", {"name": payload + "\u202e"})
        watch.submit(
            "/articles", {"source": payload, "title": payload, "language": payload, "direction": payload}
        )
        watch.submit("/articles/preview", {}, file_name=payload.replace("/", "⁄"))


def test_names_of_classes_and_groups_and_a_roster(watch: Watch, ada: Member, payloads: list[str]) -> None:
    opened = [ada.post("/courses", {"title": title, "timezone": "UTC"}) for title in payloads]
    courses = [answer.headers["location"] for answer in opened if answer.status_code == 303]
    assert len(courses) > len(payloads) / 2
    watch.open("/courses")
    for address in courses[:: len(courses) // 6]:
        watch.open(address)
        watch.open(f"{address}/settings")
        with ada.world.database.reading() as db:
            code = db.scalars(select(JoinCode.code).join(Course).where(Course.uid == address[9:])).one()
        watch.open(f"/join/{code}")
    made = [ada.post(f"{courses[0]}/groups", {"name": name[:100], "number": "2"}) for name in payloads]
    assert sum(answer.status_code == 303 for answer in made) > 20
    watch.open(f"{courses[0]}/groups")
    plain = [text for text in payloads if text.isprintable() and len(text) <= 100 and '"' not in text]
    assert len(plain) > 20
    roster = "\n".join(f"Person {n}\t\t{text}" for n, text in enumerate(plain))
    watch.submit(f"{courses[1]}/roster", {"roster": f"name\temail\tgroup\n{roster}"})
    assert watch.page.locator(".secret").count() == len(plain)
    watch.open(f"{courses[1]}/groups")
    for text in payloads[::9]:
        watch.submit(f"{courses[2]}/roster", {"roster": f"{text},{text}"})
        watch.open(f"/join?code={quote(text, safe='')}")


def test_error_messages_that_htmx_swaps_in(watch: Watch, ada: Member, payloads: list[str]) -> None:
    watch.open(ada.reading)
    for payload in payloads[::3]:
        watch.page.evaluate(
            """([address, values]) => htmx.ajax("POST", address, {values, swap: "none"}).catch(() => null)""",
            [
                f"{ada.reading}/annotations",
                {"uid": new_uid(), "start": "0", "end": "1", "exact": ada.text.text[0], "tag": payload},
            ],
        )
    watch.look()
    assert watch.page.locator("#toasts .toast").count() > 0


def test_signing_in(chromium: Browser, served: str, watch: Watch, payloads: list[str]) -> None:
    watch.page.context.clear_cookies()
    for payload in payloads[::8]:
        watch.open(f"/sign-in?next={quote('/' + payload, safe='')}")
        watch.submit("/sign-in", {"name": payload, "password": payload, "next": payload})


def test_without_escaping_all_this_is_seen(watching: Callable[..., Watch], ada: Member) -> None:
    templates = ada.world.app.state.templates
    nell = ada.world.member("Nell")  # whose pages show none of what Ada's hold by now
    ada.world.app.state.templates = bare = templates.overlay(
        autoescape=False, cache_size=0, bytecode_cache=None
    )
    bare.globals = templates.globals
    try:
        seen = ""
        for payload in ("<img src=x onerror=alert(1)>", "<script>alert(1)</script>", *MARKUP[6:9]):
            watch = watching(nell)  # one for each, since some lead the page away
            with suppress(Error):
                watch.open(f"/notebook?q={quote(BREAKING_OUT + payload)}")
            seen += " ".join(watch.problems)
    finally:
        ada.world.app.state.templates = templates
    signs = ("onerror: <img", "violated script-src", "violated img-src", "element: <base", "srcset: <img")
    assert [sign for sign in signs if sign not in seen] == [], seen[:2000]
