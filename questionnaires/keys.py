"""One rule for every key or name that comes from outside: which are the same, which look the same.

Owns normal forms, look-alikes, ids that no file can have as its name, and how a value is quoted in
a message. Must not know what a name
is the name of.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from questionnaires.bilingual import Told

KEPT_BY_WINDOWS: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)
"""No file or folder of Windows can have one of these names, whatever follows behind a dot. Ids
become names of files: nothing has one of these, on any system, as an office may move to another.
"""

LONGEST: Final = 1000
"""Characters of a quoted value: more than this nobody copies by hand, and a log has an end."""

# What has no glyph of its own: controls that are no white space, formats, fillers, variation
# selectors, halves of surrogate pairs, tags. A test holds it against the Unicode database.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891"
    "\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_BLANK: Final = "\u2800"  # the empty Braille pattern: looks like a space and is none
_ODD: Final = re.compile(rf"{_INVISIBLE.pattern}|[^\S ]|{_BLANK}")

_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_TWINS: Final = str.maketrans(
    {
        **dict.fromkeys("ðɖ", "đ"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("‘’ʼ′´`", "'"),
        **dict.fromkeys("“”″", '"'),
        **dict(zip("асԁеһіјӏорԛѕтухѵԝ", "acdehijlopqstyxvw", strict=True)),
        **dict(zip("αικνορτυχ", "aikvoptux", strict=True)),
        "к": "k",
        "м": "m",
        "н": "h",
        "в": "b",
        "ı": "i",
    }
)


def normal(text: str) -> str:
    """Return a name as it is kept: composed letters (NFC), nothing invisible, single spaces."""
    if not (text.isascii() and text.isprintable()):
        return _normal(text)
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def _normal(text: str) -> str:
    seen = _INVISIBLE.sub("", text.replace(_BLANK, " "))
    return unicodedata.normalize("NFC", " ".join(seen.split()))


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Return a name as it is compared where capitals do not count: its normal form, in small."""
    return normal(normal(text).casefold())


@lru_cache(maxsize=4096)
def appearance(text: str) -> str:
    """Return what a name looks like: equal for two names that a reader takes for the same.

    Capitals, letters of other alphabets with the same shape, kinds of dashes and quotation marks,
    and the two places of a Vietnamese tone mark (hòa, hoà) make no difference.
    """
    alike = folded(unicodedata.normalize("NFKC", text)).translate(_TWINS)
    return " ".join(_toneless_first(word) for word in alike.split())


def _toneless_first(word: str) -> str:
    letters = unicodedata.normalize("NFD", word)
    tones = sorted(letter for letter in letters if letter in _TONES)
    return "".join(letter for letter in letters if letter not in _TONES) + "".join(tones)


def look_alikes(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of different names that look the same, each in alphabetical order."""
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for name in names:
        groups[appearance(name)].add(name)
    return tuple(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def difference(name: str, other: str) -> Told:
    """Return the first letters in which two names that look the same differ, with their codes."""
    for here, there in zip(name, other, strict=False):
        if here != there:
            one, two = _named(here), _named(there)
            return Told(f"{one} is not {two}", f"{one} không phải {two}")
    rest = name[len(other) :] or other[len(name) :]
    if not rest:
        return Told("they are equal", "hai tên giống hệt nhau")
    more = _named(rest[0])
    return Told(f"one has {more} more", f"một tên có thêm {more}")


def _named(letter: str) -> str:
    return f"{letter} U+{ord(letter):04X}" if letter.isprintable() else f"U+{ord(letter):04X}"


def visible(text: str) -> str:
    """Return a text with its invisible characters shown by their codes: 'Đất ⟨U+200B⟩đai'.

    Whole up to `LONGEST` characters; of a longer one the beginning and its length.
    """
    shown = _ODD.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text[:LONGEST])
    return shown if len(text) <= LONGEST else f"{shown}… ({len(text):,} characters)"


def quoted(text: str) -> str:
    """Return a text as a message quotes it: whole, nothing invisible."""
    return f"'{visible(text)}'"


_WORD = re.compile(r"[^\W\d_]{2,}")
_MANY_DIGITS: Final = 6


def masked(text: str) -> str:
    """Return a text as a message quotes it, its digits hidden where it may be somebody's number.

    Names of sectors and offices are words; a dossier code, telephone or identity number is one
    word with digits, or has many of them.
    """
    digits = sum(letter.isdigit() for letter in text)
    name = len(_WORD.findall(text)) > 1 and digits < _MANY_DIGITS
    return quoted(text if name or not digits else re.sub(r"\d", "#", text))
