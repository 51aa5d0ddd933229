"""Days and months are sealed: a chain of digests, and what has come since the last seal."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column(
        "response", sa.Column("since_seal", sa.String(8), nullable=False, server_default="")
    )
    op.create_table(
        "seal",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("about", sa.String(10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("rows", sa.String(64), nullable=True),
        sa.Column("days", sa.String(64), nullable=True),
        sa.Column("document", sa.String(64), nullable=True),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=True),
        sa.Column("answers", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
    )
    op.create_index("ix_seal_about", "seal", ["kind", "about"])
    op.create_table(
        "sealed_document",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sealed_document")),
    )
    op.create_table(
        "comment_seal",
        sa.Column("response_id", sa.String(36), nullable=False),
        sa.Column("sealed", sa.String(64), nullable=False),
        sa.Column("now", sa.String(64), nullable=False),
        sa.Column("salt", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_comment_seal")),
        sqlite_with_rowid=False,
    )
    upkeep = sa.table("upkeep", sa.column("name", sa.String))
    op.bulk_insert(upkeep, [{"name": name} for name in ("seal", "verified", "altered")])


def downgrade() -> None:
    op.execute("DELETE FROM upkeep WHERE name IN ('seal', 'verified', 'altered')")
    for table in ("comment_seal", "sealed_document", "seal"):
        op.drop_table(table)
    op.execute("ALTER TABLE response DROP COLUMN since_seal")
