"""What citizens write has readers: reasons counted with the figures, comments read by staff."""

from __future__ import annotations

import re
import uuid
from datetime import date

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from survey.cli import cli
from survey.figures.office import office_figures
from survey.intake import Comment, Response
from survey.store import tables
from survey.store.comments import add_comment, list_comments
from survey.store.places import load_places
from survey.store.questionnaires import published_questionnaires
from survey.store.responses import add_many
from survey.store.staff import add_staff
from survey.store.staff_actions import DoneFilter, list_actions
from tests.survey.desk.communes import BELOW, FOREIGN, OWN, save_communes

PASSWORD = "bốn từ không dính nhau"


@pytest.fixture
def officer(client, engine):
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    page = client.get("/sign-in")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    given = {"csrf_token": token, "name": "lan", "password": PASSWORD}
    assert client.post("/sign-in", data=given).status_code == 303
    return client


def wrote(engine, *texts, month="2026-10", day=5, sector="land", reasons=(), score="1"):
    add_many(
        engine,
        [
            Response(
                str(uuid.uuid4()),
                *(
                    "desk@1",
                    "trieu-son",
                    sector,
                    "poster",
                    date.fromisoformat(f"{month}-{day:02d}"),
                ),
                f"{score}-----",
                choices=tuple(("went_wrong", reason) for reason in reasons),
                comment=text,
            )
            for text in texts
        ],
    )


def fields(html):
    token = re.search(r'name="csrf_token" value="([^"]+)"', html)[1]
    handles = re.findall(r'name="comment" value="([^"]+)"', html)
    return token, handles


def test_staff_read_comments_newest_month_first_and_nobody_else_does(officer, engine, make_client):
    wrote(engine, "Chờ lâu", month="2026-09")
    wrote(engine, "Rất tốt <b>", month="2026-10", sector="construction")
    page = officer.get("/comments").text
    assert page.index("Tháng 10/2026") < page.index("Rất tốt &lt;b&gt;") < page.index("09/2026")
    assert "Xây dựng" in page
    stranger = make_client().get("/comments")
    assert stranger.status_code == 302
    assert "Chờ lâu" not in stranger.text


def test_the_order_within_a_month_is_that_of_random_ids_and_stays(officer, engine):
    texts = [f"góp ý {number}" for number in range(30)]
    for day, text in enumerate(texts, start=1):
        wrote(engine, text, day=min(day, 28))
    found = [one.text for one in list_comments(engine)]
    assert sorted(found) == sorted(texts)
    assert found != texts
    with engine.connect() as connection:
        ids = connection.execute(
            select(tables.comment.c.text).order_by(tables.comment.c.id)
        ).scalars()
        assert found == list(ids)


def test_pages_hold_fifty_and_no_page_names_a_response(officer, engine):
    wrote(engine, *(f"góp ý số {number:03d}" for number in range(60)))
    first, second = (officer.get(f"/comments?page={page}").text for page in (1, 2))
    assert (first.count("góp ý số"), second.count("góp ý số")) == (50, 10)
    with engine.connect() as connection:
        ids = connection.execute(select(tables.comment.c.id)).scalars().all()
    assert not any(id_ in first + second for id_ in ids)
    for odd in ("0", "-1", "x", "９", "9" * 40):
        assert officer.get("/comments", query_string={"page": odd}).status_code in (200, 404)


def test_a_comment_is_deleted_after_a_confirmation_and_only_the_fact_is_kept(officer, engine):
    wrote(engine, "Bà Lan ở thôn Hai", "Cảm ơn")
    token, handles = fields(officer.get("/comments").text)
    for handle in handles:
        asked = {"csrf_token": token, "comment": handle}
        page = officer.post("/comments/delete", data=asked)
        if "Bà Lan" in page.text:
            break
    assert len(list_comments(engine)) == 2  # asked, not done
    done = officer.post("/comments/delete", data=asked | {"sure": "1"})
    assert done.status_code == 303
    assert [one.text for one in list_comments(engine)] == ["Cảm ơn"]
    again = officer.post("/comments/delete", data=asked | {"sure": "1"})
    assert again.status_code == 303
    page = officer.get("/comments").text
    assert "Đã xóa 1 góp ý" in page
    assert "lan xóa một góp ý" in page
    with engine.connect() as connection:
        kept = str(connection.execute(select(tables.comment_deletion)).all())
        assert connection.execute(select(tables.response)).all()  # the scores still count
    assert "Bà Lan" not in kept
    line = list_actions(engine, DoneFilter(action="comment_deleted"))[0]
    assert (line.name, line.office) == ("lan", "trieu-son")
    assert line.details == {"month": "2026-10", "sector": "land"}
    assert len(kept.split("Date")) >= 1


@pytest.mark.sqlite_is_enough
def test_no_other_site_can_delete_a_comment(officer, engine):
    wrote(engine, "Cảm ơn")
    _, (handle,) = fields(officer.get("/comments").text)
    refused = officer.post("/comments/delete", data={"comment": handle, "sure": "1"})
    assert refused.status_code == 400
    assert len(list_comments(engine)) == 1


def handle_of(officer, text):
    """The handle of the comment that says this."""
    page = officer.get("/comments", query_string={"words": text}).text
    (handle,) = set(re.findall(r"/comments/one\?comment=([^&\"]+)", page))
    return handle


def post(officer, path, **given):
    token, _ = fields(officer.get("/comments").text)
    return officer.post(path, data={"csrf_token": token, **given})


def test_a_comment_is_unread_then_handled_with_a_note(officer, engine):
    wrote(engine, "Thiếu ghế ở quầy 2", "Cảm ơn")
    assert officer.get("/comments").text.count("<b>Chưa đọc</b>") == 2
    given = {"comment": handle_of(officer, "Thiếu ghế"), "state": "todo", "note": "đặt thêm ghế"}
    assert post(officer, "/comments/one", **given).status_code == 303
    page = officer.get("/comments?state=todo").text
    assert "Thiếu ghế" in page
    assert "Đã ghi: đặt thêm ghế" in page
    assert "Cảm ơn" not in page
    post(officer, "/comments/one", **given | {"state": "done"})
    assert "Không có góp ý nào như vậy" in officer.get("/comments?state=todo").text
    lines = list_actions(engine, DoneFilter(action="comment_handled"))
    assert [line.details["state"] for line in lines] == ["done", "todo"]
    assert "xử lý một góp ý của tháng 10/2026, Đất đai: Đã làm" in officer.get("/log").text


def test_a_page_is_marked_as_read_and_what_is_further_along_stays(officer, engine):
    wrote(engine, "Một", "Hai", "Ba")
    handle = handle_of(officer, "Hai")
    post(officer, "/comments/one", comment=handle, state="done", note="")
    page = officer.get("/comments").text
    handles = re.findall(r'name="read" value="([^"]+)"', page)
    assert len(handles) == 2
    post(officer, "/comments/read", read=[*handles, handle])
    states = {one.text: one.state for one in list_comments(engine)}
    assert states == {"Một": "read", "Hai": "done", "Ba": "read"}


def test_words_are_found_whatever_their_capitals(officer, engine):
    wrote(engine, "CHỜ LÂU quá", "Đường xa")
    page = officer.get("/comments", query_string={"words": " chờ  lâu "}).text
    assert "CHỜ LÂU" in page
    assert "Đường xa" not in page


def test_comments_are_narrowed_by_month_and_sector(officer, engine):
    wrote(engine, "Chờ lâu", month="2026-09")
    wrote(engine, "Rất tốt", sector="construction")
    assert "Rất tốt" not in officer.get("/comments?month=2026-09").text
    assert "Chờ lâu" not in officer.get("/comments?sector=construction").text
    for wrong in ("month=2026-13", "month=x", "state=gone", "office=nowhere"):
        assert officer.get(f"/comments?{wrong}").status_code == 404


def test_an_office_stands_for_those_below_it(officer, engine):
    save_communes(engine)
    for office, text in ((OWN, "của xã"), (BELOW, "của thôn"), (FOREIGN, "của xã khác")):
        add_comment(engine, Comment(uuid.uuid4().hex, office, "land", "2026-10", text))
    page = officer.get(f"/comments?office={OWN}").text
    assert "của xã" in page and "của thôn" in page
    assert "của xã khác" not in page


def test_what_went_wrong_is_counted_beside_the_comments(officer, engine):
    wrote(engine, *[None] * 3, reasons=("waiting",))
    wrote(engine, None, month="2026-09", reasons=("waiting", "attitude"))
    row = r"<tr[^>]*>\s*<th[^>]*>Phải chờ[^<]*</th>\s*<td[^>]*>{}</td>"
    assert re.search(row.format(4), officer.get("/comments").text)
    assert re.search(row.format(1), officer.get("/comments?month=2026-09").text)


def test_a_name_is_blacked_out_after_a_look_and_is_nowhere_any_more(officer, engine):
    wrote(engine, "Bà  Lan ở thôn Hai chờ lâu; bà lan buồn")
    handle = handle_of(officer, "thôn Hai")
    look = post(officer, "/comments/black-out", comment=handle, words="bà Lan")
    assert "█████ ở thôn Hai chờ lâu; █████ buồn" in look.text
    assert "Lan" in list_comments(engine)[0].text  # looked at, not done
    done = post(officer, "/comments/black-out", comment=handle, words="bà Lan", sure="1")
    assert done.status_code == 303
    assert list_comments(engine)[0].text == "█████ ở thôn Hai chờ lâu; █████ buồn"
    (line,) = list_actions(engine, DoneFilter(action="comment_blacked_out"))
    assert line.details == {"month": "2026-10", "sector": "land"}
    again = post(officer, "/comments/black-out", comment=handle, words="bà Lan", sure="1")
    assert again.status_code == 422
    assert "không có chữ “bà Lan”" in again.text


@pytest.mark.sqlite_is_enough
def test_a_note_that_is_too_long_is_refused_and_changes_nothing(officer, engine):
    wrote(engine, "Một")
    given = {"comment": handle_of(officer, "Một"), "state": "done", "note": "x" * 501}
    assert post(officer, "/comments/one", **given).status_code == 422
    assert list_comments(engine)[0].state == "new"


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("path", ["one", "black-out", "read"])
def test_no_other_site_changes_what_becomes_of_a_comment(officer, engine, path):
    wrote(engine, "Cảm ơn")
    given = {"comment": handle_of(officer, "Cảm ơn"), "state": "done", "words": "ơn", "sure": "1"}
    assert officer.post(f"/comments/{path}", data=given).status_code == 400
    assert (list_comments(engine)[0].state, list_comments(engine)[0].text) == ("new", "Cảm ơn")


def run(config, monkeypatch, *words):
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    return CliRunner().invoke(cli, [*words, "--data", str(config.data)])


def test_the_command_shows_a_periods_comments_by_sector(config, engine, monkeypatch):
    wrote(engine, "Chờ lâu", month="2026-09")
    wrote(engine, "Đường xa", month="2026-10")
    wrote(engine, "Rất tốt", month="2026-10", sector="construction")
    shown = run(config, monkeypatch, "comments", "--period", "2026-10", "--sector", "land")
    assert shown.exit_code == 0, shown.output
    assert "Đường xa" in shown.stdout
    assert "Rất tốt" not in shown.stdout
    assert "Chờ lâu" not in shown.stdout
    none = run(config, monkeypatch, "comments", "--period", "2020-01")
    assert (none.exit_code, none.stdout) == (0, "")
    wrong = run(config, monkeypatch, "comments", "--period", "2026-10", "--sector", "nowhere")
    assert "nowhere" in str(wrong.exception)


def document(config, engine, today, period="2026-10"):
    from analysis.period import parse_period

    known = published_questionnaires(engine)
    return office_figures(config, load_places(engine), known, parse_period(period), today).document


def counted(found, sector="all"):
    return {
        row.option: (row.chosen, row.people)
        for row in found.reasons
        if (row.office, row.sector) == ("all", sector)
    }


def test_reasons_are_counted_by_sector_and_together(config, engine):
    wrote(engine, *[None] * 3, reasons=("waiting",))
    wrote(engine, *[None] * 2, reasons=("waiting", "attitude"), sector="construction")
    wrote(engine, None, month="2026-09", reasons=("attitude",))
    found = document(config, engine, date(2026, 11, 2))
    assert counted(found) == {"waiting": (5, 5), "attitude": (2, 5)}
    assert counted(found, "land") == {"waiting": (3, 3)}
    assert counted(found, "construction") == {"waiting": (2, 2), "attitude": (2, 2)}
    assert found.as_json()["reasons"][0].keys() >= {"sector", "option", "chosen", "people"}


def test_reasons_of_a_running_month_stand_as_of_the_day_of_its_figures(config, engine):
    """No reload shows what the last person chose."""
    wrote(engine, *[None] * 10, day=5, reasons=("waiting",))
    wrote(engine, None, day=6, reasons=("attitude",))
    found = document(config, engine, date(2026, 10, 15))
    assert counted(found) == {"waiting": (10, 10)}


def test_reasons_do_not_leave(config, engine):
    from analysis.disclosure.published import published
    from analysis.input.population import read_population
    from analysis.input.responses import read_responses

    wrote(engine, *[None] * 30, reasons=("waiting",))
    wrote(engine, *[None] * 30, score="5")
    found = document(config, engine, date(2026, 11, 2))
    known = published_questionnaires(engine)
    with read_responses(config.database_url, trusted=True, questionnaires=known) as responses:
        shown = published(found, responses, read_population(config.database_url), known)
    assert found.reasons
    assert shown.reasons == ()
    assert "reasons" not in shown.as_json()


@pytest.mark.sqlite_is_enough
@pytest.mark.slow
def test_reasons_stand_on_the_page_and_in_text(officer, engine, config, monkeypatch):
    wrote(engine, *[None] * 3, reasons=("waiting",))
    page = officer.get("/results/2026-10").text
    assert "Vì sao chưa hài lòng?" in page
    assert 'href="/comments' in page
    option = next(
        one.text.vi
        for one in published_questionnaires(engine)["desk@1"].choices[0].options
        if one.id == "waiting"
    )
    assert f"<p>3 người nêu lý do: {option} 3.</p>" in page
    text = run(config, monkeypatch, "analyze", "--period", "2026-10").output
    assert f"{option} 3" in text
