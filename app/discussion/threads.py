"""Threads: the replies and reactions that belong to cards, as far as the viewer sees them."""

from collections import defaultdict
from collections.abc import Sequence, Set

from sqlalchemy import String, and_, bindparam, case, cast, func, or_, select

from app.annotations.authors import authors_of
from app.annotations.card_views import CardView, ReactionView
from app.annotations.cards import cards, replies
from app.annotations.models import Annotation
from app.annotations.seeing import seen, seen_or_gone
from app.courses.models import STAFF, Membership
from app.database import Db, table_of
from app.discussion.following import Place, wishes_in
from app.discussion.models import REACTIONS, Reaction, Report
from app.library.texts import RevisionText
from app.readings.models import Prompt
from app.readings.seats import Standing

MOST_REPLIES = 2
"""Answers of a thread that a card in the margin shows; the others are behind a link."""
MOST_IN_A_LIST = 20
"""Answers of a thread that a list shows."""
_AT_ONCE = 400
_ALL = 1_000_000

_reaction, _report = table_of(Reaction).c, table_of(Report).c
_membership, _prompt = table_of(Membership).c, table_of(Prompt).c
_WHOSE = (
    select(
        _reaction.annotation_id,
        _reaction.kind,
        func.count().label("people"),
        func.max(case((_reaction.user_id == bindparam("viewer"), 1), else_=0)).label("mine"),
    )
    .where(_reaction.annotation_id.in_(bindparam("posts", expanding=True)))
    .group_by(_reaction.annotation_id, _reaction.kind)
)
_root, _reply, _child = (table_of(Annotation).alias(name) for name in ("root", "reply", "child"))
_ANSWERED = select(_child.c.id).where(_child.c.parent_id == _reply.c.id, seen(_child)).exists()
# What a thread shows: what is seen, and the place of what was deleted and answered.
_SHOWN = and_(
    _reply.c.root_id == _root.c.id,
    seen_or_gone(_reply),
    or_(_reply.c.deleted_at.is_(None), _ANSWERED),
)
_last = (
    select(_reply.c.id)
    .where(_SHOWN)
    .order_by(_reply.c.created.desc(), _reply.c.id.desc())
    .limit(bindparam("most"))
    .correlate(_root)
    .subquery("last")
)
# A row for each thread: how many answers it shows in all, and the keys of the last ones.
_LAST = select(
    _root.c.id,
    select(func.count()).select_from(_reply).where(_SHOWN).correlate(_root).scalar_subquery(),
    select(func.aggregate_strings(cast(_last.c.id, String), " ")).select_from(_last).scalar_subquery(),
).where(_root.c.id.in_(bindparam("roots", expanding=True)))
_PARENTS = select(_reply.c.id, _reply.c.author_id, _reply.c.signed_as).where(
    _reply.c.id.in_(bindparam("posts", expanding=True)), seen(_reply)
)
_ANSWERS_TO = select(_reply.c.root_id, _reply.c.parent_id).where(
    _reply.c.id.in_(bindparam("posts", expanding=True))
)
_OPEN_REPORTS = (
    select(_report.annotation_id, _report.words)
    .where(_report.annotation_id.in_(bindparam("posts", expanding=True)), _report.settled_at.is_(None))
    .order_by(_report.id)
)
# While a reading is blind, what other students think of a post is hidden with all else of theirs.
_OF_STAFF = select(_membership.user_id).where(
    _membership.course_id == bindparam("course"), _membership.role.in_(STAFF)
)
_BLIND = _WHOSE.where((_reaction.user_id == bindparam("viewer")) | _reaction.user_id.in_(_OF_STAFF))


def with_threads(
    db: Db,
    text: RevisionText,
    standing: Standing,
    found: Sequence[CardView],
    most: int | None = MOST_REPLIES,
) -> None:
    """Puts replies, reactions and the question answered to the cards of a reading; in one's own there are none.

    Of the replies the `most` last ones of each thread, or all.
    """
    if standing.seat is None or not found:
        return
    posts = list(found)
    for start in range(0, len(found), _AT_ONCE):
        some = {card.id: card for card in found[start : start + _AT_ONCE]}
        numbers, keys = _shown(db, standing, list(some), most)
        for reply in _replies(db, text, standing, {key for its in keys.values() for key in its}):
            some[reply.root_id or 0].replies.append(reply)
            posts.append(reply)
        for key, root in some.items():
            root.earlier = numbers[key] - len(root.replies)
    _add_reactions(db, standing, posts)
    if standing.seat.is_staff:
        _add_reports(db, posts)
    _add_prompts(db, found)
    _add_wishes(db, standing, found)


def posts_in(
    db: Db, standing: Standing, roots: Sequence[int], most: int = MOST_REPLIES
) -> dict[int, set[int]]:
    """By annotation the keys of all the posts that its card shows or names: the answers, and what they answer."""
    posts = {root: {root} for root in roots}
    for start in range(0, len(roots), _AT_ONCE):
        _numbers, listed = _shown(db, standing, roots[start : start + _AT_ONCE], most)
        for root, keys in listed.items():
            posts[root] |= keys
        answers = sorted(key for keys in listed.values() for key in keys)
        for root, parent in db.ask(_ANSWERS_TO, {"posts": answers}) if answers else ():
            posts[root].add(parent)
    return posts


def _shown(
    db: Db, standing: Standing, roots: Sequence[int], most: int | None
) -> tuple[dict[int, int], dict[int, set[int]]]:
    """How many answers each thread shows in all, and the keys of the last of each; of all without `most`."""
    values = standing.sight.values | {"roots": roots, "most": most or _ALL}
    rows = db.ask(_LAST, values).all()
    keys = {root: {int(key) for key in (listed or "").split()} for root, _number, listed in rows}
    return {root: number for root, number, _listed in rows}, keys


def _replies(db: Db, text: RevisionText, standing: Standing, keys: Set[int]) -> list[CardView]:
    """These answers, oldest first, with the name of whom each answers."""
    if not keys:
        return []
    found = cards(db, replies(), text, standing, {"keys": sorted(keys)})
    parents = {card.parent_id for card in found if card.parent_id != card.root_id}
    names = _names(db, standing, parents) if parents else {}
    for card in found:
        card.answers = names.get(card.parent_id or 0, "")
    return found


def _names(db: Db, standing: Standing, posts: Set[int | None]) -> dict[int, str]:
    """Who wrote posts, as far as they are seen."""
    values = standing.sight.values | {"posts": list(posts)}
    wrote = {key: (author, signed) for key, author, signed in db.ask(_PARENTS, values)}
    authors = authors_of(db, standing, set(wrote.values()))
    return {key: authors[post].name for key, post in wrote.items()}


def _add_reactions(db: Db, standing: Standing, posts: Sequence[CardView]) -> None:
    seat = standing.seat
    by_id = {card.id: card for card in posts}
    found: dict[int, dict[str, ReactionView]] = defaultdict(dict)
    for start in range(0, len(posts), _AT_ONCE):
        wanted = {
            "viewer": standing.viewer_id,
            "posts": [card.id for card in posts[start : start + _AT_ONCE]],
        }
        blind = seat is not None and seat.is_blind
        query, more = (_BLIND, {"course": seat.course_id}) if seat and blind else (_WHOSE, {})
        for post, kind, people, mine in db.ask(query, wanted | more):
            found[post][kind] = ReactionView(kind, people, bool(mine))
    for key, kinds in found.items():
        by_id[key].reactions = tuple(kinds[kind] for kind in REACTIONS if kind in kinds)


def _add_reports(db: Db, posts: Sequence[CardView]) -> None:
    """Why readers think that a post should not stand, where nothing was done about it yet."""
    by_id = {card.id: card for card in posts}
    for start in range(0, len(posts), _AT_ONCE):
        keys = [card.id for card in posts[start : start + _AT_ONCE]]
        for post, words in db.ask(_OPEN_REPORTS, {"posts": keys}):
            by_id[post].reports += (words,)


def _add_prompts(db: Db, found: Sequence[CardView]) -> None:
    wanted = {card.prompt_id for card in found if card.prompt_id}
    if not wanted:
        return
    query = select(_prompt.id, _prompt.words).where(_prompt.id.in_(wanted))
    words = {row.id: row.words for row in db.ask(query)}
    for card in found:
        card.prompt = words.get(card.prompt_id or 0, "")


def _add_wishes(db: Db, standing: Standing, found: Sequence[CardView]) -> None:
    wishes = wishes_in(db, standing.viewer_id, standing.reading_id)
    for card in found:
        card.wish = wishes.stance(Place(card.reading_id, root_id=card.id))
