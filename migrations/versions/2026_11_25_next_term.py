"""Whose words the examples are that a copied class is shown."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_next_term"
down_revision = "2026_11_25_margins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "example",
        sa.Column("annotation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["annotation_id"],
            ["annotation.id"],
            name=op.f("fk_example_annotation_id_annotation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_example_course_id_course"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_example_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("annotation_id", name=op.f("pk_example")),
    )
    with op.batch_alter_table("example", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_example_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_example_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    with op.batch_alter_table("example", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_example_user_id"))
        batch_op.drop_index(batch_op.f("ix_example_course_id"))

    op.drop_table("example")
