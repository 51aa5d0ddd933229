"""Re-checks: a sealed list of dossiers, its seed, how many were drawn, and what became of each."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0012"

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


def downgrade() -> None:
    for name in ("recheck_call", "recheck_sector", "recheck"):
        op.drop_table(name)
