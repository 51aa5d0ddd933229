"""A re-check from the sealed list to the last answer, on both databases."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, func, select, text

from questionnaires import check, shipped
from questionnaires.layout import RECHECK
from survey.errors import DossiersError, StoreError
from survey.intake import Response
from survey.paper import fields_of
from survey.recheck.calls import CODE_LENGTH, typed_code
from survey.recheck.sheet import CallSheet, call_sheet
from survey.rechecking import QUESTIONNAIRE, draw, enter, place_of, roll, seal, take_seal
from survey.store import tables
from survey.store.rechecks import Recheck, find_recheck, record_skip
from survey.store.responses import add_many
from survey.store.sealing import seal_days
from survey.store.seals import list_seals
from survey.store.staff_actions import DoneFilter, list_actions
from tests.survey.recheck.drawn import BY, DICE, TODAY, export, listed
from tests.vietnamese import told_in_both

MONTH = "2026-10"


@pytest.fixture
def sealed(engine: Engine) -> Recheck:
    return seal(engine, listed(), TODAY, BY)


@pytest.fixture
def sheet(engine: Engine, sealed: Recheck) -> CallSheet:
    roll(engine, MONTH, sealed.office, DICE, BY)
    return draw(engine, listed(), 10, BY)


def an_answer(day: date) -> Response:
    return Response(str(uuid.uuid4()), "desk@2", "trieu-son", "land", "poster", day, "5-----")


def state(engine: Engine, sheet: CallSheet) -> Recheck:
    found = find_recheck(engine, MONTH, sheet.office)
    assert found is not None
    return found


def codes(sheet: CallSheet, sector: str = "land") -> list[str]:
    return [row.code for row in sheet.rows if row.code and row.ticket.dossier.sector == sector]


def answer(engine: Engine, code: str, response_id: str = "", **typed: str) -> str:
    questionnaire = shipped()[QUESTIONNAIRE]
    found, place = place_of(engine, code)
    answers = check(questionnaire, fields_of(questionnaire, typed), partial=True)
    id_ = response_id or str(uuid.uuid4())
    return enter(engine, found, place, questionnaire, answers, id_, BY)


def refused(call, *given: object) -> str:
    with pytest.raises((StoreError, DossiersError)) as caught:
        call(*given)
    return told_in_both(caught.value)


def test_the_list_is_sealed_by_the_digest_of_its_file_and_no_dossier_is_stored(
    engine: Engine, sealed: Recheck
) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", sealed.list_digest)
    assert {one.sector: one.dossiers for one in sealed.sectors} == {"land": 40, "civil-status": 12}
    with engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                assert "H56-" not in str(row), table.name


def test_a_list_can_be_replaced_until_there_is_a_seed_and_never_afterwards(
    engine: Engine, sealed: Recheck
) -> None:
    other = listed(export(land=41))
    assert seal(engine, other, TODAY, BY).dossiers == 53
    roll(engine, MONTH, sealed.office, DICE, BY)
    assert "not the file that was sealed" in refused(seal, engine, listed(), TODAY, BY)
    assert seal(engine, other, TODAY, BY).seed == DICE


def test_nobody_draws_before_there_is_a_seed_or_from_another_list(
    engine: Engine, sealed: Recheck
) -> None:
    assert "no seed for 10/2026" in refused(draw, engine, listed(), 10, BY)
    roll(engine, MONTH, sealed.office, DICE, BY)
    assert sealed.list_digest in refused(draw, engine, listed(export(land=41)), 10, BY)
    for size in (0, 5000):
        assert str(size) in refused(draw, engine, listed(), size, BY)


def test_a_seed_is_fixed_once(engine: Engine, sealed: Recheck) -> None:
    roll(engine, MONTH, sealed.office, DICE, BY)
    assert roll(engine, MONTH, sealed.office, " ".join(DICE), BY).seed == DICE
    assert DICE in refused(roll, engine, MONTH, sealed.office, DICE[::-1], BY)
    assert "'12'" in refused(roll, engine, MONTH, sealed.office, "12", BY)


def test_everybody_draws_the_same_rows_and_more_keeps_the_first(
    engine: Engine, sheet: CallSheet
) -> None:
    first = [row.ticket.dossier.row for row in sheet.rows if not row.spare]
    assert len(first) == 10
    again = draw(engine, listed(), 30, BY)
    asked = [row.ticket.dossier.row for row in again.rows if not row.spare]
    assert len(asked) == 30
    assert set(first) < set(asked)
    assert "30 dossiers were drawn" in refused(draw, engine, listed(), 5, BY)


def test_a_new_call_sheet_ends_the_codes_of_the_one_before(
    engine: Engine, sheet: CallSheet
) -> None:
    old = codes(sheet)
    assert answer(engine, old[0], overall="4") == "stored"
    new = draw(engine, listed(), 10, BY)
    assert old[1] in refused(place_of, engine, old[1])
    done = [row for row in new.rows if row.outcome == "answered"]
    assert [row.code for row in done] == [None]
    assert answer(engine, codes(new)[0], overall="2") == "stored"
    assert state(engine, sheet).count("answered") == 2


def test_the_call_sheet_names_dossiers_with_a_code_each_and_how_to_draw_them_again(
    sheet: CallSheet,
) -> None:
    made = call_sheet(sheet, {"land": "=Đất đai", "civil-status": "Hộ tịch"}, "vi")
    book = openpyxl.load_workbook(io.BytesIO(made))
    calls, how = book.worksheets
    rows = list(calls.iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(sheet.rows)
    assert all(typed_code(str(row[5])) for row in rows)
    assert {row[3] for row in rows} <= {f"H56-{number:04}" for number in range(52)}
    assert not any(str(row[2]).startswith("=") for row in rows)
    words = "\n".join(str(cell) for (cell,) in how.iter_rows(values_only=True))
    assert sheet.list_digest in words
    assert DICE in words


def test_an_answer_is_stored_with_its_channel_and_month_and_nothing_of_its_dossier(
    engine: Engine, sheet: CallSheet
) -> None:
    code = codes(sheet)[0]
    assert answer(engine, code, overall="4", answered_before="2", told_to_return="1") == "stored"
    with engine.connect() as connection:
        (row,) = connection.execute(select(tables.response))
        chosen = connection.execute(select(tables.choice.c.question, tables.choice.c.option)).all()
        (call,) = connection.execute(
            select(tables.recheck_call).where(tables.recheck_call.c.outcome.is_not(None))
        )
    assert (row.channel, row.sector, row.answered_on.isoformat()) == (RECHECK, "land", "2026-10-01")
    assert not row.late
    assert {tuple(one) for one in chosen} == {
        ("answered_before", "no"),
        ("told_to_return", "yes"),
    }
    assert row.response_id not in str(call)
    assert code not in str(call)


def test_a_code_is_used_once_and_the_same_answer_again_is_no_second(
    engine: Engine, sheet: CallSheet
) -> None:
    code, id_ = codes(sheet)[0], str(uuid.uuid4())
    assert answer(engine, code, id_, overall="4") == "stored"
    assert answer(engine, code, id_, overall="4") == "repeated"
    assert "has its answer" in refused(lambda: answer(engine, code, overall="1"))
    with engine.connect() as connection:
        number = connection.execute(select(func.count()).select_from(tables.response)).scalar_one()
    assert number == 1


def test_of_many_who_enter_one_code_at_once_one_is_stored(engine: Engine, sheet: CallSheet) -> None:
    code = codes(sheet)[0]

    def one(score: int) -> str:
        try:
            return answer(engine, code, overall=str(score))
        except StoreError:
            return "refused"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(one, [1 + n % 5 for n in range(16)]))
    assert sorted(found) == ["refused"] * 15 + ["stored"]
    with engine.connect() as connection:
        number = connection.execute(select(func.count()).select_from(tables.response)).scalar_one()
    assert number == 1


def test_a_spare_is_called_once_one_before_it_gave_no_answer(
    engine: Engine, sheet: CallSheet
) -> None:
    land = [row for row in sheet.rows if row.ticket.dossier.sector == "land"]
    asked = [row.code for row in land if not row.spare]
    spare = next(row.code for row in land if row.spare)
    assert asked[0] and spare
    assert "is a spare" in refused(lambda: answer(engine, spare, overall="5"))
    record_skip(engine, asked[0], "not_reached", BY)
    assert answer(engine, spare, overall="5") == "stored"
    known = next(one for one in state(engine, sheet).sectors if one.sector == "land")
    assert (known.drawn, known.count("answered"), known.count("not_reached")) == (
        len(asked) + 1,
        1,
        1,
    )
    assert answer(engine, asked[0], overall="3") == "stored"  # reached later after all
    assert "has its answer" in refused(record_skip, engine, asked[0], "refused", BY)


def test_the_layout_of_rechecks_counts_what_became_of_those_drawn(
    engine: Engine, sheet: CallSheet
) -> None:
    land = codes(sheet)
    record_skip(engine, land[0], "refused", BY)
    record_skip(engine, land[1], "wrong_number", BY)
    answer(engine, land[2], overall="4")
    with engine.connect() as connection:
        rows = {row.sector: row for row in connection.execute(text("SELECT * FROM rechecks"))}
    asked = sum(not row.spare and row.ticket.dossier.sector == "land" for row in sheet.rows)
    told = rows["land"]
    assert (told.month, told.dossiers, told.drawn) == (MONTH, 40, asked)
    assert (told.refused, told.not_reached, told.wrong_number) == (1, 0, 1)


def test_a_file_of_counts_or_of_several_offices_is_no_list() -> None:
    counts = b"period,office,sector,completed\n2026-10,trieu-son,land,40\n"
    assert "counts and no dossiers" in refused(listed, counts)


@pytest.mark.parametrize("typed", ["", "k7m4", "0000-0000", "k7m4-9qxp", "ăâđê-ôơưy"])
def test_a_code_that_is_none_is_told_with_what_was_typed(engine: Engine, typed: str) -> None:
    assert f"'{typed}'" in refused(place_of, engine, typed)


def test_codes_are_typed_in_any_spelling(engine: Engine, sheet: CallSheet) -> None:
    code = codes(sheet)[0]
    assert len(code) == CODE_LENGTH
    spelling = f" {code[:4].upper()} - {code[4:]} "
    assert place_of(engine, spelling)[0] == code


def test_each_step_stands_in_the_log_without_saying_who_was_drawn(
    engine: Engine, sheet: CallSheet
) -> None:
    answer(engine, codes(sheet)[0], overall="4")
    lines = list_actions(engine, DoneFilter())
    kinds = {"recheck_entered", "recheck_drawn", "recheck_seeded", "recheck_sealed"}
    mine = [line for line in lines if line.action in kinds]
    assert [line.action for line in mine] == [
        "recheck_entered",
        "recheck_drawn",
        "recheck_seeded",
        "recheck_sealed",
    ]
    for line in mine:
        assert line.office == sheet.office
        assert not set(line.details) & {"code", "row", "dossier", "sector", "position"}


def test_a_procedure_in_no_sector_s_draw_has_no_calls(engine: Engine, sealed: Recheck) -> None:
    roll(engine, MONTH, sealed.office, DICE, BY)
    made = draw(engine, replace(listed()), 1, BY)
    known = find_recheck(engine, MONTH, sealed.office)
    assert known is not None
    assert sorted(one.size for one in known.sectors) == [0, 1]
    assert {row.ticket.dossier.sector for row in made.rows} == {"land"}


def test_the_seal_of_a_later_day_can_be_the_seed(engine: Engine, sealed: Recheck) -> None:
    add_many(engine, [an_answer(TODAY - timedelta(days=1))])
    seal_days(engine, TODAY - timedelta(days=1))
    assert "no day was sealed since" in refused(take_seal, engine, MONTH, sealed.office, BY)
    seal_days(engine, TODAY)
    chain = {one.about: one.seal for one in list_seals(engine) if one.kind == "day"}
    found = take_seal(engine, MONTH, sealed.office, BY)
    assert (found.seed, found.seed_source) == (chain[TODAY.isoformat()], "seal")
    assert draw(engine, listed(), 10, BY).rows


@pytest.mark.sqlite_is_enough
def test_an_outsider_with_the_docs_the_file_and_the_seed_draws_the_same_dossiers(
    engine: Engine, sealed: Recheck, tmp_path: Path
) -> None:
    docs = (Path(__file__).parents[3] / "docs/recheck.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", docs, re.DOTALL)
    script, file = tmp_path / "draw.py", tmp_path / "thang-10.csv"
    script.write_text(program, encoding="utf-8")
    file.write_bytes(export())
    roll(engine, MONTH, sealed.office, DICE, BY)
    names = {"land": "Đất đai", "civil-status": "Hộ tịch"}
    before = set[str]()
    for size in (10, 30):
        ours = draw(engine, listed(), size, BY)
        drawn = [row.ticket for row in ours.rows if not row.spare]
        counts = {one: sum(row.dossier.sector == one for row in drawn) for one in names}
        sizes = [f"{names[one]}={count}" for one, count in counts.items()]
        command = [sys.executable, str(script), str(file), ours.seed, "Lĩnh vực", *sizes]
        told = subprocess.run(command, check=True, capture_output=True, env={"PYTHONUTF8": "1"})
        theirs = set(told.stdout.decode().splitlines())
        assert theirs == {
            f"{names[row.dossier.sector]} {row.dossier.row} {row.ticket}" for row in drawn
        }
        assert len(theirs) == size
        assert before <= theirs  # going on to more keeps those that were drawn
        before = theirs
