"""Who may see and do what: every route reaches its objects through one of these lookups, which find or refuse.

Each lookup names the rows of docs/access-matrix.acl that it enforces (`@enforces`); the suite checks every route
against them. An object that somebody may not reach is the same to him as one that does not exist.
"""

from app.access.annotations import (
    DeletableAnnotation,
    EditableAnnotation,
    OpenAnnotation,
    ReadableAnnotation,
    RestorableAnnotation,
)
from app.access.articles import DeletableArticle, OpenArticle, RestorableArticle
from app.access.courses import (
    ArchivableCourse,
    CodeRotator,
    ConsentingCourse,
    CourseCreator,
    GroupedCourse,
    LeavableCourse,
    OpenCourse,
    OpenMember,
    PromotableMember,
    ReadableCourse,
    RegroupedMember,
    RemovableMember,
    ResettableMember,
    RosterInviter,
    SettableCourse,
)
from app.access.people import DeactivatablePerson, ErasablePerson, OpenPerson, PermittablePerson
from app.access.readings import AnnotatableReading, ExportableReading, OpenReading, ReadableReading
from app.access.viewers import (
    Anyone,
    ArticleCreator,
    OwnAccount,
    OwnAppearance,
    OwnSession,
    PeopleAdder,
    PeopleLister,
    SelfExporter,
    SignedIn,
    enforces,
    or_not_found,
    unclaimed,
)

__all__ = [
    "AnnotatableReading",
    "Anyone",
    "ArchivableCourse",
    "ArticleCreator",
    "CodeRotator",
    "ConsentingCourse",
    "CourseCreator",
    "DeactivatablePerson",
    "DeletableAnnotation",
    "DeletableArticle",
    "EditableAnnotation",
    "ErasablePerson",
    "ExportableReading",
    "GroupedCourse",
    "LeavableCourse",
    "OpenAnnotation",
    "OpenArticle",
    "OpenCourse",
    "OpenMember",
    "OpenPerson",
    "OpenReading",
    "OwnAccount",
    "OwnAppearance",
    "OwnSession",
    "PeopleAdder",
    "PeopleLister",
    "PermittablePerson",
    "PromotableMember",
    "ReadableAnnotation",
    "ReadableCourse",
    "ReadableReading",
    "RegroupedMember",
    "RemovableMember",
    "ResettableMember",
    "RestorableAnnotation",
    "RestorableArticle",
    "RosterInviter",
    "SelfExporter",
    "SettableCourse",
    "SignedIn",
    "enforces",
    "or_not_found",
    "unclaimed",
]
