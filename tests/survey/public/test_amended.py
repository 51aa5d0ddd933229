"""`/open` tells what was changed after a month was sealed: when, what kind and why, no value."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner

from analysis.targets import load_targets, shipped_targets, targets_text
from survey.cli import cli
from survey.dossiers import PopulationCount
from survey.figures.office import office_targets
from survey.files import write_whole
from survey.improvements import Texts
from survey.public.amended import MOST, amendments_since, told_amendments
from survey.public.words import public_word
from survey.seals import Seal, next_seal, read_document
from survey.store.amendments import Amendment
from survey.store.improvements import add_improvement, find_improvement, publish_improvement
from survey.store.population import CountSource, save_counts
from survey.store.seals import list_seals
from survey.store.staff_actions import By
from survey.target_seals import accept_targets, seal_targets, target_faults
from survey.targets import put_target
from tests.survey.public.conftest import MONTH, OFFICE, TODAY, Opened
from tests.survey.web.test_api import check

pytestmark = pytest.mark.sqlite_is_enough

LATER = datetime(2026, 11, 23, 9, tzinfo=UTC)
BY = By("lan", LATER)


def import_again(opened: Opened, completed: int = 4711) -> None:
    counts = [PopulationCount(MONTH, OFFICE, "land", completed)]
    save_counts(opened.engine, counts, log=CountSource(LATER.date(), "sua.csv", "1" * 64))


def amended(opened: Opened, path: str = "") -> list[str]:
    """The changes that the page tells at once."""
    about = html.unescape(opened.page(path)).partition("</code>")[2].partition("<h2>")[0]
    return re.findall(r"<li>([^<]+)</li>", about)


def test_a_page_without_changes_says_how_one_would_be_made(opened):
    assert amended(opened) == []
    assert "Sửa một tháng đã khép là lập bản mới, có số thứ tự và lý do" in opened.page()
    assert "A correction of a closed month is another revision" in opened.page("?lang=en")


def test_counts_imported_after_the_seal_are_told_with_day_and_kind_and_without_a_value(opened):
    figures = re.findall(r"\d+[.,]\d+%", opened.page())
    import_again(opened)
    assert amended(opened) == [
        "23/11/2026: số hồ sơ được thay đổi qua phần mềm (nhập lại, hoặc bỏ một lần nhập)"
    ]
    page = opened.page("?lang=en")
    assert (
        "change to dossier counts, made in the program (imported again, or an import undone)"
        in page
    )
    assert re.findall(r"\d+[.,]\d+%", opened.page()) == figures  # until a revision says otherwise
    assert "4711" not in page and "4.711" not in page and "4,711" not in page
    assert "lan" not in re.findall(r"\w+", page.partition("</code>")[2].partition("<h2>")[0])


def test_changes_of_a_day_and_kind_are_told_once_with_their_number(opened):
    for completed in (101, 102, 103):
        import_again(opened, completed)
    did = Texts("Chờ lâu.", "Thêm quầy.", "", "")
    entry = find_improvement(opened.engine, add_improvement(opened.engine, OFFICE, MONTH, did, BY))
    assert publish_improvement(opened.engine, entry, TODAY, BY)
    assert amended(opened) == [
        "23/11/2026: phần “chúng tôi đã làm” được thay đổi qua phần mềm (công bố hoặc rút xuống)",
        "23/11/2026: số hồ sơ được thay đổi qua phần mềm (nhập lại, hoặc bỏ một lần nhập) (3 lần)",
    ]


def test_a_changed_target_is_told_with_its_source_and_one_edited_by_hand_with_the_reason(opened):
    config, engine = opened.config, opened.engine
    write_whole(config.targets_file, targets_text(shipped_targets()))
    seal_targets(config, engine, TODAY)
    known = load_targets(config.targets_file)
    census = known.of_census[0].model_copy(update={"deadline": 2026, "source": "9/KH-UBND"})
    put_target(config, engine, BY, known, census)
    assert amended(opened) == [
        "23/11/2026: mục tiêu trên toàn bộ hồ sơ được thay đổi qua phần mềm. "
        "Lý do, căn cứ: 9/KH-UBND"
    ]
    text = config.targets_file.read_text(encoding="utf-8")
    write_whole(config.targets_file, text.replace("threshold = 0.9", "threshold = 0.8", 1))
    why = "Kế hoạch 40/KH-UBND, hỏi chị Lan 0912345678"
    given = ["seal", "--accept", "targets", "--because", why, "--data", str(config.data)]
    assert CliRunner().invoke(cli, given).exit_code == 0
    told = amended(opened)[0]
    assert "mục tiêu đã thay đổi ngoài phần mềm, cơ quan nhận trách nhiệm" in told
    assert "Kế hoạch 40/KH-UBND" in told
    assert "0912345678" not in told


@pytest.mark.parametrize("silent", ["no file", "no census"])
def test_of_targets_that_the_office_had_from_the_program_the_changed_one_alone_is_told(
    opened, silent
):
    config, engine = opened.config, opened.engine
    config.targets_file.unlink(missing_ok=True)
    if silent == "no census":
        own = shipped_targets().model_copy(update={"census": None})
        write_whole(config.targets_file, targets_text(own))
    assert accept_targets(config, engine, "as before", BY)
    known = office_targets(config)
    census = known.of_census[0].model_copy(update={"deadline": 2026, "source": "9/KH-UBND"})
    put_target(config, engine, BY, known, census)
    told = [line for line in amended(opened) if "qua phần mềm" in line]
    assert told == [
        "23/11/2026: mục tiêu trên toàn bộ hồ sơ được thay đổi qua phần mềm. "
        "Lý do, căn cứ: 9/KH-UBND"
    ]
    assert list(target_faults(config, engine)) == []


def test_the_open_seals_tell_the_same_and_stay_readable_for_who_kept_an_older_file(opened):
    import_again(opened)
    reply = opened.client.get("/open/seals.json")
    check(opened.app, "/open/seals.json", reply)  # as the API describes it
    newest = list_seals(opened.engine)[-1]
    assert json.loads(reply.text)["amended"] == [
        {
            "number": newest.number,
            "day": "2026-11-23",
            "kind": "records",
            "about": MONTH,
            "reason": "changed",
            "changed": ["dossiers"],
            "why": "",
        }
    ]
    assert list(read_document(reply.text)) == list_seals(opened.engine)
    assert OFFICE not in reply.text
    assert "4711" not in reply.text.partition('"amended"')[2]


RECORDS = next_seal((), "records", MONTH, "changed", document="0" * 64)


def test_an_office_is_told_of_its_own_records_and_of_thresholds_that_hold_for_it():
    parents = {"xa-a": "tinh", "xa-b": "tinh", "tinh": None}

    def told(office: str, *places: tuple[str, str]) -> int:
        made = Amendment(RECORDS, TODAY, places, "", 1)
        return len(told_amendments([made], office, parents, "vi"))

    assert told("xa-a", ("dossiers", "xa-a")) == 1
    assert told("xa-b", ("dossiers", "xa-a")) == 0
    assert told("xa-a", ("own", "tinh")) == 1
    assert told("tinh", ("own", "xa-a")) == 0
    assert told("xa-a", ("target", ""), ("census", "")) == 2
    assert told("xa-a") == 1  # sealed by an earlier version, which kept nothing of it


def test_a_page_tells_of_its_own_months_and_of_targets_since_it_was_sealed():
    chain: list[Seal] = []
    for kind, about, reason in (
        ("records", "2026-09", ""), ("month", "2026-09", ""), ("targets", "2026-10-12", "changed"),
        ("records", MONTH, ""), ("month", MONTH, ""), ("records", "2026-09", "changed"),
        ("targets", "2026-11-12", "accepted"), ("day", "2026-10-05", "accepted"),
    ):  # fmt: skip
        chain.append(next_seal(chain, kind, about, reason))
    every = [Amendment(one, TODAY, (), "", one.number) for one in chain if one.reason]

    def told(period: str) -> list[int]:
        return [one.seal.number for one in amendments_since(chain, period, every)]

    assert told(MONTH) == [8, 7]
    assert told("2026-09") == [7, 6, 3]
    assert told("2026-11") == []
    assert told("2026-Q4") == [8]  # December is not sealed yet


def test_what_was_done_at_once_is_told_once():
    one, other = (("dossiers", OFFICE),), (("dossiers", OFFICE), ("slips", ""))
    renamed = next_seal((), "records", MONTH, "renamed", document="0" * 64)
    both = [Amendment(RECORDS, TODAY, places, "", 7) for places in (one, other)]
    new_id = [Amendment(renamed, TODAY, other, "", act) for act in (3, 4)]
    told = told_amendments([*both, *new_id], OFFICE, {}, "en")
    assert told == (
        "20/11/2026: change to dossier counts, made in the program"
        " (imported again, or an import undone)",
        "20/11/2026: change to counts of one-time slips, made in the program",
        "20/11/2026: an office or sector got another id; no figure changed",
    )


def test_a_page_with_very_many_changes_stays_small_and_says_how_many_there_are(opened, monkeypatch):
    many = [
        Amendment(RECORDS, date(2026, 12, day), (("dossiers", OFFICE),), "", day)
        for day in range(1, 30)
    ]
    told = told_amendments(many, OFFICE, {}, "vi")
    assert len(told) == MOST
    sources = [
        Amendment(one.seal, one.day, (("target", ""),), "Kế hoạch " * 33, one.act) for one in many
    ]
    longest = told_amendments(sources, OFFICE, {}, "vi")
    monkeypatch.setattr("survey.web.open_page.told_amendments", lambda *_: longest)
    assert len(opened.client.get("/open").data) < 14_600
    assert told[-1] == f"và {len(many) - MOST + 1} thay đổi trước đó, có trong dãy niêm phong"


def test_every_kind_of_change_has_its_words_in_both_languages():
    kinds = (
        *("records", "dossiers", "indicators", "improvements", "slips", "rechecks", "calls"),
        *("imports", "day", "month", "targets", "target", "census", "own", "group"),
    )
    for lang in ("vi", "en"):
        assert all(public_word(f"amended.what.{kind}", lang) for kind in kinds)
