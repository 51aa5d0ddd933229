"""What an office fills in once for its reports: names, place, symbol, who signs, who receives.

Kept for each office in `letterheads.toml` of the data folder, which stays a file that can be edited
by hand. Owns the signature forms and the date line of Nghị định 30/2020/NĐ-CP, Phụ lục I, II.4 and
II.7.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, get_args

from questionnaires.toml import NotTOML, read_toml
from survey.errors import HailongError
from survey.files import write_whole
from survey.places import Office
from survey.told import sentence

FILE: Final = "letterheads.toml"
LONGEST: Final = 200
MOST_LINES: Final = 12

SignatureForm = Literal["own", "TM", "TM_KT", "Q", "KT", "TL", "TUQ"]
"""own: the signer's own authority; TM: for the collective; KT, TL, TUQ: for, by order of, and by
mandate of the head; Q: acting head."""
FORMS: Final[tuple[SignatureForm, ...]] = get_args(SignatureForm)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The frame of an office's report. Empty texts leave their place free, to be filled in Word.

    `above`: the agency above it; `collective`: for whom "TM." is signed; `head`: the position for
    which "KT.", "TL." or "TUQ." is signed; `position` and `signer`: of who signs. `to`: "Kính gửi";
    `copies`: further recipients; `drafter`: the unit behind "Lưu: VT".
    """

    above: str = ""
    agency: str = ""
    place: str = ""
    symbol: str = "BC-UBND"
    form: SignatureForm = "TM"
    collective: str = "Ủy ban nhân dân"
    head: str = "Chủ tịch"
    position: str = "Chủ tịch"
    signer: str = ""
    to: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    drafter: str = ""

    @property
    def authority(self) -> tuple[str, ...]:
        """The lines above the signature, in capitals."""
        head, position = self.head.upper(), self.position.upper()
        lines = {
            "own": (position,),
            "TM": (f"TM. {self.collective.upper()}", position),
            "TM_KT": (f"TM. {self.collective.upper()}", f"KT. {head}", position),
            "Q": (f"Q. {position}",),
        }
        return lines.get(self.form, (f"{self.form}. {head}", position))


def of_office(name: str) -> Letterhead:
    """What the name of an office tells of its letterhead: "UBND xã Triệu Sơn"."""
    full = re.sub(r"^UBND\b", "Ủy ban nhân dân", name)
    place = re.sub(r"^Ủy ban nhân dân\s+(xã|phường|thị trấn|đặc khu|tỉnh|thành phố)\s+", "", full)
    return Letterhead(agency=full, place=place if place != full else "")


def called_on(offices: Sequence[Office], office: str) -> str:
    """The name that a letterhead has by itself; of all offices that of the one above all others, ""
    where there is none."""
    top = [one for one in offices if one.parent is None]
    if office == "all":
        return top[0].name.vi if len(top) == 1 else ""
    return next(one.name.vi for one in offices if one.id == office)


_UNIT: Final = re.compile(r"\b(XÃ|PHƯỜNG|ĐẶC KHU|TỈNH|THÀNH PHỐ) \S.*$")


def capitals(agency: str) -> str:
    """The name of an agency as it heads a text; where it breaks, its place stays together.

    >>> capitals("Ủy ban nhân dân xã Triệu Sơn").split(" ")[-1].split()
    ['XÃ', 'TRIỆU', 'SƠN']
    """
    return _UNIT.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), agency.upper())


def written_day(day: date) -> tuple[str, str, str]:
    """Day, month and year as the decree writes them: days below 10 and months 1, 2 with a zero.

    >>> written_day(date(2026, 2, 5)), written_day(date(2026, 3, 15))
    (('05', '02', '2026'), ('15', '3', '2026'))
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{day.day:02d}", month, str(day.year)


_FIELDS: Final = {field.name: field for field in fields(Letterhead)}
LISTS: Final = ("to", "copies")
"""The fields that hold several lines."""
TEXTS: Final = tuple(name for name in _FIELDS if name not in (*LISTS, "form"))
"""Those that hold one."""


def load_letterhead(folder: Path, office: str, name: str) -> Letterhead:
    """Return the letterhead of an office, or what its name tells. Raises HailongError."""
    kept = _read(folder / FILE)
    if office not in kept:
        return of_office(name)
    return _made(folder / FILE, office, kept[office])


def save_letterhead(folder: Path, office: str, letterhead: Letterhead) -> None:
    """Keep the letterhead of an office beside those of the others. Raises HailongError, OSError."""
    kept = _read(folder / FILE)
    kept[office] = {name: getattr(letterhead, name) for name in _FIELDS}
    text = "".join(f"{line}\n" for line in _lines(kept))
    write_whole(folder / FILE, text)


def _lines(kept: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "# Phần đầu và phần ký của báo cáo. The head and signature of reports."
    for office in sorted(kept):
        yield ""
        yield f"[{json.dumps(office)}]"
        for name, value in kept[office].items():
            # A JSON string is one of TOML too; so is a list of them.
            listed = list(value) if isinstance(value, list | tuple) else value
            yield f"{name} = {json.dumps(listed, ensure_ascii=False)}"


def _read(file: Path) -> dict[str, Mapping[str, Any]]:
    if not file.exists():
        return {}
    try:
        found = read_toml(file.read_bytes())
    except NotTOML as error:
        raise HailongError(error.problem(str(file)).told) from error
    for office, values in found.items():
        if not isinstance(values, dict):
            raise HailongError(sentence("report.no_table", file=file, name=office))
    return found


def _made(file: Path, office: str, values: Mapping[str, Any]) -> Letterhead:
    """A letterhead of what the file says; HailongError names the line that is not one."""
    given = {}
    for name, value in values.items():
        if name not in _FIELDS:
            known = ", ".join(_FIELDS)
            told = {"file": file, "office": office, "name": name, "known": known}
            raise HailongError(sentence("report.unknown", **told))
        given[name] = _checked(file, office, name, value)
    return Letterhead(**given)


def _checked(file: Path, office: str, name: str, value: Any) -> Any:
    told = {"file": file, "office": office, "name": name, "value": repr(value)}
    if name == "form":
        if value not in FORMS:
            raise HailongError(sentence("report.form", **told, known=", ".join(FORMS)))
        return value
    if name in LISTS:
        if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
            raise HailongError(sentence("report.lines", **told))
        return tuple(value)
    if not isinstance(value, str):
        raise HailongError(sentence("report.text", **told))
    return value
