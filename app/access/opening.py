"""A reading opened for somebody: its text, what they see of what is written there, and they as one who writes."""

from dataclasses import dataclass, replace

from fastapi import Request
from sqlalchemy import BindParameter, ColumnElement, FromClause, and_, bindparam, or_, select

from app.access.viewers import or_not_found, refuse_odd, signed_in_user
from app.accounts.models import Viewer
from app.annotations.hands import Hand
from app.annotations.models import Annotation
from app.courses.models import STAFF, STUDENT, Course, Group, GroupMember, Membership
from app.database import AnyRow, AnySelect, Db, now, table_of
from app.errors import Refused
from app.language import _
from app.library.models import Article, Revision
from app.readings.audiences import Sight, Whom, audiences_of, counted_for, open_to, whom_of
from app.readings.models import ME, NAME, Audience, Reading, ReadingMember
from app.readings.seats import Seat, Standing, starting_choice
from app.readings.view import ReadingView


@dataclass(frozen=True)
class OpenReading:
    """A reading that the viewer may reach, with what drawing and writing in it needs."""

    viewer: Viewer
    id: int
    uid: str
    tagset_id: int
    revision_id: int
    title: str
    language: str
    direction: str
    # What the viewer sees of what is written there.
    sight: Sight
    # The viewer's place in the course that it is set for; None when it is read for oneself.
    seat: Seat | None
    # The audiences that exist and that the viewer may write for, by whom they are.
    known: dict[Whom, int]
    # Whether staff look at it with a student's eyes.
    as_student: bool = False
    # Whether the viewer has left the course, or its reading is gone: their own things are still theirs.
    is_former: bool = False
    # Whether the course is archived, so that nothing is written there any more.
    is_archived: bool = False

    @property
    def hand(self) -> Hand:
        """The viewer as one who writes here, for those whom the switch stands at."""
        return self.hand_for(None, None)

    def hand_for(self, choice: str | None, signed_as: str | None) -> Hand:
        """The viewer as one who writes here for somebody else than the switch says. Refused for no such people."""
        if self.seat is None:
            whom, signature = Whom(ME, self.viewer.id), NAME
        else:
            chosen = self.seat.whom(self.viewer.id, choice)
            if chosen is None:
                raise Refused(
                    _("You are in no group here, so choose somebody else to see it."), field="audience"
                )
            whom, signature = chosen, self.seat.signature(signed_as or self.seat.signs_as)
        return Hand(self.viewer.id, self.id, self.revision_id, whom, signature, self.known, self._earning)

    @property
    def _earning(self) -> int | None:
        """How many annotations open others' work to the viewer; None when nothing is to be earned."""
        return self.seat.reveal_n if self.seat and self.seat.is_blind else None

    @property
    def standing(self) -> Standing:
        """What the viewer sees here, and is."""
        return Standing(self.id, self.sight, self.seat)

    @property
    def view(self) -> ReadingView:
        """The reading as the templates know it."""
        return ReadingView(self.uid, self.title, self.language, self.direction, self.seat, self.as_student)


# Put together once, since composing a query costs more than asking it.
_reading, _revision, _article = table_of(Reading), table_of(Revision), table_of(Article)
_audience, _course, _membership = table_of(Audience), table_of(Course), table_of(Membership)
_written = table_of(Annotation)
_member, _group, _in_group = table_of(ReadingMember), table_of(Group), table_of(GroupMember)
_VIEWER: BindParameter[int] = bindparam("viewer")


def opening(viewer: ColumnElement[int], among: FromClause = _reading) -> AnySelect:
    """Readings with all that opening them for a viewer needs; `among` names more tables than that of readings."""
    return (
        select(
            _reading.c.id,
            _reading.c.uid,
            _reading.c.tagset_id,
            _revision.c.id.label("revision_id"),
            _revision.c.title,
            _revision.c.language,
            _revision.c.direction,
            _audience.c.id.label("me"),
            _reading.c.course_id,
            _course.c.uid.label("course_uid"),
            _course.c.title.label("course_title"),
            _course.c.timezone,
            _course.c.anonymity,
            _course.c.archived_at,
            _membership.c.role,
            _in_group.c.group_id,
            _group.c.name.label("group_name"),
            _reading.c.instructions,
            _reading.c.opens_at,
            _reading.c.due_at,
            _reading.c.reveal_kind,
            _reading.c.reveal_at,
            _reading.c.reveal_n,
            _reading.c.revealed_at.label("all_revealed_at"),
            _member.c.revealed_at.label("own_revealed_at"),
            _member.c.due_at.label("own_due_at"),
            _reading.c.audience,
            _member.c.audience.label("chosen"),
            _member.c.signs_as,
            _member.c.pseudonym,
            _member.c.seen_seq,
            _course.c.shows_presence,
        )
        .select_from(among)
        .join(_revision, _revision.c.id == _reading.c.revision_id)
        .join(_article, _article.c.id == _reading.c.article_id)
        .outerjoin(
            _audience,
            and_(
                _audience.c.reading_id == _reading.c.id,
                _audience.c.kind == ME,
                _audience.c.user_id == viewer,
            ),
        )
        .outerjoin(_course, _course.c.id == _reading.c.course_id)
        .outerjoin(
            _membership,
            and_(
                _membership.c.course_id == _reading.c.course_id,
                _membership.c.user_id == viewer,
                _membership.c.left_at.is_(None),
                _membership.c.removed_at.is_(None),
            ),
        )
        .outerjoin(_member, and_(_member.c.reading_id == _reading.c.id, _member.c.user_id == viewer))
        .outerjoin(
            _in_group,
            and_(_in_group.c.set_id == _reading.c.group_set_id, _in_group.c.user_id == viewer),
        )
        .outerjoin(_group, _group.c.id == _in_group.c.group_id)
    )


def may_read(viewer: ColumnElement[int]) -> ColumnElement[bool]:
    """Of those, the readings that the viewer may read."""
    return _reading.c.deleted_at.is_(None) & or_(
        and_(_reading.c.owner_id == viewer, _article.c.deleted_at.is_(None)),
        _membership.c.role.in_(STAFF),
        and_(_membership.c.role == STUDENT, _reading.c.opens_at <= bindparam("now")),
    )


OPENING, MAY_READ = opening(_VIEWER), may_read(_VIEWER)
_HAS_WRITTEN = (
    select(_written.c.id)
    .where(_written.c.reading_id == _reading.c.id, _written.c.author_id == _VIEWER)
    .exists()
)
_FORMER = OPENING.where(_reading.c.course_id.is_not(None), _HAS_WRITTEN, _reading.c.id == bindparam("key"))
_CALLED = OPENING.where(MAY_READ, _reading.c.uid == bindparam("key"))
_NUMBERED = OPENING.where(MAY_READ, _reading.c.id == bindparam("key"))


def reading_numbered(db: Db, viewer: Viewer, key: int, *, as_student: bool = False) -> OpenReading | None:
    """The reading with that key, if the viewer may read it."""
    row = db.ask(_NUMBERED, {"viewer": viewer.id, "now": now(), "key": key}).first()
    return opened(db, viewer, row, as_student=as_student) if row else None


def former_reading(db: Db, viewer: Viewer, key: int) -> OpenReading | None:
    """A reading of a course that the viewer once wrote in and cannot read now: nothing but what is theirs."""
    row = db.ask(_FORMER, {"viewer": viewer.id, "now": now(), "key": key}).first()
    if row is None:
        return None
    about = (row.id, row.uid, row.tagset_id, row.revision_id, row.title, row.language, row.direction)
    audiences = (row.me,) if row.me else ()
    known = {Whom(ME, viewer.id): row.me} if row.me else {}
    closed = row.archived_at is not None
    sight = Sight(viewer.id, audiences)
    return OpenReading(viewer, *about, sight, None, known, is_former=True, is_archived=closed)


def opened(db: Db, viewer: Viewer, row: AnyRow, *, as_student: bool = False) -> OpenReading:
    """The reading of a row that `OPENING` found, with what the viewer sees there."""
    seat = seated(row) if row.course_id else None
    if seat is None:
        sight, known = Sight(viewer.id, (row.me,)), {Whom(ME, viewer.id): row.me}
    else:
        found = audiences_of(db, row.id, viewer.id, seat.group_id, staff=seat.is_staff)
        known = {whom_of(audience): audience.id for audience in found}
        if as_student:
            seat = replace(seat, role=STUDENT)
            found = [audience for audience in found if audience.kind == "class"]
        # Nobody's own things are among those that any student sees.
        eyes = 0 if as_student else viewer.id
        seen = open_to(found, blind=seat.is_blind)
        counted = counted_for(found, seen, staff=seat.is_staff)
        sight = Sight(eyes, seen, sees_hidden=seat.is_staff, counted=counted)
    about = (row.id, row.uid, row.tagset_id, row.revision_id, row.title, row.language, row.direction)
    return OpenReading(
        viewer, *about, sight, seat, known, as_student, is_archived=row.archived_at is not None
    )


def seated(row: AnyRow) -> Seat:
    """The viewer's seat in the reading of such a row, which is a course's."""
    begins = "pseudonym" if row.anonymity == "required" and row.role == STUDENT else NAME
    return Seat(
        row.course_id,
        row.course_uid,
        row.course_title,
        row.timezone,
        row.anonymity,
        row.archived_at,
        row.role,
        row.group_id,
        row.group_name,
        row.instructions,
        row.opens_at,
        row.own_due_at or row.due_at,
        row.reveal_kind,
        row.reveal_at,
        row.reveal_n,
        row.all_revealed_at,
        row.own_revealed_at,
        starting_choice(row.chosen, row.audience, row.group_id),
        row.signs_as or begins,
        row.pseudonym,
        row.seen_seq or 0,
        row.shows_presence,
    )


def open_reading(request: Request, db: Db, reading_uid: str) -> OpenReading:
    """The reading, for whoever may read it. Staff may ask to see it as a student does (`?as=student`)."""
    viewer = signed_in_user(request, db)
    refuse_odd(reading_uid)
    row = or_not_found(db.ask(_CALLED, {"viewer": viewer.id, "now": now(), "key": reading_uid}).first())
    as_student = request.query_params.get("as") == STUDENT and row.role in STAFF
    return opened(db, viewer, row, as_student=as_student)


def seen_anew(db: Db, within: OpenReading) -> OpenReading:
    """The same reading as the viewer sees it now: a write may have made an audience or opened others' work since."""
    if within.seat is None:
        return within
    return reading_numbered(db, within.viewer, within.id, as_student=within.as_student) or within


def written_reading(within: OpenReading) -> OpenReading:
    """The same, to be written in. Refused (403) in an archived class, and to staff with a student's eyes."""
    if within.as_student:
        raise Refused(_("This is what a student sees. Go back to your own view to write."), status=403)
    if within.is_archived:
        raise Refused(_("This class is archived: it can be read and no longer changed."), status=403)
    return within
