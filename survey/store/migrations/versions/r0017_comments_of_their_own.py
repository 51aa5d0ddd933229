"""A comment has an id, office, sector and month of its own: it may come without answers.

A counter says how comments are given at its tablet: by its keyboard, on a phone, or not at all.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_FILL = """
INSERT INTO comment (id, office, sector, month, text, state, note, fresh)
SELECT before.response_id, response.office, response.sector,
       substr(CAST(response.answered_on AS VARCHAR), 1, 7),
       before.text, before.state, before.note, response.fresh
FROM comment_before AS before JOIN response ON response.response_id = before.response_id
ORDER BY before.response_id
"""
# As revision 0011 added them: each constraint along with its column, so that it can drop them.
_ADDED = (
    "state VARCHAR(8) DEFAULT 'new' NOT NULL CONSTRAINT ck_comment_state CHECK "
    "(state IN ('new', 'read', 'todo', 'done'))",
    "note TEXT",
)
_BACK = """
INSERT INTO comment (response_id, text, state, note)
SELECT id, text, state, note
FROM comment_before JOIN response ON response.response_id = comment_before.id
ORDER BY id
"""


def upgrade() -> None:
    way = sa.Column("kiosk_comment", sa.String(8), nullable=False, server_default="keyboard")
    op.add_column("counter", way)
    _set_aside()
    op.create_table(
        "comment",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("sector", sa.String(64), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False, server_default="new"),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("fresh", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.PrimaryKeyConstraint("id", name="pk_comment"),
        sa.CheckConstraint("state IN ('new', 'read', 'todo', 'done')", name="ck_comment_state"),
        sqlite_with_rowid=False,
    )
    op.execute(_FILL)
    op.drop_table("comment_before")


def downgrade() -> None:
    """Comments without answers have no place in the tables of before: they are lost."""
    _set_aside()
    op.create_table(
        "comment",
        sa.Column("response_id", sa.String(36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.response_id"], name="fk_comment_response_id_response"
        ),
        sa.PrimaryKeyConstraint("response_id", name="pk_comment"),
        sqlite_with_rowid=False,
    )
    for column in _ADDED:
        op.execute(f"ALTER TABLE comment ADD COLUMN {column}")
    op.execute(_BACK)
    op.drop_table("comment_before")
    op.execute("ALTER TABLE counter DROP COLUMN kiosk_comment")


def _set_aside() -> None:
    """Give the name to the new table, and on PostgreSQL that of its key."""
    op.rename_table("comment", "comment_before")
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE comment_before DROP CONSTRAINT pk_comment")
