"""Do the intervals hold? The benchmark's own functions, on the published grid and a small draw."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from analysis.statistics.strata import MeasureKind

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "coverage.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_benchmark", BENCHMARK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


# min and mean coverage, mean width, cells below 95%: made elsewhere, in R, with 3 decimals
PUBLISHED = {
    "Wald, FPC": (0.049, 0.686, 0.179, 59),
    "Wilson, FPC": (0.855, 0.957, 0.272, 25),
    "Clopper-Pearson": (0.966, 0.993, 0.352, 0),
    "Korn-Graubard": (0.947, 0.986, 0.336, 2),
    "exact hypergeometric": (0.961, 0.988, 0.311, 0),
}


@pytest.mark.parametrize("method", PUBLISHED)
def test_the_grid_of_65_cells_gives_the_published_figures(
    benchmark: ModuleType, method: str
) -> None:
    limits = benchmark.METHODS[method]
    cells = [benchmark.enumerate_cell(limits, *cell) for cell in benchmark.grid()]
    inside = [cell.inside for cell in cells]
    below = sum(value < 0.95 - 1e-9 for value in inside)
    got = (min(inside), np.mean(inside), np.mean([cell.width for cell in cells]))
    assert len(cells) == 65
    assert got == pytest.approx(PUBLISHED[method][:3], abs=0.00051)
    assert below == PUBLISHED[method][3]


@pytest.mark.parametrize("kind", ["item", "ratio"])
def test_kg_s_covers_where_survey_programs_do_not(benchmark: ModuleType, kind: MeasureKind) -> None:
    rng = np.random.default_rng(20261122)
    kg_s, wald = [], []
    for name, design in benchmark.DESIGNS.items():
        if len(design) > 1:
            truth, found = benchmark.simulate(design, 0.95, kind, 400, rng)
            limits = benchmark.rivals(found)
            kg_s.append(benchmark.judge_limits(truth, *limits["KG-S"]).inside)
            wald.append(benchmark.judge_limits(truth, *limits["Wald t (svymean)"]).inside)
            assert kg_s[-1] >= 0.92, name  # 400 draws: 3 standard errors below 0.95
    assert np.mean(kg_s) >= 0.95
    assert min(wald) < 0.90


def test_simulated_surveys_find_the_truth_on_average(benchmark: ModuleType) -> None:
    rng = np.random.default_rng(7)
    design = benchmark.DESIGNS["8 sectors, 400 answers"]
    truth, found = benchmark.simulate(design, 0.9, "ratio", 300, rng)
    shares = np.array([estimate.share for estimate in found])
    assert abs(shares.mean() - truth) < 4 * shares.std() / np.sqrt(len(found))


# dossiers and answers of small sectors; KG-S by itself errs beyond 6% in each at one target
MOSTLY_ANSWERED = [
    (((12, 11),) * 3, 0.95, 0.16),
    (((60, 52),) * 2, 0.85, 0.06),
    (((40, 36), (20, 16)), 0.85, 0.09),
    (((30, 20), (30, 22)), 0.90, 0.07),
]


@pytest.mark.parametrize(("sizes", "target", "alone"), MOSTLY_ANSWERED)
def test_verdicts_keep_their_5_percent_where_most_answered_wherever_the_dissatisfied_are(
    benchmark: ModuleType, sizes: tuple[tuple[int, int], ...], target: float, alone: float
) -> None:
    by_itself, printed = benchmark.added_up(sizes, target)
    assert max(by_itself) > alone
    assert max(printed) <= 0.05


def test_one_sector_added_up_gives_the_exact_verdicts_own_error(benchmark: ModuleType) -> None:
    """16 of 20, 17 satisfied: only 16 of 16 says "met" 90%, in 17 of 4,845 samples."""
    _, printed = benchmark.added_up(((20, 16),), 0.9)
    assert printed == pytest.approx((17 / 4845, 0.0))


def test_a_months_answers_below_two_join_the_next_month_of_their_sector(
    benchmark: ModuleType,
) -> None:
    parts = benchmark.by_month(
        [(10, 1, 0.0), (10, 0, 0.0), (10, 3, 0.0), (10, 1, 0.0)], [(5, 1, 0.0), (5, 0, 0.0)]
    )
    assert [part.stratum for part in parts] == [0, 0, 0, 0, 1, 1]
    parts = benchmark.by_month([(10, 2, 0.0), (10, 0, 0.0), (10, 4, 0.0)], [(5, 2, 0.0)])
    assert [part.stratum for part in parts] == [0, 1, 1, 2]


def test_truths_lie_just_below_and_just_at_the_target(benchmark: ModuleType) -> None:
    for designs in benchmark.UNEVEN.values():
        for parts in designs.values():
            whole = sum(part.dossiers for part in parts)
            below, at = (
                sum(p.dossiers * M / p.people for p, M in zip(parts, counts, strict=True))
                for counts in benchmark.settled(parts, 0.85)
            )
            assert 0.85 * whole - 1 - 1e-9 <= below < 0.85 * whole <= at + 1e-9
            assert at <= below + 1 + 1e-9


@pytest.mark.parametrize(
    "group",
    ["sector x month, unequal months", "2% to 95% answered", "a fault in one sector"],
)
def test_uneven_designs_cover_the_truth_and_keep_their_5_percent(
    benchmark: ModuleType, group: str
) -> None:
    rng = np.random.default_rng(20261122)
    found = benchmark.trials(benchmark.UNEVEN[group], 300, rng)["as printed"]
    every = [trial for trials in found.values() for trial in trials]
    assert min(trial.inside for trial in every) >= 0.92  # 300 draws: 3 standard errors and less
    assert np.mean([trial.inside for trial in every]) >= 0.95
    assert max(trial.wrong for trial in every) <= 0.09


def test_where_nearly_all_answered_the_error_falls_at_a_tenth_of_the_width(
    benchmark: ModuleType,
) -> None:
    rng = np.random.default_rng(20261122)
    found = benchmark.trials(benchmark.UNEVEN["nearly all answered"], 1000, rng)
    worst = {
        name: max(trial.wrong for trials in sides.values() for trial in trials)
        for name, sides in found.items()
    }
    width = {
        name: np.mean([trial.width for trials in sides.values() for trial in trials])
        for name, sides in found.items()
    }
    assert worst["KG-S by itself"] > 0.10
    assert worst["as printed"] <= 0.052
    assert width["as printed"] <= 1.15 * width["KG-S by itself"]
