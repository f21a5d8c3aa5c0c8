"""The margin beside some paragraphs: what is the viewer's is drawn for them alone, the rest once for all peers.

A class arrives at once, and when somebody writes all of it looks. Where a student has written, answered, reacted or
wished nothing, they see what any peer does (`Standing.of_any_peer`), and that is drawn from the peers' eyes, which
belong to nobody: so nothing of anybody's own can be in what is shared.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, union_all

from app.annotations.authors import Wrote, authors_of, wrote
from app.annotations.card_views import GroupView
from app.annotations.cards import groups
from app.annotations.choosing import Chosen, chosen_cards
from app.annotations.drawing import ParagraphView, clocks
from app.annotations.models import Annotation, Target, TargetParagraph
from app.database import Db, table_of
from app.discussion.models import Follow, Reaction
from app.discussion.threads import posts_in, with_threads
from app.library.texts import RevisionText
from app.readings.prompts import PromptView
from app.readings.seats import Standing

_MOST_OWN = 500
"""Posts in which somebody has a hand; who has it in more shares nothing with others."""
_WEIGHT = 1000
"""What a kept card weighs beside its words."""
_post, _reaction, _follow = table_of(Annotation).c, table_of(Reaction).c, table_of(Follow).c
_target, _part = table_of(Target).c, table_of(TargetParagraph).c
_THREAD = func.coalesce(_post.root_id, _post.id)
_OWN = union_all(
    select(_THREAD).where(_post.author_id == bindparam("viewer"), _post.reading_id == bindparam("reading")),
    select(_THREAD)
    .join(table_of(Reaction), _reaction.annotation_id == _post.id)
    .where(_reaction.user_id == bindparam("viewer"), _post.reading_id == bindparam("reading")),
    select(_follow.root_id).where(
        _follow.user_id == bindparam("viewer"),
        _follow.reading_id == bindparam("reading"),
        _follow.root_id.is_not(None),
    ),
).limit(_MOST_OWN + 1)
_STANDS = (
    select(_part.paragraph_id)
    .distinct()
    .join(table_of(Target), _target.id == _part.target_id)
    .where(_target.annotation_id.in_(bindparam("posts", expanding=True)))
)


class _Alike(NamedTuple):
    """What any peer sees beside a paragraph: under what it is kept, which cards, and who wrote what is in them."""

    key: tuple[object, ...]
    chosen: Chosen
    wrote: tuple[Wrote, ...]


class Margin:
    """The margin beside these paragraphs, drawn for a viewer at this moment. Asked in one read session."""

    def __init__(
        self, db: Db, text: RevisionText, standing: Standing, paragraphs: Sequence[ParagraphView]
    ) -> None:
        self._db = db
        self._text = text
        self._standing = standing
        self._paragraphs = paragraphs

    def wrote(self) -> set[Wrote]:
        """Who wrote what is drawn here."""
        own = self._wrote_in(self._standing, self._own_chosen)
        return {one for its in own.values() for one in its}.union(
            *(one.wrote for one in self._alike.values())
        )

    def groups(self, asked: Mapping[int, list[PromptView]]) -> list[GroupView]:
        """The cards of each paragraph with their threads, and above them the questions that are `asked` there."""
        found = self._cards(self._standing, self._own_chosen) | self._cards_of_peers()
        return [
            GroupView(one.n, one.cards, one.more, asked.get(one.n, []), one.alike)
            for _n, one in sorted(found.items())
        ]

    @cached_property
    def _own(self) -> set[int]:
        """The ordinals of the paragraphs that are drawn for the viewer alone."""
        here = {p.n for p in self._paragraphs}
        if self._standing.of_any_peer is None:
            return here
        values = {"viewer": self._standing.viewer_id, "reading": self._standing.reading_id}
        posts = set(self._db.ask(_OWN, values).scalars())
        if len(posts) > _MOST_OWN:
            return here
        keys = set(self._db.ask(_STANDS, {"posts": sorted(posts)}).scalars()) if posts else set()
        return {n for n in here if self._key(n) in keys}

    @cached_property
    def _own_chosen(self) -> dict[int, Chosen]:
        mine = [p for p in self._paragraphs if p.n in self._own]
        return chosen_cards(self._db, self._text, self._standing, mine)

    @cached_property
    def _alike(self) -> dict[int, _Alike]:
        """By ordinal, what is the same for all peers."""
        peer, theirs = self._standing.of_any_peer, [p for p in self._paragraphs if p.n not in self._own]
        if peer is None or not theirs:
            return {}
        ticks = clocks(self._db, self._text.id, peer.sight.audiences, theirs[0].n, theirs[-1].n)
        keys = {p.n: ("margin", self._key(p.n), peer, ticks.get(self._key(p.n), 0)) for p in theirs}
        kept = {n: self._db.database.drawn.get(key) for n, key in keys.items()}
        if missing := [p for p in theirs if kept[p.n] is None]:
            chosen = chosen_cards(self._db, self._text, peer, missing)
            wrote_here = self._wrote_in(peer, chosen)
            for n, its in chosen.items():
                kept[n] = _Alike(keys[n], its, tuple(sorted(wrote_here[n])))
                self._db.database.drawn.put(keys[n], kept[n], _WEIGHT)
        return kept

    def _wrote_in(self, standing: Standing, chosen: Mapping[int, Chosen]) -> dict[int, set[Wrote]]:
        """By ordinal, who wrote what the chosen cards show or name."""
        posts = posts_in(self._db, standing, [key for its in chosen.values() for key in its.first])
        who = wrote(self._db, {key for its in posts.values() for key in its})
        return {
            n: {who[post] for root in its.first for post in posts[root] if post in who}
            for n, its in chosen.items()
        }

    def _cards_of_peers(self) -> dict[int, GroupView]:
        peer, drawn = self._standing.of_any_peer, self._db.database.drawn
        if peer is None or not self._alike:
            return {}
        known = authors_of(self._db, peer, {one for its in self._alike.values() for one in its.wrote})
        # Who they are is not told by the clocks: somebody may have another name since.
        keys = {
            n: ("cards", one.key, tuple(known[who] for who in one.wrote)) for n, one in self._alike.items()
        }
        kept = {n: drawn.get(key) for n, key in keys.items()}
        missing = {n: self._alike[n].chosen for n, group in kept.items() if group is None}
        for n, group in self._cards(peer, missing).items():
            group.alike = keys[n]
            kept[n] = group
            drawn.put(keys[n], group, _weight(group))
        return kept

    def _cards(self, standing: Standing, chosen: Mapping[int, Chosen]) -> dict[int, GroupView]:
        if not chosen:
            return {}
        found = groups(self._db, self._text, chosen, standing)
        with_threads(self._db, self._text, standing, [card for group in found for card in group.cards])
        return {group.n: group for group in found}

    def _key(self, n: int) -> int:
        """The key of the paragraph with that ordinal."""
        return self._text.paragraphs[n].id


def _weight(group: GroupView) -> int:
    posts: Collection[str] = [
        post.note + post.quote for card in group.cards for post in (card, *card.replies)
    ]
    return sum(_WEIGHT + len(words) for words in posts) + _WEIGHT
