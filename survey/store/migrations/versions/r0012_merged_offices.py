"""An office may have become part of another one: the last day on which it was one of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("office", sa.Column("until", sa.Date()))


def downgrade() -> None:
    op.drop_column("office", "until")
