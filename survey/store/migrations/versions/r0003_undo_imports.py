"""An import of dossier counts keeps what it replaced, so that it can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("population_import", sa.Column("batch", sa.String(length=32), nullable=True))
    op.add_column("population_import", sa.Column("before", sa.JSON(), nullable=True))
    op.add_column("population_import", sa.Column("undone_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("population_import") as table:
        table.drop_column("undone_on")
        table.drop_column("before")
        table.drop_column("batch")
