"""What an administrator does to accounts: permitting, putting out of reach for a while, taking away for good."""

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User, end_sessions
from app.activity.models import audit
from app.annotations.crowd.carding import keep_cards
from app.annotations.models import Annotation
from app.codebook.models import Tagset
from app.copying.taking_back import take_back
from app.courses.models import INSTRUCTOR, Course, Membership
from app.database import now
from app.discussion.removing import take_away
from app.errors import Refused
from app.language import _
from app.library.models import Article
from app.readings.audiences import Whom, audience_in
from app.readings.models import STAFF_ONLY, Audience, Reading

_THERE = (Membership.left_at.is_(None), Membership.removed_at.is_(None))


def deactivate(db: Session, user_id: int, user_uid: str, by_id: int) -> None:
    """Nobody signs in to the account until it is activated again. Refused (409) for the last administrator."""
    _refuse_last_administrator(db, user_id)
    db.execute(update(User).where(User.id == user_id).values(deactivated_at=now()))
    end_sessions(db, user_id)
    audit(db, "user.deactivated", who_id=by_id, to_what=user_uid)


def activate(db: Session, user_id: int, user_uid: str, by_id: int) -> None:
    """Lets a deactivated person sign in again."""
    db.execute(update(User).where(User.id == user_id).values(deactivated_at=None))
    audit(db, "user.activated", who_id=by_id, to_what=user_uid)


def permit(db: Session, user_id: int, user_uid: str, by_id: int, *, courses: bool) -> None:
    """Lets a person open courses, or no longer; those there are stay."""
    db.execute(update(User).where(User.id == user_id).values(may_create_courses=courses))
    audit(db, "user.permitted" if courses else "user.unpermitted", who_id=by_id, to_what=user_uid)


def erase(db: Session, user_id: int, user_uid: str, by_id: int) -> None:
    """Removes a person at once and for good, with articles, annotations, codebooks, and courses that nobody else is in.

    Refused (409) for the last administrator, and for the only instructor of a class that others are in.
    """
    _refuse_last_administrator(db, user_id)
    _refuse_needed_instructor(db, user_id)
    _erase_courses_of_nobody_else(db, user_id)
    _hand_on_articles(db, user_id)
    # From the leaves inward: PostgreSQL checks a reference before it has followed every cascade.
    readings = select(Reading.id).where(Reading.owner_id == user_id)
    db.execute(delete(Annotation).where(Annotation.reading_id.in_(readings)))
    take_away(db, db.scalars(select(Annotation.id).where(Annotation.author_id == user_id)).all())
    take_back(db, user_id)
    _forget_audiences(db, user_id)
    db.execute(delete(Reading).where(Reading.id.in_(readings)))
    db.execute(delete(Article).where(Article.owner_id == user_id))
    db.execute(delete(Tagset).where(Tagset.owner_id == user_id))
    audit(db, "user.erased", who_id=None if by_id == user_id else by_id, to_what=user_uid)
    db.execute(delete(User).where(User.id == user_id))


def _refuse_last_administrator(db: Session, user_id: int) -> None:
    others = select(func.count()).where(User.is_admin, User.id != user_id, User.deactivated_at.is_(None))
    if db.scalar(select(User.is_admin).where(User.id == user_id)) and not db.scalar(others):
        raise Refused(
            _("A server needs an administrator. Make another one first (postil create-admin)."), status=409
        )


def _refuse_needed_instructor(db: Session, user_id: int) -> None:
    teaching = _taught_by(user_id)
    others = select(Membership.course_id).where(Membership.user_id != user_id, *_THERE)
    taught = others.where(Membership.role == INSTRUCTOR)
    needed = select(Course.title).where(
        Course.id.in_(teaching), Course.id.in_(others), Course.id.not_in(taught)
    )
    if title := db.scalar(needed.order_by(Course.title).limit(1)):
        words = _("“%(title)s” would be without an instructor. Make somebody else one first.")
        raise Refused(words % {"title": title}, status=409)


def _erase_courses_of_nobody_else(db: Session, user_id: int) -> None:
    others = select(Membership.course_id).where(Membership.user_id != user_id, *_THERE)
    alone = select(Course.id).where(Course.id.in_(_taught_by(user_id)), Course.id.not_in(others))
    readings = select(Reading.id).where(Reading.course_id.in_(alone))
    db.execute(delete(Annotation).where(Annotation.reading_id.in_(readings)))
    db.execute(delete(Reading).where(Reading.id.in_(readings)))
    db.execute(delete(Course).where(Course.id.in_(alone)))


def _hand_on_articles(db: Session, user_id: int) -> None:
    """Texts that a class reads stay with it: another of its instructors has them from now on."""
    heir = (
        select(func.min(Membership.user_id))
        .join(Reading, Reading.course_id == Membership.course_id)
        .where(
            Reading.article_id == Article.id,
            Membership.role == INSTRUCTOR,
            Membership.user_id != user_id,
            *_THERE,
        )
        .correlate(Article)
        .scalar_subquery()
    )
    theirs = (Article.owner_id == user_id, heir.is_not(None))
    db.execute(update(Article).where(*theirs).values(owner_id=heir))


def _forget_audiences(db: Session, user_id: int) -> None:
    """What staff wrote to this person alone goes, too: nobody is left whom it was for."""
    theirs = select(Audience.id).where(Audience.user_id == user_id)
    take_away(db, db.scalars(select(Annotation.id).where(Annotation.audience_id.in_(theirs))).all())
    places = select(Annotation.id, Annotation.reading_id).where(Annotation.audience_id.in_(theirs))
    for key, reading_id in db.execute(places).all():
        staff = audience_in(db.connection(), reading_id, Whom(STAFF_ONLY))
        db.execute(update(Annotation).where(Annotation.id == key).values(audience_id=staff))
        keep_cards(db.connection(), [key])


def _taught_by(user_id: int) -> Select[int]:
    return select(Membership.course_id).where(
        Membership.user_id == user_id, Membership.role == INSTRUCTOR, *_THERE
    )
