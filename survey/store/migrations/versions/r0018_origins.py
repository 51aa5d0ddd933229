"""An answer may come from elsewhere: brought in from another tool, or made up for a demonstration.

The index is of these alone, which are few or all: who asks for them reads no other answer.
"""

from alembic import op

revision = "0018"
down_revision = "0017"

_VIEWS = ("responses", "population", "rechecks", "questionnaires", "choices")


def upgrade() -> None:
    op.execute(
        "ALTER TABLE response ADD COLUMN origin VARCHAR(16) CONSTRAINT ck_response_origin "
        "CHECK (origin IN ('imported', 'simulated'))"
    )
    op.execute(
        "CREATE INDEX ix_response_origin ON response (origin, answered_on) WHERE origin IS NOT NULL"
    )


def downgrade() -> None:
    for view in _VIEWS:  # they are made anew at the next start
        op.execute(f"DROP VIEW IF EXISTS {view}")
    op.execute("DROP INDEX ix_response_origin")
    op.execute("ALTER TABLE response DROP COLUMN origin")
