"""Confirmed e-mail addresses, and digests."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_sent_mail"
down_revision = "2026_11_25_next_term"
branch_labels = None
depends_on = None

OLD_PURPOSES = "purpose IN ('claim', 'password')"
PURPOSES = "purpose IN ('claim', 'password', 'email')"


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "digest",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rhythm", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rhythm IN ('daily', 'weekly')", name=op.f("ck_digest_rhythm")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_digest_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_digest")),
    )
    with op.batch_alter_table("one_time_address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(), nullable=True))
        batch_op.drop_constraint(op.f("ck_one_time_address_purpose"), type_="check")
        batch_op.create_check_constraint(op.f("ck_one_time_address_purpose"), PURPOSES)

    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Takes it back; links and tasks that the older version does not know go."""
    op.execute("DELETE FROM one_time_address WHERE purpose = 'email'")
    op.execute("DELETE FROM task WHERE kind = 'digest'")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_column("email_confirmed_at")

    with op.batch_alter_table("one_time_address", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_one_time_address_purpose"), type_="check")
        batch_op.create_check_constraint(op.f("ck_one_time_address_purpose"), OLD_PURPOSES)
        batch_op.drop_column("email")

    op.drop_table("digest")
