"""An index of the events that put posts out of peers' sight and back: whether one was there at some moment is asked."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_out_of_sight"
down_revision = "2026_11_25_written_once"
branch_labels = None
depends_on = None

_HIDING = sa.text("kind IN ('post.hidden', 'post.shown')")


def upgrade() -> None:
    """Makes the change."""
    op.create_index(
        "ix_event_hiding", "event", ["subject_id", "seq"], sqlite_where=_HIDING, postgresql_where=_HIDING
    )


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_event_hiding", "event")
