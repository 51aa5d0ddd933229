"""An office above others has what an office has: a report, published figures, a public page."""

from __future__ import annotations

import html
import json
import re
import zlib
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from analysis.kept import read_document
from analysis.period import parse_period
from analysis.reporting.wording import share_text
from analysis.targets import shipped_targets
from questionnaires import Text
from survey.access import Grant
from survey.cli import cli
from survey.dossiers import PopulationCount
from survey.errors import HailongError
from survey.figures.office import office_figures
from survey.figures.overviews import refresh
from survey.places import Office
from survey.public.kept import published_periods, read_page, read_picture
from survey.public.making import make_due
from survey.reports.kept import list_revisions
from survey.reports.making import Asked, make
from survey.store import tables
from survey.store.overviews import load_rows
from survey.store.places import load_places, office_parents, save_places
from survey.store.population import CountSource, save_counts
from survey.store.purges import Holding, purge_year
from survey.store.questionnaires import published_questionnaires
from survey.store.seals import published_document
from survey.store.staff_actions import By
from survey.themes import MINIMUM
from survey.web.desk.guard import Scope
from survey.web.desk.results import seen_of
from tests.survey.areas.conftest import ANSWERS, BELOW, MONTH, NORTH, SOUTH, TODAY, TOP, Province
from tests.survey.desk.pages import sign_in
from tests.survey.test_themes import TEXTS

pytestmark = pytest.mark.sqlite_is_enough

PERIOD = parse_period(MONTH)


def published(province: Province, within: str = ""):
    places = load_places(province.engine, gone_too=True)
    known = published_questionnaires(province.engine)
    return office_figures(
        province.config, places, known, PERIOD, TODAY, within=within, leaves=True
    ).document


def told(row) -> tuple[object, ...]:
    """The figures of a row that may be published."""
    return (row.n, row.population, row.share, row.step, row.low, row.high)


def rows(document) -> dict[tuple[str, ...], tuple[object, ...]]:
    return {row.key: told(row) for row in document.estimates}


def report(province: Province, office: str, form: str = "json", **more):
    return make(province.config, province.engine, Asked(PERIOD, form, office=office, **more), TODAY)


def run(province: Province, *words: str):
    data = str(province.config.data)
    return CliRunner().invoke(cli, [*words, "--data", data], catch_exceptions=False)


def text(page: str) -> str:
    page = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(page))


# --- one figure, wherever it is told --------------------------------------------------------------


def test_the_figures_of_an_area_are_the_same_wherever_they_are_told(province: Province) -> None:
    document = published(province, NORTH)
    total = document.pick()
    assert total.share is not None and total.n == 2 * sum(ANSWERS[one] for one in BELOW[NORTH])
    # Its communes are told of as everywhere else.
    whole = rows(published(province))
    for key, figures in rows(document).items():
        assert key[0] == "all" or figures == whole[key], key
    # The report.
    told_by_report = json.loads(report(province, NORTH).content)
    assert (told_by_report["office"], told_by_report["total_of"]) == ("all", NORTH)
    assert rows(read_document(told_by_report["verdicts"], shipped_targets())) == rows(document)
    # What was sealed, and the public page made of it.
    sealed = json.loads(published_document(province.engine, MONTH))["totals"]
    assert sealed.keys() == {TOP, NORTH, SOUTH}
    own = {key: figures for key, figures in rows(document).items() if key[0] == "all"}
    assert rows(read_document(sealed[NORTH], shipped_targets())) == own
    for lang in ("vi", "en"):
        page = read_page(province.config.data, NORTH, MONTH, lang)
        assert page.share == share_text(total, lang)
        assert page.rate and page.interval
    # `hailong analyze`.
    asked = ("analyze", "--period", MONTH, "--office", NORTH, "--published", "--format", "json")
    analysed = read_document(json.loads(run(province, *asked).output), shipped_targets())
    assert rows(analysed) == rows(document)
    # The page All offices, which says by itself which totals may be shown.
    refresh(province.config, province.engine, TODAY, [PERIOD])
    kept = {one.office: one for one in load_rows(province.engine, MONTH, "published") if one.whole}
    for office in (NORTH, SOUTH, TOP):
        row = published(province, "" if office == TOP else office).pick()
        assert kept[office].content["shown"] == (row.share is not None), office
    assert kept[NORTH].content["share"] == total.share


def test_a_total_that_would_tell_of_its_one_small_commune_is_withheld_everywhere(
    province: Province,
) -> None:
    document = published(province, SOUTH)
    assert all(row.share is None for row in document.estimates if row.office in ("all", "nam-3"))
    assert document.pick(office="nam-1").share is not None
    assert {one.evidence for one in document.verdicts if one.office == "all"} <= {
        "withheld",
        "none",
    }
    page = text(province.opened(f"/{SOUTH}"))
    assert "Không công bố, vì từ số liệu này suy ra được kết quả của một số ít người" in page
    assert "88,0% hài lòng" in page  # the first of its communes
    found = report(province, SOUTH, "html").content.decode()
    assert "không công bố" in text(found)


# --- the report -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_report_of_an_area_is_of_its_offices_and_in_its_name(
    province: Province, lang: str
) -> None:
    found = text(report(province, NORTH, "html", lang=lang).content.decode())
    assert ("Vùng Bắc" if lang == "vi" else "Area Bắc") in found
    for name in BELOW[NORTH]:
        assert name in found
    for name in (*BELOW[SOUTH], "tỉnh Thử", "Trial Province"):
        assert name not in found


def test_a_kept_report_of_an_area_is_its_own_and_its_page_follows_it(province: Province) -> None:
    config, engine = province.config, province.engine
    first = report(province, NORTH, keep=True).revision
    assert (first.office, first.number) == (NORTH, 1)
    assert report(province, TOP, keep=True).revision.office == "all"
    assert make_due(config, engine) == 1
    for office in (NORTH, TOP):
        assert "báo cáo đã lập của kỳ này, bản thứ 1" in province.opened(f"/{office}")
    assert "báo cáo đã lập" not in province.opened(f"/{SOUTH}")
    counts = [PopulationCount(MONTH, "bac-1", "land", 500, 480, 250)]
    save_counts(engine, counts, log=CountSource(TODAY, "sua.xlsx", "1" * 64))
    second = report(province, NORTH, keep=True, why="Nhập lại hồ sơ.").revision
    assert (second.office, second.number, bool(second.changes)) == (NORTH, 2, True)
    assert [one.office for one in list_revisions(config.data)].count(NORTH) == 2
    for office, seen in ((TOP, {NORTH, "all"}), (NORTH, {NORTH}), (SOUTH, set())):
        client = sign_in(province.app, engine, Grant("officer", office), office)
        page = client.get("/files/report").text
        assert {one for one in (NORTH, "all") if f"/files/report/{one}/" in page} == seen, office
    make_due(config, engine)
    page = text(province.opened(f"/{NORTH}"))
    assert "Nhập lại hồ sơ." in page
    # What staff changed in a commune changed the figures of those above it, and of no other.
    for office, count in ((NORTH, 1), (TOP, 1), ("bac-1", 1), (SOUTH, 0), ("bac-2", 0)):
        assert text(province.opened(f"/{office}")).count("số hồ sơ được thay đổi") == count, office


# --- the public page ------------------------------------------------------------------------------


def test_the_page_of_an_office_above_others_has_a_row_for_each_of_them(province: Province) -> None:
    top, north = province.opened(f"/{TOP}"), province.opened(f"/{NORTH}/{MONTH}?lang=en")
    for office in (NORTH, SOUTH):
        assert f'href="/open/{office}/{MONTH}?lang=vi"' in top
    assert "The result of all offices below it together." in north
    rows_of = north.split('id="below"')[1].split("</table>")[0]
    for office in BELOW[NORTH]:
        page = read_page(province.config.data, office, MONTH, "en")
        row = text(rows_of.split(f"/open/{office}/{MONTH}")[1].split("</tr>")[0])
        assert page.finding in row and page.interval in row and page.rate in row
    assert "nam-1" not in rows_of
    alone = province.opened("/bac-1")
    assert 'id="below"' not in alone and "Kết quả chung của mọi cơ quan" not in alone


def test_the_picture_of_an_area_tells_its_total(province: Province) -> None:
    page = read_page(province.config.data, NORTH, MONTH, "vi")
    assert page.alt.startswith("Vùng Bắc, Tháng 3/2026: 88,6% hài lòng")
    client = province.app.test_client()
    for form in ("svg", "png"):
        reply = client.get(f"/open/{NORTH}/latest.{form}")
        assert reply.status_code == 200
        assert reply.data == read_picture(province.config.data, NORTH, MONTH, "vi", form)
    assert page.alt in html.unescape(client.get(f"/open/{NORTH}/{MONTH}.svg").text)


def test_the_list_of_offices_puts_an_area_before_its_communes(province: Province) -> None:
    found = text(province.opened(""))
    order = ["UBND tỉnh Thử › Vùng Bắc", "xã bac-1", "UBND tỉnh Thử › Vùng Nam", "xã nam-1"]
    places = [found.index(one) for one in order]
    assert places == sorted(places)
    assert found.count("UBND tỉnh Thử › Vùng Bắc") == 1


def test_hostile_addresses_of_a_page_of_an_area_are_not_there(province: Province) -> None:
    client = province.app.test_client()
    for path in ("2026-04", "2099-01", "2026-13", "12m:2026-03", "2026-03.pdf", "..", "all"):
        assert client.get(f"/open/{NORTH}/{path}").status_code == 404, path
    for page in ("0", "2", "-1", "99999999999999999999"):
        assert client.get(f"/open/{NORTH}/{MONTH}?page={page}").status_code == 404, page
    assert client.get("/open/all").status_code == 404
    assert client.head(f"/open/{NORTH}").status_code == 200
    assert client.post(f"/open/{NORTH}").status_code == 405


def test_of_a_month_that_was_sealed_before_totals_were_there_is_the_page_of_all(
    province: Province,
) -> None:
    """The sealed document of an earlier version holds the total of everything alone."""
    found = json.loads(published_document(province.engine, MONTH))
    del found["totals"]
    with province.engine.begin() as connection:
        change = tables.sealed_document.update().values(
            content=zlib.compress(json.dumps(found).encode())
        )
        connection.execute(change)
    (province.config.data / "public" / "made.json").unlink()
    make_due(province.config, province.engine)
    assert published_periods(province.config.data, TOP) == (MONTH,)
    assert published_periods(province.config.data, NORTH) == ()
    assert "396 trên 4.000 hồ sơ" in text(province.opened(f"/{TOP}"))


# --- commands -------------------------------------------------------------------------------------


def test_commands_take_an_area_or_say_what_it_is(province: Province) -> None:
    full = run(province, "analyze", "--period", MONTH, "--office", NORTH, "--lang", "en")
    assert full.exit_code == 0, full.output
    assert "Area Bắc" in full.output and "210 answers" in full.output
    book = ("notebook", "--period", MONTH, "--out", str(province.config.data / "so.html"))
    for words, named in (
        (("analyze", "--period", MONTH, "--office", "nowhere"), "nam-3"),
        (("analyze", "--period", "2025-01", "--office", NORTH), "và các cơ quan trực thuộc"),
        ((*book, "--office", NORTH), "bac-1, bac-2"),
        (("themes", "--period", MONTH, "--office", "nowhere"), "nam-3"),
        (("report", *book[1:3], "--office", "nowhere", "--out", "x.docx"), "nam-3"),
    ):
        with pytest.raises(HailongError) as refused:
            run(province, *words)
        assert named in refused.value.said("vi"), words


def test_comments_and_themes_of_an_area_are_those_of_its_communes(province: Province) -> None:
    """A theme that is too small to be counted in a commune is counted where both are read."""
    every = {
        office: [f"xa lạ {text}" if office == "nam-1" else text for text in texts]
        for office, texts in (("bac-1", TEXTS[::2]), ("bac-2", TEXTS[1::2]), ("nam-1", TEXTS))
    }
    rows_of = [
        {"id": f"{office}-{n}", "month": MONTH, "office": office, "sector": "land", "state": "new"}
        | {"text": text}
        for office, texts in every.items()
        for n, text in enumerate(texts)
    ]
    with province.engine.begin() as connection:
        connection.execute(tables.comment.insert(), rows_of)
    file = province.config.data / "themes.json"
    counts = {}
    for office in (NORTH, "bac-1", "bac-2"):
        asked = ("themes", "--period", MONTH, "--office", office, "--out", str(file))
        assert run(province, *asked).exit_code == 0
        found = json.loads(file.read_text(encoding="utf-8"))
        assert found["read"] == len(TEXTS if office == NORTH else every[office])
        assert all(one["count"] is None or one["count"] >= MINIMUM for one in found["themes"])
        counts[office] = sum(one["count"] or 0 for one in found["themes"])
    assert counts[NORTH] > max(counts["bac-1"], counts["bac-2"])
    told_by = run(province, "comments", "--period", MONTH, "--office", NORTH).output
    assert TEXTS[0] in told_by and TEXTS[1] in told_by and "xa lạ" not in told_by


# --- who sees what --------------------------------------------------------------------------------


def test_an_account_of_an_area_sees_its_total_and_no_other_area(province: Province) -> None:
    engine = province.engine
    parents = office_parents(engine)
    for role in ("viewer", "analyst"):
        scope = Scope(Grant(role, NORTH), parents)
        for place in ("all", NORTH):
            seen = seen_of(engine, scope, PERIOD, place)
            assert (seen.shown, seen.within, seen.published) == ("all", NORTH, role == "viewer")
            assert seen.offices == {NORTH, *BELOW[NORTH]}


def test_a_former_top_office_keeps_its_total_and_accounts_below_a_new_one(
    province: Province,
) -> None:
    """A province that became part of another: what it was sealed with stays, and so does its
    account's view."""
    engine = province.engine
    places = load_places(engine)
    above = Office(id="tinh-moi", name=Text(vi="UBND tỉnh Mới", en="New Province"))
    other = Office(id="xa-moi", name=Text(vi="UBND xã Mới", en="New Commune"), parent="tinh-moi")
    offices = [
        one.model_copy(update={"parent": "tinh-moi"}) if one.id == TOP else one
        for one in places.office
    ]
    save_places(engine, places.model_copy(update={"office": (above, *offices, other)}), TODAY)
    parents = office_parents(engine)
    old = seen_of(engine, Scope(Grant("analyst", TOP), parents), PERIOD, "all")
    assert (old.shown, old.within) == ("all", TOP)
    assert "xa-moi" not in old.offices and "tinh-moi" not in old.offices
    assert published(province, TOP).pick().n == published(province).pick().n
    new = seen_of(engine, Scope(Grant("analyst", "tinh-moi"), parents), PERIOD, TOP)
    assert (new.shown, new.within) == ("all", TOP)
    make_due(province.config, engine)
    assert "396 trên 4.000 hồ sơ" in text(province.opened(f"/{TOP}"))
    assert f'href="/open/{NORTH}/{MONTH}?lang=vi"' in province.opened(f"/{TOP}")
    assert published_periods(province.config.data, "tinh-moi") == ()  # it was none in that month


def test_what_is_kept_of_purged_answers_has_the_totals(province: Province) -> None:
    engine = province.engine
    by = By("lan", datetime(2029, 1, 1, tzinfo=UTC))
    before = rows(published(province, NORTH))
    purge_year(engine, Holding(2026, 396, 0), {}, by, by.at.date())
    seen = seen_of(
        engine, Scope(Grant("analyst", None), office_parents(engine)), PERIOD, NORTH, stored=True
    )
    assert (seen.shown, seen.within, seen.published) == ("all", NORTH, True)
    asked = ("analyze", "--period", MONTH, "--office", NORTH, "--format", "json")
    reply = run(province, *asked)
    assert reply.exit_code == 0, reply.output
    kept = rows(read_document(json.loads(reply.stdout), shipped_targets()))
    assert kept == {key: figures for key, figures in before.items() if key[0] == "all"}
