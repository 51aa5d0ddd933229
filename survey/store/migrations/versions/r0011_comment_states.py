"""Comments are a list of work: read, to do or done, with a note of what was done."""

from alembic import op

revision = "0011"
down_revision = "0010"

_COLUMNS = (
    "state VARCHAR(8) DEFAULT 'new' NOT NULL CONSTRAINT ck_comment_state CHECK "
    "(state IN ('new', 'read', 'todo', 'done'))",
    "note TEXT",
)


def upgrade() -> None:
    for column in _COLUMNS:  # as SQLite takes them: each constraint along with its column
        op.execute(f"ALTER TABLE comment ADD COLUMN {column}")


def downgrade() -> None:
    for column in ("note", "state"):
        op.execute(f"ALTER TABLE comment DROP COLUMN {column}")
