"""The results page for signed-in staff."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from survey.intake import Response
from survey.retention import purge_due
from survey.sealing import seal_due
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many
from survey.store.staff import add_staff, change_password
from survey.store.staff_actions import By

PASSWORD = "bốn từ không dính nhau"
pytestmark = [pytest.mark.slow, pytest.mark.sqlite_is_enough]


@pytest.fixture
def officer(client, engine):
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    assert sign_in(client, PASSWORD).status_code == 303
    return client


def sign_in(client, password, name="lan", target="/results"):
    page = client.get("/sign-in")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    return client.post(
        f"/sign-in?next={target}", data={"csrf_token": token, "name": name, "password": password}
    )


def answers(engine, sector, scores, month="2026-10", channel="poster"):
    add_many(
        engine,
        [
            Response(
                str(uuid.uuid4()),
                "desk@1",
                "trieu-son",
                sector,
                channel,
                date.fromisoformat(f"{month}-05"),
                f"{score}-----",
            )
            for score in scores
        ],
    )


def population(engine, **completed):
    from survey.dossiers import PopulationCount

    counts = [
        PopulationCount("2026-10", "trieu-son", sector.replace("_", "-"), number)
        for sector, number in completed.items()
    ]
    save_counts(engine, counts, log=CountSource(date(2026, 11, 1), "x.csv", "0" * 64))


def test_with_no_answers_it_says_so_and_what_to_do(officer):
    page = officer.get("/results/2026-10")
    assert page.status_code == 200
    assert "Kỳ này chưa có phiếu nào" in page.text
    assert "Hãy kiểm tra áp phích QR đã treo ở quầy chưa" in page.text
    assert "hailong " not in page.text, "an officer types no command"


def test_the_verdict_comes_first_in_words_with_its_plain_reading(officer, engine):
    answers(engine, "land", [5] * 40)
    population(engine, land=50)
    text = officer.get("/results/2026-10").text
    assert text.index("Đạt") < text.index("<figure") < text.index('<table class="figures')
    # 40 of 40 out of 50: M is at least 49 (one-sided 95%), so 85% (43 dossiers) is proven.
    land = text.split("<h3>")[3]
    assert land.strip().startswith("Đất đai")
    # 85% of 50 is 42.5 dossiers: the 40 satisfied lack 2.5 of the 10 silent
    whom = "40 trên 50; chỉ đúng nếu ít nhất 25% người chưa trả lời cũng hài lòng"
    assert f"<b>Đạt theo những người đã trả lời ({whom})</b> · mục tiêu 2025: 85%" in land
    assert "Giới hạn dưới 98,0% ≥ 85%" in land
    assert "40/50 (80,0%)" in text


def test_a_small_cell_shows_counts_and_the_page_says_that_it_is_internal(officer, engine):
    answers(engine, "land", [5] * 30)
    answers(engine, "construction", [1, 5])
    text = officer.get("/results/2026-10").text
    assert "Nội bộ cơ quan" in text
    row = text.split("Xây dựng</th>")[1].split("</tr>")[0]
    assert "1 trên 2" in row
    assert "50" not in row
    card = next(part for part in text.split("<h3>") if part.strip().startswith("Xây dựng"))
    assert "1 trên 2" in card
    assert "Cần thêm" not in card


def test_without_dossier_counts_it_says_how_to_get_them(officer, engine):
    answers(engine, "land", [5] * 10)
    assert 'href="/dossiers?lang=vi"' in officer.get("/results/2026-10").text.split("<main")[1]


def test_results_latest_shows_the_last_whole_month_with_answers(officer, engine):
    answers(engine, "land", [4], month="2020-01")
    reply = officer.get("/results")
    assert reply.status_code == 303
    assert re.search(r"/results/\d{4}-\d{2}", reply.headers["Location"])


@pytest.mark.parametrize("period", ["2026-13", "hôm qua", "2026-Q5", "<b>x"])
def test_a_period_that_is_none_is_explained(officer, period):
    page = officer.get(f"/results/{period}")
    assert page.status_code == 400
    assert "không đọc được" in page.text
    assert "<b>x" not in page.text


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("10/2026", "2026-10"),
        ("quý 4/2026", "2026-Q4"),
        ("Tháng 3 năm 2026", "2026-03"),
        ("T3", r"\d{4}-03"),
        ("quý 1", r"\d{4}-Q1"),
    ],
)
def test_a_period_is_understood_as_people_write_it(officer, typed, asked):
    """What is typed goes before what the list shows."""
    reply = officer.get("/results", query_string={"typed": typed, "period": "2020-01"})
    assert reply.status_code == 303
    assert re.search(rf"/results/{asked}(\?|$)", reply.headers["Location"])


def test_periods_are_chosen_by_name_and_the_one_shown_is_among_them(officer):
    page = officer.get("/results/2019-Q2").text
    (chosen,) = re.findall(r'<option value="([^"]+)" ?selected>([^<]+)', page)
    assert chosen == ("2019-Q2", "Quý II/2019")
    kinds = re.findall(r'<optgroup label="([^"]+)"', page)
    assert kinds == ["Tháng", "Quý", "Nửa năm", "Năm", "12 tháng gần nhất"]
    names = dict(re.findall(r'<option value="([^"]+)" ?>([^<]+)', page))
    assert len(names) >= 24 + 8 + 4 + 3 + 12
    months = [notation for notation in names if re.fullmatch(r"\d{4}-\d{2}", notation)]
    assert months == sorted(months, reverse=True)


@pytest.mark.parametrize("period", ["2026-Q4", "2026-H2", "2026", "12m:2026-10"])
def test_longer_periods_have_neighbours(officer, engine, period):
    answers(engine, "land", [5] * 8)
    text = officer.get(f"/results/{period}").text
    assert "Kỳ trước" in text


def test_a_broken_targets_file_is_told_and_is_not_no_data(officer, engine, config):
    answers(engine, "land", [5] * 8)
    config.targets_file.write_text("[[target]]\nid = 1\n", encoding="utf-8")
    text = officer.get("/results/2026-10").text
    assert "Không tính được kết quả" in text
    assert "chưa có phiếu nào" not in text


def test_english_is_complete(officer, engine):
    answers(engine, "land", [5] * 40)
    text = officer.get("/results/2026-10?lang=en").text
    assert "Satisfaction results: October 2026" in text
    assert "Are the targets met?" in text


def test_a_wrong_password_and_an_unknown_name_look_the_same(client, engine):
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    wrong, unknown = sign_in(client, "sai mật khẩu rồi"), sign_in(client, PASSWORD, name="ai")
    strip = lambda page: re.sub(r'value="[^"]*"', "", page.text)  # noqa: E731
    assert strip(wrong) == strip(unknown)
    assert "không đúng" in wrong.text


def test_guessing_passwords_is_slowed_down(client, engine):
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    replies = [sign_in(client, f"đoán lần thứ {number}").status_code for number in range(6)]
    assert replies[:5] == [200] * 5
    assert replies[5] == 429


def test_signing_in_rightly_is_never_slowed_down(client, engine):
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    for _ in range(7):
        assert sign_in(client, PASSWORD).status_code == 303


def test_a_session_ends_with_a_changed_password_and_with_sign_out(officer, engine):
    assert officer.get("/results/2026-10").status_code == 200
    change_password(engine, "lan", "mật khẩu mới tinh")
    assert officer.get("/results/2026-10").status_code == 302


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/x", "/\\evil.example", "javascript:x"]
)
def test_sign_in_never_leads_to_another_site(client, engine, target):
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    assert sign_in(client, PASSWORD, target=target).headers["Location"] == "/today"


@pytest.fixture
def purged(officer, engine, config):
    """October has figures and no answers any more."""
    answers(engine, "land", [5] * 40 + [2] * 10)
    population(engine, land=90)
    today = date(2026, 11, 20)
    assert seal_due(config, engine, today).months == ("2026-10",)
    by = By(None, datetime(2028, 1, 1, 3, tzinfo=UTC))
    (found,) = purge_due(replace(config, answer_years=1), engine, by, date(2028, 1, 1))
    assert found.held.answers == 50
    return officer


def test_a_purged_period_shows_its_sealed_figures_and_says_so_never_no_data(purged, engine):
    for period in ("2026-10", "2026-Q4", "2026"):
        page = purged.get(f"/results/{period}").text
        assert "Phiếu của 10/2026 đã xóa ngày 01/01/2028 vì hết hạn lưu" in page, period
        assert "chưa có phiếu nào" not in page
        assert "80% – 85%" in page or "80%" in page
        assert "Số liệu được phép công bố" in page
        assert purged.get(f"/results/{period}/chart.svg").status_code == 200
    assert "Mã niêm phong đến hết tháng 10/2026" in purged.get("/results/2026-10").text
    sheet = purged.get("/results/2026-10/all/print").text
    assert "đã xóa ngày 01/01/2028" in sheet


def test_a_period_that_was_not_stored_leads_to_the_years_that_were(purged):
    page = purged.get("/results/12m:2027-03").text
    assert "nên kỳ này không tính lại được" in page
    assert 'href="/results/2026?lang=vi">Số liệu đã niêm phong của năm 2026' in page
    assert "chưa có phiếu nào" not in page


def lines(text):
    """The scopes of the lines that are read first."""
    table = text.split('<table class="lines"')[1].split("</table>")[0]
    return re.findall(r'role="rowheader">([^<]+)', table)


def test_a_sector_and_a_channel_can_be_chosen_and_the_address_keeps_them(officer, engine):
    answers(engine, "land", [5] * 20)
    answers(engine, "land", [1] * 6, channel="kiosk")
    answers(engine, "civil-status", [4] * 12)
    population(engine, land=50, civil_status=40)
    whole = officer.get("/results/2026-10").text
    assert {"Tất cả lĩnh vực", "Đất đai"} <= set(lines(whole))
    asked = {"period": "2026-10", "sector": "Đất Đai", "channel": ""}
    reply = officer.get("/results", query_string=asked)
    land = officer.get(reply.headers["Location"])  # by name, however it was typed
    assert land.status_code == 200
    assert lines(land.text) == ["Đất đai"]
    assert '<option value="land" selected>' in land.text
    assert "Hộ tịch</th>" not in land.text
    assert "sector=land" in re.search(r'href="([^"]+/print[^"]*)"', land.text)[1]
    kiosk = officer.get("/results/2026-10?channel=kiosk").text
    assert "Kết luận luôn tính mọi kênh" in kiosk
    row = kiosk.split("Đất đai</th>")[2].split("</tr>")[0]
    assert "0%" in row and "26/50" not in row
    assert "Đất đai" in officer.get("/results/2026-10/all/print?sector=land").text


def test_a_sector_without_answers_and_one_that_is_none_are_told_apart(officer, engine):
    answers(engine, "land", [5] * 20)
    population(engine, land=50)
    none = officer.get("/results/2026-10?sector=construction")
    assert none.status_code == 200
    assert "Phần đã chọn chưa có phiếu nào" in none.text
    strange = officer.get("/results/2026-10?sector=<b>xyz")
    assert strange.status_code == 400
    assert "“&lt;b&gt;xyz”" in strange.text and "Đất đai, Xây dựng" in strange.text
    assert '<option value="2026-10" selected>' in strange.text  # the period is kept
    assert officer.get("/results/2026-10/chart.svg?channel=xyz").status_code == 404


def test_what_can_be_looked_at_by_question_is_folded_and_nothing_else(officer, engine):
    answers(engine, "land", [5] * 20 + [1] * 3)
    text = officer.get("/results/2026-10").text
    questions = re.findall(r'<details class="question" id="(\w+)">\s*<summary><h2>([^<]+)', text)
    assert ("cause", "Điều gì kéo xuống?") in questions
    assert ("trust", "Câu trả lời có đáng tin không?") in questions
    assert text.index('class="lines"') < text.index('class="drawn"') < text.index('id="verdict"')
    assert not re.search(r'<details class="question"[^>]* open', text)
