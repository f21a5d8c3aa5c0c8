"""Drawing paragraphs: their text with the marks that a reader may see, kept until one of their clocks ticks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from markupsafe import Markup
from sqlalchemy import BindParameter, bindparam, func, select

from app.annotations.crowd.adding import UNTAGGED, Sentences, Share, share_of
from app.annotations.crowd.first_cards import Begins
from app.annotations.crowd.holding import held
from app.annotations.crowd.others import MOST_OF_OTHERS, STEPS, Crowd, crowd_in
from app.annotations.crowd.own import BARE, Own, own_in
from app.annotations.crowd.window import IN_WINDOW, window
from app.annotations.painting import DENSITY, Inline, draw
from app.annotations.segments import Mark, segments
from app.codebook.models import Tag
from app.database import Db, table_of
from app.library.models import Paragraph
from app.library.texts import ParagraphText, RevisionText
from app.readings.models import Clock
from app.readings.seats import Standing

MOST_IN_A_CROWD = 5
"""Spans and cards of others where there are more spans than can be told apart, and a tint tells how dense they are."""
_BARE = (*BARE, 0)

# Columns of tables and not of classes, and put together once: what is asked most must not be composed anew.
_clock, _paragraph, _tag = table_of(Clock).c, table_of(Paragraph).c, table_of(Tag).c
_audiences: BindParameter[Sequence[int]] = bindparam("audiences", expanding=True)
_CLOCKS = (
    select(_clock.paragraph_id, func.sum(_clock.version))
    .join(table_of(Paragraph), _paragraph.id == _clock.paragraph_id)
    .where(IN_WINDOW, _clock.audience_id.in_(_audiences))
    .group_by(_clock.paragraph_id)
)
_CHANGES = select(func.sum(_clock.version)).where(_clock.audience_id.in_(_audiences))
_LOOKS = select(_tag.id, _tag.colour, _tag.line, _tag.position).where(
    _tag.id.in_(bindparam("tags", expanding=True))
)


@dataclass(frozen=True, slots=True)
class ParagraphView:
    """A paragraph as a template shows it. Offsets are code points of the revision."""

    n: int
    kind: str
    level: int
    start: int
    end: int
    html: Markup
    # How many of the viewer's annotations touch it, and of how many people any that the viewer sees.
    annotations: int
    people: int
    # Where not all that was marked is drawn: how many students marked the sentence that most did; else 0.
    densest: int
    # How many annotations begin in it, and how the viewer's own with a place in the margin are ranked there.
    beginning: int
    own: tuple[Begins, ...]
    # Whether others marked more than can be told apart.
    is_dense: bool


def clocks(db: Db, revision_id: int, audiences: Sequence[int], first: int, last: int) -> dict[int, int]:
    """For each paragraph in [first, last] whose clock has ticked: the sum of its audiences' clocks."""
    wanted = {"revision": revision_id, "audiences": audiences, "first": first, "last": last}
    return {key: int(version) for key, version in db.ask(_CLOCKS, wanted)}


def changes(db: Db, audiences: Sequence[int]) -> int:
    """A number that grows with each change in what these audiences see, anywhere in their reading."""
    return int(db.ask(_CHANGES, {"audiences": audiences}).scalar() or 0)


def draw_paragraphs(
    db: Db, text: RevisionText, standing: Standing, ticks: dict[int, int], first: int, last: int
) -> list[ParagraphView]:
    """The paragraphs with the ordinals [first, last]. `ticks` (see `clocks`) come from the same read session."""
    return _views(db, text, standing, ticks, text.paragraphs[first : last + 1])


def _views(
    db: Db, text: RevisionText, standing: Standing, ticks: dict[int, int], paragraphs: Sequence[ParagraphText]
) -> list[ParagraphView]:
    here = standing.reading_id, standing.sight
    keys = {p.id: (p.id, here, ticks.get(p.id, 0)) for p in paragraphs}
    kept = {p.id: db.database.drawn.get(keys[p.id]) for p in paragraphs}
    if missing := [p for p in paragraphs if kept[p.id] is None]:
        for view, paragraph in zip(_made(db, text, standing, missing), missing, strict=True):
            kept[paragraph.id] = view
            db.database.drawn.put(keys[paragraph.id], view, len(view.html) + 200)
    return [kept[p.id] for p in paragraphs]


def _made(
    db: Db, text: RevisionText, standing: Standing, paragraphs: Sequence[ParagraphText]
) -> list[ParagraphView]:
    """The paragraphs drawn; where nothing is the viewer's own, as they are drawn for anybody who sees the same."""
    if not standing.viewer_id:
        return list(_drawn(db, text, standing, paragraphs, {}))
    own, peer = own_in(db, window(text.id, standing, paragraphs)), standing.of_any_peer
    alike = [p for p in paragraphs if peer and p.id not in own]
    views: dict[int, ParagraphView] = {}
    if peer and alike:
        ticks = clocks(db, text.id, peer.sight.audiences, alike[0].ordinal, alike[-1].ordinal)
        views = dict(zip([p.id for p in alike], _views(db, text, peer, ticks, alike), strict=True))
    if rest := [p for p in paragraphs if p.id not in views]:
        drawn = _drawn(db, text, standing, rest, own)
        views |= dict(zip([p.id for p in rest], drawn, strict=True))
    return [views[p.id] for p in paragraphs]


def _drawn(
    db: Db,
    text: RevisionText,
    standing: Standing,
    paragraphs: Sequence[ParagraphText],
    own: Mapping[int, Own],
) -> Iterable[ParagraphView]:
    found = _found(db, text, standing, paragraphs, own)
    for paragraph in paragraphs:
        here = found.get(paragraph.id) or _Found()
        yield ParagraphView(
            n=paragraph.ordinal,
            kind=paragraph.kind,
            level=paragraph.level,
            start=paragraph.start,
            end=paragraph.end,
            html=_painted(text, paragraph, here),
            annotations=len(here.own.annotations),
            people=here.crowd.people + bool(here.own.annotations),
            densest=max(here.crowd.density.values(), default=0) if here.crowd.is_dense else 0,
            beginning=len(here.own.beginning) + here.crowd.annotations,
            own=tuple(here.own.ranked),
            is_dense=here.crowd.is_dense,
        )


def _painted(text: RevisionText, paragraph: ParagraphText, here: "_Found") -> Markup:
    runs = segments(paragraph.start, paragraph.end, [*here.own.marks, *here.marks])
    inline = [Inline(start, end, kind, value or "") for start, end, kind, value in text.inline_in(paragraph)]
    if here.crowd.is_dense:
        inline += tints(text.sentences[paragraph.id], steps_of(here.crowd.density, here.crowd.people))
    return draw(text.text[paragraph.start : paragraph.end], runs, inline)


def tints(sentences: Sentences, steps: Mapping[int, int]) -> Iterator[Inline]:
    """Neighbouring sentences of one step as one tint."""
    for step, alike in groupby(sentences, key=lambda sentence: steps.get(sentence[0], 0)):
        if step:
            stretch = list(alike)
            yield Inline(stretch[0][1], stretch[-1][2], DENSITY, str(step))


@dataclass(slots=True)
class _Found:
    """What is on one paragraph: the viewer's, and others'."""

    own: Own = field(default_factory=Own)
    crowd: Crowd = field(default_factory=Crowd)
    # What is drawn of others.
    marks: list[Mark] = field(default_factory=list)


def _found(
    db: Db,
    text: RevisionText,
    standing: Standing,
    paragraphs: Sequence[ParagraphText],
    own: Mapping[int, Own],
) -> dict[int, _Found]:
    """What is on each paragraph where there is anything. `own` may be of more paragraphs than these."""
    wanted = window(text.id, standing, paragraphs)
    own = {p.id: own[p.id] for p in paragraphs if p.id in own}
    if not standing.sight.counted:
        return {key: _Found(its) for key, its in own.items()}
    crowd = crowd_in(db, wanted, _shares(db, text, standing, own))
    found = {key: _Found(own.get(key) or Own(), crowd.get(key) or Crowd()) for key in {*own, *crowd}}
    _choose(db, found)
    return found


def _shares(db: Db, text: RevisionText, standing: Standing, own: Mapping[int, Own]) -> dict[int, Share]:
    """What the viewer's annotations add to the counts, by paragraph."""
    if not own:
        return {}
    posts = held(db.connection, standing.reading_id, standing.viewer_id, own).posts
    sight = standing.sight
    staff_id = sight.counted[0] if sight.sees_hidden else None
    return {key: share_of(its, text.sentences[key], staff_id) for key, its in posts.items()}


def _choose(db: Db, found: Mapping[int, _Found]) -> None:
    """Draws each span of others, or where there are more than can be told apart the most shared."""
    looks = _looks(db, {tag for here in found.values() for *_span, tag in here.crowd.spans})
    for here in found.values():
        ranked = sorted(here.crowd.spans.items(), key=lambda item: (-item[1], item[0]))
        most = MOST_IN_A_CROWD if here.crowd.is_dense else MOST_OF_OTHERS
        here.marks = [
            Mark(start, end, *looks.get(tag, _BARE), people, own=False)
            for (start, end, tag), people in ranked[:most]
        ]


def _looks(db: Db, tags: set[int]) -> dict[int, tuple[str, str, int]]:
    """The colour, line and place in the codebook of tags by their keys."""
    if not tags - {UNTAGGED}:
        return {}
    return {key: (colour, line, place) for key, colour, line, place in db.ask(_LOOKS, {"tags": sorted(tags)})}


def steps_of(density: Mapping[int, int], people: int) -> dict[int, int]:
    """By sentence, how many of the people marked it, as steps from 1, few, to STEPS, most of them; none of nobody."""
    of = max(people, *density.values(), 1)
    return {sentence: -(-STEPS * n // of) for sentence, n in density.items()}
