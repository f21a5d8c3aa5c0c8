"""Whether a class shows how many of it have a reading open."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_who_is_here"
down_revision = "2026_11_25_to_follow"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    op.add_column(
        "course", sa.Column("shows_presence", sa.Boolean(), server_default=sa.true(), nullable=False)
    )


def downgrade() -> None:
    """Takes it back."""
    with op.batch_alter_table("course", schema=None, table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_column("shows_presence")
