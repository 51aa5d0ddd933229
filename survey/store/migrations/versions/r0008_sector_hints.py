"""A sector may have examples for who does not know it by its name."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("sector", sa.Column("hint_vi", sa.Text(), nullable=True))
    op.add_column("sector", sa.Column("hint_en", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("sector", "hint_en")
    op.drop_column("sector", "hint_vi")
