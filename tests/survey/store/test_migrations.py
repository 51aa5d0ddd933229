"""The revisions of the database, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, inspect, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from survey.access import EVERYTHING
from survey.config import load_config
from survey.errors import NotSetUp, StoreError
from survey.intake import Comment
from survey.places import installed_questionnaires
from survey.store import integrity, open_engine, require_set_up, tables
from survey.store.comments import add_comment, list_comments
from survey.store.indicators import enter_indicators, load_indicators
from survey.store.inherited import Hours, hours_of
from survey.store.kiosks import list_kiosks
from survey.store.migrate import _settings, current_revision, upgrade
from survey.store.places import find_desk, load_places
from survey.store.slips import count_slips, list_batches
from survey.store.staff import list_staff
from survey.store.staff_actions import By, DoneFilter, list_actions, note
from survey.store.views import publish


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def bare(request, data_folder):
    """A database in which nothing was ever set up."""
    url = load_config(data_folder, environ={}).database_url
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    engine = open_engine(url)
    yield engine
    engine.dispose()


def test_the_revisions_make_exactly_the_tables_that_the_code_knows(bare):
    upgrade(bare)
    with bare.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        known = [tables.metadata]
        if bare.dialect.name == "postgresql":  # on SQLite in a file of its own
            known.append(tables.contacts)
        assert compare_metadata(context, known) == []


def test_upgrading_again_changes_nothing(bare):
    upgrade(bare)
    upgrade(bare)
    require_set_up(bare)


def test_the_revisions_can_be_taken_back(bare):
    upgrade(bare)
    settings = _settings()
    with bare.begin() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")
    assert set(inspect(bare).get_table_names()) <= {"alembic_version"}


def test_links_of_tablets_are_gone_and_those_of_posters_stay(bare):
    upgrade(bare, "0001")
    with bare.begin() as connection:
        for statement in (
            "INSERT INTO office VALUES ('a', 'A', 'A', NULL, 0)",
            "INSERT INTO counter VALUES ('b', 'a', 'B', 'B', 'desk@1', 0, false)",
            "INSERT INTO link VALUES ('poster22', 'b', 'poster', '2026-10-15', NULL)",
            "INSERT INTO link VALUES ('tablet22', 'b', 'kiosk', '2026-10-15', NULL)",
        ):
            connection.execute(text(statement))
    upgrade(bare)
    another = "INSERT INTO link VALUES ('tablet33', 'b', 'kiosk', '2026-10-15', NULL)"
    with bare.begin() as connection:
        codes = connection.execute(text("SELECT code FROM link")).scalars().all()
        assert codes == ["poster22"]
        with pytest.raises(IntegrityError):
            connection.execute(text(another))


def test_accounts_of_before_administer_everything_and_the_log_only_grows(bare):
    upgrade(bare, "0009")
    before = "INSERT INTO staff VALUES ('lan', 'hash', 'key', '2026-10-15')"
    with bare.begin() as connection:
        connection.execute(text(before))
    upgrade(bare)
    (staff,) = list_staff(bare)
    assert (staff.name, staff.grant, staff.active) == ("lan", EVERYTHING, True)
    moment = datetime(2026, 10, 15, 9, 30, 59, tzinfo=UTC)
    with bare.begin() as connection:
        note(connection, By("lan", moment), "signed_in", account="lan")
    for change in ("UPDATE staff_action SET name = 'an'", "DELETE FROM staff_action"):
        with pytest.raises(DatabaseError, match="only grows"), bare.begin() as connection:
            connection.execute(text(change))
    (line,) = list_actions(bare, DoneFilter())
    assert (line.name, line.at) == ("lan", moment.replace(second=0))


def test_accounts_of_before_sign_in_by_the_password_alone_and_their_links_end_nothing(bare):
    upgrade(bare, "0013")
    with bare.begin() as connection:
        for statement in (
            "INSERT INTO staff (name, password_hash, session_key, created_on) "
            "VALUES ('lan', 'hash', 'key', '2026-10-15')",
            "INSERT INTO password_link VALUES ('lan', 'digest', '2026-10-20')",
        ):
            connection.execute(text(statement))
    upgrade(bare)
    (staff,) = list_staff(bare)
    assert not staff.two_step
    with bare.connect() as connection:
        (kept,) = connection.execute(text("SELECT * FROM password_link")).all()
    assert (kept.name, kept.token_hash, bool(kept.ends_two_step)) == ("lan", "digest", False)


def test_comments_of_before_keep_what_is_known_of_them_and_their_response(bare):
    upgrade(bare, "0012")
    response = (
        "INSERT INTO response VALUES (:id, 'desk@2', 'trieu-son', 'land', '', 'poster', "
        ":day, false, '', '5-----', false)"
    )
    ids = [f"{number}0000000-0000-4000-8000-000000000000" for number in (2, 1)]
    with bare.begin() as connection:
        for id_ in ids:
            connection.execute(text(response), {"id": id_, "day": "2026-09-30"})
            said = "INSERT INTO comment VALUES (:id, 'Chờ lâu', 'todo', 'thêm ghế')"
            connection.execute(text(said), {"id": id_})
    upgrade(bare)
    assert integrity(bare) == "ok"
    one, two = list_comments(bare)
    assert [one.id, two.id] == sorted(ids)
    assert (one.office, one.sector, one.month) == ("trieu-son", "land", "2026-09")
    assert (one.text, one.state, one.note) == ("Chờ lâu", "todo", "thêm ghế")
    alone = Comment("a" * 32, "trieu-son", "land", "2026-10", "Ghế ít")
    assert add_comment(bare, alone) == "stored"
    settings = _settings()
    with bare.begin() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "0012")
        kept = connection.execute(text("SELECT response_id, state FROM comment")).all()
    assert sorted(kept) == [(id_, "todo") for id_ in sorted(ids)]


def test_counters_of_before_keep_all_that_is_theirs_when_they_get_a_key(bare):
    upgrade(bare, "0018")
    before = (
        "INSERT INTO office VALUES ('xa', 'Xã', 'Xã', NULL, 0, NULL)",
        "INSERT INTO sector VALUES ('land', 'Đất đai', 'Land', 0, NULL, NULL)",
        *(
            f"INSERT INTO counter (id, office, name_vi, name_en, questionnaire, position, closed) "
            f"VALUES ('{id_}', 'xa', '{id_}', '{id_}', 'desk@2', {place}, {closed})"
            for place, (id_, closed) in enumerate((("quay-1", "false"), ("quay-2", "true")))
        ),
        *(
            f"INSERT INTO counter_sector VALUES ('{id_}', 'land', 0)"
            for id_ in ("quay-1", "quay-2")
        ),
        "INSERT INTO link VALUES ('poster22', 'quay-1', 'poster', '2026-10-15', NULL)",
        "INSERT INTO link VALUES ('poster33', 'quay-2', 'poster', '2026-10-15', NULL)",
        "INSERT INTO pairing VALUES ('hash', 'quay-1', 1, '{}', NULL)",
        "INSERT INTO slip_batch VALUES ('batch', 'quay-1', '', '2026-10', '2026-11-15', NULL)",
        "INSERT INTO slip VALUES ('digest', 'batch', 'land', NULL, false)",
        "INSERT INTO slip_tally VALUES ('sum', '2026-01', 'xa', 'quay-2', 'land', 3, 2, 1, 0)",
        "INSERT INTO kiosk (id, counter, secret_hash, enrolled_on, pin) VALUES "
        "('tablet22', 'quay-1', 'secret', '2026-10-15', "
        """'{"salt": "", "iterations": 1, "hash": ""}')""",
    )
    with bare.begin() as connection:
        for statement in before:
            connection.exec_driver_sql(statement)
    upgrade(bare)
    assert integrity(bare) == "ok"
    one, two = (find_desk(bare, code) for code in ("poster22", "poster33"))
    assert (one.counter.full_id, one.open) == ("xa/quay-1", True)
    assert (two.counter.full_id, two.open) == ("xa/quay-2", False)
    assert [sector.id for sector in one.sectors] == ["land"]
    assert {one.key, two.key}.isdisjoint({"quay-1", "quay-2"})
    (tablet,) = list_kiosks(bare)
    assert (tablet.device.counter, tablet.counter_id) == (one.key, "quay-1")
    (batch,) = list_batches(bare, date(2026, 10, 15))
    assert (batch.counter, batch.left) == ("xa/quay-1", 1)
    (place,) = count_slips(bare, ("2026-01",), date(2026, 10, 15))
    assert (place.office, place.counter) == ("xa", "xa/quay-2")
    with bare.begin() as connection:
        assert broken_references(connection) == []
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(text("UPDATE link SET counter = 'quay-1'"))
    settings = _settings()
    with bare.begin() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "0018")
        pointing = ("link", "counter_sector", "pairing", "slip_batch", "kiosk", "slip_tally")
        kept = {
            table: sorted(connection.execute(text(f"SELECT counter FROM {table}")).scalars())
            for table in pointing
        }
        assert broken_references(connection) == []
    assert kept == {
        "link": ["quay-1", "quay-2"],
        "counter_sector": ["quay-1", "quay-2"],
        "pairing": ["quay-1"],
        "slip_batch": ["quay-1"],
        "kiosk": ["quay-1"],
        "slip_tally": ["quay-2"],
    }


def test_indicators_have_a_table_beside_the_counts_of_before(bare):
    upgrade(bare, "0025")
    before = (
        "INSERT INTO office VALUES ('xa', 'Xã', 'Xã', NULL, 0, NULL)",
        "INSERT INTO population_count (period, office, sector, completed) "
        "VALUES ('2026-10', 'xa', 'land', 60)",
    )
    with bare.begin() as connection:
        for statement in before:
            connection.execute(text(statement))
    upgrade(bare)
    by = By("lan", datetime(2026, 11, 3, 9, tzinfo=UTC))
    assert enter_indicators(bare, "xa", "2026-10", {1: (412, 20, 3)}, {}, by)
    wrong = "INSERT INTO desk_indicator VALUES ('2026-10', 'xa', {}, {}, 0, 0)"
    for statement in (wrong.format(10, 1), wrong.format(2, 0)):
        with pytest.raises(IntegrityError), bare.begin() as connection:
            connection.execute(text(statement))
    assert load_indicators(bare, "xa", "2026-10") == {1: (412, 20, 3)}
    settings = _settings()
    with bare.begin() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "0025")
        kept = connection.execute(text("SELECT completed FROM population_count")).scalars().all()
    assert kept == [60]
    assert "desk_indicator" not in inspect(bare).get_table_names()


def test_offices_of_before_have_the_hours_of_the_installation(bare):
    upgrade(bare, "0025")
    with bare.begin() as connection:
        for statement in (
            "INSERT INTO office (id, name_vi, name_en, position) VALUES ('tinh', 'T', 'T', 0)",
            "INSERT INTO office (id, name_vi, name_en, parent, position)"
            " VALUES ('xa', 'X', 'X', 'tinh', 1)",
        ):
            connection.execute(text(statement))
    upgrade(bare)
    assert [one.id for one in load_places(bare).office] == ["tinh", "xa"]
    usual = "Mon-Fri 07:30-11:30"
    assert hours_of(bare, ["xa"], usual) == {"xa": Hours(usual, None)}
    with bare.begin() as connection:
        connection.execute(
            text("UPDATE office SET opening_hours = 'Sat 08:00-09:00' WHERE id = 'tinh'")
        )
    assert hours_of(bare, ["xa"], usual) == {"xa": Hours("Sat 08:00-09:00", "tinh")}


def broken_references(connection):
    """Rows that refer to nothing; PostgreSQL cannot have any."""
    if connection.dialect.name != "sqlite":
        return []
    return connection.execute(text("PRAGMA foreign_key_check")).all()


def test_an_error_of_the_database_tells_no_answer(engine):
    row = tables.comment.insert().values(
        id="x", office="a", sector="land", month="2026-10", text="Bà Lan ở thôn Hai"
    )
    with pytest.raises(IntegrityError) as refused, engine.begin() as connection:
        connection.execute(row)
        connection.execute(row)
    assert "Lan" not in str(refused.value)


def test_a_database_that_was_never_set_up_is_told_with_its_remedy(bare):
    with pytest.raises(NotSetUp, match="hailong init"):
        require_set_up(bare)


def test_a_database_of_a_newer_version_is_named_as_such(engine):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for refused in (require_set_up, upgrade):
        with pytest.raises(StoreError, match=r"9999.*newer version"):
            refused(engine)


def test_an_upgrade_that_fails_half_way_leaves_the_old_state(bare):
    upgrade(bare, "0002")
    before = columns_of(bare)

    def fail(_connection, _cursor, statement, *_):
        if "DROP COLUMN heartbeat" in statement:  # its last step
            raise OSError("disk full")

    event.listen(bare, "before_cursor_execute", fail)
    with pytest.raises(OSError, match="disk full"):
        upgrade(bare)
    event.remove(bare, "before_cursor_execute", fail)
    assert columns_of(bare) == before
    assert current_revision(bare) == "0002"
    upgrade(bare)
    require_set_up(bare)


def columns_of(engine):
    found = inspect(engine)
    tables_there = found.get_table_names()
    return {table: {one["name"] for one in found.get_columns(table)} for table in tables_there}


def test_a_file_that_is_no_database_is_told(tmp_path):
    file = tmp_path / "broken.sqlite3"
    file.write_bytes(b"this is no database at all" * 100)
    engine = open_engine(f"sqlite:///{file}")
    with pytest.raises(StoreError, match="cannot be opened"):
        require_set_up(engine)
    engine.dispose()


def test_a_sound_database_says_so_and_answers_have_no_order_of_arrival(engine):
    assert integrity(engine) == "ok"
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            for table in ("response", "choice", "comment"):
                made = connection.execute(
                    text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table}
                ).scalar_one()
                assert "WITHOUT ROWID" in made


def test_sqlite_keeps_what_it_acknowledged(engine):
    if engine.dialect.name != "sqlite":
        pytest.skip("these settings are SQLite's")
    with engine.connect() as connection:
        pragmas = [
            connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]


def test_a_published_questionnaire_that_changed_is_refused(engine, config):
    changed = [
        questionnaire.model_copy(update={"title": questionnaire.intro})
        for questionnaire in installed_questionnaires(config).values()
    ]
    with pytest.raises(StoreError, match="version 2"):
        publish(engine, changed)
