"""Views and triggers that are not the program's: the check tells them, though every seal fits."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from survey.sealing import check, told
from survey.store.views import publish

TODAY = date(2026, 10, 15)

ALTERED_VIEW = (
    "DROP VIEW responses",
    "CREATE VIEW responses AS SELECT response_id, questionnaire, office, sector, procedure, "
    "channel, answered_on, late, flag, origin, 5 AS overall FROM response",
)
EVERY_DATABASE = {
    "responses": ALTERED_VIEW,
    "population": ("DROP VIEW population",),
}
SQLITE = {
    "kind": (
        "CREATE TRIGGER kind AFTER INSERT ON response "
        "BEGIN UPDATE response SET scores = '5' WHERE response_id = NEW.response_id; END",
    ),
    "staff_action_update": ("DROP TRIGGER staff_action_update",),
}
POSTGRESQL = {
    "kind": (
        "CREATE FUNCTION kind() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.scores = '5'; RETURN NEW; END $$",
        "CREATE TRIGGER kind BEFORE INSERT ON response FOR EACH ROW EXECUTE FUNCTION kind()",
    ),
    "staff_action_only_grows": (
        "ALTER TABLE staff_action DISABLE TRIGGER staff_action_only_grows",
    ),
    "few": ("CREATE RULE few AS ON DELETE TO comment DO INSTEAD NOTHING",),
    "own_rows": ("CREATE POLICY own_rows ON response USING (scores LIKE '5%')",),
}


def faults(config, engine):
    return [str(one.told["name"]) for one in check(config, engine, TODAY).faults]


def test_whatever_the_database_does_by_itself_is_held_against_the_program(config, engine):
    assert faults(config, engine) == []
    own = SQLITE if engine.dialect.name == "sqlite" else POSTGRESQL
    expected = []
    for name, statements in {**EVERY_DATABASE, **own}.items():
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        expected = sorted([*expected, name])
        assert faults(config, engine) == expected
    found = {str(fault.told["name"]): told(fault) for fault in check(config, engine, TODAY).faults}
    assert "the view or trigger kind of the database" in found["kind"]


def test_a_view_of_somebody_s_own_is_nobody_s_business_and_ours_are_made_anew(config, engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE VIEW mine AS SELECT office FROM response"))
        for statement in ALTERED_VIEW:
            connection.execute(text(statement))
    assert faults(config, engine) == ["responses"]
    publish(engine, ())
    assert faults(config, engine) == []
