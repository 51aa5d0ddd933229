"""Finds instants in the bytes that a program has left on a disk, in every form they may have there.

A helper of tests. Knows nothing of the product.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa

SINCE_1601 = 11_644_473_600
"""Seconds from the beginning of Windows' epoch, which Chromium counts from, to that of Unix."""

UNITS = {"s": (1, 0), "ms": (1e3, 0), "us": (1e6, 0), "us of 1601": (1e6, SINCE_1601)}
"""Unit -> how many of them a second has, and the seconds of its epoch before 1970."""

ZONES = (UTC, timezone(timedelta(hours=7)), datetime.now().astimezone().tzinfo)
VARINTS = (5, 6, 8)
"""Bytes of the varints that instants of our days take: seconds, milliseconds, microseconds."""

_DIGITS = re.compile(rb"\d{10,17}")
_WRITTEN = re.compile(
    rb"(\d{4})[-/](\d\d)[-/](\d\d)[T\- ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"
)
_TABLE_END = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, in Unix seconds."""

    begin: float
    end: float

    def holds(self, seconds: float) -> bool:
        return self.begin <= seconds <= self.end


@dataclass(frozen=True, slots=True)
class Found:
    """An instant: in which file and form, and the second."""

    file: str
    form: str
    seconds: float


def search(folder: Path, window: Window) -> list[Found]:
    """Every instant of this stretch of time that a file below the folder holds."""
    return [
        Found(str(path.relative_to(folder)), form, seconds)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
        for form, seconds in instants(unpacked(path.read_bytes()), window)
    ]


def instants(data: bytes, window: Window) -> Iterator[tuple[str, float]]:
    """(form, Unix seconds) of every instant of this stretch of time in these bytes."""
    yield from _fixed(data, window)
    yield from _varints(data, window)
    for name, text in (("text", data), ("text of 16 bits", data[::2]), ("", data[1::2])):
        yield from _texts(text, name or "text of 16 bits", window)


def _fixed(data: bytes, window: Window) -> Iterator[tuple[str, float]]:
    """Doubles and whole numbers of eight bytes, in either order, at every offset."""
    for form in ("<f8", ">f8", "<i8", ">i8"):
        for start in range(8):
            whole = (len(data) - start) // 8 * 8
            if whole > 0:
                numbers = np.frombuffer(data[start : start + whole], form)
                yield from _of(numbers.astype(float), form, window)


def _varints(data: bytes, window: Window) -> Iterator[tuple[str, float]]:
    """Groups of seven bits, the lowest first; V8 writes signed ones doubled."""
    read = np.frombuffer(data, np.uint8)
    for length in VARINTS:
        count = len(read) - length + 1
        if count <= 0:
            continue
        parts = [read[at : at + count] for at in range(length)]
        is_one = parts[-1] < 0x80
        for part in parts[:-1]:
            is_one &= part >= 0x80
        starts = np.flatnonzero(is_one)
        numbers = np.zeros(len(starts))
        for at, part in enumerate(parts):
            numbers += (part[starts] & 0x7F).astype(float) * float(1 << (7 * at))
        yield from _of(numbers, "varint", window)
        yield from _of(numbers / 2, "signed varint", window)


def _texts(text: bytes, form: str, window: Window) -> Iterator[tuple[str, float]]:
    numbers = np.array([float(found.group()) for found in _DIGITS.finditer(text)])
    yield from _of(numbers, form, window)
    for found in _WRITTEN.finditer(text):
        *parts, fraction = found.groups()
        lasts = 10.0 ** -len(fraction or b"") if found.group(6) else 60
        for zone in ZONES:
            try:
                told = datetime(*(int(part or 0) for part in parts), tzinfo=zone).timestamp()
            except ValueError:
                continue
            told += float(b"0." + (fraction or b"0"))
            if window.begin - lasts < told <= window.end:
                yield f"ISO {form}", told


def _of(numbers: np.ndarray, form: str, window: Window) -> Iterator[tuple[str, float]]:
    for unit, (many, before) in UNITS.items():
        low, high = (window.begin + before) * many, (window.end + before) * many
        with np.errstate(invalid="ignore"):
            for number in numbers[(numbers >= low) & (numbers <= high)]:
                yield f"{form}, {unit}", float(number) / many - before


def unpacked(data: bytes) -> bytes:
    """The same bytes, and after them what a table of LevelDB holds compressed."""
    if data[-8:] != _TABLE_END:
        return data
    _, _, at = _handle(data, len(data) - 48)
    offset, size, _ = _handle(data, at)
    index = _block(data, offset, size)
    return data + b"".join(_block(data, *handle) for handle in _handles(index))


def _handles(index: bytes) -> Iterator[tuple[int, int]]:
    (restarts,) = struct.unpack("<I", index[-4:])
    at, end = 0, len(index) - 4 * (restarts + 1)
    while at < end:
        _, at = _varint(index, at)
        key, at = _varint(index, at)
        size, at = _varint(index, at)
        offset, length, _ = _handle(index, at + key)
        yield offset, length
        at += key + size


def _handle(data: bytes, at: int) -> tuple[int, int, int]:
    offset, at = _varint(data, at)
    size, at = _varint(data, at)
    return offset, size, at


def _block(data: bytes, offset: int, size: int) -> bytes:
    raw = data[offset : offset + size]
    if data[offset + size] == 0:
        return raw
    assert data[offset + size] == 1, "a way of compression that the search does not know"
    length, _ = _varint(raw, 0)
    return pa.Codec("snappy").decompress(raw, length, asbytes=True)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
