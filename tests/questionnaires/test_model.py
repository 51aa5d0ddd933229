"""What a questionnaire tells about itself."""

import unicodedata
from typing import Any

import pytest
from pydantic import ValidationError

from questionnaires import Condition, Questionnaire, Source, Text, json_schema


def test_the_key_names_the_version(small: Questionnaire) -> None:
    assert small.key == "small@1"


def test_items_keep_the_order_of_the_file(raw: dict[str, Any]) -> None:
    raw["item"].reverse()
    assert Questionnaire.model_validate(raw).item_ids == ("expert", "polite", "overall")


def test_the_index_runs_over_every_item_but_overall(small: Questionnaire) -> None:
    assert small.index_items == ("polite", "expert")


def test_elements_list_their_items_in_file_order(raw: dict[str, Any]) -> None:
    raw["item"].reverse()
    assert Questionnaire.model_validate(raw).elements_of() == {"staff": ("expert", "polite")}


def test_overall_is_found_where_there_is_one(small: Questionnaire, raw: dict[str, Any]) -> None:
    assert small.overall is not None
    assert small.overall.id == "overall"
    raw["choices"] = []
    raw["item"] = raw["item"][1:]
    assert Questionnaire.model_validate(raw).overall is None


def test_an_unknown_item_is_named(small: Questionnaire) -> None:
    assert small.item("polite").element == "staff"
    with pytest.raises(KeyError, match=r"small@1 has no item 'c99'"):
        small.item("c99")


def test_a_questionnaire_cannot_be_changed(small: Questionnaire) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        small.version = 2  # type: ignore[misc]
    assert isinstance(small.items, tuple)


@pytest.mark.parametrize(("lang", "words"), [("vi", "Cảm ơn"), ("en", "Thanks")])
def test_a_text_answers_in_the_language_asked(lang: str, words: str) -> None:
    assert Text(vi="Cảm ơn", en="Thanks").get(lang) == words


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="language is 'fr'; use one of vi, en"):
        Text(vi="Cảm ơn", en="Thanks").get("fr")


def test_letters_are_stored_composed() -> None:
    apart = unicodedata.normalize("NFD", "Hài lòng")
    assert apart != "Hài lòng"
    assert Text(vi=apart, en="x").vi == "Hài lòng"


@pytest.mark.parametrize(
    ("bounds", "holding"),
    [
        ({"at_most": 2}, {1, 2}),
        ({"at_least": 4}, {4, 5}),
        ({"at_least": 2, "at_most": 3}, {2, 3}),
    ],
)
def test_a_condition_holds_within_its_bounds(bounds: dict[str, int], holding: set[int]) -> None:
    condition = Condition(item="overall", **bounds)
    assert {score for score in range(1, 6) if condition.holds({"overall": score})} == holding


@pytest.mark.parametrize("scores", [{}, {"overall": None}, {"polite": 1}])
def test_a_condition_never_holds_without_its_score(scores: dict[str, int | None]) -> None:
    assert not Condition(item="overall", at_most=5).holds(scores)


@pytest.mark.parametrize(
    ("trust", "verified"), [("A", True), ("own", True), ("B", False), ("C", False), ("M", False)]
)
def test_only_what_was_read_or_claims_no_decision_needs_no_check(
    trust: str, verified: bool
) -> None:
    source = Source.model_validate({"text": "somewhere", "trust": trust})
    assert source.verified is verified


def test_every_unverified_wording_is_listed_with_its_place(raw: dict[str, Any]) -> None:
    doubtful = {"text": "a decision", "trust": "M"}
    raw["item"][1]["source"] = doubtful
    raw["element"][0]["source"] = doubtful
    raw["comment"]["source"] = doubtful
    raw["choices"][1]["source"] = doubtful
    found = [wording.place for wording in Questionnaire.model_validate(raw).unverified]
    assert found == [
        "element 'staff'",
        "question 'polite'",
        "question 'visits'",
        "question 'comment'",
    ]


def test_each_label_of_an_unverified_scale_is_listed(raw: dict[str, Any]) -> None:
    raw["scale"]["source"] = {"text": "a newspaper", "trust": "B"}
    places = [wording.place for wording in Questionnaire.model_validate(raw).unverified]
    assert places == [f"scale label {level}" for level in range(1, 6)]


def test_the_fingerprint_follows_every_word_and_the_order(raw: dict[str, Any]) -> None:
    before = Questionnaire.model_validate(raw).fingerprint
    assert Questionnaire.model_validate(raw).fingerprint == before
    raw["item"][1]["text"]["en"] += "!"
    reworded = Questionnaire.model_validate(raw).fingerprint
    raw["item"].reverse()
    reordered = Questionnaire.model_validate(raw).fingerprint
    assert len({before, reworded, reordered}) == 3
    assert len(before) == 64


def test_the_fingerprint_does_not_ask_how_a_default_is_written(raw: dict[str, Any]) -> None:
    before = Questionnaire.model_validate(raw).fingerprint
    raw["scale"]["size"] = 5
    raw["item"][0]["required"] = False
    raw["kiosk_partial"] = "drop"
    assert Questionnaire.model_validate(raw).fingerprint == before


def test_what_becomes_of_an_abandoned_form_is_a_part_of_the_version(raw: dict[str, Any]) -> None:
    before = Questionnaire.model_validate(raw)
    assert before.kiosk_partial is None
    raw["kiosk_partial"] = "keep"
    assert Questionnaire.model_validate(raw).fingerprint != before.fingerprint
    raw["kiosk_partial"] = "perhaps"
    with pytest.raises(ValidationError, match="kiosk_partial"):
        Questionnaire.model_validate(raw)


def test_the_schema_forbids_unknown_keys_at_every_level() -> None:
    schema = json_schema()
    assert schema["$schema"].startswith("https://json-schema.org/")
    for table in (schema, *schema["$defs"].values()):
        assert table["additionalProperties"] is False
    assert {"item", "element", "choices"} <= set(schema["properties"])
