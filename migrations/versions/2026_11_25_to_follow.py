"""What people follow and mute, and when they last looked at what there was to tell them."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_to_follow"
down_revision = "2026_11_25_the_crowd"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "follow",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reading_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paragraph_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("root_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("stance", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stance IN ('follow', 'mute')", name=op.f("ck_follow_stance")),
        sa.CheckConstraint("paragraph_id IS NULL OR root_id IS NULL", name=op.f("ck_follow_one_place")),
        sa.ForeignKeyConstraint(
            ["paragraph_id"],
            ["paragraph.id"],
            name=op.f("fk_follow_paragraph_id_paragraph"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name=op.f("fk_follow_reading_id_reading"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["root_id"], ["annotation.id"], name=op.f("fk_follow_root_id_annotation"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_follow_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint(
            "user_id", "reading_id", "paragraph_id", name=op.f("uq_follow_user_id_reading_id_paragraph_id")
        ),
        sa.UniqueConstraint("user_id", "root_id", name=op.f("uq_follow_user_id_root_id")),
    )
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_paragraph_id"), ["paragraph_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_reading_id"), ["reading_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_root_id"), ["root_id"], unique=False)
        batch_op.create_index("ix_follow_user_id_reading_id", ["user_id", "reading_id"], unique=False)
        batch_op.create_index(
            "uq_follow_whole",
            ["user_id", "reading_id"],
            unique=True,
            sqlite_where=sa.text("paragraph_id IS NULL AND root_id IS NULL"),
            postgresql_where=sa.text("paragraph_id IS NULL AND root_id IS NULL"),
        )

    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("notices_seen_at", sa.DateTime(timezone=True), nullable=True))

    # Also finds the newest of a reading.
    op.create_index("ix_annotation_reading_id_created", "annotation", ["reading_id", "created"], unique=False)
    op.drop_index(op.f("ix_annotation_reading_id"), table_name="annotation")


def downgrade() -> None:
    """Takes it back."""
    op.create_index(op.f("ix_annotation_reading_id"), "annotation", ["reading_id"], unique=False)
    op.drop_index("ix_annotation_reading_id_created", table_name="annotation")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_column("notices_seen_at")

    op.drop_table("follow")
