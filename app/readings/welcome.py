"""What a new person finds: a codebook of their own and the starter article, open to be marked."""

from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.codebook.models import Tagset, add_default_tagset
from app.library.importing import read_file
from app.library.models import Shelved, add_article
from app.readings.models import Reading, open_own_reading

STARTER = Path(__file__).parent.parent / "library" / "starter.md"


@cache
def starter() -> Shelved:
    """The starter article, parsed once."""
    return Shelved(read_file(STARTER.name, STARTER.read_bytes()))


def welcome(db: Session, user_id: int) -> Reading:
    """Gives a new account its codebook and the starter article."""
    add_default_tagset(db, owner_id=user_id)
    return shelve(db, user_id, starter())


def shelve(db: Session, user_id: int, shelved: Shelved, form_id: str = "") -> Reading:
    """Adds an article to a person's library and opens it for reading."""
    article, revision = add_article(db, user_id, shelved)
    tagset = db.scalars(
        select(Tagset.id).where(Tagset.owner_id == user_id).order_by(Tagset.id).limit(1)
    ).one()
    return open_own_reading(db, article.id, revision.id, user_id, tagset, form_id)
