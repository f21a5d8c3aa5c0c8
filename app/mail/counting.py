"""What is new to somebody in the readings of their classes: the notices of the list, counted when it is told."""

from collections import Counter
from datetime import datetime

from app.access.joined import joined_readings
from app.accounts.models import Viewer
from app.database import Db
from app.mail.letters import ReadingNews
from app.notices.candidates import Span
from app.notices.gathering import gather
from app.notices.moments import moments

_ALL = 1_000_000
"""Whatever was written within a day or a week is looked through."""


def news_for(db: Db, viewer: Viewer, since: datetime, until: datetime) -> list[ReadingNews]:
    """The readings in which something became new after `since` and not after `until`. Archived classes are silent."""
    readings = [one for one in joined_readings(db, viewer) if one.seat.archived_at is None]
    span = Span(since, until, _ALL, _ALL)
    notices = gather(db, viewer, readings, span).notices + moments(db, viewer, readings, span, until)
    numbers = Counter((one.reading.id, one.kind) for one in notices)
    found = []
    for one in sorted(readings, key=lambda one: (one.seat.course_title, one.id)):
        kinds = {kind: number for (reading_id, kind), number in numbers.items() if reading_id == one.id}
        if kinds:
            found.append(ReadingNews(one.uid, one.title, one.seat.course_title, kinds))
    return found
