"""That a comment was deleted is kept: when and by whom, never what it said."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "comment_deletion",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("deleted_on", sa.Date(), nullable=False),
        sa.Column("deleted_by", sa.String(length=64), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("sector", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_deletion")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("comment_deletion")
