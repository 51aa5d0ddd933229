"""Sentences of questionnaires that somebody has held against their decision."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "wording_check",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("checked_on", sa.Date, nullable=False),
        sa.Column("name", sa.String(64)),
        sa.PrimaryKeyConstraint("digest", name="pk_wording_check"),
    )


def downgrade() -> None:
    op.drop_table("wording_check")
