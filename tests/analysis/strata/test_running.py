"""A period that is running: no single answer moves a figure, and nothing is concluded yet."""

from __future__ import annotations

from datetime import date

import pytest

import analysis
from analysis.input.aggregates import Cell
from analysis.period import parse_period
from analysis.reporting.sections import render_text
from analysis.reporting.tables import needed_table
from analysis.reporting.verdicts import verdict_list
from analysis.statistics.moments import Moments
from analysis.strata.running import believed, months_over, settled_days
from tests.analysis.given import verdict_of

TODAY = date(2026, 11, 20)
NOVEMBER, QUARTER = "2026-11", "2026-Q4"
MORE = "thêm khoảng"


@pytest.fixture
def november(given):
    """By the 3rd 12 answers of land, 11 satisfied; by the 12th nine more, three satisfied."""
    given.dossiers("land", 200, NOVEMBER)
    given.answers("land", 12, 11, answered_on="2026-11-03")
    return given.answers("land", 9, 3, answered_on="2026-11-12")


def told(given, today=TODAY, period=NOVEMBER):
    return given.analyse(period, today=today)


def figures(found):
    """Everything that is said of anything, but how many answers have come."""
    return [row._replace(received=0) for row in found.estimates], found.verdicts


def test_figures_are_as_of_the_last_days_end_with_ten_more_answers(november):
    row = told(november).pick()
    assert (row.n, row.satisfied, row.received) == (12, 11, 21)
    assert (row.population, row.response_rate) == (200, 12 / 200)


@pytest.mark.parametrize("day", ["2026-11-01", "2026-11-12", "2026-11-19", "2026-11-20"])
def test_one_more_answer_changes_what_came_and_nothing_else(given, day):
    """Ten came on the 3rd and nine after it; on the 1st or today it would be the tenth of none."""
    given.dossiers("land", 200, NOVEMBER)
    given.answers("land", 10, 9, answered_on="2026-11-03")
    given.answers("land", 8, 4, answered_on="2026-11-12")
    before = told(given)
    after = told(given.answers("land", 1, 0, answered_on=day))
    assert (before.pick().received, after.pick().received) == (18, 19)
    if day > "2026-11-03":
        assert figures(after) == figures(before)


def test_ten_more_on_a_day_that_is_over_move_the_figures(november):
    row = told(november.answers("land", 1, 0, answered_on="2026-11-13")).pick()
    assert (row.n, row.satisfied, row.received) == (22, 14, 22)


def test_answers_of_today_are_not_told(november):
    november.answers("land", 50, 50, answered_on="2026-11-20")
    row, tomorrow = told(november).pick(), told(november, date(2026, 11, 21)).pick()
    assert (row.n, row.received) == (12, 71)
    assert (tomorrow.n, tomorrow.received) == (71, 71)


def test_each_sector_waits_for_ten_of_its_own(november):
    november.answers("social", 9, 9, answered_on="2026-11-03")
    found = told(november.dossiers("social", 100, NOVEMBER))
    assert (found.pick(sector="social").n, found.pick(sector="social").received) == (0, 9)
    assert (found.pick().n, found.pick().received) == (12, 30)
    row = told(november.answers("social", 1, 1, answered_on="2026-11-04")).pick(sector="social")
    assert (row.n, row.received) == (10, 10)


def test_what_came_is_told_before_any_of_it_may_be(given):
    """Nine answers, no dossier count yet, as on the second day of any month."""
    for channel in ("poster", "kiosk"):
        given.answers("land", 4, 4, answered_on="2026-11-19", channel=channel)
    found = told(given.answers("social", 1, 1, answered_on="2026-11-20"))
    assert {
        row.sector: (row.n, row.received) for row in found.estimates if row.channel == "all"
    } == {
        "land": (0, 8),
        "social": (0, 1),
        "group:land-construction-investment": (0, 8),
        "all": (0, 9),
    }
    assert [section.questionnaires for section in found.sections] == [("survey@1",)]
    assert {verdict.evidence for verdict in found.verdicts} == {"none"}
    text = render_text(found)
    assert "Hãy kiểm tra mã QR" not in text


def test_channels_of_a_running_month_wait_together(given):
    """Ten of the 3rd by two channels: both are told, neither by itself had ten."""
    given.dossiers("land", 200, NOVEMBER)
    for channel in ("poster", "kiosk"):
        given.answers("land", 5, 4, answered_on="2026-11-03", channel=channel)
    found = told(given.answers("land", 4, 4, answered_on="2026-11-04"))
    by_channel = {
        row.channel: row for row in found.estimates if row[:3] == ("all", "all", "overall")
    }
    assert {name: (row.n, row.received) for name, row in by_channel.items()} == {
        "all": (10, 14),
        "poster": (5, 9),
        "kiosk": (5, 5),
        "on_site": (5, 5),
        "elsewhere": (5, 9),
    }


def test_nothing_is_concluded_before_the_period_is_over(given):
    """200 of 200 dossiers satisfied by the 19th: it is still a running month."""
    given.answers("land", 200, 200, answered_on="2026-11-19").dossiers("land", 200, NOVEMBER)
    found = told(given)
    assert found.status == "running"
    assert found.as_json()["period"]["status"] == "running"
    assert {(v.evidence, v.reason) for v in found.verdicts if v.evidence != "none"} == {
        ("not_proven", "running")
    }
    land = verdict_of(found, "each-2025", "land")
    assert (land.p_met, land.p_missed, land.basis) == (None, None, "open")
    over = given.analyse(NOVEMBER, today=date(2026, 12, 1))
    assert (over.status, verdict_of(over, "each-2025", "land").basis) == ("closed", "census")


def test_the_same_verdict_stands_in_document_text_list_and_api(november):
    found = told(november)
    verdicts = found.verdicts
    text = render_text(found)
    listed = str(verdict_list(found))
    assert [row["evidence"] for row in found.as_json()["verdicts"]] == [
        verdict.evidence for verdict in verdicts
    ]
    assert "Kỳ chưa kết thúc: chưa kết luận." in text
    with analysis.read(november.responses, november.population, today=TODAY) as data:
        judged = analysis.judge(analysis.estimate(data, NOVEMBER))
    assert judged.rows == verdicts
    assert {row.evidence for row in judged} == {"not_proven", "none"}
    assert listed in str(judged)
    assert judged.headline() == ()
    words = "Chưa đủ căn cứ"
    for said in (text, listed, str(judged), judged._repr_html_()):
        assert words in said
        assert "Kỳ chưa kết thúc nên chưa kết luận" in said
        assert "Đạt theo" not in said and "Chưa đạt theo" not in said


def test_more_answers_are_asked_for_only_while_the_period_is_running(november):
    running, closed = told(november), november.analyse(NOVEMBER)
    names = {"land": "Đất đai"}
    for found, asks in ((running, True), (closed, False)):
        text = render_text(found, names=names)
        assert (MORE in text) == asks
        assert (MORE in str(verdict_list(found))) == asks
        assert ("Cần thêm" in needed_table(found).head) == asks


def test_at_its_end_the_period_has_the_figures_of_all_answers(november):
    last = told(november, date(2026, 12, 1))
    assert (last.pick().n, last.pick().satisfied) == (21, 14)
    assert figures(last) == figures(november.analyse(NOVEMBER))


def test_a_running_quarter_is_weighted_as_one_that_is_over(given):
    """October is over: 27 of 30 of 100 dossiers. November so far: 12 of 20, of 300 dossiers."""
    given.dossiers("land", 100, "2026-10").dossiers("land", 300, NOVEMBER)
    given.answers("land", 30, 27, answered_on="2026-10-09")
    given.answers("land", 20, 12, answered_on="2026-11-09")
    found = told(given, period=QUARTER)
    assert found.pick().share == pytest.approx((100 * 0.9 + 300 * 0.6) / 400)
    assert found.status == "running"
    assert (found.pick().coverage, found.pick().note) == (1, None)  # December is not missing yet


def test_a_period_that_has_not_begun_is_running_and_empty(given):
    found = given.answers("land", 9, 9).analyse("2027-01", today=TODAY)
    assert (found.status, found.pick().received) == ("running", 0)
    assert {verdict.evidence for verdict in found.verdicts} == {"none"}


@pytest.fixture
def october(given):
    """Twenty answers in time; `late` ones came after the month's end and bear its date."""
    given.answers("land", 20, 18, answered_on="2026-10-20")
    return given.dossiers("land", 100, "2026-10")


def late(given, n):
    return given.answers("land", n, 0, answered_on="2026-10-20", late="true")


@pytest.mark.parametrize(("n", "told_of"), [(1, 20), (9, 20), (10, 30)])
def test_late_answers_join_their_month_ten_at_once(october, n, told_of):
    row = told(late(october, n), period="2026-10").pick()
    assert (row.n, row.received) == (told_of, 20 + n)


def test_few_late_answers_count_in_their_year_once_it_is_over_and_never_in_their_month(october):
    late(october, 1)
    for day in (date(2026, 12, 31), date(2027, 1, 1)):
        assert [told(october, day, f"2026-{p}").pick().n for p in ("10", "Q4", "H2")] == [20] * 3
    assert told(october, date(2026, 12, 31), "2026").pick().n == 20
    assert told(october, date(2027, 1, 1), "2026").pick().n == 21


def test_late_answers_of_another_sector_do_not_wait_with_them(october):
    late(october, 9).answers("social", 9, 9, answered_on="2026-10-20", late="true")
    found = told(october, period="2026-10")
    assert (found.pick().n, found.pick().received) == (20, 38)


def test_where_no_day_is_given_every_period_is_over(november):
    assert november.analyse(NOVEMBER).status == "closed"


@pytest.mark.parametrize(
    ("today", "months"),
    [
        (date(2026, 10, 31), ()),
        (date(2026, 11, 1), ("2026-10",)),
        (date(2026, 12, 31), ("2026-10", "2026-11")),
        (date(2027, 1, 1), ("2026-10", "2026-11", "2026-12")),
        (None, ("2026-10", "2026-11", "2026-12")),
    ],
)
def test_a_month_is_over_on_the_day_after_its_last(today, months):
    assert months_over(parse_period(QUARTER), today) == months


def test_answers_from_the_future_prove_a_clock_wrong():
    assert believed(date(2026, 11, 20), "2026-11-20") == date(2026, 11, 20)
    assert believed(date(2026, 11, 20), None) == date(2026, 11, 20)
    assert believed(date(2026, 11, 20), "2026-11-21T08:00") == date(2026, 12, 1)


def settled(counts, step=10):
    """The days told of one sector, by its answers of each day of November; today is the 30th."""
    place = Cell("xã A", "land", "poster", False, NOVEMBER)
    daily = {
        f"2026-11-{day:02d}": {"survey@1": {place: {"overall": Moments(n, n, n, n)}}}
        for day, n in counts.items()
    }
    found = settled_days(daily, date(2026, 11, 30), step)
    return [int(day[-2:]) for day, keys in found.items() if any(keys.values())]


@pytest.mark.parametrize(
    ("counts", "days"),
    [
        ({3: 9}, []),
        ({3: 10}, [3]),
        ({3: 4, 4: 5, 6: 1}, [3, 4, 6]),
        ({3: 25, 4: 9}, [3]),
        ({3: 25, 4: 9, 7: 1}, [3, 4, 7]),
        ({3: 8, 4: 8, 5: 8, 6: 1}, [3, 4]),
        ({29: 5, 30: 50}, []),
    ],
)
def test_days_are_told_up_to_the_last_with_ten_more(counts, days):
    assert settled(counts) == days
