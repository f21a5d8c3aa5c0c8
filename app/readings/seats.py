"""Seats: what a member is in one reading of a course, and what follows for seeing and writing there."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.courses.models import STAFF, STUDENT
from app.database import now
from app.readings.audiences import Sight, Whom, chosen_whom
from app.readings.models import AT_ONCE, CHOICES, GROUP, ME, NAME, ON_DATE, PSEUDONYM


@dataclass(frozen=True)
class Seat:
    """A member in a reading of a course. Times are in UTC; `due_at` is the member's own."""

    course_id: int
    course_uid: str
    course_title: str
    timezone: str
    # Whether students may (`allowed`), must (`required`) or cannot (`off`) hide their names.
    anonymity: str
    archived_at: datetime | None
    role: str
    group_id: int | None
    group_name: str | None
    instructions: str
    opens_at: datetime | None
    due_at: datetime | None
    reveal_kind: str
    reveal_at: datetime | None
    reveal_n: int | None
    # When staff revealed the reading to all, and when this member had earned it.
    all_revealed_at: datetime | None
    own_revealed_at: datetime | None
    # What the switch stands at, and whether the member signs with a name: as they chose, or as the rules begin.
    choice: str
    signs_as: str
    pseudonym: str | None
    # The number of the newest event that a page has shown them; 0 before the first.
    seen_seq: int
    # Whether the class shows how many of it have a reading open.
    shows_presence: bool

    @property
    def is_staff(self) -> bool:
        """Whether the member teaches here."""
        return self.role in STAFF

    @property
    def is_draft(self) -> bool:
        """Whether students do not find the reading yet."""
        return self.opens_at is None or self.opens_at > now()

    @property
    def revealed_at(self) -> datetime | None:
        """Since when the member sees what other students wrote; None while the reading is blind for them."""
        return self.revealed_to(self.own_revealed_at)

    def revealed_to(self, earned_at: datetime | None) -> datetime | None:
        """Since when somebody who had earned it then sees what other students wrote. Nothing is revealed at once."""
        if self.reveal_kind == AT_ONCE:
            return None
        at = [when for when in (self.all_revealed_at, earned_at) if when]
        if self.reveal_kind == ON_DATE and self.reveal_at and self.reveal_at <= now():
            at.append(self.reveal_at)
        return min(at, default=None)

    @property
    def is_blind(self) -> bool:
        """Whether the work of other students is hidden from the member. Decided now, at each read."""
        return self.role == STUDENT and self.reveal_kind != AT_ONCE and self.revealed_at is None

    @property
    def hides_peers(self) -> bool:
        """Whether some students may not see each other's work yet."""
        return replace(self, role=STUDENT, own_revealed_at=None).is_blind

    @property
    def of_any_peer(self) -> "Seat":
        """A student's seat without what is only this one's: two who see the same of others share it."""
        earned = None if self.is_blind else datetime.min.replace(tzinfo=UTC)
        return replace(
            self,
            group_id=None,
            group_name=None,
            due_at=None,
            own_revealed_at=earned,
            choice=ME,
            signs_as=NAME,
            pseudonym=None,
            seen_seq=0,
        )

    @property
    def zone(self) -> ZoneInfo:
        """The clock that the course goes by."""
        return ZoneInfo(self.timezone)

    @property
    def choices(self) -> tuple[str, ...]:
        """Where the switch can stand."""
        return tuple(choice for choice in CHOICES if choice != GROUP or self.group_id)

    @property
    def signatures(self) -> tuple[str, ...]:
        """What the member may sign with."""
        if self.is_staff or self.anonymity == "off":
            return (NAME,)
        return (PSEUDONYM,) if self.anonymity == "required" else (NAME, PSEUDONYM)

    def signature(self, wanted: str | None) -> str:
        """What a post is signed with when that was asked for: the rules come first."""
        return wanted if wanted in self.signatures else self.signatures[0]

    def whom(self, viewer_id: int, choice: str | None) -> Whom | None:
        """Whom a post is for at a switch that stands so; None for a group that the member is not in."""
        return chosen_whom(choice or self.choice, viewer_id, self.group_id, staff=self.is_staff)


@dataclass(frozen=True)
class Standing:
    """Where somebody stands in a reading: what they see there, and their seat if it is a course's."""

    reading_id: int
    sight: Sight
    seat: Seat | None = None

    @property
    def viewer_id(self) -> int:
        """Whose standing it is."""
        return self.sight.viewer_id

    @property
    def of_any_peer(self) -> "Standing | None":
        """How anybody stands who sees the same of others: what a student sees where nothing is theirs.

        None for staff, who see more, and in one's own reading.
        """
        if self.seat is None or self.seat.is_staff:
            return None
        others = tuple(key for key in self.sight.audiences if key in self.sight.counted)
        sight = Sight(0, others, counted=self.sight.counted)
        return Standing(self.reading_id, sight, self.seat.of_any_peer)


def starting_choice(chosen: str | None, begins: str, group_id: int | None) -> str:
    """What the switch stands at: nobody writes for a group that they are no longer in."""
    choice = chosen or begins
    return ME if choice == GROUP and group_id is None else choice
