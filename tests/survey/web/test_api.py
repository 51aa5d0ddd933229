"""The API for other programs: who reads what with which token, and that it is as described."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from analysis.census_rows import CensusRow, CensusVerdict
from analysis.document_rows import EstimateRow, ReasonRow, VerdictRow
from analysis.errors import PeriodError
from analysis.indicator_rows import IndicatorRow, IndicatorTotal
from analysis.period import parse_period
from survey import retention
from survey.access import TokenScope
from survey.app import create_app
from survey.config import Config
from survey.dossiers import PopulationCount
from survey.intake import Response
from survey.sealing import seal_due
from survey.store import tables
from survey.store.indicators import enter_indicators
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many
from survey.store.staff_actions import By
from survey.store.tokens import add_token, revoke_token
from survey.web.api_schemas import SCHEMAS
from survey.web.desk.guard import ACTION
from survey.web.limits import Limits, Pace
from survey.web.openapi import PROBLEM_TYPE, openapi
from tests.analysis.rechecked import MONTH, Rechecked
from tests.survey.desk.communes import BELOW, FOREIGN, OWN, save_communes
from tests.waiting import PATIENCE

pytestmark = pytest.mark.sqlite_is_enough

PERIOD = "2020-05"
BY = By(None, datetime.now(UTC))
TODAY = BY.at.date()
LATER = TODAY + timedelta(days=30)
SCOPES: tuple[TokenScope, ...] = ("published", "full")


@pytest.fixture
def communes(engine: Engine) -> Engine:
    """Two communes and an office below one, with answers and dossiers of a month long over."""
    save_communes(engine)
    for office in (OWN, BELOW, FOREIGN):
        sheet = ("desk@1", office, "land", "poster", date(2020, 5, 5), "54----")
        add_many(engine, [Response(str(uuid.uuid4()), *sheet) for _ in range(12)])
    counts = [
        PopulationCount(PERIOD, office, "land", 60, on_time=57, online=48)
        for office in (OWN, BELOW, FOREIGN)
    ]
    save_counts(engine, counts, log=CountSource(date(2020, 6, 1), "a file", "0" * 64))
    for office in (OWN, BELOW, FOREIGN):
        enter_indicators(engine, office, PERIOD, {1: (18, 1, 1)}, {}, BY)
    return engine


class Program:
    """Another program, which asks with a token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client = client
        self._sent = {"Authorization": f"Bearer {token}"}

    def ask(self, path: str, **headers: str) -> TestResponse:
        return self._client.get(path, headers=self._sent | headers)

    def wait(self, path: str) -> TestResponse:
        """Ask until it is computed, as the API says."""
        over = time.monotonic() + PATIENCE
        while (reply := self.ask(path)).status_code == 202 and time.monotonic() < over:
            assert int(reply.headers["Retry-After"]) >= 1
            time.sleep(0.05)
        return reply


def program(
    app: Flask, engine: Engine, scope: TokenScope = "full", office: str | None = None
) -> Program:
    name = f"{scope} {office} {uuid.uuid4()}"
    return Program(app.test_client(), add_token(engine, name, scope, office, LATER, BY))


def description(app: Flask) -> dict[str, Any]:
    reply = app.test_client().get("/api/openapi.json?lang=en")
    assert reply.status_code == 200
    found: dict[str, Any] = reply.json
    return found


def check(app: Flask, path: str, reply: TestResponse) -> None:
    """Hold an answer against what the description says of its path and status."""
    found = description(app)
    told = found["paths"][path]["get"]["responses"][str(reply.status_code)]
    content = told.get("content", {})
    assert (reply.mimetype in content) or not reply.data, (path, reply.status_code)
    if content:
        schema = content[reply.mimetype]["schema"] | {"components": found["components"]}
        Draft202012Validator(schema).validate(reply.json)
    for header in told.get("headers", {}):
        assert header in reply.headers, (path, reply.status_code, header)


VERDICTS = "/api/offices/{office}/verdicts/{period}"


def address(office: str, period: str = PERIOD) -> str:
    return VERDICTS.format(office=office, period=period)


# --- what it says of itself ---------------------------------------------------------------------


def test_the_description_has_every_route_and_no_other(app: Flask) -> None:
    paths = description(app)["paths"]
    there = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api")
    }
    assert set(paths) == there | {"/open/seals.json"}


def test_a_route_that_nobody_described_is_found(app: Flask) -> None:
    app.add_url_rule("/api/forgotten", "forgotten", lambda: "what nobody described")
    with pytest.raises(AttributeError):
        openapi(app.url_map, app.view_functions, "vi")


def test_the_description_is_valid_where_it_says_what_is_valid(app: Flask) -> None:
    found = description(app)
    assert found["openapi"].startswith("3.1.")
    names = [one["get"]["operationId"] for one in found["paths"].values()]
    assert len(names) == len(set(names))
    for schema in found["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    check(app, "/api/openapi.json", app.test_client().get("/api/openapi.json"))
    check(app, "/open/seals.json", app.test_client().get("/open/seals.json"))


def test_every_period_of_the_description_is_one_that_is_read(app: Flask) -> None:
    names = description(app)["paths"][VERDICTS]["get"]["parameters"]
    pattern = re.compile(next(one for one in names if one["name"] == "period")["schema"]["pattern"])
    parts = ("", "-00", "-01", "-12", "-13", "-Q0", "-Q1", "-Q4", "-Q5", "-H1", "-H2", "-H3")
    written = [f"{year}{part}" for year in (0, 1899, 1900, 2199, 2200) for part in parts]
    for text in (*written, "12m:1900-01", "12m:1910-01", "12m:2199-12", "12m:2026"):
        if pattern.match(text):
            assert parse_period(text).text == text
        else:
            with pytest.raises(PeriodError):
                parse_period(text)


@pytest.mark.parametrize(
    ("schema", "row"),
    [
        *(("Estimate", EstimateRow), ("Verdict", VerdictRow), ("Reason", ReasonRow)),
        *(("CensusRow", CensusRow), ("CensusVerdict", CensusVerdict)),
        *(("IndicatorRow", IndicatorRow), ("IndicatorTotal", IndicatorTotal)),
    ],
)
def test_the_rows_of_the_description_are_those_of_the_document(schema: str, row: Any) -> None:
    fields = {"note" if name == "notes" else name for name in row._fields}
    assert set(SCHEMAS[schema]["properties"]) == fields == set(SCHEMAS[schema]["required"])


def test_a_document_with_a_re_check_is_as_described(app: Flask, tmp_path: Any) -> None:
    given = Rechecked(tmp_path).dossiers("land", 400)
    given.chose("land", 100, 99).draw("land", 400, 120, {"no": (70, 49), "yes": (30, 26)})
    found = given.analyse(MONTH).as_json()
    assert found["recheck"]["rows"]
    schema = {"$ref": "#/components/schemas/Verdicts", "components": description(app)["components"]}
    Draft202012Validator(schema).validate(found)


# --- who may read what ----------------------------------------------------------------------------


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("office", [None, OWN, BELOW])
def test_a_token_opens_its_office_and_all_below_and_nothing_else(
    app: Flask, communes: Engine, scope: TokenScope, office: str | None
) -> None:
    there = {None: {OWN, BELOW, FOREIGN}, OWN: {OWN, BELOW}, BELOW: {BELOW}}[office]
    asking = program(app, communes, scope, office)
    for rule in app.url_map.iter_rules():
        if not (
            rule.endpoint.startswith("api.") and hasattr(app.view_functions[rule.endpoint], ACTION)
        ):
            continue
        path = rule.rule.replace("<period>", PERIOD)
        for place in (OWN, BELOW, FOREIGN, "nowhere"):
            reply = asking.ask(path.replace("<office>", place))
            shut = "<office>" in rule.rule and place not in there
            assert reply.status_code == (404 if shut else reply.status_code), (path, place)
            assert shut or reply.status_code in (200, 202), (path, place)
    reply = asking.ask("/api/offices")
    assert {one["id"] for one in reply.json["offices"]} == there
    check(app, "/api/offices", reply)


def test_the_document_has_the_rows_of_its_office_alone_and_is_as_described(
    app: Flask, communes: Engine
) -> None:
    asking = program(app, communes, "full", OWN)
    for office, n in ((OWN, 12), (BELOW, 12), ("all", 24)):
        reply = asking.wait(address(office))
        assert reply.status_code == 200, reply.text
        check(app, VERDICTS, reply)
        rows = reply.json["estimates"]
        assert {row["office"] for row in (*rows, *reply.json["verdicts"])} == {office}
        every = [row for row in rows if row["sector"] == "all" and row["measure"] == "overall"]
        assert {row["n"] for row in every if row["channel"] == "all"} == {n}
        assert reply.json["view"] == "full"
        counted = reply.json["census"]
        assert {one["office"] for one in counted["rows"] + counted["verdicts"]} == {office}
        assert {one["completed"] for one in counted["rows"]} == {60 if office != "all" else 120}
        points = reply.json["indicators"]
        assert {one["office"] for one in points["rows"] + points["totals"]} == {office}
        assert points["rows"][0]["two_points"] == (18 if office != "all" else 36)


def test_the_periods_that_an_office_has_published_are_listed_the_oldest_first(
    app: Flask, config: Config, communes: Engine
) -> None:
    path = "/api/offices/{office}/periods"
    asking = program(app, communes, office=OWN)
    nothing = asking.ask(f"/api/offices/{OWN}/periods")
    assert nothing.json == {"format": "hailong.periods/1", "office": OWN, "periods": []}
    for office, period in ((OWN, "2020-06"), (OWN, "2020-Q2"), (BELOW, PERIOD), (FOREIGN, "2020")):
        (config.data / "public" / office / period).mkdir(parents=True)
    found = asking.ask(f"/api/offices/{OWN}/periods")
    check(app, path, found)
    assert [one["text"] for one in found.json["periods"]] == ["2020-Q2", "2020-06"]
    assert found.json["periods"][0] == {
        **{"text": "2020-Q2", "from": "2020-04-01", "to": "2020-06-30"},
        **{"months": 3, "status": "closed"},
    }
    every = asking.ask("/api/offices/all/periods")
    assert [one["text"] for one in every.json["periods"]] == [PERIOD, "2020-Q2", "2020-06"]
    hidden = asking.ask(f"/api/offices/{FOREIGN}/periods")
    assert (hidden.status_code, hidden.json["code"]) == (404, "no_office")
    check(app, path, hidden)
    again = asking.ask(f"/api/offices/{OWN}/periods", **{"If-None-Match": found.headers["ETag"]})
    assert again.status_code == 304


def test_a_token_for_published_figures_gets_no_other(app: Flask, communes: Engine) -> None:
    asking = program(app, communes, "published", OWN)
    reply = asking.wait(address(OWN))
    assert reply.json["view"] == "published"
    check(app, VERDICTS, reply)
    refused = asking.ask(f"{address(OWN)}?view=full")
    assert (refused.status_code, refused.json["code"]) == (403, "not_full")
    assert "insufficient_scope" in refused.headers["WWW-Authenticate"]
    check(app, VERDICTS, refused)
    total = asking.wait(address("all"))
    check(app, VERDICTS, total)
    assert {row["office"] for row in total.json["estimates"]} == {"all"}
    full = program(app, communes, "full", OWN)
    assert full.wait(f"{address(OWN)}?view=published").json == reply.json


def test_an_office_that_has_only_offices_below_it_is_their_total(
    app: Flask, communes: Engine
) -> None:
    """Never a period without answers, which it would be by its own."""
    above = {"id": "vung", "name_vi": "Vùng", "name_en": "Area", "position": 9}
    with communes.begin() as connection:
        connection.execute(tables.office.insert().values(above))
        its = tables.office.update().where(tables.office.c.id == FOREIGN)
        connection.execute(its.values(parent="vung"))
    asking = program(app, communes, "full")
    reply = asking.wait(address("vung"))
    assert reply.status_code == 200, reply.text
    check(app, VERDICTS, reply)
    rows = [one for one in reply.json["estimates"] if one["sector"] == "all"]
    assert {(one["office"], one["n"]) for one in rows if one["channel"] == "all"} == {("all", 12)}
    assert program(app, communes, "full", "vung").wait(address("all")).json == reply.json
    published = [
        program(app, communes, "published", office).wait(address(place))
        for office, place in ((None, "vung"), ("vung", "vung"), ("vung", "all"))
    ]
    for one in published:
        check(app, VERDICTS, one)
        assert one.json == published[0].json
    assert published[0].json["view"] == "published"


def test_what_is_not_over_is_not_published(app: Flask, communes: Engine) -> None:
    asking = program(app, communes, "published")
    running = asking.ask(address(OWN, f"{TODAY + timedelta(days=400):%Y-%m}"))
    assert (running.status_code, running.json["code"]) == (404, "not_over")
    rolling = asking.ask(address(OWN, "12m:2020-05"))
    assert (rolling.status_code, rolling.json["code"]) == (404, "never_published")


@pytest.mark.parametrize("sent", [{}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer "}])
def test_without_a_token_nothing_is_told(
    app: Flask, communes: Engine, sent: dict[str, str]
) -> None:
    reply = app.test_client().get("/api/offices", headers=sent)
    assert (reply.status_code, reply.json["code"]) == (401, "no_token")
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert "hailong token add" in reply.json["remedy"]
    check(app, "/api/offices", reply)


def test_a_revoked_an_expired_and_an_unknown_token_open_nothing(
    app: Flask, communes: Engine
) -> None:
    gone = add_token(communes, "gone", "full", None, LATER, BY)
    revoke_token(communes, "gone", BY)
    then = By(None, datetime(2020, 5, 1, tzinfo=UTC))
    old = add_token(communes, "old", "full", None, date(2020, 5, 31), then)
    for token in (gone, old, "hailong_guessed", "ắc"):
        sent = {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
        reply = app.test_client().get("/api/offices", headers=sent)
        assert (reply.status_code, reply.json["code"]) == (401, "bad_token"), token


def test_of_a_token_a_digest_is_kept_and_of_its_use_the_month(app: Flask, communes: Engine) -> None:
    token = add_token(communes, "province", "published", None, LATER, BY)
    Program(app.test_client(), token).ask("/api/offices")
    with communes.connect() as connection:
        (row,) = connection.execute(select(tables.token)).all()
    assert token not in repr(row)
    assert row.used_month in {f"{TODAY + timedelta(days=by):%Y-%m}" for by in (-1, 0, 1)}


# --- how it answers ------------------------------------------------------------------------------


def test_what_did_not_change_is_not_sent_again(app: Flask, communes: Engine) -> None:
    asking = program(app, communes)
    for path, told in (
        (address(OWN), VERDICTS),
        ("/api/offices", "/api/offices"),
        ("/api/openapi.json", "/api/openapi.json"),
    ):
        etag = asking.wait(path).headers["ETag"]
        again = asking.ask(path, **{"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b""), path
        check(app, told, again)


@pytest.mark.parametrize(
    ("path", "status", "code", "where"),
    [
        (address(OWN, "2026-13"), 422, "bad_period", "period"),
        (address(OWN, "10/2026"), 404, "no_page", "/api/offices/trieu-son/verdicts/10/2026"),
        (f"{address(OWN)}?view=all", 422, "bad_view", "view"),
        ("/api/offices?lang=fr", 422, "bad_lang", "lang"),
        (address(OWN, "0000"), 422, "bad_period", "period"),
        (address(OWN, "2199"), 404, "no_answers", address(OWN, "2199")),
        (address(OWN, "2019-05"), 404, "no_answers", address(OWN, "2019-05")),
        ("/api/nothing", 404, "no_page", "/api/nothing"),
        ("/api", 404, "no_page", "/api"),
    ],
)
def test_every_problem_has_one_shape(
    app: Flask, communes: Engine, path: str, status: int, code: str, where: str
) -> None:
    asking = program(app, communes)
    for lang in ("vi", "en"):
        mark = "&" if "?" in path else "?"
        reply = asking.ask(path if "lang=" in path else f"{path}{mark}lang={lang}")
        assert (reply.status_code, reply.mimetype) == (status, PROBLEM_TYPE)
        assert (reply.json["code"], reply.json["where"]) == (code, where)
        assert reply.headers["Content-Language"] == ("vi" if "lang=" in path else lang)
        Draft202012Validator(SCHEMAS["Problem"]).validate(reply.json)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(app: Flask, method: str) -> None:
    reply = app.test_client().open("/api/offices", method=method, json={})
    assert (reply.status_code, reply.json["code"]) == (405, "method")
    assert "GET" in reply.headers["Allow"]
    check(app, "/api/offices", reply)


def test_a_token_that_asks_without_end_has_to_wait(config: Config, communes: Engine) -> None:
    app = create_app(config, communes, limits=replace(Limits.of(config), token=Pace(3)))
    asking, another = program(app, communes), program(app, communes)
    assert [asking.ask("/api/offices").status_code for _ in range(4)] == [200, 200, 200, 429]
    reply = asking.ask("/api/offices")
    assert int(reply.headers["Retry-After"]) >= 1
    assert reply.json["code"] == "too_often"
    check(app, "/api/offices", reply)
    assert another.ask("/api/offices").status_code == 200


def test_of_purged_answers_the_sealed_document_is_given_or_it_is_gone(
    app: Flask, config: Config, communes: Engine
) -> None:
    published = program(app, communes, "published", OWN).wait(address(OWN)).json
    assert seal_due(config, communes, date(2020, 7, 1)).months == (PERIOD,)
    (purged,) = retention.purge_due(replace(config, answer_years=2), communes, BY, TODAY)
    assert (purged.held.answers, purged.wrong) == (36, ())
    asking = program(app, communes, "full", OWN)
    assert asking.wait(address(OWN)).json == published
    gone = asking.ask(address(OWN, "12m:2020-10"))
    assert (gone.status_code, gone.json["code"]) == (410, "purged")
    assert "05/2020" in gone.json["what"]
    check(app, VERDICTS, gone)
