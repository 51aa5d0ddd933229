"""A comment alone, over HTTP: it is kept and read, and counts as no answer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest
from sqlalchemy import select, text

from survey.intake import Comment, RefusedResponse, comment_id
from survey.store import tables
from survey.store.comments import add_comment, list_comments
from survey.store.places import load_places, revoke_link, save_places
from survey.store.responses import count_responses, posted_on
from survey.store.upkeep import has_fresh, rewrite
from survey.store.views import publish
from survey.web.phone_comment import RECENT_COOKIE
from tests.survey.conftest import Citizen, hidden_fields
from tests.survey.web.test_asked import TODAY, another, change

WORDS = {"comment": "Ghế chờ ít quá"}


@dataclass
class Writer(Citizen):
    """Opens the page for a comment and sends it, as a browser without JavaScript does."""

    def open(self, query="", **headers):
        return super().open(f"/comment{query}", **headers)

    def send(self, answers, query="", **changed):
        if not self.hidden:
            self.open()
        data = self.hidden | dict(answers) | changed
        return self.client.post(f"/r/{self.code}/comment{query}", data=data)


@pytest.fixture
def writer_at(citizen_at):
    def at(counter, client=None):
        citizen = citizen_at(counter, client)
        return Writer(citizen.client, citizen.code)

    return at


@pytest.fixture
def writer(writer_at):
    """Somebody at the counter that serves one sector."""
    return writer_at("quay-1")


def kept(engine):
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(tables.comment)).mappings()]


def test_a_comment_alone_is_kept_with_its_month_and_is_no_answer(writer, engine):
    reply = writer.send(WORDS)
    assert reply.status_code == 303
    page = writer.client.get(reply.headers["Location"]).text
    assert "Ý kiến đã được ghi nhận" in page
    assert "đọc từng góp ý" in page
    (row,) = kept(engine)
    (month,) = {one.month for one in list_comments(engine)}
    assert row == {
        "id": writer.hidden["response_id"].replace("-", ""),
        "office": "trieu-son",
        "sector": "land",
        "month": month,
        "text": "Ghế chờ ít quá",
        "state": "new",
        "note": None,
        "fresh": True,
    }
    assert len(month) == len("2026-10")
    assert count_responses(engine) == 0
    with engine.connect() as connection:
        for view in ("responses", "choices"):
            assert connection.execute(text(f"SELECT * FROM {view}")).all() == []


@pytest.mark.sqlite_is_enough
def test_the_page_promises_what_the_form_promises_and_asks_for_nothing_else(writer):
    page = writer.open().text
    assert "Phiếu không lưu tên, số điện thoại, số giấy tờ hay giờ trả lời" in page
    assert "không gắn với câu trả lời nào" in page
    assert 'maxlength="1000"' in page
    assert 'type="radio"' not in page
    assert "I cannot tell" not in page
    assert "Send" in writer.open("?lang=en").text


@pytest.mark.sqlite_is_enough
def test_numbers_of_persons_are_left_out_as_in_every_comment(writer, engine):
    writer.send({"comment": "Gọi tôi: 0912 345 678"})
    assert [one.text for one in list_comments(engine)] == ["Gọi tôi: [SĐT]"]


@pytest.mark.sqlite_is_enough
def test_a_counter_of_several_sectors_asks_for_it_and_takes_cannot_tell(writer_at, engine):
    writer = writer_at("quay-3")
    missing = writer.send(WORDS)
    assert missing.status_code == 422
    assert "Xin chọn việc Ông/Bà vừa làm" in missing.text
    assert "Ghế chờ ít quá" in missing.text
    again = hidden_fields(missing.text)
    assert again["response_id"] == writer.hidden["response_id"]
    assert writer.send(WORDS | {"sector": "unknown"}).status_code == 303
    assert [one.sector for one in list_comments(engine)] == ["unknown"]


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("written", "said"),
    [("", "Xin viết góp ý rồi gửi."), (" \n ", "Xin viết góp ý"), ("x" * 1001, "dài 1001 ký tự")],
)
def test_nothing_and_too_much_are_told_beside_the_box(writer, engine, written, said):
    reply = writer.send({"comment": written})
    assert reply.status_code == 422
    assert said in reply.text
    assert kept(engine) == []


def test_the_same_comment_again_is_the_same_success_and_another_one_is_told(writer, engine):
    first, second = writer.send(WORDS), writer.send(WORDS)
    assert first.headers["Location"] == second.headers["Location"]
    changed = writer.send({"comment": "Thêm nữa"})
    assert changed.status_code == 409
    assert "Phiếu này đã được gửi rồi" in changed.text
    assert "Viết góp ý khác" in changed.text
    assert [row["text"] for row in kept(engine)] == ["Ghế chờ ít quá"]
    over = writer.send({"comment": "Thêm nữa"}, "?again=1&new=1")
    writer.hidden = hidden_fields(over.text)
    assert "Thêm nữa" in over.text
    assert writer.send({"comment": "Thêm nữa"}).status_code == 303
    assert len(kept(engine)) == 2


def test_a_comment_never_has_the_id_of_a_response(writer, citizen, engine):
    given = str(uuid.uuid4())
    answers = {"overall": "2", "comment": "Chậm"}
    assert writer.send(WORDS, response_id=given).status_code == 303
    assert citizen.send(answers, response_id=given).status_code == 303
    assert citizen.send(answers, response_id=given).status_code == 303  # the same, and not 409
    assert sorted(row["text"] for row in kept(engine)) == ["Chậm", "Ghế chờ ít quá"]
    assert sorted(len(row["id"]) for row in kept(engine)) == [32, 36]
    for wrong in ("", "1", "'; --", given.replace("-", "")):
        with pytest.raises(RefusedResponse):
            comment_id(wrong)


@pytest.mark.sqlite_is_enough
def test_the_form_and_the_page_for_a_comment_know_no_common_id(writer, citizen):
    page = {"Sec-Fetch-Dest": "document"}
    citizen.open(**page)
    mine = citizen.hidden["response_id"]
    writer.open(**page)  # the same browser: the cookie of /r/CODE is sent to /r/CODE/comment too
    assert writer.hidden["response_id"] != mine
    citizen.open(**page)
    assert citizen.hidden["response_id"] == mine
    assert writer.client.get_cookie(RECENT_COOKIE, path=f"/r/{writer.code}/comment")


@pytest.mark.sqlite_is_enough
def test_going_back_after_thanks_says_so_before_anything_is_written(writer):
    page = {"Sec-Fetch-Dest": "document"}
    writer.open(**page)
    writer.send(WORDS)
    back = writer.open(**page).text
    assert "Đã gửi lúc nãy" in back
    assert f"/r/{writer.code}/comment?lang=vi&amp;new=1" in back
    assert "Đã gửi lúc nãy" in writer.open("?new=1", **page).text  # there, and hidden
    assert 'class="done" hidden' in writer.open("?new=1", **page).text


@pytest.mark.sqlite_is_enough
def test_the_other_language_keeps_what_was_written_and_stores_nothing(writer, engine):
    page = writer.send(WORDS, "?lang=en&again=1")
    assert page.status_code == 200
    assert "What would you like to tell us?" in page.text
    assert "Ghế chờ ít quá" in page.text
    assert kept(engine) == []


@pytest.mark.sqlite_is_enough
def test_without_a_token_of_this_address_nothing_is_taken(writer, writer_at, engine):
    for token in ("", "nonsense", hidden_fields(writer_at("quay-3").open().text)["token"]):
        reply = writer.send(WORDS, token=token)
        assert reply.status_code == 422
        assert "Ghế chờ ít quá" in reply.text
    assert kept(engine) == []


@pytest.mark.sqlite_is_enough
def test_a_code_out_of_use_and_a_questionnaire_without_comment_have_no_such_page(
    writer, writer_at, engine
):
    other = writer_at("quay-2")
    short = another()
    publish(engine, [short.model_copy(update={"comment": None})])
    change(engine, "quay-2", questionnaire="short@1")
    assert other.open().status_code == 404
    writer.open()
    revoke_link(engine, writer.code, TODAY)
    assert writer.send(WORDS).status_code == 410
    assert writer.open().status_code == 410
    assert kept(engine) == []


@pytest.mark.sqlite_is_enough
def test_thanks_without_having_written_lead_to_the_page(writer):
    page = writer.client.get(f"/r/{writer.code}/comment/thanks").text
    assert "Chưa có ý kiến nào được gửi" in page
    assert f"/r/{writer.code}/comment?lang=vi" in page


@pytest.mark.sqlite_is_enough
def test_comments_count_in_the_pace_and_the_day_of_answers(make_client, writer_at, engine):
    client = make_client(responses_per_minute=3)
    writer = writer_at("quay-1", client)
    statuses = []
    for _ in range(4):
        writer.open()
        statuses.append(writer.send(WORDS).status_code)
    assert statuses == [303, 303, 303, 429]
    client = make_client(responses_per_counter_a_day=2)
    writer = writer_at("quay-1", client)
    statuses = []
    for _ in range(2):  # half of the day's from one address
        writer.open()
        statuses.append(writer.send(WORDS).status_code)
    assert statuses == [303, 429]
    full = writer.send(WORDS)
    assert "Hôm nay quầy đã nhận đủ phiếu" in full.text
    assert 'name="comment" value="Ghế chờ ít quá"' in full.text  # one button sends it again
    assert len(kept(engine)) == 4
    assert posted_on(engine, TODAY) == {}


def test_a_page_opened_before_the_counter_changed_is_kept_where_it_was_asked(writer, engine):
    writer.open()
    change(engine, "quay-1", office="phong", sectors=("construction",))
    assert writer.send(WORDS).status_code == 303
    (one,) = list_comments(engine)
    assert (one.office, one.sector) == ("trieu-son", "land")


def test_a_renamed_office_and_sector_take_their_comments_along(writer, engine):
    writer.send(WORDS)
    places = load_places(engine)
    renamed = places.model_copy(
        update={
            "office": (places.office[0].model_copy(update={"id": "son", "was": "trieu-son"}),),
            "sector": tuple(
                one.model_copy(update={"id": "dat", "was": "land"}) if one.id == "land" else one
                for one in places.sector
            ),
            "procedure": (),
            "counter": tuple(
                one.model_copy(update={"office": "son", "sectors": ("dat",)})
                for one in places.counter
            ),
        }
    )
    save_places(engine, renamed, TODAY)
    (one,) = list_comments(engine)
    assert (one.office, one.sector) == ("son", "dat")


def test_the_nightly_rewrite_takes_comments_along(engine):
    ids = sorted((uuid.uuid4().hex for _ in range(30)), reverse=True)
    for id_ in ids:
        add_comment(engine, Comment(id_, "trieu-son", "land", "2026-10", id_[:8]))
    assert has_fresh(engine)
    rewrite(engine, TODAY)
    assert not has_fresh(engine)
    assert [(one.id, one.text) for one in list_comments(engine)] == [
        (id_, id_[:8]) for id_ in reversed(ids)
    ]
