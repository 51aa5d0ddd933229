"""The process of one job: python -m survey.making FOLDER runs its command and keeps what came.

One job at a time on a machine: the others wait for their turn. Ends when it is cancelled.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Final

from survey.cli import cli
from survey.commands.saying import speaking
from survey.errors import HailongError
from survey.files import write_whole
from survey.jobs import ALIVE, CANCELLED, FAILED, PROGRESS, Job, read_job
from survey.turns import turn

_LOOK_SECONDS: Final = 0.2
_log = logging.getLogger("hailong.jobs")


def main(folder: Path) -> None:
    """Run the job of a folder, unless it is run already."""
    job = read_job(folder)
    if job is None:
        return
    with turn(folder / ALIVE) as mine:
        if mine:
            Thread(target=_end_when_cancelled, args=(folder,), daemon=True).start()
            _wait_and_make(job)


def _end_when_cancelled(folder: Path) -> None:
    # A folder that is gone was cancelled and cleared away.
    while folder.exists() and not (folder / CANCELLED).exists():
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


def _wait_and_make(job: Job) -> None:
    made = False
    while not made:
        with turn(job.folder.parent / "turn") as mine:
            if mine:
                _make(job)
                made = True
        if not made:
            time.sleep(_LOOK_SECONDS)


def _make(job: Job) -> None:
    def told(done: int, of: int) -> None:
        write_whole(job.folder / PROGRESS, json.dumps({"done": done, "of": of}))

    told(0, 0)
    with speaking(job.lang):
        try:
            cli.main(list(job.words), obj=told, standalone_mode=False)
        except HailongError as error:
            _fail(job, vi=error.said("vi"), en=error.said("en"))
        except SystemExit as end:  # click has refused an argument; its words are in the log
            if end.code:
                _fail(job, vi="", en="")
        except Exception as error:
            _log.exception("job %s", job.id)
            first_line = str(error).partition("\n")[0]
            said = f"{type(error).__name__}: {first_line}"
            _fail(job, vi=said, en=said)


def _fail(job: Job, **said: str) -> None:
    write_whole(job.folder / FAILED, json.dumps(said))


if __name__ == "__main__":
    os.umask(0o077)
    main(Path(sys.argv[1]))
