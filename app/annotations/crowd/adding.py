"""What one author adds to the counts of one paragraph: the same for writing, counting anew and taking one's own off.

The contract: `docs/decisions/0020-the-crowd.md`. Nothing here asks a database.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from app.annotations.models import SPAN
from app.annotations.spans import TextSpan, cut
from app.readings.models import CLASS, GROUP, ME, STAFF_ONLY

UNTAGGED = 0
"""What stands for "no tag" among the keys of tags, and for "whatever else they did"."""

Sentences = Sequence[tuple[int, int, int]]
"""The sentences of a paragraph in order: number, start and end, half-open, in code points of the revision."""


class Post(NamedTuple):
    """An annotation that is no reply and not deleted, as it stands in one paragraph."""

    annotation_id: int
    audience_id: int
    # The kind of its audience, and whether that holds what staff wrote.
    whom: str
    by_staff: bool
    signed_as: str
    is_hidden: bool
    # Of its target: `span`, `paragraph` or `article`.
    kind: str
    # Its part in the paragraph, half-open, in code points of the revision.
    start: int
    end: int
    # Where its target starts, here or in a paragraph before.
    target_start: int
    tags: tuple[int, ...] = ()


class Share:
    """What one author adds to each count of a paragraph. Empty counters for somebody who adds nothing.

    A name and a pseudonym are two to peers, so one author may add more than 1 under an audience of peers; under that
    of staff never more than 1 to people.
    """

    __slots__ = ("annotations", "density", "people", "spans")

    def __init__(self) -> None:
        # By audience: annotations that begin here, and people whose annotations touch it.
        self.annotations: Counter[int] = Counter()
        self.people: Counter[int] = Counter()
        # By audience, start, end and tag: people.
        self.spans: Counter[tuple[int, int, int, int]] = Counter()
        # By audience, number of the sentence, tag and other tag: people.
        self.density: Counter[tuple[int, int, int, int]] = Counter()


def share_of(posts: Iterable[Post], sentences: Sentences, staff_id: int | None = None) -> Share:
    """What an author adds by these posts, all that they have in one paragraph of one reading.

    `staff_id` is the key of the reading's audience `staff`, under which everybody's is counted; without one only what
    stands under audiences of peers is told. `sentences` are the paragraph's.
    """
    share, others = Share(), [post for post in posts if post.whom != ME]
    _count_annotations(share, others, staff_id)
    if staff_id is not None:
        _add(share, staff_id, _traces(others, sentences))
    faces: dict[tuple[str, bool], list[Post]] = {}
    for post in others:
        if post.whom in (GROUP, CLASS) and not post.is_hidden:
            faces.setdefault((post.signed_as, post.by_staff), []).append(post)
    for face in faces.values():
        _add_face(share, face, sentences)
    return share


class _Traces(NamedTuple):
    """What somebody is counted for, each once."""

    touches: bool
    spans: frozenset[tuple[int, int, int]]
    density: frozenset[tuple[int, int, int]]


_NOTHING = _Traces(False, frozenset(), frozenset())


def _count_annotations(share: Share, others: Collection[Post], staff_id: int | None) -> None:
    for post in others:
        if post.start == post.target_start:
            if staff_id is not None:
                share.annotations[staff_id] += 1
            if post.whom in (GROUP, CLASS) and not post.is_hidden:
                share.annotations[post.audience_id] += 1


def _add_face(share: Share, posts: list[Post], sentences: Sentences) -> None:
    """Counts what one name or pseudonym shows to peers: whole under the class, and under a group what that adds."""
    for_class = [post for post in posts if post.whom == CLASS]
    known = _traces(for_class, sentences)
    if for_class:
        _add(share, for_class[0].audience_id, known)
    for group in {post.audience_id for post in posts if post.whom == GROUP}:
        seen = [*for_class, *(post for post in posts if post.audience_id == group)]
        _add(share, group, _traces(seen, sentences), known)


def _traces(posts: Collection[Post], sentences: Sentences) -> _Traces:
    spans = set()
    marked: dict[int, set[int]] = {}
    for post in posts:
        if post.kind != SPAN:
            continue
        spans |= {(post.start, post.end, tag) for tag in post.tags or (UNTAGGED,)}
        # The density says what the class thinks, not what its staff do.
        if not post.by_staff and post.whom != STAFF_ONLY:
            for n, _part in cut(TextSpan(post.start, post.end), sentences):
                marked.setdefault(n, set()).update(post.tags)
    density = {(n, *both) for n, tags in marked.items() for both in _kinds(tags)}
    return _Traces(bool(posts), frozenset(spans), frozenset(density))


def _kinds(tags: set[int]) -> list[tuple[int, int]]:
    """Any mark, each tag, and each two tags, the lesser key first."""
    return [
        (UNTAGGED, UNTAGGED),
        *((tag, UNTAGGED) for tag in tags),
        *combinations(sorted(tags), 2),
    ]


def _add(share: Share, audience_id: int, traces: _Traces, known: _Traces = _NOTHING) -> None:
    """Counts what is not known already."""
    if traces.touches and not known.touches:
        share.people[audience_id] += 1
    share.spans.update((audience_id, *span) for span in traces.spans - known.spans)
    share.density.update((audience_id, *kind) for kind in traces.density - known.density)
