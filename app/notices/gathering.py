"""What others wrote that somebody is to be told of: what they may see now of what concerns them and is not muted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from app.access.joined import Joined, enter
from app.access.opening import OpenReading
from app.accounts.models import Viewer
from app.annotations.models import Annotation, Target, TargetParagraph
from app.annotations.seeing import seen_in_thread
from app.courses.models import STUDENT
from app.database import AnyRow, Db, table_of
from app.discussion.following import MUTE, Place, Wishes, wishes_of
from app.discussion.models import Mention, Reaction
from app.library.models import Paragraph
from app.notices.candidates import EVER, Span, involving, written
from app.readings.models import CLASS, GROUP, Audience

_AT_ONCE = 400
_new = table_of(Annotation).alias("new")
_parent, _root = table_of(Annotation).alias("parent"), table_of(Annotation).alias("root")
_audience, _target, _part = table_of(Audience), table_of(Target), table_of(TargetParagraph)
_paragraph, _mention, _reaction = table_of(Paragraph), table_of(Mention), table_of(Reaction)
_VIEWER: ColumnElement[int] = bindparam("viewer")
_CALLS = select(_mention.c.user_id).where(
    _mention.c.annotation_id == _new.c.id, _mention.c.user_id == _VIEWER
)
_ASKS = select(_reaction.c.kind).where(
    _reaction.c.annotation_id == _root.c.id,
    _reaction.c.user_id == _VIEWER,
    _reaction.c.kind == "question",
)
_MINE_ASKS = and_(_root.c.author_id == _VIEWER, _root.c.motivation == "questioning")
_POSTS = (
    select(
        _new.c.id,
        _new.c.uid,
        _new.c.created,
        _new.c.author_id,
        _new.c.signed_as,
        _new.c.note,
        func.coalesce(_new.c.root_id, _new.c.id).label("thread"),
        _paragraph.c.id.label("paragraph_id"),
        _paragraph.c.ordinal,
        and_(_audience.c.kind.in_([GROUP, CLASS]), ~_audience.c.by_staff).label("by_peer"),
        func.coalesce(_parent.c.author_id == _VIEWER, False).label("to_me"),
        func.coalesce(or_(_MINE_ASKS, _ASKS.exists()), False).label("asked"),
        _CALLS.exists().label("calls"),
    )
    .join(_audience, _audience.c.id == _new.c.audience_id)
    .join(_target, _target.c.annotation_id == _new.c.id)
    .join(_part, and_(_part.c.target_id == _target.c.id, _part.c.start == _target.c.start))
    .join(_paragraph, _paragraph.c.id == _part.c.paragraph_id)
    .outerjoin(_root, _root.c.id == _new.c.root_id)
    .outerjoin(_parent, _parent.c.id == _new.c.parent_id)
    .where(
        _new.c.id.in_(bindparam("keys", expanding=True)),
        _new.c.reading_id == bindparam("reading"),
        _new.c.author_id.is_distinct_from(_VIEWER),
        seen_in_thread(_new, _root),
    )
)


@dataclass(frozen=True)
class Notice:
    """Something to tell somebody."""

    # Of a post: answer, mention, question (an answer to one) or followed. Otherwise see `app.notices.moments`.
    kind: str
    # When it became news to them.
    at: datetime
    reading: Joined
    # Tells it from others of the same moment: a post's uid.
    key: str
    # The post, and the reading as it was opened for them; None for what is no post.
    post: AnyRow | None = None
    within: OpenReading | None = None
    # A word from staff.
    word: str = ""
    # Of `followed`: where it stands that they follow, a thread, a paragraph or a reading.
    followed: str = ""


@dataclass
class Gathered:
    """Notices in no order, and back to when they are all there are."""

    notices: list[Notice] = field(default_factory=list)
    floor: datetime | None = None

    def reaches(self, oldest: datetime) -> None:
        """Notes that one source was looked through only back to then."""
        self.floor = max(oldest, self.floor or oldest)


def gather(db: Db, viewer: Viewer, readings: Sequence[Joined], span: Span) -> Gathered:
    """What others wrote in these readings and somebody is to be told of, that became news to them within the span."""
    by_key = {reading.id: reading for reading in readings}
    wishes, found = wishes_of(db, viewer.id), Gathered()
    concern = _concerning(db, viewer, readings, span, found)
    keys: dict[int, set[int]] = defaultdict(set)
    for row in concern:
        keys[row.reading_id].add(row.id)
    closely = {row.id for row in concern}
    for reading_id, places in wishes.followed().items():
        if reading_id in by_key:
            rows, oldest = written(db, viewer.id, span, reading_id, places, wishes)
            keys[reading_id] |= {row.id for row in rows}
            found.reaches(oldest)
    for reading_id in sorted(keys.keys() & by_key.keys()):
        told = _told(db, viewer, by_key[reading_id], keys[reading_id], wishes, closely)
        found.notices += (notice for notice in told if span.since < notice.at <= span.until)
    return found


def _concerning(
    db: Db, viewer: Viewer, readings: Iterable[Joined], span: Span, found: Gathered
) -> list[AnyRow]:
    """What answers or calls them, also from before, where it was opened to them within the span."""
    answering, oldest = involving(db, viewer.id, span, [one.id for one in readings])
    found.reaches(oldest)
    opened = {one.id: at for one in readings if (at := opened_at(one)) and span.since < at <= span.until}
    if not opened:
        return list(answering)
    before = Span(EVER, max(opened.values()), span.most, span.walk)
    return [*answering, *involving(db, viewer.id, before, opened)[0]]


def opened_at(reading: Joined) -> datetime | None:
    """Since when a student sees others' work in a blind reading."""
    return reading.seat.revealed_at if reading.seat.role == STUDENT else None


def _told(
    db: Db, viewer: Viewer, reading: Joined, keys: Iterable[int], wishes: Wishes, closely: set[int]
) -> Iterator[Notice]:
    within, wanted = enter(db, viewer, reading), sorted(keys)
    values, opened = within.sight.values | {"reading": reading.id}, opened_at(reading)
    for start in range(0, len(wanted), _AT_ONCE):
        for post in db.ask(_POSTS, values | {"keys": wanted[start : start + _AT_ONCE]}):
            wish, concerns = wishes.on(reading.id, post.paragraph_id, post.thread), post.id in closely
            if wish and wish.stance == MUTE:
                continue
            if concerns or (wish and post.created > wish.at):
                anew = opened if opened and concerns and post.by_peer else post.created
                at = max(post.created, anew)
                kind, where = _kind(post), _where(reading.id, post, wishes, concerns=concerns)
                yield Notice(kind, at, reading, post.uid, post, within, followed=where)


def _kind(post: AnyRow) -> str:
    if post.asked:
        return "question"
    return "answer" if post.to_me else "mention" if post.calls else "followed"


def _where(reading_id: int, post: AnyRow, wishes: Wishes, *, concerns: bool) -> str:
    if concerns:
        return "thread"
    return "paragraph" if Place(reading_id, post.paragraph_id) in wishes else "reading"
