"""Annotations, in their reading."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request
from sqlalchemy import select

from app.access.readings import READING_NUMBERED, OpenReading, open_reading
from app.access.viewers import enforces, or_not_found, refuse_odd, signed_in_user
from app.annotations.models import Annotation
from app.database import Db
from app.one_thread import RequestDb, later


@dataclass(frozen=True)
class OpenAnnotation:
    """An annotation that the viewer may reach, in its reading."""

    within: OpenReading
    annotation: Annotation


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
    return OpenAnnotation(open_reading(db, viewer, READING_NUMBERED, annotation.reading_id), annotation)


@enforces("ann.me.read")
def readable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """An annotation that the viewer may read."""
    return _own_annotation(request, db, annotation_uid, deleted=False)


@enforces("ann.me.update")
def editable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """An annotation that the viewer may change."""
    return _own_annotation(request, db, annotation_uid, deleted=False)


@enforces("ann.me.delete")
def deletable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """An annotation that the viewer may delete."""
    return _own_annotation(request, db, annotation_uid, deleted=False)


@enforces("ann.deleted.restore")
def restorable_annotation(request: Request, db: RequestDb, annotation_uid: str) -> OpenAnnotation:
    """A deleted annotation that the viewer may bring back."""
    return _own_annotation(request, db, annotation_uid, deleted=True)


ReadableAnnotation = Annotated[OpenAnnotation, later(readable_annotation)]
EditableAnnotation = Annotated[OpenAnnotation, later(editable_annotation)]
DeletableAnnotation = Annotated[OpenAnnotation, later(deletable_annotation)]
RestorableAnnotation = Annotated[OpenAnnotation, later(restorable_annotation)]
