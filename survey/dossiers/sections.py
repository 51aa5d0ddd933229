"""Rows that are no dossiers: titles of sections, totals, numbers of columns, signatures. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from survey.dossiers.cells import plain, text_of
from survey.dossiers.columns import Known

# "I. Lĩnh vực: Đất đai (12 hồ sơ)" is the sector Đất đai.
_NUMBERING = re.compile(r"^(?:[ivxlc]+|\d{1,3}|[a-zđ])\s*[.)/:-]+\s*")
_WORD = re.compile(r"^(?:(?:các\s+)?(?:thủ tục\s+)?(?:thuộc\s+)?lĩnh vực|sector)\s*:?\s*")
_COUNT = re.compile(r"\s*[(:\[–-]?\s*(?:tổng\s*(?:số)?\s*:?\s*)?\d+\s*(?:hồ sơ|hs)?\s*[)\]]?$")
_COLUMN_NUMBER = re.compile(r"[(\[]?(?:\d{1,3}|[a-z])[)\]]?(?:\s*=.*)?", re.IGNORECASE)
_CODE = re.compile(r"\S*\d\S*")


def sector_of_title(cells: Sequence[object], known: Known) -> str | None:
    """Return the sector that a row names, if it is a title: a sector's name and at most numbers."""
    words = [word for word in map(plain, cells) if word and not _bare_number(word)]
    if len(set(words)) != 1:
        return None
    word = words[0]
    for form in (word, _stripped(word)):
        if form in known.sectors and known.sectors[form] in known.sector_ids:
            return known.sectors[form]
    return None


def _stripped(word: str) -> str:
    return _COUNT.sub("", _WORD.sub("", _NUMBERING.sub("", word))).strip(" .:;*")


def _bare_number(word: str) -> bool:
    return re.fullmatch(r"[ivxlc]+|[\d.,]+", word) is not None


def looks_like_code(cell: object) -> bool:
    """Tell whether a cell of the code column may be a dossier's code: one word with a digit."""
    return _CODE.fullmatch(text_of(cell)) is not None


def numbers_columns(cells: Sequence[object]) -> bool:
    """Tell whether a row only numbers the columns: (1) (2) (3), or 1 2 3=1+2."""
    words = [text_of(cell) for cell in cells if text_of(cell)]
    if len(words) < 2 or not all(map(_COLUMN_NUMBER.fullmatch, words)):
        return False
    firsts = [re.sub(r"[^\dA-Za-z].*", "", word.strip("([")) for word in words]
    numbers = [int(first) for first in firsts if first.isdigit()]
    return len(numbers) > 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
