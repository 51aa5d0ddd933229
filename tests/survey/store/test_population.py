"""Population counts on both databases: whole months are replaced, and the log says so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from survey.dossiers import PopulationCount
from survey.store.population import CountSource, Import, list_imports, load_counts, save_counts

FIRST = CountSource(date(2026, 11, 2), "thang-10.csv", "a" * 64)
SECOND = CountSource(date(2026, 11, 5), "thang-10-sua.xlsx", "b" * 64)

LAND = PopulationCount("2026-10", "trieu-son", "land", 60, 50, 20)
CIVIL = PopulationCount("2026-10", "trieu-son", "civil-status", 240)
SEPTEMBER = PopulationCount("2026-09", "trieu-son", "land", 31, 30, 0)
ELSEWHERE = PopulationCount("2026-10", "ai-tu", "land", 12)


def test_counts_come_back_as_they_were_saved(engine: Engine) -> None:
    save_counts(engine, [LAND, CIVIL, SEPTEMBER, ELSEWHERE], log=FIRST)
    assert load_counts(engine) == (SEPTEMBER, ELSEWHERE, CIVIL, LAND)
    assert load_counts(engine, ["2026-09", "2026-08"]) == (SEPTEMBER,)
    assert load_counts(engine, []) == ()


def test_a_second_import_replaces_the_whole_month_of_that_office_only(engine: Engine) -> None:
    save_counts(engine, [LAND, CIVIL, SEPTEMBER, ELSEWHERE], log=FIRST)
    corrected = PopulationCount("2026-10", "trieu-son", "land", 61, 51, 21)
    save_counts(engine, [corrected], log=SECOND)
    assert load_counts(engine) == (SEPTEMBER, ELSEWHERE, corrected)


def test_the_log_says_what_replaced_what(engine: Engine) -> None:
    save_counts(engine, [LAND, CIVIL, SEPTEMBER], log=FIRST)
    written = save_counts(engine, [LAND], log=SECOND)
    assert written == (Import(SECOND, "2026-10", "trieu-son", 60, 300),)
    assert list_imports(engine) == (
        Import(FIRST, "2026-09", "trieu-son", 31, None),
        Import(FIRST, "2026-10", "trieu-son", 300, None),
        *written,
    )


def test_a_month_that_was_known_as_zero_is_replaced_not_new(engine: Engine) -> None:
    save_counts(engine, [PopulationCount("2026-10", "trieu-son", "land", 0)], log=FIRST)
    (written,) = save_counts(engine, [LAND], log=SECOND)
    assert written.replaced == 0


def test_what_fails_in_the_middle_leaves_everything_as_it_was(engine: Engine) -> None:
    save_counts(engine, [LAND, SEPTEMBER], log=FIRST)
    before, log = load_counts(engine), list_imports(engine)
    twice = [PopulationCount("2026-09", "trieu-son", "land", 1), CIVIL, CIVIL]
    with pytest.raises(IntegrityError):
        save_counts(engine, twice, log=SECOND)
    assert load_counts(engine) == before
    assert list_imports(engine) == log


def test_imports_of_the_same_month_at_the_same_time_replace_each_other(engine: Engine) -> None:
    together = Barrier(4)

    def save(number: int) -> tuple[Import, ...]:
        together.wait()
        return save_counts(engine, [replace(LAND, completed=60 + number)], log=FIRST)

    with ThreadPoolExecutor(4) as pool:
        written = [entry for entries in pool.map(save, range(4)) for entry in entries]
    log = list_imports(engine)
    assert sorted(written, key=log.index) == list(log)
    assert [entry.replaced for entry in log] == [None, *(entry.completed for entry in log[:-1])]
    assert [count.completed for count in load_counts(engine)] == [log[-1].completed]


def test_nothing_to_save_changes_and_logs_nothing(engine: Engine) -> None:
    assert save_counts(engine, [], log=FIRST) == ()
    assert list_imports(engine) == ()
