"""Kept reports: numbered, whole, unchanged, and a later one says what changed and why."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime
from hashlib import sha256

import pytest

from analysis.period import parse_period
from survey.backups import write_backup
from survey.config import load_config
from survey.errors import HailongError
from survey.intake import Response
from survey.reports import kept
from survey.reports.formats import FORMATS
from survey.reports.kept import Revision, file_of, find_revision, keep, keeping, list_revisions
from survey.reports.letterhead import Letterhead, save_letterhead
from survey.reports.making import Asked, make
from survey.setup.landing import restore_office
from survey.store.responses import add_many
from survey.store.sealing import seal_days, seal_month
from survey.store.seals import seal_of
from tests.survey.slips import issue

pytestmark = pytest.mark.sqlite_is_enough
TODAY = date(2026, 10, 15)


def answers(engine, scores):
    add_many(
        engine,
        [
            Response(
                str(uuid.uuid4()),
                "desk@1",
                "trieu-son",
                "land",
                "poster",
                date(2026, 9, 5),
                f"{score}-----",
            )
            for score in scores
        ],
    )


def test_a_report_is_kept_served_again_and_followed_by_one_that_says_why(engine, config):
    def month(form="json", **asked):
        return make(config, engine, Asked(parse_period("2026-09"), form, **asked), TODAY)

    answers(engine, "5" * 27 + "111")
    issue(engine, 7, on=date(2026, 8, 3))
    issue(engine, 4, on=date(2026, 9, 3))
    first = month("docx", keep=True)
    (found,) = list_revisions(config.data)
    assert found == first.revision
    assert (found.number, found.period, found.why) == (1, "2026-09", "")
    assert set(found.files) == set(FORMATS)
    for form in FORMATS:
        content = file_of(config.data, found, form)
        assert sha256(content).hexdigest() == found.files[form]
    assert first.content == file_of(config.data, found, "docx")
    assert json.loads(file_of(config.data, found, "json"))["revision"]["content"] == found.code
    beside = json.loads(file_of(config.data, found, "json"))["beside"]
    assert beside == {"handed_out": {"slips": 4, "answered": 0, "before": 7}}
    # Nothing changed: what is asked for is the kept file, byte for byte, and nothing is kept anew.
    again = month("pdf", keep=True)
    assert again.content == file_of(config.data, found, "pdf")
    assert again.revision == found

    answers(engine, "1" * 20)
    with pytest.raises(HailongError, match="say why"):
        month(keep=True)
    assert len(list_revisions(config.data)) == 1
    seal_days(engine, date(2026, 9, 30))
    seal_month(engine, "2026-09", None)
    second = month(keep=True, why="Bổ sung phiếu giấy.")
    assert second.revision is not None
    assert second.revision.number == 2
    changes = "\n".join(second.revision.changes)
    assert "Tất cả lĩnh vực: trước là" in changes
    assert "50 phiếu" in changes
    assert changes.count("% – ") >= 2  # each share with its interval
    assert "mục tiêu 95%: trước là Chưa đủ căn cứ, nay là Chưa đạt" in changes
    page = file_of(config.data, second.revision, "html").decode("utf-8")
    assert "thay báo cáo lập lần 1. Lý do: Bổ sung phiếu giấy." in page
    sealed = seal_of(engine, ["2026-09"])
    assert sealed is not None
    assert second.revision.seal == sealed.code
    assert f"mã niêm phong {sealed.code}" in page
    assert find_revision(config.data, "all", "2026-09", "vi", 1) == found

    save_letterhead(config.data, "all", Letterhead(agency="Ủy ban nhân dân xã Khác"))
    third = month(keep=True, why="Sửa tên")
    assert third.revision is not None
    assert third.revision.changes[0].startswith("Số liệu không thay đổi")


def simple(config, number=1, office="all") -> Revision:
    """A kept report whose one file is a word."""
    made = Revision(office, "2026-09", "vi", number, "0" * 64, "2026-10-05", "", (), None)
    return keep(config.data, made, {"pdf": b"report"})


def test_a_file_that_was_touched_is_not_served_as_the_kept_one(config):
    revision = simple(config)
    file = next((config.data / kept.FOLDER).glob("*/*/*/report.pdf"))
    file.write_bytes(b"another")
    with pytest.raises(HailongError, match="cannot be read"):
        file_of(config.data, revision, "pdf")


def test_one_is_kept_at_a_time(config):
    with (
        keeping(config.data),
        pytest.raises(HailongError, match="another report is being kept"),
        keeping(config.data),
    ):
        pass


def test_a_number_is_never_given_twice(config):
    simple(config)
    with pytest.raises(OSError, match="vi-001"):
        simple(config)
    assert len(list_revisions(config.data)) == 1


def test_what_a_cut_left_behind_is_no_report(config):
    simple(config)
    half = next((config.data / kept.FOLDER).glob("*/*/vi-001")).with_name(".vi-002.part")
    half.mkdir()
    (half / "revision.json").write_text("{", encoding="utf-8")
    assert len(list_revisions(config.data)) == 1
    assert simple(config, 2).number == 2


def test_a_backup_has_them(config, engine, tmp_path):
    revision = simple(config)
    now = datetime(2026, 10, 15, 9, tzinfo=config.zone)
    write_backup(config, engine, tmp_path / "b.zip", now)
    restore_office(load_config(tmp_path / "again", environ={}), tmp_path / "b.zip")
    assert file_of(tmp_path / "again", revision, "pdf") == b"report"
