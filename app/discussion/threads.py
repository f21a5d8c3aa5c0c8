"""Threads: the replies and reactions that belong to cards, as far as the viewer sees them."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import bindparam, case, func, select

from app.annotations.card_views import CardView, ReactionView
from app.annotations.cards import cards, replies_to
from app.courses.models import STAFF, Membership
from app.database import Db, table_of
from app.discussion.following import Place, wishes_in
from app.discussion.models import REACTIONS, Reaction, Report
from app.library.texts import RevisionText
from app.readings.models import Prompt
from app.readings.seats import Standing

MOST_REPLIES = 2
"""Answers of a thread that a card in the margin shows; the others are behind a link."""
_AT_ONCE = 400

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
    """Puts replies, reactions and the question answered to the cards of a reading; in one's own there are none."""
    if standing.seat is None or not found:
        return
    posts = list(found)
    for start in range(0, len(found), _AT_ONCE):
        some = {card.id: card for card in found[start : start + _AT_ONCE]}
        for thread in _threads(db, text, standing, some).values():
            root = some[thread[0].root_id or 0]
            root.replies = thread if most is None else thread[-most:]
            root.earlier = len(thread) - len(root.replies)
            posts += root.replies
    _add_reactions(db, standing, posts)
    if standing.seat.is_staff:
        _add_reports(db, posts)
    _add_prompts(db, found)
    _add_wishes(db, standing, found)


def _threads(
    db: Db, text: RevisionText, standing: Standing, roots: dict[int, CardView]
) -> dict[int, list[CardView]]:
    """The replies of each root, oldest first; a deleted one only when something answers it."""
    replies = cards(db, replies_to(), text, standing, {"roots": list(roots)})
    names = {
        card.id: card.author.name for card in [*replies, *roots.values()] if card.author and not card.is_gone
    }
    answered = {reply.parent_id for reply in replies if not reply.is_gone}
    threads: dict[int, list[CardView]] = defaultdict(list)
    for reply in replies:
        if reply.is_gone and reply.id not in answered:
            continue
        if reply.parent_id != reply.root_id:
            reply.answers = names.get(reply.parent_id or 0, "")
        threads[reply.root_id or 0].append(reply)
    return threads


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
