"""`/open`: what was published, for anybody, without a cookie or a script; and nothing while off."""

from __future__ import annotations

import html
import json
import re
import shutil
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from PIL import Image

from analysis.kept import read_document
from analysis.period import parse_period
from analysis.targets import shipped_targets
from questionnaires.wording import Text
from survey.app import create_app
from survey.improvements import Texts
from survey.intake import Response
from survey.places import Office, shipped_places
from survey.public.kept import FOLDER, keep_period, months_of, published_months, read_page
from survey.public.view import Fixed, make_page
from survey.reports import kept
from survey.sealing import published_of, seal_due
from survey.serving import upkeep
from survey.store import seals
from survey.store.improvements import (
    add_improvement,
    find_improvement,
    publish_improvement,
    withdraw_improvement,
)
from survey.store.places import save_places
from survey.store.population import CountSource, PopulationCount, save_counts
from survey.store.responses import add_many
from survey.store.staff_actions import By
from tests.survey.public.conftest import MONTH, OFFICE, TODAY, Opened, fill

pytestmark = pytest.mark.sqlite_is_enough

BY = By("lan", datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
TEXTS = Texts("Chờ lâu & mệt.", "Thêm một quầy <sáng>.")
PICTURES = [
    f"/open/{OFFICE}/{month}.{form}" for month in (MONTH, "latest") for form in ("svg", "png")
]


def total(opened: Opened):
    """The row of the office in the document that is sealed."""
    text = seals.published_document(opened.engine, MONTH)
    assert text is not None
    return read_document(json.loads(text), shipped_targets()).pick(office=OFFICE)


def late(day: date = date(2026, 10, 5)) -> Response:
    sheet = ("desk@1", OFFICE, "land", "kiosk", day, "11----")
    return Response(str(uuid.uuid4()), *sheet, late=True)


# --- off and on -----------------------------------------------------------------------------------


def test_while_it_is_off_no_address_of_it_is_there(opened):
    client = create_app(replace(opened.config, public_page=False), opened.engine).test_client()
    nowhere = client.get("/nowhere").text
    for path in ("/open", f"/open/{OFFICE}", f"/open/{OFFICE}/{MONTH}", *PICTURES):
        reply = client.get(path)
        assert reply.status_code == 404, path
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.text.replace(path, "/nowhere") == nowhere, path


def test_what_is_not_published_is_not_there_either(opened):
    for path in (
        f"/{OFFICE}/2026-09", f"/{OFFICE}/2026-11", "/elsewhere", f"/elsewhere/{MONTH}",
        f"/{OFFICE}/2026-13", f"/{OFFICE}/..", f"/%2e%2e/{MONTH}", f"/{OFFICE}/made",
        f"/{OFFICE}/2026-10.pdf", "/made.json",
        f"/{OFFICE}/2026-09.png", "/elsewhere/latest.svg",
    ):  # fmt: skip
        assert opened.client.get(f"/open{path}").status_code == 404, path


def test_before_a_month_is_sealed_the_page_says_when_there_will_be_one(config, engine):
    assert "sau ngày 10 của tháng sau" in Opened.of(config, engine).page()


# --- what it says ---------------------------------------------------------------------------------


def test_the_page_tells_the_sealed_figures_with_interval_response_rate_and_verdict(opened):
    page, row = html.unescape(opened.page()), total(opened)
    assert f"{row.n} trên {row.population} hồ sơ" in page
    assert "UBND xã Triệu Sơn" in page
    assert "Tháng 10/2026" in page
    rate = f"{100 * row.response_rate:.1f}%".replace(".", ",")
    low, high = (f"{100 * limit:.1f}%".replace(".", ",") for limit in (row.low, row.high))
    for figure in (rate, f"{low} – {high}", "mục tiêu 90% (2025)"):
        assert figure in page, figure
    assert re.search(r"(Đạt|Chưa đạt|Chưa đủ căn cứ)[^.]* · mục tiêu 2030: 95%", page)
    code = seals.seal_of(opened.engine, [MONTH]).code
    assert code in page
    assert 'href="/open/seals.json"' in page
    assert "Cách làm" in page


def test_sectors_that_are_withheld_have_no_row_and_that_is_said_once(opened):
    page = html.unescape(opened.page())
    text = seals.published_document(opened.engine, MONTH)
    document = read_document(json.loads(text), shipped_targets())
    rows = {
        row.sector: row.share
        for row in document.estimates
        if (row.office, row.measure, row.channel) == (OFFICE, "overall", "all")
    }
    assert None in rows.values()
    shown = re.findall(r'role="rowheader">([^<]+)<', page)
    told = sum(share is not None for share in rows.values())
    assert len(shown) == told
    assert page.count("để không ai suy ra được từng người trả lời thế nào") == 1


def test_dossiers_and_the_nine_indicators_are_told_apart_from_the_survey(opened):
    page = html.unescape(opened.page())
    dossiers, points = re.findall(r"<h2>([^<]*không phải kết quả khảo sát[^<]*)</h2>", page)
    assert "hành chính" in dossiers and "Chín chỉ số" in points
    about = page.split(f"<h2>{dossiers}</h2>")[1].split("<h2>")[0]
    assert re.search(r"Đúng hạn hoặc trước hạn: [\d.]+ trên [\d.]+ hồ sơ", about)
    about = page.split(f"<h2>{points}</h2>")[1].split("<h2>")[0]
    assert "không phải ý kiến người dân" in about
    # 2 × 412 + 20 of 435 files; the eighth was not assessed
    assert re.search(r"<dt>1\. [^<]+</dt>\s*<dd>1,9</dd>", about)
    assert re.search(r"<dt>8\. [^<]+</dt>\s*<dd>–</dd>", about)
    english = opened.page("?lang=en").split("nine indicators (not results of the survey)")[1]
    assert re.search(r"<dt>1\. [^<]+</dt>\s*<dd>1.9</dd>", english)


def test_an_office_that_entered_no_indicator_has_no_heading_of_them(opened):
    text = seals.published_document(opened.engine, MONTH)
    document = replace(read_document(json.loads(text), shipped_targets()), indicators=None)
    page, _ = make_page(document, {}, OFFICE, "vi", Fixed("abc"))
    assert [len(one.rows) for one in page.beside] == [0]


def test_the_page_is_one_small_request_without_cookie_or_script_and_asked_again_cheaply(opened):
    first = opened.client.get("/open")
    assert len(first.data) < 14_600
    assert "<script" not in first.text
    assert not re.findall(r'(?:src|href)="(?!data:|/open|\?lang)', first.text)
    assert "Set-Cookie" not in first.headers
    assert "Cookie" not in first.headers.get("Vary", "")
    assert "script-src 'none'" in first.headers["Content-Security-Policy"]
    assert first.headers["Cache-Control"].startswith("public")
    again = opened.client.get("/open", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_english_page_says_the_same_figures(opened):
    vietnamese, english = opened.page(), opened.page("?lang=en")
    assert "How satisfied people are" in english

    def figures(text: str) -> list[str]:
        return re.findall(r"\d+[.,]\d+%", text.partition("<main>")[2].replace(",", "."))

    assert figures(vietnamese) == figures(english)
    assert figures(english)


def test_nothing_that_changes_after_the_seal_moves_a_figure(opened):
    before = opened.page().partition("</code>")[0]
    counts = [PopulationCount(MONTH, OFFICE, "land", 9999)]
    save_counts(opened.engine, counts, log=CountSource(TODAY, "later", "1" * 64))
    assert opened.make() == 0
    assert opened.page().partition("</code>")[0] == before  # what is told of it: test_amended


def test_late_answers_make_a_revision_that_says_why(opened):
    assert "Sửa lần" not in opened.page()
    add_many(opened.engine, [late() for _ in range(40)])
    seal_due(opened.config, opened.engine, TODAY)
    assert opened.make() == 1
    page = html.unescape(opened.page())
    assert "Sửa lần 1: có thêm phiếu gửi muộn" in page
    assert seals.seal_of(opened.engine, [MONTH]).code in page


def report(opened: Opened, number: int, why: str) -> kept.Revision:
    """Keep a report of October, as the command does, with the sealed document in it."""
    seal = seals.seal_of(opened.engine, [MONTH])
    assert seal is not None
    text = seals.published_document(opened.engine, MONTH)
    assert text is not None
    content = json.dumps({"verdicts": json.loads(text)}).encode()
    told = (f"{number}" * 64, "2026-11-15", why, ("Đất đai: 80%.",), seal.code)
    revision = kept.Revision("all", MONTH, "vi", number, *told)
    return kept.keep(opened.config.data, revision, {"json": content})


def test_a_report_that_was_kept_after_the_seal_is_what_is_shown_with_its_reason(opened):
    report(opened, 1, "")
    assert opened.make() == 1
    page = html.unescape(opened.page())
    assert "bản thứ 1, mã 111111111111" in page
    assert "Sửa lần" not in page
    report(opened, 2, "Nhập lại hồ sơ tháng 10.")
    assert opened.make() == 1
    page = html.unescape(opened.page("?lang=en"))
    assert '<b lang="vi">Revision 1: Nhập lại hồ sơ tháng 10. Đất đai: 80%.</b>' in page


def test_a_month_that_another_backup_has_not_sealed_has_no_page_any_more(opened, monkeypatch):
    monkeypatch.setattr("survey.public.making.list_seals", lambda _engine: [])
    assert opened.make() == 0
    assert opened.client.get(f"/open/{OFFICE}/{MONTH}").status_code == 404


def test_a_purge_changes_nothing_of_what_was_published(opened, monkeypatch):
    chain = seals.list_seals(opened.engine)
    newest = next(one for one in reversed(chain) if one.kind == "month")
    purged = replace(newest, revision=2, reason="purged", seal="0" * 64)
    monkeypatch.setattr("survey.public.making.list_seals", lambda _engine: [*chain, purged])
    assert opened.make() == 0


@pytest.mark.slow
def test_the_server_makes_the_page_by_itself_and_once(opened, monkeypatch):
    shutil.rmtree(opened.config.data / FOLDER)
    monkeypatch.setenv("HAILONG_DATABASE_URL", opened.config.database_url)
    assert upkeep.publish_if_due(opened.config, opened.engine)
    assert published_months(opened.config.data, OFFICE) == (MONTH,)
    assert read_page(opened.config.data, OFFICE, MONTH, "en") is not None
    assert not upkeep.publish_if_due(opened.config, opened.engine)


# --- what the office did --------------------------------------------------------------------------


def test_only_what_was_published_is_on_the_page_until_it_is_withdrawn(opened):
    id_ = add_improvement(opened.engine, OFFICE, MONTH, TEXTS, BY)
    assert "Chờ lâu" not in opened.page()
    entry = find_improvement(opened.engine, id_)
    assert publish_improvement(opened.engine, entry, TODAY, BY)
    page = opened.page()
    assert "Chờ lâu &amp; mệt." in page
    assert "Thêm một quầy &lt;sáng&gt;." in page
    assert '<div class="said" lang="vi">' in opened.page("?lang=en")  # no English was written
    assert withdraw_improvement(opened.engine, entry, BY)
    assert "Chờ lâu" not in opened.page()


# --- pictures -------------------------------------------------------------------------------------


def test_other_sites_may_show_the_picture_and_it_says_the_finding(opened):
    page = read_page(opened.config.data, OFFICE, MONTH, "vi")
    assert page is not None
    svg, png = (opened.client.get(f"/open/{OFFICE}/{MONTH}.{form}") for form in ("svg", "png"))
    for reply, mimetype in ((svg, "image/svg+xml"), (png, "image/png")):
        assert (reply.status_code, reply.mimetype) == (200, mimetype)
        assert reply.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "X-Frame-Options" not in reply.headers
        assert "frame-ancestors *" in reply.headers["Content-Security-Policy"]
        assert reply.headers["Cache-Control"].startswith("public")
        assert "Set-Cookie" not in reply.headers
    assert len(svg.data) < 14_600
    drawn = " ".join(re.findall(r">([^<>]+)</text>", html.unescape(svg.text)))
    for words in (page.finding, page.answers.partition(" ")[0], page.interval, "Tháng 10/2026"):
        assert words in drawn, words
    with Image.open(BytesIO(png.data)) as picture:
        assert picture.size == (1280, 720)
        assert picture.info["Title"] == page.alt
    assert len(png.data) < 60_000


def test_the_latest_picture_is_that_of_the_newest_month(opened):
    found = [opened.client.get(path).data for path in PICTURES]
    assert found[:2] == found[2:]


def test_pages_may_still_stand_in_no_frame(opened):
    headers = opened.client.get("/open").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


# --- several offices ------------------------------------------------------------------------------


def test_several_offices_have_an_index_in_their_own_order_and_a_page_each(config, engine):
    shipped = shipped_places()
    other = Office(id="an-lao", name=Text(vi="Xã An Lão", en="An Lão Commune"))
    counter = shipped.counter[0].model_copy(update={"id": "quay-x", "office": "an-lao"})
    update = {"office": (*shipped.office, other), "counter": (*shipped.counter, counter)}
    save_places(engine, shipped.model_copy(update=update), date(2026, 10, 1))
    fill(config, engine)
    opened = Opened.of(config, engine)
    assert opened.make() == 1
    index = html.unescape(opened.page())
    linked = re.findall(rf'href="/open/([a-z-]+)/{MONTH}', index)
    assert linked == [OFFICE, "an-lao"]
    assert "Không xếp hạng" in index
    assert "Xã An Lão" in opened.page("/an-lao")
    assert "Xã An Lão" not in opened.page(f"/{OFFICE}/{MONTH}")


def listed(page: str) -> list[str]:
    return re.findall(rf'href="/open/([a-z0-9-]+)/{MONTH}', page)


def test_many_offices_stand_by_their_groups_and_are_found_by_name_without_a_script(opened):
    many = 60
    names = [f"Xã Số {number}" for number in range(many)]
    tree = [
        Office(id=f"tinh-{two}", name=Text(vi=f"Tỉnh Số {two}", en=f"No. {two}")) for two in "ab"
    ]
    for number, name in enumerate(names):
        parent = "tinh-b" if number < 40 else "tinh-a"
        tree.append(Office(id=f"xa-{number}", name=Text(vi=name, en=name), parent=parent))
    shipped = shipped_places()
    places = shipped.model_copy(update={"office": (*shipped.office, *tree)})
    save_places(opened.engine, places, TODAY)
    one = read_page(opened.config.data, OFFICE, MONTH, "vi")
    pages = [replace(one, office=f"xa-{number}", name=name) for number, name in enumerate(names)]
    keep_period(opened.config.data, MONTH, "made up", [one, *pages], {})
    first, second = opened.page(), opened.page("?page=2")
    of_a, of_b = [f"xa-{n}" for n in range(40, many)], [f"xa-{n}" for n in range(40)]
    assert listed(first) + listed(second) == [OFFICE, *of_a, *of_b]  # in the order of the places
    assert re.findall("<h2[^>]*>([^<]+)<", first) == ["Tỉnh Số a", "Tỉnh Số b"]
    assert len(first.encode()) < 60_000
    assert "<script" not in first
    assert opened.client.get("/open?page=3").status_code == 404
    assert opened.client.get("/open?page=0").status_code == 404
    assert listed(opened.page("?q=xa so 41")) == ["xa-41"]  # without marks
    assert listed(opened.page("?q=TỈNH SỐ A")) == of_a  # by their group
    nobody = opened.page("?q=%3Cscript%3E")
    assert "0 cơ quan có tên chứa “&lt;script&gt;”" in nobody
    assert 'href="/open?lang=vi"' in nobody


# --- longer periods -------------------------------------------------------------------------------


def quarter(opened: Opened, number: int = 1, why: str = "") -> None:
    """Keep a report of the quarter that October is in, after its end."""
    text = published_of(opened.config, opened.engine, "2026-Q4", date(2027, 1, 20))
    assert text is not None
    content = json.dumps({"verdicts": json.loads(text)}).encode()
    told = (f"{number}" * 64, "2027-01-20", why, (), "abcd-efgh")
    kept.keep(
        opened.config.data, kept.Revision("all", "2026-Q4", "vi", number, *told), {"json": content}
    )


def test_a_longer_period_has_a_page_once_a_report_of_it_is_kept(opened):
    assert "Quý, sáu tháng và năm" not in opened.page()
    quarter(opened)
    id_ = add_improvement(opened.engine, OFFICE, MONTH, TEXTS, BY)
    publish_improvement(opened.engine, find_improvement(opened.engine, id_), TODAY, BY)
    assert opened.make() == 1
    month = opened.page()  # the newest month is still what is shown first
    assert "Tháng 10/2026" in month
    assert f'href="/open/{OFFICE}/2026-Q4?lang=vi">Quý IV/2026</a>' in month
    page = html.unescape(opened.page(f"/{OFFICE}/2026-Q4"))
    for words in (
        "Quý IV/2026",
        "bản thứ 1, mã 111111111111",
        "abcd-efgh",
        "Thêm một quầy <sáng>.",
    ):
        assert words in page, words
    assert f'href="/open/{OFFICE}/{MONTH}?lang=vi">10/2026</a>' in page
    assert opened.client.get(f"/open/{OFFICE}/2026-Q4.png").mimetype == "image/png"
    assert opened.make() == 0
    quarter(opened, 2, "Nhập lại hồ sơ.")
    assert opened.make() == 1
    assert "Sửa lần 1: Nhập lại hồ sơ." in opened.page(f"/{OFFICE}/2026-Q4")
    for gone in ("2026-Q3", "2026-H2", "2026", "12m:2026-10"):
        assert opened.client.get(f"/open/{OFFICE}/{gone}").status_code == 404, gone


def test_a_longer_period_whose_answers_were_purged_keeps_its_sealed_page(opened):
    text = published_of(opened.config, opened.engine, "2026-Q4", date(2027, 1, 20))
    with opened.engine.begin() as connection:
        seals.seal_document(connection, "2026-Q4", text)
    assert opened.make() == 1
    assert "Quý IV/2026" in opened.page(f"/{OFFICE}/2026-Q4")


@pytest.mark.parametrize(
    ("period", "first", "last", "many"),
    [
        ("2026-10", "2026-10", "2026-10", 1),
        ("2026-Q1", "2026-01", "2026-03", 3),
        ("2026-H2", "2026-07", "2026-12", 6),
        ("2026", "2026-01", "2026-12", 12),
    ],
)
def test_the_months_of_a_period_are_those_of_the_analysis(period, first, last, many):
    found = months_of(period)
    assert (found[0], found[-1], len(found)) == (first, last, many)
    assert found == tuple(parse_period(period).months)
