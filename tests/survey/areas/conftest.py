"""A province of two areas whose March is sealed: made once a run, a copy for who changes it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from questionnaires import Text
from survey.app import create_app
from survey.config import Config, load_config
from survey.dossiers import PopulationCount
from survey.intake import Response
from survey.places import Office, shipped_places
from survey.public.making import make_due
from survey.sealing import seal_due
from survey.store import open_engine
from survey.store.places import save_places
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many
from tests.survey.public.conftest import NothingComputed

MONTH, TODAY = "2026-03", date(2026, 4, 15)
TOP, NORTH, SOUTH = "tinh", "vung-bac", "vung-nam"
BELOW = {NORTH: ("bac-1", "bac-2"), SOUTH: ("nam-1", "nam-2", "nam-3")}
ANSWERS = {"bac-1": 60, "bac-2": 45, "nam-1": 50, "nam-2": 40, "nam-3": 3}
"""Answers on each of two sectors in March; the last commune alone has few."""

SECTORS = ("land", "civil-status")


def answers(office: str, sector: str, n: int, month: int = 3) -> Iterator[Response]:
    """So many answers, one in nine of them dissatisfied."""
    for number in range(n):
        scores = "2-----" if number % 9 == 0 else "5-----"
        day = date(2026, month, 1 + number % 28)
        yield Response(str(uuid.uuid4()), "desk@1", office, sector, "poster", day, scores)


def fill(engine: Engine) -> None:
    """The tree, its answers and its dossiers."""
    shipped = shipped_places()
    offices = [Office(id=TOP, name=Text(vi="UBND tỉnh Thử", en="Trial Province"))]
    for area, called in ((NORTH, "Bắc"), (SOUTH, "Nam")):
        name = Text(vi=f"Vùng {called}", en=f"Area {called}")
        offices.append(Office(id=area, name=name, parent=TOP))
    for area, communes in BELOW.items():
        for one in communes:
            name = Text(vi=f"UBND xã {one}", en=f"Commune {one}")
            offices.append(Office(id=one, name=name, parent=area))
    counters = tuple(
        shipped.counter[0].model_copy(update={"id": f"quay-{one}", "office": one})
        for one in ANSWERS
    )
    places = shipped.model_copy(update={"office": tuple(offices), "counter": counters})
    save_places(engine, places, TODAY)
    for office, n in ANSWERS.items():
        for sector in SECTORS:
            add_many(engine, list(answers(office, sector, n)))
    counts = [
        PopulationCount(MONTH, office, sector, 400, 390, 250)
        for office in ANSWERS
        for sector in SECTORS
    ]
    save_counts(engine, counts, log=CountSource(TODAY, "thang-3.xlsx", "0" * 64))


@dataclass(frozen=True, slots=True)
class Province:
    """The installation, and an application of it that computes nothing by itself."""

    config: Config
    engine: Engine
    app: Flask

    def opened(self, path: str) -> str:
        """The text of a public page."""
        reply = self.app.test_client().get(f"/open{path}")
        assert reply.status_code == 200, (path, reply.status_code)
        return reply.text


@pytest.fixture(scope="session")
def march(ready_folder: Path, ready_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the province, March sealed and its pages made."""
    folder = shutil.copytree(ready_folder, tmp_path_factory.mktemp("march") / "office")
    shutil.copy(ready_sqlite, folder / "hailong.sqlite3")
    config = load_config(folder, environ={})
    engine = open_engine(config.database_url)
    fill(engine)
    seal_due(config, engine, TODAY)
    assert make_due(config, engine) == 1
    engine.dispose()
    return folder


@pytest.fixture
def province(march: Path, tmp_path: Path) -> Iterator[Province]:
    """A copy of it, whose public page is open."""
    config = load_config(shutil.copytree(march, tmp_path / "march"), environ={})
    config = replace(config, public_page=True)
    engine = open_engine(config.database_url)
    yield Province(config, engine, create_app(config, engine, NothingComputed(config, patience=0)))
    engine.dispose()
