"""What a class thinks of a sentence: how many students marked it, as what, and as what else."""

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import bindparam, func, select

from app.annotations.card_views import CardTag
from app.annotations.crowd.adding import UNTAGGED
from app.annotations.crowd.window import COUNTED
from app.annotations.models import SPAN, Annotation, AnnotationTag, Density, Target, TargetParagraph
from app.annotations.seeing import seen
from app.codebook.models import Tag
from app.courses.grouping import students_of
from app.courses.models import STUDENT, Group, GroupMember, Membership
from app.database import Db, table_of
from app.library.texts import RevisionText
from app.readings.models import ME, STAFF_ONLY, Audience, Reading
from app.readings.seats import Standing

_density, _tag = table_of(Density).c, table_of(Tag).c
_part, _target, _annotation = table_of(TargetParagraph).c, table_of(Target).c, table_of(Annotation).c
_tagged, _audience, _reading = table_of(AnnotationTag).c, table_of(Audience).c, table_of(Reading).c
_group, _member, _membership = table_of(Group).c, table_of(GroupMember).c, table_of(Membership).c
_SENTENCE = (
    select(_density.tag_id, _density.also_id, func.sum(_density.people))
    .where(
        _density.audience_id.in_(COUNTED),
        _density.paragraph_id == bindparam("paragraph"),
        _density.sentence == bindparam("sentence"),
    )
    .group_by(_density.tag_id, _density.also_id)
)
_TAGS = (
    select(_tag.id, _tag.key, _tag.name, _tag.colour, _tag.line)
    .where(_tag.id.in_(bindparam("tags", expanding=True)))
    .order_by(_tag.position)
)
_DIVIDED = select(_reading.group_set_id).where(_reading.id == bindparam("reading"))
# The students in each group of the reading now.
_GROUPED = (
    select(_group.name, _member.user_id)
    .join(table_of(GroupMember), _member.group_id == _group.id)
    .join(table_of(Reading), _reading.group_set_id == _group.set_id)
    .join(
        table_of(Membership),
        (_membership.user_id == _member.user_id) & (_membership.course_id == _reading.course_id),
    )
    .where(
        _reading.id == bindparam("reading"),
        _membership.role == STUDENT,
        _membership.left_at.is_(None),
        _membership.removed_at.is_(None),
    )
    .order_by(_group.name)
)
_MARKED = (
    select(_part.author_id, _tagged.tag_id)
    .distinct()
    .join(table_of(Target), _target.id == _part.target_id)
    .join(table_of(Annotation), _annotation.id == _target.annotation_id)
    .join(table_of(Audience), _audience.id == _annotation.audience_id)
    .outerjoin(table_of(AnnotationTag), _tagged.annotation_id == _annotation.id)
    .where(
        _part.paragraph_id == bindparam("paragraph"),
        _part.start < bindparam("to"),
        _part.end > bindparam("from"),
        _target.kind == SPAN,
        _annotation.reading_id == bindparam("reading"),
        _annotation.root_id.is_(None),
        ~_audience.by_staff,
        _audience.kind.not_in([ME, STAFF_ONLY]),
        seen(),
    )
)
_MOST_PAIRS = 2


@dataclass(frozen=True, slots=True)
class TagTold:
    """How many students marked a sentence so, and how many of them also otherwise: the most first."""

    tag: CardTag
    people: int
    also: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class GroupTold:
    """How many of a group's students marked a sentence, and with each tag, in the order of the tags told."""

    name: str
    students: int
    people: int
    tags: list[int]


@dataclass(frozen=True, slots=True)
class Told:
    """How many marked a sentence, of how many students; and with what, the most first."""

    people: int
    students: int
    tags: list[TagTold]
    # Whether the viewer can ask what each group marked, and that once asked.
    divided: bool = False
    groups: list[GroupTold] = field(default_factory=list)


def told(
    db: Db, text: RevisionText, standing: Standing, offset: int, *, by_group: bool = False
) -> Told | None:
    """What the class marked in the sentence at an offset (a code point of the revision), as far as a viewer may know.

    None in one's own reading, while the reading is blind for the viewer, and for what nobody marked. `by_group` adds
    the groups, for staff alone.
    """
    seat = standing.seat
    paragraph, sentence = _sentence_at(text, offset)
    if seat is None or seat.is_blind or sentence is None:
        return None
    n, start, end = sentence
    where = {"counted": standing.sight.counted, "paragraph": paragraph, "sentence": n}
    people = {(tag, also): number for tag, also, number in db.ask(_SENTENCE, where)}
    if not people.get((UNTAGGED, UNTAGGED)):
        return None
    tags = _tags(db, people)
    everybody = people[UNTAGGED, UNTAGGED]
    # Who has left marked it, too, and to peers a name and a pseudonym are two.
    students = max(everybody, len(students_of(db.read, seat.course_id)))
    ranked = sorted(tags, key=lambda tag: -tags[tag].people)
    divided = standing.sight.sees_hidden and bool(db.ask(_DIVIDED, {"reading": standing.reading_id}).scalar())
    groups = _groups(db, standing, paragraph, start, end, ranked) if by_group and divided else []
    return Told(everybody, students, [tags[tag] for tag in ranked], divided, groups)


def _sentence_at(text: RevisionText, offset: int) -> tuple[int, tuple[int, int, int] | None]:
    """The key of the paragraph, and its sentence, or the one before the white space in which the offset stands."""
    paragraph = text.at(offset)
    before = [sentence for sentence in text.sentences[paragraph.id] if sentence[1] <= offset]
    return paragraph.id, before[-1] if before else None


def _tags(db: Db, people: dict[tuple[int, int], int]) -> dict[int, TagTold]:
    """By key, in the order of the codebook."""
    keys = {tag for both in people for tag in both} - {UNTAGGED}
    tags = {row.id: CardTag(*row[1:]) for row in db.ask(_TAGS, {"tags": sorted(keys)})} if keys else {}
    pairs: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for (one, other), number in people.items():
        if one in tags and other in tags:
            pairs[one].append((number, tags[other].name))
            pairs[other].append((number, tags[one].name))
    return {
        key: TagTold(tag, people[key, UNTAGGED], sorted(pairs[key], key=lambda pair: -pair[0])[:_MOST_PAIRS])
        for key, tag in tags.items()
    }


def _groups(
    db: Db, standing: Standing, paragraph: int, start: int, end: int, tags: list[int]
) -> list[GroupTold]:
    values = {"reading": standing.reading_id, "paragraph": paragraph, "from": start, "to": end}
    marked: dict[int | None, set[int]] = defaultdict(set)
    for author, tag in db.ask(_MARKED, standing.sight.values | values):
        marked[None].add(author)
        marked[tag].add(author)
    groups: dict[str, set[int]] = defaultdict(set)
    for name, student in db.ask(_GROUPED, {"reading": standing.reading_id}):
        groups[name].add(student)
    return [
        GroupTold(name, len(who), len(who & marked[None]), [len(who & marked[tag]) for tag in tags])
        for name, who in groups.items()
    ]
