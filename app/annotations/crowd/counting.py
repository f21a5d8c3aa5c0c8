"""Keeping the crowd's counts: each write adds what its author adds now and did not, and takes away what no longer.

It counts after its event has its number, so that the writes of a reading stand in a line: of two tabs of one person
the second finds what the first did.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from app.annotations.crowd.adding import Post, Sentences, share_of
from app.annotations.crowd.carding import add_cards, keep_cards
from app.annotations.crowd.holding import held
from app.annotations.crowd.tallying import Tally, move
from app.annotations.hands import Hand
from app.annotations.models import SPAN
from app.annotations.spans import cut
from app.annotations.states import Nature, State
from app.database import AnyRow
from app.library.models import Paragraph
from app.library.texts import RevisionText, sentences_in
from app.readings.audiences import Whom, audience_in
from app.readings.models import CLASS, GROUP, ME, STAFF_ONLY

Earlier = Callable[[int, list[Post]], list[Post]]
"""What an author had in a paragraph, by its key, told from what they have there now."""


@dataclass(frozen=True)
class Counted:
    """An annotation that was written, and the paragraphs that it touches now or did before, with their sentences."""

    id: int
    reading_id: int
    author_id: int | None
    sentences: Mapping[int, Sentences]


def count_added(
    writing: Connection,
    hand: Hand,
    text: RevisionText,
    annotation_id: int,
    nature: Nature,
    state: State,
    touched: Collection[int],
) -> None:
    """Counts a new annotation. A reply counts for nothing, and gives a card to what it stands under."""
    if nature.root_id is not None:
        add_cards(writing, [nature.root_id])
    elif hand.whom.kind != ME:
        added = Counted(annotation_id, hand.reading_id, hand.author_id, _cut(text, touched))
        _count(writing, added, lambda _paragraph, posts: _without(posts, annotation_id))
        if state.note or nature.asks or nature.kind != SPAN:
            add_cards(writing, [annotation_id])


def count_changed(
    writing: Connection,
    text: RevisionText,
    row: AnyRow,
    states: tuple[State, State],
    touched: Collection[int],
    *,
    is_hidden: bool,
) -> None:
    """Counts an annotation, found as a row by `states`, that went from one state to the next."""
    if row.root_id is not None:
        return
    before, after = states
    stood = {} if before.deleted else _as_it_stood(text, row, before, is_hidden=is_hidden)

    def earlier(paragraph: int, posts: list[Post]) -> list[Post]:
        rest = _without(posts, row.id)
        return [*rest, stood[paragraph]] if paragraph in stood else rest

    _count(writing, Counted(row.id, row.reading_id, row.author_id, _cut(text, touched)), earlier)
    if _in_the_margin(before) != _in_the_margin(after):
        keep_cards(writing, [row.id])


def count_hidden(writing: Connection, row: AnyRow, touched: Collection[int], *, was_hidden: bool) -> None:
    """Counts an annotation, found as a row by `states`, that was hidden from peers or is shown to them again."""
    if row.root_id is not None or row.audience_kind not in (GROUP, CLASS):
        return

    def earlier(_paragraph: int, posts: list[Post]) -> list[Post]:
        return [
            post._replace(is_hidden=was_hidden) if post.annotation_id == row.id else post for post in posts
        ]

    sentences = sentences_in(writing, Paragraph.id.in_(touched))
    _count(writing, Counted(row.id, row.reading_id, row.author_id, sentences), earlier)


def _count(writing: Connection, written: Counted, earlier: Earlier) -> None:
    now, staff_id = held(writing, written.reading_id, written.author_id, written.sentences)
    staff_id = staff_id or audience_in(writing, written.reading_id, Whom(STAFF_ONLY))
    tally = Tally()
    for paragraph, sentences in written.sentences.items():
        posts = now.get(paragraph, [])
        tally.add(paragraph, share_of(posts, sentences, staff_id))
        tally.add(paragraph, share_of(earlier(paragraph, posts), sentences, staff_id), -1)
    move(writing, tally)


def _without(posts: list[Post], annotation_id: int) -> list[Post]:
    return [post for post in posts if post.annotation_id != annotation_id]


def _cut(text: RevisionText, paragraphs: Collection[int]) -> dict[int, Sentences]:
    return {paragraph: text.sentences[paragraph] for paragraph in paragraphs}


def _as_it_stood(text: RevisionText, row: AnyRow, was: State, *, is_hidden: bool) -> dict[int, Post]:
    """The posts that an annotation was, by paragraph."""
    return {
        paragraph.id: Post(
            annotation_id=row.id,
            audience_id=was.audience_id,
            whom=row.audience_kind,
            by_staff=row.by_staff,
            signed_as=was.signed_as,
            is_hidden=is_hidden,
            kind=row.kind,
            start=part.start,
            end=part.end,
            target_start=was.span.start,
            tags=was.tags,
        )
        for paragraph, part in cut(was.span, text.blocks)
    }


def _in_the_margin(state: State) -> tuple[object, ...]:
    """What of a state decides on its card."""
    return (state.deleted, state.note == "", state.audience_id, state.span)
