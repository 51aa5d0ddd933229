"""`hailong slips`: what it issues is read back as a phone, a person and a program would."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

import pypdfium2 as pdfium
import pytest
import zxingcpp
from click.testing import CliRunner, Result

from questionnaires import Text
from survey.cli import cli
from survey.dossiers import PopulationCount
from survey.errors import HailongError
from survey.places import shipped_places
from survey.slip_files import PAPERS, Making, Paper, issue_slips
from survey.slips import MOST, Order, SlipsError, choose_counter, token_hash
from survey.store.places import load_places, save_places
from survey.store.population import CountSource, save_counts
from survey.store.slips import find_slip, list_batches, use_slip
from tests.clock import day_here
from tests.survey.commands.test_poster import letter_sizes
from tests.survey.slips import BY
from tests.survey.store.test_arrival import response

Run = Callable[..., Result]

BASE = "https://hailong.example.vn"
LOGO = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9H0z" fill="red"/></svg>
"""
MILLIMETRES = {"58mm": 58, "80mm": 80}

pytestmark = pytest.mark.sqlite_is_enough


@pytest.fixture
def run(config, engine, monkeypatch) -> Run:
    monkeypatch.setenv("HAILONG_DATA", str(config.data))
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    monkeypatch.setenv("HAILONG_BASE_URL", BASE)
    return lambda *words: CliRunner().invoke(cli, ["slips", *map(str, words)])


def tokens(addresses: list[str]) -> list[str]:
    assert all(one.startswith(f"{BASE}/s/") for one in addresses)
    return [one.rpartition("/")[2] for one in addresses]


def codes(page: pdfium.PdfPage, dpi: int = 150) -> list[str]:
    return [one.text for one in zxingcpp.read_barcodes(page.render(scale=dpi / 72).to_pil())]


def words_of(page: pdfium.PdfPage) -> str:
    return re.sub(r"\s+", " ", page.get_textpage().get_text_range())


def test_json_is_a_list_of_addresses_that_open_forms(run, engine):
    result = run("issue", "--sector", "land", "--count", 5, "--format", "json")
    assert result.exit_code == 0
    found = tokens(json.loads(result.stdout))
    assert len(set(found)) == 5
    slips = [find_slip(engine, token_hash(one)) for one in found]
    assert {(one.desk.counter.id, one.validity.last_day) for one in slips if one} == {
        ("quay-1", day_here() + timedelta(days=30))
    }
    assert "batch" in result.stderr


def test_csv_is_a_table_for_messages(run, engine, tmp_path):
    file = tmp_path / "slips.csv"
    words = ("--sector", "residence", "--sector", "civil-status", "--count", 3, "--days", 7)
    assert run("issue", *words, "--format", "csv", "--out", file).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert Counter(row["sector"] for row in rows) == {"residence": 3, "civil-status": 3}
    assert {row["sector_name"] for row in rows} == {"Cư trú, định danh", "Hộ tịch"}
    assert {row["last_day"] for row in rows} == {(day_here() + timedelta(days=7)).isoformat()}
    for row, token in zip(rows, tokens([row["address"] for row in rows]), strict=True):
        slip = find_slip(engine, token_hash(token))
        assert slip is not None
        assert [sector.id for sector in slip.desk.sectors] == [row["sector"]]
    assert file.stat().st_mode & 0o077 == 0  # for this account alone


def test_every_code_of_a_mixed_sheet_is_read_and_opens_its_sector(run, engine, tmp_path):
    file = tmp_path / "slips.pdf"
    words = ("--sector", "residence", "--sector", "civil-status", "--count", 10)
    result = run("issue", *words, "--format", "pdf", "--out", file)
    assert result.exit_code == 0
    document = pdfium.PdfDocument(file)
    pages = [tokens(codes(page)) for page in document]
    assert [len(page) for page in pages] == [8, 8, 4]
    order = []
    for token in chain.from_iterable(pages):
        slip = find_slip(engine, token_hash(token))
        assert slip is not None
        order.append(slip.desk.sectors[0].id)
    assert Counter(order) == {"residence": 10, "civil-status": 10}
    assert len(set(order[:10])) == 2  # mixed: by chance alike once in 180,000 times
    assert file.stat().st_mode & 0o077 == 0


PLACES = shipped_places()
LONG = Text(
    vi="Ủy ban nhân dân phường Hạc Thành – Trung tâm Phục vụ hành chính công thành phố Thanh Hóa",
    en="A long name",
)


def made(engine, config, paper: Paper, count: int = 9, **changed: object) -> pdfium.PdfDocument:
    order = Order("quay-3", {"residence": count}, date(2026, 12, 31))
    office = replace(config, base_url=BASE, **changed)
    issued = issue_slips(engine, office, order, Making("pdf", paper), date(2026, 12, 1), by=BY)
    return pdfium.PdfDocument(issued.content)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("name", [PLACES.office[0].name, LONG], ids=["short", "long"])
def test_a_slip_says_whose_it_is_what_for_until_when_and_what_it_promises(
    engine, config, paper, name
):
    office = PLACES.office[0].model_copy(update={"name": name})
    save_places(engine, PLACES.model_copy(update={"office": (office,)}), day_here())
    document = made(engine, config, paper)
    page = words_of(document[0])
    each = 8 if paper == "a4" else 1
    for said in (
        name.vi,
        "Ông/Bà hài lòng ở mức nào với lần làm thủ tục này?",
        "How satisfied are you with this visit?",
        "Lĩnh vực: Cư trú, định danh",
        "đến hết 31/12/2026",
        "Không ghi tên. Không ảnh hưởng đến hồ sơ của Ông/Bà.",
    ):
        assert page.count(said) == each, said
    assert len(document) == (2 if paper == "a4" else 9)
    assert sum(len(codes(one)) for one in document) == 9
    if paper != "a4":
        assert document[0].get_width() / 72 * 25.4 == pytest.approx(MILLIMETRES[paper], abs=0.1)


@pytest.mark.parametrize("paper", PAPERS)
def test_nothing_on_a_slip_is_smaller_than_nine_points(engine, config, paper):
    assert min(letter_sizes(made(engine, config, paper))) >= 8.99


@pytest.mark.parametrize("paper", PAPERS)
def test_no_word_lies_on_another_or_on_a_code(engine, config, paper):
    """Also with long names and a logo, in a demonstration, where phones cannot open the address."""
    (config.data / "logo.svg").write_text(LOGO)
    sector = PLACES.sector[0].model_copy(update={"name": LONG})
    office = PLACES.office[0].model_copy(update={"name": LONG})
    places = {"office": (office,), "sector": (sector, *PLACES.sector[1:])}
    save_places(engine, PLACES.model_copy(update=places), day_here())
    order = Order("quay-1", {"land": 8}, date(2026, 12, 31))
    hard = replace(config, base_url="http://127.0.0.1:8000", simulated=True)
    issued = issue_slips(engine, hard, order, Making("pdf", paper), date(2026, 12, 1), by=BY)
    page = pdfium.PdfDocument(issued.content)[0]
    text = page.get_textpage()
    boxes = [text.get_rect(at) for at in range(text.count_rects())]
    for at, (left, bottom, right, top) in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = other[0] >= right or other[2] <= left
            over = min(top, other[3]) - max(bottom, other[1])
            assert apart or over < 0.35 * min(top - bottom, other[3] - other[1]), (at, other)
    scale, height = 254 / 72, page.get_height()
    for found in zxingcpp.read_barcodes(page.render(scale=scale).to_pil()):
        corner, far = found.position.top_left, found.position.bottom_right
        for left, bottom, right, top in boxes:
            beside = right * scale <= corner.x or left * scale >= far.x
            above = (height - bottom) * scale <= corner.y or (height - top) * scale >= far.y
            assert beside or above


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("dpi", [72, 100, 203])
def test_codes_are_read_at_the_sharpness_of_a_roll_printer_and_below(engine, config, paper, dpi):
    document = made(engine, config, paper)
    assert len(codes(document[0], dpi)) == (8 if paper == "a4" else 1)


@pytest.mark.parametrize("paper", PAPERS)
def test_a_slip_bears_the_logo_of_its_office_between_name_and_code(engine, config, paper):
    bare = made(engine, config, paper)[0].render(scale=1).to_pil().convert("RGB")
    (config.data / "logo-trieu-son.svg").write_text(LOGO)
    document = made(engine, config, paper)
    page = document[0].render(scale=1).to_pil().convert("RGB")
    before, after = (
        sum(many for many, colour in shown.getcolors(1 << 20) if colour == (255, 0, 0))
        for shown in (bare, page)
    )
    assert before == 0
    assert after > (8 if paper == "a4" else 1) * 400  # points of 1/72 inch: 7 mm × 7 mm
    assert sum(len(codes(one)) for one in document) == 9


def test_a_logo_that_cannot_be_drawn_is_told_and_no_slip_is_kept(engine, config):
    (config.data / "logo.svg").write_text("<svg")
    with pytest.raises(SlipsError, match=r"logo\.svg"):
        made(engine, config, "a4")
    assert list_batches(engine, date(2026, 12, 1)) == ()


def test_a_demonstration_and_an_address_that_phones_cannot_open_say_so(engine, config):
    page = words_of(made(engine, config, "a4", simulated=True)[0])
    assert page.count("MÔ PHỎNG") == 8
    order = Order("quay-1", {"land": 1}, date(2026, 12, 31))
    here = replace(config, base_url="http://127.0.0.1:8000")
    issued = issue_slips(engine, here, order, Making("pdf", "58mm"), date(2026, 12, 1), by=BY)
    assert "KHÔNG PHÁT" in words_of(pdfium.PdfDocument(issued.content)[0])


def test_slips_are_counted_and_more_of_them_than_dossiers_are_told(run, engine):
    result = run("issue", "--sector", "land", "--count", 3)
    found, today = tokens(json.loads(result.stdout)), day_here()
    for token in found[:2]:
        assert use_slip(engine, response(), token_hash(token), today) == "stored"
    month = f"{today:%Y-%m}"
    counted = run("count", "--period", month).stdout
    assert f"{month}\ttrieu-son/quay-1\tland\t3 issued, 2 used, 0 expired, 0 withdrawn\n" == counted
    dossiers = [PopulationCount(month, "trieu-son", "land", 1)]
    save_counts(engine, dossiers, log=CountSource(today, "file", "0" * 64))
    assert (
        "more slips were used (2) than dossiers completed (1)"
        in run("count", "--period", month).stdout
    )
    assert "no slips in 2020-01" in run("count", "--period", "2020-01").stdout


def test_a_batch_is_listed_and_withdrawn(run, engine):
    assert "no batch" in run("list").stdout
    run("issue", "--sector", "land", "--count", 3)
    (batch,) = list_batches(engine, day_here())
    assert run("list").stdout.startswith(f"{batch.id}\ttrieu-son/quay-1\tland\t3 issued, 0 used")
    assert "Withdrew 3 slips" in run("withdraw", batch.id).stdout
    again = run("withdraw", batch.id)
    assert isinstance(again.exception, HailongError)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sector", "sea"), "no counter serves all of sea"),
        (("--sector", "land", "--counter", "quay-9"), "counter 'quay-9' is not known"),
        (("--sector", "land", "--counter", "quay-2"), "does not serve land"),
        (("--sector", "land", "--procedure", "9.9"), "does not belong to the sector"),
        (("--sector", "residence", "--sector", "civil-status"), "one sector at a time"),
    ],
)
def test_what_cannot_be_issued_is_refused_with_what_can(run, engine, words, said):
    result = run("issue", "--count", 1, *words)
    assert isinstance(result.exception, HailongError)
    assert said in result.exception.said("en")
    assert list_batches(engine, day_here()) == ()


def test_few_slips_of_one_procedure_are_refused(run, engine):
    code = next(one.code for one in load_places(engine).procedure if one.sector == "land")
    words = ("issue", "--sector", "land", "--procedure", code, "--count")
    refused = run(*words, 9)
    assert isinstance(refused.exception, SlipsError)
    assert "could tell who answered" in refused.exception.said("en")
    assert run(*words, 10).exit_code == 0


def test_a_batch_has_a_bound_and_a_day_within_a_year(engine, config):
    for order in (
        Order("quay-3", dict.fromkeys(("residence", "civil-status"), MOST // 2 + 1), day_here()),
        Order("quay-1", {"land": 1}, day_here() - timedelta(days=1)),
        Order("quay-1", {"land": 1}, day_here() + timedelta(days=400)),
    ):
        with pytest.raises(SlipsError):
            issue_slips(engine, config, order, Making("csv"), day_here(), by=BY)


def test_of_several_offices_a_counter_has_to_be_named():
    other = PLACES.office[0].model_copy(update={"id": "other"})
    twin = PLACES.counter[0].model_copy(update={"office": "other"})
    both = PLACES.model_copy(
        update={"office": (*PLACES.office, other), "counter": (*PLACES.counter, twin)}
    )
    assert choose_counter(["land"], PLACES) == "trieu-son/quay-1"
    with pytest.raises(SlipsError, match="trieu-son/quay-1, other/quay-1"):
        choose_counter(["land"], both)


def test_a_file_that_cannot_be_written_names_the_batch_to_withdraw(run, engine, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("survey.commands.options.write_whole", full)
    result = run("issue", "--sector", "land", "--count", 1, "--out", Path("a.json").absolute())
    (batch,) = list_batches(engine, day_here())
    assert isinstance(result.exception, HailongError)
    assert f"hailong slips withdraw {batch.id}" in result.exception.said("en")


def test_pdf_asks_for_a_file(run):
    result = run("issue", "--sector", "land", "--count", 1, "--format", "pdf")
    assert result.exit_code == 2
    assert "--out" in result.stderr


def test_a_name_that_cannot_be_printed_leaves_nothing_behind(engine, config):
    office = PLACES.office[0].model_copy(update={"name": Text(vi="Xã 漢", en="x")})
    save_places(engine, PLACES.model_copy(update={"office": (office,)}), day_here())
    order = Order("quay-1", {"land": 1}, day_here())
    with pytest.raises(SlipsError, match="cannot be printed"):
        issue_slips(engine, config, order, Making("pdf"), day_here(), by=BY)
    assert list_batches(engine, day_here()) == ()
