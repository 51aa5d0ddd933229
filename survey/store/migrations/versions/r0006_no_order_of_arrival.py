"""Nothing between the answers tells when they came, and a nightly rewrite knows which are new."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column(
        "response", sa.Column("fresh", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    upkeep = op.create_table(
        "upkeep",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_upkeep")),
    )
    op.bulk_insert(upkeep, [{"name": "backup"}, {"name": "rewrite"}])
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE UNLOGGED TABLE contact (kiosk VARCHAR(8) NOT NULL, seen_at BIGINT NOT NULL, "
            "heartbeat JSON, CONSTRAINT pk_contact PRIMARY KEY (kiosk))"
        )
        op.execute("INSERT INTO contact SELECT id, seen_at, heartbeat FROM kiosk")
    for column in ("seen_at", "heartbeat"):
        op.execute(f"ALTER TABLE kiosk DROP COLUMN {column}")


def downgrade() -> None:
    op.add_column(
        "kiosk", sa.Column("seen_at", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column("kiosk", sa.Column("heartbeat", sa.JSON(), nullable=True))
    if op.get_context().dialect.name == "postgresql":
        op.drop_table("contact")
    op.drop_table("upkeep")
    op.execute("ALTER TABLE response DROP COLUMN fresh")
