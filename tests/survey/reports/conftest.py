"""An office with two months of simulated answers, and its report: made once for all tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from analysis.period import parse_period
from survey.config import Config, load_config
from survey.places import installed_questionnaires
from survey.reports.body import make_report
from survey.reports.formats import FORMATS, ReportFormat, write_report
from survey.reports.letterhead import Letterhead, save_letterhead
from survey.reports.making import Asked, _Maker
from survey.reports.parts import Report
from survey.simulation import simulate
from survey.store import open_engine
from survey.store.indicators import enter_indicators
from survey.store.places import load_places
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many
from survey.store.staff_actions import By

TODAY = date(2026, 11, 29)
LETTERHEAD = Letterhead(
    above="Ủy ban nhân dân tỉnh Quảng Trị",
    agency="Ủy ban nhân dân xã Triệu Sơn",
    place="Triệu Sơn",
    form="TM_KT",
    position="Phó Chủ tịch",
    signer="Nguyễn Văn An",
    to=("Ủy ban nhân dân tỉnh Quảng Trị", "Sở Nội vụ tỉnh Quảng Trị"),
    copies=("Thường trực Đảng ủy xã",),
    drafter="VP",
)


INDICATORS = {one: (1_411 + one, 47 - one, 2 * one) for one in (1, 2, 3, 4, 5, 6, 7, 9)}
BY = By(None, datetime(2026, 11, 3, 9, tzinfo=UTC))


@dataclass(frozen=True)
class Office:
    """A data folder with its database."""

    config: Config
    engine: Engine

    def maker(self, period: str = "2026-10", **asked) -> _Maker:
        wanted = Asked(parse_period(period), "json", **asked)
        return _Maker.of(self.config, self.engine, wanted, TODAY)


@pytest.fixture(scope="session")
def reporting(
    ready_folder: Path, ready_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """The shipped commune with answers of September and October."""
    folder = shutil.copytree(ready_folder, tmp_path_factory.mktemp("reporting") / "office")
    shutil.copy(ready_sqlite, folder)
    config = load_config(folder, environ={})
    engine = open_engine(config.database_url)
    found = simulate(
        load_places(engine),
        installed_questionnaires(config),
        date(2026, 9, 1),
        date(2026, 10, 31),
        2400,
    )
    add_many(engine, found.responses)
    save_counts(engine, found.counts, log=CountSource(TODAY, "x.csv", "0" * 64))
    enter_indicators(engine, "trieu-son", "2026-10", INDICATORS, {}, BY)
    save_letterhead(folder, "all", LETTERHEAD)
    yield Office(config, engine)
    engine.dispose()


@pytest.fixture(scope="session")
def maker(reporting: Office) -> _Maker:
    return reporting.maker()


@pytest.fixture(scope="session")
def report(maker: _Maker) -> Report:
    return maker.report


@pytest.fixture(scope="session")
def written(report: Report) -> dict[ReportFormat, bytes]:
    """The report in every format."""
    return {form: write_report(report, form) for form in FORMATS}


@pytest.fixture
def told(maker: _Maker):
    """The body of the report with another material, as lines of text."""

    def told(**changes) -> str:
        made = make_report(replace(maker.material, **changes), maker.wanted)
        return "\n".join(map(str, made.body))

    return told
