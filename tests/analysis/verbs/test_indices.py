"""`found.index_of_elements()`: each element counts alike, by its own name, beside the index."""

from __future__ import annotations

import numpy as np
import pytest

import analysis
from analysis.targets import Targets
from tests.analysis.verbs.office import sheets

ITEMS = {
    "access": ("c01", "c02", "c03", "c04"),
    "results": ("c16", "c17", "c18"),
    "feedback": ("c19", "c20"),
}
DOSSIERS = {"land": 90, "tax": 30, "civil-status": 200}


def answered(rng, sector, n, columns, questionnaire, month="2026-10"):
    """Rows of n people with scores to the columns, a few left out."""
    rows = sheets(sector, n, n, questionnaire=questionnaire, answered_on=f"{month}-12")
    return [
        row
        | {"response_id": f"{month}-{row['response_id']}"}
        | {item: str(rng.choice(["", "1", "3", "4", "5", "5"])) for item in columns}
        for row in rows
    ]


@pytest.fixture
def sipas():
    rng = np.random.default_rng(3)
    columns = [item for items in ITEMS.values() for item in items]
    sizes = {"land": 40, "tax": 11, "civil-status": 25}
    return [row for s, n in sizes.items() for row in answered(rng, s, n, columns, "sipas-22@1")]


def by_person(rows, sectors):
    """The mean of svyratio()s and its error under svydesign(strata, fpc), person by person."""
    counts = {
        sector: np.array(
            [
                [
                    (
                        sum(row[item] in ("4", "5") for item in items),
                        sum(row[item] != "" for item in items),
                    )
                    for items in ITEMS.values()
                ]
                for row in rows
                if row["sector"] == sector
            ]
        )
        for sector in sectors
    }
    weight = {sector: DOSSIERS[sector] / len(people) for sector, people in counts.items()}
    y, m = sum(weight[s] * people.sum(axis=0) for s, people in counts.items()).T
    variance = 0.0
    for sector, people in counts.items():
        n, N = len(people), DOSSIERS[sector]
        z = ((people[:, :, 0] - y / m * people[:, :, 1]) / m).mean(axis=1)
        variance += N**2 * (1 - n / N) / n * z.var(ddof=1)
    return (y / m).mean(), variance**0.5


def test_it_is_the_mean_of_the_element_shares_with_the_error_of_respondents(read_rows, sipas):
    found = analysis.estimate(read_rows(sipas, DOSSIERS, targets=Targets()), "2026-10")
    for sector, places in (("all", DOSSIERS), ("land", ["land"])):
        index = found.index_of_elements(sector=sector)
        share, se = by_person(sipas, places)
        assert index.rows[-1].share == pytest.approx(share, abs=1e-12)
        assert index.mean.se == pytest.approx(se, rel=1e-9)
        assert index.rows[-1].low < share < index.rows[-1].high


def test_it_stands_beside_the_index_of_the_document_under_its_own_name(read_rows, sipas):
    found = analysis.estimate(read_rows(sipas, DOSSIERS, targets=Targets()), "2026-10")
    index = found.index_of_elements()
    assert [row.measure for row in index] == [
        *(f"element:{name}" for name in ITEMS),
        *("index", "index_of_elements"),
    ]
    document = found.pick(measure="index")
    assert (index.rows[-2].share, index.rows[-2].low) == (document.share, document.low)
    assert index.rows[-1].share != document.share
    assert {row.measure for row in found} & {"index_of_elements"} == set()
    assert "Trung bình các yếu tố: mọi yếu tố ngang nhau" in index._repr_html_()
    assert index.table("en").rows[-1][0] == "Mean of elements: every element counts alike"


def test_of_the_short_form_it_is_the_mean_of_the_printed_shares(read_rows):
    """Its elements have one item each, left out by some: rows weigh by those who answered it."""
    rng = np.random.default_rng(4)
    names = ["access", "procedures", "civil_servants", "results", "feedback"]
    rows = [r for s, n in (("land", 30), ("tax", 9)) for r in answered(rng, s, n, names, "desk@1")]
    found = analysis.estimate(read_rows(rows, DOSSIERS, targets=Targets()), "2026-10")
    index = found.index_of_elements()
    assert len(index) == 7
    shares = [found.pick(measure=f"element:{name}").share for name in names]
    assert index.rows[-1].share == pytest.approx(sum(shares) / 5, abs=1e-12)
    errors = [(row.high - row.low) for row in index.rows[:5]]
    assert index.rows[-1].high - index.rows[-1].low < max(errors)


def test_months_are_strata(read_rows):
    """The same people in one month or in two with the same dossiers each: the mean stays."""
    rng = np.random.default_rng(5)
    columns = [item for items in ITEMS.values() for item in items]
    once = answered(rng, "land", 20, columns, "sipas-22@1", "2026-09")
    again = [
        row | {"response_id": f"b-{row['response_id']}", "answered_on": "2026-10-12"}
        for row in once
    ]
    dossiers = {"land/2026-09": 60, "land/2026-10": 60}
    data = read_rows([*once, *again], dossiers, targets=Targets())
    month, both = (
        analysis.estimate(data, period).index_of_elements() for period in ("2026-09", "2026-Q3")
    )
    assert both.rows[-1].share == pytest.approx(month.rows[-1].share)
    half = analysis.estimate(data, "2026-H2").index_of_elements()
    assert half.rows[-1].share == pytest.approx(month.rows[-1].share)
    assert half.mean.se == pytest.approx(month.mean.se / 2**0.5)


def test_what_has_no_elements_is_told_with_the_remedy(found):
    with pytest.raises(analysis.Refusal, match="has elements; read with the questionnaires"):
        found.index_of_elements()
    with pytest.raises(LookupError, match="sector, 'lnad'"):
        found.index_of_elements(sector="lnad")
