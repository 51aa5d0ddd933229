"""Answers of the random re-check come by a channel of their own; its draws are kept in numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0013"

_BEFORE = "'poster', 'slip', 'kiosk', 'paper'"
_VIEWS = ("responses", "population", "rechecks", "questionnaires", "choices")
_DETAILS = ("choice", "comment")


def upgrade() -> None:
    op.create_table(
        "recheck_draw",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("sector", sa.String(64), nullable=False),
        sa.Column("dossiers", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("not_reached", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("wrong_number", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("seed", sa.String(128), nullable=False),
        sa.Column("list_digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("month", "office", "sector", name=op.f("pk_recheck_draw")),
        sa.CheckConstraint("0 <= drawn AND drawn <= dossiers", name=op.f("ck_recheck_draw_drawn")),
        sa.CheckConstraint(
            "refused >= 0 AND not_reached >= 0 AND wrong_number >= 0"
            " AND refused + not_reached + wrong_number <= drawn",
            name=op.f("ck_recheck_draw_skipped"),
        ),
    )
    _allow(f"{_BEFORE}, 'recheck'")


def downgrade() -> None:
    mine = "response_id IN (SELECT response_id FROM response WHERE channel = 'recheck')"
    for table in (*_DETAILS, "response"):
        op.execute(f"DELETE FROM {table} WHERE {mine}")  # noqa: S608  names of ours
    _allow(_BEFORE)
    op.drop_table("recheck_draw")


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
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_response")),
        sa.CheckConstraint(f"channel IN ({channels})", name=op.f("ck_response_channel")),
        sqlite_with_rowid=False,
    )
    columns = (
        "response_id, questionnaire, office, sector, procedure, channel, answered_on, late, flag, "
        "scores, fresh"
    )
    op.execute(f"INSERT INTO response_anew SELECT {columns} FROM response")  # noqa: S608
    op.drop_table("response")
    op.rename_table("response_anew", "response")
    op.create_index("ix_response_answered_on", "response", ["answered_on"])
    for table in _DETAILS:
        op.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")  # noqa: S608
        op.execute(f"DROP TABLE kept_{table}")
