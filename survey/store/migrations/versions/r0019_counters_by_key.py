"""A counter's id is unique within its office; what belongs to a counter names it by a random key.

So an id that changes, or that another office has as well, touches nothing else. SQLite gives a
table no rule later on: there both tables that get one are written anew.
"""

import secrets
from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_BOUND = ("counter_sector", "link", "pairing", "slip_batch", "kiosk")
_REST = "office, name_vi, name_en, questionnaire, kiosk_mode, kiosk_comment, position, closed"
_UNIQUE = "uq_counter_office"
_TALLY = "fk_slip_tally_counter_counter"


def upgrade() -> None:
    op.execute("ALTER TABLE counter RENAME COLUMN id TO key")  # and with it what refers to it
    if _on_sqlite():
        more = (
            sa.Column("id", sa.String(64), nullable=False),
            sa.UniqueConstraint("office", "id", name=_UNIQUE),
        )
        _write_counters_anew(*more, columns=f"key, id, {_REST}", before=f"key, key, {_REST}")
    else:
        op.add_column("counter", sa.Column("id", sa.String(64)))
        op.execute("UPDATE counter SET id = key")
        op.alter_column("counter", "id", nullable=False)
        op.create_unique_constraint(_UNIQUE, "counter", ["office", "id"])
    ids = op.get_bind().execute(sa.text("SELECT id FROM counter")).scalars()
    _change_keys({id_: secrets.token_hex(8) for id_ in ids})
    if _on_sqlite():
        _write_tally_anew(sa.ForeignKeyConstraint(["counter"], ["counter.key"], name=_TALLY))
    else:
        op.create_foreign_key(_TALLY, "slip_tally", "counter", ["counter"], ["key"])


def downgrade() -> None:
    """Counters that share an id are called by their keys."""
    if _on_sqlite():
        _write_tally_anew()
    else:
        op.drop_constraint(_TALLY, "slip_tally", type_="foreignkey")
    alone = "SELECT min(key) AS key, id FROM counter GROUP BY id HAVING count(*) = 1"
    rows = op.get_bind().execute(sa.text(alone)).all()
    _change_keys({row.key: row.id for row in rows})
    if _on_sqlite():
        _write_counters_anew(columns=f"key, {_REST}", before=f"key, {_REST}")
    else:
        op.drop_column("counter", "id")  # and with it the rule
    op.execute("ALTER TABLE counter RENAME COLUMN key TO id")


def _on_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def _change_keys(changes: Mapping[str, str]) -> None:
    if _on_sqlite():
        op.execute("PRAGMA defer_foreign_keys=ON")
    else:
        for table in _BOUND:
            op.drop_constraint(f"fk_{table}_counter_counter", table, type_="foreignkey")
    columns = [("counter", "key"), *((table, "counter") for table in (*_BOUND, "slip_tally"))]
    for was, key in changes.items():
        for table, column in columns:
            change = f"UPDATE {table} SET {column} = :key WHERE {column} = :was"  # noqa: S608  names of ours
            op.execute(sa.text(change).bindparams(key=key, was=was))
    if not _on_sqlite():
        for table in _BOUND:
            name = f"fk_{table}_counter_counter"
            op.create_foreign_key(name, table, "counter", ["counter"], ["key"])


def _write_counters_anew(*more: sa.schema.SchemaItem, columns: str, before: str) -> None:
    op.execute("PRAGMA defer_foreign_keys=ON")  # what refers to them is right again at the end
    op.execute("CREATE TEMPORARY TABLE counter_before AS SELECT * FROM counter")
    op.drop_table("counter")
    op.create_table(
        "counter",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("questionnaire", sa.String(80), nullable=False),
        sa.Column("kiosk_mode", sa.String(8), nullable=False, server_default="one-tap"),
        sa.Column("kiosk_comment", sa.String(8), nullable=False, server_default="keyboard"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(["office"], ["office.id"], name="fk_counter_office_office"),
        sa.PrimaryKeyConstraint("key", name="pk_counter"),
    )
    op.execute(f"INSERT INTO counter ({columns}) SELECT {before} FROM counter_before")  # noqa: S608
    op.execute("DROP TABLE counter_before")


def _write_tally_anew(*more: sa.schema.SchemaItem) -> None:
    op.execute("CREATE TEMPORARY TABLE tally_before AS SELECT * FROM slip_tally")
    op.drop_table("slip_tally")
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
        *more,
        sa.PrimaryKeyConstraint("id", name="pk_slip_tally"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO slip_tally SELECT * FROM tally_before")
    op.execute("DROP TABLE tally_before")
