"""What an import would change is known first, far months are asked about, and it can be undone."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, update

from survey.dossiers import Counted, PopulationCount
from survey.dossiers.plan import make_plan
from survey.errors import StoreError
from survey.store import tables
from survey.store.population import (
    CountSource,
    apply_plan,
    list_imports,
    load_counts,
    save_counts,
    undo_last,
)
from survey.store.state import state_of

TODAY = date(2026, 11, 2)
LOG = CountSource(TODAY, "thang-10.csv", "a" * 64)
OCTOBER = PopulationCount("2026-10", "trieu-son", "land", 60, 50, 20)
CIVIL = PopulationCount("2026-10", "trieu-son", "civil-status", 240)


def month(period: str, completed: int) -> PopulationCount:
    return PopulationCount(period, "trieu-son", "land", completed)


def file_of(*counts: PopulationCount, **more: object) -> Counted:
    return Counted(counts, sum(count.completed for count in counts), **more)  # type: ignore[arg-type]


def test_a_plan_tells_new_changed_and_unchanged_months() -> None:
    plan = make_plan(
        file_of(OCTOBER, month("2026-09", 31), month("2026-11", 2)),
        [OCTOBER, month("2026-09", 30)],
    )
    assert [change.period for change in plan.of("unchanged")] == ["2026-10"]
    assert [change.period for change in plan.of("changed")] == ["2026-09"]
    assert [change.period for change in plan.of("new")] == ["2026-11"]


def test_far_months_wait_for_a_word() -> None:
    known = [month(f"2026-{number:02}", 300) for number in range(1, 10)]
    rows = [month(f"2026-{number:02}", 1) for number in range(1, 10)]
    plan = make_plan(file_of(month("2026-10", 310), *rows), known)
    asked = [doubt for doubt in plan.doubts if "would be replaced by 1, although" in doubt]
    assert len(asked) == 9
    assert all("mostly of 2026-10" in doubt for doubt in asked)


def test_months_that_were_named_are_not_far_but_still_not_halved_unasked() -> None:
    plan = make_plan(file_of(month("2026-03", 250)), [month("2026-03", 300)], {"2026-03"})
    assert plan.doubts == ()
    halved = make_plan(file_of(month("2026-03", 100)), [month("2026-03", 300)], {"2026-03"})
    assert "less than half of the 300 known" in halved.doubts[0]


def test_a_few_dossiers_of_the_month_before_are_usual_and_those_of_march_are_not() -> None:
    assert make_plan(file_of(month("2026-10", 300), month("2026-09", 2)), []).doubts == ()
    far = make_plan(file_of(month("2026-10", 300), month("2026-03", 2)), []).doubts
    assert far[0].startswith("2026-03 trieu-son: 2 dossiers would be the whole month")


def test_a_file_of_counts_may_bring_a_year_at_once() -> None:
    year = [month(f"2026-{number:02}", 300 + number) for number in range(1, 11)]
    assert make_plan(file_of(*year, kind="population"), []).doubts == ()


def test_what_is_known_already_is_not_written_again(engine: Engine) -> None:
    apply_plan(engine, make_plan(file_of(OCTOBER), []), log=LOG)
    assert apply_plan(engine, make_plan(file_of(OCTOBER), load_counts(engine)), log=LOG) == ()
    assert len(list_imports(engine)) == 1


def test_a_plan_that_is_overtaken_changes_nothing(engine: Engine) -> None:
    plan = make_plan(file_of(month("2026-09", 3), OCTOBER), load_counts(engine))
    save_counts(engine, [CIVIL], log=LOG)
    before = load_counts(engine)
    with pytest.raises(StoreError, match="have changed since they were shown"):
        apply_plan(engine, plan, log=LOG)
    assert load_counts(engine) == before


def test_the_last_import_is_undone_exactly_and_then_the_one_before(engine: Engine) -> None:
    states, figures = [load_counts(engine)], [state_of(engine, TODAY)]
    for counts in ([OCTOBER, month("2026-09", 31)], [CIVIL], [month("2026-10", 7)]):
        apply_plan(engine, make_plan(file_of(*counts), load_counts(engine)), log=LOG)
        states.append(load_counts(engine))
        figures.append(state_of(engine, TODAY))
    for before in reversed(states[:-1]):
        undone = undo_last(engine, TODAY)
        assert all(line.undone_on == TODAY for line in undone)
        assert load_counts(engine) == before
        figures.append(state_of(engine, TODAY))
    assert len(set(figures)) == len(figures)  # every page of results is computed again
    with pytest.raises(StoreError, match="there is no import to take back"):
        undo_last(engine, TODAY)
    assert all(line.undone_on == TODAY for line in list_imports(engine))


def test_an_import_after_an_undone_one_can_be_undone_too(engine: Engine) -> None:
    save_counts(engine, [OCTOBER], log=LOG)
    undo_last(engine, TODAY)
    save_counts(engine, [CIVIL], log=LOG)
    undo_last(engine, TODAY)
    assert load_counts(engine) == ()


def test_an_import_of_an_older_version_says_that_it_cannot_be_undone(engine: Engine) -> None:
    save_counts(engine, [OCTOBER], log=LOG)
    with engine.begin() as connection:
        connection.execute(update(tables.population_import).values(batch=None, before=None))
    with pytest.raises(StoreError, match="did not keep what it replaced; import the right file"):
        undo_last(engine, TODAY)
    assert load_counts(engine) == (OCTOBER,)
