"""What is measured on: an article of 30 paragraphs and 18,000 characters, and annotations spread over it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from random import Random
from urllib.parse import urlencode

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.accounts.joining import add_user
from app.accounts.models import start_session
from app.annotations.models import Annotation, AnnotationTag, Target, TargetParagraph
from app.annotations.spans import TextSpan, cut, quote
from app.codebook.models import Tag, add_default_tagset
from app.database import Database, now
from app.identity import new_uid
from app.library.importing import read_file
from app.library.models import Shelved
from app.library.texts import RevisionText, text_of
from app.readings.audiences import Whom, audience_in
from app.readings.models import ME, Clock, Reading
from app.readings.welcome import STARTER, shelve

PARAGRAPHS = 30
CHARACTERS = 18_000
# The fewest and the most words that each tag is put on: names and hedges are short, statements are long.
LENGTHS = {"actor": (1, 3), "claim": (5, 25), "hedge": (1, 2), "prediction": (8, 30)}
_AT_ONCE = 2000
_SEED = 20


@dataclass(frozen=True)
class Reader:
    """Somebody signed in, with a reading."""

    cookie: str
    user_id: int
    reading_id: int
    uid: str
    revision_id: int

    @property
    def address(self) -> str:
        """The path of the reading."""
        return f"/readings/{self.uid}"

    @property
    def headers(self) -> dict[str, str]:
        """What this person's browser sends."""
        return {"cookie": f"postil={self.cookie}"}


def article() -> Shelved:
    """A title and 29 paragraphs of the starter article's words, in an order of their own; always the same."""
    chance = Random(_SEED)
    words = re.findall(r"[^\W\d_][\w’-]*", STARTER.read_text("utf-8"))
    blocks, length = ["# Words to be measured on"], 0
    for n in range(PARAGRAPHS - 1):
        wanted = (CHARACTERS - length) // (PARAGRAPHS - 1 - n)
        blocks.append(_sentences(chance, words, wanted))
        length += len(blocks[-1])
    return Shelved(read_file("article.md", "\n\n".join(blocks).encode()))


def _sentences(chance: Random, words: list[str], length: int) -> str:
    sentence: list[str] = []
    text = ""
    while len(text) + sum(map(len, sentence)) + len(sentence) < length:
        sentence.append(chance.choice(words))
        if len(sentence) > chance.randint(6, 30):
            text, sentence = f"{text} {_ended(sentence)}".strip(), []
    return f"{text} {_ended(sentence)}".strip() if sentence else text


def _ended(sentence: list[str]) -> str:
    return f"{' '.join(sentence).capitalize()}."


def marks(text: RevisionText, seed: int = _SEED) -> Iterator[tuple[str, TextSpan]]:
    """Tags on stretches of words all over the text, some of them across paragraphs, no stretch twice."""
    chance = Random(seed)
    words = [match.span() for match in re.finditer(r"\w[\w’-]*", text.text)]
    seen: set[TextSpan] = set()
    for tag in cycle(LENGTHS):
        span = None
        while span is None or span in seen:
            first = chance.randrange(len(words))
            last = min(len(words), first + chance.randint(*LENGTHS[tag])) - 1
            span = TextSpan(words[first][0], words[last][1])
        seen.add(span)
        yield tag, span


def forms(reader: Reader, text: RevisionText) -> Iterator[bytes]:
    """The form of one new annotation after another, as the tag bar sends them."""
    for tag, span in marks(text):
        fields = {
            "uid": new_uid(),
            "start": span.start,
            "end": span.end,
            "exact": span.of(text.text),
            "tag": tag,
        }
        yield urlencode(fields | {"note": ""}).encode()


def add_reader(database: Database, name: str, annotations: int = 0) -> tuple[Reader, RevisionText]:
    """A person with a reading of the article and so many annotations of their own."""
    with database.writing() as writing:
        user = add_user(writing, name)
        add_default_tagset(writing, owner_id=user.id)
        reading = shelve(writing, user.id, article())
        cookie = start_session(writing, user.id, "a browser", 30)
        reader = Reader(cookie, user.id, reading.id, reading.uid, reading.revision_id)
    text = load_text(database, reader)
    if annotations:
        with database.writing() as writing:
            _annotate(writing, reader, text, annotations)
    return reader, text


def load_text(database: Database, reader: Reader) -> RevisionText:
    """The article as the server knows it."""
    from app.database import Db

    db = Db(database)
    try:
        return text_of(db, reader.revision_id)
    finally:
        db.close()


def _annotate(writing: Session, reader: Reader, text: RevisionText, number: int) -> None:
    """Writes rows as they would stand after so many marks, without the events."""
    audience = audience_in(writing.connection(), reader.reading_id, Whom(ME, reader.user_id))
    own = select(Tag.key, Tag.id).join(Reading, Reading.tagset_id == Tag.tagset_id)
    tags = dict(writing.execute(own.where(Reading.id == reader.reading_id)).tuples().all())
    at = now()
    found = list(zip(range(number), marks(text), strict=False))
    for batch in (found[i : i + _AT_ONCE] for i in range(0, number, _AT_ONCE)):
        rows = [
            {
                "uid": new_uid(),
                "reading_id": reader.reading_id,
                "author_id": reader.user_id,
                "audience_id": audience,
                "motivation": "classifying" if n % 5 else "commenting",
                "note": "" if n % 5 else f"A *note* on what is said here, number {n}.",
                "operation": new_uid(),
                "version": 1,
                "created": at,
                "modified": at,
            }
            for n, _ in batch
        ]
        keys = writing.scalars(
            insert(Annotation).returning(Annotation.id, sort_by_parameter_order=True), rows
        ).all()
        _aim(writing, text, list(zip(keys, (span for _, (_, span) in batch), strict=True)))
        tagged = [
            {"annotation_id": key, "tag_id": tags[tag]}
            for key, (_, (tag, _)) in zip(keys, batch, strict=True)
        ]
        writing.execute(insert(AnnotationTag), tagged)
    clocks = [{"audience_id": audience, "paragraph_id": p.id, "version": number} for p in text.paragraphs]
    writing.execute(insert(Clock), clocks)


def _aim(writing: Session, text: RevisionText, batch: list[tuple[int, TextSpan]]) -> None:
    rows = []
    for key, span in batch:
        words = quote(text.text, span)
        rows.append(
            {
                "annotation_id": key,
                "ordinal": 0,
                "revision_id": text.id,
                "kind": "span",
                "start": span.start,
                "end": span.end,
                "exact": words.exact,
                "prefix": words.prefix,
                "suffix": words.suffix,
                "status": "exact",
            }
        )
    keys = writing.scalars(insert(Target).returning(Target.id, sort_by_parameter_order=True), rows).all()
    parts = [
        {"target_id": key, "paragraph_id": paragraph.id, "start": part.start, "end": part.end}
        for key, (_, span) in zip(keys, batch, strict=True)
        for paragraph, part in cut(span, text.blocks)
    ]
    writing.execute(insert(TargetParagraph), parts)
