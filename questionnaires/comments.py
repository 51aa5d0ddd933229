"""Free text as people type it: tidied, and rid of what identifies a person.

Owns tidying and scrubbing. Names and addresses cannot be recognised by pattern: comments stay
inside the office and a person reads them before anything is quoted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_PASSED: Final = "\x00"
_FOUND: Final = "\x01"
"""Signs that stand for what was looked at; `tidy` leaves none of them in a text."""

_SIGN: Final = r"[^\w@%\[\]\x00\x01]|_"
_JOINT: Final = rf"(?:{_SIGN}){{1,3}}"
"""What people put between the digits of one number: any signs, spaces or line ends."""

_JOINT_OF_NO_SUM: Final = rf"(?:(?![.,])(?:{_SIGN})){{1,3}}"

_LABEL: Final = (
    r"(?<![\[\w])(?:cccd|cmnd|cmt|căn\scước|can\scuoc|chứng\sminh(?:\snhân\sdân|\sthư)?|hộ\schiếu"
    r"|passport|sđt|sdt|đt|điện\sthoại|dien\sthoai|zalo|phone|tel|hotline)[^\d\w]{0,3}"
    r"(?:(?:số|so|là|la|cũ|mới|của\s\w{1,8}(?:\slà)?|:)[^\d\w]{1,3}){0,2}"
)
_OTHER_LABEL: Final = (
    r"(?<![\[\w])(?:mst|mã\ssố\sthuế|bhxh|bhyt|bảo\shiểm|tài\skhoản|stk|mã\shồ\ssơ|hồ\ssơ\ssố)"
    r"[^\d\w]{0,3}"
)

_CURRENCY: Final = (
    r"\s?(?:đồng(?!\s(?:sở|thời|ý|chủ|chí|bào|nghĩa|hồ|bộ|đội))|dong|vnđ|vnd|đ|₫)(?!\w)"
)
_THOUSANDS: Final = r"(?<![\d.,+])[1-9]\d{0,2}(?:[.,]\d{3})+(?!\d|[.,]\d)"

_NO_NUMBER_OF_A_PERSON: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # A day, month and year; not the beginning of a longer number that goes on in the same way.
        r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])([ ./-])(?:0?[1-9]|1[0-2])\1(?:19|20)\d\d(?!\d)"
        r"(?!\1\d(?!\d?\s?(?:giờ|h|g)(?!\w)))",
        r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])",  # an hour
        r"(?<![\d.])[1-3]\.\d{6}(?!\d)",  # a procedure's national code
        # A sum of money: none begins with 0.
        rf"(?<![\d.,+])[1-9]\d{{0,2}}(?:[ .,]\d{{3}})+{_CURRENCY}",
        rf"(?<![\d.,+])[1-9]\d*{_CURRENCY}",
        rf"(?!84[.,][35789]){_THOUSANDS}",
    )
)

_EMAIL: Final = r"[\w.+-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"

_DOSSIER: Final = (
    r"(?<![\w.])(?:[a-z0-9]{2,4}(?:\.[a-z0-9]{2,4}){0,5}\s?[-\u2010-\u2015]\s?"
    r"\d{6}\s?[-\u2010-\u2015]\s?"  # unit (000.00.12.H26, H26.15, H26), YYMMDD, running number
    rf"|(?:[a-z0-9]{{2,4}}{_JOINT}){{0,5}}[hg]\d\d(?:{_JOINT}\d{{2,3}}){{0,4}}{_JOINT}"
    rf"\d{{6}}{_JOINT})\d{{3,8}}(?!\d)"
)

_CITIZEN: Final = (
    r"(?<!\d)(?:\d{12}"
    rf"|0\d\d{_JOINT}\d{{3}}{_JOINT}\d{{3}}{_JOINT}\d{{3}}"
    rf"|0\d{{3}}{_JOINT}\d{{4}}{_JOINT}\d{{4}}"
    rf"|0\d\d{_JOINT}\d{{3}}{_JOINT}\d{{6}}"
    rf"|0\d{{5}}{_JOINT}\d{{6}}"
    rf"|0\d\d{_JOINT}\d{_JOINT}\d\d{_JOINT}\d{{6}})(?!\d)"
)

_PHONE: Final = (
    rf"(?<!\d)(?:\(?(?:\+|00)\s?84\)?(?:{_JOINT})?(?:\(?0\)?(?:{_JOINT})?)?"
    rf"|84(?=(?:{_JOINT})?[35789])|\(?0)"
    rf"(?:{_JOINT})?[1-9](?:(?:{_JOINT})?\d){{8,9}}(?!\d)"
)

_PATTERNS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), word)
    for pattern, word in (
        (_EMAIL, "[email]"),
        (_DOSSIER, "[mã hồ sơ]"),
        (_CITIZEN, "[CCCD]"),  # before phones: its twelve digits would be read as one
        (_PHONE, "[SĐT]"),
        (rf"(?<!\d)0(?:(?:{_JOINT})?\d){{11}}(?!\d)", "[CCCD]"),
        (
            rf"(?<![\d.,])(?:\d{{9}}|\d{{3}}{_JOINT_OF_NO_SUM}\d{{3}}{_JOINT_OF_NO_SUM}\d{{3}})(?!\d)",
            "[CMND]",
        ),
        (r"(?<!\w)[a-z]\d{7,8}(?!\w)", "[hộ chiếu]"),
        (r"(?<![\d.,])\d{9,}(?!\d)", "[số]"),
        (
            rf"(?:{_LABEL}|{_OTHER_LABEL})(?P<number>[a-z]{{0,2}}\s?\d(?:(?:{_JOINT})?\d){{6,}})",
            "[số]",
        ),
    )
)

_GOES_ON: Final = re.compile(rf"\d{_JOINT}$")
"""What stands before the end of a longer number."""

_LABELLED: Final = re.compile(rf"{_LABEL}(?P<number>\d+)", re.IGNORECASE)


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

    Looked for in a normalised copy, so that no script, width or sign between the digits hides a
    number. Sums of money (none begins with 0), dates, hours and procedure codes are left alone.
    """
    while (found := _scrubbed(text)) != text:  # what is gone may have parted a number from another
        text = found
    return text


def _scrubbed(text: str) -> str:
    plain, places = _plain(text)
    parts, end = [], 0
    for start, stop, word in sorted(_numbers(plain)):
        first, last = places[start], places[stop - 1] + 1
        if first >= end:  # one sign may stand for several digits
            parts += [text[end:first], word]
            end = last
    return "".join((*parts, text[end:]))


def _plain(text: str) -> tuple[str, list[int]]:
    """The text with compatible signs as plain ones and digits as 0-9, and where each comes from."""
    signs: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for sign in unicodedata.normalize("NFKC", letter):
            signs.append(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign)
            places.append(place)
    return "".join(signs).replace(_PASSED, " ").replace(_FOUND, " "), places


def _numbers(plain: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and word of everything that identifies a person."""
    labelled = {match.start("number") for match in _LABELLED.finditer(plain)}

    def passed(match: re.Match[str]) -> str:
        start = match.start()
        goes_on = _GOES_ON.search(match.string[max(0, start - 4) : start])
        return match[0] if start in labelled or goes_on else _PASSED * len(match[0])

    for pattern in _NO_NUMBER_OF_A_PERSON:
        plain = pattern.sub(passed, plain)
    for pattern, word in _PATTERNS:
        spans = [
            match.span("number" if "number" in pattern.groupindex else 0)
            for match in pattern.finditer(plain)
        ]
        for start, stop in spans:
            yield start, stop, word
            plain = plain[:start] + _FOUND * (stop - start) + plain[stop:]


def _visible(letter: str) -> bool:
    if unicodedata.category(letter) in {"Cc", "Cf", "Cs"}:
        return False
    point = ord(letter)
    return (point & 0xFFFE) != 0xFFFE and not 0xFDD0 <= point <= 0xFDEF
