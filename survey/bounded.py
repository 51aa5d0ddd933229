"""A task in a process of its own, bounded in memory and time: a hostile file ends only that.

`python -m MODULE` reads length, pickled question and content from its standard input (`asked`), and
answers with lines of JSON (`say`), the last of them its result. Knows no file and no database.
"""

from __future__ import annotations

import json
import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Timer
from typing import IO, Any, Final

LARGEST: Final = 1 << 30  # bytes of memory
_LINE: Final = 64 << 20  # bytes of one answer
_HEAD: Final = struct.Struct("!Q")

Heard = Callable[[Mapping[str, Any]], bool]
"""Takes an answer; whether it is on the way alone, and the result still to come."""


def answer_of(
    module: str, question: object, content: bytes, *, seconds: float, heard: Heard | None = None
) -> tuple[dict[str, Any], bool]:
    """What a module's process answers, empty where it ended without; whether it was in time."""
    asked = pickle.dumps(question)
    process = subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-P", "-m", module],
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
        answer = _answer(process.stdout, heard)
    finally:
        in_time = late.is_alive()
        late.cancel()
        process.kill()
        process.stdout.close()
        process.wait()
    return answer, in_time


def _answer(lines: IO[bytes], heard: Heard | None) -> dict[str, Any]:
    """The last line that the process wrote; empty where it ended without one."""
    for line in iter(lambda: lines.readline(_LINE), b""):
        said: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
        if heard is None or not heard(said):
            return said
    return {}


def asked() -> tuple[Any, IO[bytes]]:
    """In the process: the question, and the content to be read."""
    source = sys.stdin.buffer
    (length,) = _HEAD.unpack(source.read(_HEAD.size))
    return pickle.loads(source.read(length)), source  # noqa: S301  our parent's


def say(answer: Mapping[str, Any]) -> None:
    """In the process: answer with a line."""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def bound(memory: int, seconds: float) -> None:
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
