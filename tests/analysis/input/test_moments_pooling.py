"""Questionnaires stand side by side; only what a file declares the same is pooled."""

from __future__ import annotations

import pytest

from analysis.errors import LayoutError
from analysis.input.aggregates import EVERYTHING, Only, read_moments
from analysis.input.columns import NOTHING_NAMED, Named
from analysis.input.responses import read_responses
from analysis.period import parse_period
from analysis.strata.pooling import Pooled, blocks_of, sections
from questionnaires import Questionnaire, shipped

OCTOBER = parse_period("2026-10")
DESK = {"access": "4", "procedures": "5", "civil_servants": "", "results": "3", "feedback": "5"}


def another(
    questionnaire: Questionnaire, *same: str, version: int = 2, leaves_out: str = ""
) -> Questionnaire:
    """A further version, which declares these items the same as the first one's."""
    items = tuple(
        item.model_copy(update={"same_as": (questionnaire.key,) if item.id in same else ()})
        for item in questionnaire.items
        if item.id != leaves_out
    )
    elements = tuple(element for element in questionnaire.elements if element.id != leaves_out)
    changes = {"version": version, "items": items, "elements": elements}
    return questionnaire.model_copy(update=changes)


ITEMS = ("overall", *DESK)


@pytest.fixture
def known():
    found = shipped()
    return found | {"desk@2": another(found["desk@1"], *ITEMS)}


@pytest.fixture
def side_by_side(write_csv, known):
    def read(rows, known=known, only=EVERYTHING, named=NOTHING_NAMED) -> list[Pooled]:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        path = write_csv(rows, columns=columns)
        with read_responses(path, named=named) as responses:
            blocks = blocks_of(responses, known)
            return sections(read_moments(responses, OCTOBER, blocks, only), blocks, known)

    return read


@pytest.fixture
def pooled(side_by_side):
    """The only section that there is."""

    def read(*given, **options) -> Pooled:
        (one,) = side_by_side(*given, **options)
        return one

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


def test_an_unknown_questionnaire_has_named_items_and_an_index_but_no_elements(pooled, response):
    named = Named(("pay", "leave"))
    found = pooled([response(1, questionnaire="job@1", pay="4", leave="2")], named=named)
    assert list(found.kinds["sectors"]) == ["overall", "index", "item:pay", "item:leave"]


def test_a_questionnaire_of_the_overall_item_alone_has_no_index(pooled, response):
    assert list(pooled([response(1)]).kinds["sectors"]) == ["overall"]


def both(response, first=3, second=2, keys=("desk@1", "desk@2"), **scores):
    """Answers to the first questionnaire, then to the second."""
    return [
        response(n, questionnaire=keys[n >= first], **(scores or DESK))
        for n in range(first + second)
    ]


def respondents(found):
    return [(part.questionnaires, part.respondents) for part in found]


def test_nothing_is_pooled_that_no_file_declares_the_same(side_by_side, response, known):
    """Not even where every word is the same: it is the office that must say so."""
    known = known | {"desk@2": another(known["desk@1"])}
    found = side_by_side(both(response), known)
    assert respondents(found) == [(("desk@1",), 3), (("desk@2",), 2)]
    assert all(part.kinds["sectors"]["index"] == "ratio" for part in found)


def test_the_questionnaire_that_most_people_answered_comes_first(side_by_side, response):
    rows = both(response, 2, 3, ("survey@1", "survey@2"), overall="5")
    assert respondents(side_by_side(rows)) == [(("survey@2",), 3), (("survey@1",), 2)]


def test_what_is_declared_the_same_is_pooled(pooled, response):
    found = pooled(both(response))
    assert found.questionnaires == ("desk@1", "desk@2")
    (measures,) = found.cells.values()
    assert (measures["overall"].n, measures["index"].n) == (5, 5)
    assert found.withheld["sectors"] == frozenset()


def test_it_does_not_matter_which_of_both_says_so(pooled, response, known):
    first, second = known["desk@1"], another(known["desk@1"])
    items = tuple(item.model_copy(update={"same_as": ("desk@2",)}) for item in first.items)
    known = known | {"desk@1": first.model_copy(update={"items": items}), "desk@2": second}
    assert pooled(both(response), known).respondents == 5


def test_three_versions_are_pooled_through_the_one_between(pooled, response, known):
    """Version 3 names version 2 only, which names version 1."""
    third = another(known["desk@2"], *ITEMS, version=3)
    rows = [response(n, questionnaire=f"desk@{n}", **DESK) for n in (1, 2, 3)]
    found = pooled(rows, known | {"desk@3": third})
    assert found.questionnaires == ("desk@1", "desk@2", "desk@3")
    assert found.kinds["sectors"]["overall"] == "item"


def test_only_overall_declared_pools_only_overall(side_by_side, response, known):
    known = known | {"desk@2": another(known["desk@1"], "overall")}
    together, *alone = side_by_side(both(response), known)
    assert together.questionnaires == ("desk@1", "desk@2")
    assert list(together.kinds["sectors"]) == ["overall"]
    assert {"index", "item:access"} <= together.withheld["sectors"]
    assert respondents(alone) == [(("desk@1",), 3), (("desk@2",), 2)]
    for part in alone:
        assert "overall" not in part.kinds["sectors"]
        assert {"index", "item:access"} <= part.kinds["sectors"].keys()


def test_an_index_of_different_items_stands_by_questionnaire(side_by_side, response, known):
    """Version 2 drops an item: the others are still the same questions, the index is not."""
    known = known | {"desk@2": another(known["desk@1"], *ITEMS, leaves_out="feedback")}
    rows = both(response, 1, 1)
    rows[1]["feedback"] = ""
    together, *alone = side_by_side(rows, known)
    assert together.withheld["sectors"] == {"index", "element:feedback", "item:feedback"}
    assert together.kinds["sectors"]["overall"] == "item"
    (measures,) = together.cells.values()
    assert (measures["overall"].n, measures["item:access"].answered) == (2, 2)
    assert [list(part.kinds["sectors"]) for part in alone] == [
        ["index", "element:feedback", "item:feedback"],
        ["index"],
    ]
    (measures,) = alone[0].cells.values()
    assert measures["item:feedback"].n == 1  # who was not asked is not silent


def test_scales_that_differ_are_never_pooled(side_by_side, response, known):
    """Whatever is declared: satisfied from 4 of 5 is another question than satisfied from 3."""
    scale = known["desk@2"].scale.model_copy(update={"satisfied_from": 3})
    other = known["desk@2"].model_copy(update={"scale": scale})
    with pytest.raises(LayoutError, match="satisfied from 3"):
        side_by_side(both(response), known | {"desk@2": other})


def test_one_questionnaire_at_a_time_is_a_section_alone(pooled, response, known):
    known = known | {"desk@2": another(known["desk@1"])}
    found = pooled(both(response), known, only=Only(questionnaire="desk@2"))
    assert respondents([found]) == [(("desk@2",), 2)]


def test_questionnaires_that_are_not_known_stand_side_by_side(side_by_side, response):
    rows = [response(1, questionnaire="survey@1"), response(2, questionnaire="survey@2")]
    assert respondents(side_by_side(rows)) == [(("survey@1",), 1), (("survey@2",), 1)]


def test_questions_about_the_agency_are_another_family(pooled, response):
    """`general` is never totalled with sectors: both are told in the first section."""
    rows = [
        response(1, questionnaire="desk@1", **DESK),
        response(2, questionnaire="agency-service@1", sector="general"),
    ]
    found = pooled(rows)
    assert list(found.kinds["general"]) == ["overall"]
    assert found.kinds["sectors"]["item:access"] == "item"


def test_no_answers_at_all_are_one_empty_section(side_by_side, response):
    (empty,) = side_by_side([response(1, answered_on="2026-09-01")])
    assert (empty.questionnaires, empty.cells) == ((), {})


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
            found += sections(read_moments(responses, OCTOBER, blocks), blocks, known)
    assert {cell: measures["index"] for cell, measures in found[0].cells.items()} == {
        cell: measures["index"] for cell, measures in found[1].cells.items()
    }
    assert found[0].kinds == found[1].kinds
