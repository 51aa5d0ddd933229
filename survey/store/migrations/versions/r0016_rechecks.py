"""The random re-check: a sealed list, its seed, what became of each call; a channel of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_BEFORE = "'poster', 'slip', 'kiosk', 'paper'"
_VIEWS = ("responses", "population", "rechecks", "questionnaires", "choices")
_DETAILS = ("choice", "comment")
_KEY = ("month", "office", "sector")


def _key(*names: str) -> list[sa.Column[str]]:
    return [
        sa.Column(name, sa.String(7 if name == "month" else 64), primary_key=True) for name in names
    ]


def upgrade() -> None:
    op.create_table(
        "recheck",
        *_key("month", "office"),
        sa.Column("list_digest", sa.String(64), nullable=False),
        sa.Column("listed_on", sa.Date, nullable=False),
        sa.Column("seed", sa.Text),
        sa.Column("seed_source", sa.String(8)),
        sa.Column("seeded_on", sa.Date),
        sa.CheckConstraint("seed_source IN ('dice', 'seal')", name="ck_recheck_seed_source"),
        sa.ForeignKeyConstraint(["office"], ["office.id"], name="fk_recheck_office_office"),
        sa.PrimaryKeyConstraint("month", "office", name="pk_recheck"),
    )
    op.create_table(
        "recheck_sector",
        *_key(*_KEY),
        sa.Column("dossiers", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint(*_KEY, name="pk_recheck_sector"),
    )
    op.create_table(
        "recheck_call",
        *_key(*_KEY),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.CheckConstraint(
            "outcome IN ('answered', 'refused', 'not_reached', 'wrong_number')",
            name="ck_recheck_call_outcome",
        ),
        sa.UniqueConstraint("code_hash", name="uq_recheck_call_code_hash"),
        sa.PrimaryKeyConstraint(*_KEY, "position", name="pk_recheck_call"),
        sqlite_with_rowid=False,
    )
    _allow(f"{_BEFORE}, 'recheck'")


def downgrade() -> None:
    mine = "response_id IN (SELECT response_id FROM response WHERE channel = 'recheck')"
    for table in (*_DETAILS, "response"):
        op.execute(f"DELETE FROM {table} WHERE {mine}")  # noqa: S608  names of ours
    _allow(_BEFORE)
    for name in ("recheck_call", "recheck_sector", "recheck"):
        op.drop_table(name)


def _allow(channels: str) -> None:
    """Change the rule of the column. The views are made anew by whatever publishes."""
    for view in _VIEWS:
        op.execute(f"DROP VIEW IF EXISTS {view}")
    if op.get_context().dialect.name == "sqlite":
        _copied(channels)
        return
    op.drop_constraint(op.f("ck_response_channel"), "response", type_="check")
    op.create_check_constraint(op.f("ck_response_channel"), "response", f"channel IN ({channels})")


def _copied(channels: str) -> None:
    """SQLite knows no other way than to write the table anew, under the rule.

    What belongs to a response is put aside meanwhile: the old table could not be dropped with it.
    """
    for table in _DETAILS:
        op.execute(f"CREATE TEMPORARY TABLE kept_{table} AS SELECT * FROM {table}")  # noqa: S608
        op.execute(f"DELETE FROM {table}")  # noqa: S608
    op.create_table(
        "response_anew",
        sa.Column("response_id", sa.String(36), nullable=False),
        sa.Column("questionnaire", sa.String(80), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("sector", sa.String(64), nullable=False),
        sa.Column("procedure", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("flag", sa.String(64), nullable=False),
        sa.Column("scores", sa.String(128), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("since_seal", sa.String(8), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_response")),
        sa.CheckConstraint(f"channel IN ({channels})", name=op.f("ck_response_channel")),
        sqlite_with_rowid=False,
    )
    columns = (
        "response_id, questionnaire, office, sector, procedure, channel, answered_on, late, flag, "
        "scores, fresh, since_seal"
    )
    op.execute(f"INSERT INTO response_anew SELECT {columns} FROM response")  # noqa: S608
    op.drop_table("response")
    op.rename_table("response_anew", "response")
    op.create_index("ix_response_answered_on", "response", ["answered_on"])
    for table in _DETAILS:
        op.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")  # noqa: S608
        op.execute(f"DROP TABLE kept_{table}")
