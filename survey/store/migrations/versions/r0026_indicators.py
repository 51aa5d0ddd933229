"""What an office enters of the one-stop desk's nine indicators, by month: files by their points."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_POINTS = ("two_points", "one_point", "no_points")


def upgrade() -> None:
    op.create_table(
        "desk_indicator",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("indicator", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _POINTS),
        sa.PrimaryKeyConstraint("month", "office", "indicator", name=op.f("pk_desk_indicator")),
        sa.ForeignKeyConstraint(
            ["office"], ["office.id"], name=op.f("fk_desk_indicator_office_office")
        ),
        sa.CheckConstraint("indicator BETWEEN 1 AND 9", name=op.f("ck_desk_indicator_indicator")),
        sa.CheckConstraint(
            "two_points + one_point + no_points > 0", name=op.f("ck_desk_indicator_files")
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.execute("DROP VIEW IF EXISTS indicators")  # it is made anew at the next start
    op.drop_table("desk_indicator")
