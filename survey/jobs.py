"""Files that take a while to make: one folder a job, made by a process of its own.

Owns where they lie, how they are, and when they go. A job is a command of `hailong`, whose file is
there whole or not at all; `survey.making` runs it. Whoever asked may leave the page and the server
may stop: what is made is found again for a day.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, Final, Literal

from survey.day_folders import every_folder, folder_of, is_over, new_folder
from survey.files import write_whole
from survey.turns import is_taken

FOLDER: Final = "jobs"
ALIVE, CANCELLED, FAILED, PROGRESS = "alive", "cancelled", "failed.json", "progress.json"
MOST: Final = 20  # of one account: the oldest goes
_BEGINS: Final = 120.0  # seconds that a process may take to begin, on a machine that is busy

JobState = Literal["waiting", "running", "done", "failed", "cancelled", "ended"]
"""`ended`: its process was ended from outside, by a machine that went off for example."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file that somebody asked for.

    `about` is for the page that asked, and empty where that is not the page of files; `words` is
    the command, `suffix` the ending of its file.
    """

    folder: Path
    owner: str
    words: tuple[str, ...]
    suffix: str
    lang: str
    about: Mapping[str, str]
    asked_at: float

    @property
    def id(self) -> str:
        """What finds it again; random."""
        return self.folder.name

    @property
    def file(self) -> Path:
        """What it makes."""
        return self.folder / f"file{self.suffix}"

    @property
    def state(self) -> JobState:
        """How it is now."""
        if self.file.exists():
            return "done"
        if (self.folder / FAILED).exists():
            return "failed"
        if (self.folder / CANCELLED).exists():
            return "cancelled"
        if is_taken(self.folder / ALIVE):
            return "running" if (self.folder / PROGRESS).exists() else "waiting"
        return "waiting" if abs(time.time() - self.asked_at) < _BEGINS else "ended"

    @property
    def progress(self) -> tuple[int, int] | None:
        """How many steps of how many are done; None where that is not told."""
        found = _json(self.folder / PROGRESS)
        return (found["done"], found["of"]) if found and found["of"] else None

    def reason(self, lang: str) -> str:
        """Why it failed."""
        return str((_json(self.folder / FAILED) or {}).get(lang, ""))

    def cancel(self) -> None:
        """Have its process end, which looks for this."""
        (self.folder / CANCELLED).touch()

    def remove(self) -> None:
        """Delete it with its file."""
        shutil.rmtree(self.folder, ignore_errors=True)


def add_job(
    data: Path,
    owner: str,
    words: Sequence[str],
    suffix: str,
    lang: str,
    about: Mapping[str, str],
) -> Job:
    """Begin a job: `words` with `--data` and `--out` behind, in a process of its own."""
    sweep(data)
    for old in list_jobs(data, owner)[MOST - 1 :]:
        old.cancel()
        old.remove()
    folder = new_folder(data / FOLDER)
    job = Job(folder, owner, tuple(words), suffix, lang, about, time.time())
    kept = {
        "owner": owner,
        "words": [*words, "--data", str(data.absolute()), "--out", str(job.file.absolute())],
        "suffix": suffix,
        "lang": lang,
        "about": dict(about),
        "asked_at": job.asked_at,
    }
    write_whole(folder / "job.json", json.dumps(kept))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-P", "-m", "survey.making", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | {"PYTHONUTF8": "1"},
            start_new_session=True,  # it outlives the server, and a terminal's Ctrl-C
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    Thread(target=process.wait, daemon=True).start()  # the system keeps it until it is asked for
    return job


def find_job(data: Path, owner: str, id_: str) -> Job | None:
    """Return a job of this account; None where it is gone, or somebody else's."""
    folder = folder_of(data / FOLDER, id_)
    found = None if folder is None else read_job(folder)
    return found if found is not None and found.owner == owner else None


def list_jobs(data: Path, owner: str) -> list[Job]:
    """Return the jobs of an account, the newest first."""
    found = (job for job in _all(data) if job.owner == owner)
    return sorted(found, key=lambda job: job.asked_at, reverse=True)


def sweep(data: Path) -> None:
    """Delete what was asked for more than a day ago."""
    for job in _all(data):
        if is_over(job.asked_at):
            job.cancel()
            job.remove()


def read_job(folder: Path) -> Job | None:
    """Read a job; None where there is none."""
    kept = _json(folder / "job.json")
    if kept is None:
        return None
    words = tuple(kept["words"])
    return Job(
        folder, kept["owner"], words, kept["suffix"], kept["lang"], kept["about"], kept["asked_at"]
    )


def _all(data: Path) -> Iterator[Job]:
    for folder in every_folder(data / FOLDER):
        job = read_job(folder)
        if job is not None:
            yield job


def _json(file: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found
