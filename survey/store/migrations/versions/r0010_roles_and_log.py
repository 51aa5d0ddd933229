"""Accounts have roles for an office and all below it, links to choose a password, and a log.

Accounts that are there already were for everything, and stay so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_COLUMNS = (
    "role VARCHAR(16) DEFAULT 'administrator' NOT NULL CONSTRAINT ck_staff_role CHECK "
    "(role IN ('administrator', 'officer', 'analyst', 'viewer'))",
    "office VARCHAR(64) CONSTRAINT fk_staff_office_office REFERENCES office (id)",
    "active BOOLEAN DEFAULT true NOT NULL",
)
_REFUSED = "the log of staff actions only grows"


def upgrade() -> None:
    for column in _COLUMNS:  # as SQLite takes them: each constraint along with its column
        op.execute(f"ALTER TABLE staff ADD COLUMN {column}")
    op.create_table(
        "password_link",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_password_link")),
        sa.ForeignKeyConstraint(["name"], ["staff.name"], name=op.f("fk_password_link_name_staff")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_link_token_hash")),
    )
    op.create_table(
        "staff_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("name", sa.String(64), nullable=True),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("office", sa.String(64), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_action")),
    )
    _let_it_only_grow()


def _let_it_only_grow() -> None:
    if op.get_context().dialect.name == "sqlite":
        for event in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER staff_action_{event} BEFORE {event.upper()} ON staff_action "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION staff_action_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER staff_action_only_grows BEFORE UPDATE OR DELETE ON staff_action "
        "FOR EACH ROW EXECUTE FUNCTION staff_action_only_grows()"
    )


def downgrade() -> None:
    op.drop_table("staff_action")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION staff_action_only_grows()")
    op.drop_table("password_link")
    for column in ("active", "office", "role"):
        op.execute(f"ALTER TABLE staff DROP COLUMN {column}")
