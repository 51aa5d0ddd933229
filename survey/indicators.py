"""What an office enters of the one-stop desk's nine indicators: dossiers with 2, 1 and 0 points.

Pure. Owns what may be entered and how it is written in one line; page and command both read it so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from questionnaires.bilingual import Told, both, joined
from survey.errors import HailongError, StoreError
from survey.told import sentence, spoken_month

INDICATORS: Final = tuple(range(1, 10))
OF_A_PERSON: Final = (1, 2, 3, 4, 7)
POINTS: Final = (2, 1, 0)
MOST: Final = 999_999
"""Files of a month, more than any office has: beyond it, digits were typed twice."""

Files = tuple[int, int, int]
"""Files with 2, 1 and 0 points of one indicator; one of them at least is there."""

Entered = Mapping[int, Files]
"""By indicator; one that was not assessed has no entry."""

_WHOLE: Final = re.compile(r"\d{1,6}|\d{1,3}[.\s]\d{3}", re.ASCII)
_NOTHING: Final = ("-", "–")


class WrongCount(HailongError):
    """A field that holds no number of dossiers; `point`: which, None for all of the indicator."""

    def __init__(self, told: Told, indicator: int, point: int | None = None) -> None:
        super().__init__(told)
        self.indicator, self.point = indicator, point


def field_of(indicator: int, point: int) -> str:
    """The name of a field of the forms: `1-2` of dossiers with 2 points of indicator 1."""
    return f"{indicator}-{point}"


def read_files(indicator: int, typed: Sequence[str]) -> tuple[Files | None, list[WrongCount]]:
    """The dossiers of one indicator as typed in three fields, and everything wrong with them.

    An empty field beside a filled one is 0; three empty ones mean that it was not assessed (None).
    A number may be written with a point between thousands.
    """
    fields = [field.strip() for field in typed]
    if not any(fields):
        return None, []
    wrong = [
        WrongCount(_no_number(indicator, point, field), indicator, point)
        for point, field in zip(POINTS, fields, strict=True)
        if field and _number(field) is None
    ]
    if wrong:
        return None, wrong
    two, one, none = (_number(field) or 0 for field in fields)
    if not two + one + none:
        return None, [WrongCount(sentence("indicators.no_files", indicator=indicator), indicator)]
    return (two, one, none), []


def _number(field: str) -> int | None:
    if not _WHOLE.fullmatch(field):
        return None
    return int(re.sub(r"[.\s]", "", field))


def _no_number(indicator: int, point: int, field: str) -> Told:
    words = {"indicator": indicator, "points": point, "value": field, "most": MOST}
    return sentence("indicators.no_number", **words)


def _read_pair(text: str) -> tuple[int, Files | None]:
    """One indicator: `1=412/20/3`, or `8=-` where it was not assessed. Raises HailongError."""
    name, sign, value = text.partition("=")
    parts = ["", "", ""] if value.strip() in _NOTHING else value.split("/")
    if not sign or name.strip() not in map(str, INDICATORS) or len(parts) != len(POINTS):
        raise HailongError(sentence("indicators.no_pair", text=text))
    indicator = int(name)
    files, wrong = read_files(indicator, parts)
    if wrong:
        raise HailongError(joined([one.args[0] for one in wrong]))
    if files is None and value.strip() not in _NOTHING:
        raise HailongError(sentence("indicators.no_pair", text=text))
    return indicator, files


def read_pairs(texts: Sequence[str]) -> dict[int, Files | None]:
    """The indicators of a command line, the last of each; HailongError with all that is wrong."""
    found: dict[int, Files | None] = {}
    wrong: list[Told] = []
    for text in texts:
        try:
            indicator, files = _read_pair(text)
        except HailongError as error:
            wrong.append(error.args[0])
        else:
            found[indicator] = files
    if wrong:
        raise HailongError(joined(wrong))
    return found


def changed_meanwhile(month: str) -> StoreError:
    """That somebody else stored something of a month since it was looked at."""
    return StoreError(sentence("indicators.changed", month=spoken_month(month)))


def level_of(entered: Entered) -> Told:
    """The points of one official by `OF_A_PERSON` in a sentence, with the level where none lacks.

    Nothing of it is ever stored.
    """
    from analysis.statistics.points import MOST, PointFiles, class_of_person, score, total
    from analysis.words import number

    found = total(score(PointFiles(*files)) for files in entered.values())
    points = both(lambda lang: number(float(found), lang, 1))
    words: dict[str, object] = {"total": points, "most": MOST * len(entered)}
    missing = [one for one in OF_A_PERSON if one not in entered]
    if missing:
        listed = ", ".join(map(str, missing))
        return sentence("indicators.person_lacks", **words, missing=listed)
    level = sentence(f"indicators.level.{class_of_person(found)}")
    return sentence("indicators.person", **words, word=level)


def check_month(month: str, this_month: str) -> None:
    """Raise HailongError where a month ("2026-10") has not begun."""
    if month > this_month:
        words = {"month": spoken_month(month), "last": spoken_month(this_month)}
        raise HailongError(sentence("indicators.future", **words))


def written(entered: Entered) -> str:
    """All of it in one line: `1: 412/20/3; 8: 3/0/0`; the same for the same, "" for nothing."""
    return "; ".join(f"{one}: {_line(entered[one])}" for one in sorted(entered))


def changes(before: Entered, after: Entered) -> str:
    """What is otherwise, in one line for the log: `1: 412/20/3 → 412/21/3; 8: – → 3/0/0`."""
    return "; ".join(
        f"{one}: {_line(before.get(one))} → {_line(after.get(one))}"
        for one in INDICATORS
        if before.get(one) != after.get(one)
    )


def _line(files: Files | None) -> str:
    return "–" if files is None else "/".join(map(str, files))
