"""How old an answer is, on a tablet whose calendar lies, is put right, and which sleeps."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

HOUR, DAY = 3600, 86_400

# A tablet on which the test turns both clocks: `at(steady, calendar)` in seconds.
SETUP = """
const entry = document.querySelector('script[type=module]').src;
const { Clock, age } = await import(new URL('clock.js', entry));
const START = 1.79e12; // 21 September 2026, 14:13:20 UTC
let steady = 0; let calendar = 0;
performance.now = () => steady * 1000;
Date.now = () => START + calendar * 1000;
const at = (newSteady, newCalendar) => { steady = newSteady; calendar = newCalendar; };
const pass = (seconds) => at(steady + seconds, calendar + seconds);
const sleep = (seconds) => at(steady, calendar + seconds);
const turn = (seconds) => at(steady, calendar + seconds);
let saved = null;
const session = () => { const clock = new Clock((notes) => { saved = notes; });
                        clock.open(saved); return clock; };
const hears = (clock, ahead) =>
  clock.heard((START + calendar * 1000) / 1000 + ahead, Date.now(), Date.now());
"""


@pytest.fixture
def run(bench, address):
    bench.goto(f"{address}/")

    def run(script: str):
        return bench.evaluate(f"async () => {{ {SETUP} {script} }}")

    return run


def test_inside_one_session_an_age_is_the_time_that_passed(run):
    assert run(
        "const clock = session(); const then = clock.moment(); pass(5400.4);"
        "return age(then, clock.moment())"
    ) == {"seconds": 5400, "doubtful": False}


def test_a_night_of_sleep_counts(run):
    assert run(
        "const clock = session(); const then = clock.moment(); pass(5); sleep(14 * 3600); pass(5);"
        "return age(then, clock.moment())"
    ) == {"seconds": 14 * HOUR + 10, "doubtful": False}


def test_a_weekend_of_sleep_counts_once_the_server_is_heard_again(run):
    found = run(
        "const clock = session(); hears(clock, 0); const then = clock.moment();"
        "sleep(60 * 3600); clock.note(); hears(clock, 0);"
        "return age(then, clock.moment())"
    )
    assert found == {"seconds": 60 * HOUR, "doubtful": False}


def test_an_answer_of_another_session_is_dated_by_the_calendar(run):
    assert run(
        "const first = session(); hears(first, 0); const then = first.moment(); pass(10);"
        "first.note(); at(3, 3 * 86400); const second = session(); hears(second, 0);"
        "return age(then, second.moment())"
    ) == {"seconds": 3 * DAY, "doubtful": False}


@pytest.mark.parametrize("days", [-40, 40])
def test_a_clock_that_is_forty_days_wrong_all_along_gives_the_right_age(run, days):
    assert run(
        f"turn({days} * 86400); const first = session(); hears(first, {-days} * 86400);"
        f"const then = first.moment(); at(2, {days} * 86400 + 7200);"
        f"const second = session(); hears(second, {-days} * 86400);"
        "return age(then, second.moment())"
    ) == {"seconds": 2 * HOUR, "doubtful": False}


@pytest.mark.parametrize("days", [-40, 40])
def test_a_clock_put_right_while_the_tablet_was_off_gives_the_right_age(run, days):
    """Answered under the wrong calendar, sent under the right one."""
    assert run(
        f"turn({days} * 86400); const first = session(); hears(first, {-days} * 86400);"
        "const then = first.moment(); pass(5); first.note();"
        "at(2, 7200); const second = session(); hears(second, 0);"
        "return age(then, second.moment())"
    ) == {"seconds": 2 * HOUR, "doubtful": False}


@pytest.mark.parametrize("days", [-40, 40])
def test_a_clock_put_right_under_the_open_page_gives_the_right_age(run, days):
    assert run(
        f"turn({days} * 86400); const clock = session(); hears(clock, {-days} * 86400);"
        f"const then = clock.moment(); pass(600); turn({-days} * 86400); clock.note();"
        "pass(600); hears(clock, 0); return age(then, clock.moment())"
    ) == {"seconds": 1200, "doubtful": False}


@pytest.mark.parametrize("days", [-40, 40])
def test_what_was_answered_after_the_clock_was_put_right_is_dated_by_the_right_one(run, days):
    """The old difference to the server must not be used for it."""
    assert run(
        f"turn({days} * 86400); const clock = session(); hears(clock, {-days} * 86400);"
        f"pass(600); turn({-days} * 86400); clock.note(); pass(10);"
        "const then = clock.moment(); pass(3600); hears(clock, 0);"
        "return age(then, clock.moment())"
    ) == {"seconds": HOUR, "doubtful": False}


def test_where_nothing_tells_how_far_the_clock_jumped_the_date_is_marked(run):
    found = run(
        "const first = session(); const then = first.moment(); pass(30); first.note();"
        "at(2, -40 * 86400); const second = session(); hears(second, 40 * 86400);"
        "return age(then, second.moment())"
    )
    assert found == {"seconds": 0, "doubtful": True}


def test_a_jump_that_nobody_can_measure_leaves_at_least_the_time_that_surely_passed(run):
    found = run(
        "const clock = session(); const then = clock.moment(); pass(900); turn(40 * 86400);"
        "clock.note(); return age(then, clock.moment())"
    )
    assert found == {"seconds": 900, "doubtful": True}


def test_a_correction_that_nobody_saw_makes_no_answer_of_the_future(run):
    """Put forward while off, answered offline; then the server is heard: the old note lies."""
    found = run(
        "turn(-40 * 86400); const first = session(); hears(first, 40 * 86400);"
        "at(1, 100); const second = session(); const then = second.moment(); pass(3600);"
        "hears(second, 0); return age(then, second.moment())"
    )
    assert found == {"seconds": HOUR, "doubtful": True}


def test_a_time_service_that_sets_the_clock_back_by_a_second_is_no_jump(run):
    eras = run(
        "const first = session(); pass(50); first.note(); turn(-1); const second = session();"
        "return [first.notes.era, second.notes.era]"
    )
    assert eras[0] == eras[1]


def test_no_age_is_higher_than_the_server_takes(run):
    found = run(
        "const clock = session(); hears(clock, 0); const then = clock.moment();"
        "at(2, 20 * 365 * 86400); const second = session(); hears(second, 0);"
        "return age(then, second.moment())"
    )
    assert found == {"seconds": 0, "doubtful": True}


def test_what_one_tab_saw_of_the_calendar_is_not_taken_for_what_another_saw(run):
    """One is opened while the calendar is behind; the other sleeps and sees it put forward."""
    found = run(
        "const sleeping = session(); turn(-40 * 86400); const open = session();"
        "const then = open.moment(); turn(42 * 86400); const now = sleeping.moment();"
        "return [then.offset, now.offset, age(then, now)]"
    )
    assert found == [None, None, {"seconds": 0, "doubtful": True}]


# --- What the disk is told: the day ------------------------------------------------------------


@pytest.mark.parametrize("wrong", [0, -40 * DAY, 40 * DAY, 5 * HOUR])
@pytest.mark.parametrize("later", [9 * HOUR, 10 * HOUR, DAY, 40 * DAY + 9 * HOUR])
def test_the_day_that_the_disk_keeps_gives_the_day_after_a_restart(run, wrong, later):
    """Answered at 14:13; the calendar is wrong all along."""
    found = run(
        f"turn({wrong}); const first = session(); first.zone = 'UTC'; hears(first, {-wrong});"
        f"const then = first.day(); at(1, {wrong + later});"
        f"const second = session(); second.zone = 'UTC'; hears(second, {-wrong});"
        f"const {{ seconds, doubtful }} = age(then, second.moment());"
        f"const answered = START + {later} * 1000 - seconds * 1000;"
        "const day = new Date(answered).toISOString().slice(0, 10);"
        "return [Object.keys(then), then.day, day, doubtful]"
    )
    assert found == [["day", "era", "shift"], "2026-09-21", "2026-09-21", False]


@pytest.mark.parametrize("days", [-40, 40])
def test_a_clock_put_right_while_the_tablet_was_off_keeps_the_day_of_the_disk(run, days):
    found = run(
        f"turn({days} * 86400); const first = session(); first.zone = 'UTC';"
        f"hears(first, {-days} * 86400); const then = first.day(); at(2, 26 * 3600);"
        "const second = session(); second.zone = 'UTC'; hears(second, 0);"
        "const { seconds, doubtful } = age(then, second.moment());"
        "return [Math.floor((seconds + 7 * 3600) / 86400), doubtful]"
    )
    assert found == [1, False]


def test_a_day_of_before_a_correction_that_nobody_can_measure_is_marked(run):
    found = run(
        "const first = session(); const then = first.day(); at(2, -40 * 86400);"
        "const second = session(); hears(second, 40 * 86400);"
        "return age(then, second.moment())"
    )
    assert found == {"seconds": 0, "doubtful": True}


@pytest.mark.parametrize(("wrong", "doubtful"), [(30 * 60, False), (5 * HOUR, True)])
def test_a_day_by_a_calendar_that_turns_out_wrong_by_hours_is_marked(run, wrong, doubtful):
    found = run(
        f"turn({wrong}); const first = session(); const then = first.day(); pass(86400);"
        f"const second = session(); hears(second, {-wrong});"
        "return [then.shift, age(then, second.moment()).doubtful]"
    )
    assert found == [None, doubtful]


def test_answers_are_dated_in_the_days_of_the_office_wherever_the_tablet_thinks_it_is(run):
    assert run(
        "const clock = session(); clock.zone = 'Asia/Ho_Chi_Minh'; turn(3 * 3600);"
        "return [clock.day().day, (() => { clock.zone = 'no/where'; return clock.day().day; })()]"
    ) == ["2026-09-22", "2026-09-21"]


def test_a_tablet_of_before_goes_on_with_its_notes_and_its_moments(run):
    """Written by the app of before: moments, with milliseconds."""
    found = run(
        "const then = { steady: 5, calendar: START - 3 * 86400000, session: 'x', era: 'e',"
        " offset: 0.25 };"
        "const clock = new Clock((notes) => { saved = notes; });"
        "clock.open({ era: 'e', offset: 0.25, seen: START - 60000, contact: START - 90000 });"
        "hears(clock, 0.25); return [age(then, clock.moment()), saved]"
    )
    day = "2026-09-21"
    assert found[0] == {"seconds": 3 * DAY, "doubtful": False}
    assert found[1] == {"era": "e", "offset": 0.25, "seen": day, "contact": day}


def test_the_notes_that_outlive_the_page_are_written_once_a_day_and_hold_no_time(run):
    """Each writing stays in the browser's files: one at every contact would be a clock there."""
    found = run(
        "const notes = []; const clock = new Clock((one) => notes.push(one)); clock.zone = 'UTC';"
        "clock.open(null); for (let n = 0; n < 200; n += 1) {"
        "  pass(300.123); hears(clock, 0.3 * Math.sin(n)); clock.day(); }"
        "return notes.map(({ era, ...others }) => others)"
    )
    days = ["2026-09-21", "2026-09-22"]
    assert [one["seen"] for one in found] == [days[0], days[0], *[days[1]] * (len(found) - 2)]
    assert len(found) <= 4
    assert found[-1] == {"offset": 0, "seen": days[1], "contact": days[1]}
