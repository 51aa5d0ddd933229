"""Sentences of questionnaires that somebody held against their decision, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from questionnaires import Text, shipped
from survey.errors import StoreError
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.store.wordings import (
    Checked,
    checked_wordings,
    count_left,
    digest_of,
    left_to_check,
    note_checked,
    take_back,
)

BY = By("lan", datetime(2026, 10, 15, 8, tzinfo=UTC))
DESK, FORMER, SIPAS = (shipped()[key] for key in ("desk@2", "desk@1", "sipas-22@2"))
PLACE = "element 'access'"


def wording(place: str):
    return next(one for one in DESK.unverified if one.place == place)


def test_who_checked_a_sentence_and_when_is_kept_and_it_is_asked_for_no_more(engine: Engine):
    before = len(DESK.unverified)
    assert count_left(engine, [DESK]) == {"desk@2": before}
    assert note_checked(engine, DESK, [PLACE], BY) == 1
    checked = checked_wordings(engine)
    assert checked == {digest_of(wording(PLACE)): Checked(date(2026, 10, 15), "lan")}
    assert PLACE not in [one.place for one in left_to_check(DESK, checked)]
    assert count_left(engine, [DESK]) == {"desk@2": before - 1}


def test_a_sentence_is_checked_in_every_version_that_has_it_from_the_same_source(engine: Engine):
    before = count_left(engine, [FORMER, SIPAS])
    note_checked(engine, DESK, ["scale label 1"], BY)
    after = count_left(engine, [FORMER, SIPAS])
    assert {key: before[key] - after[key] for key in before} == {"desk@1": 1, "sipas-22@2": 1}


def test_another_sentence_or_another_source_is_to_be_checked_again():
    one = wording(PLACE)
    changed = one.text.model_copy(update={"vi": "Câu khác"})
    other = one.source.model_copy(update={"text": "Quyết định khác"})
    translated = Text(vi=one.text.vi, en="Other words")
    assert digest_of(one.model_copy(update={"text": changed})) != digest_of(one)
    assert digest_of(one.model_copy(update={"source": other})) != digest_of(one)
    assert digest_of(one.model_copy(update={"text": translated})) == digest_of(one)


def test_a_check_is_taken_back_and_both_stand_in_the_log_once(engine: Engine):
    assert note_checked(engine, DESK, [PLACE, "scale label 1"], BY) == 2
    assert note_checked(engine, DESK, [PLACE], By("an", BY.at)) == 0
    assert checked_wordings(engine)[digest_of(wording(PLACE))].name == "lan"
    assert take_back(engine, DESK, [PLACE], By(None, BY.at)) == 1
    assert take_back(engine, DESK, [PLACE], BY) == 0
    assert len(checked_wordings(engine)) == 1
    log = [
        (one.action, one.name, one.details["count"]) for one in list_actions(engine, DoneFilter())
    ]
    assert log == [("wordings_unchecked", None, "1"), ("wordings_checked", "lan", "2")]


@pytest.mark.parametrize("change", [note_checked, take_back])
def test_a_place_with_nothing_to_check_is_refused_and_nothing_is_kept(engine: Engine, change):
    with pytest.raises(StoreError, match=r"desk@2 has nothing to check at 'title'; use one of: "):
        change(engine, DESK, [PLACE, "title"], BY)
    assert checked_wordings(engine) == {}
