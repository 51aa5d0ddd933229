"""Accounts may ask for a code beside the password, and be linked to an identity provider."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "two_step",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_two_step")),
        sa.ForeignKeyConstraint(["name"], ["staff.name"], name=op.f("fk_two_step_name_staff")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", "code_hash", name=op.f("pk_recovery_code")),
        sa.ForeignKeyConstraint(
            ["name"], ["two_step.name"], name=op.f("fk_recovery_code_name_two_step")
        ),
    )
    op.create_table(
        "begun_sign_in",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("session_key", sa.String(32), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_begun_sign_in")),
        sa.ForeignKeyConstraint(["name"], ["staff.name"], name=op.f("fk_begun_sign_in_name_staff")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identity",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_identity")),
        sa.ForeignKeyConstraint(["name"], ["staff.name"], name=op.f("fk_identity_name_staff")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer")),
    )
    op.execute("ALTER TABLE password_link ADD COLUMN ends_two_step BOOLEAN DEFAULT false NOT NULL")


def downgrade() -> None:
    op.drop_column("password_link", "ends_two_step")
    op.drop_table("identity")
    op.drop_table("begun_sign_in")
    op.drop_table("recovery_code")
    op.drop_table("two_step")
