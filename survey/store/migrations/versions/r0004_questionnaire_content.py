"""A published questionnaire is kept whole, as JSON; `hailong init` fills it in from the files."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("questionnaire", sa.Column("content", sa.Text(), nullable=True))


def downgrade() -> None:
    for view in (
        "responses",
        "population",
        "questionnaires",
        "choices",
    ):  # made anew by whatever publishes
        op.execute(f"DROP VIEW IF EXISTS {view}")
    op.drop_column("questionnaire", "content")
