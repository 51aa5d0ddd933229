"""A counter says whether one tap at its tablet is a whole answer."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    mode = sa.Column("kiosk_mode", sa.String(8), nullable=False, server_default="one-tap")
    op.add_column("counter", mode)


def downgrade() -> None:
    op.drop_column("counter", "kiosk_mode")
