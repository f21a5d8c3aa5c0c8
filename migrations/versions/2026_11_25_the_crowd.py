"""Counts of people for each paragraph, sentence and span, and which annotations have a card in the margin."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_the_crowd"
down_revision = "2026_11_25_sent_mail"
branch_labels = None
depends_on = None

FILL = (
    """
    UPDATE target_paragraph SET author_id = (
        SELECT a.author_id FROM target t JOIN annotation a ON a.id = t.annotation_id
        WHERE t.id = target_paragraph.target_id
    )
    """,
    # Under this audience everybody's work is counted.
    """
    INSERT INTO audience (reading_id, kind, by_staff)
    SELECT DISTINCT reading_id, 'staff', false FROM audience
    WHERE kind <> 'me' AND reading_id NOT IN (SELECT reading_id FROM audience WHERE kind = 'staff')
    """,
    # What counts: what is no reply, not deleted and for others.
    """
    CREATE TEMPORARY TABLE crowd_post AS
    SELECT a.id AS annotation_id, a.reading_id, COALESCE(a.author_id, 0) AS author, a.signed_as AS face,
        CASE WHEN a.hidden_at IS NULL THEN 0 ELSE 1 END AS hidden,
        u.id AS audience_id, u.kind AS whom,
        CASE WHEN u.by_staff OR u.kind = 'staff' THEN 1 ELSE 0 END AS of_staff,
        t.kind, p.paragraph_id, p.start, p."end", CASE WHEN p.start = t.start THEN 1 ELSE 0 END AS begins
    FROM annotation a
    JOIN audience u ON u.id = a.audience_id
    JOIN target t ON t.annotation_id = a.id
    JOIN target_paragraph p ON p.target_id = t.id
    WHERE a.root_id IS NULL AND a.deleted_at IS NULL AND u.kind <> 'me'
    """,
    # What those see who see an audience: peers of the class; of a group, with what the same names wrote for the class;
    # and staff, to whom nothing is hidden and an author is one person.
    """
    CREATE TEMPORARY TABLE crowd_seen AS
    SELECT audience_id, paragraph_id, author, face, annotation_id, of_staff, kind, start, "end"
    FROM crowd_post WHERE whom IN ('class', 'group') AND hidden = 0
    UNION ALL
    SELECT g.audience_id, c.paragraph_id, c.author, c.face, c.annotation_id, c.of_staff, c.kind, c.start, c."end"
    FROM (
        SELECT DISTINCT audience_id, reading_id, paragraph_id, author, face, of_staff
        FROM crowd_post WHERE whom = 'group' AND hidden = 0
    ) g
    JOIN crowd_post c ON c.reading_id = g.reading_id AND c.paragraph_id = g.paragraph_id
        AND c.author = g.author AND c.face = g.face AND c.of_staff = g.of_staff
    WHERE c.whom = 'class' AND c.hidden = 0
    UNION ALL
    SELECT u.id, p.paragraph_id, p.author, '', p.annotation_id, p.of_staff, p.kind, p.start, p."end"
    FROM crowd_post p JOIN audience u ON u.reading_id = p.reading_id AND u.kind = 'staff'
    """,
    # Whoever did the same for a group and for the class is counted under the class alone.
    """
    CREATE TEMPORARY TABLE crowd_class AS
    SELECT g.id AS group_id, c.id AS class_id
    FROM audience g JOIN audience c ON c.reading_id = g.reading_id AND c.by_staff = g.by_staff
    WHERE g.kind = 'group' AND c.kind = 'class'
    """,
    """
    INSERT INTO paragraph_count (audience_id, paragraph_id, annotations, people)
    SELECT audience_id, paragraph_id, SUM(annotations), SUM(people) FROM (
        SELECT audience_id, paragraph_id, 0 AS annotations, 1 AS people FROM (
            SELECT audience_id, paragraph_id, author, face FROM crowd_seen
            EXCEPT
            SELECT c.group_id, s.paragraph_id, s.author, s.face
            FROM crowd_seen s JOIN crowd_class c ON c.class_id = s.audience_id
        ) AS persons
        UNION ALL
        SELECT audience_id, paragraph_id, 1, 0 FROM crowd_post
        WHERE begins = 1 AND hidden = 0 AND whom IN ('class', 'group')
        UNION ALL
        SELECT u.id, p.paragraph_id, 1, 0
        FROM crowd_post p JOIN audience u ON u.reading_id = p.reading_id AND u.kind = 'staff'
        WHERE p.begins = 1
    ) AS counted
    GROUP BY audience_id, paragraph_id
    """,
    """
    INSERT INTO span_count (audience_id, paragraph_id, start, "end", tag_id, people)
    SELECT audience_id, paragraph_id, start, "end", tag_id, COUNT(*) FROM (
        SELECT s.audience_id, s.paragraph_id, s.start, s."end", COALESCE(g.tag_id, 0) AS tag_id, s.author, s.face
        FROM crowd_seen s LEFT JOIN annotation_tag g ON g.annotation_id = s.annotation_id
        WHERE s.kind = 'span'
        EXCEPT
        SELECT c.group_id, s.paragraph_id, s.start, s."end", COALESCE(g.tag_id, 0), s.author, s.face
        FROM crowd_seen s
        JOIN crowd_class c ON c.class_id = s.audience_id
        LEFT JOIN annotation_tag g ON g.annotation_id = s.annotation_id
        WHERE s.kind = 'span'
    ) AS counted
    GROUP BY audience_id, paragraph_id, start, "end", tag_id
    """,
    # Which tags, with 0 for any mark, students put on each sentence. A paragraph that was not cut is a sentence.
    """
    CREATE TEMPORARY TABLE crowd_tag AS
    WITH marked AS (
        SELECT s.audience_id, s.paragraph_id, COALESCE(n.n, 0) AS sentence, s.author, s.face, s.annotation_id
        FROM crowd_seen s
        JOIN paragraph q ON q.id = s.paragraph_id
        LEFT JOIN sentence n ON n.paragraph_id = q.id
        WHERE s.kind = 'span' AND s.of_staff = 0
            AND s.start < COALESCE(n."end", q."end") AND COALESCE(n.start, q.start) < s."end"
    )
    SELECT audience_id, paragraph_id, sentence, author, face, 0 AS tag_id FROM marked
    UNION
    SELECT m.audience_id, m.paragraph_id, m.sentence, m.author, m.face, g.tag_id
    FROM marked m JOIN annotation_tag g ON g.annotation_id = m.annotation_id
    """,
    """
    CREATE TEMPORARY TABLE crowd_kind AS
    SELECT audience_id, paragraph_id, sentence, tag_id, 0 AS also_id, author, face FROM crowd_tag
    UNION ALL
    SELECT a.audience_id, a.paragraph_id, a.sentence, a.tag_id, b.tag_id, a.author, a.face
    FROM crowd_tag a
    JOIN crowd_tag b ON b.audience_id = a.audience_id AND b.paragraph_id = a.paragraph_id
        AND b.sentence = a.sentence AND b.author = a.author AND b.face = a.face
    WHERE 0 < a.tag_id AND a.tag_id < b.tag_id
    """,
    """
    INSERT INTO density (audience_id, paragraph_id, sentence, tag_id, also_id, people)
    SELECT audience_id, paragraph_id, sentence, tag_id, also_id, COUNT(*) FROM (
        SELECT audience_id, paragraph_id, sentence, tag_id, also_id, author, face FROM crowd_kind
        EXCEPT
        SELECT c.group_id, k.paragraph_id, k.sentence, k.tag_id, k.also_id, k.author, k.face
        FROM crowd_kind k JOIN crowd_class c ON c.class_id = k.audience_id
    ) AS counted
    GROUP BY audience_id, paragraph_id, sentence, tag_id, also_id
    """,
    """
    INSERT INTO margin_card (annotation_id, reading_id, audience_id, paragraph_id, start, "end")
    SELECT a.id, a.reading_id, a.audience_id, p.paragraph_id, t.start, t."end"
    FROM annotation a
    JOIN audience u ON u.id = a.audience_id
    JOIN target t ON t.annotation_id = a.id
    JOIN target_paragraph p ON p.target_id = t.id AND p.start = t.start
    WHERE a.root_id IS NULL AND u.kind <> 'me' AND (
        (a.deleted_at IS NULL
            AND (a.note <> '' OR a.motivation = 'questioning' OR a.pinned_at IS NOT NULL OR t.kind <> 'span'))
        OR EXISTS (SELECT 1 FROM annotation r WHERE r.root_id = a.id)
    )
    """,
    "DROP TABLE crowd_kind",
    "DROP TABLE crowd_tag",
    "DROP TABLE crowd_class",
    "DROP TABLE crowd_seen",
    "DROP TABLE crowd_post",
)
"""What counts already: see docs/decisions/0020-the-crowd.md."""


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
    for statement in FILL:
        op.execute(sa.text(statement))


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
