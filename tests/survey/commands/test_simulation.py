"""The demonstration: every office has answers, up to today, and its keys stay."""

from __future__ import annotations

from collections import Counter as Counted
from datetime import date
from pathlib import Path

import pytest

from analysis.insights.screening import bursts
from analysis.period import parse_period
from questionnaires import shipped
from survey.commands.demo import _fill, _keys
from survey.commands.init import prepare_database, prepare_folder
from survey.config import load_config
from survey.places import Counter, Places, shipped_places
from survey.simulation import simulate
from survey.slips import SlipCounts
from survey.store import open_engine
from survey.store.population import load_counts
from survey.store.responses import count_responses, last_answered_on
from survey.store.slips import count_slips
from survey.store.staff import verify_password

FIRST, LAST = date(2025, 11, 1), date(2026, 11, 14)


def three_offices() -> Places:
    one = shipped_places()
    offices = tuple(one.office[0].model_copy(update={"id": f"xa-{name}"}) for name in "abc")
    counters = tuple(
        Counter.model_copy(counter, update={"office": office.id, "id": f"{office.id}-{counter.id}"})
        for office in offices[:2]  # the third has no counter
        for counter in one.counter
    )
    return one.model_copy(update={"office": offices, "counter": counters})


def test_every_office_with_counters_has_answers_and_counts_of_its_own() -> None:
    found = simulate(three_offices(), shipped(), FIRST, LAST, 2400)
    assert {one.office for one in found.responses} == {"xa-a", "xa-b"}
    assert {one.office for one in found.counts} == {"xa-a", "xa-b"}
    by_office = [
        sum(one.office == office for one in found.responses) for office in ("xa-a", "xa-b")
    ]
    assert sum(by_office) == pytest.approx(2400 * 379 / 365.25, abs=1)
    assert by_office[0] == pytest.approx(by_office[1], rel=0.15)
    assert len({one.response_id for one in found.responses}) == len(found.responses)


def test_the_running_month_has_answers_and_no_dossier_counts_yet() -> None:
    found = simulate(shipped_places(), shipped(), FIRST, LAST, 2400)
    running = [one.answered_on for one in found.responses if one.answered_on >= date(2026, 11, 1)]
    assert running
    assert max(running) <= LAST
    assert {one.period for one in found.counts} == {
        *(f"2025-{month}" for month in (11, 12)),
        *(f"2026-{month:02d}" for month in range(1, 11)),
    }


def test_an_ordinary_first_month_is_flagged_no_more_often_than_said() -> None:
    """Forty offices that began on the first of a month, looked at after 4 to 28 days."""
    false = 0
    for number in range(40):
        first = date(2023 + number // 12, number % 12 + 1, 1)
        last = first.replace(day=(4, 7, 14, 28)[number % 4])
        days: dict[tuple[str, str, str], Counted[date]] = {}
        for one in simulate(shipped_places(), shipped(), first, last, 12_000).responses:
            place = (one.questionnaire, one.office, one.sector)
            days.setdefault(place, Counted())[one.answered_on] += 1
        false += bool(bursts(days, parse_period(f"{first:%Y-%m}")))
    assert false / 40 <= 0.05


def test_every_answer_by_slip_has_one_that_was_handed_out_and_more_were_than_used() -> None:
    found = simulate(three_offices(), shipped(), FIRST, LAST, 2400)
    answered = Counted(
        (f"{one.answered_on:%Y-%m}", one.office, one.sector)
        for one in found.responses
        if one.channel == "slip"
    )
    offices = {counter.full_id: counter.office for counter in three_offices().counter}
    used = Counted[tuple[str, str, str]]()
    for batch in found.slips:
        for sector, number in batch.used.items():
            used[f"{batch.day:%Y-%m}", offices[batch.counter], sector] += number
            assert batch.issued[sector] > number
    assert used == answered
    assert used.total() > 100


def test_nothing_is_simulated_of_no_day() -> None:
    found = simulate(shipped_places(), shipped(), LAST, date(2026, 11, 13), 2400)
    assert (found.responses, found.counts) == ((), ())


def test_there_are_always_more_dossiers_than_answers() -> None:
    begun = simulate(shipped_places(), shipped(), FIRST, LAST, 20_000)
    went_on = simulate(shipped_places(), shipped(), date(2026, 11, 15), date(2026, 12, 2), 20_000)
    answers = [*begun.responses, *went_on.responses]
    for count in [*begun.counts, *went_on.counts]:
        heard = sum(
            one.sector == count.sector and one.answered_on.strftime("%Y-%m") == count.period
            for one in answers
        )
        assert count.completed >= heard


def test_a_demonstration_that_is_started_again_keeps_its_keys_and_goes_on(tmp_path: Path) -> None:
    prepare_folder(tmp_path, simulated=True)
    config = load_config(tmp_path, environ={})
    prepare_database(config)
    keys = _keys(tmp_path)
    _fill(config, 120, keys)
    engine = open_engine(config.database_url)
    before, newest = count_responses(engine), last_answered_on(engine, date.max)
    assert _keys(tmp_path) == keys
    _fill(config, 120, keys)
    assert verify_password(engine, "demo", keys.password)
    assert newest is not None
    assert count_responses(engine) >= before > 0
    assert len({count.period for count in load_counts(engine)}) == 12
    months = [f"{count.period}" for count in load_counts(engine)]
    slips = sum(count_slips(engine, months, date.max).values(), SlipCounts())
    assert slips.issued > slips.used > 0
    engine.dispose()
