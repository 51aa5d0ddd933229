"""What was brought in from other tools, by whom and from which file, so that it can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "past_import",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("batch", sa.String(16), nullable=False),
        sa.Column("brought_on", sa.Date, nullable=False),
        sa.Column("name", sa.String(64)),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("file_digest", sa.String(64), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("answers", sa.Integer, nullable=False),
        sa.Column("undone_on", sa.Date),
        sa.Column("undone_by", sa.String(64)),
    )
    op.create_table(
        "past_import_answer",
        sa.Column("batch", sa.String(16), primary_key=True),
        sa.Column("response_id", sa.String(36), primary_key=True),
        sa.Column("own", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("past_import_answer")
    op.drop_table("past_import")
