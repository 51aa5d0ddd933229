"""One-time slips: batches, slips by the digest of their token, and counts of those long over."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "slip_batch",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("counter", sa.String(64), nullable=False),
        sa.Column("procedure", sa.String(32), nullable=False),
        sa.Column("issued_in", sa.String(7), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("withdrawn_in", sa.String(7), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_batch")),
        sa.ForeignKeyConstraint(
            ["counter"], ["counter.id"], name=op.f("fk_slip_batch_counter_counter")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "slip",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("batch", sa.String(32), nullable=False),
        sa.Column("sector", sa.String(64), nullable=False),
        sa.Column("used_in", sa.String(7), nullable=True),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_slip")),
        sa.ForeignKeyConstraint(
            ["batch"], ["slip_batch.id"], name=op.f("fk_slip_batch_slip_batch")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_slip_batch", "slip", ["batch"])
    op.create_table(
        "slip_tally",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("counter", sa.String(64), nullable=False),
        sa.Column("sector", sa.String(64), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("issued", "used", "expired", "withdrawn")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_tally")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("slip_tally", "slip", "slip_batch"):
        op.drop_table(table)
