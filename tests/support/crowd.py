"""The crowd counted naively, from what the decision says: who is seen by whom, with sets of people and nothing else."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.annotations.crowd.adding import Post, Sentences, Share
from app.annotations.models import (
    Annotation,
    AnnotationTag,
    Density,
    MarginCard,
    ParagraphCount,
    SpanCount,
    Target,
)
from app.annotations.spans import TextSpan, cut
from app.database import Database
from app.library.models import Paragraph, Sentence
from app.readings.models import Audience

Key = tuple[Any, ...]


class By(NamedTuple):
    """A post and whose it is."""

    author: int | None
    post: Post


def seen_by_peers(posts: Iterable[By], sentences: Sentences, audiences: Iterable[int]) -> dict[Key, int]:
    """How many people those who see these audiences of peers find at each key, and how many annotations begin."""
    wanted = set(audiences)
    there = [
        (author, post)
        for author, post in posts
        if post.whom in ("group", "class") and post.audience_id in wanted and not post.is_hidden
    ]
    return _counted([((author, post.signed_as, post.by_staff), post) for author, post in there], sentences)


def seen_by_staff(posts: Iterable[By], sentences: Sentences) -> dict[Key, int]:
    """The same for staff, to whom an author is one person."""
    return _counted([(author, post) for author, post in posts if post.whom != "me"], sentences)


def told(shares: Iterable[Share], audiences: Iterable[int]) -> dict[Key, int]:
    """What a reader of these audiences adds up from their counts."""
    wanted, total = set(audiences), Counter[Key]()
    for share in shares:
        for name in ("annotations", "people"):
            for audience, n in getattr(share, name).items():
                total[(name,)] += n if audience in wanted else 0
        for name in ("spans", "density"):
            for (audience, *key), n in getattr(share, name).items():
                total[(name, *key)] += n if audience in wanted else 0
    return {key: n for key, n in total.items() if n}


def _counted(posts: list[tuple[Hashable, Post]], sentences: Sentences) -> dict[Key, int]:
    people: dict[Key, set[Hashable]] = defaultdict(set)
    for person, post in posts:
        for key in _keys(post, sentences):
            people[key].add(person)
    found = {key: len(who) for key, who in (people | _pairs(people)).items()}
    beginning = sum(post.start == post.target_start for _person, post in posts)
    return {key: n for key, n in (found | {("annotations",): beginning}).items() if n}


def _keys(post: Post, sentences: Sentences) -> Iterator[Key]:
    yield ("people",)
    if post.kind != "span":
        return
    for tag in post.tags or (0,):
        yield ("spans", post.start, post.end, tag)
    if post.by_staff or post.whom == "staff":
        return
    for n, start, end in sentences:
        if any(start <= at < end for at in range(post.start, post.end)):
            yield ("density", n, 0, 0)
            yield from (("density", n, tag, 0) for tag in post.tags)


def _pairs(people: dict[Key, set[Hashable]]) -> dict[Key, set[Hashable]]:
    """Whoever put two tags on a sentence, in one annotation or in two."""
    tagged = [key for key in people if key[0] == "density" and key[2]]
    return {
        ("density", n, tag, also): people["density", n, tag, 0] & people["density", n, also, 0]
        for _density, n, tag, _any in tagged
        for _again, m, also, _other in tagged
        if n == m and tag < also
    }


def unlike(database: Database) -> list[str]:
    """Where the kept counts are not what is seen, counted naively; nothing when all is well."""
    with database.reading() as db:
        audiences = {row.id: row for row in db.execute(select(Audience.__table__))}
        posts, kept = _posts(db), _kept(db)
        places = {*posts, *((audiences[audience].reading_id, p) for audience, p in kept)}
        cuts = {p: _sentences(db, p) for _reading, p in places}
    wrong = []
    for reading_id, paragraph_id in sorted(places):
        here = posts.get((reading_id, paragraph_id), [])
        for sight, seen in _sights(reading_id, audiences, here, cuts[paragraph_id]):
            found: Counter[Key] = Counter()
            for audience in sight:
                found.update(kept.get((audience, paragraph_id), {}))
            if found != seen:
                wrong.append(f"reading {reading_id}, paragraph {paragraph_id}: {sight} {found} {seen}")
    return wrong


def _sights(
    reading_id: int, audiences: dict[int, Any], posts: list[By], sentences: Sentences
) -> Iterator[tuple[tuple[int, ...], dict[Key, int]]]:
    """Those who see the class alone, with each group, by staff and by students apart; staff; and each alone."""
    mine = [row for row in audiences.values() if row.reading_id == reading_id]
    for row in mine:
        if row.kind == "staff":
            yield (row.id,), seen_by_staff(posts, sentences)
        elif row.kind in ("me", "to_staff"):
            yield (row.id,), {}
        for_class = {one.id for one in mine if one.kind == "class" and one.by_staff == row.by_staff}
        if row.kind in ("class", "group"):
            sight = tuple(sorted({row.id, *for_class}))
            yield sight, seen_by_peers(posts, sentences, sight)


def _posts(db: Session) -> dict[tuple[int, int], list[By]]:
    """What counts, by reading and paragraph, cut anew at the paragraphs."""
    found: dict[tuple[int, int], list[By]] = defaultdict(list)
    blocks = defaultdict(list)
    for paragraph in db.scalars(select(Paragraph).order_by(Paragraph.ordinal)):
        blocks[paragraph.revision_id].append((paragraph.id, paragraph.start, paragraph.end))
    tags = defaultdict(list)
    for tagged in db.scalars(select(AnnotationTag)):
        tags[tagged.annotation_id].append(tagged.tag_id)
    rows = (
        select(Annotation, Target, Audience)
        .join(Target, Target.annotation_id == Annotation.id)
        .join(Audience, Audience.id == Annotation.audience_id)
        .where(Annotation.root_id.is_(None), Annotation.deleted_at.is_(None))
    )
    for annotation, target, audience in db.execute(rows):
        for paragraph_id, part in cut(TextSpan(target.start, target.end), blocks[target.revision_id]):
            post = Post(
                annotation.id,
                audience.id,
                audience.kind,
                audience.by_staff,
                annotation.signed_as,
                annotation.hidden_at is not None,
                target.kind,
                part.start,
                part.end,
                target.start,
                tuple(tags[annotation.id]),
            )
            found[annotation.reading_id, paragraph_id].append(By(annotation.author_id, post))
    return found


def _kept(db: Session) -> dict[tuple[int, int], dict[Key, int]]:
    """The rows of the three tables, by audience and paragraph. None may say nothing."""
    found: dict[tuple[int, int], dict[Key, int]] = defaultdict(dict)
    for row in db.scalars(select(ParagraphCount)):
        assert row.annotations or row.people, "a row without a number"
        here = found[row.audience_id, row.paragraph_id]
        here |= {("annotations",): row.annotations} if row.annotations else {}
        here |= {("people",): row.people} if row.people else {}
    for row in db.scalars(select(SpanCount)):
        assert row.people > 0
        found[row.audience_id, row.paragraph_id]["spans", row.start, row.end, row.tag_id] = row.people
    for row in db.scalars(select(Density)):
        assert row.people > 0
        key = ("density", row.sentence, row.tag_id, row.also_id)
        found[row.audience_id, row.paragraph_id][key] = row.people
    return found


def _sentences(db: Session, paragraph_id: int) -> list[tuple[int, int, int]]:
    """As the decision says: a paragraph without sentences is one."""
    cuts = select(Sentence.n, Sentence.start, Sentence.end).where(Sentence.paragraph_id == paragraph_id)
    whole = db.get_one(Paragraph, paragraph_id)
    return [tuple(row) for row in db.execute(cuts.order_by(Sentence.n))] or [(0, whole.start, whole.end)]


def cards_unlike(database: Database) -> set[int]:
    """Annotations whose row in the list of cards is not as they are, judged one by one."""
    with database.reading() as db:
        kept = {card.annotation_id: card for card in db.scalars(select(MarginCard))}
        replied = set(db.scalars(select(Annotation.root_id)))
        kinds = {row.id: row.kind for row in db.scalars(select(Audience))}
        wrong = set(kept)
        for one, target in db.execute(select(Annotation, Target).join(Target)):
            says = one.deleted_at is None and (
                one.note or one.motivation == "questioning" or one.pinned_at or target.kind != "span"
            )
            for_others = one.root_id is None and kinds[one.audience_id] != "me"
            card = kept.get(one.id)
            if not (for_others and (says or one.id in replied)):
                continue
            wrong.discard(one.id)
            paragraph = card and db.get_one(Paragraph, card.paragraph_id)
            if (
                card is None
                or paragraph is None
                or not paragraph.start <= target.start < max(paragraph.end, paragraph.start + 1)
                or (card.reading_id, card.audience_id, card.start, card.end)
                != (one.reading_id, one.audience_id, target.start, target.end)
            ):
                wrong.add(one.id)
    return wrong
