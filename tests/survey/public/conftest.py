"""An office whose October is sealed, and its public page: made once a run, a copy for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from survey.app import create_app
from survey.config import Config, load_config
from survey.figures.asking import Asking
from survey.places import installed_questionnaires
from survey.public.making import make_due
from survey.sealing import seal_due
from survey.simulation import simulate
from survey.store import open_engine
from survey.store.indicators import enter_indicators
from survey.store.places import load_places
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many
from survey.store.staff_actions import By

MONTH, OFFICE = "2026-10", "trieu-son"
TODAY = date(2026, 11, 20)
INDICATORS = {1: (412, 20, 3), 9: (0, 1, 3), **dict.fromkeys(range(2, 8), (430, 5, 0))}


def fill(config: Config, engine: Engine) -> None:
    """Answers, dossiers and the nine indicators of October, the month sealed."""
    places, known = load_places(engine), installed_questionnaires(config)
    found = simulate(places, known, date(2026, 10, 1), date(2026, 10, 31), 4000)
    add_many(engine, found.responses)
    save_counts(engine, found.counts, log=CountSource(TODAY, "simulated", "0" * 64))
    by = By("lan", datetime(2026, 11, 3, 9, tzinfo=UTC))
    enter_indicators(engine, OFFICE, MONTH, INDICATORS, {}, by)
    seal_due(config, engine, TODAY)


class NothingComputed(Asking):
    """Figures of staff pages that are never there: no process computes them."""

    def start(self) -> None:
        """Start none."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An office, and how to look at its public page, which is open."""

    config: Config
    engine: Engine
    app: Flask
    client: FlaskClient

    @classmethod
    def of(cls, config: Config, engine: Engine) -> Opened:
        config = replace(config, public_page=True)
        app = create_app(config, engine, NothingComputed(config, patience=0))
        return cls(config, engine, app, app.test_client())

    def page(self, path: str = "") -> str:
        """The text of a page below /open."""
        reply = self.client.get(f"/open{path}")
        assert reply.status_code == 200, (path, reply.status_code)
        return reply.text

    def make(self) -> int:
        """Make what is due."""
        return make_due(self.config, self.engine)


@pytest.fixture(scope="session")
def october(
    ready_folder: Path, ready_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The data folder of an office whose October is sealed, and its page made."""
    folder = shutil.copytree(ready_folder, tmp_path_factory.mktemp("october") / "office")
    shutil.copy(ready_sqlite, folder / "hailong.sqlite3")
    config = load_config(folder, environ={})
    engine = open_engine(config.database_url)
    fill(config, engine)
    assert make_due(config, engine) == 1
    engine.dispose()
    return folder


@pytest.fixture
def opened(october: Path, tmp_path: Path) -> Iterator[Opened]:
    """A copy of it, whose page is open."""
    config = load_config(shutil.copytree(october, tmp_path / "october"), environ={})
    engine = open_engine(config.database_url)
    yield Opened.of(config, engine)
    engine.dispose()
