"""Readings of courses, their audiences and prompts; threads, reactions, mentions and reports."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_margins"
down_revision = "2026_11_25_courses"
branch_labels = None
depends_on = None

COUNTED = {"sqlite_autoincrement": True}
OF_ALL = dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text("user_id IS NULL AND group_id IS NULL"))
MOTIVATIONS = "motivation IN ('highlighting', 'commenting', 'classifying', 'questioning', 'replying')"
OLD_MOTIVATIONS = "motivation IN ('highlighting', 'commenting', 'classifying')"
TARGETS = "kind IN ('span', 'paragraph', 'article', 'annotation')"
SIGNATURES = "signed_as IN ('name', 'pseudonym')"
ONE_OWNER = "(owner_id IS NULL) <> (course_id IS NULL)"
CHOICES = "audience IN ('me', 'staff', 'group', 'class')"
# What the older tables have no place for.
WITHOUT_PLACE = """
DELETE FROM annotation WHERE root_id IS NOT NULL
  OR reading_id IN (SELECT id FROM reading WHERE owner_id IS NULL)
  OR audience_id IN (SELECT id FROM audience WHERE kind <> 'me')
  OR id IN (SELECT annotation_id FROM target WHERE kind <> 'span');
UPDATE annotation SET motivation = 'commenting' WHERE motivation IN ('questioning', 'replying');
DELETE FROM event WHERE audience_id IN (SELECT id FROM audience WHERE kind <> 'me');
DELETE FROM clock WHERE audience_id IN (SELECT id FROM audience WHERE kind <> 'me');
DELETE FROM annotation_version WHERE audience_id IN (SELECT id FROM audience WHERE kind <> 'me');
DELETE FROM audience WHERE kind <> 'me';
DELETE FROM reading WHERE owner_id IS NULL;
DELETE FROM tagset WHERE owner_id IS NULL
"""


def upgrade() -> None:
    """Makes the change."""
    op.create_table(
        "prompt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("reading_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paragraph_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["paragraph_id"], ["paragraph.id"], name=op.f("fk_prompt_paragraph_id_paragraph")
        ),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name=op.f("fk_prompt_reading_id_reading"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt")),
        sa.UniqueConstraint("uid", name=op.f("uq_prompt_uid")),
    )
    with op.batch_alter_table("prompt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prompt_paragraph_id"), ["paragraph_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_prompt_reading_id"), ["reading_id"], unique=False)

    op.create_table(
        "mention",
        sa.Column("annotation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["annotation_id"],
            ["annotation.id"],
            name=op.f("fk_mention_annotation_id_annotation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_mention_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("annotation_id", "user_id", name=op.f("pk_mention")),
    )
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mention_user_id"), ["user_id"], unique=False)

    op.create_table(
        "reaction",
        sa.Column("annotation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('agree', 'disagree', 'question', 'thanks')", name=op.f("ck_reaction_kind")
        ),
        sa.ForeignKeyConstraint(
            ["annotation_id"],
            ["annotation.id"],
            name=op.f("fk_reaction_annotation_id_annotation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_reaction_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("annotation_id", "user_id", "kind", name=op.f("pk_reaction")),
    )
    with op.batch_alter_table("reaction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reaction_user_id"), ["user_id"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("annotation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["annotation_id"],
            ["annotation.id"],
            name=op.f("fk_report_annotation_id_annotation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["user.id"], name=op.f("fk_report_reporter_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("annotation_id", "reporter_id", name=op.f("uq_report_annotation_id_reporter_id")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_reporter_id"), ["reporter_id"], unique=False)

    with op.batch_alter_table("annotation", table_kwargs=COUNTED) as batch_op:
        batch_op.drop_constraint(op.f("ck_annotation_motivation"), type_="check")
        batch_op.add_column(sa.Column("signed_as", sa.String(), server_default="name", nullable=False))
        batch_op.add_column(
            sa.Column("root_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("prompt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("hidden_word", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_annotation_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_annotation_prompt_id"), ["prompt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_annotation_root_id"), ["root_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_annotation_root_id_annotation"),
            "annotation",
            ["root_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_annotation_parent_id_annotation"),
            "annotation",
            ["parent_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_annotation_prompt_id_prompt"), "prompt", ["prompt_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_check_constraint(op.f("ck_annotation_motivation"), MOTIVATIONS)
        batch_op.create_check_constraint(
            op.f("ck_annotation_thread"), "(root_id IS NULL) = (parent_id IS NULL)"
        )
        batch_op.create_check_constraint(op.f("ck_annotation_signed_as"), SIGNATURES)

    with op.batch_alter_table("target", table_kwargs=COUNTED) as batch_op:
        batch_op.drop_constraint(op.f("ck_target_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_target_kind"), "kind IN ('span', 'paragraph', 'article', 'annotation')"
        )

    with op.batch_alter_table("annotation_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("signed_as", sa.String(), server_default="name", nullable=False))
        batch_op.add_column(sa.Column("operation", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_annotation_version_operation"), ["operation"], unique=False)

    with op.batch_alter_table("audience", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("by_staff", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.drop_constraint(op.f("ck_audience_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_audience_kind"), "kind IN ('me', 'to_staff', 'staff', 'group', 'class')"
        )
        batch_op.create_check_constraint(
            op.f("ck_audience_person"), "(kind IN ('me', 'to_staff')) = (user_id IS NOT NULL)"
        )
        batch_op.create_check_constraint(
            op.f("ck_audience_group"), "(kind = 'group') = (group_id IS NOT NULL)"
        )
        batch_op.drop_index(op.f("uq_audience_me"))
        batch_op.create_unique_constraint(
            op.f("uq_audience_reading_id_kind_user_id"), ["reading_id", "kind", "user_id"]
        )
        batch_op.create_unique_constraint(
            op.f("uq_audience_reading_id_group_id_by_staff"), ["reading_id", "group_id", "by_staff"]
        )
        batch_op.create_index("uq_audience_all", ["reading_id", "kind", "by_staff"], unique=True, **OF_ALL)
        batch_op.create_index(batch_op.f("ix_audience_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audience_user_id"), ["user_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_audience_group_id_group"), "group", ["group_id"], ["id"], ondelete="CASCADE"
        )

    with op.batch_alter_table("reading", table_kwargs=COUNTED) as batch_op:
        batch_op.add_column(
            sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("group_set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("instructions", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reveal_kind", sa.String(), server_default="at_once", nullable=False))
        batch_op.add_column(sa.Column("reveal_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reveal_n", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("audience", sa.String(), server_default="class", nullable=False))
        batch_op.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column(
            "owner_id", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        )
        batch_op.create_check_constraint(op.f("ck_reading_one_owner"), ONE_OWNER)
        batch_op.create_check_constraint(
            op.f("ck_reading_reveal_kind"), "reveal_kind IN ('at_once', 'date', 'staff', 'count')"
        )
        batch_op.create_check_constraint(op.f("ck_reading_audience"), CHOICES)
        batch_op.create_index(batch_op.f("ix_reading_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reading_group_set_id"), ["group_set_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_reading_group_set_id_group_set"),
            "group_set",
            ["group_set_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_reading_course_id_course"), "course", ["course_id"], ["id"], ondelete="CASCADE"
        )

    op.execute("UPDATE reading SET audience = 'me', opens_at = created_at")
    with op.batch_alter_table("reading_member", schema=None) as batch_op:
        batch_op.alter_column("place", existing_type=sa.Integer(), server_default="0")
        batch_op.add_column(sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("seen_seq", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("audience", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("signs_as", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("pseudonym", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_reading_member_user_id"), ["user_id"], unique=False)
        batch_op.create_unique_constraint(
            batch_op.f("uq_reading_member_reading_id_pseudonym"), ["reading_id", "pseudonym"]
        )
        batch_op.create_check_constraint(op.f("ck_reading_member_audience"), "audience IS NULL OR " + CHOICES)
        batch_op.create_check_constraint(
            op.f("ck_reading_member_signs_as"), "signs_as IS NULL OR signs_as IN ('name', 'pseudonym')"
        )

    with op.batch_alter_table("tagset", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index(batch_op.f("ix_tagset_course_id"), ["course_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_tagset_course_id_course"), "course", ["course_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_check_constraint(op.f("ck_tagset_one_owner"), ONE_OWNER)


def downgrade() -> None:
    """Takes it back; what the older tables have no place for goes."""
    for statement in WITHOUT_PLACE.split(";"):
        op.execute(statement)
    with op.batch_alter_table("tagset", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_tagset_one_owner"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_tagset_course_id_course"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_tagset_course_id"))
        batch_op.drop_column("course_id")

    with op.batch_alter_table("reading_member", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_reading_member_audience"), type_="check")
        batch_op.drop_constraint(op.f("ck_reading_member_signs_as"), type_="check")
        batch_op.alter_column("place", existing_type=sa.Integer(), server_default=None)
        batch_op.drop_constraint(batch_op.f("uq_reading_member_reading_id_pseudonym"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_reading_member_user_id"))
        batch_op.drop_column("pseudonym")
        batch_op.drop_column("signs_as")
        batch_op.drop_column("audience")
        batch_op.drop_column("due_at")
        batch_op.drop_column("seen_seq")
        batch_op.drop_column("revealed_at")

    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_reading_one_owner"), type_="check")
        batch_op.drop_constraint(op.f("ck_reading_reveal_kind"), type_="check")
        batch_op.drop_constraint(op.f("ck_reading_audience"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_reading_course_id_course"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_reading_group_set_id_group_set"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_reading_group_set_id"))
        batch_op.drop_index(batch_op.f("ix_reading_course_id"))
        batch_op.alter_column(
            "owner_id", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        )
        batch_op.drop_column("deleted_at")
        batch_op.drop_column("audience")
        batch_op.drop_column("revealed_at")
        batch_op.drop_column("reveal_n")
        batch_op.drop_column("reveal_at")
        batch_op.drop_column("reveal_kind")
        batch_op.drop_column("due_at")
        batch_op.drop_column("opens_at")
        batch_op.drop_column("instructions")
        batch_op.drop_column("group_set_id")
        batch_op.drop_column("course_id")

    with op.batch_alter_table("audience", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_audience_group_id_group"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_audience_user_id"))
        batch_op.drop_index(batch_op.f("ix_audience_group_id"))
        batch_op.drop_index("uq_audience_all")
        batch_op.drop_constraint(op.f("uq_audience_reading_id_group_id_by_staff"), type_="unique")
        batch_op.drop_constraint(op.f("uq_audience_reading_id_kind_user_id"), type_="unique")
        batch_op.drop_constraint(op.f("ck_audience_group"), type_="check")
        batch_op.drop_constraint(op.f("ck_audience_person"), type_="check")
        batch_op.drop_constraint(op.f("ck_audience_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_audience_kind"), "kind IN ('me')")
        batch_op.create_index(op.f("uq_audience_me"), ["reading_id", "user_id"], unique=True)
        batch_op.drop_column("by_staff")
        batch_op.drop_column("group_id")

    with op.batch_alter_table("annotation_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_annotation_version_operation"))
        batch_op.drop_column("operation")
        batch_op.drop_column("signed_as")

    with op.batch_alter_table("target", table_kwargs=COUNTED) as batch_op:
        batch_op.drop_constraint(op.f("ck_target_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_target_kind"), "kind IN ('span')")

    with op.batch_alter_table("annotation", table_kwargs=COUNTED) as batch_op:
        batch_op.drop_constraint(op.f("ck_annotation_signed_as"), type_="check")
        batch_op.drop_constraint(op.f("ck_annotation_thread"), type_="check")
        batch_op.drop_constraint(op.f("ck_annotation_motivation"), type_="check")
        batch_op.create_check_constraint(op.f("ck_annotation_motivation"), OLD_MOTIVATIONS)
        batch_op.drop_constraint(batch_op.f("fk_annotation_prompt_id_prompt"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_annotation_parent_id_annotation"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_annotation_root_id_annotation"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_annotation_root_id"))
        batch_op.drop_index(batch_op.f("ix_annotation_prompt_id"))
        batch_op.drop_index(batch_op.f("ix_annotation_parent_id"))
        batch_op.drop_column("pinned_at")
        batch_op.drop_column("resolved_at")
        batch_op.drop_column("hidden_word")
        batch_op.drop_column("hidden_at")
        batch_op.drop_column("prompt_id")
        batch_op.drop_column("parent_id")
        batch_op.drop_column("root_id")
        batch_op.drop_column("signed_as")

    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_reporter_id"))

    op.drop_table("report")
    with op.batch_alter_table("reaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reaction_user_id"))

    op.drop_table("reaction")
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mention_user_id"))

    op.drop_table("mention")
    with op.batch_alter_table("prompt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_prompt_reading_id"))
        batch_op.drop_index(batch_op.f("ix_prompt_paragraph_id"))

    op.drop_table("prompt")
