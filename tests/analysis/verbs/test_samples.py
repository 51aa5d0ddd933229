"""Single answers with strata and weights: what survey software computes of them is our figure."""

from __future__ import annotations

import shutil
import subprocess
from math import sqrt

import pytest

import analysis
from tests.analysis.verbs.office import sheets

PROGRAMS = 120  # seconds: R may start slowly
R = """
suppressMessages(library(survey))
d <- read.csv("sample.csv")
d$stratum <- factor(d$stratum)
s <- svydesign(ids = ~1, strata = ~stratum, fpc = ~N, weights = ~weight, data = d)
m <- svymean(~satisfied, s)
cat(format(c(coef(m), SE(m)), digits = 15), sep = "\\n")
"""


@pytest.fixture
def found(read_rows):
    """Land over two months, civil status in one; three answers whose dossiers are not counted."""
    rows = [
        *sheets("land", 45, 50),
        *sheets("land", 20, 30, answered_on="2026-11-05"),
        *sheets("civil-status", 20, 40),
        *sheets("tax", 1, 3),
        *sheets("land", 0, 1, overall="", late="false"),
    ]
    dossiers = {"land": 120, "land/2026-11": 70, "civil-status": 60}
    return analysis.estimate(read_rows(rows, dossiers, today="2027-01-02"), "2026-Q4")


def test_weights_are_dossiers_by_answers_of_each_stratum(found):
    sample = found.to_responses()
    assert list(sample.columns[-5:]) == ["stratum", "N", "n", "weight", "satisfied"]
    strata = {row.stratum: (row.N, row.n) for row in sample.itertuples()}
    assert strata == {
        "xa-a/land/2026-10": (120, 50),
        "xa-a/land/2026-11": (70, 30),
        "xa-a/civil-status/2026-10": (60, 40),
    }
    assert sample.weight.sum() == pytest.approx(250)
    assert sample.response_id.is_unique and sample.response_id.is_monotonic_increasing
    share = (sample.weight * sample.satisfied).sum() / sample.weight.sum()
    assert share == pytest.approx(found.pick().share, rel=1e-12)


def test_the_standard_error_is_that_of_the_stratified_mean(found):
    sample, variance = found.to_responses(), 0.0
    for _, part in sample.groupby("stratum"):
        N, n, p = part.N.iloc[0], len(part), part.satisfied.mean()
        variance += (N / 250) ** 2 * (1 - n / N) * p * (1 - p) / (n - 1)
    frame = found.to_frame(full=True)
    keys = (frame.office == "all") & (frame.sector == "all") & (frame.measure == "overall")
    row = frame[keys & (frame.channel == "all")].iloc[0]
    assert row.se == pytest.approx(sqrt(variance), rel=1e-12)


def test_r_computes_the_same_share_and_standard_error_by_one_line(found, tmp_path):
    if shutil.which("Rscript") is None:
        pytest.skip("no Rscript here")
    found.to_responses().to_csv(tmp_path / "sample.csv", index=False)
    command = ["Rscript", "-e", R]
    done = subprocess.run(
        command, cwd=tmp_path, timeout=PROGRAMS, capture_output=True, encoding="utf-8", check=False
    )
    if "no package called" in done.stderr:
        pytest.skip("no package survey in R here")
    share, se = map(float, done.stdout.split())
    frame = found.to_frame(full=True)
    row = frame[(frame.office == "all") & (frame.sector == "all") & (frame.channel == "all")]
    row = row[row.measure == "overall"].iloc[0]
    assert share == pytest.approx(row.share, rel=1e-12)
    assert se == pytest.approx(row.se, rel=1e-12)


def test_raked_weights_come_with_every_answer(found):
    raked = found.weighted({"poster": 150, "kiosk": 100})
    sample = raked.to_responses()
    assert sample.weight.sum() == pytest.approx(250)
    by_channel = sample.groupby("channel").weight.sum()
    assert by_channel["poster"] == pytest.approx(150) and by_channel["kiosk"] == pytest.approx(100)
    assert set(sample.columns) >= {"response_id", "weight", "stratum", "N", "n"}
    answered = sample[sample.satisfied.notna()]
    share = (answered.weight * answered.satisfied).sum() / answered.weight.sum()
    assert share == pytest.approx(raked.rows[0].share)


def test_without_dossiers_every_answer_weighs_one(read_rows):
    sample = analysis.estimate(read_rows(sheets("land", 4, 5)), "2026-10").to_responses()
    assert set(sample.weight) == {1.0} and sample.N.isna().all()


def test_what_has_several_answers_of_a_person_is_no_sample_and_published_figures_neither(found):
    with pytest.raises(analysis.Refusal, match="argument measure, 'index'"):
        found.to_responses(measure="index")
    with pytest.raises(analysis.Refusal, match="published figures have none of this"):
        found.published().to_responses()


def test_scores_are_counted_in_every_row_as_its_answers_are(found):
    frame = found.to_frame(full=True)
    asked = frame[(frame.measure == "overall") & (frame.answered > 0)]
    scores = asked[[f"score_{score}" for score in range(1, 6)]]
    assert len(asked) and (scores.sum(axis=1) == asked.answered).all()
    assert (asked.score_4 + asked.score_5 == asked.satisfied).all()
    assert found.published().to_frame(full=True).se.isna().all()


def test_a_period_without_answers_has_the_same_columns(found):
    empty = analysis.estimate(found.data, "2026-08")
    assert list(empty.to_frame(full=True)) == list(found.to_frame(full=True))
    assert list(empty.to_responses()) == list(found.to_responses()) and not len(empty.by("sector"))
