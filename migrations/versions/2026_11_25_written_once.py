"""Which form made each earlier version of an annotation, so that a form that comes again is known later, too."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_written_once"
down_revision = "2026_11_25_who_is_here"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the change."""
    op.add_column("annotation_version", sa.Column("operation", sa.String(), nullable=True))
    op.create_index(op.f("ix_annotation_version_operation"), "annotation_version", ["operation"])


def downgrade() -> None:
    """Takes it back."""
    op.drop_index(op.f("ix_annotation_version_operation"), "annotation_version")
    with op.batch_alter_table("annotation_version", schema=None) as batch_op:
        batch_op.drop_column("operation")
