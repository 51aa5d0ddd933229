"""Formulas that say their own result: =DATE(2026,10,5), ="0012", =HYPERLINK("…","H26-0012").

Some exporters write them and leave the result to Excel. Everything else is left as a `Formula`,
never guessed.
"""

from __future__ import annotations

import re
from datetime import date

from survey.dossiers.cells import Formula

_TEXT = r'"(?:[^"]|"")*"'
_NUMBER = r"-?\d{1,15}(?:\.\d{1,15})?"
_DATE = re.compile(r"DATE\((\d{4})[,;](\d{1,2})[,;](\d{1,2})\)", re.IGNORECASE)
_DATE_VALUE = re.compile(rf"(?:DATEVALUE|T|TRIM|CLEAN)\(({_TEXT})\)", re.IGNORECASE)
_LINK = re.compile(rf"HYPERLINK\({_TEXT}[,;](.+)\)", re.IGNORECASE)
_BARE_LINK = re.compile(rf"HYPERLINK\(({_TEXT})\)", re.IGNORECASE)
_JOINED = re.compile(rf"(?:{_TEXT}|{_NUMBER})(?:&(?:{_TEXT}|{_NUMBER}))*")
_PART = re.compile(rf"{_TEXT}|{_NUMBER}")
_SPACE = re.compile(rf"({_TEXT})|\s+")


def computed(formula: str) -> object:
    """Return the result of a formula made of fixed values alone, or the Formula itself."""
    bare = _SPACE.sub(lambda found: found[1] or "", formula.strip().lstrip("="))
    try:
        result = _result(bare)
    except ValueError:
        result = None
    return Formula(formula.strip().lstrip("=")) if result is None else result


def _result(bare: str) -> object:
    if found := _DATE.fullmatch(bare):
        return date(*map(int, found.groups()))
    if found := _DATE_VALUE.fullmatch(bare) or _BARE_LINK.fullmatch(bare):
        return _unquoted(found[1])
    if found := _LINK.fullmatch(bare):
        return _result(found[1])
    if re.fullmatch(_NUMBER, bare):
        return float(bare) if "." in bare else int(bare)
    if _JOINED.fullmatch(bare):
        return "".join(map(_unquoted, _PART.findall(bare)))
    return None


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"') if text.startswith('"') else text
