"""Hands: who writes, where, for whom to see, and under which name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from app.readings.audiences import Whom, audience_in
from app.readings.models import ME, NAME


@dataclass(frozen=True)
class Hand:
    """Somebody who writes in a reading."""

    author_id: int
    reading_id: int
    revision_id: int
    whom: Whom
    signed_as: str = NAME
    # Audiences that are there already, so that they need not be looked for.
    known: Mapping[Whom, int] = field(default_factory=dict)
    # How many annotations that others will see open their work to the author, if that is still to be earned.
    earning: int | None = None

    def audience(self, writing: Connection) -> int:
        """The key of the audience written for."""
        return self.known.get(self.whom) or audience_in(writing, self.reading_id, self.whom)

    def me(self, writing: Connection) -> int:
        """The key of the audience that is the author alone."""
        alone = Whom(ME, self.author_id)
        return self.known.get(alone) or audience_in(writing, self.reading_id, alone)
