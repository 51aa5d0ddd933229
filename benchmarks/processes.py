"""What a group of processes costs, as Linux counts it: processor time and memory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _GROUP, _USER, _SYSTEM = 1, 2, 11, 12  # places after the name in /proc/PID/stat


@dataclass(frozen=True, slots=True)
class Process:
    """One process; ``cpu`` in seconds since it began."""

    pid: int
    parent: int
    cpu: float


def group_members(group: int) -> list[Process]:
    """Return the living processes of a process group, oldest first."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name stands in brackets and may hold spaces.
            stat = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(stat[_GROUP]) == group:
            cpu = (int(stat[_USER]) + int(stat[_SYSTEM])) / _TICKS
            found.append(Process(int(folder.name), int(stat[_PARENT]), cpu))
    return sorted(found, key=lambda process: process.pid)


def workers(group: int) -> list[Process]:
    """Return the processes that the group's first process started: the server's workers."""
    return [process for process in group_members(group) if process.parent == group]


def cpu_seconds(group: int) -> float:
    """Return the processor time of the whole group so far."""
    return sum(process.cpu for process in group_members(group))


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process, shared pages included, in MB (10**6 bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError(f"process {pid} tells no resident memory")
