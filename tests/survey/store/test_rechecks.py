"""The random re-check in an office's database: kept, shown, exported, and apart from the rest."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from analysis.period import parse_period
from questionnaires import Text, pack, shipped
from questionnaires.layout import RECHECKS
from survey.figures.office import office_figures
from survey.intake import Response
from survey.places import Office, installed_questionnaires, load_places, shipped_places
from survey.store import open_engine, tables
from survey.store.comments import count_reasons
from survey.store.migrate import upgrade
from survey.store.places import save_places
from survey.store.rechecks import count_open_calls, list_rechecks
from survey.store.responses import add_many, answered_by_office, count_answered, last_answered_on
from survey.store.state import state_of
from survey.store.views import publish, read_rows

RECHECK, DESK = shipped()["recheck@1"], shipped()["desk@2"]
MONTH_END = date(2026, 10, 31)


def an_answer(questionnaire, channel, day, score, choices=()):
    scores = dict.fromkeys(questionnaire.item_ids, score)
    return Response(
        response_id=str(uuid.uuid4()),
        questionnaire=questionnaire.key,
        office="trieu-son",
        sector="land",
        procedure="",
        channel=channel,
        answered_on=day,
        late=False,
        flag="",
        scores=pack(questionnaire, scores),
        choices=choices,
    )


def told(before, returned="no"):
    return (
        ("answered_before", before),
        ("paid_without_receipt", "no"),
        ("told_to_return", returned),
    )


@pytest.fixture
def rechecked(engine):
    """40 who chose to answer of 80 dossiers; 10 drawn, of whom 9 answer."""
    answers = [an_answer(DESK, "poster", date(2026, 10, 5), 5 if n < 37 else 3) for n in range(40)]
    answers += [
        an_answer(RECHECK, "recheck", MONTH_END, 5 if n < 7 else 2, told(before))
        for n, before in enumerate(["yes"] * 3 + ["no"] * 5 + ["not_sure"])
    ]
    add_many(engine, answers)
    place = {"month": "2026-10", "office": "trieu-son", "sector": "land"}
    calls = [
        {**place, "position": n, "code_hash": f"{n:064}", "outcome": outcome}
        for n, outcome in enumerate([*["answered"] * 9, "not_reached", None, None], start=1)
    ]
    with engine.begin() as connection:
        connection.execute(
            tables.recheck_sector.insert().values({**place, "dossiers": 80, "size": 10})
        )
        connection.execute(tables.recheck_call.insert(), calls)
    return engine


def test_the_offices_own_figures_have_their_recheck_by_themselves(rechecked, config):
    places, known = load_places(config.data / "places.toml"), installed_questionnaires(config)
    month, today = parse_period("2026-10"), date(2026, 11, 20)
    document = office_figures(config, places, known, month, today).document
    row = document.recheck.pick(sector="land")
    assert (row.alone.respondents, row.alone.satisfied, row.counts.drawn) == (9, 7, 10)
    assert (row.chose.n, row.chose.satisfied) == (40, 37)
    assert row.together.share == pytest.approx((37 + 40 * 4 / 5) / 80)
    assert (row.box.people, row.box.satisfied) == (3, 3)
    (facts,) = {fact.alone.respondents for fact in document.recheck.facts}
    assert facts == 9
    assert document.pick(sector="land").n == 40
    of_others = office_figures(config, places, known, month, today, within="x")
    assert of_others.document.recheck is None
    leaving = office_figures(config, places, known, month, today, leaves=True).document
    assert leaving.recheck.pick().alone.share is None  # nine people


def test_what_counts_answers_counts_those_who_chose_to(rechecked):
    first, last = date(2026, 10, 1), MONTH_END
    assert count_answered(rechecked, first, last) == 40
    assert answered_by_office(rechecked, first, last) == {"trieu-son": 40}
    assert last_answered_on(rechecked, date(2026, 11, 1)) == date(2026, 10, 5)
    assert count_reasons(rechecked) == {}


def test_a_draw_changes_what_figures_rest_on(rechecked):
    before = state_of(rechecked, MONTH_END)
    with rechecked.begin() as connection:
        called = tables.recheck_call
        last = called.update().where(called.c.outcome == "not_reached")
        connection.execute(last.values(outcome="refused"))
    assert state_of(rechecked, MONTH_END) != before


def test_exports_have_its_answers_with_their_channel(rechecked):
    rows = read_rows(rechecked, date(2026, 10, 1), MONTH_END)
    channel = rows.columns.index("channel")
    found = [row[channel] for part in rows.parts for row in part]
    assert (found.count("recheck"), found.count("poster")) == (9, 40)


def test_the_view_has_the_columns_of_the_layout_alone(rechecked):
    with rechecked.connect() as connection:
        found = connection.execute(text("SELECT * FROM rechecks"))
        assert tuple(found.keys()) == RECHECKS
        assert found.one() == ("2026-10", "trieu-son", "land", 80, 10, 0, 1, 0)


def test_open_calls_of_every_month_are_counted_as_those_of_one_are(rechecked):
    outcomes = {
        ("2026-10", "trieu-son", "other"): [None] * 3,
        ("2026-09", "trieu-son", "land"): ["answered", "refused", "not_reached", None, None, None],
        ("2026-09", "thon-mot", "land"): [None, None],
        ("2026-08", "trieu-son", "land"): ["answered", "answered", None],
        ("2026-07", "xa-khac", "land"): [None],
    }
    places = shipped_places()
    more = [Office(id=id_, name=Text(vi=id_, en=id_)) for id_ in ("thon-mot", "xa-khac")]
    save_places(rechecked, places.model_copy(update={"office": (*places.office, *more)}), MONTH_END)
    with rechecked.begin() as connection:
        lists = {(month, office) for month, office, _ in outcomes} | {("2026-10", "trieu-son")}
        digest = {"list_digest": "0" * 64, "listed_on": MONTH_END}
        for month, office in lists:
            values = {"month": month, "office": office, **digest}
            connection.execute(tables.recheck.insert().values(values))
        number = 1000
        for (month, office, sector), calls in outcomes.items():
            key = {"month": month, "office": office, "sector": sector}
            sized = {**key, "dossiers": 9, "size": 2}
            connection.execute(tables.recheck_sector.insert().values(sized))
            for position, outcome in enumerate(calls, start=1):
                number += 1
                call = {**key, "position": position, "code_hash": f"{number:064}"}
                connection.execute(
                    tables.recheck_call.insert().values({**call, "outcome": outcome})
                )
    offices = ("trieu-son", "thon-mot")
    one_by_one = Counter()
    for one in list_rechecks(rechecked, offices):
        one_by_one[one.month] += one.open
    assert one_by_one == {"2026-10": 3, "2026-09": 3, "2026-08": 0}
    assert count_open_calls(rechecked, offices) == {"2026-10": 3, "2026-09": 3}
    assert count_open_calls(rechecked, ()) == {}


def test_an_outcome_that_cannot_be_is_refused_by_the_database(rechecked):
    with pytest.raises(IntegrityError), rechecked.begin() as connection:
        connection.execute(tables.recheck_call.update().values(outcome="pleased"))


ANSWER = (
    "INSERT INTO response VALUES ('{id}', 'desk@1', 'a', 'land', '', '{channel}', '2026-10-05',"
    " false, '', '555555', true{more})"
)


@pytest.mark.sqlite_is_enough
def test_answers_of_before_stay_with_what_belongs_to_them(tmp_path):
    """SQLite writes the table anew for the new channel."""
    engine = open_engine(f"sqlite:///{tmp_path / 'office.sqlite3'}")
    upgrade(engine, "0012")
    with engine.begin() as connection:
        for number in range(3):
            connection.execute(text(ANSWER.format(id=f"r{number}", channel="kiosk", more="")))
        connection.execute(text("INSERT INTO choice VALUES ('r1', 'went_wrong', 'waiting')"))
        connection.execute(text("INSERT INTO comment VALUES ('r2', 'Chậm', 'new', NULL)"))
    publish(engine, shipped().values())
    with engine.begin() as connection:  # the program of that time had no such views
        for view in ("purged", "indicators"):
            connection.execute(text(f"DROP VIEW {view}"))
    upgrade(engine)
    publish(engine, shipped().values())
    with engine.begin() as connection:
        connection.execute(text(ANSWER.format(id="r3", channel="recheck", more=", '', NULL")))
        counts = [
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("responses", "choices", "comment")
        ]
        assert counts == [4, 1, 1]
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        with pytest.raises(IntegrityError):
            connection.execute(text(ANSWER.format(id="r4", channel="telephone", more=", '', NULL")))
    engine.dispose()
