"""Programs read verdicts by tokens, of which a digest is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "token",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(9), nullable=False),
        sa.Column("office", sa.String(64), nullable=True),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("used_month", sa.String(7), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_token_token_hash")),
        sa.ForeignKeyConstraint(["office"], ["office.id"], name=op.f("fk_token_office_office")),
        sa.CheckConstraint("scope IN ('published', 'full')", name=op.f("ck_token_scope")),
    )


def downgrade() -> None:
    op.drop_table("token")
