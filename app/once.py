"""What a form makes is made once: the thing takes the form's own id, and a form that comes again finds it there."""

from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import Base, table_of
from app.errors import Refused
from app.identity import random_uid
from app.language import _

N = TypeVar("N", bound=Base)


def made_by(db: Session, table: type[N], form_id: str, **belongs: Any) -> N | None:
    """What the form with this id made before in a table with uids; None when it is the first time, or has no id.

    Of two that come at once one waits for the other. Refused (409) when what has that id does not hold what `belongs`
    says: somebody else's form made it.
    """
    if not form_id:
        return None
    if db.get_bind().dialect.name == "postgresql":
        # SQLite has one writer; here those with the same id stand in line until the first has committed.
        db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(form_id, 0))))
    found = db.scalar(select(table).where(table_of(table).c.uid == form_id))
    if found and any(getattr(found, name) != value for name, value in belongs.items()):
        raise Refused(
            _("That id is taken. Load the page again and send it once more."), field="uid", status=409
        )
    return found


def named_by(form_id: str) -> str:
    """The uid of what a form makes."""
    return form_id or random_uid()
