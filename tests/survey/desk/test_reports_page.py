"""The report that is signed, from the desk: its letterhead, every format, its revisions."""

from __future__ import annotations

import io
import json
import re
import tomllib
import uuid
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from docx import Document

from survey.access import Grant
from survey.intake import Response
from survey.jobs import FOLDER, read_job
from survey.reports.kept import Revision, keep
from survey.reports.letterhead import load_letterhead
from survey.reports.phrases import load_phrases, own_phrases, shipped_phrases
from survey.store.responses import add_many
from survey.store.staff_actions import DoneFilter, list_actions
from tests.survey.desk.communes import FOREIGN, OWN, save_communes
from tests.survey.desk.pages import send, sign_in
from tests.waiting import wait_until

pytestmark = pytest.mark.sqlite_is_enough

LETTERHEAD = {
    "above": "Ủy ban nhân dân tỉnh Quảng Trị",
    "agency": "Ủy ban nhân dân xã Triệu Sơn",
    "place": "Triệu Sơn",
    "symbol": "BC-UBND",
    "to": "Sở Nội vụ;\r\n\r\nỦy ban nhân dân tỉnh",
    "form": "KT",
    "collective": "",
    "head": "Chủ tịch",
    "position": "Phó Chủ tịch",
    "signer": "Trần Thị Bình",
    "copies": "",
    "drafter": "VP",
}


@pytest.fixture
def officer(app, engine, config, monkeypatch):
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    sheet = ("desk@1", "trieu-son", "land", "poster", date(2026, 9, 5), "54----")
    add_many(engine, [Response(str(uuid.uuid4()), *sheet) for _ in range(30)])
    return sign_in(app, engine, Grant("officer", None))


def asked(client, config, **given):
    reply = send(client, "/files/report", {"period": "2026-09", "format": "docx", **given})
    assert reply.status_code == 303, reply.text
    job = read_job(config.data / FOLDER / reply.headers["Location"].split("/")[2].split("?")[0])
    assert job is not None
    return job


@pytest.mark.slow
def test_from_the_letterhead_to_every_format_of_a_kept_report(officer, config, engine):
    assert send(officer, "/files/letterhead", LETTERHEAD).status_code == 303
    assert 'href="/files/report' in officer.get("/files").text
    job = asked(officer, config, keep="1", day="2026-10-05")
    wait_until(lambda: job.state in ("done", "failed", "ended"))
    assert job.state == "done", (job.folder / "log").read_text(encoding="utf-8") + job.reason("en")
    assert job.progress == (6, 6)
    made = officer.get(f"/files/{job.id}/file").data
    page = officer.get("/files/report").text
    assert "Lập lần 1" in page
    opened = {}
    for form in ("docx", "pdf", "xlsx", "html", "json"):
        path = f"/files/report/all/2026-09/vi-001.{form}"
        assert path in page
        reply = officer.get(path)
        assert reply.status_code == 200
        assert f'filename="bao-cao-2026-09-1.{form}"' in reply.headers["Content-Disposition"]
        opened[form] = reply.data
    assert opened["docx"] == made
    word = Document(io.BytesIO(opened["docx"]))
    text = "\n".join(p.text for p in word.paragraphs)
    cells = "\n".join(c.text for t in word.tables for r in t.rows for c in r.cells)
    assert "Triệu Sơn, ngày 05 tháng 10 năm 2026" in cells
    assert "KT. CHỦ TỊCH" in cells
    assert "- Ủy ban nhân dân tỉnh." in text
    assert "Báo cáo lập lần 1; mã số liệu" in text
    book = openpyxl.load_workbook(io.BytesIO(opened["xlsx"]))
    assert "Hài lòng chung" in book.sheetnames
    assert zipfile.is_zipfile(io.BytesIO(opened["xlsx"]))
    shown = pypdfium2.PdfDocument(opened["pdf"])[0].get_textpage().get_text_bounded()
    assert "BÁO CÁO" in shown
    assert "30 phiếu" in opened["html"].decode("utf-8")
    figures = json.loads(opened["json"])
    assert figures["revision"]["number"] == 1
    (line,) = list_actions(engine, DoneFilter(action="report_kept"))
    assert line.details["number"] == "1"
    assert figures["revision"]["content"] in line.details["code"]


def test_the_letterhead_is_kept_for_its_office_and_logged(officer, config, engine):
    page = officer.get("/files/letterhead").text
    assert "Ủy ban nhân dân xã Triệu Sơn" in page  # what the office's name tells
    for form in ("TM", "KT", "TL", "TUQ"):
        assert f'<option value="{form}"' in page
    assert send(officer, "/files/letterhead", LETTERHEAD).status_code == 303
    found = load_letterhead(config.data, "all", "")
    assert found.to == ("Sở Nội vụ", "Ủy ban nhân dân tỉnh")
    assert found.authority == ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
    assert "Trần Thị Bình" in officer.get("/files/letterhead").text
    (line,) = list_actions(engine, DoneFilter(action="letterhead_changed"))
    assert line.details["signer"] == "Trần Thị Bình"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"agency": ""}, "Hãy ghi tên cơ quan ban hành"),
        ({"signer": "x" * 201}, "nhiều nhất 200 ký tự"),
        ({"to": "\n".join("abcdefghijklmn")}, "nhiều nhất 12 dòng"),
    ],
)
def test_a_wrong_letterhead_is_told_and_nothing_is_lost(officer, config, wrong, said):
    reply = send(officer, "/files/letterhead", LETTERHEAD | wrong)
    assert reply.status_code == 422
    assert said in reply.text
    assert 'value="Phó Chủ tịch"' in reply.text
    assert not (config.data / "letterheads.toml").exists()


def test_a_letterhead_file_that_was_broken_by_hand_is_told_and_kept(officer, config):
    file = config.data / "letterheads.toml"
    file.write_text("[all\n", encoding="utf-8")
    for reply in (officer.get("/files/letterhead"), send_blind(officer)):
        assert reply.status_code == 422
        assert "không đọc được" in reply.text
    assert file.read_text(encoding="utf-8") == "[all\n"


def send_blind(client):
    return send(client, "/files/letterhead", LETTERHEAD, at="/files/report")


def test_what_was_not_offered_is_not_there(officer):
    for wrong in ({"format": "odt"}, {"period": "x"}, {"language": "fr"}):
        given = {"period": "2026-09", "format": "pdf", **wrong}
        assert send(officer, "/files/report", given).status_code == 404
    reply = send(officer, "/files/report", {"period": "2026-09", "format": "pdf", "day": "32"})
    assert reply.status_code == 422
    assert "Ngày ký chưa đúng" in reply.text
    assert send(officer, "/files/letterhead", LETTERHEAD | {"form": "PP"}).status_code == 404
    for path in ("vi-001.pdf", "vi-x.pdf", "fr-001.pdf", "vi-001.exe", "none"):
        assert officer.get(f"/files/report/all/2026-09/{path}").status_code == 404


def kept(config, office, number=1):
    made = Revision(office, "2026-09", "vi", number, "0" * 64, "2026-10-05", "", (), None)
    return keep(config.data, made, {"pdf": office.encode()})


def test_who_sees_one_commune_gets_no_report_of_another_or_of_all(app, engine, config):
    save_communes(engine)
    for office in (OWN, FOREIGN, "all"):
        kept(config, office)
    client = sign_in(app, engine, Grant("officer", OWN), "an")
    page = client.get("/files/report").text
    assert f"/files/report/{OWN}/2026-09/vi-001.pdf" in page
    assert FOREIGN not in page
    assert "/files/report/all/" not in page
    assert client.get(f"/files/report/{OWN}/2026-09/vi-001.pdf").data == OWN.encode()
    for office in (FOREIGN, "all", "nowhere"):
        assert client.get(f"/files/report/{office}/2026-09/vi-001.pdf").status_code == 404
    assert client.get(f"/files/letterhead?office={FOREIGN}").status_code == 404
    assert send(client, "/files/letterhead", LETTERHEAD | {"office": FOREIGN}).status_code == 404
    foreign = {"period": "2026-09", "format": "pdf", "office": FOREIGN}
    assert send(client, "/files/report", foreign).status_code == 404
    assert send(client, "/files/letterhead", LETTERHEAD | {"office": OWN}).status_code == 303
    assert load_letterhead(config.data, OWN, "").signer == "Trần Thị Bình"


def test_a_long_list_of_kept_reports_has_pages(officer, config):
    for number in range(1, 26):
        kept(config, "all", number)
    first, second = (officer.get(f"/files/report?page={n}").text for n in (1, 2))
    assert "vi-025.pdf" in first
    assert "vi-005.pdf" not in first
    assert "vi-005.pdf" in second
    assert len(first.encode()) < 60_000


# --- The sentences ----------------------------------------------------------------------------

OWN_SENTENCE = "Tiếp tục duy trì kết quả đạt được trong kỳ."
TOML = f"""\ufeff# của xã\r
[next.nothing]\r
vi = "{OWN_SENTENCE}"\r
en = "Keep up what was reached."\r
"""


def sent(client, content: str | bytes, name: str = "cau-chu.toml"):
    raw = content.encode("utf-8") if isinstance(content, str) else content
    return send(client, "/files/sentences", {"file": (io.BytesIO(raw), name)})


def trial(page: str) -> str:
    """What the form of a trial brings back."""
    found = re.search(r'name="sentences" value="([0-9a-f]{32})"', page)
    assert found
    return found[1]


def log_of(engine, action):
    return list_actions(engine, DoneFilter(action=action))


def test_sentences_are_downloaded_edited_tried_put_to_use_and_taken_back(officer, config, engine):
    assert "/files/sentences" in officer.get("/files/report").text
    assert "Câu chữ của phần mềm." in officer.get("/files/sentences").text
    download = officer.get("/files/sentences/report.toml")
    assert 'filename="report.toml"' in download.headers["Content-Disposition"]
    shipped = shipped_phrases().texts
    found = tomllib.loads(download.text)
    assert found["next"]["nothing"]["vi"] == shipped["next.nothing"].get("vi")
    assert "frame" not in found  # the decree's own words
    assert "khác câu của phần mềm" in sent(officer, download.data).text  # nothing was edited
    edited = download.text.replace(shipped["next.nothing"].get("vi"), OWN_SENTENCE)
    reply = sent(officer, edited)
    assert reply.status_code == 303
    page = officer.get(reply.headers["Location"]).text
    assert f"<code>next.nothing</code>: {OWN_SENTENCE}" in page
    assert "số câu khác câu của phần mềm: 1." in page
    assert not (config.data / "report.toml").exists()
    upload = trial(page)
    used = send(officer, "/files/sentences/use", {"sent": upload}, at="/files/sentences")
    assert used.status_code == 303
    assert list(own_phrases(config.data).texts) == ["next.nothing"]
    assert load_phrases(config.data).get("next.nothing", "vi") == OWN_SENTENCE
    assert OWN_SENTENCE in officer.get("/files/sentences").text
    assert OWN_SENTENCE in officer.get("/files/sentences/report.toml").text
    (line,) = log_of(engine, "report_worded")
    assert line.details["number"] == "1"
    sure = send(officer, "/files/sentences/back", {}, at="/files/sentences")
    assert "Câu chữ của cơ quan sẽ bị bỏ" in sure.text
    assert (config.data / "report.toml").exists()
    back = send(officer, "/files/sentences/back", {"sure": "1"}, at="/files/sentences")
    assert back.status_code == 303
    assert not (config.data / "report.toml").exists()
    assert len(log_of(engine, "report_unworded")) == 1


def test_a_preview_is_made_with_the_tried_sentences_and_is_not_kept(officer, config):
    sent(officer, TOML)
    upload = trial(officer.get("/files/sentences").text)
    job = asked(officer, config, sentences=upload)
    at = job.words.index("--sentences")
    assert load_phrases(config.data, Path(job.words[at + 1])).get("next.nothing", "vi") == (
        OWN_SENTENCE
    )
    job.cancel()
    given = {"period": "2026-09", "format": "pdf", "sentences": "0" * 32}
    assert send(officer, "/files/report", given).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (TOML.replace("vi = ", "vi "), "cau-chu.toml, dòng 3, cột 4: không đọc được"),
        (TOML.replace("[next.nothing]", "[next.nowhere]"), "dòng 2, câu &#39;next.nowhere&#39;"),
        (TOML.replace("[next.nothing]", "[next.dossiers]").replace("kỳ.", "kỳ {n}."), "dòng 2"),
        (TOML.replace('en = "Keep', 'de = "Keep'), "dòng 2, câu &#39;next.nothing&#39;"),
        (TOML.replace("[next.nothing]", "[frame.motto]"), "đây là lời của Nghị định 30/2020"),
        (b"\xff\xfe[", "lưu tệp dạng UTF-8"),
        ("", "khác câu của phần mềm"),
    ],
)
def test_a_file_of_sentences_that_is_broken_is_refused_with_its_place(officer, config, wrong, said):
    reply = sent(officer, wrong)
    assert reply.status_code == 422
    assert said in reply.text
    assert not (config.data / "report.toml").exists()
    assert not list((config.data / "uploads").glob("*/file"))


def test_everything_that_is_wrong_with_a_file_is_told_at_once(officer):
    wrong = TOML + '[changes.new]\nvi = "Chưa có {x}."\nen = "None."\n'
    wrong += '[frame.kind]\nvi = "A"\nen = "B"\n'
    told = sent(officer, wrong.replace("nothing", "nowhere")).text
    for line in (2, 5, 8):
        assert f"dòng {line}, câu" in told
    assert "không phải tiếng nào cũng có {x}" in told
    assert "Trở lại câu chữ của phần mềm" not in told  # they are in use all the while


def test_a_file_that_waits_to_be_tried_is_the_account_s_own(officer, app, engine):
    sent(officer, TOML)
    upload = trial(officer.get("/files/sentences").text)
    other = sign_in(app, engine, Grant("officer", None), "binh")
    assert "Câu chữ xem thử" not in other.get("/files/sentences").text
    reply = send(other, "/files/sentences/use", {"sent": upload}, at="/files/sentences")
    assert reply.status_code == 409
    assert "Tệp xem thử không còn" in reply.text


def test_sentences_that_were_broken_by_hand_are_told_and_can_be_downloaded_and_dropped(
    officer, config
):
    (config.data / "report.toml").write_text("[next.nothing\n", encoding="utf-8")
    told = officer.get("/files/sentences").text
    assert "không đọc được" in told
    assert "Trở lại câu chữ của phần mềm" in told
    assert "Câu chữ của phần mềm." not in told
    assert officer.get("/files/sentences/report.toml").text == "[next.nothing\n"
    send(officer, "/files/sentences/back", {"sure": "1"}, at="/files/sentences")
    assert "Câu chữ của phần mềm." in officer.get("/files/sentences").text


def test_sentences_hold_for_all_offices_and_no_single_commune_changes_them(app, engine, config):
    save_communes(engine)
    client = sign_in(app, engine, Grant("officer", OWN), "an")
    assert "/files/sentences" not in client.get("/files/report").text
    assert client.get("/files/sentences").status_code == 404
    assert client.get("/files/sentences/report.toml").status_code == 404
    for path in ("/files/sentences", "/files/sentences/use", "/files/sentences/back"):
        assert send(client, path, {"sure": "1"}, at="/files/report").status_code == 404
