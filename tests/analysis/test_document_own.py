"""Thresholds of an office's own: whose verdict goes by which, and how that is said."""

from __future__ import annotations

from decimal import Decimal

import pytest

import analysis
from analysis.document import analyse
from analysis.errors import TargetsError
from analysis.input.aggregates import Only
from analysis.kept import read_document
from analysis.overview import overview
from analysis.reporting.target_lines import target_lines
from analysis.reporting.verdicts import head, verdict_list
from analysis.reporting.wording import TOTAL
from analysis.targets import Aim, parse_targets, targets_text

TARGETS = """
[[target]]
id = "all-2030"
title.vi = "Hài lòng"
title.en = "Satisfaction"
measure = "overall"
sectors = "all"
pool = true
threshold = 0.70
deadline = 2030
source = "a plan"

[[own]]
target = "all-2030"
office = "huyen"
threshold = 0.90
source = "a decision"

[[own]]
target = "all-2030"
office = "xa-hai"
threshold = 0.60
source = "another"
"""
PARENTS = {"tinh": None, "huyen": "tinh", "xa-mot": "huyen", "xa-hai": "huyen", "xa-ba": "tinh"}
NAMES = {"huyen": "Huyện Hai", "xa-mot": "Xã Một", "xa-hai": "Xã Hai"}


@pytest.fixture
def targets():
    return parse_targets(TARGETS, "targets.toml")


@pytest.fixture
def answers(write_csv, response):
    """Three communes, each with 85 satisfied of 100."""
    rows = [
        response(
            1000 * place + n,
            office=office,
            overall="5" if n < 85 else "2",
            answered_on="2026-10-05",
        )
        for place, office in enumerate(("xa-mot", "xa-hai", "xa-ba"))
        for n in range(100)
    ]
    return write_csv(rows)


def judged(found):
    return {row.office: (row.threshold, row.threshold_of, row.point) for row in found.verdicts}


def test_an_office_has_its_own_threshold_or_that_of_the_nearest_above(targets):
    (target,) = targets.target
    aims = targets.under(PARENTS, "huyen").aims
    assert {office: aims.of(target, office) for office in (*PARENTS, "all")} == {
        "tinh": Aim(Decimal("0.70"), None),
        "huyen": Aim(Decimal("0.90"), "huyen"),
        "xa-mot": Aim(Decimal("0.90"), "huyen"),
        "xa-hai": Aim(Decimal("0.60"), "xa-hai"),
        "xa-ba": Aim(Decimal("0.70"), None),
        "all": Aim(Decimal("0.90"), "huyen"),
    }
    circle = targets.under({"a": "b", "b": "a"}).aims
    assert circle.of(target, "a") == Aim(Decimal("0.70"), None)


def test_every_verdict_goes_by_the_threshold_of_its_office_and_says_whose(answers, targets):
    found = analyse(answers, period="2026-10", targets=targets.under(PARENTS, "tinh"))
    assert judged(found) == {
        "xa-mot": (0.9, "huyen", "not_met"),
        "xa-hai": (0.6, "xa-hai", "met"),
        "xa-ba": (0.7, None, "met"),
        "all": (0.7, None, "met"),
    }
    whole = analyse(answers, period="2026-10", targets=targets.under(PARENTS, "huyen"))
    assert judged(whole)["all"] == (0.9, "huyen", "not_met")
    shown = {row["office"]: row["threshold_of"] for row in found.as_json()["verdicts"]}
    assert shown == {"xa-mot": "huyen", "xa-hai": "xa-hai", "xa-ba": None, "all": None}
    assert judged(read_document(found.as_json(), targets)) == judged(found)
    # A document that was kept before there were any says nothing of whose they are.
    kept = found.as_json()
    for row in kept["verdicts"]:
        del row["threshold_of"]
    assert {row.threshold_of for row in read_document(kept, targets).verdicts} == {None}


def test_the_figures_of_one_office_are_judged_by_its_own(answers, targets):
    only = Only(office="xa-hai")
    found = analyse(answers, period="2026-10", targets=targets.under(PARENTS), only=only)
    assert judged(found) == dict.fromkeys(("xa-hai", "all"), (0.6, "xa-hai", "met"))


def test_lines_and_verdicts_say_whose_threshold_it_is(answers, targets):
    found = analyse(answers, period="2026-10", targets=targets.under(PARENTS))

    def said(office):
        (line,) = target_lines(found, names=NAMES, lang="vi", office=office).lines
        (entry,) = verdict_list(found, names=NAMES, lang="en", office=office).entries
        return line.verdicts[0].aim, entry.judgements[0].aim

    assert said("xa-mot") == ("90% (mức của Huyện Hai)", "target 2030: 90% (set by Huyện Hai)")
    assert said("xa-hai") == ("60% (mức riêng)", "target 2030: 60% (its own)")
    assert said("xa-ba") == ("70%", "target 2030: 70%")


def test_the_overview_has_the_threshold_of_every_row(answers, targets):
    found = analyse(answers, period="2026-10", targets=targets.under(PARENTS, "tinh"))
    rows = overview(found, ["xa-mot", "xa-hai", "xa-ba"], name="tinh")
    told = [(one.targets[0].threshold, one.targets[0].threshold_of) for one in rows.offices]
    assert told == [(0.9, "huyen"), (0.6, "xa-hai"), (0.7, None)]
    assert rows.total.targets[0].threshold == 0.7


def test_a_total_is_headed_by_the_office_above_all_where_it_is_named(answers, targets):
    found = analyse(answers, period="2026-10", targets=targets)
    assert head(found, names=NAMES).office == "Tất cả 3 cơ quan"
    assert head(found, names=NAMES | {TOTAL: "Tỉnh"}).office == "Tỉnh, gồm 3 cơ quan"
    assert head(found, names=NAMES | {TOTAL: "Tỉnh"}, office="xa-hai").office == NAMES["xa-hai"]


def test_an_analyst_gets_the_same_by_naming_who_is_above_whom(answers, targets, tmp_path):
    file = tmp_path / "targets.toml"
    file.write_text(TARGETS, encoding="utf-8")
    with analysis.read(answers, targets=file, parents=PARENTS, today="2027-01-01") as data:
        verdicts = analysis.judge(analysis.estimate(data, "2026-10"))
        found = {row.office: row.threshold_of for row in verdicts}
        assert found == {"xa-mot": "huyen", "xa-hai": "xa-hai", "xa-ba": None, "all": None}
        planned = {row.for_power for row in verdicts.plan("0.95", office="xa-mot").rows}
        plan = {row.threshold for row in verdicts.plan("0.95", office="xa-mot").rows}
        assert plan == {0.9}
        assert planned != {row.for_power for row in verdicts.plan("0.95").rows}
    with analysis.read(answers, targets=file, today="2027-01-01") as data:
        verdicts = analysis.judge(analysis.estimate(data, "2026-10"))
        assert {row.office: row.threshold for row in verdicts}["xa-mot"] == 0.7  # nobody is above


def test_a_file_with_thresholds_of_offices_own_says_the_same_when_written(targets):
    assert parse_targets(targets_text(targets), "targets.toml") == targets


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('office = "xa-hai"', 'office = "huyen"', "it is given 2 times"),
        (
            'target = "all-2030"\noffice = "xa-hai"',
            'target = "no"\noffice = "xa-hai"',
            "'no' is no",
        ),
        ('office = "xa-hai"', 'office = "all"', "change the threshold of the [[target]]"),
        ("threshold = 0.60", "threshold = 60", "own 2: threshold is '60'"),
        ('source = "another"', "", "own 2: source is missing"),
    ],
)
def test_what_is_wrong_with_one_is_told_with_its_remedy(old, new, told):
    assert old in TARGETS
    with pytest.raises(TargetsError) as caught:
        parse_targets(TARGETS.replace(old, new), "targets.toml")
    assert told in str(caught.value)
