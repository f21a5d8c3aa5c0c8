"""Which annotations somebody sees: the one condition under every page, count, list and export of others' work."""

from typing import Any

from sqlalchemy import BindParameter, Boolean, ColumnElement, and_, bindparam, or_, select

from app.annotations.models import Annotation
from app.database import table_of

_AUDIENCES: BindParameter[Any] = bindparam("audiences", expanding=True)
_VIEWER: BindParameter[Any] = bindparam("viewer")
_SEES_HIDDEN: BindParameter[Any] = bindparam("sees_hidden", type_=Boolean())


def seen(annotation: Any = None) -> ColumnElement[bool]:
    """That an annotation is there for a `Sight`, whose `values` the query is asked with.

    `annotation` is the table or an alias of it. A reply is seen when this holds for it and for its root.
    """
    of = (table_of(Annotation) if annotation is None else annotation).c
    return and_(seen_or_gone(annotation), of.deleted_at.is_(None))


def seen_in_thread(post: Any, root: Any) -> ColumnElement[bool]:
    """That a post is there for a `Sight` where it stands: a reply only with the place of its `root`, an outer join."""
    return and_(seen(post), or_(post.c.root_id.is_(None), seen_or_gone(root)))


def seen_or_gone(annotation: Any = None) -> ColumnElement[bool]:
    """The same, with what was deleted, of which only the place may be shown."""
    of = (table_of(Annotation) if annotation is None else annotation).c
    mine = of.author_id == _VIEWER
    return and_(or_(of.audience_id.in_(_AUDIENCES), mine), or_(of.hidden_at.is_(None), mine, _SEES_HIDDEN))


def answered() -> ColumnElement[bool]:
    """That a `Sight` sees an answer to an annotation."""
    of, reply = table_of(Annotation).c, table_of(Annotation).alias("answering")
    return select(reply.c.id).where(reply.c.root_id == of.id, seen(reply)).exists()


def there() -> ColumnElement[bool]:
    """That an annotation is seen, or that it was deleted and keeps its place because a `Sight` sees an answer to it."""
    return and_(seen_or_gone(), or_(table_of(Annotation).c.deleted_at.is_(None), answered()))
