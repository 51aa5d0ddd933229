"""Seals by themselves: the chain, the code for print, and a check that needs nothing of ours."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import uuid
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from survey.intake import Response
from survey.seals import (
    ALPHABET,
    NoSeals,
    Seal,
    SealedAnswer,
    as_document,
    check_chain,
    comment_digest,
    compare_chains,
    next_seal,
    read_document,
    rows_digest,
    short_code,
)
from survey.store import sealing, tables
from survey.store.responses import add_many, add_response
from survey.store.sqlite import database_file, fold

DOCS = Path(__file__).parents[2] / "docs" / "seals.md"
ANSWER = SealedAnswer(
    "id", "desk@1", "xa", "land", "", "kiosk", "2026-10-05", False, "", "54----", (), None, None
)


def chain_of(*abouts: str) -> list[Seal]:
    chain: list[Seal] = []
    for about in abouts:
        kind = "day" if len(about) == 10 else "month"
        reason = "late" if about in {one.about for one in chain} else ""
        chain.append(next_seal(chain, kind, about, reason, rows="0" * 64))
    return chain


def test_a_seal_covers_every_field_whatever_the_order_of_the_rows():
    other = ANSWER._replace(response_id="other")
    digest = rows_digest("key", [ANSWER, other])
    assert digest == rows_digest("key", [other, ANSWER])
    assert digest != rows_digest("kez", [ANSWER, other])
    for name in SealedAnswer._fields:
        value = not ANSWER.late if name == "late" else (("q", "o"),) if name == "choices" else "x"
        assert digest != rows_digest("key", [ANSWER._replace(**{name: value}), other]), name


def test_a_comment_s_digest_is_of_its_salt_as_well():
    assert comment_digest("a", "tốt") != comment_digest("b", "tốt")


def test_the_code_for_print_is_four_groups_of_signs_that_are_not_mistaken():
    code = short_code("0123456789abcdef0123" + "f" * 44)
    assert re.fullmatch(rf"([{ALPHABET}]{{4}} ){{3}}[{ALPHABET}]{{4}}", code)
    assert not set("01IO") & set(ALPHABET)
    assert len(set(ALPHABET)) == 32
    assert short_code("0" * 64) == "2222 2222 2222 2222"
    assert short_code("f" * 64) == "ZZZZ ZZZZ ZZZZ ZZZZ"


def test_a_chain_fits_and_what_is_published_of_it_reads_back():
    chain = chain_of("2026-10-05", "2026-10-06", "2026-10-05", "2026-10", "2026-10")
    assert list(check_chain(chain)) == []
    assert list(read_document(as_document(chain, simulated=True))) == chain
    assert list(compare_chains(chain, chain[:2])) == []
    assert list(compare_chains(chain, [])) == []


@pytest.mark.parametrize("taken", range(4))
def test_a_seal_taken_out_or_moved_breaks_the_chain(taken):
    chain = chain_of("2026-10-05", "2026-10-06", "2026-10-07", "2026-10", "2026-11-01")
    assert list(check_chain([*chain[:taken], *chain[taken + 1 :]]))
    assert list(check_chain([*chain[:taken], chain[taken + 1], chain[taken], *chain[taken + 2 :]]))


def test_another_seal_of_a_day_says_why():
    first = chain_of("2026-10-05")
    silent = [*first, next_seal(first, "day", "2026-10-05", rows="0" * 64)]
    assert [one.kind for one in check_chain(silent)] == ["chain"]


def test_a_day_slipped_in_behind_a_later_one_says_why():
    later = chain_of("2026-10-05")
    silent = [*later, next_seal(later, "day", "2026-10-04", rows="0" * 64)]
    assert [one.kind for one in check_chain(silent)] == ["chain"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "other", "seals": []}', '{"format": "hailong.seals/1"}',
             '{"format": "hailong.seals/1", "seals": [{"number": 1}]}', "[" * 50_000],
)  # fmt: skip
def test_what_is_no_file_of_seals_is_refused(text):
    with pytest.raises(NoSeals):
        read_document(text)


@pytest.mark.sqlite_is_enough
def test_whoever_reads_the_docs_can_check_a_database_without_the_program(engine, tmp_path):
    (program,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(program.splitlines()) <= 35
    script = tmp_path / "check.py"
    script.write_text(program, encoding="utf-8")

    def checked() -> str:
        fold(engine)
        command = [sys.executable, str(script), str(database_file(engine))]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def answer(day: int, month: int = 10, **more: object) -> Response:
        sheet = ("desk@1", "trieu-son", "land", "kiosk", date(2026, month, day), "24----")
        choices = (("went_wrong", "waiting"), ("went_wrong", "attitude"))
        return Response(str(uuid.uuid4()), *sheet, comment="lâu quá", choices=choices, **more)

    add_many(engine, [answer(day, month) for day in (5, 6) for month in (9, 10) for _ in range(3)])
    sealing.seal_days(engine, date(2026, 10, 7))
    sealing.seal_month(engine, "2026-09", "{}")
    for _ in range(10):  # late ones that wait, and then join
        add_response(engine, answer(5, late=True))
        sealing.seal_days(engine, date(2026, 10, 7))
    add_response(engine, answer(6, late=True))
    assert checked() == ""
    with engine.begin() as connection:
        sixth = tables.response.c.answered_on == date(2026, 10, 6)
        connection.execute(update(tables.response).where(sixth).values(scores="55----"))
    assert checked() == "2026-10-06: 3 answers were sealed, 3 are there\n"
    with sqlite3.connect(database_file(engine)) as connection:
        connection.execute("UPDATE seal SET rows = 'x' WHERE number = 2")
    assert "seal 2 of 2026-09-06 is not what it was" in checked()
