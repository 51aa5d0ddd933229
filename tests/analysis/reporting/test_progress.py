"""Where a running period stands: the figures of the document and of its looks, none of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from analysis.document import Document, analyse
from analysis.input.population import read_population
from analysis.input.responses import read_responses
from analysis.insights.insights import Insights, explain
from analysis.reporting.progress import progress_table
from analysis.reporting.table import Table
from analysis.reporting.wording import interval_phrase, settle_phrase
from analysis.strata.survey import Setting
from questionnaires import shipped

TODAY = date(2026, 10, 20)
NAMES = {"land": "Đất đai", "construction": "Xây dựng", "civil-status": "Hộ tịch"}


@pytest.fixture
def found(write_csv, response) -> tuple[Document, Insights]:
    rows = [response(n, sector="land", overall="5" if n < 30 else "2") for n in range(36)]
    rows += [response(100 + n, sector="construction", overall="5") for n in range(3)]
    rows += [response(200 + n, sector="civil-status", overall="4") for n in range(20)]
    with read_responses(write_csv(rows)) as responses:
        document = analyse(responses, period="2026-10", today=TODAY)
        setting = Setting(shipped(), document.targets.groups, today=TODAY)
        return document, explain(responses, None, document, setting=setting)


def made(found: tuple[Document, Insights], lang: str = "vi") -> Table:
    table = progress_table(*found, names=NAMES, lang=lang)
    assert table is not None
    return table


def row(table: Table, sector: str) -> tuple[str, ...]:
    return next(cells for cells in table.rows if cells[0] == sector)


def test_the_total_comes_first_and_stands_out(found):
    table = made(found)
    assert [cells[0] for cells in table.rows] == [
        "Tất cả lĩnh vực", "Đất đai, xây dựng, đầu tư", "Đất đai", "Xây dựng", "Hộ tịch",
    ]  # fmt: skip
    assert table.strong == {0, 1}


def test_each_row_tells_what_came_and_the_limits_that_hold_at_every_look(found):
    document, insights = found
    look = insights.looks["all", "land"]
    limits = interval_phrase(look.running_low, look.running_high, look.answered, "vi")
    assert row(made(found), "Đất đai")[1:4] == ("36", "chưa có", limits)
    wide = document.pick(sector="land")
    assert wide is not None
    assert limits != interval_phrase(wide.low, wide.high, wide.respondents, "vi")


def test_what_is_needed_is_what_the_verdicts_say_for_each_deadline(found):
    document, _ = found
    table = made(found)
    assert table.head[4:] == ("Mục tiêu 2025", "Mục tiêu 2030")
    land = document.pick(sector="land")
    for verdict, cell in zip(
        (one for one in document.verdicts if one.office == "all" and one.sector == "land"),
        row(table, "Đất đai")[4:],
        strict=True,
    ):
        settled = settle_phrase(verdict, land, "vi", running=True)
        assert settled
        assert cell.endswith(f"Chưa đủ căn cứ. {settled}.")


def test_few_answers_give_a_count_and_no_figure(found):
    assert row(made(found), "Xây dựng")[1:] == (
        "3", "chưa có", "–", *["còn ít phiếu, chưa nói được"] * 2,
    )  # fmt: skip


def test_a_sector_without_a_target_of_its_own_has_nothing_to_settle(found):
    assert row(made(found), "Hộ tịch")[4:] == ("", "")


def test_dossiers_are_told_once_they_are_known(write_csv, response):
    rows = [response(n, sector="land", overall="5") for n in range(36)]
    completed = {"period": "2026-10", "office": "trieu-son", "sector": "land", "completed": "50"}
    counts = read_population(write_csv([completed], "population.csv"))
    with read_responses(write_csv(rows)) as responses:
        document = analyse(responses, counts, period="2026-10", today=TODAY)
        insights = explain(responses, counts, document)
    assert row(made((document, insights)), "Đất đai")[2] == "50"


def test_the_rest_is_said_once_beneath_and_in_english_too(found):
    assert made(found).notes[0] == "Kỳ chưa kết thúc nên chưa kết luận."
    english = made(found, "en")
    assert english.head[1:3] == ("Answers so far", "Dossiers completed")
    assert "answers still needed for the verdict" in row(english, "Đất đai")[5]


def test_a_period_that_is_over_and_what_may_be_published_have_none(found, write_csv, response):
    document, insights = found
    assert progress_table(replace(document, view="published"), insights) is None
    rows = [response(n, overall="5") for n in range(40)]
    with read_responses(write_csv(rows)) as responses:
        over = analyse(responses, period="2026-10", today=date(2026, 11, 2))
    assert progress_table(over, insights) is None
