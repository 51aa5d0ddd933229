"""The states of the results page, each from a view that lies computed on the shelf."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import asdict
from datetime import date

import pytest

from analysis.period import parse_period
from survey.access import EVERYTHING
from survey.figures.asking import wanted_page
from survey.figures.office import Figures
from survey.figures.page import make_view
from survey.figures.shelf import Shelf
from survey.intake import Response
from survey.store.responses import add_many
from tests.analysis.rechecked import MONTH, Rechecked
from tests.analysis.verdict_documents import a_document, a_row, a_verdict
from tests.clock import TODAY
from tests.survey.desk.pages import sign_in

pytestmark = [pytest.mark.sqlite_is_enough, pytest.mark.usefixtures("on_a_thursday")]


@pytest.fixture
def shown(app, engine, config):
    """The page of a document, as an officer sees it."""
    client = sign_in(app, engine, EVERYTHING)

    def shown(document):
        day = date.fromisoformat(f"{document.period.months[0]}-05")
        sheet = ("desk@1", "trieu-son", "land", "poster", day, "5-----")
        add_many(engine, [Response(str(uuid.uuid4()), *sheet)])
        period = parse_period(document.period.text)
        wanted = wanted_page(engine, config, period, TODAY, office="all", lang="vi")
        view = make_view(Figures(document, None), {"land": "Đất đai"}, "vi")
        Shelf(config.data).want(wanted)
        Shelf(config.data).put(
            wanted, "page.json", json.dumps(asdict(view), default=sorted).encode()
        )
        return client.get(f"/results/{document.period.text}?lang=vi")

    return shown


def test_what_the_re_check_contradicts_is_the_first_thing_said(shown, tmp_path):
    given = Rechecked(tmp_path).dossiers("land", 400)
    given.chose("land", 100, 99).draw("land", 400, 120, {"no": (70, 49), "yes": (30, 26)})
    text = shown(given.analyse(MONTH)).text
    said = text.index("khác nhau nhiều hơn mức ngẫu nhiên")
    assert text.index('class="chosen"') < said < text.index('class="lines"')
    assert 'href="#recheck"' in text and '<section id="recheck">' in text


def test_one_answer_is_told_as_a_count_and_never_as_a_percentage(shown):
    row = a_row("all", 1, 1, 40)
    text = shown(a_document([row], [a_verdict("procedures-2025", row, 0.9, 2025)])).text
    line = re.search(r'(?s)<table class="lines".*?</table>', text)[0]
    assert "1 trên 1" in line and "100" not in line


def test_without_targets_there_are_no_lines_and_the_page_says_so(shown):
    text = shown(a_document([a_row("all", 140, 150, 300)])).text
    assert '<table class="lines"' not in text
    assert "mục tiêu" in text


def test_without_dossiers_it_says_where_to_send_them(shown):
    text = shown(a_document([a_row("all", 140, 150)])).text
    assert "Hồ sơ tháng" in text and "tỷ lệ trả lời" in text
