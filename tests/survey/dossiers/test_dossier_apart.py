"""A file is read in a process of its own, which may end as it likes: the caller gets a sentence."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from survey import bounded
from survey.dossiers import files
from survey.dossiers.apart import count_apart
from survey.dossiers.columns import shipped_columns
from survey.dossiers.reading import CountRequest, count_file
from survey.errors import DossiersError
from survey.places import shipped_places

QUESTION = CountRequest(shipped_places(), shipped_columns(), date(2026, 11, 2))
CSV = "Mã hồ sơ,Lĩnh vực,Ngày trả\nA-1,Đất đai,05/10/2026\n,,\nTổng,,\n".encode()
MANY = b"M\xc3\xa3 h\xe1\xbb\x93 s\xc6\xa1,L\xc4\xa9nh v\xe1\xbb\xb1c,Ng\xc3\xa0y tr\xe1\xba\xa3\n"


def test_it_counts_as_in_this_process() -> None:
    assert count_apart(CSV, "x.csv", QUESTION) == count_file(CSV, "x.csv", QUESTION)


def test_a_refusal_comes_through_whole() -> None:
    wrong = CSV.replace("Đất đai".encode(), "Địa chính".encode())
    with pytest.raises(DossiersError) as here:
        count_file(wrong, "x.csv", QUESTION)
    with pytest.raises(DossiersError) as there:
        count_apart(wrong, "x.csv", QUESTION)
    assert str(here.value) == str(there.value)


def test_progress_is_told() -> None:
    told: list[tuple[int, int | None]] = []
    rows = "".join(f"A-{n},Đất đai,0{n % 9 + 1}/10/2026\n" for n in range(2000)).encode()
    count_apart(MANY + rows, "x.csv", QUESTION, lambda *args: told.append(args))
    assert [row for row, _ in told] == [500, 1000, 1500, 2000]


def test_one_that_takes_too_long_is_ended() -> None:
    with pytest.raises(DossiersError, match=r"x\.csv: reading it took too long; open it, copy"):
        count_apart(CSV, "x.csv", QUESTION, seconds=0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="the bound there is the job's, not this one")
def test_one_that_takes_too_much_memory_is_refused() -> None:
    rows = "".join(f"A-{n},Đất đai,0{n % 9 + 1}/10/2026\n" for n in range(300_000)).encode()
    with pytest.raises(DossiersError, match=r"takes more than 60 MB of memory|ended by the system"):
        count_apart(MANY + rows, "x.csv", QUESTION, memory=60 << 20)


def test_one_that_aborts_ends_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen

    def aborting(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        aborts = "import os, sys; sys.stdin.buffer.read(); os.abort()"
        return start([command[0], "-c", aborts], **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(bounded.subprocess, "Popen", aborting)
    with pytest.raises(DossiersError, match="reading it was ended by the system; open it"):
        count_apart(CSV, "x.csv", QUESTION)


def test_a_file_that_is_too_large_is_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 1 << 20)
    with pytest.raises(DossiersError, match="larger than 1 MB; export the months one by one"):
        count_apart(bytes((1 << 20) + 1), "x.csv", QUESTION)
