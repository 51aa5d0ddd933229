"""How old an answer is, on a tablet whose calendar lies, is put right, and which sleeps."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

HOUR, DAY = 3600, 86_400

# A tablet on which the test turns both clocks: `at(steady, calendar)` in seconds.
SETUP = """
const entry = document.querySelector('script[type=module]').src;
const { Clock, age } = await import(new URL('clock.js', entry));
const START = 1.79e12;
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
