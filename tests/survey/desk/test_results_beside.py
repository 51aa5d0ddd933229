"""What the results page says beside the verdicts, and while a period is still running."""

from __future__ import annotations

import random
import re
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner

from survey.cli import cli
from survey.dossiers import PopulationCount
from survey.intake import Response
from survey.store import tables
from survey.store.indicators import enter_indicators
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many
from survey.store.staff import add_staff
from survey.store.staff_actions import By
from tests.clock import OFFICE, stand_at

PASSWORD = "bốn từ không dính nhau"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=OFFICE)  # October is over
TODAY = NOW.date()
pytestmark = [pytest.mark.slow, pytest.mark.sqlite_is_enough]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_at(monkeypatch, NOW)


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


SECTORS = (
    *("land", "construction", "investment", "business", "environment"),
    *("civil-status", "certification", "residence", "social-protection", "education-culture"),
)


def section(text, title):
    """The part of the page under a heading."""
    return re.split(rf"<h[23][^>]*>{re.escape(title)}</h[23]>", text)[1].split("</section>")[0]


def details(text, title):
    """The part of a page of details under a heading."""
    return text.split(f"<h2>{title}</h2>")[1].split("<h2")[0]


def test_every_part_speaks_in_words_before_its_table(officer, engine):
    a_year(engine)
    text = officer.get("/results/12m:2026-10").text
    titles = ["Có gì thay đổi không?", "Điều gì đi cùng với sự hài lòng?"]
    titles += ["Điều nên xem lại", "Các câu hỏi có đi cùng nhau không?"]
    assert all(text.count(f"<h3>{title}</h3>") == 1 for title in titles)
    for title in titles:
        part = section(text, title)
        assert part.index("<p>") < part.find("<table") or "<table" not in part
    assert "không phải nguyên nhân" in section(text, titles[1])
    assert "/results/12m:2026-10/all/months" in section(text, titles[0])


def test_page_and_text_have_the_same_sections(officer, engine, config, monkeypatch):
    a_year(engine)
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    page = officer.get("/results/2026-10").text
    words = ["analyze", "--data", str(config.data), "--period", "2026-10", "--insights"]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    titles = re.findall(r"(?m)^(.+)\n─+$", done.output)
    # The way to the last target is a reading of the page's own, which no report has.
    page = re.sub(r'(?s)<section id="glide">.*?</section>', "", page)
    shown = re.findall(r'<section id="\w+">\s*<h[23]>(.*?)</h[23]>', page)
    assert sorted(shown) == sorted(titles)
    assert {"Đã đạt mục tiêu chưa?", "Theo từng lĩnh vực", "Điều nên xem lại"} <= set(titles)
    told = page.split('<table class="lines"')[1]  # what is chosen from stands before
    captions = re.findall(r"<caption>(.*?)</caption>|<summary>([^<\n]+)</summary>", told)
    assert len(captions) > 5
    for caption in captions:
        assert "".join(caption) in done.output


def test_the_nine_indicators_are_told_apart_and_only_where_they_were_entered(officer, engine):
    a_year(engine)
    title = "Chín chỉ số tại Bộ phận Một cửa"
    assert title not in officer.get("/results/2026-10").text
    by = By("lan", datetime(2026, 11, 3, 9, tzinfo=UTC))
    enter_indicators(engine, "trieu-son", "2026-10", {1: (18, 1, 1), 9: (0, 1, 3)}, {}, by)
    page = officer.get("/results/2026-10").text
    assert len(set(re.findall(r' id="([^"]+)"', page))) == page.count(' id="')
    part = section(page, f"{title} (không phải kết quả khảo sát)")
    assert "Tổng điểm: 2,2 trên 4 (2 trên 9 chỉ số đã được đánh giá)." in part
    assert "Thấp nhất: 9. Dịch vụ công trực tuyến (0,3 điểm)." in part
    assert "/results/2026-10/all/months" in part
    months = officer.get("/results/2026-10/all/months").text
    table = months.split(f'<h2 id="indicators">{title}</h2>')[1]
    assert table.count("<tr") == 1 + 9 + 1
    assert "chưa xác minh được chín chỉ số còn áp dụng" in table
    assert title not in officer.get("/results/2026-10?channel=poster").text


def test_every_month_has_a_page_of_its_own(officer, engine):
    a_year(engine)
    page = officer.get("/results/12m:2026-10/all/months")
    months = details(page.text, "12 tháng: Đất đai")
    assert months.count("<tr") == 1 + 12
    assert "10/2026" in months and "Nội bộ cơ quan" in page.text
    assert officer.get("/results/month/all/months").status_code == 400
    assert officer.get("/results/2026-10/nowhere/months").status_code == 404


def test_english_says_the_same(officer, engine):
    a_year(engine)
    text = officer.get("/results/2026-10?lang=en").text
    part = section(text, "Has anything changed?")
    assert "Month by month" in part and "{" not in part
    months = officer.get("/results/2026-10/all/months?lang=en").text
    assert "Twelve months: Land" in months and "{" not in details(months, "Twelve months: Land")


def the_fullest_office(engine):
    """Two years of every sector and channel, reasons by all who were not satisfied, everything that
    stands beside the answers: dossiers with all that is counted of them, indicators, a re-check."""
    draw = random.Random(2)
    start, ids = date(2024, 11, 15), iter(range(10**6))
    months = [start + timedelta(days=30 * month) for month in range(24)]
    found = [
        Response(
            f"{next(ids):08d}-0000-4000-8000-000000000000",
            *("desk@2", "trieu-son", sector, channel),
            month,
            "".join(draw.choice("1245") for _ in range(6)),
            choices=(("went_wrong", "waiting"), ("went_wrong", "attitude")),
        )
        for month in months
        for sector in SECTORS
        for channel in ("poster", "kiosk", "paper", "slip")
        for _ in range(3)
    ]
    for sector in SECTORS:
        for said in ("yes", "no", "no", "not_sure") * 3:
            facts = (("asked_for_extra", draw.choice(("yes", "no"))), ("came_more_than_once", "no"))
            found.append(
                Response(
                    f"{next(ids):08d}-0000-4000-8000-000000000000",
                    *("recheck@1", "trieu-son", sector, "recheck", date(2026, 10, 28)),
                    "".join(draw.choice("1245") for _ in range(6)),
                    choices=(("answered_before", said), *facts),
                )
            )
    add_many(engine, found)
    of_months = sorted({f"{month:%Y-%m}" for month in months})
    counts = [
        PopulationCount(month, "trieu-son", sector, 400, 380, 210, 400, 400, 400, 4000, 2900)
        for month in of_months
        for sector in SECTORS
    ]
    save_counts(engine, counts, log=CountSource(date(2026, 11, 1), "x.csv", "0" * 64))
    by = By("lan", datetime(2026, 11, 3, 9, tzinfo=UTC))
    for month in of_months[-12:]:
        entered = {one: (300 + one, 40, 12) for one in range(1, 10)}
        enter_indicators(engine, "trieu-son", month, entered, {}, by)
    drawn = {"month": "2026-10", "office": "trieu-son"}
    with engine.begin() as connection:
        sealed = {"list_digest": "0" * 64, "listed_on": date(2026, 11, 1)}
        connection.execute(tables.recheck.insert(), {**drawn, **sealed})
        for sector in SECTORS:
            size = {"sector": sector, "dossiers": 400, "size": 20}
            connection.execute(tables.recheck_sector.insert(), {**drawn, **size})
            calls = [
                {
                    **drawn,
                    "sector": sector,
                    "position": place,
                    "code_hash": f"{sector}-{place}",
                    "outcome": "answered" if place <= 12 else "not_reached",
                }
                for place in range(1, 21)
            ]
            connection.execute(tables.recheck_call.insert(), calls)


def test_the_fullest_page_stays_small(officer, engine):
    the_fullest_office(engine)
    for period in ("2026-10", "2026-Q4", "12m:2026-10"):
        page = officer.get(f"/results/{period}")
        told = set(re.findall(r'<section id="(\w+)">', page.text))
        assert {"recheck", "census", "indicators", "drivers", "glide", "channels"} <= told, period
        assert len(page.data) < 85_000, period


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
    part = section(officer.get("/results/2026-10").text, "Đã đạt mục tiêu chưa?")
    each, together = (
        "xét riêng từng lĩnh vực, 1 đạt và 0 chưa đạt",
        "số lĩnh vực đủ căn cứ là đạt: 1",
    )
    assert each in part and together in part


def test_a_verdict_says_on_whom_it_rests(officer, engine):
    from survey.dossiers import PopulationCount

    answered(engine, "land", date(2026, 10, 5), ["5-----"] * 40)
    counts = [PopulationCount("2026-10", "trieu-son", "land", 120)]
    save_counts(engine, counts, log=CountSource(date(2026, 11, 1), "x.csv", "0" * 64))
    text = section(officer.get("/results/2026-10").text, "Đã đạt mục tiêu chưa?")
    # 85% of 120 is 102: 62 of the 80 silent, 77.5%
    assert "40 trên 120; chỉ đúng nếu ít nhất 78% người chưa trả lời cũng hài lòng" in text


def a_running_month(engine, days_ago, sheets):
    """Answers of so many days ago, and the running month that they belong to."""
    answered(engine, "land", TODAY - timedelta(days=days_ago), sheets)
    return f"{TODAY:%Y-%m}"


def test_a_running_period_has_no_verdict_and_limits_for_every_look(officer, engine):
    month = a_running_month(engine, 1, ["5-----"] * 30)
    text = officer.get(f"/results/{month}").text
    assert "Kỳ chưa kết thúc: chưa kết luận" in text
    assert "số lĩnh vực đủ căn cứ" not in text
    assert "<b>Đạt" not in text
    # 30 of 30: Clopper-Pearson reaches down to 88.4%, the sequence at one look to
    # (0.05/31)^(1/30) = 80.7%
    assert "88,4% – 100,0%" in text.split("Đất đai</th>")[1].split("</tr>")[0]
    looks = section(text, "Nếu ngày nào cũng xem")
    assert "80,7% – 100,0%" in looks.split("Đất đai</th>")[1].split("</tr>")[0]


def test_todays_answers_are_counted_but_not_told(officer, engine):
    answered(engine, "land", TODAY, ["5-----"] * 30)
    text = officer.get(f"/results/{TODAY:%Y-%m}").text
    assert "Kỳ này đã có 30 phiếu" in text
    assert "100" not in text.split("<main")[1]


def test_a_period_that_is_over_says_nothing_of_running(officer, engine):
    answered(engine, "land", date(2026, 10, 5), ["5-----"] * 30)
    assert "Kỳ chưa kết thúc" not in officer.get("/results/2026-10").text
