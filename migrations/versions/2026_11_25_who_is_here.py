"""Who has a reading open now, and whether a class shows how many."""

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
    op.create_table(
        "presence",
        sa.Column("reading_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name=op.f("fk_presence_reading_id_reading"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_presence_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reading_id", "user_id", "process", name=op.f("pk_presence")),
    )
    op.create_index(op.f("ix_presence_user_id"), "presence", ["user_id"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_table("presence")
    with op.batch_alter_table("course", schema=None, table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_column("shows_presence")
