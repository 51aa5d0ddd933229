"""What the results page says beside the verdicts, and while a period is still running."""

from __future__ import annotations

import random
import re
import uuid
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from survey.intake import Response
from survey.store.population import Source, save_counts
from survey.store.responses import add_many
from survey.store.staff import add_staff

PASSWORD = "bốn từ không dính nhau"
pytestmark = pytest.mark.slow


@pytest.fixture
def officer(client, engine):
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    page = client.get("/sign-in")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    data = {"csrf_token": token, "name": "lan", "password": PASSWORD}
    assert client.post("/sign-in", data=data).status_code == 303
    return client


def answered(engine, sector, day, sheets, channel="poster"):
    """Answers to desk@1, one sheet each: "5-----" is overall 5 and nothing else."""
    add_many(
        engine,
        [
            Response(str(uuid.uuid4()), "desk@1", "trieu-son", sector, channel, day, sheet)
            for sheet in sheets
        ],
    )


def a_year(engine, last=date(2026, 10, 28)):
    """13 months of ten answers each, two thirds liking everything and the rest little."""
    draw = random.Random(1)
    for month in range(13):
        happiness = [0.95 if draw.random() < 0.67 else 0.2 for _ in range(10)]
        sheets = [
            "".join(draw.choice("45" if draw.random() < happy else "12") for _ in range(6))
            for happy in happiness
        ]
        answered(engine, "land", last - timedelta(days=30 * month), sheets)


def section(text, title):
    """The part of the page under a heading."""
    return text.split(f"<h2>{title}</h2>")[1].split("<h2>")[0]


def test_every_part_speaks_in_words_before_its_table(officer, engine):
    a_year(engine)
    text = officer.get("/results/12m:2026-10").text
    titles = ["Có gì thay đổi không?", "Điều gì đi cùng với sự hài lòng?"]
    titles += ["Điều nên xem lại", "Các câu hỏi có đi cùng nhau không?"]
    places = [text.index(f"<h2>{title}</h2>") for title in titles]
    assert places == sorted(places)
    for title in titles:
        part = section(text, title)
        assert part.index("<p>") < part.find("<table") or "<table" not in part
    assert "không phải nguyên nhân" in section(text, titles[1])
    assert "<details>" in section(text, titles[0])


def test_english_says_the_same(officer, engine):
    a_year(engine)
    text = officer.get("/results/2026-10?lang=en").text
    part = section(text, "Has anything changed?")
    assert "Twelve months: Land" in part
    assert "{" not in part


def test_a_fall_is_told(officer, engine):
    a_year(engine)
    answered(engine, "land", date(2026, 10, 29), ["1-----"] * 25)
    part = section(officer.get("/results/2026-10").text, "Có gì thay đổi không?")
    assert re.search(r"Đất đai: tháng 10/2026 thấp hơn hẳn 12 tháng trước đó: \d+ trên 35", part)


def test_identical_sheets_of_one_day_are_a_question(officer, engine):
    for n in range(200):
        day = date(2026, 5, 1) + timedelta(days=n % 180)
        answered(engine, "land", day, ["".join(str(1 + (n * k) % 5) for k in range(1, 7))])
    answered(engine, "land", date(2026, 10, 14), ["515151"] * 12)
    part = section(officer.get("/results/2026-10").text, "Điều nên xem lại")
    assert re.search(r"Đất đai, ngày 14/10/2026: 12 trên 1\d phiếu giống hệt nhau", part)
    assert "Không phiếu nào bị bỏ khỏi kết quả" in part
    assert "Có và không có phiếu được đánh dấu" in part


def test_the_headline_stands_under_the_verdicts(officer, engine):
    answered(engine, "land", date(2026, 10, 5), ["5-----"] * 40)
    text = officer.get("/results/2026-10").text
    assert "trên 3 lĩnh vực đủ căn cứ kết luận là đạt" in section(text, "Đã đạt mục tiêu chưa?")


def test_met_at_a_low_response_says_on_whom_it_relies(officer, engine):
    from survey.dossiers import PopulationCount

    answered(engine, "land", date(2026, 10, 5), ["5-----"] * 40)
    counts = [PopulationCount("2026-10", "trieu-son", "land", 120)]
    save_counts(engine, counts, log=Source(date(2026, 11, 1), "x.csv", "0" * 64))
    text = section(officer.get("/results/2026-10").text, "Đã đạt mục tiêu chưa?")
    # 85% of 120 is 102: 62 of the 80 silent, 77.5%
    assert "ít nhất 77,5% người không trả lời cũng hài lòng" in text


def test_a_running_period_says_that_it_is_and_takes_wider_limits(officer, engine):
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    answered(engine, "land", today, ["5-----"] * 30)
    text = officer.get(f"/results/{today:%Y-%m}").text
    assert "Kỳ này chưa kết thúc" in text
    assert "đủ căn cứ kết luận" not in text
    # 30 of 30: Clopper-Pearson reaches down to 88.4%, the sequence at one look to
    # (0.05/31)^(1/30) = 80.7%, so that 85% is not called met
    row = text.split("Đất đai</th>")[1].split("</tr>")[0]
    assert "80,7% – 100,0%" in row
    assert "<b>Đạt</b>" not in text


def test_a_period_that_is_over_says_nothing_of_running(officer, engine):
    answered(engine, "land", date(2026, 10, 5), ["5-----"] * 30)
    assert "Kỳ này chưa kết thúc" not in officer.get("/results/2026-10").text
