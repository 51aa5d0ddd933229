"""Figures of many offices beside each other, computed in the background and kept."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "overview_row",
        sa.Column("period", sa.String(16), primary_key=True),
        sa.Column("view", sa.String(9), primary_key=True),
        sa.Column("office", sa.String(64), primary_key=True),
        sa.Column("whole", sa.Boolean, primary_key=True),
        sa.Column("within", sa.String(64), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("made_on", sa.Date, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_overview_row_within", "overview_row", ["period", "view", "within"])


def downgrade() -> None:
    op.drop_table("overview_row")
