"""Do the intervals hold? The benchmark's own functions, on the published grid and a small draw."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from analysis.formulas.strata import Kind

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "coverage.py"


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
def test_kg_s_covers_where_survey_programs_do_not(benchmark: ModuleType, kind: Kind) -> None:
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
