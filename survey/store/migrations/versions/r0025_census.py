"""Of how many dossiers the due day and the way of filing are known, and the days they took.

A count of those on time, or filed online, was kept only where it was known of every dossier.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_COLUMNS = {
    "due_known": sa.Integer(),
    "filing_known": sa.Integer(),
    "timed": sa.Integer(),
    "days_allowed": sa.BigInteger(),
    "days_taken": sa.BigInteger(),
}


def upgrade() -> None:
    for name, kind in _COLUMNS.items():
        op.add_column("population_count", sa.Column(name, kind, nullable=True))
    for part, known in (("on_time", "due_known"), ("online", "filing_known")):
        op.execute(
            f"UPDATE population_count SET {known} = completed WHERE {part} IS NOT NULL"  # noqa: S608
        )


def downgrade() -> None:
    op.execute("DROP VIEW IF EXISTS population")  # it is made anew at the next start
    # What is known of some dossiers alone was not kept before.
    op.execute("UPDATE population_count SET on_time = NULL WHERE due_known < completed")
    op.execute("UPDATE population_count SET online = NULL WHERE filing_known < completed")
    for name in _COLUMNS:
        op.drop_column("population_count", name)
