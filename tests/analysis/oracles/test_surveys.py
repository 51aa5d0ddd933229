"""Oracles of whole surveys: R's svymean, svyratio, svyby, postStratify, rake, and KG-S."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from analysis.statistics.estimates import Estimate, Ratios, estimate, ratios
from analysis.statistics.exact import beta_limits, exact_interval, one_sided_bounds
from analysis.statistics.moments import Moments
from analysis.statistics.strata import MeasureKind, Stratum, draw
from analysis.statistics.weights import WeightGroup, poststratify, rake, weighted_ratio

Case = dict[str, Any]
Agree = Callable[..., None]
Answers = Sequence[tuple[int, int, int]]


def moments(answers: Answers) -> Moments:
    """From (y, m, s) per respondent."""
    y, m, s = np.array(answers, dtype=np.int64).reshape(-1, 3).T
    sums = [y.sum(), m.sum(), y @ y, y @ m, m @ m, s.sum(), s @ s, s @ m]
    return Moments(len(answers), int((m > 0).sum()), *(int(total) for total in sums))


def item_answer(row: Case) -> tuple[int, int, int]:
    return int(row["score"] >= 4), 1, row["score"] - 1


def index_answer(row: Case) -> tuple[int, int, int]:
    given = [score for score in row["items"] if score is not None]
    return sum(score >= 4 for score in given), len(given), sum(score - 1 for score in given)


def tallied_answer(row: Case) -> tuple[int, int, int]:
    return row["y"], row["m"], 0


def kg_s(found: Ratios, *, mean: bool) -> dict[str, float | None]:
    """All of the safeguarded interval, under the oracle's names."""
    scale: Callable[[float], float] = (lambda x: 1 + 4 * x) if mean else (lambda x: x)
    limits = {}
    for name, tail in (("", 0.025), ("_one_sided_95", 0.05)):
        low, high = beta_limits(found.share, found.n_eff, tail)
        limits[f"lower{name}"] = scale(float(low[0]))
        limits[f"upper{name}"] = scale(float(high[0]))
    figures: dict[str, float | None] = {
        "estimate": scale(float(found.share[0])),
        "v_stratified": float(found.variance[0]),
        "v_pooled": float(found.pooled[0]),
        "n_eff_cap": float(found.cap[0]),
        "n_eff": float(found.n_eff[0]) if np.isfinite(found.n_eff[0]) else None,
    }
    return figures | limits


def standard_error(option: str, found: Ratios, strata: Sequence[Stratum]) -> float | None:
    """Under R's four ways with a stratum of one answer; the product prints "adjust"."""
    single = [s.moments.n == 1 and (s.population or 0) > 1 for s in strata]
    if not any(single):
        return float(np.sqrt(found.variance[0]))
    if all(single):
        return None
    variance = float(found.variance[0])
    if option == "adjust":
        variance += float(found.lonely[0])
    if option == "average":
        variance *= len(single) / (len(single) - sum(single))
    return float(np.sqrt(variance))


def figures(strata: Sequence[Stratum], kind: MeasureKind, option: str) -> dict[str, Any]:
    """Share (or index) and mean of a cell, under the oracle's names."""
    answered = [stratum for stratum in strata if stratum.moments.answered]
    found = estimate(strata, kind=kind)
    design = draw([strata], [kind])
    share, mean = ratios(design, design.satisfied), ratios(design, design.scored)
    se = standard_error(option, share, answered)
    spread = standard_error(option, mean, answered)
    if option == "adjust" and se is not None:
        assert found.se == pytest.approx(se) and found.mean_se == pytest.approx(4 * (spread or 0))
    # the size of a simple random sample with the same error, as svyciprop takes it
    p = found.share or 0.0
    simple = p * (1 - p) / se**2 if se and 0 < p < 1 else None
    if simple and option == "adjust":
        assert found.design_effect == pytest.approx(found.answered / simple)
    return {
        "one": {
            "estimate": found.share,
            "se": se,
            "se_item_rows": se,
            "df": found.df,
            "n_eff": simple,
        },
        "mean": {
            "estimate": found.mean,
            "se": 4 * spread if spread is not None else None,
            "df": found.df,
        },
        "kg_s": kg_s(share, mean=False),
        "kg_s_mean": kg_s(mean, mean=True),
        "row": found,
    }


def survey_figures(item: Sequence[Stratum], index: Sequence[Stratum], option: str) -> Case:
    top2, ratio = figures(item, "item", option), figures(index, "ratio", option)
    row: Estimate = top2["row"]
    _same_as_row(row, top2, several=sum(s.moments.n > 0 for s in item) > 1)
    _same_as_row(ratio["row"], ratio, several=True)
    return {
        "n": row.n,
        "N": row.population,
        "N_covered": row.population_covered,
        "df": row.df,
        "top2": top2["one"],
        "index": ratio["one"],
        "mean": top2["mean"],
        "recommended_top2": top2["kg_s"],
        "recommended_index": ratio["kg_s"],
        "recommended_mean": top2["kg_s_mean"],
    }


def _same_as_row(row: Estimate, found: dict[str, Any], *, several: bool) -> None:
    """The public row carries the same interval as the parts compared with R."""
    mean = found["kg_s_mean"]
    assert (row.mean_low, row.mean_high) == pytest.approx((mean["lower"], mean["upper"]))
    if several:
        ours = found["kg_s"]
        names = ("lower", "upper", "lower_one_sided_95", "upper_one_sided_95")
        assert (row.low, row.high, row.lower, row.upper) == pytest.approx([ours[n] for n in names])


def sector_figures(item: Stratum, index: Stratum, option: str) -> Case:
    n, N = item.moments.n, item.population
    if n == 0:
        assert estimate([item]).share is None
        return {"n": 0, "N": N, "status": "not_estimable", "estimate": None}
    found = survey_figures([item], [index], option)
    y, m = item.moments, index.moments
    both, one = exact_interval(y.y, n, N), one_sided_bounds(y.y, n, N)
    row = estimate([item])
    assert (row.low, row.high, row.lower, row.upper) == (both.low, both.high, one.low, one.high)
    found |= {
        "f": n / (N or 1),
        "moments": {
            "n": n,
            "sum_top2": y.y,
            "sum_y": m.y,
            "sum_m": m.m,
            "sum_yy": m.yy,
            "sum_ym": m.ym,
            "sum_mm": m.mm,
            "sum_score": y.s + n,
            "sum_score2": y.ss + 2 * y.s + n,
        },
        "top2_exact": {
            "M_lower": both.low * (N or 0),
            "M_upper": both.high * (N or 0),
            "lower": both.low,
            "upper": both.high,
        },
        "top2_one_sided_95": {"lower": one.low, "upper": one.high},
    }
    if n == 1 and (N or 0) > 1:
        found["status"] = "variance_not_estimable"
    return found


@pytest.mark.oracle("survey_designs.json")
def test_survey(case: Case, agree: Agree) -> None:
    asked = case["input"]
    by_sector = {
        name: [row for row in asked["responses"] if row["sector"] == name]
        for name in asked["strata"]
    }
    items, indices = (
        {
            name: Stratum(moments([answer(row) for row in rows]), asked["strata"][name]["N"])
            for name, rows in by_sector.items()
        }
        for answer in (item_answer, index_answer)
    )
    option = asked["lonely_psu"]
    ours = {
        "overall": survey_figures(list(items.values()), list(indices.values()), option),
        "by_sector": {name: sector_figures(items[name], indices[name], option) for name in items},
    }
    agree(case, ours)


@pytest.mark.oracle("domains_weights.json")
def test_domain_or_weights(case: Case, agree: Agree) -> None:
    if "w" in case["input"]:
        groups = [
            WeightGroup(moments([(y, 1, 0)]), w)
            for y, w in zip(case["input"]["y"], case["input"]["w"], strict=True)
        ]
        found = weighted_ratio(groups)
        ours = {name: getattr(found, name) for name in ("se", "df", "n_eff", "kish_n_eff")}
        agree(case, ours | {"estimate": found.share})
        return
    found = {name: domain_figures(case["input"], name) for name in case["input"]["domains"]}
    channels = case["expected"]["svyby"]["channel"]
    by = {
        "channel": channels,
        "estimate": [found[name]["top2"]["estimate"] for name in channels],
        "se": [found[name]["top2"]["se"] for name in channels],
    }
    agree(case, found | {"svyby": by})


def domain_figures(asked: Case, domain: str) -> Case:
    strata: dict[str, list[Stratum]] = {"item": [], "ratio": []}
    for sector, facts in asked["strata"].items():
        rows = [row for row in asked["responses"] if row["sector"] == sector]
        inside = [row for row in rows if row["channel"] == domain]
        for kind, answer in (("item", item_answer), ("ratio", tallied_answer)):
            found = moments([answer(row) for row in inside])
            strata[kind].append(Stratum(found, facts["N"], responses=len(rows)))
    item, index = estimate(strata["item"], kind="item"), estimate(strata["ratio"], kind="ratio")
    if not item.n:
        return {"n": 0, "status": "not_estimable", "estimate": item.share}
    return {
        "n": item.n,
        "top2": {
            "estimate": item.share,
            "se": item.se,
            "df": item.df,
            "n_eff": item.answered / item.design_effect if item.design_effect else None,
        },
        "index": {"estimate": index.share, "se": index.se, "df": index.df},
        "mean": {"estimate": item.mean, "se": item.mean_se, "df": item.df},
    }


@pytest.mark.oracle("large_moments.json")
def test_large(case: Case, agree: Agree) -> None:
    strata: dict[str, dict[str, Stratum]] = {"item": {}, "ratio": {}}
    for sector, a in case["input"]["strata"].items():
        n, x, s = a["n"], a["sum_top2"], a["sum_score"] - a["n"]
        squares = a["sum_score2"] - 2 * a["sum_score"] + n
        strata["item"][sector] = Stratum(Moments(n, n, x, n, x, x, n, s, squares, s), a["N"])
        sums = (a[f"sum_{name}"] for name in ("y", "m", "yy", "ym", "mm"))
        strata["ratio"][sector] = Stratum(Moments(n, n, *sums), a["N"])
    items, indices = (list(strata[kind].values()) for kind in ("item", "ratio"))
    ours = survey_figures(items, indices, "adjust")
    ours["by_sector"] = {}
    for sector in strata["item"]:
        item = estimate([strata["item"][sector]])
        index = estimate([strata["ratio"][sector]], kind="ratio")
        ours["by_sector"][sector] = {
            "top2": item.share,
            "se_top2": item.se,
            "index": index.share,
            "se_index": index.se,
        }
    agree(case, ours)


@pytest.mark.oracle("calibration.json")
def test_calibration(case: Case, agree: Agree) -> None:
    if "sample_counts_a_by_b" in case["input"]:
        agree(case, published_weights(case["input"]))
        return
    asked = case["input"]
    cells = list(zip(asked["sector"], asked["channel"], strict=True))
    answers = Counter(cells)
    satisfied = Counter(c for c, yes in zip(cells, asked["top2"], strict=True) if yes)
    sectors, channels = asked["sector_totals"], asked["channel_totals"]
    by_sector = poststratify(Counter(asked["sector"]), sectors)
    raked = rake(answers, sectors, channels).weights
    rows, columns = list(sectors), list(channels)
    weights = {(s, c): raked[rows.index(s)][columns.index(c)] for s, c in answers}

    def weighted(weight: Callable[[tuple[str, str]], float], margins: Callable[..., Any]) -> Case:
        groups = [
            WeightGroup(yes_no(satisfied[cell], answers[cell]), weight(cell), margins(cell))
            for cell in answers
        ]
        found = weighted_ratio(groups, population=asked["N"])
        return {"estimate": found.share, "se": found.se, "df": found.df}

    expected = case["expected"]["raked"]["cell_weights"]
    stratified = estimate(
        [
            Stratum(
                yes_no(*(sum(c[cell] for cell in c if cell[0] == s) for c in (satisfied, answers))),
                sectors[s],
            )
            for s in sectors
        ]
    )
    ours = {
        "unweighted": weighted(lambda _: 1.0, lambda _: ()),
        "poststratified": weighted(lambda cell: by_sector[cell[0]], lambda cell: cell[:1])
        | {"weight_by_sector": by_sector},
        "raked": weighted(weights.__getitem__, lambda cell: cell)
        | {
            "cell_weights": [
                cell | {"weight": weights[cell["sector"], cell["channel"]]} for cell in expected
            ]
        },
        "stratified_conditional": {
            "estimate": stratified.share,
            "se": stratified.se,
            "df": stratified.df,
        },
    }
    agree(case, ours)


def yes_no(x: int, n: int) -> Moments:
    return Moments(n=n, answered=n, y=x, m=n, yy=x, ym=x, mm=n)


def published_weights(asked: Case) -> Case:
    counts, dossiers = asked["sample_counts_a_by_b"], asked["population_counts_a_by_b"]
    names = [(f"a{i}", f"b{j}") for i in range(len(counts)) for j in range(len(counts[0]))]
    flat = {name: counts[int(name[0][1:])][int(name[1][1:])] for name in names}
    whole = {name: dossiers[int(name[0][1:])][int(name[1][1:])] for name in names}
    crossed = poststratify(
        {"·".join(name): flat[name] for name in names},
        {"·".join(name): whole[name] for name in names},
    )
    rows: Counter[str] = Counter()
    columns: Counter[str] = Counter()
    for (a, b), N in whole.items():
        rows[a] += N
        columns[b] += N
    by_cell = [[crossed[f"a{i}·b{j}"] for j in range(len(counts[0]))] for i in range(len(counts))]
    raked = [list(row) for row in rake(flat, rows, columns).weights]
    return {"poststratified_weight_a_by_b": by_cell, "raked_weight_a_by_b": raked}


@pytest.mark.oracle("real_data.json")
def test_published_example(case: Case, agree: Agree) -> None:
    """Stata's fpc data in tenths: integers, as our moments are."""
    asked = case["input"]
    strata: dict[int, list[int]] = {}
    for stratum, x in zip(asked["stratum"], asked["x"], strict=True):
        strata.setdefault(stratum, []).append(round(10 * x))
    sizes = dict(zip(asked["stratum"], asked["N"], strict=True))
    found = {}
    for known in (True, False):
        # without dossiers the weights stay: a stratum's N tenfold, its fraction next to nothing
        cells = [
            Stratum(moments([(x, 1, 0) for x in xs]), sizes[h] if known else sizes[h] * 10**12)
            for h, xs in strata.items()
        ]
        design = draw([cells], ["ratio"])
        found[known] = ratios(design, design.satisfied)
    mean, se = float(found[True].share[0]) / 10, float(np.sqrt(found[True].variance[0])) / 10
    ours = {
        "estimate": mean,
        "se_fpc": se,
        "se_no_fpc": float(np.sqrt(found[False].variance[0])) / 10,
        "df": float(found[True].df[0]),
    }
    agree({**case, "tol": 1e-7}, ours)  # the data set stores single precision
