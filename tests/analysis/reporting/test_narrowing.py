"""A part of a document is a selection of its rows: it tells nothing that the whole does not."""

from __future__ import annotations

import random

import pytest

from analysis.disclosure.published import published
from analysis.document import analyse
from analysis.input.population import read_population
from analysis.input.responses import read_responses
from analysis.reporting.narrowing import narrowed, with_totals
from analysis.reporting.sections import report_sections
from questionnaires import shipped
from questionnaires.layout import OPEN_CHANNELS, SIDES
from tests.analysis.verdict_documents import a_document, a_row, a_verdict, an_office

SECTORS = ("land", "construction", "civil-status", "certification")
CHANNELS = (*OPEN_CHANNELS, *SIDES)


def rows_of(document, channel):
    """The rows of a document; those of a channel as if of all channels."""
    if channel == "all":
        return set(document.estimates)
    return {row._replace(channel="all") for row in document.estimates if row.channel == channel}


@pytest.fixture
def both(write_csv, response, tmp_path):
    """A full document and the published one; some cells are too small to be published."""
    draw = random.Random(5)
    sizes = {"land": 4, "construction": 9, "civil-status": 60, "certification": 45}
    rows, counts = [], ["period,office,sector,completed"]
    for sector, size in sizes.items():
        counts.append(f"2026-10,trieu-son,{sector},{3 * size}")
        for _ in range(size):
            channel = draw.choice(OPEN_CHANNELS)
            score = draw.choice("45555512")
            rows.append(response(len(rows), sector=sector, channel=channel, overall=score))
    dossiers = tmp_path / "population.csv"
    dossiers.write_text("\n".join(counts) + "\n", encoding="utf-8")
    population = read_population(str(dossiers))
    with read_responses(write_csv(rows)) as responses:
        full = analyse(responses, population, period="2026-10")
        return full, published(full, responses, population, shipped())


@pytest.mark.parametrize("channel", ["all", *CHANNELS])
def test_every_row_of_a_part_is_one_of_the_document(both, channel):
    """So no choice leaks anything: what complementary parts of a published document tell is
    published already.
    """
    for document in both:
        for sector in ("all", *SECTORS):
            part = narrowed(document, sector=sector, channel=channel)
            assert set(part.estimates) <= rows_of(document, channel)
            assert set(part.verdicts) <= set(document.verdicts)
            assert part.view == document.view


def test_no_figure_of_a_small_cell_is_in_any_part_of_what_is_published(both):
    full, shown = both
    few = {row.key for row in full.estimates if row.n < shown.minimum}
    assert few
    for sector in ("all", *SECTORS):
        for channel in ("all", *CHANNELS):
            for row in narrowed(shown, sector=sector, channel=channel).estimates:
                if row._replace(channel=channel).key in few:
                    assert (row.share, row.satisfied, row.mean, row.low) == (None,) * 4


def test_a_published_channel_of_a_sector_has_nothing_to_tell(both):
    part = narrowed(both[1], sector="civil-status", channel="kiosk")
    assert part.estimates == ()
    assert {section.key for section in report_sections(part)} <= {"verdicts", "sectors"} | {
        "silence",
        "measures",
        "methods",
    }


def test_a_sector_has_its_own_elements_verdicts_and_reasons():
    part = narrowed(an_office(), sector="land")
    assert {row.sector for row in part.estimates} == {"land"}
    assert {verdict.sector for verdict in part.verdicts} == {"land"}
    tables = [t for s in report_sections(part, sector="land") for t in s.tables]
    assert any("đất đai" in table.caption.lower() or "land" in table.caption for table in tables)


def test_a_channel_has_no_verdict_because_a_verdict_is_on_all_who_answered():
    row = a_row("all", 140, 150, 300)
    kiosk = a_row("all", 40, 45, channel="kiosk")
    document = a_document([row, kiosk], [a_verdict("procedures-2025", row, 0.9, 2025)])
    part = narrowed(document, channel="kiosk")
    assert part.verdicts == ()
    assert [one.n for one in part.estimates if one.office == "all"] == [45]


def test_a_sector_is_drawn_beside_what_it_counts_in():
    shown = with_totals(an_office(), "land")
    assert {row.sector for row in shown.estimates} == {
        "land",
        "all",
        "group:land-construction-investment",
    }


def test_nothing_chosen_is_the_document_itself():
    document = an_office()
    assert narrowed(document) is document
