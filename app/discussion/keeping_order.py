"""What is done to a post besides writing: reacting, resolving, pinning, hiding, reporting."""

from collections.abc import Sequence

from sqlalchemy import delete, or_, select, update
from sqlalchemy.engine import Connection

from app.annotations.crowd.carding import keep_cards
from app.annotations.crowd.counting import count_hidden
from app.annotations.models import Annotation
from app.annotations.rows import announce
from app.annotations.states import alone, hearing, locked, paragraphs_of
from app.database import AnyRow, Db, insert_on, now, table_of
from app.discussion.models import Reaction, Report
from app.readings.audiences import Whom, audience_in
from app.readings.models import CLASS, GROUP, ME, Audience

_annotation, _reaction = table_of(Annotation), table_of(Reaction)


def react(
    db: Db, post: Annotation, user_id: int, kind: str, whom: Whom, *, on: bool, quietly: bool
) -> set[int]:
    """Puts a reaction on a post, or takes it off; returns the keys of the paragraphs to draw again.

    What is so already is no news to anybody.
    `whom` are those who may learn of it: while a reading is blind, not everybody who sees the post; `quietly`, not
    even its author, who may be blind.
    """
    mine = {"annotation_id": post.id, "user_id": user_id, "kind": kind}
    with db.changing() as writing:
        if on:
            insertion = insert_on(writing.dialect.name, Reaction).values(mine | {"at": now()})
            change = insertion.on_conflict_do_nothing().returning(_reaction.c.kind)
        else:
            change = delete(_reaction).filter_by(**mine).returning(_reaction.c.kind)
        if writing.execute(change).first() is None:
            return paragraphs_of(writing, post.id)
        did = "post.reacted" if on else "post.unreacted"
        audience_id = audience_in(writing, post.reading_id, whom)
        return _noted(writing, post, user_id, did, audience_id, quietly=quietly)


def resolve(db: Db, post: Annotation, user_id: int, *, on: bool) -> set[int]:
    """Says that a thread is settled, or opens it again."""
    with db.changing() as writing:
        did = "post.resolved" if on else "post.reopened"
        return _stamp(writing, post, user_id, "resolved_at", did, on=on)


def pin(db: Db, post: Annotation, user_id: int, *, on: bool) -> set[int]:
    """Puts a thread above the others of its paragraph, or lets it down."""
    with db.changing() as writing:
        did = "post.pinned" if on else "post.unpinned"
        touched = _stamp(writing, post, user_id, "pinned_at", did, on=on)
        keep_cards(writing, [post.id])
        return touched


def hide(db: Db, post: Annotation, by_id: int, word: str, *, on: bool) -> set[int]:
    """Hides a post from peers with a word to its author, or shows it again. Reports of it are settled."""
    with db.changing() as writing:
        return _hide(writing, post, locked(writing, post.id), by_id, word, on=on)


def hide_all(db: Db, reading_id: int, author_id: int, by_id: int, word: str, *, on: bool) -> int:
    """Hides all that one person wrote for peers in a reading, or shows it again; returns how many posts."""
    peers = select(Audience.id).where(Audience.reading_id == reading_id, Audience.kind.in_([GROUP, CLASS]))
    theirs = select(Annotation).where(
        Annotation.reading_id == reading_id,
        Annotation.author_id == author_id,
        Annotation.audience_id.in_(peers),
        Annotation.deleted_at.is_(None),
        Annotation.hidden_at.is_(None) == on,
    )
    posts: Sequence[Annotation] = db.read.scalars(theirs.order_by(Annotation.id)).all()
    with db.changing() as writing:
        # All are locked before the first takes its number: whoever changes one meanwhile waits for none.
        for post, row in [(post, locked(writing, post.id)) for post in posts]:
            _hide(writing, post, row, by_id, word, on=on)
    return len(posts)


def _hide(writing: Connection, post: Annotation, row: AnyRow, by_id: int, word: str, *, on: bool) -> set[int]:
    column, said = _annotation.c.hidden_at, (word or None) if on else None
    another = or_(column.is_(None) == on, _annotation.c.hidden_word.is_distinct_from(said))
    hiding = update(_annotation).where(_annotation.c.id == post.id, another)
    changed = writing.execute(hiding.values(hidden_at=now() if on else None, hidden_word=said)).rowcount
    settled = (Report.annotation_id == post.id, Report.settled_at.is_(None))
    writing.execute(update(table_of(Report)).where(*settled).values(settled_at=now()))
    if not changed:
        return paragraphs_of(writing, post.id)
    touched = _noted(writing, post, by_id, "post.hidden" if on else "post.shown")
    if on != (was_hidden := row.hidden_at is not None):
        count_hidden(writing, row, touched, was_hidden=was_hidden)
    return touched


def report(db: Db, post: Annotation, user_id: int, words: str) -> None:
    """Tells the staff that a post should not stand; once for each reader, the last words count."""
    row = {"annotation_id": post.id, "reporter_id": user_id, "words": words, "at": now()}
    with db.changing() as writing:
        insertion = insert_on(writing.dialect.name, Report).on_conflict_do_update(
            index_elements=["annotation_id", "reporter_id"],
            set_={"words": words, "at": row["at"], "settled_at": None},
            where=or_(Report.words != words, Report.settled_at.is_not(None)),
        )
        writing.execute(insertion, row)


def settle_reports(db: Db, post: Annotation) -> None:
    """Says that the reports of a post were looked at and it stands."""
    with db.changing() as writing:
        settled = (Report.annotation_id == post.id, Report.settled_at.is_(None))
        writing.execute(update(table_of(Report)).where(*settled).values(settled_at=now()))


def _stamp(writing: Connection, post: Annotation, by_id: int, column: str, did: str, *, on: bool) -> set[int]:
    stamped = _annotation.c[column]
    other = update(_annotation).where(_annotation.c.id == post.id, stamped.is_(None) == on)
    if not writing.execute(other.values({column: now() if on else None})).rowcount:
        return paragraphs_of(writing, post.id)
    return _noted(writing, post, by_id, did)


def _noted(
    writing: Connection,
    post: Annotation,
    by_id: int,
    did: str,
    audience_id: int | None = None,
    *,
    quietly: bool = False,
) -> set[int]:
    touched, audience_id = paragraphs_of(writing, post.id), audience_id or post.audience_id
    heard = hearing(writing, post.reading_id, audience_id, {post.id, post.root_id or post.id})
    theirs = (
        set[int]() if quietly or post.author_id == by_id else alone(writing, post.reading_id, post.author_id)
    )
    # Who has written nothing here has pages, too: their own clock begins with what they do.
    heard |= theirs | {audience_in(writing, post.reading_id, Whom(ME, by_id))}
    who = (post.reading_id, heard, audience_id, by_id)
    announce(writing, *who, touched, did, post.id, post.version)
    # Its author is told also while blind, or in another group by now: then the post's own audience is not theirs.
    for alone_id in theirs:
        announce(writing, post.reading_id, set(), alone_id, by_id, set(), did, post.id, post.version)
    return touched
