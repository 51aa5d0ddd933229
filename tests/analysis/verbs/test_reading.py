"""`analysis.read`: all that an analysis needs, or all that is wrong with it."""

from __future__ import annotations

import dataclasses
import sys
import time
from datetime import UTC, date, datetime

import pytest

import analysis
from analysis.data import this_day
from tests.analysis.verbs.office import sheets, write_responses


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no tzset")
@pytest.mark.parametrize("machine", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_today_is_the_day_at_the_offices_whatever_zone_the_machine_has(machine, monkeypatch):
    """At 17:30 in Greenwich on 31 October November has begun in Viet Nam."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(datetime(2026, 10, 31, 17, 30, tzinfo=UTC).timestamp(), tz)

    monkeypatch.setattr("analysis.data.datetime", Clock)
    with monkeypatch.context() as changed:
        changed.setenv("TZ", machine)
        time.tzset()
        assert this_day() == date(2026, 11, 1)
    time.tzset()


def test_the_problems_of_every_file_are_told_at_once(office, tmp_path):
    bad = write_responses(
        tmp_path / "bad.csv", [row | {"overall": "9"} for row in sheets("land", 1, 2)]
    )
    (tmp_path / "counts.csv").write_text("period,office,sector,completed\n2026-13,a,b,x\n")
    (tmp_path / "bad.toml").write_text("[[target]]\nid = 'a'\n", encoding="utf-8")
    with pytest.raises(analysis.Refusal) as caught:
        analysis.read(bad, tmp_path / "counts.csv", targets=tmp_path / "bad.toml")
    files = {problem.file for problem in caught.value.problems}
    assert files == {"bad.csv", "counts.csv", "bad.toml"}
    assert all(problem.remedy for problem in caught.value.problems)


def test_problems_of_one_kind_are_refused_as_that_kind(tmp_path):
    with pytest.raises(analysis.LayoutError) as caught:
        analysis.read(tmp_path / "a.csv", tmp_path / "b.csv")
    assert [problem.file for problem in caught.value.problems] == ["a.csv", "b.csv"]


def test_a_questionnaire_of_another_shape_is_told_when_it_is_read(tmp_path):
    rows = [row | {"questionnaire": "desk@1", "c01": "5"} for row in sheets("land", 1, 2)]
    with pytest.raises(analysis.LayoutError, match=r"column 'c01'.*which does not ask it"):
        analysis.read(write_responses(tmp_path / "rows.csv", rows))


def test_it_says_what_it_read(office):
    with analysis.read(office["RESPONSES"], office["POPULATION"]) as data:
        said = repr(data)
    for fact in ("90", "2026-10-01 – 2026-10-28", "xa-a", "land", "mine@1", "180 (2026-10)"):
        assert fact in said


def test_it_names_places_whose_dossiers_are_not_counted(read_rows):
    data = read_rows([*sheets("land", 4, 5), *sheets("lnad", 1, 1)], {"land": 9})
    assert "Có phiếu mà chưa có số hồ sơ: xa-a/lnad" in repr(data)
    assert "xa-a/lnad" in data._repr_html_()


def test_without_dossiers_it_says_so_and_names_no_place(read_rows):
    said = repr(read_rows(sheets("land", 4, 5)))
    assert "Số hồ sơ đã giải quyết: chưa có" in said
    assert "Có phiếu mà" not in said


def test_no_answers_at_all_are_read_as_none(tmp_path):
    with analysis.read(write_responses(tmp_path / "rows.csv", [])) as data:
        assert "Phiếu trả lời: 0; Ngày trả lời: –" in repr(data)
        found = analysis.estimate(data, "2026-10")
        assert found.pick().n == 0
        assert "Chưa có" in found._repr_html_()


def test_names_are_shown_as_text_and_give_the_order(read_rows):
    names = {"civil-status": "Hộ tịch", "land": "<b>Đất & nhà</b>"}
    rows = [*sheets("land", 4, 5), *sheets("civil-status", 5, 6)]
    data = read_rows(rows, {"land": 9, "civil-status": 9}, names=names)
    assert "&lt;b&gt;Đất &amp; nhà&lt;/b&gt;" in data._repr_html_()
    found = analysis.estimate(data, "2026-10")
    assert list(dict.fromkeys(row.sector for row in found))[:2] == ["civil-status", "land"]


def test_what_was_read_cannot_be_changed(data):
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.lang = "en"


def test_only_our_languages(office):
    with pytest.raises(analysis.Refusal, match='give one of "vi", "en"'):
        analysis.read(office["RESPONSES"], lang="fr")
