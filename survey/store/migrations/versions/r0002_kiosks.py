"""Tablets are enrolled devices with a secret of their own, no longer links.

Nothing was released with kiosk links, so those are removed rather than carried over.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("DELETE FROM link WHERE channel = 'kiosk'")
    _allow_links_on("'poster'")
    op.create_table(
        "pairing",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("counter", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("pin", sa.JSON(), nullable=False),
        sa.Column("used_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["counter"], ["counter.id"], name=op.f("fk_pairing_counter_counter")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_pairing")),
    )
    op.create_table(
        "kiosk",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("counter", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("enrolled_on", sa.Date(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("handover_until", sa.BigInteger(), nullable=True),
        sa.Column("pin", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("heartbeat", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["counter"], ["counter.id"], name=op.f("fk_kiosk_counter_counter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosk")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_kiosk_secret_hash")),
    )


def downgrade() -> None:
    op.drop_table("kiosk")
    op.drop_table("pairing")
    _allow_links_on("'poster', 'kiosk'")


def _allow_links_on(channels: str) -> None:
    """Change the rule of the column. SQLite copies the table, which leaves the old rule behind."""
    with op.batch_alter_table("link", recreate="auto") as link:
        if op.get_context().dialect.name != "sqlite":
            link.drop_constraint(op.f("ck_link_channel"), type_="check")
        link.create_check_constraint(op.f("ck_link_channel"), f"channel IN ({channels})")
