"""The results page says the figures of the verdict document too: every number, whatever is chosen.

The whole page is looked at: its lines, sections and charts, of everything and of each part.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from decimal import Decimal

import pytest

from survey.figures.office import Figures
from survey.figures.page import make_view
from survey.figures.pictured import pictured
from survey.figures.shelf import Wanted
from tests.survey.reports.test_formats import numbers, of_document, plain

PARTS = [("all", "all"), ("land", "all"), ("civil-status", "all"), ("general", "all")]
PARTS += [("all", "kiosk"), ("all", "on_site"), ("land", "kiosk")]
AXIS = {Decimal(n) for n in range(0, 101, 10)}


@pytest.fixture(scope="module")
def figures(report):
    return Figures(report.document, None)


def said(figures, names, sector="all", channel="all"):
    """Everything that the page says, in one text; its charts by their words."""
    wanted = Wanted(figures.document.period.text, "all", "vi", "", "", sector=sector)
    wanted = replace(wanted, channel=channel)
    view = make_view(figures, names, "vi", sector=sector, channel=channel)
    charts = {}
    if view.answered:
        charts = pictured(figures, names, wanted, simulated=False).inline
    drawn = " ".join(f"{one.wide} {one.narrow}" for one in charts.values())
    words = " ; ".join(re.findall(r">([^<]+)</text>", drawn))
    shown = [one for one in view.sections if one.key != "methods"]  # versions of programs
    view = replace(view, sections=tuple(shown))
    return plain(json.dumps(asdict(view), default=sorted, ensure_ascii=False) + " ; " + words)


@pytest.mark.parametrize(("sector", "channel"), PARTS)
def test_every_number_of_the_page_is_one_of_the_verdict_document(figures, report, sector, channel):
    text = said(figures, report.names, sector, channel)
    text = re.sub(r'"(?:responses|flagged|deadline)": \d+|"(strong|words)": \[[^]]*\]', " ", text)
    text = re.sub(r"@\d", " ", text)  # of a questionnaire's version
    strange = numbers(text) - of_document(report) - AXIS
    assert not strange, sorted(strange)


def test_the_whole_page_has_many_numbers_and_a_wrong_one_would_be_found(figures, report):
    text = said(figures, report.names)
    assert len(numbers(text)) > 40
    line = make_view(figures, report.names, "vi").lines.lines[0]
    wrong = str(replace(line, figure="73,91%"))
    assert Decimal("73.91") in numbers(f"{text} {wrong}") - of_document(report)


def test_the_lines_say_the_words_of_the_verdicts(figures, report):
    told = {"met": "Đạt", "missed": "Chưa đạt", "not_proven": "Chưa đủ căn cứ"}
    told |= {"none": "Chưa có câu trả lời", "withheld": "Không công bố"}
    view = make_view(figures, report.names, "vi")
    lines = {
        (line.sector, one.deadline, one.aim): one
        for line in view.lines.lines
        for one in line.verdicts
    }
    judged = [one for one in report.document.verdicts if one.office == "all"]
    assert len(judged) > 6
    for verdict in judged:
        aim = f"{100 * verdict.threshold:g}%".replace(".", ",")
        line = lines[verdict.sector, verdict.deadline, aim]
        assert line.evidence == (verdict.evidence or "none")
        assert line.word == told[line.evidence]


def test_every_section_answers_a_question_once(figures, report):
    view = make_view(figures, report.names, "vi")
    asked = [key for keys in view.questions.values() for key in keys]
    assert sorted([*asked, "sectors"]) == sorted(one.key for one in view.sections)
