"""From a file of answers to the document: every figure as R's survey package has it.

Cases and tolerances: tests/analysis/oracles/survey_designs.json (README there says how R made it).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.document import analyse
from analysis.input.columns import Named
from analysis.input.responses import read_responses
from analysis.targets import parse_targets

DESIGNS = json.loads(
    (Path(__file__).parent / "oracles" / "survey_designs.json").read_text(encoding="utf-8")
)["cases"]

TARGETS = parse_targets(
    """
    [[target]]
    id = "all"
    title = {vi = "Chung", en = "All"}
    measure = "overall"
    sectors = "all"
    pool = true
    threshold = 0.9
    deadline = 2025
    source = "test"

    [[target]]
    id = "index"
    title = {vi = "Chỉ số", en = "Index"}
    measure = "index"
    sectors = "all"
    pool = true
    threshold = 0.9
    deadline = 2025
    source = "test"

    [[target]]
    id = "each"
    title = {vi = "Từng lĩnh vực", en = "Each"}
    measure = "overall"
    sectors = "all"
    pool = false
    threshold = 0.9
    deadline = 2025
    source = "test"
    """,
    "targets.toml",
)


def as_rows(case, response):
    for answer in case["input"]["responses"]:
        items = {f"c{n:02d}": score for n, score in enumerate(answer["items"], start=1)}
        items["overall"] = answer["score"]
        scores = {item: "" if score is None else str(score) for item, score in items.items()}
        yield response(answer["id"], sector=answer["sector"], **scores)


FOUND = {}
"""The document of a case by its id: made once, looked at by every test."""


@pytest.fixture(params=DESIGNS, ids=[case["id"] for case in DESIGNS])
def case(request):
    return request.param


@pytest.fixture
def found(case, response, write_csv, tmp_path):
    if case["id"] not in FOUND:
        FOUND[case["id"]] = made(case, response, write_csv, tmp_path)
    return FOUND[case["id"]]


def made(case, response, write_csv, tmp_path):
    population = tmp_path / "population.csv"
    rows = [f"2026-10,trieu-son,{h},{s['N']}" for h, s in case["input"]["strata"].items()]
    population.write_text(
        "period,office,sector,completed\n" + "\n".join(rows) + "\n", encoding="utf-8"
    )
    answers = write_csv(list(as_rows(case, response)))
    items = {
        f"c{n:02d}" for one in case["input"]["responses"] for n, _ in enumerate(one["items"], 1)
    }
    with read_responses(answers, named=Named(tuple(sorted(items)))) as opened:
        return analyse(opened, population, period="2026-10", targets=TARGETS)


def close(case, got, expected):
    return got == pytest.approx(expected, rel=case["tol"], abs=case["tol"])


def test_totals_over_sectors_are_those_of_r(case, found):
    expected = case["expected"]["overall"]
    overall, index = found.pick(), found.pick(measure="index")
    assert overall.n == expected["n"]
    assert overall.population == expected["N"]
    assert close(case, overall.share, expected["recommended_top2"]["estimate"])
    assert close(case, overall.mean, expected["recommended_mean"]["estimate"])
    assert close(case, index.share, expected["recommended_index"]["estimate"])
    recommended = [(overall, "mean_low", "mean_high", "recommended_mean")]
    recommended += [(index, "low", "high", "recommended_index")]
    if len(case["expected"]["by_sector"]) > 1:  # one sector has exact limits instead
        recommended += [(overall, "low", "high", "recommended_top2")]
    for row, low, high, name in recommended:
        assert close(case, getattr(row, low), expected[name]["lower"]), name
        assert close(case, getattr(row, high), expected[name]["upper"]), name


def test_verdict_bounds_over_sectors_are_those_of_r(case, found):
    expected = case["expected"]["overall"]
    if len(case["expected"]["by_sector"]) == 1:
        pytest.skip("one sector: exact limits, held by the test of sectors")
    for target, name in (("all", "recommended_top2"), ("index", "recommended_index")):
        (verdict,) = (v for v in found.verdicts if (v.target, v.office) == (target, "all"))
        assert close(case, verdict.lower, expected[name]["lower_one_sided_95"])
        assert close(case, verdict.upper, expected[name]["upper_one_sided_95"])


def test_each_sector_has_its_exact_limits(case, found):
    for sector, expected in case["expected"]["by_sector"].items():
        row = found.pick(sector=sector)
        assert (row.n, row.population) == (expected["n"], expected["N"])
        if not expected["n"]:
            assert (row.share, row.low) == (None, None)
            continue
        assert close(case, row.share, expected["top2"]["estimate"])
        exact, N = expected["top2_exact"], expected["N"]
        assert (row.low, row.high) == (exact["M_lower"] / N, exact["M_upper"] / N)
        (verdict,) = (
            v for v in found.verdicts if (v.target, v.office, v.sector) == ("each", "all", sector)
        )
        one_sided = expected["top2_one_sided_95"]
        limits = (one_sided["lower"], one_sided["upper"])
        assert (verdict.lower, verdict.upper) == pytest.approx(limits, abs=1e-12)


def test_an_office_alone_is_the_total_of_offices(found):
    one = [row[1:] for row in found.estimates if row.office == "trieu-son"]
    assert one == [row[1:] for row in found.estimates if row.office == "all"]
