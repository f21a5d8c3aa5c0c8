"""When digests are due: at the morning of the person's classes; one task a person, held by one process at a time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app.activity.models import Task
from app.courses.models import Course, Membership
from app.database import insert_on, now
from app.mail.models import RHYTHMS, WEEKLY, Digest

KIND = "digest"
MORNING = time(7)
"""When a digest comes, on the clock of a class."""
_MONDAY = 0
_LEASE = timedelta(minutes=10)
_TRY_AGAIN = timedelta(hours=1)
_MOST_PATIENCE = timedelta(days=1)


def key_of(user_id: int) -> str:
    """What the task of somebody's digest is called."""
    return f"{KIND}:{user_id}"


def set_rhythm(db: Session, user_id: int, rhythm: str) -> None:
    """Has a digest sent from now on, the first at the next morning or Monday morning; `off` for none."""
    db.execute(delete(Task).where(Task.key == key_of(user_id)))
    if rhythm not in RHYTHMS:
        db.execute(delete(Digest).where(Digest.user_id == user_id))
        return
    at = now()
    wish = {"user_id": user_id, "rhythm": rhythm, "since": at}
    insert = insert_on(db.get_bind().dialect.name, Digest)
    # What has been told already stays told.
    db.execute(insert.on_conflict_do_update(index_elements=["user_id"], set_={"rhythm": rhythm}), wish)
    db.add(Task(kind=KIND, key=key_of(user_id), due_at=next_morning(at, zone_of(db, user_id, at), rhythm)))


def zone_of(db: Session, user_id: int, at: datetime) -> ZoneInfo:
    """The clock that somebody's digest goes by: of their classes under way the one where morning comes first.

    One clock for all, so that people in several zones get one letter a day; UTC for who is in no class.
    """
    theirs = select(Course.timezone).join(Membership, Membership.course_id == Course.id)
    under_way = theirs.where(
        Membership.user_id == user_id,
        Membership.left_at.is_(None),
        Membership.removed_at.is_(None),
        Course.archived_at.is_(None),
    )
    zones = map(ZoneInfo, sorted(set(db.scalars(under_way))))
    return max(zones, key=lambda zone: at.astimezone(zone).replace(tzinfo=None), default=ZoneInfo("UTC"))


def next_morning(after: datetime, zone: ZoneInfo, rhythm: str) -> datetime:
    """The next seven o'clock on a clock, whatever its summer time does; for a weekly digest a Monday's. In UTC."""
    day = after.astimezone(zone).date()
    while True:
        morning = datetime.combine(day, MORNING, zone).astimezone(UTC)
        if morning > after and (rhythm != WEEKLY or day.weekday() == _MONDAY):
            return morning
        day += timedelta(days=1)


def lease_next(db: Session, at: datetime) -> str | None:
    """The key of a task that is due and that nobody has in hand, now held by the caller; None when there is none.

    Whoever does not come back loses it after ten minutes.
    """
    free = (
        Task.kind == KIND,
        Task.due_at <= at,
        or_(Task.leased_until.is_(None), Task.leased_until < at),
    )
    found = select(Task.id).where(*free).order_by(Task.due_at).limit(1).with_for_update(skip_locked=True)
    key = db.scalar(found)
    if key is None:
        return None
    held = update(Task).where(Task.id == key, *free)
    return db.scalar(held.values(leased_until=at + _LEASE, tries=Task.tries + 1).returning(Task.key))


def done(db: Session, key: str, user_id: int, counted_at: datetime, at: datetime) -> None:
    """The digest was sent, or there was nothing to tell: the next is due in its time. Those missed are not made up."""
    rhythm = db.scalar(
        update(Digest).where(Digest.user_id == user_id).values(since=counted_at).returning(Digest.rhythm)
    )
    if rhythm is None:
        drop(db, key)
        return
    due = next_morning(at, zone_of(db, user_id, at), rhythm)
    db.execute(update(Task).where(Task.key == key).values(due_at=due, leased_until=None, tries=0))


def failed(db: Session, key: str, at: datetime) -> None:
    """It could not be sent: it is tried again after an hour, later after more, at most a day."""
    tries = db.scalar(select(Task.tries).where(Task.key == key)) or 1
    due = at + min(_TRY_AGAIN * tries, _MOST_PATIENCE)
    db.execute(update(Task).where(Task.key == key).values(due_at=due, leased_until=None))


def drop(db: Session, key: str) -> None:
    """There is nobody to send it to any more."""
    db.execute(delete(Task).where(Task.key == key))
