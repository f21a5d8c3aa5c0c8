"""Marks for the export tests: texts on a member's shelf, marked at given places, and made-up annotations."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select

from app.annotations.hands import Hand
from app.annotations.spans import TextSpan
from app.annotations.writing import annotate
from app.codebook.models import Tag, Tagset
from app.database import Db
from app.exports.gathering import ExportedAnnotation
from app.identity import new_uid
from app.library.importing import Block, ImportedArticle
from app.library.models import Shelved
from app.readings.audiences import Whom
from app.readings.models import ME
from app.readings.welcome import shelve
from tests.support.cast import Member


@dataclass(frozen=True)
class Shelf:
    """A reading of a made-up text, and the hand that may write in it."""

    uid: str
    hand: Hand
    text: str


@contextmanager
def database_of(member: Member) -> Iterator[Db]:
    db = Db(member.world.database)
    try:
        yield db
    finally:
        db.close()


def shelved(member: Member, title: str, paragraphs: Sequence[str]) -> Shelf:
    """Puts a text into the member's library."""
    blocks = [Block("title", title), *(Block("paragraph", paragraph) for paragraph in paragraphs)]
    made = Shelved(ImportedArticle(title, "und", "ltr", tuple(blocks)))
    assert member.user is not None
    with member.world.database.writing() as writing:
        reading = shelve(writing, member.user.id, made)
        hand = Hand(member.user.id, reading.id, reading.revision_id, Whom(ME, member.user.id))
        return Shelf(reading.uid, hand, made.text)


def tag_ids(member: Member) -> dict[str, int]:
    """The member's tags, by what exports call them."""
    assert member.user is not None
    with member.world.database.reading() as db:
        query = select(Tag.key, Tag.id).join(Tagset, Tagset.id == Tag.tagset_id)
        return dict(db.execute(query.where(Tagset.owner_id == member.user.id)).all())


def marked(member: Member, shelf: Shelf, span: TextSpan, tags: Sequence[int] = (), note: str = "") -> str:
    """Annotates a span; returns the annotation's uid."""
    with database_of(member) as db:
        return annotate(db, shelf.hand, new_uid(), span, tags, note).uid


def made_up(**different: object) -> ExportedAnnotation:
    """An annotation that is in no database."""
    usual = {
        "uid": "01936d3e-0000-7000-8000-000000000001",
        "reading_uid": "5f3c1c7e-0000-4000-8000-000000000002",
        "article_uid": "5f3c1c7e-0000-4000-8000-000000000003",
        "revision_n": 1,
        "sha256": "0" * 64,
        "title": "Patience as strategy",
        "language": "en",
        "author_uid": "5f3c1c7e-0000-4000-8000-000000000004",
        "author_name": "Ada",
        "tags": (("claim", "claim"),),
        "exact": "no dismissal",
        "prefix": "he said ",
        "suffix": " of talks",
        "paragraph": 3,
        "start": 120,
        "end": 132,
        "note": "",
        "motivation": "classifying",
        "created": "2026-11-23T09:00:00.000000Z",
        "modified": "2026-11-23T09:30:00.000000Z",
        "version": 1,
    }
    return ExportedAnnotation(**usual | different)  # type: ignore[arg-type]
