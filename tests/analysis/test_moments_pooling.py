"""Answers are counted together only where people were asked the same thing in the same words."""

from __future__ import annotations

import pytest

from analysis.counting.moments import EVERYTHING, Only, read_moments
from analysis.design.pooling import Pooled, blocks_of, pool
from analysis.period import parse_period
from analysis.problems import LayoutError, WordingError
from analysis.reading.layout import read_responses
from questionnaires import Questionnaire, Text, shipped

OCTOBER = parse_period("2026-10")
DESK = {"access": "4", "procedures": "5", "civil_servants": "", "results": "3", "feedback": "5"}


def changed(questionnaire: Questionnaire, **texts: str) -> Questionnaire:
    """Version 2 of the questionnaire, with other words for these items."""
    items = tuple(
        item.model_copy(update={"text": Text(vi=texts[item.id], en=texts[item.id])})
        if item.id in texts
        else item
        for item in questionnaire.items
    )
    return questionnaire.model_copy(update={"version": 2, "items": items})


@pytest.fixture
def known():
    found = shipped()
    return found | {"desk@2": changed(found["desk@1"], access="Chỗ ngồi chờ")}


@pytest.fixture
def pooled(write_csv, known):
    def read(rows, known=known, only=EVERYTHING) -> Pooled:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with read_responses(write_csv(rows, columns=columns)) as responses:
            blocks = blocks_of(responses, known)
            return pool(read_moments(responses, OCTOBER, blocks, only), blocks, known)

    return read


def test_measures_come_in_the_order_overall_index_elements_items(pooled, response):
    found = pooled([response(1, questionnaire="desk@1", **DESK)])
    assert list(found.kinds["sectors"]) == [
        "overall",
        "index",
        "element:access",
        "element:procedures",
        "element:results",
        "element:feedback",
        "item:access",
        "item:procedures",
        "item:results",
        "item:feedback",
    ]
    assert found.kinds["general"] == {}


def test_an_element_of_one_item_is_judged_as_an_item(pooled, response):
    found = pooled([response(1, questionnaire="desk@1", **DESK)])
    assert found.kinds["sectors"]["element:access"] == "item"
    assert found.kinds["sectors"]["index"] == "ratio"
    (measures,) = found.cells.values()
    assert measures["element:access"] == measures["item:access"]


def test_an_element_of_several_items_is_a_ratio(pooled, response):
    rows = [response(1, questionnaire="sipas-22@1", c01="4", c02="5", c03="2")]
    found = pooled(rows)
    assert found.kinds["sectors"]["element:access"] == "ratio"
    (measures,) = found.cells.values()
    assert (measures["element:access"].y, measures["element:access"].m) == (2, 3)


def test_an_item_that_nobody_answered_is_left_out(pooled, response):
    found = pooled([response(1, questionnaire="desk@1", **DESK)])
    assert "item:civil_servants" not in found.kinds["sectors"]
    assert "element:civil_servants" not in found.kinds["sectors"]


def test_an_unknown_questionnaire_has_items_and_an_index_but_no_elements(pooled, response):
    found = pooled([response(1, questionnaire="job@1", pay="4", leave="2")])
    assert list(found.kinds["sectors"]) == ["overall", "index", "item:pay", "item:leave"]


def test_a_questionnaire_of_the_overall_item_alone_has_no_index(pooled, response):
    assert list(pooled([response(1)]).kinds["sectors"]) == ["overall"]


def test_different_words_for_the_same_item_are_not_pooled(pooled, response):
    rows = [response(n, questionnaire=f"desk@{n}", **DESK) for n in (1, 2)]
    with pytest.raises(WordingError) as caught:
        pooled(rows)
    assert str(caught.value) == (
        "questionnaires, desk@1, desk@2: they word 'access' differently;"
        " analyse one at a time: --questionnaire desk@1"
    )


def test_one_questionnaire_at_a_time_is_not_refused(pooled, response):
    rows = [response(n, questionnaire=f"desk@{n}", **DESK) for n in (1, 2)]
    found = pooled(rows, only=Only(questionnaire="desk@2"))
    assert [measures["overall"].n for measures in found.cells.values()] == [1]


def test_different_labels_of_the_scale_are_different_words(pooled, response, known):
    other = known["desk@1"]
    labels = tuple(reversed(other.scale.labels))
    scale = other.scale.model_copy(update={"labels": labels})
    known = known | {"desk@2": other.model_copy(update={"version": 2, "scale": scale})}
    rows = [response(n, questionnaire=f"desk@{n}", **DESK) for n in (1, 2)]
    with pytest.raises(WordingError, match="they word 'overall' differently"):
        pooled(rows, known)


def test_versions_that_ask_the_same_are_pooled(pooled, response, known):
    known = known | {"desk@2": changed(known["desk@1"])}
    rows = [response(n, questionnaire=f"desk@{n}", **DESK) for n in (1, 2)]
    found = pooled(rows, known)
    assert [measures["index"].n for measures in found.cells.values()] == [2]
    assert found.withheld["sectors"] == frozenset()


def test_an_index_of_different_items_is_withheld_while_the_same_item_is_pooled(
    pooled, response, known
):
    """Version 2 drops an item: overall satisfaction is still the same question."""
    other = known["desk@1"]
    fewer = tuple(item for item in other.items if item.id != "feedback")
    elements = tuple(element for element in other.elements if element.id != "feedback")
    second = other.model_copy(update={"version": 2, "items": fewer, "elements": elements})
    rows = [
        response(1, questionnaire="desk@1", **DESK),
        response(2, questionnaire="desk@2", **DESK | {"feedback": ""}),
    ]
    found = pooled(rows, known | {"desk@2": second})
    assert found.withheld["sectors"] == {"index"}
    assert "index" not in found.kinds["sectors"]
    assert found.kinds["sectors"]["overall"] == "item"
    (measures,) = found.cells.values()
    assert (measures["overall"].n, measures["item:feedback"].answered) == (2, 1)


def test_unknown_questionnaires_are_not_pooled_with_others(pooled, response):
    rows = [response(1, questionnaire="survey@1"), response(2, questionnaire="survey@2")]
    with pytest.raises(WordingError, match="survey@1, survey@2: not all of them are known here"):
        pooled(rows)


def test_questions_about_the_agency_are_another_family(pooled, response):
    """`general` is never totalled with sectors, so its words may differ."""
    rows = [
        response(1, questionnaire="desk@1", **DESK),
        response(2, questionnaire="agency-service@1", sector="general"),
    ]
    found = pooled(rows)
    assert list(found.kinds["general"]) == ["overall"]
    assert found.kinds["sectors"]["item:access"] == "item"


def test_a_questionnaire_of_another_period_does_not_matter(pooled, response):
    rows = [
        response(1, questionnaire="desk@1", **DESK),
        response(2, questionnaire="desk@2", answered_on="2026-09-01", **DESK),
    ]
    assert [measures["overall"].n for measures in pooled(rows).cells.values()] == [1]


def test_answers_to_an_item_that_the_questionnaire_does_not_ask_are_refused(pooled, response):
    rows = [response(1, questionnaire="desk@1", c01="4", **DESK)]
    with pytest.raises(LayoutError) as caught:
        pooled(rows)
    assert str(caught.value) == (
        "answers.csv, column 'c01': 1 answers to it in responses to desk@1, which does not ask it;"
        " correct the column's name or the questionnaire's version"
    )


def test_a_scale_that_the_layout_does_not_hold_is_refused(pooled, response, known):
    other = known["desk@1"]
    scale = other.scale.model_copy(update={"size": 7, "satisfied_from": 6})
    known = known | {"desk@1": other.model_copy(update={"scale": scale})}
    with pytest.raises(LayoutError, match="its scale has 7 steps, satisfied from 6; the layout"):
        pooled([response(1, questionnaire="desk@1", **DESK)], known)


def test_a_trusted_database_gives_the_same_pooled_moments(write_sqlite, response, known):
    rows = [
        response(1, questionnaire="desk@1", c01="", **DESK),
        response(2, questionnaire="desk@1", c01="", **DESK | {"access": "1"}),
    ]
    url, found = write_sqlite(rows), []
    for trusted in (True, False):
        with read_responses(url, trusted=trusted) as responses:
            blocks = blocks_of(responses, known)
            found.append(pool(read_moments(responses, OCTOBER, blocks), blocks, known))
    assert {cell: measures["index"] for cell, measures in found[0].cells.items()} == {
        cell: measures["index"] for cell, measures in found[1].cells.items()
    }
    assert found[0].kinds == found[1].kinds
