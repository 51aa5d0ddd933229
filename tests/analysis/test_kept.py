"""A published document read back from its JSON tells what it told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analysis.disclosure.published import published
from analysis.document import analyse
from analysis.input.population import read_population
from analysis.input.responses import read_responses
from analysis.kept import read_document
from analysis.reporting.recheck_section import recheck_section
from analysis.reporting.teller import Teller
from analysis.reporting.verdicts import verdict_list
from analysis.targets import Targets
from questionnaires import shipped
from tests.analysis.rechecked import MONTH, an_office


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """The published document of a month with a re-check."""
    url = an_office(tmp_path_factory.mktemp("office")).database
    with read_responses(url, trusted=True) as opened:
        found = analyse(opened, url, period=MONTH)
        return published(found, opened, read_population(url), shipped())


def bare(rows):
    return [row._replace(notes=()) for row in rows]


def kept(document) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(document.as_json(), ensure_ascii=False))
    return found


def test_rows_verdicts_and_recheck_come_back(document):
    found = read_document(kept(document), document.targets)
    assert bare(document.estimates) == bare(found.estimates)
    assert bare(document.verdicts) == bare(found.verdicts)
    assert (found.period, found.level, found.view) == (document.period, document.level, "published")
    assert kept(found)["recheck"] == kept(document)["recheck"]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_it_reads_the_same_to_people(document, lang):
    found = read_document(kept(document), document.targets)
    office = document.offices[0]
    before, after = (Teller.of(one, None, None, lang) for one in (document, found))
    assert str(recheck_section(after, office)) == str(recheck_section(before, office))
    words = [
        [(entry.scope, entry.reading, entry.judgements) for entry in one.entries]
        for one in (verdict_list(it, lang=lang, office=office) for it in (document, found))
    ]
    assert words[0] == words[1]


def test_what_a_target_that_is_gone_was_judged_by_is_left_out(document):
    left = Targets(group=(), target=document.targets.target[:1])
    found = read_document(kept(document), left)
    assert {one.target for one in found.verdicts} <= {left.target[0].id}
    assert not [row for row in found.estimates if row.sector.startswith("group:")]
