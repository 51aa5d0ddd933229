"""Scores as a short text and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import Questionnaire, pack, shipped, unpack


def test_scores_are_packed_in_file_order(small: Questionnaire) -> None:
    assert pack(small, {"expert": 2, "overall": 5}) == "5-2"


def test_a_scale_of_eleven_still_takes_one_character_each(small: Questionnaire) -> None:
    long = small.model_copy(update={"scale": small.scale.model_copy(update={"size": 11})})
    scores = {"overall": 11, "polite": 10, "expert": 9}
    assert pack(long, scores) == "ba9"
    assert unpack(long, "ba9") == scores


@pytest.mark.parametrize("score", [0, 6, -1, True, "5", 5.0])
def test_a_score_off_the_scale_is_not_packed(small: Questionnaire, score: object) -> None:
    with pytest.raises(ValueError, match=r"small@1, item 'overall': score is .*; use 1 to 5"):
        pack(small, {"overall": score})  # type: ignore[dict-item]


def test_an_item_of_another_questionnaire_is_not_packed(small: Questionnaire) -> None:
    with pytest.raises(ValueError, match="small@1 has no item c01, c02"):
        pack(small, {"overall": 5, "c02": 1, "c01": 1})


@pytest.mark.parametrize("packed", ["", "55", "5555", "556", "55a", "5 5", "55-\n", "５55", "0--"])
def test_what_does_not_fit_is_not_unpacked(small: Questionnaire, packed: str) -> None:
    with pytest.raises(ValueError, match="do not fit small@1: it has 3 items and scores 1 to 5"):
        unpack(small, packed)


@given(st.sampled_from(sorted(shipped())), st.data())
def test_unpacking_gives_back_what_was_packed(key: str, data: st.DataObject) -> None:
    questionnaire = shipped()[key]
    levels = st.none() | st.integers(1, 5)
    scores = data.draw(st.fixed_dictionaries(dict.fromkeys(questionnaire.item_ids, levels)))
    packed = pack(questionnaire, scores)
    assert unpack(questionnaire, packed) == scores
    assert len(packed) == len(scores)
    assert packed.isascii()
