"""Runs a command of ours in a process of its own: what takes long is done in none that serves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from survey.errors import HailongError
from survey.told import sentence


def run_apart(data: Path, failed: str, *words: str) -> None:
    """Run `hailong WORDS` on a data folder and wait. Raises HailongError with the sentence `failed`
    and why."""
    command = [sys.executable, "-P", "-m", "survey", *words, "--data", str(data.absolute())]
    done = subprocess.run(  # noqa: S603  ours
        command,
        capture_output=True,
        encoding="utf-8",  # as it writes on every system; Windows would read its old code page
        errors="replace",
        check=False,
        env=os.environ | {"PYTHONUTF8": "1"},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    if done.returncode:
        why = done.stderr.strip() or done.stdout.strip()
        raise HailongError(sentence(failed, why=why))
