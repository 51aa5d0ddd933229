"""What offices side by side are sorted and counted by, and the day of their last answer.

Rows that were kept go: they are computed again in the background.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

_COLUMNS = (
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("width", sa.Float),
    sa.Column("needs", sa.String(64), nullable=False),
    sa.Column("newer", sa.Boolean, nullable=False),
)


def upgrade() -> None:
    op.drop_table("overview_row")
    _make(*_COLUMNS)
    op.create_table(
        "newest_answer",
        sa.Column("office", sa.String(64), primary_key=True),
        sa.Column("answered_on", sa.Date),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("newest_answer")
    op.drop_table("overview_row")
    _make()


def _make(*more: sa.Column[Any]) -> None:
    op.create_table(
        "overview_row",
        sa.Column("period", sa.String(16), primary_key=True),
        sa.Column("view", sa.String(9), primary_key=True),
        sa.Column("office", sa.String(64), primary_key=True),
        sa.Column("whole", sa.Boolean, primary_key=True),
        sa.Column("within", sa.String(64), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("made_on", sa.Date, nullable=False),
        *more,
        sa.Column("content", sa.JSON, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_overview_row_within", "overview_row", ["period", "view", "within"])
