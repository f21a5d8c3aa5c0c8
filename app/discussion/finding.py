"""One post as a card, and the hand that answers it."""

from dataclasses import replace

from sqlalchemy import bindparam, select

from app.annotations.card_views import CardView
from app.annotations.cards import cards, numbered
from app.annotations.hands import Hand
from app.annotations.models import Annotation
from app.database import Db, table_of
from app.discussion.threads import with_threads
from app.errors import Refused
from app.language import _
from app.library.texts import RevisionText
from app.readings.audiences import Whom, whom_of
from app.readings.models import CLASS, GROUP, ME, STAFF_ONLY, TO_STAFF, Audience
from app.readings.seats import Standing

# Kinds of audiences, those of fewer people first.
_FEWER = (ME, STAFF_ONLY, TO_STAFF, GROUP, CLASS)
_AUDIENCE = select(table_of(Audience)).where(table_of(Audience).c.id == bindparam("audience"))


def card_of(db: Db, text: RevisionText, standing: Standing, annotation_id: int) -> CardView:
    """A post that the viewer may see, with its whole thread."""
    found = cards(db, numbered(), text, standing, {"key": annotation_id})
    with_threads(db, text, standing, [card for card in found if card.root_id is None], most=None)
    return found[0]


def whom_for(db: Db, post: Annotation) -> Whom:
    """Whom a post is for."""
    return whom_of(db.ask(_AUDIENCE, {"audience": post.audience_id}).one())


def answering(
    db: Db, hand: Hand, post: Annotation, root: Annotation, *, staff: bool, private: bool = False
) -> Hand:
    """The hand that answers a post: for its author alone, or for those who see both it and what began its thread.

    Where one is for another group (or another student) than the other, those are the staff.

    Refused (409) when there is no author left.
    """
    if private and post.author_id is None:
        raise Refused(_("Who wrote this is gone, so nobody would see an answer to them alone."), status=409)
    if private:
        return replace(hand, whom=Whom(TO_STAFF, post.author_id))
    above = [whom_for(db, one).by(staff=False) for one in (root, post)]
    fewest = min(above, key=lambda whom: _FEWER.index(whom.kind))
    if any(whom.kind == fewest.kind and whom != fewest for whom in above):
        fewest = Whom(STAFF_ONLY) if staff else Whom(TO_STAFF, hand.author_id)
    return replace(hand, whom=fewest.by(staff=staff))


def root_of(db: Db, post: Annotation) -> Annotation:
    """The annotation whose thread a post stands in."""
    return post if post.root_id is None else db.read.get_one(Annotation, post.root_id)
