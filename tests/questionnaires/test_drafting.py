"""A version in the making: edits, what becomes of sources, and what is left to do."""

from __future__ import annotations

import tomllib

import pytest

from questionnaires import Questionnaire, QuestionnaireError, drafting, shipped
from questionnaires.drafting import OWN, Part, copied
from questionnaires.writing import questionnaire_text

SIPAS = shipped()["sipas-22@2"]


@pytest.fixture
def draft():
    return copied(SIPAS, "sipas-22", 3)


def left(draft):
    return {task.name: len(task.places) for task in drafting.tasks(draft, shipped())}


@pytest.mark.parametrize("key", shipped())
def test_a_questionnaire_reads_back_from_its_text(key):
    text = questionnaire_text(shipped()[key])
    assert Questionnaire.model_validate(tomllib.loads(text)) == shipped()[key]


@pytest.mark.parametrize(
    "hostile", ['"""', "\\", "'; x = 1", "]]\u2028[x]", "\U0001f600", "{ a = 1 }"]
)
def test_no_words_break_out_of_the_text_of_a_file(hostile):
    words = {"vi": hostile, "en": hostile}
    made = Questionnaire.model_validate(
        {**shipped()["desk@2"].model_dump(mode="json", by_alias=True), "title": words}
    )
    assert Questionnaire.model_validate(tomllib.loads(questionnaire_text(made))) == made


@pytest.mark.parametrize("key", shipped())
def test_a_copy_holds_the_same_and_says_nothing_of_other_versions(key):
    source = shipped()[key]
    draft = copied(source, source.id, source.version)
    assert drafting.finished(draft).fingerprint == source.fingerprint
    assert all(not item.same_as for item in drafting.finished(draft).items)
    unsaid = len(source.items)
    assert left(draft) == {"vi": 0, "en": 0, "rules": 0, "compared": unsaid, "seen": 1}


def test_every_task_names_its_places(draft):
    draft = drafting.put(
        draft, Part("item", "new"), {"text": drafting.words("", "x"), "source": dict(OWN)}
    )
    element = draft.table(Part("element", draft.ids("element")[0]))
    draft = drafting.put(draft, Part("element", "alone"), element)
    found = {task.name: task for task in drafting.tasks(draft, shipped())}
    assert found["vi"].places == (drafting.Place(Part("item", "new")),)
    assert "'alone'" in str(found["rules"].places[0].told)
    assert found["en"].done


def test_a_missing_text_is_no_broken_rule_and_is_seen_as_dots(draft):
    table = {**draft.table(Part("item", "c01")), "text": drafting.words("", "")}
    draft = drafting.put(draft, Part("item", "c01"), table)
    assert left(draft)["rules"] == 0
    assert drafting.as_seen(draft).item("c01").text.vi == "…"
    with pytest.raises(QuestionnaireError):
        drafting.finished(draft)


def test_other_words_look_other_and_have_to_be_seen_again(draft):
    draft = drafting.looked_at(draft, draft.digest)
    assert left(draft)["seen"] == 0
    assert left(drafting.move(draft, Part("item", "c02"), 1))["seen"] == 1
    back = drafting.move(drafting.move(draft, Part("item", "c02"), 1), Part("item", "c02"), -1)
    assert left(back)["seen"] == 0


def test_edited_words_take_the_source_of_the_office(draft):
    part = Part("item", "c01")
    before = draft.table(part)
    same = drafting.put(draft, part, {**before, "text": {**before["text"], "en": "Other"}})
    assert same.table(part)["source"] == before["source"]
    other = drafting.put(draft, part, {**before, "text": drafting.words("Câu khác", "Other")})
    assert other.table(part)["source"] == OWN
    told = {"text": "Quyết định 1/QĐ", "trust": "A"}
    changed = {**before, "text": drafting.words("Câu khác", "Other"), "source": told}
    assert drafting.put(draft, part, changed).table(part)["source"] == told


def test_what_was_said_of_comparability_holds_while_the_words_do(draft):
    draft = drafting.compared(draft, dict.fromkeys(SIPAS.item_ids, True))
    assert left(draft)["compared"] == 0
    assert drafting.finished(draft).item("c01").same_as == ("sipas-22@2",)
    part = Part("item", "c01")
    other = {**draft.table(part), "text": drafting.words("Câu khác", "Other")}
    assert left(drafting.put(draft, part, other))["compared"] == 1
    scale = draft.table(Part("scale"))
    labels = [drafting.words("Tệ", "Bad"), *scale["labels"][1:]]
    changed = drafting.put(draft, Part("scale"), {**scale, "labels": labels})
    assert left(changed)["compared"] == len(SIPAS.items)
    denied = drafting.compared(draft, {"c01": False})
    assert (left(denied)["compared"], drafting.finished(denied).item("c01").same_as) == (0, ())


def test_a_new_item_stands_beside_the_others_of_its_element(draft):
    element = draft.table(Part("item", "c01"))["element"]
    table = {"text": drafting.words("Mới", "New"), "element": element, "source": dict(OWN)}
    ids = drafting.put(draft, Part("item", "new"), table).ids("item")
    of_it = [draft.table(Part("item", id_)).get("element") for id_ in draft.ids("item")]
    last = max(place for place, one in enumerate(of_it) if one == element)
    assert ids.index("new") == last + 1


def test_what_stands_at_an_end_stays_there(draft):
    first, last = draft.ids("item")[0], draft.ids("item")[-1]
    assert drafting.move(draft, Part("item", first), -1) == draft
    assert drafting.move(draft, Part("item", last), 1) == draft


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("Thái độ của công chức", "thai_do_cua_cong_chuc"),
        ("Đúng hẹn?", "dung_hen"),
        ("24 giờ", "gio"),
        ("???", "cau"),
        ("một câu hỏi " * 9, "mot_cau_hoi_mot_cau_hoi_mot_cau_hoi"),
    ],
)
def test_an_id_is_made_out_of_words_and_is_a_right_one(text, id_):
    assert drafting.free_name(text, []) == id_
    assert drafting.free_name(text, [id_]) == f"{id_}_2"
    assert len(drafting.free_name(text, [id_])) <= 40


def test_what_has_no_place_without_a_question_goes_along():
    draft = copied(shipped()["desk@2"], "desk", 3)
    access = Part("item", "access")
    along = (Part("choices", "access_which"), Part("element", "access"))
    assert drafting.going_along(draft, access) == along
    dropped = drafting.drop(draft, access)
    assert not {access, *along} & set(dropped.parts)
    assert left(dropped)["rules"] == 0
    assert len(dropped.parts) == len(draft.parts) - 3


def test_questions_of_an_element_that_goes_belong_to_none(draft):
    element = draft.ids("element")[0]
    dropped = drafting.drop(draft, Part("element", element))
    assert dropped.ids("item") == draft.ids("item")
    assert left(dropped)["rules"] == 0


def test_a_comment_for_a_low_score_is_asked_always_once_that_question_is_gone(draft):
    part = Part("comment")
    asked = {**draft.table(part), "show_when": {"item": "c02", "at_most": 2}}
    dropped = drafting.drop(drafting.put(draft, part, asked), Part("item", "c02"))
    assert "show_when" not in dropped.table(part)
    assert left(dropped)["rules"] == 0
