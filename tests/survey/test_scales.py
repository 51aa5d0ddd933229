"""Scales of 2 to 11 steps from the form to the results: each answer arrives as it was given."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from analysis.reporting.wording import measure_names
from kiosk.devices import pin_verifier
from survey.cli import cli
from survey.figures.office import office_figures
from survey.figures.page import make_view
from survey.intake import Response
from survey.places import place_names
from survey.store.kiosks import add_pairing
from survey.store.places import load_places, save_places
from survey.store.questionnaires import published_questionnaires
from survey.store.responses import add_many
from survey.store.views import publish, read_rows
from tests.kiosk.wire import Tablet, receipts, record
from tests.scales import SCALES, on_scale

TODAY = date(2026, 10, 15)
ALWAYS = (date(2000, 1, 1), date(2100, 1, 1))


@pytest.fixture
def ask(engine):
    """Have a counter ask a questionnaire on such a scale."""

    def ask(size, start, counter="quay-1"):
        mine = on_scale(size, start)
        publish(engine, [mine])
        places = load_places(engine)
        counters = tuple(
            one.model_copy(update={"questionnaire": mine.key}) if one.id == counter else one
            for one in places.counter
        )
        save_places(engine, places.model_copy(update={"counter": counters}), TODAY)
        return mine

    return ask


def scores_of(engine, key):
    rows = read_rows(engine, *ALWAYS)
    place = rows.columns.index("overall")
    which = rows.columns.index("questionnaire")
    return sorted(row[place] for part in rows.parts for row in part if row[which] == key)


@pytest.mark.parametrize(("size", "start"), SCALES)
def test_every_step_can_be_chosen_on_a_phone_and_arrives(citizen_at, engine, ask, size, start):
    mine = ask(size, start)
    citizen = citizen_at("quay-1")
    page = citizen.open().text
    shown = re.findall(r'name="overall"\s+value="(\w+)"', page)
    assert shown == [str(score) for score in mine.scale.scores]
    faces = [int(face) for face in re.findall(r'<use href="#face-(\d)" />\s*</svg>', page)]
    assert len(faces) == size
    assert faces == sorted(faces)
    assert (faces[0], faces[-1]) == (1, 5)
    for score in mine.scale.scores:
        citizen.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{score}"
        citizen.open("?new=1")
        assert citizen.send({"overall": str(score)}).status_code == 303
    for off in (0, size + 1):
        citizen.open("?new=1")
        assert citizen.send({"overall": str(off)}).status_code == 422
    assert scores_of(engine, mine.key) == list(mine.scale.scores)


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(("size", "start"), SCALES)
def test_every_step_arrives_from_a_tablet(client, engine, ask, size, start):
    mine = ask(size, start)
    tablet = Tablet(client, lambda: datetime.now(UTC))
    pairing = add_pairing(
        engine, "quay-1", pin_verifier("246810"), datetime.now(UTC), lasting=False
    )
    document = tablet.pair(pairing).json["station"]
    assert len(document["scale"]["labels"]) == size
    sent = [
        record(questionnaire=mine.key, scores={"overall": score}) for score in mine.scale.scores
    ]
    off = record(questionnaire=mine.key, scores={"overall": size + 1})
    assert receipts(tablet.hand_in(*sent, off)) == ["stored"] * size + ["refused"]
    assert scores_of(engine, mine.key) == list(mine.scale.scores)


def put(engine, key, packed, start=0):
    add_many(
        engine,
        [
            Response(
                f"{start + number:08d}-0000-4000-8000-000000000000",
                *(key, "trieu-son", "land", "poster", date(2026, 10, 5), scores),
            )
            for number, scores in enumerate(packed)
        ],
    )


def figures_of(config, engine, today=date(2026, 11, 2)):
    from analysis.period import parse_period

    known = published_questionnaires(engine)
    places, period = load_places(engine), parse_period("2026-10")
    return places, known, office_figures(config, places, known, period, today)


def test_each_is_counted_from_its_own_first_satisfied_step(config, engine, ask):
    ten, four = ask(10, 8), ask(4, 3, counter="quay-2")
    put(engine, "desk@1", ["5-----"] * 12)
    put(engine, ten.key, ["a", "9", "8", "7"] * 3, start=100)
    put(engine, four.key, ["4", "3", "2"] * 4, start=200)
    places, known, figures = figures_of(config, engine)
    document = figures.document
    rows = {row.questionnaires: row for row in document.estimates if row[:4] == TOTAL}
    found = {key: (row.satisfied, row.answered, row.scale) for key, row in rows.items()}
    assert found == {"desk@1": (12, 12, 5), ten.key: (9, 12, 10), four.key: (8, 12, 4)}
    names = place_names(places, "vi") | measure_names(known, "vi")
    view = make_view(figures, names, "vi")
    assert view.responses == 36


TOTAL = ("all", "all", "overall", "all")


def test_a_stray_row_is_no_score_and_takes_nothing_with_it(config, engine, ask):
    """What no door of ours would store: signs off the scale, a row too short, one of nobody."""
    four = ask(4, 3)
    put(engine, "desk@1", ["5-----"] * 3)
    put(engine, four.key, ["4", "9", "x", ""], start=100)
    put(engine, "gone@1", ["5"], start=200)
    _, _, figures = figures_of(config, engine)
    rows = {row.questionnaires: row for row in figures.document.estimates if row[:4] == TOTAL}
    assert (rows["desk@1"].satisfied, rows["desk@1"].answered) == (3, 3)
    assert (rows[four.key].satisfied, rows[four.key].answered) == (1, 1)
    assert scores_of(engine, "desk@1") == [5, 5, 5]


def test_a_version_that_cannot_be_read_leaves_the_others_their_results(config, engine, ask):
    four = ask(4, 3)
    put(engine, "desk@1", ["5-----"] * 3)
    put(engine, four.key, ["4"] * 3, start=100)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE questionnaire SET content = 'broken' WHERE key = :key"), {"key": four.key}
        )
    (config.questionnaires_folder / "broken.v1.toml").write_text("id = ", encoding="utf-8")
    _, _, figures = figures_of(config, engine)
    rows = {row.questionnaires: row for row in figures.document.estimates if row[:4] == TOTAL}
    assert (rows["desk@1"].satisfied, rows["desk@1"].answered) == (3, 3)


@pytest.mark.sqlite_is_enough
@pytest.mark.slow
def test_an_own_scale_reaches_files_text_and_notebook(config, engine, ask, tmp_path, monkeypatch):
    ten = ask(10, 8)
    put(engine, "desk@1", ["5-----"] * 12)
    put(engine, ten.key, ["a", "9", "8", "7"] * 3, start=100)
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)

    def run(*words):
        done = CliRunner().invoke(cli, [*words, "--data", str(config.data)])
        assert done.exit_code == 0, done.output
        return done.output

    file = tmp_path / "answers.csv"
    run("export", "responses", "--period", "2026-10", "--out", str(file))
    with file.open(encoding="utf-8") as opened:
        exported = [row["overall"] for row in csv.DictReader(opened) if "steps" in row[WHICH]]
    assert sorted(exported) == sorted(["10", "9", "8", "7"] * 3)
    found = json.loads(run("analyze", "--period", "2026-10", "--format", "json"))
    (row,) = [
        row
        for row in found["estimates"]
        if (row["questionnaires"], row["sector"], row["measure"], row["channel"])
        == (ten.key, "all", "overall", "all")
        and row["office"] == "all"
    ]
    assert (row["satisfied"], row["answered"], row["scale"]) == (9, 12, 10)
    assert "8,50/10" in run("analyze", "--period", "2026-10")
    page = tmp_path / "month.html"
    run("notebook", "--period", "2026-10", "--out", str(page))
    assert "8,50/10" in page.read_text(encoding="utf-8")


WHICH = "questionnaire"
