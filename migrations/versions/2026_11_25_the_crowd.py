"""Counts of people for each paragraph, sentence and span, and which annotations have a card in the margin."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_the_crowd"
down_revision = "2026_11_25_sent_mail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "density",
        sa.Column("audience_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paragraph_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sentence", sa.Integer(), nullable=False),
        sa.Column(
            "tag_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "also_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_id"], ["audience.id"], name=op.f("fk_density_audience_id_audience"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["paragraph_id"],
            ["paragraph.id"],
            name=op.f("fk_density_paragraph_id_paragraph"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "audience_id", "paragraph_id", "sentence", "tag_id", "also_id", name=op.f("pk_density")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paragraph_count",
        sa.Column("audience_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paragraph_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("annotations", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_id"],
            ["audience.id"],
            name=op.f("fk_paragraph_count_audience_id_audience"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["paragraph_id"],
            ["paragraph.id"],
            name=op.f("fk_paragraph_count_paragraph_id_paragraph"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("audience_id", "paragraph_id", name=op.f("pk_paragraph_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "span_count",
        sa.Column("audience_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paragraph_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column(
            "tag_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_id"],
            ["audience.id"],
            name=op.f("fk_span_count_audience_id_audience"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["paragraph_id"],
            ["paragraph.id"],
            name=op.f("fk_span_count_paragraph_id_paragraph"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "audience_id", "paragraph_id", "start", "end", "tag_id", name=op.f("pk_span_count")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_span_count_people",
        "span_count",
        ["audience_id", "paragraph_id", "people", "start", "end", "tag_id"],
        unique=False,
    )
    op.create_table(
        "margin_card",
        sa.Column(
            "annotation_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("reading_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("audience_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paragraph_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["annotation_id"],
            ["annotation.id"],
            name=op.f("fk_margin_card_annotation_id_annotation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["audience_id"],
            ["audience.id"],
            name=op.f("fk_margin_card_audience_id_audience"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["paragraph_id"],
            ["paragraph.id"],
            name=op.f("fk_margin_card_paragraph_id_paragraph"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name=op.f("fk_margin_card_reading_id_reading"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("annotation_id", name=op.f("pk_margin_card")),
    )
    with op.batch_alter_table("margin_card", schema=None) as batch_op:
        batch_op.create_index(
            "ix_margin_card_audience",
            ["audience_id", "paragraph_id", "start", "end", "annotation_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_margin_card_reading",
            ["reading_id", "paragraph_id", "start", "end", "annotation_id"],
            unique=False,
        )

    with op.batch_alter_table("target_paragraph", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index(
            "ix_target_paragraph_paragraph_id_author_id", ["paragraph_id", "author_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_target_paragraph_author_id_user"),
            "user",
            ["author_id"],
            ["id"],
            ondelete="SET NULL",
        )

    op.create_index("ix_event_audience_id_seq", "event", ["audience_id", "seq"], unique=False)
    op.create_index(
        "ix_annotation_pinned",
        "annotation",
        ["reading_id"],
        unique=False,
        sqlite_where=sa.text("pinned_at IS NOT NULL"),
        postgresql_where=sa.text("pinned_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_annotation_pinned", table_name="annotation")
    op.drop_index("ix_event_audience_id_seq", table_name="event")
    with op.batch_alter_table("target_paragraph", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_target_paragraph_author_id_user"), type_="foreignkey")
        batch_op.drop_index("ix_target_paragraph_paragraph_id_author_id")
        batch_op.drop_column("author_id")

    op.drop_table("margin_card")
    op.drop_table("span_count")
    op.drop_table("paragraph_count")
    op.drop_table("density")
