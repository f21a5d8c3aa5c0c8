"""The conversation of a reading: its threads, narrowed and ordered as asked, as far as the viewer sees them."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select

from app.accounts.models import User
from app.annotations.card_views import CardView
from app.annotations.cards import cards, visible
from app.annotations.models import Annotation, AnnotationTag, Target, TargetParagraph
from app.annotations.seeing import seen
from app.codebook.models import Tag
from app.courses.models import Group
from app.database import AnySelect, Db, table_of
from app.discussion.models import Mention, Reaction, Report
from app.discussion.threads import MOST_IN_A_LIST, with_threads
from app.library.models import Paragraph
from app.library.texts import RevisionText
from app.readings.models import NAME, PSEUDONYM, Audience, ReadingMember
from app.readings.seats import Standing

A_PAGE = 40
"""Threads on one page."""
IN_A_PILE = 20
"""Annotations on some words that are listed at a time."""
MOST_COUNTED = 10_000
"""Further than this no list is counted, or paged through."""
SHOWS = ("all", "to_me", "mine", "questions", "unanswered")
FOR_STAFF = ("reported", "hidden")
ORDERS = ("text", "new", "discussed")

_post = table_of(Annotation)
_reply, _parent, _root = _post.alias("reply"), _post.alias("parent"), _post.alias("root")
_target = table_of(Target)
_part, _paragraph = table_of(TargetParagraph), table_of(Paragraph)
_tagged, _tag, _mention = table_of(AnnotationTag), table_of(Tag), table_of(Mention)
_member, _audience, _group = table_of(ReadingMember), table_of(Audience), table_of(Group)
_VIEWER: ColumnElement[int] = bindparam("viewer")
_ANSWERS = and_(_reply.c.root_id == _post.c.id, seen(_reply))
_ANSWERED = select(_reply.c.id).where(_ANSWERS).exists()
_ASKED = or_(
    _post.c.motivation == "questioning",
    select(Reaction.kind)
    .where(Reaction.annotation_id == _post.c.id, Reaction.kind == "question", Reaction.user_id == _VIEWER)
    .exists(),
)
_CALLS = select(_mention.c.user_id).where(_mention.c.user_id == _VIEWER)
_TO_ME = or_(
    select(_reply.c.id)
    .join(_parent, _parent.c.id == _reply.c.parent_id)
    .where(_ANSWERS, _reply.c.author_id != _VIEWER, _parent.c.author_id == _VIEWER)
    .exists(),
    select(_reply.c.id)
    .join(_mention, _mention.c.annotation_id == _reply.c.id)
    .where(_ANSWERS, _mention.c.user_id == _VIEWER)
    .exists(),
    _CALLS.where(_mention.c.annotation_id == _post.c.id).exists(),
)
_REPORTED = select(Report.id).where(Report.annotation_id == _post.c.id, Report.settled_at.is_(None)).exists()
_REPLY_HIDDEN = select(_reply.c.id).where(_ANSWERS, _reply.c.hidden_at.is_not(None)).exists()
_REPLY_REPORTED = (
    select(Report.id)
    .join(_reply, _reply.c.id == Report.annotation_id)
    .where(_ANSWERS, Report.settled_at.is_(None))
    .exists()
)
_SHOWN: dict[str, ColumnElement[bool]] = {
    "to_me": _TO_ME,
    "mine": _post.c.author_id == _VIEWER,
    "questions": _ASKED,
    "unanswered": and_(_ASKED, ~_ANSWERED, _post.c.resolved_at.is_(None)),
    "reported": or_(_REPORTED, _REPLY_REPORTED),
    "hidden": or_(_post.c.hidden_at.is_not(None), _REPLY_HIDDEN),
}
_ON_STRETCH = (
    select(_target.c.annotation_id)
    .join(_part, _part.c.target_id == _target.c.id)
    .where(
        _part.c.paragraph_id.in_(bindparam("paragraphs", expanding=True)),
        _part.c.start < bindparam("to"),
        _part.c.end > bindparam("from"),
    )
)
_REPLIES = select(func.count()).select_from(_reply).where(_ANSWERS).scalar_subquery()
_NEWEST = func.coalesce(select(func.max(_reply.c.created)).where(_ANSWERS).scalar_subquery(), _post.c.created)


class Asked(BaseModel):
    """What part of a conversation is wanted: see SHOWS and ORDERS; `person` is an author's key, `group` a uid."""

    show: str = "all"
    tag: str = ""
    person: str = ""
    group: str = ""
    order: str = "text"
    page: int = Field(1, ge=1, le=100_000)


class Stretch(BaseModel):
    """Some words (half-open code points of the revision), what on them comes first, and which page of it."""

    start: int
    end: int
    order: Literal["narrow", "new", "discussed"] = "narrow"
    page: int = Field(1, ge=1, le=100_000)
    # Whether staff ask what each group marked.
    groups: bool = False


@dataclass(frozen=True)
class Conversation:
    """A page of threads, and how many there are in all."""

    threads: list[CardView]
    total: int
    size: int = A_PAGE

    @property
    def pages(self) -> int:
        """How many pages they fill."""
        return max(1, -(-self.total // self.size))


def conversation(db: Db, text: RevisionText, standing: Standing, asked: Asked) -> Conversation:
    """The threads that are wanted, with what was answered last."""
    narrowed = _narrowed(asked, standing)
    found = visible().where(_post.c.reading_id == bindparam("reading"), *narrowed)
    values = {"reading": standing.reading_id, "tag": asked.tag, "group": asked.group}
    values |= _person(asked.person) | {"revision": text.id}
    total = _number(db, found, standing.sight.values | values)
    ordered = _paragraph_by_paragraph(found) if asked.order == "text" and not narrowed else found
    page = _ordered(ordered, asked.order).limit(A_PAGE).offset((asked.page - 1) * A_PAGE)
    threads = cards(db, page, text, standing, values)
    with_threads(db, text, standing, threads, MOST_IN_A_LIST)
    return Conversation(threads, total)


def on_stretch(db: Db, text: RevisionText, standing: Standing, stretch: Stretch) -> Conversation:
    """What the viewer sees on some words, without the answers."""
    start, end = stretch.start, max(stretch.end, stretch.start + 1)
    there = [p.id for p in text.paragraphs if p.start < end and p.end > start]
    found = visible().where(
        _post.c.reading_id == bindparam("reading"),
        _post.c.id.in_(_ON_STRETCH),
        _post.c.deleted_at.is_(None),
    )
    values = {"reading": standing.reading_id, "from": start, "to": end, "paragraphs": there}
    total = _number(db, found, standing.sight.values | values)
    first = (_target.c.end - _target.c.start, _target.c.start, _post.c.id)
    by = (
        found.order_by(None).order_by(*first) if stretch.order == "narrow" else _ordered(found, stretch.order)
    )
    page = by.limit(IN_A_PILE).offset((stretch.page - 1) * IN_A_PILE)
    return Conversation(cards(db, page, text, standing, values), total, IN_A_PILE)


def _number(db: Db, query: AnySelect, values: dict[str, Any]) -> int:
    keys = query.with_only_columns(_post.c.id).order_by(None).limit(MOST_COUNTED)
    return int(db.ask(select(func.count()).select_from(keys.subquery()), values).scalar_one())


def _narrowed(asked: Asked, standing: Standing) -> list[ColumnElement[bool]]:
    conditions = []
    staff = standing.seat is not None and standing.seat.is_staff
    if asked.show in _SHOWN and (staff or asked.show not in FOR_STAFF):
        conditions.append(_SHOWN[asked.show])
    if asked.tag:
        tagged = select(_tagged.c.id).join(_tag, _tag.c.id == _tagged.c.tag_id)
        has = tagged.where(_tagged.c.annotation_id == _post.c.id, _tag.c.key == bindparam("tag"))
        conditions.append(has.exists())
    if asked.group:
        theirs = select(_audience.c.id).join(_group, _group.c.id == _audience.c.group_id)
        conditions.append(_post.c.audience_id.in_(theirs.where(_group.c.uid == bindparam("group"))))
    if asked.person:
        conditions.append(_written_by(asked.person, standing, staff=staff))
    return conditions


def _written_by(person: str, standing: Standing, *, staff: bool) -> ColumnElement[bool]:
    """By a name or a pseudonym. A peer who asks for a name finds nothing that was signed with a pseudonym."""
    if person.startswith("~"):
        veiled = select(_member.c.user_id).where(
            _member.c.reading_id == bindparam("reading"), _member.c.pseudonym == bindparam("pseudonym")
        )
        return and_(_post.c.author_id.in_(veiled), _post.c.signed_as == PSEUDONYM)
    named = select(User.id).where(User.uid == bindparam("person"))
    signed = or_(_post.c.signed_as == NAME, _post.c.author_id == _VIEWER)
    by = _post.c.author_id.in_(named)
    return by if staff else and_(by, signed)


def _person(key: str) -> dict[str, Any]:
    return {"person": key, "pseudonym": key.removeprefix("~")} if key else {}


def _paragraph_by_paragraph(query: AnySelect) -> AnySelect:
    """The query in text order, so that a page of it is found without sorting all that there is."""
    return (
        query.join(_part, and_(_part.c.target_id == _target.c.id, _part.c.start == _target.c.start))
        .join(_paragraph, _paragraph.c.id == _part.c.paragraph_id)
        .where(_paragraph.c.revision_id == bindparam("revision"))
        .order_by(None)
        .order_by(_paragraph.c.ordinal, _part.c.start, _target.c.end, _post.c.id)
    )


def _ordered(query: AnySelect, order: str) -> AnySelect:
    if order == "text":
        return query
    first = case((_TO_ME, 0), else_=1)
    by = _REPLIES.desc() if order == "discussed" else _NEWEST.desc()
    return query.order_by(None).order_by(_post.c.pinned_at.is_(None), first, by, _post.c.id.desc())
