"""Reads a file in a process of its own, bounded in memory and time: a hostile one ends only that.

python -m survey.dossiers.apart < length, pickled question, file. It answers with a line of JSON for
each report of progress and a last one for the counts or the refusal. Knows no database.
"""

from __future__ import annotations

import json
import os
import pickle
import struct
import subprocess
import sys
from contextlib import suppress
from threading import Timer
from typing import IO, Any, Final

from survey.dossiers.count import Counted
from survey.dossiers.files import check_size
from survey.dossiers.look import Look, look_of, packed, told_of
from survey.dossiers.reading import CountRequest, RowProgress, look_at
from survey.errors import DossiersError
from survey.told import sentence

LONGEST: Final = 120.0  # seconds; a year of a large town takes about ten
LARGEST: Final = 1 << 30  # bytes of memory
_LINE: Final = 64 << 20  # bytes of one answer
_HEAD: Final = struct.Struct("!Q")


def count_apart(
    content: bytes,
    name: str,
    question: CountRequest,
    progress: RowProgress | None = None,
    *,
    seconds: float = LONGEST,
    memory: int = LARGEST,
) -> Counted:
    """Count the dossiers of a file as `count_file` does, in another process.

    Raises DossiersError also where that process took too long, too much memory, or was ended.
    """
    look = look_apart(content, name, question, progress, seconds=seconds, memory=memory)
    return look.require()


def look_apart(
    content: bytes,
    name: str,
    question: CountRequest,
    progress: RowProgress | None = None,
    *,
    seconds: float = LONGEST,
    memory: int = LARGEST,
) -> Look:
    """Look at a file as `look_at` does, in another process. Raises as `count_apart` does.

    But for what is wrong within a file that can be opened: that stands in the look.
    """
    check_size(len(content), name)
    asked = pickle.dumps((name, question, memory, seconds))
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "survey.dossiers.apart"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONUTF8": "1"},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101  asked for
    late = Timer(seconds, process.kill)
    late.start()
    try:
        with suppress(BrokenPipeError):  # it ended early; what it said is read below
            process.stdin.write(_HEAD.pack(len(asked)) + asked)
            process.stdin.write(content)
        with suppress(BrokenPipeError):
            process.stdin.close()
        answer = _answer(process.stdout, progress)
    finally:
        in_time = late.is_alive()
        late.cancel()
        process.kill()
        process.stdout.close()
        process.wait()
    return _understood(answer, name, in_time=in_time)


def _answer(lines: IO[bytes], progress: RowProgress | None) -> dict[str, Any]:
    """The last line that the process wrote; empty where it ended without one."""
    for line in iter(lambda: lines.readline(_LINE), b""):
        said: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
        if "row" not in said:
            return said
        if progress is not None:
            progress(said["row"], said["expected"])
    return {}


def _understood(answer: dict[str, Any], name: str, *, in_time: bool) -> Look:
    if "refused" in answer:
        raise DossiersError(told_of(answer["refused"]))
    if "columns" not in answer:
        what = "dossiers.ended" if in_time else "dossiers.too_long"
        raise DossiersError(sentence(what, file=name, remedy=sentence("dossiers.copy_table")))
    return look_of(answer)


def main() -> None:
    """Read what comes through the standard input, and answer."""
    source = sys.stdin.buffer
    (length,) = _HEAD.unpack(source.read(_HEAD.size))
    name, question, memory, seconds = pickle.loads(source.read(length))  # noqa: S301  our parent's
    _bound(memory, seconds)
    try:
        content = source.read()
        _say(packed(look_at(content, name, question, _say_progress)))
    except DossiersError as error:
        _say({"refused": packed(error.args[0])})
    except MemoryError:
        told = sentence("dossiers.memory", file=name, most=memory >> 20)
        _say({"refused": packed(told)})


def _say_progress(row: int, expected: int | None) -> None:
    _say({"row": row, "expected": expected})


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def _bound(memory: int, seconds: float) -> None:
    """Let this process have so much memory and processor time, write no file and leave no dump."""
    if sys.platform == "win32":
        _bound_job(memory)
        return
    import resource

    bounds = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: int(seconds) + 1,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in bounds.items():
        with suppress(OSError, ValueError):  # there is a lower limit already
            resource.setrlimit(what, (most, most))


def _bound_job(memory: int) -> None:
    """The same on Windows: this process joins a job whose processes may have so much memory.

    The job ends with its last handle, which is this process's own. The time is watched by the
    parent on every system.
    """
    import ctypes
    from ctypes import wintypes

    class Basic(ctypes.Structure):
        _fields_ = (
            ("process_time", wintypes.LARGE_INTEGER),
            ("job_time", wintypes.LARGE_INTEGER),
            ("flags", wintypes.DWORD),
            ("least", ctypes.c_size_t),
            ("most", ctypes.c_size_t),
            ("processes", wintypes.DWORD),
            ("affinity", ctypes.c_size_t),
            ("priority", wintypes.DWORD),
            ("scheduling", wintypes.DWORD),
        )

    class Extended(ctypes.Structure):
        _fields_ = (
            ("basic", Basic),
            ("transferred", ctypes.c_ulonglong * 6),
            ("process_memory", ctypes.c_size_t),
            ("job_memory", ctypes.c_size_t),
            ("process_peak", ctypes.c_size_t),
            ("job_peak", ctypes.c_size_t),
        )

    kernel: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined]
    kernel.CreateJobObjectW.restype = wintypes.HANDLE
    kernel.GetCurrentProcess.restype = wintypes.HANDLE
    kernel.SetInformationJobObject.argtypes = (
        wintypes.HANDLE,
        ctypes.c_int,
        ctypes.c_void_p,
        wintypes.DWORD,
    )
    kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
    limits = Extended()
    limits.basic.flags = 0x100  # JOB_OBJECT_LIMIT_PROCESS_MEMORY
    limits.process_memory = memory
    job = kernel.CreateJobObjectW(None, None)
    kernel.SetInformationJobObject(job, 9, ctypes.byref(limits), ctypes.sizeof(limits))
    kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())


if __name__ == "__main__":
    main()
