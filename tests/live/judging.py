"""The judge of what pages were told: against what happened, by rules that are written down here anew."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from app.activity.models import Event, Stream
from app.annotations.models import Annotation, Target, TargetParagraph
from app.annotations.writing import WITHDRAWN
from app.library.models import Paragraph
from app.readings.models import Audience, Reading
from tests.courses.room import SetText


@dataclass
class Message:
    """What was told at once: until which event, and in which paragraphs."""

    uid: str
    paragraphs: set[int]


@dataclass
class Told:
    """What a page was told, one message after the other, and whose it is, by key."""

    name: str
    user: int
    messages: Sequence[Message]


@dataclass
class Happened:
    """An event as the database holds it."""

    seq: int
    uid: str
    actor: int | None
    audience: Audience
    # For a reply, whom its thread was ever for.
    above: list[Audience]
    paragraphs: set[int]
    # Whether it may have gone out of somebody's sight since: then nobody has to be told of it.
    is_gone: bool
    at: datetime


@dataclass
class Verdict:
    """What was wrong with what a page was told."""

    missed: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    unauthorised: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.missed or self.repeated or self.unauthorised)


def history(text: SetText) -> list[Happened]:
    """Everything that happened in a reading."""
    with text.room.world.database.reading() as db:
        audiences = {row.id: row for row in db.scalars(select(Audience))}
        posts = {row.id: row for row in db.scalars(select(Annotation))}
        places: dict[int, set[int]] = defaultdict(set)
        for post, n in db.execute(
            select(Target.annotation_id, Paragraph.ordinal)
            .join(TargetParagraph, TargetParagraph.target_id == Target.id)
            .join(Paragraph, Paragraph.id == TargetParagraph.paragraph_id)
        ):
            places[post].add(n)
        reading = select(Reading.id).where(Reading.uid == text.uid).scalar_subquery()
        events = list(
            db.scalars(select(Event).join(Stream).where(Stream.reading_id == reading).order_by(Event.seq))
        )
        ever: dict[int, set[int]] = defaultdict(set)
        for event in events:
            ever[event.subject_id or 0].add(event.audience_id or 0)
        return [_happened(event, posts, audiences, places, ever) for event in events]


def _happened(
    event: Event,
    posts: dict[int, Annotation],
    audiences: dict[int, Audience],
    places: dict[int, set[int]],
    ever: dict[int, set[int]],
) -> Happened:
    post = posts[event.subject_id or 0]
    above = ever[post.root_id] if post.root_id else set()
    # What is for others now was told where it stood: by the event that withdrew it, which has to be told.
    moved = post.audience_id != event.audience_id and event.kind != WITHDRAWN
    return Happened(
        event.seq,
        event.uid,
        event.actor_id,
        audiences[event.audience_id or 0],
        [audiences[key] for key in above],
        places[post.id],
        moved or len(above) > 1,
        event.at,
    )


def may_know(event: Happened, user: int, group: int | None, kind: str) -> bool:
    """Whether somebody may hear of an event: said anew here, by the table of the plan. `kind`: staff, open or blind."""
    if event.actor == user:
        return True
    above = [_is_among(one, user, group, kind) for one in event.above]
    return _is_among(event.audience, user, group, kind) and (not above or any(above))


def _is_among(one: Audience, user: int, group: int | None, kind: str) -> bool:
    mine = one.user_id == user
    to_peers = one.kind == "class" or (one.kind == "group" and one.group_id == group)
    if kind == "staff":
        return one.kind != "me" or mine
    return (one.kind in ("me", "to_staff") and mine) or (to_peers and (one.by_staff or kind == "open"))


def judged(told: Told, events: list[Happened], group: int | None, kind: str, *, to_the_end: bool) -> Verdict:
    """Holds what a page was told against what happened. See `tests/live/test_campaign.py` for the terms."""
    verdict, numbers = Verdict(), {event.uid: event.seq for event in events}
    user = told.user
    mine = [event for event in events if may_know(event, user, group, kind)]
    known = {event.uid for event in mine}
    before = 0
    for message in told.messages:
        seq = numbers.get(message.uid, 0)
        if seq <= before:
            verdict.repeated.append(message.uid)
        new = [event for event in mine if before < event.seq <= seq]
        allowed = set().union(*(event.paragraphs for event in new))
        if message.uid not in known or not message.paragraphs <= allowed:
            verdict.unauthorised.append(f"{told.name}: {message} {sorted(message.paragraphs - allowed)}")
        verdict.missed += [
            f"{told.name}: {event.seq} in {event.paragraphs}"
            for event in new
            if not event.is_gone and not event.paragraphs <= message.paragraphs
        ]
        before = max(before, seq)
    late = [event for event in mine if event.seq > before and event.paragraphs and not event.is_gone]
    verdict.missed += [f"{told.name}: {event.seq} after the last" for event in late if to_the_end]
    return verdict


GRACE = timedelta(seconds=5)
"""Within which access ends a stream."""
