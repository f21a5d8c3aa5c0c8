"""How much each person keeps, and how much one may."""

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from app.database import KEPT_DELETED, AnySelect, now
from app.errors import Refused
from app.language import _, ngettext
from app.library.models import Article, Revision
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Usage:
    """What a person keeps: articles in the library, and bytes of text in UTF-8.

    The text of deleted articles counts as long as they can be brought back, so that deleting and bringing again
    does not fill the disk.
    """

    articles: int = 0
    size: int = 0

    def __str__(self) -> str:
        articles = ngettext("%(n)d article", "%(n)d articles", self.articles) % {"n": self.articles}
        return _("%(articles)s, %(size)s of text") % {"articles": articles, "size": in_words(self.size)}


def usage_by_person(db: Session | Connection) -> dict[int, Usage]:
    """What each person keeps, by the key of the user; who keeps nothing is missing."""
    return {owner_id: Usage(articles, int(size)) for owner_id, articles, size in db.execute(_usage())}


def refuse_another_article(db: Session, settings: Settings, user_id: int) -> None:
    """Refused (409) when the library holds as many articles as a person may keep."""
    if _usage_of(db, user_id).articles >= settings.max_articles:
        raise Refused(
            _(
                "Your library is full: %(n)d is the most articles that this server keeps for one person. "
                "Delete one that you no longer need, then try again."
            )
            % {"n": settings.max_articles},
            status=409,
        )


def refuse_more_text(db: Session, settings: Settings, user_id: int, text: str) -> None:
    """Refused (413) when the text would be more than a person may keep with what is there."""
    size, most = len(text.encode()), settings.max_text_mib << 20
    kept = _usage_of(db, user_id).size
    if kept + size > most:
        raise Refused(
            _(
                "This text has %(size)s, and you keep %(kept)s of the %(most)s that this server keeps for one person. "
                "Make it shorter, or ask whoever runs the server for more room. Deleted articles count for 30 days."
            )
            % {"size": in_words(size), "kept": in_words(kept), "most": in_words(most)},
            status=413,
        )


def in_words(size: int) -> str:
    """So many bytes, for people."""
    return f"{size / (1 << 20):.1f} MiB" if size >= 1 << 20 else f"{-(-size // 1024)} KiB"


def _usage_of(db: Session, user_id: int) -> Usage:
    found = db.execute(_usage().where(Article.owner_id == user_id)).first()
    return Usage(found[1], int(found[2])) if found else Usage()


def _usage() -> AnySelect:
    """(owner, articles, bytes). Neither database reads the texts for it."""
    in_library = case((Article.deleted_at.is_(None), Article.id))
    return (
        select(
            Article.owner_id, func.count(in_library.distinct()), func.sum(func.octet_length(Revision.text))
        )
        .join(Revision, Revision.article_id == Article.id)
        .where(Article.deleted_at.is_(None) | (Article.deleted_at > now() - KEPT_DELETED))
        .group_by(Article.owner_id)
    )
