"""The questionnaires that come with the package: their words, their sources, their permanence."""

import pytest

from questionnaires import Questionnaire, shipped
from questionnaires.layout import ANSWERED_BEFORE, FACTS, NO, YES

PUBLISHED = {
    "agency-service@1": "efc4fad8408d28e8089170295a1bab155eb3525e15e8abab8c9caaf10e78392e",
    "agency-service@2": "ff195b4ea1215560bf853fb77e81fdcee4f00b2e2580d21907c38ed1fb833593",
    "desk@1": "37dbc884f5a5db4478e2438245122907aebfe3e279c72cefc03924644d8c98b0",
    "desk@2": "02b366923b2829c87680c18d3654b324dd3dba2e29a29d2951325d69a1ff0812",
    "recheck@1": "2090c9adc49d0473a0cf6d05c6d94a5c2448b81f34664b35f90d797da8689a8d",
    "sipas-22@1": "3c7f530d2a4a88f8043ec62da66cf80689d0506508ad83e4eb0105dd0f9531c1",
    "sipas-22@2": "804f1fff46c512f73906a1a85134a00bc6347fb16305b6dfbb8d19825c46624c",
}
"""Content of every version ever published. Lines are added, never changed or removed."""

ELEMENTS = {
    "access": "Tiếp cận dịch vụ hành chính công",
    "procedures": "Thủ tục hành chính",
    "civil_servants": "Công chức giải quyết công việc",
    "results": "Kết quả cung ứng dịch vụ hành chính công",
    "feedback": "Tiếp nhận, giải quyết góp ý, phản ánh, kiến nghị",
}

every = pytest.mark.parametrize("questionnaire", shipped().values(), ids=lambda q: q.key)


def test_every_published_version_is_shipped_and_recorded() -> None:
    assert set(shipped()) == set(PUBLISHED)


@every
def test_a_published_version_is_never_changed(questionnaire: Questionnaire) -> None:
    key, version = questionnaire.key, questionnaire.version
    assert questionnaire.fingerprint == PUBLISHED[key], (
        f"{questionnaire.id}.v{version}.toml was published and responses carry {key}: undo the"
        f" change and make version {version + 1}, a new file {questionnaire.id}.v{version + 1}.toml"
    )


@every
def test_the_levels_are_the_official_five(questionnaire: Questionnaire) -> None:
    assert [label.vi for label in questionnaire.scale.labels] == [
        "Rất không hài lòng",
        "Không hài lòng",
        "Bình thường",
        "Hài lòng",
        "Rất hài lòng",
    ]
    assert questionnaire.scale.satisfied_from == 4
    assert questionnaire.scale.not_applicable.vi == "Không áp dụng"


@every
def test_the_five_elements_have_their_sourced_names(questionnaire: Questionnaire) -> None:
    assert {element.id: element.title.vi for element in questionnaire.elements} == ELEMENTS
    assert all(element.source.trust == "B" for element in questionnaire.elements)


@every
def test_overall_comes_first_and_every_other_item_has_an_element(
    questionnaire: Questionnaire,
) -> None:
    assert questionnaire.item_ids[0] == "overall"
    assert all(questionnaire.item(name).element for name in questionnaire.index_items)


@every
def test_no_wording_claims_that_the_decision_was_read(questionnaire: Questionnaire) -> None:
    """Until someone opens the decision and checks it, trust A would be untrue."""
    assert all(wording.source.trust != "A" for wording in questionnaire.wordings)


def test_the_first_desk_form_asks_in_the_agreed_words() -> None:
    desk = shipped()["desk@1"]
    assert [(item.id, item.text.vi) for item in desk.items] == [
        ("overall", "Ông/Bà có hài lòng với lần giải quyết thủ tục này không?"),
        ("access", "Nơi đón tiếp, chỗ ngồi chờ và trang thiết bị"),
        ("procedures", "Thủ tục, giấy tờ phải nộp và thời hạn giải quyết"),
        ("civil_servants", "Thái độ và sự hướng dẫn của công chức"),
        ("results", "Kết quả nhận được: đúng, đủ, chính xác"),
        ("feedback", "Việc tiếp nhận và giải quyết góp ý, phản ánh, kiến nghị"),
    ]
    assert desk.elements_of() == {name: (name,) for name in ELEMENTS}
    assert desk.about_sector


def test_the_recheck_asks_what_the_desk_asks_and_three_questions_more() -> None:
    recheck, desk = shipped()["recheck@1"], shipped()["desk@2"]
    for asked, other in zip(recheck.items, desk.items, strict=True):
        assert (asked.id, asked.text, asked.same_as) == (other.id, other.text, ("desk@2",))
    assert recheck.scale == desk.scale
    assert [asked.id for asked in recheck.choices] == [ANSWERED_BEFORE, *FACTS]
    assert {asked.option_ids for asked in recheck.choices} == {(YES, NO, "not_sure")}
    assert not any(asked.multiple or asked.show_when for asked in recheck.choices)
    assert [key for key, one in shipped().items() if not one.for_counters] == ["recheck@1"]


OVERALL = {
    "desk@2": "Ông/Bà hài lòng ở mức nào với lần làm thủ tục này?",
    "sipas-22@2": "Nhìn chung, Ông/Bà hài lòng ở mức nào với sự phục vụ trong lần làm thủ tục này?",
    "agency-service@2": "Nhìn chung, Ông/Bà hài lòng ở mức nào với sự phục vụ của các cơ quan hành"
    " chính xã, phường?",
}
SECOND = pytest.mark.parametrize("key", OVERALL)


@SECOND
def test_no_question_of_a_second_version_presumes_its_answer(key: str) -> None:
    asked = shipped()[key]
    assert asked.item("overall").text.vi == OVERALL[key]
    assert asked.stem is not None
    assert asked.stem.vi == "Ông/Bà hài lòng ở mức nào về từng nội dung sau?"
    words = [item.text for item in asked.items]
    assert not [text.vi for text in words if text.vi.endswith("không?")]
    assert not [text.en for text in words if text.en.startswith(("Were you", "Are you"))]


def test_the_second_desk_form_asks_in_the_agreed_words() -> None:
    first, second = shipped()["desk@1"], shipped()["desk@2"]
    assert second.item("results").text.vi == "Kết quả nhận được: đúng và đủ"
    words = "Cách cơ quan tiếp nhận và trả lời góp ý của người dân"
    assert second.item("feedback").text.vi == words
    kept = ("access", "procedures", "civil_servants")
    assert [second.item(name).text for name in kept] == [first.item(name).text for name in kept]
    assert second.elements_of() == first.elements_of()
    assert second.about_sector


@SECOND
def test_only_questions_in_the_same_words_are_added_to_those_of_the_first_version(key: str) -> None:
    second = shipped()[key]
    first = shipped()[f"{second.id}@1"]
    told = {item.id for item in second.items if item.same_as}
    assert {other for item in second.items for other in item.same_as} == {first.key}
    assert told == {item.id for item in second.items if item.text == first.item(item.id).text}
    assert "overall" not in told


@SECOND
def test_every_second_version_asks_why_right_after_a_low_level(key: str) -> None:
    (reasons,) = shipped()[key].followed_by("overall")
    assert reasons.id == "went_wrong"
    assert reasons.multiple
    assert reasons.show_when is not None
    asked = [score for score in range(1, 6) if reasons.show_when.holds({"overall": score})]
    assert asked == [1, 2]
    assert reasons.option_ids[-1] == "other"
    assert reasons.options[-1].text.vi == "Lý do khác"
    befell = ("Phải ", "Gặp ", "Nhận ", "Không ", "Bị ", "Thiếu ")
    assert all(option.text.vi.startswith(befell) for option in reasons.options[:-1])


def test_a_desk_item_that_names_several_things_leads_to_which_of_them() -> None:
    desk = shipped()["desk@2"]
    for name in ("access", "procedures", "civil_servants"):
        (which,) = desk.followed_by(name)
        assert which.show_when is not None
        assert which.show_when.at_most == 2
        named = desk.item(name).text.vi.lower()
        assert [o.text.vi for o in which.options if o.text.vi.lower() not in named] == []


@SECOND
def test_not_applicable_is_said_in_the_words_of_the_item(key: str) -> None:
    asked = shipped()[key]
    words = {item.id: asked.words_for_none(item).vi for item in asked.items if item.not_applicable}
    assert words
    assert "Không áp dụng" not in words.values()
    assert words.get("results", "Chưa nhận kết quả") == "Chưa nhận kết quả"


def test_the_first_desk_form_asks_what_went_wrong_after_a_low_answer_only() -> None:
    (went_wrong,) = shipped()["desk@1"].choices
    assert went_wrong.multiple
    assert went_wrong.show_when is not None
    asked = [score for score in range(1, 6) if went_wrong.show_when.holds({"overall": score})]
    assert asked == [1, 2]
    assert "other" in went_wrong.option_ids


@pytest.mark.parametrize("key", ["sipas-22@1", "sipas-22@2"])
def test_the_official_form_has_its_22_criteria_in_order(key: str) -> None:
    sipas = shipped()[key]
    assert sipas.index_items == tuple(f"c{number:02d}" for number in range(1, 23))
    sizes = {element: len(items) for element, items in sipas.elements_of().items()}
    assert sizes == {
        "access": 4,
        "procedures": 5,
        "civil_servants": 6,
        "results": 3,
        "feedback": 4,
    }
    assert sipas.about_sector


@pytest.mark.parametrize("key", ["sipas-22@1", "sipas-22@2"])
def test_the_trust_of_each_criterion_is_what_was_really_seen(key: str) -> None:
    """Of criterion 1 only the idea was seen, so its wording counts as memory."""
    sipas = shipped()[key]
    trust = {name: sipas.item(name).source.trust for name in sipas.index_items}
    seen = {name for name, mark in trust.items() if mark == "B"}
    assert seen == {"c05", "c09", "c10", "c12", "c13", "c15", "c22"}
    assert {mark for name, mark in trust.items() if name not in seen} == {"M"}
    assert set(sipas.index_items) <= {
        wording.place.split("'")[1] for wording in sipas.unverified if "question" in wording.place
    }


@pytest.mark.parametrize("key", ["agency-service@1", "agency-service@2"])
def test_the_service_form_is_about_no_sector_and_is_our_own_wording(key: str) -> None:
    service = shipped()[key]
    assert not service.about_sector
    assert {item.source.trust for item in service.items} == {"own"}
    assert all(service.elements_of().values())
