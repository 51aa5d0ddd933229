"""The month's dossiers in the browser: looked at before anything is kept, and undone exactly."""

from __future__ import annotations

import io
import re
import socket
import sys
import tomllib
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import Engine, MetaData, select
from werkzeug.test import TestResponse

from survey import day_folders, uploads
from survey.config import Config
from survey.dossiers import PopulationCount
from survey.imports import columns_in_use
from survey.places import parse_places
from survey.serving import server
from survey.store.places import save_places
from survey.store.population import CountSource, list_imports, load_counts, save_counts
from survey.store.staff import add_staff
from survey.web.desk import dossiers
from tests.chromium import NewContext
from tests.clock import TODAY
from tests.survey.desk.seen import checked
from tests.waiting import PATIENCE

PASSWORD = "bốn từ không dính nhau"
HEAD = "Mã hồ sơ,Lĩnh vực,Ngày tiếp nhận,Ngày hẹn trả,Ngày trả kết quả,Hình thức nộp\n"

pytestmark = pytest.mark.usefixtures("on_a_thursday")

LAST = TODAY.replace(day=1) - timedelta(days=1)
MONTH = f"{LAST:%Y-%m}"
SHOWN = f"{LAST:%m/%Y}"
BEFORE = LAST.replace(day=1) - timedelta(days=1)


def day(number: int, month: date = LAST) -> str:
    return f"{number:02d}/{month:%m/%Y}"


def row(code: int, sector: str = "Đất đai", returned: str = "") -> str:
    given = (f"H26-{code}", sector, day(1), day(20), returned or day(5 + code % 9), "Trực tuyến")
    return ",".join(given) + "\n"


EXPORT = HEAD + row(1) + row(2) + row(3, "Hộ tịch")
KNOWN = (
    PopulationCount(MONTH, "trieu-son", "civil-status", 1, 1, 1, 1, 1, 1, 19, 7),
    PopulationCount(MONTH, "trieu-son", "land", 2, 2, 2, 2, 2, 2, 38, 11),
)
FORMER = (PopulationCount(MONTH, "trieu-son", "land", 4, None, 1),)
LOG = CountSource(LAST, "thang-truoc.csv", "a" * 64)


def sign_in(client: FlaskClient, name: str = "lan") -> None:
    token = fields(client.get("/sign-in").text)["csrf_token"]
    given = {"csrf_token": token, "name": name, "password": PASSWORD}
    assert client.post("/sign-in", data=given).status_code == 303


@pytest.fixture
def officer(client: FlaskClient, engine: Engine) -> FlaskClient:
    add_staff(engine, "lan", PASSWORD, LAST)
    sign_in(client)
    return client


def fields(html: str) -> dict[str, str]:
    return dict(re.findall(r'name="(csrf_token|seen|batch)"[^>]*value="([^"]*)"', html))


def send(client: FlaskClient, content: str | bytes, name: str = "thang.csv") -> TestResponse:
    token = fields(client.get("/dossiers").text)["csrf_token"]
    raw = content.encode() if isinstance(content, str) else content
    given = {"csrf_token": token, "file": (io.BytesIO(raw), name)}
    return client.post("/dossiers", data=given, content_type="multipart/form-data")


def looked(client: FlaskClient, content: str | bytes, name: str = "thang.csv") -> tuple[str, str]:
    """Send a file; return the address of its step and the page."""
    reply = send(client, content, name)
    assert reply.status_code == 303, reply.text
    address = reply.headers["Location"].partition("?")[0]
    return address, client.get(address).text


def press(client: FlaskClient, address: str, what: str, page: str, **given: str) -> TestResponse:
    return client.post(f"{address}/{what}", data=fields(page) | given)


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def everything_in(engine: Engine) -> str:
    found = MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        return "".join(str(connection.execute(select(one)).all()) for one in found.sorted_tables)


def left(config: Config) -> list[Path]:
    return list((config.data / uploads.FOLDER).glob("*"))


def test_nothing_is_kept_before_the_officer_says_so(officer, engine, config):
    address, page = looked(officer, EXPORT)
    assert load_counts(engine) == ()
    assert "Tháng mới 1 3 hồ sơ" in words_of(page)
    done = press(officer, address, "keep", page)
    assert done.status_code == 303
    assert load_counts(engine) == KNOWN
    assert left(config) == []
    home = words_of(officer.get("/dossiers").text)
    assert f"thang.csv tháng {SHOWN}: 3 hồ sơ" in home


@pytest.mark.sqlite_is_enough
def test_the_page_tells_four_counts_and_what_was_skipped_and_each_sector_before_and_after(
    officer, engine
):
    save_counts(engine, FORMER, log=LOG)
    other = f"H26-9,Đất đai,{day(1, BEFORE)},{day(20, BEFORE)},{day(9, BEFORE)},Trực tiếp\n"
    waiting = f"H26-8,Đất đai,{day(1)},{day(20)},,Trực tiếp\n"
    _, page = looked(officer, EXPORT + other + waiting + "Tổng cộng,,,,,\nNgười lập biểu,,,,,\n")
    told = words_of(page)
    assert "Tháng mới 1 1 hồ sơ" in told
    assert "Tháng thay đổi 1 3 hồ sơ" in told
    assert "Tháng không đổi 0 0 hồ sơ" in told
    assert "Dòng bỏ qua 3" in told
    assert "chưa có ngày trả kết quả: 1 dòng" in told
    assert "(tiêu đề, dòng cộng, chữ ký): 2 (các dòng 7-8)" in told
    assert f"{SHOWN} 4 3 " in told
    assert told.index("Đất đai 4 2") < told.index("Hộ tịch – 1")  # as the office orders them


def test_the_page_tells_of_how_many_dossiers_each_census_figure_can_be_told(officer):
    late = f"H26-9,Đất đai,{day(1)},,{day(9)},Trực tiếp\n"  # no due date
    told = words_of(looked(officer, EXPORT + late)[1])
    assert "Đúng hạn hoặc trước hạn (cần ngày hẹn trả) 3 1 " in told
    assert "Nộp trực tuyến (cần cách nộp) 4 – " in told
    assert "Thời gian giải quyết (cần ngày tiếp nhận và ngày hẹn trả) 3 1 " in told
    assert "báo cáo sẽ không có" not in told


def test_the_page_tells_before_anything_is_kept_why_a_census_figure_will_be_missing(officer):
    bare = f"Mã hồ sơ,Lĩnh vực,Ngày trả\nH26-1,Đất đai,{day(5)}\n"
    told = words_of(looked(officer, bare)[1])
    assert "Đúng hạn hoặc trước hạn (cần ngày hẹn trả) 0 1 " in told
    assert "báo cáo sẽ không có tỷ lệ đúng hạn" in told
    assert "báo cáo sẽ không có tỷ lệ nộp trực tuyến" in told
    assert "báo cáo sẽ không có thời gian giải quyết" in told


def test_a_month_is_replaced_only_with_a_tick_that_names_it(officer, engine):
    save_counts(engine, FORMER, log=LOG)
    address, page = looked(officer, EXPORT)
    assert f"tháng {SHOWN}, 4 thành 3 hồ sơ" in words_of(page)
    refused = press(officer, address, "keep", page)
    assert refused.status_code == 422
    assert "Xin đánh dấu" in refused.text
    assert load_counts(engine) == FORMER
    assert press(officer, address, "keep", page, replace="1").status_code == 303
    assert load_counts(engine) == KNOWN


@pytest.mark.sqlite_is_enough
def test_what_looks_wrong_as_a_whole_needs_its_own_tick(officer, engine):
    rows = "".join(row(number, returned=day(7)) for number in range(25))
    address, page = looked(officer, HEAD + rows)
    assert f"cả 25 hồ sơ đều trả ngày {day(7)}" in words_of(page)
    assert press(officer, address, "keep", page).status_code == 422
    assert load_counts(engine) == ()
    assert press(officer, address, "keep", page, doubts="1").status_code == 303


@pytest.mark.sqlite_is_enough
def test_a_month_known_like_this_already_is_not_written_again(officer, engine):
    save_counts(engine, KNOWN, log=LOG)
    address, page = looked(officer, EXPORT)
    assert "Tháng không đổi 1 3 hồ sơ" in words_of(page)
    assert press(officer, address, "keep", page).status_code == 303
    assert len(list_imports(engine)) == 1


@pytest.mark.sqlite_is_enough
def test_only_one_month_of_a_file_can_be_taken(officer, engine):
    other = f"H26-9,Đất đai,{day(1, BEFORE)},{day(20, BEFORE)},{day(9, BEFORE)},Trực tiếp\n"
    address, page = looked(officer, EXPORT + other)
    assert press(officer, address, "read", page, period=MONTH).status_code == 303
    page = officer.get(address).text
    assert "Bỏ qua vì thuộc tháng khác: 1 dòng" in page
    assert press(officer, address, "keep", page).status_code == 303
    assert load_counts(engine) == KNOWN


def test_an_import_that_was_overtaken_is_refused_with_the_reason_and_shown_anew(officer, engine):
    address, page = looked(officer, EXPORT)
    save_counts(engine, FORMER, log=LOG)
    refused = press(officer, address, "keep", page)
    assert refused.status_code == 409
    assert f"số hồ sơ của {MONTH} trieu-son đã thay đổi" in refused.text
    assert f"tháng {SHOWN}, 4 thành 3 hồ sơ" in words_of(refused.text)
    assert load_counts(engine) == FORMER
    assert press(officer, address, "keep", refused.text, replace="1").status_code == 303
    assert load_counts(engine) == KNOWN


def test_a_form_of_what_is_no_longer_shown_keeps_nothing(officer, engine):
    other = f"H26-9,Đất đai,{day(1, BEFORE)},{day(20, BEFORE)},{day(9, BEFORE)},Trực tiếp\n"
    address, page = looked(officer, EXPORT + other)
    press(officer, address, "read", page, period=MONTH)
    for what in ("keep", "read"):
        assert press(officer, address, what, page).status_code == 409
    assert load_counts(engine) == ()


def test_keeping_twice_keeps_once(officer, engine):
    address, page = looked(officer, EXPORT)
    for _ in range(2):
        assert press(officer, address, "keep", page).status_code == 303
    assert len(list_imports(engine)) == 1
    assert "không còn ở đây" in officer.get(address, follow_redirects=True).text


def test_undo_asks_first_and_restores_exactly(officer, engine):
    save_counts(engine, FORMER, log=LOG)
    address, page = looked(officer, EXPORT)
    press(officer, address, "keep", page, replace="1")
    given = fields(officer.get("/dossiers").text)
    asked = officer.post("/dossiers/undo", data=given)
    assert f"Tháng {SHOWN}: từ 3 trở lại 4 hồ sơ" in asked.text
    assert load_counts(engine) == KNOWN
    assert officer.post("/dossiers/undo", data=given | {"sure": "1"}).status_code == 303
    assert load_counts(engine) == FORMER
    again = officer.post("/dossiers/undo", data=given | {"sure": "1"})
    assert again.status_code == 409  # the import before it is another one
    assert load_counts(engine) == FORMER


@pytest.mark.sqlite_is_enough
def test_columns_and_words_that_are_not_known_are_chosen_once_and_remembered(
    officer, engine, config
):
    strange = "Số HS,Nhóm việc,Trả dân ngày,Ghi chú\n" + "".join(
        f"{number},{word},{day(9)},x\n"
        for number, word in enumerate(("Địa chính", "Địa chính", "Tư pháp"), start=1)
    )
    address, page = looked(officer, strange)
    assert "Chưa biết cột nào là: Mã hồ sơ, Ngày trả kết quả, Lĩnh vực" in page
    chosen = {"column-0": "code", "column-1": "sector", "column-2": "returned", "column-3": ""}
    assert press(officer, address, "read", page, **chosen).status_code == 303
    page = officer.get(address).text
    told = words_of(page)
    assert "Lĩnh vực “Địa chính” · 2 dòng (các dòng 2-3)" in told
    assert "Lĩnh vực “Tư pháp” · 1 dòng (dòng 4)" in told
    words = {"word-0": "land", "word-1": "civil-status"}
    assert press(officer, address, "read", page, **chosen, **words).status_code == 303
    page = officer.get(address).text
    assert "Tháng mới 1 3 hồ sơ" in words_of(page)
    kept = columns_in_use(config.data)  # what the command reads
    assert kept.sectors["Địa chính"] == "land"
    assert kept.columns["returned"][0] == "Trả dân ngày"
    _, page = looked(officer, strange)
    assert "Tháng mới 1 3 hồ sơ" in words_of(page)


@pytest.mark.sqlite_is_enough
def test_a_procedure_that_is_not_known_is_given_its_sector(officer, engine):
    address, page = looked(
        officer, f"Mã hồ sơ,Thủ tục,Ngày trả kết quả\nA-1,Cấp trích lục,{day(9)}\n"
    )
    assert "Thủ tục “Cấp trích lục” · 1 dòng (dòng 2)" in words_of(page)
    press(officer, address, "read", page, **{"word-0": "civil-status"})
    page = officer.get(address).text
    press(officer, address, "keep", page)
    assert load_counts(engine) == (PopulationCount(MONTH, "trieu-son", "civil-status", 1),)


@pytest.mark.sqlite_is_enough
def test_a_columns_file_written_by_hand_stays_beside_the_new_one(officer, config):
    own = '# của xã\n[columns]\ncode="Mã hồ sơ"\nsector="Lĩnh vực"\nreturned="Ngày trả kết quả"\n'
    (config.data / "dossiers.toml").write_text(own, encoding="utf-8")
    address, page = looked(officer, EXPORT.replace("Hộ tịch", "Tư pháp"))
    press(officer, address, "read", page, **{"word-0": "civil-status"})
    assert (config.data / "dossiers.toml.bak").read_text(encoding="utf-8") == own
    new = tomllib.loads((config.data / "dossiers.toml").read_text(encoding="utf-8"))
    assert new["sectors"] == {"Tư pháp": "civil-status"}


@pytest.mark.sqlite_is_enough
def test_one_meaning_for_two_columns_and_a_needed_one_for_none_are_refused(officer, config):
    address, page = looked(officer, EXPORT)
    twice = press(officer, address, "read", page, **{"column-2": "returned"})
    assert twice.status_code == 422
    assert "Hai cột cùng được chọn là “Ngày trả kết quả”" in twice.text
    assert not (config.data / "dossiers.toml").exists()


@pytest.mark.sqlite_is_enough
def test_every_problem_has_its_row_and_its_whole_value(officer, engine):
    wrong = "31/02/2026 lúc chiều " + "dài " * 20
    address, page = looked(officer, EXPORT + row(4, returned=wrong.strip()) + row(1))
    told = words_of(page)
    assert f"dòng 5: ngày trả kết quả &#39;{wrong.strip()}&#39; không phải ngày" in told
    assert "các dòng 2, 6: cùng mã hồ sơ" in told
    whole = officer.get(f"{address}/problems.txt")
    assert whole.mimetype == "text/plain"
    assert wrong.strip() in whole.text
    assert load_counts(engine) == ()


def workbook(rows: list[list[object]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for one in rows:
        book.active.append(one)
    book.save(out)
    return out.getvalue()


@pytest.mark.sqlite_is_enough
def test_a_workbook_is_read_as_the_same_table(officer, engine):
    rows = [line.split(",") for line in EXPORT.splitlines()]
    address, page = looked(officer, workbook([["UBND xã"], *rows]), "tháng mười.xlsx")
    assert "tháng mười.xlsx" in page
    press(officer, address, "keep", page)
    assert load_counts(engine) == KNOWN


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "a.xls", "hãy lưu dạng .xlsx"),
        (b"%PDF-1.7", "a.xlsx", "là tệp PDF"),
        (b"PK\x03\x04" + bytes(40), "a.xlsx", "a.xlsx: "),
        (b"", "a.csv", "tệp trống"),
        (b"\x00\x01\x02", "../../etc/passwd", "passwd: "),
    ],
)
def test_a_file_of_another_kind_is_told_what_to_do_and_not_kept(
    officer, config, content, name, told
):
    reply = send(officer, content, name)
    assert reply.status_code == 422
    assert told in reply.text
    assert left(config) == []


@pytest.mark.sqlite_is_enough
def test_no_file_and_too_large_a_file_are_told(officer, config, monkeypatch):
    token = fields(officer.get("/dossiers").text)["csrf_token"]
    none = officer.post("/dossiers", data={"csrf_token": token})
    assert none.status_code == 422
    assert "Chưa chọn tệp nào" in none.text
    monkeypatch.setattr(dossiers, "LARGEST", 100_000)
    large = send(officer, EXPORT + row(7) * 2000)
    assert large.status_code == 413
    assert "Nội dung gửi quá lớn" in large.text
    assert left(config) == []


@pytest.mark.sqlite_is_enough
def test_one_that_takes_too_long_is_told_and_not_kept(officer, config, monkeypatch):
    monkeypatch.setattr(dossiers, "SECONDS", 0.01)
    reply = send(officer, EXPORT)
    assert reply.status_code == 422
    assert "đọc tệp quá lâu" in reply.text
    assert left(config) == []


@pytest.mark.sqlite_is_enough
def test_without_its_token_nothing_is_done(officer, engine, config):
    address, page = looked(officer, EXPORT)
    seen = {"seen": fields(page)["seen"]}
    for what in ("keep", "read", "cancel"):
        assert officer.post(f"{address}/{what}", data=seen).status_code == 400
    file = {"file": (io.BytesIO(EXPORT.encode()), "x.csv")}
    assert officer.post("/dossiers", data=file).status_code == 400
    assert officer.post("/dossiers/undo", data={"sure": "1"}).status_code == 400
    assert load_counts(engine) == ()
    assert len(left(config)) == 1


@pytest.mark.sqlite_is_enough
def test_another_account_sees_nothing_of_a_file_under_way(officer, engine, make_client):
    address, page = looked(officer, EXPORT)
    add_staff(engine, "hoa", PASSWORD, LAST)
    other = make_client()
    sign_in(other, "hoa")
    for what in ("", "/problems.txt"):
        assert other.get(address + what).status_code == 303
    token = fields(other.get("/dossiers").text)
    for what in ("keep", "read", "cancel"):
        assert other.post(f"{address}/{what}", data=fields(page) | token).status_code == 303
    assert load_counts(engine) == ()
    assert officer.get(address).status_code == 200


@pytest.mark.sqlite_is_enough
def test_a_file_goes_with_the_next_one_when_given_up_and_after_a_day(officer, config, monkeypatch):
    first, page = looked(officer, EXPORT)
    second, _ = looked(officer, EXPORT)
    assert [folder.name for folder in left(config)] == [second.rpartition("/")[2]]
    assert press(officer, first, "cancel", page).status_code == 303
    assert len(left(config)) == 1
    assert press(officer, second, "cancel", page).status_code == 303
    assert left(config) == []
    third, _ = looked(officer, EXPORT)
    monkeypatch.setattr(day_folders, "LIFETIME", 0)
    assert officer.get(third).status_code == 303
    uploads.sweep(config.data)
    assert left(config) == []


def test_no_dossier_code_is_ever_in_the_database(officer, engine):
    address, page = looked(officer, EXPORT)
    assert "H26-" not in everything_in(engine)
    press(officer, address, "keep", page)
    assert "H26-" not in everything_in(engine)


@pytest.mark.sqlite_is_enough
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_file_under_way_is_for_this_account_of_the_machine_alone(officer, config):
    looked(officer, EXPORT)
    for path in (config.data / uploads.FOLDER).rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.sqlite_is_enough
def test_no_page_is_larger_than_a_slow_line_carries(officer):
    heads = [f"Một cột có tên dài của phần mềm một cửa số {number}" for number in range(200)]
    names = ["Mã hồ sơ", "Lĩnh vực", "Ngày trả kết quả"]
    rows = []
    for number in range(120):
        own = [f"A-{number}", f"Lĩnh vực lạ {number} " + "rất dài " * 30]
        cells = ["một ô có rất nhiều chữ tiếng Việt " * 4 if number < 3 else ""] * 200
        rows.append(",".join([*own, f"hôm qua {number} " + "rồi " * 40, *cells]))
    _, page = looked(officer, "\n".join([",".join(names + heads), *rows]))
    assert "Lĩnh vực lạ" in page
    assert len(page.encode()) < 60_000


@pytest.mark.sqlite_is_enough
def test_the_file_says_of_which_office_it_is_or_the_officer_does(officer, engine):
    two = """
    office = [
      {id = "a", name = {vi = "Xã A", en = "A"}}, {id = "b", name = {vi = "Xã B", en = "B"}},
    ]
    sector = [
      {id = "land", name = {vi = "Đất đai", en = "Land"}},
      {id = "civil-status", name = {vi = "Hộ tịch", en = "Civil status"}},
    ]
    """
    save_places(engine, parse_places(two, "two.toml"), LAST)
    address, page = looked(officer, EXPORT)
    assert "không cho biết hồ sơ của cơ quan nào" in page
    press(officer, address, "read", page, office="b")
    page = officer.get(address).text
    assert f"{SHOWN} · Xã B" in page
    press(officer, address, "keep", page)
    assert {count.office for count in load_counts(engine)} == {"b"}


@pytest.mark.sqlite_is_enough
def test_a_page_of_an_unknown_file_speaks_to_staff(officer):
    for address in ("/dossiers/x", "/dossiers/" + "0" * 32, "/dossiers/../x"):
        reply = officer.get(address, follow_redirects=True)
        assert "quét mã QR" not in reply.text.lower()


@pytest.mark.browser
def test_the_whole_way_without_javascript_and_by_keys(new_context: NewContext, address, engine):
    add_staff(engine, "lan", PASSWORD, LAST)
    save_counts(engine, FORMER, log=LOG)
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/dossiers")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    strange = EXPORT.replace("Ngày trả kết quả", "Trả dân").replace("Hộ tịch", "Tư pháp")
    file = {"name": "tháng.csv", "mimeType": "text/csv", "buffer": strange.encode()}
    page.get_by_label("Tệp xuất từ phần mềm một cửa").set_input_files(file)
    page.get_by_label("Tệp xuất từ phần mềm một cửa").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_label("Trả dân").select_option(label="Ngày trả kết quả")
    page.get_by_role("button", name="Nhớ cách đọc và xem lại").press("Enter")
    page.get_by_label("Tư pháp").select_option(label="Hộ tịch")
    page.get_by_role("button", name="Nhớ cách đọc và xem lại").press("Enter")
    page.get_by_label("Tôi đồng ý thay số cũ").press("Space")
    page.get_by_role("button", name="Lưu số hồ sơ").press("Enter")
    page.get_by_text("Đã lưu.").wait_for()
    assert load_counts(engine) == KNOWN
    page.get_by_role("button", name="Hủy lần nhập này").press("Enter")
    page.get_by_role("heading", name="Hủy lần nhập này?").wait_for()
    page.get_by_role("button", name="Hủy lần nhập này").press("Enter")
    page.get_by_text("Số liệu trở lại đúng như trước").wait_for()
    assert load_counts(engine) == FORMER


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_step_fits_and_axe_finds_nothing(new_context: NewContext, address, engine, lang):
    add_staff(engine, "lan", PASSWORD, LAST)
    page = new_context().new_page()
    page.goto(f"{address}/dossiers?lang={lang}")
    page.locator("#name").fill("lan")
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.goto(f"{address}/dossiers?lang={lang}")
    checked(page)  # empty

    def upload(content: str, name: str = f"{'thang' * 20}.csv") -> None:
        page.goto(f"{address}/dossiers?lang={lang}")
        file = {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
        page.locator("#file").set_input_files(file)
        page.locator("main form button").first.click()
        page.locator("h1").wait_for()

    upload("%PDF-1.7", "a.pdf")
    checked(page)  # refused
    upload(EXPORT.replace("Ngày trả kết quả", "Trả dân"))
    checked(page)  # columns to choose
    upload(EXPORT.replace("Hộ tịch", "Tư pháp" * 30) + row(5, returned="hôm qua" * 30))
    checked(page)  # words to choose, and a problem
    save_counts(engine, FORMER, log=LOG)
    upload(EXPORT)
    checked(page)  # what would change
    page.locator("input[name=replace]").check()
    page.locator("form[action*=keep] button").click()
    page.locator(".done").wait_for()
    checked(page)  # kept
    page.locator(".imports button").click()
    page.locator("button[name=sure]").wait_for()
    checked(page)  # undo


@pytest.mark.sqlite_is_enough
def test_the_server_takes_a_file_of_some_megabytes_there_and_nowhere_else(
    address,
):
    host, port = address.removeprefix("http://").split(":")
    for path, status in (("/dossiers", b" 302 "), ("/sign-in", b" 413 ")):
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as line:
            size = server.MAX_BODY + 1000
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"
            line.sendall(head.encode())
            if status == b" 302 ":
                line.sendall(bytes(size))
            assert status in line.recv(100)


@pytest.mark.sqlite_is_enough
def test_of_too_many_files_at_once_the_oldest_goes_and_the_newest_is_answered(address):
    host, port = address.removeprefix("http://").split(":")
    size = server.MAX_BODY + 1000
    head = f"POST /dossiers HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode()
    with ExitStack() as opened:
        lines = []
        for _ in range(server.UPLOADS + 1):
            line = socket.create_connection((host, int(port)), timeout=PATIENCE)
            lines.append(opened.enter_context(line))
            line.sendall(head)
        assert lines[0].recv(100) == b""
        lines[-1].sendall(bytes(size))
        assert b" 302 " in lines[-1].recv(100)


def test_the_results_page_leads_here(officer):
    page = officer.get("/results", follow_redirects=True).text
    assert 'href="/dossiers?lang=vi">Hồ sơ tháng</a>' in page
