"""One post as a card, and the hand that answers it."""

from dataclasses import replace

from sqlalchemy import bindparam, select

from app.annotations.cards import CardView, cards, numbered
from app.annotations.hands import Hand
from app.annotations.models import Annotation
from app.database import Db, table_of
from app.discussion.threads import with_threads
from app.library.texts import RevisionText
from app.readings.audiences import Whom, whom_of
from app.readings.models import TO_STAFF, Audience
from app.readings.seats import Standing

_AUDIENCE = select(table_of(Audience)).where(table_of(Audience).c.id == bindparam("audience"))


def card_of(db: Db, text: RevisionText, standing: Standing, annotation_id: int) -> CardView:
    """A post that the viewer may see, with its whole thread."""
    found = cards(db, numbered(), text, standing, {"key": annotation_id})
    with_threads(db, text, standing, [card for card in found if card.root_id is None], most=None)
    return found[0]


def whom_for(db: Db, post: Annotation) -> Whom:
    """Whom a post is for."""
    return whom_of(db.ask(_AUDIENCE, {"audience": post.audience_id}).one())


def answering(db: Db, hand: Hand, root: Annotation, *, staff: bool, private: bool = False) -> Hand:
    """The hand that answers in a thread: for those whom the thread is for, or for its author alone."""
    if private and root.author_id is not None:
        return replace(hand, whom=Whom(TO_STAFF, root.author_id))
    return replace(hand, whom=whom_for(db, root).by(staff=staff))


def root_of(db: Db, post: Annotation) -> Annotation:
    """The annotation whose thread a post stands in."""
    return post if post.root_id is None else db.read.get_one(Annotation, post.root_id)
