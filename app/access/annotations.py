"""Annotations and replies: who may read, change and delete them, answer them, and keep order among them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request
from sqlalchemy import and_, or_, select

from app.access.opening import OpenReading, former_reading, reading_numbered, written_reading
from app.access.viewers import enforces, or_not_found, refuse_odd, signed_in_user
from app.annotations.models import Annotation
from app.annotations.seeing import seen, seen_or_gone
from app.courses.models import STAFF
from app.database import Db, table_of
from app.errors import NotFound, Refused
from app.language import _
from app.one_thread import RequestDb, later
from app.readings.models import CLASS, GROUP, Audience

_post = table_of(Annotation)


@dataclass(frozen=True)
class OpenAnnotation:
    """An annotation that the viewer may reach, in its reading."""

    within: OpenReading
    annotation: Annotation
    # Whether peers do not see it.
    is_private: bool = False
    # Whether its thread is in sight: an own reply stays readable when what it answers is not.
    has_thread: bool = True

    @property
    def is_own(self) -> bool:
        """Whether the viewer wrote it."""
        return self.annotation.author_id == self.within.viewer.id


def _seen_annotation(request: Request, db: Db, annotation_uid: str) -> OpenAnnotation:
    """An annotation that the viewer sees now; one's own also after the course has been left."""
    viewer = signed_in_user(request, db)
    refuse_odd(annotation_uid)
    there = (Annotation.uid == annotation_uid, Annotation.deleted_at.is_(None))
    annotation = or_not_found(db.read.scalar(select(Annotation).where(*there)))
    within = reading_numbered(db, viewer, annotation.reading_id)
    if within is None:
        if annotation.author_id != viewer.id:
            raise NotFound
        within = or_not_found(former_reading(db, viewer, annotation.reading_id))
        kind = db.ask(select(Audience.kind).where(Audience.id == annotation.audience_id)).scalar_one()
        return OpenAnnotation(within, annotation, is_private=kind not in (GROUP, CLASS))
    has_thread = _is_seen(db, within, annotation)
    if annotation.author_id != viewer.id and not has_thread:
        raise NotFound
    return OpenAnnotation(within, annotation, has_thread=has_thread)


def _is_seen(db: Db, within: OpenReading, annotation: Annotation) -> bool:
    """A reply is seen where it is for the viewer and its root is, or was before it was deleted."""
    conditions = [and_(_post.c.id == annotation.id, seen(_post))]
    if annotation.root_id:
        conditions.append(and_(_post.c.id == annotation.root_id, seen_or_gone(_post)))
    found = db.ask(select(_post.c.id).where(or_(*conditions)), within.sight.values)
    return len(found.all()) == len(conditions)


def _own_annotation(request: Request, db: Db, annotation_uid: str, *, deleted: bool) -> OpenAnnotation:
    viewer = signed_in_user(request, db)
    refuse_odd(annotation_uid)
    found = db.read.scalar(
        select(Annotation).where(
            Annotation.uid == annotation_uid,
            Annotation.author_id == viewer.id,
            Annotation.deleted_at.is_not(None) == deleted,
        )
    )
    annotation = or_not_found(found)
    within = reading_numbered(db, viewer, annotation.reading_id)
    if within is None:
        within = or_not_found(former_reading(db, viewer, annotation.reading_id))
    return OpenAnnotation(within, annotation)


def _refuse_others(found: OpenAnnotation) -> OpenAnnotation:
    if not found.is_own:
        raise Refused(_("Only its author may do that."), status=403)
    return found


@enforces("ann.{audience}.read")
def readable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """An annotation that the viewer may read."""
    return _seen_annotation(request, db, annotation_uid)


@enforces("ann.{audience}.update")
def editable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """An annotation that the viewer may change: an own one, while still in the course."""
    found = _refuse_others(_seen_annotation(request, db, annotation_uid))
    if found.within.is_former:
        if found.is_private:
            raise NotFound
        raise Refused(_("You have left this class: what you wrote can be read and deleted."), status=403)
    written_reading(found.within)
    return found


@enforces("ann.{audience}.delete")
def deletable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """An annotation that the viewer may delete: an own one, also after the course was left."""
    found = _refuse_others(_seen_annotation(request, db, annotation_uid))
    written_reading(found.within)
    return found


@enforces("ann.deleted.restore")
def restorable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A deleted annotation that the viewer may bring back, also after the course was left."""
    found = _own_annotation(request, db, annotation_uid, deleted=True)
    written_reading(found.within)
    return found


def _in_course(found: OpenAnnotation) -> OpenAnnotation:
    """The same, in a thread of a course. NotFound in one's own reading, and where the thread is out of sight."""
    if found.within.seat is None or not found.has_thread:
        raise NotFound
    return found


def _talked_about(found: OpenAnnotation) -> OpenAnnotation:
    """The same, where something can be said of it."""
    written_reading(_in_course(found).within)
    return found


def _by_staff(found: OpenAnnotation, *roles: str) -> OpenAnnotation:
    seat = _talked_about(found).within.seat
    if seat is None or seat.role not in roles:
        raise Refused(_("Your role in this class does not let you do that."), status=403)
    return found


@enforces("ann.{audience}.read", "thread.read")
def threaded_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A post whose thread the viewer may read. Also in an archived course."""
    return _in_course(_seen_annotation(request, db, annotation_uid))


@enforces("ann.{audience}.read", "reply.create")
def answerable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A post that the viewer may answer. Refused (403) to its author who is no longer one of those it is for."""
    found = _talked_about(_seen_annotation(request, db, annotation_uid))
    root = found.annotation.root_id or found.annotation.id
    audience = db.ask(select(Annotation.audience_id).where(Annotation.id == root)).scalar()
    if audience not in found.within.known.values():
        raise Refused(_("You are no longer one of those who see this thread."), status=403)
    return found


@enforces("ann.{audience}.read", "reaction.create")
def reactable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A post that the viewer may react to."""
    return _talked_about(_seen_annotation(request, db, annotation_uid))


@enforces("ann.{audience}.read", "follow.own")
def followable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A post whose thread the viewer may follow or mute."""
    return _talked_about(_seen_annotation(request, db, annotation_uid))


@enforces("ann.{audience}.read", "report.create")
def reportable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A post that the viewer may report to the staff."""
    return _talked_about(_seen_annotation(request, db, annotation_uid))


@enforces("ann.{audience}.read", "thread.resolve")
def resolvable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A thread that the viewer, who began it or teaches, may say is settled."""
    found = _talked_about(_seen_annotation(request, db, annotation_uid))
    return found if found.is_own else _by_staff(found, *STAFF)


@enforces("ann.{audience}.read", "thread.pin")
def pinnable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A thread that the viewer may pin above the others."""
    return _by_staff(_seen_annotation(request, db, annotation_uid), *STAFF)


@enforces("ann.{audience}.hide")
def hideable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A post that the viewer may hide from peers, and show again."""
    return _by_staff(_seen_annotation(request, db, annotation_uid), *STAFF)


ReadableAnnotation = Annotated[OpenAnnotation, later(readable_annotation)]
EditableAnnotation = Annotated[OpenAnnotation, later(editable_annotation)]
DeletableAnnotation = Annotated[OpenAnnotation, later(deletable_annotation)]
RestorableAnnotation = Annotated[OpenAnnotation, later(restorable_annotation)]
ThreadedAnnotation = Annotated[OpenAnnotation, later(threaded_annotation)]
AnswerableAnnotation = Annotated[OpenAnnotation, later(answerable_annotation)]
FollowableAnnotation = Annotated[OpenAnnotation, later(followable_annotation)]
ReactableAnnotation = Annotated[OpenAnnotation, later(reactable_annotation)]
ReportableAnnotation = Annotated[OpenAnnotation, later(reportable_annotation)]
ResolvableAnnotation = Annotated[OpenAnnotation, later(resolvable_annotation)]
PinnableAnnotation = Annotated[OpenAnnotation, later(pinnable_annotation)]
HideableAnnotation = Annotated[OpenAnnotation, later(hideable_annotation)]
