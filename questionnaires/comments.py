"""Free text as people type it: tidied, and rid of what identifies a person.

Owns tidying and scrubbing. Names and addresses cannot be recognised by pattern: comments stay
inside the office and a person reads them before anything is quoted.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_JOINT: Final = "[ \\t\u00a0.\\-\u2010-\u2015]"
"""What people put between the digits of one number."""

_MONEY: Final = r"(?!\s?(?:đồng|dong|vnđ|vnd|đ|₫)(?!\w))"
"""A sum of money is not a number of a person."""

_DATE: Final = r"(?!(?:0?[1-9]|[12]\d|3[01])[ .\-](?:0?[1-9]|1[0-2])[ .\-](?:19|20)\d\d(?!\d))"
"""A day, month and year followed by an hour has as many digits as a phone number."""

_EMAIL: Final = re.compile(r"[\w.+-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")

_DOSSIER: Final = re.compile(
    r"(?<![\w.])[a-z0-9]{2,4}(?:\.[a-z0-9]{2,4}){0,5}"  # unit: 000.00.12.H26, H26.15, H26
    r"\s?[-\u2010-\u2015]\s?\d{6}\s?[-\u2010-\u2015]\s?\d{3,8}(?!\d)",  # YYMMDD, running number
    re.IGNORECASE,
)

_CITIZEN: Final = re.compile(
    r"(?<!\d)(?:\d{12}"
    rf"|0\d\d{_JOINT}\d{{3}}{_JOINT}\d{{3}}{_JOINT}\d{{3}}"
    rf"|0\d{{3}}{_JOINT}\d{{4}}{_JOINT}\d{{4}}"
    rf"|0\d\d{_JOINT}\d{{3}}{_JOINT}\d{{6}}"
    rf"|0\d{{5}}{_JOINT}\d{{6}}"
    rf"|0\d\d{_JOINT}\d{_JOINT}\d\d{_JOINT}\d{{6}})(?!\d){_MONEY}"
)

_PHONE: Final = re.compile(
    rf"(?<!\d){_DATE}"
    rf"(?:\(?(?:\+|00)\s?84\)?{_JOINT}{{0,2}}(?:\(?0\)?{_JOINT}?)?|84(?=[ .-]?[35789])|\(?0)"
    rf"{_JOINT}?[1-9](?:\)?{_JOINT}{{0,2}}\d){{8,9}}(?!\d){_MONEY}"
)

_OLD_IDENTITY: Final = re.compile(
    r"(?<![\d.,])(?:\d{9}|\d{3}[ \u00a0-]\d{3}[ \u00a0-]\d{3})(?!\d)" + _MONEY
)

_PASSPORT: Final = re.compile(r"(?<!\w)[a-z]\d{7,8}(?!\w)", re.IGNORECASE)

_LONG_NUMBER: Final = re.compile(r"(?<![\d.,])\d{9,}(?!\d)" + _MONEY)

_PATTERNS: Final = (
    (_EMAIL, "[email]"),
    (_DOSSIER, "[mã hồ sơ]"),
    (_CITIZEN, "[CCCD]"),
    (_PHONE, "[SĐT]"),
    (_OLD_IDENTITY, "[CMND]"),
    (_PASSPORT, "[hộ chiếu]"),
    (_LONG_NUMBER, "[số]"),
)
"""In this order: the twelve digits of a CCCD would otherwise be read as a phone number."""


def tidy(text: str) -> str:
    """Composed letters (NFC), LF line ends, no control or invisible characters, no blank ends.

    Invisible characters go because they can hide a number from `scrub`, turn the reading
    direction on a staff page, or be refused by a database or a document.
    """
    lines = "\n".join(text.splitlines()).replace("\t", " ")
    kept = "".join(letter for letter in lines if letter == "\n" or _visible(letter))
    composed = unicodedata.normalize("NFC", kept)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \u00a0]+\n", "\n", composed)).strip()


def scrub(text: str) -> str:
    """The text with e-mail addresses, dossier codes, CCCD, phone, CMND and passport numbers,
    and any other run of nine digits or more, replaced by a word in brackets.

    Sums of money, dates and procedure codes are left alone. Digits of other scripts and widths
    become 0-9, so that they hide nothing.
    """
    text = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
    for pattern, word in _PATTERNS:
        text = pattern.sub(word, text)
    return text


def _visible(letter: str) -> bool:
    if unicodedata.category(letter) in {"Cc", "Cf", "Cs"}:
        return False
    point = ord(letter)
    return (point & 0xFFFE) != 0xFFFE and not 0xFDD0 <= point <= 0xFDEF
