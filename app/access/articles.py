"""Articles, which belong to a person."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request
from sqlalchemy import select

from app.access.viewers import enforces, or_not_found, refuse_odd, signed_in_user
from app.accounts.models import Viewer
from app.database import Db
from app.library.models import Article, Revision
from app.one_thread import RequestDb, later


@dataclass(frozen=True)
class OpenArticle:
    """An article that belongs to the viewer."""

    viewer: Viewer
    article: Article
    revision: Revision


@enforces("article.own.delete")
def deletable_article(request: Request, db: RequestDb, article_uid: str) -> OpenArticle:
    """An own article."""
    return _own_article(request, db, article_uid, deleted=False)


@enforces("article.own.delete")
def restorable_article(request: Request, db: RequestDb, article_uid: str) -> OpenArticle:
    """An own article that was deleted and can come back."""
    return _own_article(request, db, article_uid, deleted=True)


def _own_article(request: Request, db: Db, article_uid: str, *, deleted: bool) -> OpenArticle:
    viewer = signed_in_user(request, db)
    refuse_odd(article_uid)
    row = db.read.execute(
        select(Article, Revision)
        .join(Revision, Revision.article_id == Article.id)
        .where(
            Article.uid == article_uid,
            Article.owner_id == viewer.id,
            Article.deleted_at.is_not(None) == deleted,
        )
        .order_by(Revision.n.desc())
        .limit(1)
    ).first()
    article, revision = or_not_found(row)
    return OpenArticle(viewer, article, revision)


DeletableArticle = Annotated[OpenArticle, later(deletable_article)]
RestorableArticle = Annotated[OpenArticle, later(restorable_article)]
