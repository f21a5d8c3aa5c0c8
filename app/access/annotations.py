"""Annotations and replies: who may read, change and delete them, answer them, and keep order among them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request
from sqlalchemy import select

from app.access.readings import OpenReading, former_reading, reading_numbered, written_reading
from app.access.viewers import enforces, or_not_found, refuse_odd, signed_in_user
from app.annotations.models import Annotation
from app.annotations.seeing import seen, seen_or_gone
from app.courses.models import STAFF
from app.database import Db
from app.errors import NotFound, Refused
from app.language import _
from app.one_thread import RequestDb, later
from app.readings.models import CLASS, GROUP, Audience


@dataclass(frozen=True)
class OpenAnnotation:
    """An annotation that the viewer may reach, in its reading."""

    within: OpenReading
    annotation: Annotation
    # Whether peers do not see it.
    is_private: bool = False

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
    if annotation.author_id != viewer.id:
        _refuse_unseen(db, within, annotation)
    return OpenAnnotation(within, annotation)


def _refuse_unseen(db: Db, within: OpenReading, annotation: Annotation) -> None:
    """A reply is seen where it is for the viewer and its root is, or was before it was deleted."""
    itself = select(Annotation.id).where(Annotation.id == annotation.id, seen())
    or_not_found(db.ask(itself, within.sight.values).first())
    if annotation.root_id:
        root = select(Annotation.id).where(Annotation.id == annotation.root_id, seen_or_gone())
        or_not_found(db.ask(root, within.sight.values).first())


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
    """A deleted annotation that the viewer may bring back."""
    found = _own_annotation(request, db, annotation_uid, deleted=True)
    if found.within.is_former:
        raise NotFound
    written_reading(found.within)
    return found


def _in_course(found: OpenAnnotation) -> OpenAnnotation:
    """The same, in a course where it can be talked about. NotFound in one's own reading."""
    if found.within.seat is None or found.within.is_former:
        raise NotFound
    written_reading(found.within)
    return found


def _by_staff(found: OpenAnnotation, *roles: str) -> OpenAnnotation:
    seat = _in_course(found).within.seat
    if seat is None or seat.role not in roles:
        raise Refused(_("Your role in this class does not let you do that."), status=403)
    return found


@enforces("reply.create")
def answerable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A post that the viewer may answer."""
    return _in_course(_seen_annotation(request, db, annotation_uid))


@enforces("reaction.create")
def reactable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A post that the viewer may react to."""
    return _in_course(_seen_annotation(request, db, annotation_uid))


@enforces("report.create")
def reportable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A post that the viewer may report to the staff."""
    return _in_course(_seen_annotation(request, db, annotation_uid))


@enforces("thread.resolve")
def resolvable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A thread that the viewer, who began it or teaches, may say is settled."""
    found = _in_course(_seen_annotation(request, db, annotation_uid))
    return found if found.is_own else _by_staff(found, *STAFF)


@enforces("thread.pin")
def pinnable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A thread that the viewer may pin above the others."""
    return _by_staff(_seen_annotation(request, db, annotation_uid), *STAFF)


@enforces("ann.class.hide")
def hideable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A post that the viewer may hide from peers, and show again."""
    return _by_staff(_seen_annotation(request, db, annotation_uid), *STAFF)


ReadableAnnotation = Annotated[OpenAnnotation, later(readable_annotation)]
EditableAnnotation = Annotated[OpenAnnotation, later(editable_annotation)]
DeletableAnnotation = Annotated[OpenAnnotation, later(deletable_annotation)]
RestorableAnnotation = Annotated[OpenAnnotation, later(restorable_annotation)]
AnswerableAnnotation = Annotated[OpenAnnotation, later(answerable_annotation)]
ReactableAnnotation = Annotated[OpenAnnotation, later(reactable_annotation)]
ReportableAnnotation = Annotated[OpenAnnotation, later(reportable_annotation)]
ResolvableAnnotation = Annotated[OpenAnnotation, later(resolvable_annotation)]
PinnableAnnotation = Annotated[OpenAnnotation, later(pinnable_annotation)]
HideableAnnotation = Annotated[OpenAnnotation, later(hideable_annotation)]
