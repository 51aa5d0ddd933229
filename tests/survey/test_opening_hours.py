"""When the office is open, and how long it was open between two moments."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from survey.config import Config, load_config
from survey.errors import ConfigError
from survey.opening_hours import parse_opening_hours, spoken_hours

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
USUAL = "Mon-Fri 07:30-11:30 13:30-17:00"


def at(day: int, clock: str) -> datetime:
    """A moment of October 2026, whose 5th is a Monday."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 10, day, hour, minute, tzinfo=HERE)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        (at(5, "08:00"), at(5, "08:29"), 29),
        (at(5, "11:20"), at(5, "13:40"), 20),  # the break at noon is not open
        (at(5, "16:50"), at(6, "07:40"), 20),  # nor is the night
        (at(9, "16:50"), at(12, "07:40"), 20),  # nor is the end of the week
        (at(10, "08:00"), at(11, "20:00"), 0),
        (at(5, "00:00"), at(12, "00:00"), 5 * 450),
        (at(5, "09:00"), at(5, "09:00"), 0),
        (at(5, "09:00"), at(5, "08:00"), 0),  # a clock that went back
    ],
)
def test_only_opening_time_counts(start, end, minutes):
    assert parse_opening_hours(USUAL).open_between(start, end) == timedelta(minutes=minutes)


def test_a_tablet_not_seen_for_years_is_looked_at_for_a_month_only():
    start = datetime(1970, 1, 1, tzinfo=HERE)
    found = parse_opening_hours(USUAL).open_between(start, at(30, "17:00"))
    assert timedelta(hours=100) < found < timedelta(hours=31 * 7.5)


def test_several_parts_add_their_days():
    hours = parse_opening_hours("Mon-Fri 08:00-12:00; Sat 08:00-10:00 ;Mon 13:00-14:00")
    assert hours.open_between(at(5, "00:00"), at(6, "00:00")) == timedelta(hours=5)
    assert hours.open_between(at(10, "00:00"), at(11, "00:00")) == timedelta(hours=2)
    assert hours.open_between(at(11, "00:00"), at(12, "00:00")) == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "Mon-Fri",
        "07:30-11:30",
        "Mo-Fr 07:30-11:30",
        "Fri-Mon 07:30-11:30",
        "Mon- 07:30-11:30 x",
        "Mon-Fri 7x30-11x30",
        "Thứ 8 7h30-11h30",
        "Thứ 2 7h60-11h",
        "Mon-Fri 11:30-07:30",
        "Mon-Fri 08:00-08:00",
        "Mon-Fri 07:30-24:30",
        "Mon-Fri 07:60-11:30",
        "Mon-Fri 07:30-11:30 11:00-12:00",
        "Mon 07:30-11:30; Mon 08:00-09:00",
        "Mon ٠٧:30-11:30",
    ],
)
def test_hours_that_cannot_be_read_are_refused_with_an_example(data_folder, text):
    with pytest.raises(ConfigError, match="write for example Mon-Fri 07:30-11:30"):
        parse_opening_hours(text)
    with pytest.raises(ConfigError, match="opening_hours"):
        load_config(data_folder, environ={}, opening_hours=text)


def test_hours_without_days_are_told_as_such():
    with pytest.raises(ConfigError, match="'07:30-11:30' names no days"):
        parse_opening_hours("07:30-11:30")


def test_days_may_be_written_as_in_vietnamese():
    vietnamese = parse_opening_hours("T2-T6 07:30-11:30; CN 08:00-10:00")
    assert vietnamese == parse_opening_hours("Mon-Fri 07:30-11:30;Sun 08:00-10:00")


@pytest.mark.parametrize(
    "text",
    [
        "T2-T6 7h30-11h30 13h30-17h; T7 7h30-11h30",
        "t2 – t6: 7h30 – 11h30, 13h30 – 17h; t7: 7h30 – 11h30",
        "Thứ 2 đến thứ 6: sáng từ 7h30 đến 11h30, chiều từ 13h30 đến 17h00\nThứ 7: sáng 7g30-11g30",
        "Thứ hai - thứ sáu: sáng 7:30-11:30 và chiều 13:30-17 giờ; Thứ bảy: 07:30-11:30;",
        "mon-fri 07:30-11:30 13:30-17:00; SAT 07:30-11:30",
        "Thứ 2 đến thứ 6:\n  sáng 7h30-11h30\n  chiều 13h30-17h\nThứ 7:\n  sáng 7h30-11h30\n",
    ],
)
def test_hours_are_read_as_an_office_writes_them_and_shown_in_one_form(text):
    assert spoken_hours(text, "en") == "Mon-Fri 07:30-11:30 13:30-17:00; Sat 07:30-11:30"
    assert spoken_hours(text, "vi") == "T2-T6 07:30-11:30 13:30-17:00; T7 07:30-11:30"
    assert spoken_hours(spoken_hours(text, "vi"), "en") == spoken_hours(text, "en")


def test_days_that_are_not_together_are_shown_apart():
    assert spoken_hours("CN 8:00-9:00; T2 8:00-9:00; T4 8:00-9:00; T3 8:00-10:00", "vi") == (
        "T2 08:00-09:00; T3 08:00-10:00; T4 08:00-09:00; CN 08:00-09:00"
    )


def test_an_example_names_the_days_in_the_language_of_who_reads_it():
    with pytest.raises(ConfigError) as refused:
        parse_opening_hours("Thứ 8 7h-11h")
    assert refused.value.args[0].vi == (
        "'Thứ 8 7h-11h' không phải ngày trong tuần; "
        "viết chẳng hạn T2-T6 07:30-11:30 13:30-17:00; T7 07:30-11:30"
    )


def test_the_settings_have_usual_hours_and_no_token(data_folder):
    config: Config = load_config(data_folder, environ={})
    assert config.opening_hours == USUAL
    assert config.metrics_token == ""
    environ = {"HAILONG_OPENING_HOURS": "Sat 08:00-09:00", "HAILONG_METRICS_TOKEN": "0" * 16}
    config = load_config(data_folder, environ=environ)
    assert config.opening_hours == "Sat 08:00-09:00"
    assert config.metrics_token == "0" * 16


def test_a_token_that_can_be_guessed_is_refused(data_folder):
    with pytest.raises(ConfigError, match="metrics_token has 15 characters"):
        load_config(data_folder, environ={}, metrics_token="0" * 15)
