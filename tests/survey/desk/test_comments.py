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
from survey.intake import Response
from survey.store import tables
from survey.store.comments import list_comments
from survey.store.places import load_places
from survey.store.questionnaires import published_questionnaires
from survey.store.responses import add_many
from survey.store.staff import add_staff
from survey.store.staff_actions import DoneFilter, list_actions

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
            select(tables.comment.c.text).order_by(tables.comment.c.response_id)
        ).scalars()
        assert found == list(ids)


def test_pages_hold_fifty_and_no_page_names_a_response(officer, engine):
    wrote(engine, *(f"góp ý số {number:03d}" for number in range(60)))
    first, second = (officer.get(f"/comments?page={page}").text for page in (1, 2))
    assert (first.count("góp ý số"), second.count("góp ý số")) == (50, 10)
    with engine.connect() as connection:
        ids = connection.execute(select(tables.comment.c.response_id)).scalars().all()
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


def test_no_other_site_can_delete_a_comment(officer, engine):
    wrote(engine, "Cảm ơn")
    _, (handle,) = fields(officer.get("/comments").text)
    refused = officer.post("/comments/delete", data={"comment": handle, "sure": "1"})
    assert refused.status_code == 400
    assert len(list_comments(engine)) == 1


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
