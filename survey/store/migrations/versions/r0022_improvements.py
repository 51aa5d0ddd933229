"""What an office did about what people said, for the public page."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_TEXTS = ("said_vi", "did_vi", "said_en", "did_en")


def upgrade() -> None:
    op.create_table(
        "improvement",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in _TEXTS),
        sa.Column("published_on", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_improvement"),
    )
    op.create_index("ix_improvement_office", "improvement", ["office", "month"])


def downgrade() -> None:
    op.drop_table("improvement")
