"""Questionnaires designed in the browser: copied, edited, looked at, and published for good."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest

from questionnaires import drafting, load_folder, shipped
from survey.access import Grant
from survey.drafts import change_draft, list_drafts, load_draft
from survey.places import installed_questionnaires
from survey.store.places import load_places
from survey.store.questionnaires import published_questionnaires
from survey.store.staff import add_staff
from survey.store.staff_actions import DoneFilter, list_actions
from survey.store.views import publish
from survey.turns import turn

PASSWORD = "bốn từ không dính nhau"
NAME = "desk.v3"
DRAFT = f"/questionnaires/draft?draft={NAME}"

pytestmark = pytest.mark.sqlite_is_enough


@pytest.fixture
def administrator(client, engine):
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    given = {"csrf_token": token(client, "/sign-in"), "name": "lan", "password": PASSWORD}
    assert client.post("/sign-in", data=given).status_code == 303
    return client


@pytest.fixture
def draft(administrator):
    """The administrator, with a draft of desk@3 begun."""
    assert send(administrator, "copy", {"key": "desk@2", "as": "next"}).status_code == 303
    return administrator


def token(client, path):
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def send(client, page, given):
    """Send a form of the page, as the draft is now."""
    was = re.search(r'name="was" value="([^"]+)"', client.get(DRAFT).text)
    fields = {"csrf_token": token(client, "/account"), "draft": NAME, "was": was[1] if was else ""}
    return client.post(f"/questionnaires/{page}", data={**fields, **given})


def part(client, name, **changed):
    """Save a part, all its fields as the page shows them but for these."""
    page = client.get(f"/questionnaires/part?draft={NAME}&part={name}").text
    return send(client, "part", {**fields(page), "part": name, **changed})


def fields(page):
    main = page.partition("<main")[2]
    found = {}
    for name, value in re.findall(r'<input[^>]*name="(\w+)"[^>]*?value="([^"]*)"', main):
        tag = re.search(rf'<input[^>]*name="{name}"[^>]*value="{re.escape(value)}"[^>]*>', main)
        if 'type="checkbox"' not in tag[0] or "checked" in tag[0]:
            found.setdefault(name, []).append(value)
    for name, value in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)<', main):
        found.setdefault(name, []).append(value)
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', main, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found.setdefault(name, []).append(chosen[1] if chosen else "")
    given = {name: [unescape(value) for value in values] for name, values in found.items()}
    return {k: v for k, v in given.items() if k not in ("csrf_token", "draft", "was", "part")}


def content(config, name=NAME):
    return load_draft(config, name).content


def item(config, id_):
    return next(one for one in content(config)["item"] if one["id"] == id_)


def all_same(client):
    return send(client, "compare", {f"same-{id_}": "same" for id_ in shipped()["desk@2"].item_ids})


def looked_at(client):
    return send(client, "seen", {})


def test_a_copy_is_a_draft_beside_the_version_which_stays(administrator, config, engine):
    page = administrator.get("/questionnaires")
    assert "Phiên bản đã công bố không bao giờ đổi" in page.text
    assert send(administrator, "copy", {"key": "desk@2", "as": "next"}).status_code == 303
    assert list(list_drafts(config)) == [NAME]
    assert not (config.questionnaires_folder / f"{NAME}.toml").exists()
    assert published_questionnaires(engine) == shipped()
    assert "lan tạo bản nháp desk@3 từ desk@2" in administrator.get("/questionnaires").text
    assert send(administrator, "copy", {"key": "desk@1", "as": "next"}).status_code == 303
    assert list(list_drafts(config)) == [NAME, "desk.v4"]


def test_a_copy_under_a_name_of_its_own_begins_at_version_one(administrator, config):
    given = {"key": "desk@2", "as": "own", "name": "Phiếu của xã Triệu Sơn"}
    assert send(administrator, "copy", given).status_code == 303
    own = load_draft(config, "phieu-cua-xa-trieu-son.v1")
    assert own.content["title"] == {"vi": "Phiếu của xã Triệu Sơn", "en": ""}
    assert own.content["source"]["trust"] == "own"
    reply = send(administrator, "copy", {"key": "desk@2", "as": "own", "name": " "})
    assert (reply.status_code, "Hãy ghi tên" in reply.text) == (422, True)


def test_saving_a_part_unchanged_changes_nothing(draft, config):
    before = content(config)
    for name in (
        "head",
        "scale",
        "element:access",
        "item:results",
        "choices:went_wrong",
        "comment",
    ):
        assert part(draft, name).status_code == 303, name
        assert content(config) == before, name


def test_edited_words_are_the_office_s_own_and_compared_anew(administrator, config):
    send(administrator, "copy", {"key": "sipas-22@2", "as": "next"})
    name, id_ = "sipas-22.v3", "c01"
    path = f"/questionnaires/part?draft={name}&part=item:{id_}"
    page = administrator.get(path).text
    was = re.search(r'name="was" value="([^"]+)"', page)[1]
    common = {"draft": name, "was": was, "part": f"item:{id_}"}
    before = next(one for one in content(config, name)["item"] if one["id"] == id_)
    assert before["source"]["trust"] != "own"
    english = send(administrator, "part", {**fields(page), **common, "text_en": "Easy to find"})
    assert english.status_code == 303
    after = next(one for one in content(config, name)["item"] if one["id"] == id_)
    assert after["source"] == before["source"]  # English is always a translation
    common["was"] = load_draft(config, name).digest
    send(administrator, "part", {**fields(page), **common, "text_vi": "Nơi dễ tìm, dễ đến"})
    after = next(one for one in content(config, name)["item"] if one["id"] == id_)
    assert after["source"] == {"text": "Câu chữ của cơ quan", "trust": "own"}


def test_what_was_said_of_comparability_is_said_again_after_an_edit(draft, config):
    all_same(draft)
    assert load_draft(config, NAME).same["access"] is True
    part(draft, "item:access", text_vi="Chỗ ngồi chờ")
    assert "access" not in load_draft(config, NAME).same
    assert "còn 1 câu chưa nói" in draft.get(DRAFT).text


def test_questions_are_moved_added_and_taken_out(draft, config):
    send(draft, "act", {"do": "up item:procedures"})
    ids = [one["id"] for one in content(config)["item"]]
    assert ids[:3] == ["overall", "procedures", "access"]
    new = {"text_vi": "Bảng niêm yết thủ tục", "text_en": "", "element": "procedures"}
    assert part(draft, "item:", **new).status_code == 303
    ids = [one["id"] for one in content(config)["item"]]
    assert ids[2] == "bang_niem_yet_thu_tuc"  # beside the others of its element
    asked = send(draft, "act", {"do": "drop item:bang_niem_yet_thu_tuc"})
    assert "Bỏ “Bảng niêm yết thủ tục” khỏi bản nháp?" in asked.text
    send(draft, "act", {"do": "drop item:bang_niem_yet_thu_tuc", "sure": "1"})
    assert len(content(config)["item"]) == 6
    overall = {"do": "drop item:overall", "sure": "1"}
    assert send(draft, "act", overall).status_code == 404


def test_options_are_moved_added_and_taken_out_with_what_was_typed(draft, config):
    name = "choices:access_which"
    given = fields(draft.get(f"/questionnaires/part?draft={NAME}&part={name}").text)
    typed = {**given, "option_vi": [*given["option_vi"][:-1], "Máy lấy số"], "part": name}
    typed["option_en"] = [*given["option_en"][:-1], "Queue machine"]
    send(draft, "part", {**typed, "move": "up:3"})
    options = next(one for one in content(config)["choices"] if one["id"] == "access_which")
    ids = [one["id"] for one in options["option"]]
    assert ids == ["reception", "seating", "may_lay_so", "equipment"]
    part(draft, name, move="drop:0")
    options = next(one for one in content(config)["choices"] if one["id"] == "access_which")
    assert [one["id"] for one in options["option"]] == ids[1:]
    assert options["show_when"] == {"item": "access", "at_most": 2}


def test_publishing_is_impossible_while_a_task_is_open_and_the_page_names_it(draft, config, engine):
    part(draft, "item:", text_vi="Câu mới", text_en="", element="")
    reply = send(draft, "publish", {"sure": "1"})
    assert reply.status_code == 422
    for task in ("bản dịch tiếng Anh", "so được với bản trước", "xem thử"):
        assert task in reply.text.partition("</h1>")[2].partition("</p>")[0], task
    all_same(draft)
    looked_at(draft)
    reply = send(draft, "publish", {"sure": "1"})
    told = reply.text.partition("</h1>")[2].partition("</p>")[0]
    assert "chưa xong: Đủ bản dịch tiếng Anh." in told
    part(draft, "item:cau_moi", text_en="A new question")
    reply = send(draft, "publish", {"sure": "1"})  # edited since it was looked at
    assert "chưa xong: Đã xem thử" in reply.text
    assert "desk@3" not in published_questionnaires(engine)
    assert not (config.questionnaires_folder / f"{NAME}.toml").exists()


def test_broken_rules_are_told_with_their_place(draft):
    for _ in range(2):
        part(draft, "choices:access_which", move="drop:0")
    page = draft.get(DRAFT).text
    assert "câu hỏi &#39;access_which&#39;" in page
    assert "ít nhất 2" in page
    reply = draft.get(f"/questionnaires/preview/{NAME}")
    assert (reply.status_code, "Chưa xem thử được" in reply.text) == (422, True)


def test_what_goes_along_with_a_question_is_said_before(draft, config):
    asked = send(draft, "act", {"do": "drop item:access"}).text
    assert "Cùng bỏ, vì chỉ có cùng câu này: Điều nào chưa tốt?" in asked
    assert "Tiếp cận dịch vụ hành chính công" in asked
    send(draft, "act", {"do": "drop item:access", "sure": "1"})
    assert "access_which" not in [one["id"] for one in content(config)["choices"]]


def test_a_published_version_is_known_at_once_and_its_draft_is_gone(draft, config, engine, citizen):
    form = citizen.open().text
    part(draft, "item:results", text_vi="Kết quả: đúng, đủ, đúng hẹn")
    compared = dict.fromkeys([f"same-{id_}" for id_ in shipped()["desk@2"].item_ids], "same")
    send(draft, "compare", {**compared, "same-results": "other"})
    looked_at(draft)
    asked = send(draft, "publish", {}).text
    assert "Công bố desk@3?" in asked
    assert "Đứng riêng, không cộng với bản trước: Kết quả: đúng, đủ, đúng hẹn" in asked
    assert send(draft, "publish", {"sure": "1"}).status_code == 303
    made = published_questionnaires(engine)["desk@3"]
    assert load_folder(config.questionnaires_folder)["desk@3"] == made
    assert (made.item("access").same_as, made.item("results").same_as) == (("desk@2",), ())
    assert made.item("results").source.trust == "own"
    assert list_drafts(config) == {}
    assert list_actions(engine, DoneFilter())[0].action == "questionnaire_published"
    page = draft.get("/questionnaires?made=desk@3").text
    assert "Đã công bố desk@3" in page
    assert "lan công bố bộ câu hỏi desk@3" in page
    assert (
        "desk@3" in draft.get(f"/places/counter?id={load_places(engine).counter[0].full_id}").text
    )
    assert citizen.open().text.partition("<form")[2][:500] == form.partition("<form")[2][:500]
    publish(engine, installed_questionnaires(config).values())  # as `hailong init` does again


def test_publishing_that_was_cut_before_the_draft_went_goes_on(draft, config, engine):
    all_same(draft)
    looked_at(draft)
    kept = (config.drafts_folder / f"{NAME}.json").read_bytes()
    send(draft, "publish", {"sure": "1"})
    (config.drafts_folder / f"{NAME}.json").write_bytes(kept)
    assert send(draft, "publish", {"sure": "1"}).status_code == 303
    assert list_drafts(config) == {}
    lines = [one.action for one in list_actions(engine, DoneFilter())]
    assert lines.count("questionnaire_published") == 1


def test_a_broken_file_of_the_office_s_own_is_told_and_the_draft_stays(draft, config, engine):
    all_same(draft)
    looked_at(draft)
    config.questionnaires_folder.mkdir(exist_ok=True)
    (config.questionnaires_folder / "x.v1.toml").write_text("id = [", encoding="utf-8")
    reply = send(draft, "publish", {"sure": "1"})
    assert (reply.status_code, "x.v1.toml" in reply.text) == (409, True)
    assert list(list_drafts(config)) == [NAME]
    assert "desk@3" not in published_questionnaires(engine)
    assert not (config.questionnaires_folder / f"{NAME}.toml").exists()


def test_the_preview_is_the_citizen_s_form_and_takes_no_answer(draft):
    part(draft, "item:access", text_vi="Chỗ ngồi chờ <b>sạch</b>", text_en="")
    page = draft.get(f"/questionnaires/preview/{NAME}").text
    assert "XEM THỬ" in page
    assert "Chỗ ngồi chờ &lt;b&gt;sạch&lt;/b&gt;" in page
    assert "<legend>…</legend>" in draft.get(f"/questionnaires/preview/{NAME}?lang=en").text
    form = page.partition('name="answer"')[2].partition(">")[0]
    assert 'method="post"' not in form
    assert re.search(r'<button type="submit" class="send" disabled', page)
    assert draft.post(f"/questionnaires/preview/{NAME}").status_code == 405
    sheet = draft.get(f"/questionnaires/sheet/{NAME}.pdf")
    assert sheet.data.startswith(b"%PDF")


def test_the_tablet_s_preview_is_its_own_app_and_can_send_nothing(draft):
    part(draft, "item:access", text_vi="Chỗ ngồi chờ <b>sạch</b>")
    page = draft.get(f"/questionnaires/tablet/{NAME}")
    assert f'src="/questionnaires/tablet/{NAME}/screen"' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    screen = draft.get(f"/questionnaires/tablet/{NAME}/screen")
    assert "/preview.js" in screen.text
    assert "/kiosk.js" not in screen.text
    document = json.loads(unescape(re.search(r'data-document="([^"]+)"', screen.text)[1]))
    assert document["questionnaire"] == "desk@3"
    assert "Chỗ ngồi chờ <b>sạch</b>" in [one["text"]["vi"] for one in document["questions"]]
    sentences = json.loads(unescape(re.search(r'data-sentences="([^"]+)"', screen.text)[1]))
    assert (document["simulated"], sentences["simulated"]["vi"][:7]) == (True, "XEM THỬ")
    for rule in ("connect-src 'none'", "form-action 'none'", "frame-ancestors 'self'"):
        assert rule in screen.headers["Content-Security-Policy"]
    assert screen.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert draft.get("/kiosk/").headers["X-Frame-Options"] == "DENY"
    assert "preview.js" not in draft.get("/kiosk/sw.js").text


def test_a_draft_that_breaks_the_rules_has_no_preview_on_a_tablet(draft, config):
    change_draft(
        config,
        NAME,
        load_draft(config, NAME).digest,
        lambda now: replace(now, content={**now.content, "item": []}),
    )
    assert draft.get(f"/questionnaires/tablet/{NAME}").status_code == 422
    assert draft.get(f"/questionnaires/tablet/{NAME}/screen").status_code == 404


def test_what_somebody_else_saved_meanwhile_is_told_and_nothing_typed_is_lost(draft, config):
    page = fields(draft.get(f"/questionnaires/part?draft={NAME}&part=item:access").text)
    stale = load_draft(config, NAME).digest
    part(draft, "item:procedures", text_vi="Thời hạn")
    given = {**page, "part": "item:access", "text_vi": "Tôi đã gõ câu này", "was": stale}
    reply = send(draft, "part", given)
    assert reply.status_code == 409
    assert "Tôi đã gõ câu này" in reply.text
    assert item(config, "access")["text"]["vi"] != "Tôi đã gõ câu này"
    assert item(config, "procedures")["text"]["vi"] == "Thời hạn"


def test_one_edits_at_a_time(draft, config):
    with turn(config.drafts_folder / "drafts.turn"):
        reply = part(draft, "item:access", text_vi="Câu khác")
    assert (reply.status_code, "Câu khác" in reply.text) == (409, True)
    assert "Có người khác đang lưu" in reply.text


@pytest.mark.parametrize(
    ("name", "changed", "told"),
    [
        ("item:", {"text_vi": " "}, "câu chữ tiếng Việt trước"),
        ("item:access", {"text_vi": "x" * 501}, "nhiều nhất 500"),
        ("item:access", {"element": "gone"}, "không còn nữa"),
        ("item:access", {"trust": "A", "source": ""}, "ghi rõ quyết định"),
        ("item:access", {"trust": "B"}, "không còn nữa"),
        ("comment", {"max_length": "9"}, "từ 20 đến 5000"),
        ("choices:went_wrong", {"when": "gone"}, "không còn nữa"),
        ("choices:went_wrong", {"bound": "at_most:9"}, "không còn nữa"),
    ],
)
def test_what_cannot_be_kept_is_told_and_stays_filled_in(draft, config, name, changed, told):
    before = content(config)
    reply = part(draft, name, **changed)
    assert reply.status_code == 422
    assert told in reply.text
    assert content(config) == before


@pytest.mark.parametrize(
    "path",
    [
        "draft?draft=desk.v9",
        "draft?draft=../hailong",
        "part?draft=desk.v3&part=item:gone",
        "part?draft=desk.v3&part=engine",
        "part?draft=desk.v3&part=head:x",
        "preview/desk.v9",
        "copy?key=desk@9",
    ],
)
def test_what_is_not_there_is_not_found(draft, path):
    assert draft.get(f"/questionnaires/{path}").status_code == 404


def test_a_draft_is_dropped_when_that_is_confirmed(draft, config, engine):
    assert "sẽ mất" in send(draft, "drop", {}).text
    assert list(list_drafts(config)) == [NAME]
    assert send(draft, "drop", {"sure": "1"}).status_code == 303
    assert list_drafts(config) == {}
    assert list_actions(engine, DoneFilter())[0].action == "draft_dropped"


def test_a_draft_that_cannot_be_read_is_told_and_can_be_dropped(draft, config):
    (config.drafts_folder / f"{NAME}.json").write_text("{", encoding="utf-8")
    assert "Không đọc được" in draft.get("/questionnaires").text
    assert send(draft, "drop", {"sure": "1"}).status_code == 303
    assert list_drafts(config) == {}


def test_what_cannot_be_written_is_told_and_not_in_the_log(administrator, engine, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("survey.drafts.write_whole", full)
    reply = send(administrator, "copy", {"key": "desk@2", "as": "next"})
    assert (reply.status_code, "No space left on device" in reply.text) == (422, True)
    assert "draft_made" not in {one.action for one in list_actions(engine, DoneFilter())}


def test_only_who_administers_everything_designs(app, engine, administrator):
    add_staff(engine, "an", PASSWORD, date(2026, 10, 15), grant=Grant("administrator", "trieu-son"))
    client = app.test_client()
    given = {"csrf_token": token(client, "/sign-in"), "name": "an", "password": PASSWORD}
    assert client.post("/sign-in", data=given).status_code == 303
    assert client.get("/questionnaires").status_code == 404


def test_an_edit_of_a_draft_that_went_is_refused(draft, config, engine):
    given = {**fields(draft.get(f"/questionnaires/part?draft={NAME}&part=head").text)}
    send(draft, "drop", {"sure": "1"})
    assert send(draft, "part", {**given, "part": "head"}).status_code == 404
    assert list_drafts(config) == {}


def test_a_version_goes_out_to_a_translator_and_comes_back_as_a_draft(
    administrator, config, engine
):
    made = administrator.get("/questionnaires/form/desk.v2.xlsx")
    assert made.status_code == 200
    assert 'filename="desk.v2.xlsx"' in made.headers["Content-Disposition"]
    given = {"file": (io.BytesIO(made.data), "bản dịch.xlsx")}
    assert send(administrator, "import", given).status_code == 303
    draft = load_draft(config, NAME)
    assert draft.copied_from == "desk@2"
    assert drafting.finished(draft).items == tuple(
        one.model_copy(update={"same_as": ()}) for one in shipped()["desk@2"].items
    )
    assert "tạo bản nháp desk@3 từ bản dịch.xlsx" in administrator.get("/questionnaires").text
    again = administrator.get(f"/questionnaires/form/{NAME}.xlsx")
    assert again.status_code == 200


def test_a_file_that_is_no_form_is_told_and_makes_no_draft(administrator, config):
    assert send(administrator, "import", {}).status_code == 422
    reply = send(administrator, "import", {"file": (io.BytesIO(b"x"), "phiếu.xlsx")})
    assert (reply.status_code, "phiếu.xlsx" in reply.text) == (422, True)
    assert list_drafts(config) == {}
