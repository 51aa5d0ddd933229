"""Answers whose time is over are deleted; which months they were of is kept, and what that left.

`erase`: since when the files hold something that was deleted. `purge`: when it was tried last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "purge",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("purged_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_purge")),
    )
    upkeep = sa.table("upkeep", sa.column("name", sa.String))
    op.bulk_insert(upkeep, [{"name": name} for name in ("erase", "purge")])


def downgrade() -> None:
    op.execute("DROP VIEW IF EXISTS purged")  # the others are made anew at the next start
    op.execute("DELETE FROM upkeep WHERE name IN ('erase', 'purge')")
    op.drop_table("purge")
