"""Whose posts the viewer sees in a reading, and for which groups: what a conversation is narrowed by."""

from sqlalchemy import bindparam, literal, select, union_all

from app.annotations.authors import Author, authors_of
from app.annotations.models import Annotation
from app.annotations.seeing import seen_in_thread
from app.courses.models import Group, Membership
from app.database import Db, table_of
from app.readings.models import NAME, PSEUDONYM, Audience, ReadingMember
from app.readings.seats import Standing

_post, _root = table_of(Annotation), table_of(Annotation).alias("root")
_membership, _member = table_of(Membership), table_of(ReadingMember)
_audience, _group = table_of(Audience), table_of(Group)
# Each name and each pseudonym is looked for by index: to find them in all that was written would be to read it.
_known = union_all(
    select(_membership.c.user_id.label("author_id"), literal(NAME).label("signed_as")).where(
        _membership.c.course_id == bindparam("course")
    ),
    select(_member.c.user_id, literal(PSEUDONYM)).where(
        _member.c.reading_id == bindparam("reading"), _member.c.pseudonym.is_not(None)
    ),
).subquery("known")
_WROTE = select(_known.c.author_id, _known.c.signed_as).where(
    select(_post.c.id)
    .outerjoin(_root, _root.c.id == _post.c.root_id)
    .where(
        _post.c.author_id == _known.c.author_id,
        _post.c.reading_id == bindparam("reading"),
        _post.c.signed_as == _known.c.signed_as,
        seen_in_thread(_post, _root),
    )
    .exists()
)


def people_in(db: Db, standing: Standing) -> list[Author]:
    """Who wrote something that the viewer sees, by the names that the viewer may know."""
    if standing.seat is None:
        return []
    wanted = {"reading": standing.reading_id, "course": standing.seat.course_id}
    rows = db.ask(_WROTE, standing.sight.values | wanted)
    found = authors_of(db, standing, {(row.author_id, row.signed_as) for row in rows})
    by_key = {author.key: author for author in found.values() if author.key}
    return sorted(by_key.values(), key=lambda author: author.name.casefold())


def groups_in(db: Db, standing: Standing) -> list[tuple[str, str]]:
    """The groups that something the viewer sees was written for: uid and name."""
    named = (
        select(_group.c.uid, _group.c.name)
        .join(_audience, _audience.c.group_id == _group.c.id)
        .where(_audience.c.id.in_(bindparam("audiences", expanding=True)))
        .distinct()
        .order_by(_group.c.name)
    )
    return [(uid, name) for uid, name in db.ask(named, {"audiences": standing.sight.audiences})]
