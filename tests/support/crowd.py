"""The crowd counted naively, from what the decision says: who is seen by whom, with sets of people and nothing else."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, NamedTuple

from app.annotations.crowd.adding import Post, Sentences, Share

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
