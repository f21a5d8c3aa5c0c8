"""What the pages of a reading should say to somebody, by the model of sight."""

from collections import defaultdict
from collections.abc import Iterable

from tests.contracts.model_of_sight import Post, Reading, Span
from tests.contracts.sight_pages import LOOKS, UNTAGGED, Card, Drawn, Page, Paragraph, Said

LANES = 4
MOST_CARDS = 12
MOST_REPLIES = 2


def said(model: Reading, who: str, post: Post) -> Said:
    """A post as somebody is shown it where they see it, or its place."""
    if post.now.deleted:
        return Said(post.uid, gone=True)
    name, alias, staff = model.called(who, post)
    knows_why = post.author == who or model.people[who].is_staff
    signs = {"pinned": post.pinned, "asks": post.asks, "settled": post.resolved, "hidden": post.hidden}
    flags = {sign for sign, on in signs.items() if on}
    if post.now.whom.kind != "class":
        flags.add(post.now.whom.choice)
    words = {post.now.note, post.word if post.hidden and knows_why else ""} - {""}
    reactions = {(kind, *found) for kind, found in model.reactions_to(who, post).items()}
    told = (frozenset(flags), frozenset(words), frozenset(reactions))
    if post.root is not None:
        return Said(post.uid, False, name, alias, staff, _answered(model, who, post), *told)
    place = post.now.span if post.kind == "span" else None
    return Said(post.uid, False, name, alias, staff, "", *told, post.now.tags, place)


def _answered(model: Reading, who: str, post: Post) -> str:
    """Whom a reply answers, where that is not who began and is there still."""
    if post.parent is None or post.parent is post.root or not model.sees(who, post.parent):
        return ""
    return model.called(who, post.parent)[0]


def card(model: Reading, who: str, post: Post, most: int | None = None) -> Card:
    thread = [said(model, who, reply) for reply in model.thread(who, post)]
    shown = thread if most is None else thread[-most:]
    return Card(said(model, who, post), tuple(shown), len(thread) - len(shown))


def margin_group(model: Reading, who: str, n: int) -> tuple[tuple[Card, ...], int]:
    """The cards of a paragraph in the margin, and how many more there are."""
    found, bare = model.begins(who, n)
    in_text = {id(post): (*post.now.span, order) for order, post in enumerate(model.posts)}

    def rank(post: Post) -> tuple[object, ...]:
        gone = post.now.deleted
        return gone or not post.pinned, gone or post.author != who, in_text[id(post)]

    first = sorted(
        sorted(found, key=rank)[:MOST_CARDS], key=lambda post: (not post.pinned, in_text[id(post)])
    )
    return tuple(card(model, who, post, MOST_REPLIES) for post in first), bare + len(found) - len(first)


def conversation(model: Reading, who: str) -> tuple[Card, ...]:
    """The whole conversation, as in the text."""
    shown = [(*post.now.span, order, post) for order, post in enumerate(model.posts) if post.root is None]
    return tuple(card(model, who, post) for *_place, post in sorted(shown) if model.shows(who, post))


def drawn_on(model: Reading, who: str, n: int) -> list[Drawn]:
    """What is drawn on a paragraph: each stretch once, with how many people marked it so."""
    own, others = set[tuple[int, int, str]](), defaultdict[tuple[int, int, str], set[object]](set)
    for post in model.on(who, n):
        if post.kind == "span":
            for look in [LOOKS[tag] for tag in post.now.tags] or [UNTAGGED]:
                stretch = (*_part(post.now.span, model.ends[n]), look)
                if post.author == who:
                    own.add(stretch)
                else:
                    others[stretch].add(model.person_in(who, post))
    alone = [Drawn(*stretch, False, 0) for stretch in own if stretch not in others]
    return alone + [
        Drawn(*stretch, stretch not in own, len(people) + (stretch in own))
        for stretch, people in others.items()
    ]


def _part(span: Span, paragraph: Span) -> Span:
    return max(span[0], paragraph[0]), min(span[1], paragraph[1])


def paragraph(model: Reading, who: str, n: int) -> Paragraph:
    """A paragraph as it should stand on a page."""
    drawn, found = drawn_on(model, who, n), Paragraph(model.people_on(who, n))
    for at in range(*model.ends[n]):
        here = [one for one in drawn if one.start <= at < one.end]
        found.under[at] = {(one.look, one.others) for one in here}
        found.full |= len(here) > LANES
    found.counted = {(one.end, one.look, one.others, one.people) for one in drawn if one.people}
    return found


def differences(model: Reading, who: str, page: Page) -> Iterable[str]:
    """Yield what an open page says that it should not, or does not say that it should."""
    for n in range(len(model.ends)):
        yield from _differing(f"¶{n}", paragraph(model, who, n), page.paragraphs[n])
        cards, more = margin_group(model, who, n)
        yield from differing(f"cards of ¶{n}", cards, page.cards[n])
        if more != page.more[n]:
            yield f"¶{n}: {page.more[n]} more cards, not {more}"
    if page.count != (count := sum(model.sees(who, post) for post in model.roots())):
        yield f"{page.count} annotations in all, not {count}"


def differing(what: str, wanted: tuple[Card, ...], found: tuple[Card, ...]) -> Iterable[str]:
    """Yield where two lists of cards part."""
    if [one.root.uid for one in wanted] != [one.root.uid for one in found]:
        yield f"{what}: {[one.root for one in found]}, not {[one.root for one in wanted]}"
        return
    for want, have in zip(wanted, found, strict=True):
        if want != have:
            yield f"{what}: {have}, not {want}"


def _differing(what: str, wanted: Paragraph, found: Paragraph) -> Iterable[str]:
    if wanted.people != found.people:
        yield f"{what}: {found.people} people, not {wanted.people}"
    if wanted.full != found.full:
        yield f"{what}: more marks than lanes is {found.full}, not {wanted.full}"
    elif not wanted.full and wanted.counted != found.counted:
        yield f"{what}: counts {sorted(found.counted)}, not {sorted(wanted.counted)}"
    for at, looks in wanted.under.items():
        have = found.under[at]
        if (not wanted.full and have != looks) or (wanted.full and not have - {("M", False)} <= looks):
            yield f"{what}: at {at} stands {sorted(have)}, not {sorted(looks)}"
            return
