"""A mapping drafted from an export: what each column seems to be, and what a person must check.

Owns the guesses and the text of the draft. A guess is never used unread: whoever reads the file
decides.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from typing import Any, Final

from analysis.input.cells import Cells
from analysis.input.frames import text_of
from analysis.input.mapped import BUILT_IN, NO_ANSWER
from analysis.input.mapping import OFFICE_ZONE, Order
from analysis.words import say
from questionnaires import OVERALL, Questionnaire, keys
from questionnaires.wording import LANGUAGES

_IDS: Final = ("_uuid", "meta/instanceid", "response id", "responseid", "response_id", "_id", "id")
_DAYS: Final = (
    *("dấu thời gian", "timestamp", "submitdate", "date submitted", "ngày trả lời", "answered_on"),
    *("end", "completed", "completion time", "thời gian hoàn thành", "_submission_time", "start"),
)
_SECTORS: Final = ("lĩnh vực", "linh_vuc", "sector", "field", "dịch vụ")
_PERSONAL: Final = (
    *("họ và tên", "họ tên", "name", "điện thoại", "phone", "email", "e-mail", "cccd", "cmnd"),
    *("địa chỉ", "address", "ip", "mã hồ sơ", "token"),
)
_OF_THE_TOOL: Final = ("lastpage", "startlanguage", "seed", "_index", "__version__", "stt")
_CODES: Final = re.compile(r"a([1-9])", re.IGNORECASE)
_UTC: Final = ("submitdate", "_submission_time", "date submitted")
_FEW: Final = 12  # different values of a column that names something
_MANY_VALUES: Final = 60
_NEAR: Final = 0.82


@dataclass(frozen=True, slots=True)
class Known:
    """What is known: questionnaire, names of sectors by id, office, the row with the headings."""

    questionnaire: Questionnaire | None = None
    sectors: Mapping[str, str] = field(default_factory=dict)
    office: str = ""
    heading: int = 1


def draft(cells: Cells, known: Known, form: str, sheet: str | None = None) -> str:
    """The text of a mapping file for this sheet, with comments that say what to check."""
    return "\n".join(_Draft(cells, known, _slug(form, "-") or "form", sheet).lines()) + "\n"


class _Draft:
    def __init__(self, cells: Cells, known: Known, form: str, sheet: str | None) -> None:
        self.cells, self.known, self.form, self.sheet = cells, known, form, sheet
        self.values = {
            heading: _distinct(cells.column(heading)) for heading in cells.headings if heading
        }
        self.id = self._first(_IDS, self._unique)
        self.day = self._first(_DAYS, _are_days)
        self.sector = self._first(_SECTORS, bool, whole=False)
        taken = {self.id, self.day, self.sector}
        self.scored = [
            heading
            for heading in self.values
            if heading not in taken
            and keys.folded(heading) not in _OF_THE_TOOL
            and not _is_personal(heading)
            and _are_scores(self.values[heading])
        ]
        self.codes = sorted(
            {text for heading in self.scored for text in self.values[heading] if _code(text)}
        )
        taken.update(self.scored)
        self.rest = [heading for heading in self.values if heading not in taken]

    def _first(self, names: Sequence[str], fits: Any, *, whole: bool = True) -> str | None:
        """The first heading of these names; of a group's questions the last part counts too."""
        for name in names:
            for heading in self.values:
                last = keys.folded(heading).rsplit("/", 1)[-1]
                same = name in (keys.folded(heading), last) if whole else name in last
                if same and fits(self._cells(heading)):
                    return heading
        return None

    def _cells(self, heading: str) -> list[Any]:
        return [cell for cell in self.cells.column(heading) if cell is not None]

    def _unique(self, found: Sequence[Any]) -> bool:
        return bool(found) and len(set(map(text_of, found))) == len(found) == len(self.cells.rows)

    def lines(self) -> Iterator[str]:
        yield from _told("head")
        yield f"form = {_text(self.form)}"
        if self.sheet:
            yield f"sheet = {_text(self.sheet)}"
        if self.known.heading > 1:
            yield f"heading = {self.known.heading}"
        if self.id:
            yield f"id = {_text(self.id)}"
        else:
            yield from _told("no_id")
        key = self.known.questionnaire.key if self.known.questionnaire else f"{self.form}@1"
        yield ""
        yield from _told("fixed")
        yield f"questionnaire = {_text(key)}"
        yield f"office = {_text(self.known.office or 'xa-a')}"
        yield 'channel = "poster"'
        if not self.sector:
            yield from _told("no_sector")
            yield 'sector = "general"'
        yield from self._of_day()
        yield from self._of_sector()
        yield from self._of_items()
        yield from self._of_scale()
        yield from self._of_skipped()
        yield from self._of_rest()

    def _of_day(self) -> Iterator[str]:
        yield from ("", "[date]")
        if self.day is None:
            yield from _told("no_day")
            yield 'column = "?"'
            return
        yield f"column = {_text(self.day)}"
        cells = self._cells(self.day)
        if any(not isinstance(cell, date) for cell in cells):
            order, sure = _order(cells)
            yield from () if sure else _told("unsure_order")
            yield f"format = {_text(order)}"
        utc = keys.folded(self.day).rsplit("/", 1)[-1] in _UTC
        yield from _told("utc") if utc else ()
        yield f"zone = {_text('UTC' if utc else OFFICE_ZONE)}"

    def _of_sector(self) -> Iterator[str]:
        if not self.sector:
            return
        yield ""
        yield from _told("sector")
        yield from ("[sector]", f"column = {_text(self.sector)}", "", "[sector.values]")
        named = {_slug(name, "-"): id_ for id_, name in self.known.sectors.items()}
        named |= {id_: id_ for id_ in self.known.sectors}
        for value in self.values[self.sector]:
            meant = named.get(_slug(value, "-"))
            mark = "" if meant else _DOUBT
            yield f"{_text(value)} = {_text(meant or _slug(value, '-') or 'general')}{mark}"

    def _of_items(self) -> Iterator[str]:
        yield ""
        yield from _told("items")
        yield from () if self.scored else _told("no_items")
        yield "[items]"
        found, left = self._matched()
        for heading, item in found.items():
            yield f"{item} = {_text(heading)}"
        unknown = [heading for heading in self.scored if heading not in found]
        if unknown and self.known.questionnaire:
            yield from _told("which_item", list=", ".join(left))
        for number, heading in enumerate(unknown, start=1):
            name = _item_name(heading, number, {*found.values()})
            start = "# ? = " if self.known.questionnaire else f"{name} = "
            yield f"{start}{_text(heading)}{_DOUBT}"

    def _matched(self) -> tuple[dict[str, str], list[str]]:
        """Columns of scores with the item that each surely asks, and the items that are left."""
        asked = self.known.questionnaire.items if self.known.questionnaire else ()
        free = {item.id: {item.id, item.text.vi, item.text.en} for item in asked}
        free.setdefault(OVERALL, {OVERALL})
        found: dict[str, str] = {}
        for heading in self.scored:
            item = _nearest(heading, free)
            if item is None and OVERALL in free and _is_overall(heading):
                item = OVERALL
            if item is not None:
                found[heading] = item
                del free[item]
        return found, list(free)

    def _of_scale(self) -> Iterator[str]:
        if not self.codes:
            return
        yield ""
        yield from _told("codes")
        yield "[scale.words]"
        for code in self.codes:
            yield f"{_text(code)} = {int(code[1:])}"

    def _of_skipped(self) -> Iterator[str]:
        gaps = 0
        if self.day is not None:
            gaps = sum(text_of(cell) is None for cell in self.cells.column(self.day))
        if gaps:
            yield ""
            yield from _told("gaps", n=gaps)
            yield from ("[skip]", f"empty = [{_text(str(self.day))}]")

    def _of_rest(self) -> Iterator[str]:
        personal = [one for one in self.rest if _is_personal(one)]
        others = [one for one in self.rest if one not in personal]
        rows = len(self.cells.rows)
        few = [one for one in others if 1 < len(self.values[one]) <= min(_FEW, rows - 1)]
        if few:
            yield ""
            yield from _told("covariates")
            yield "# [covariates]"
            for heading in few:
                yield f"# x_{_slug(heading, '_')[:30] or 'other'} = {_text(heading)}"
        unread = [one for one in others if one not in few]
        for key, listed in (("unread", unread), ("personal", personal)):
            if listed:
                yield ""
                yield from _told(key, list=", ".join(map(_text, listed)))


_DOUBT: Final = "  # [?]"


def _told(key: str, **values: object) -> Iterator[str]:
    """A comment in both languages."""
    return (f"# {say(f'draft.{key}', lang, **values)}" for lang in LANGUAGES)


def _distinct(column: Sequence[Any]) -> list[str]:
    texts = (keys.normal(text_of(cell) or "") for cell in column)
    return list(dict.fromkeys(text for text in texts if text))


def _code(text: str) -> bool:
    return _CODES.fullmatch(text) is not None


def _are_scores(values: Sequence[str]) -> bool:
    """Whether a column holds nothing but scores: numbers 1 to 5, words for them, codes A1 to A9."""
    found = [keys.folded(value) for value in values]
    scores = [value for value in found if value not in NO_ANSWER]
    known = [
        value
        for value in scores
        if value in BUILT_IN
        or _code(value)
        or re.fullmatch(r"[1-5](\.0+)?(\s*[-–.:)]\s*\D.*)?", value)
    ]
    return bool(known) and len(known) == len(scores) and len(scores) <= _MANY_VALUES


def _are_days(cells: Sequence[Any]) -> bool:
    return bool(cells) and all(isinstance(cell, date) or _numbers(cell) for cell in cells)


def _numbers(cell: Any) -> tuple[int, int, int] | None:
    found = re.match(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})", str(cell))
    return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


def _order(cells: Sequence[Any]) -> tuple[Order, bool]:
    """The order of the numbers of days, and whether it is sure."""
    found = [numbers for cell in cells if (numbers := _numbers(cell))]
    if all(first > 31 for first, _, _ in found):
        return "year-first", True
    if any(first > 12 for first, _, _ in found):
        return "day-first", True
    if any(second > 12 for _, second, _ in found):
        return "month-first", True
    return "day-first", False


def _nearest(heading: str, free: Mapping[str, set[str]]) -> str | None:
    """The item whose words a heading has; in brackets and behind a slash, some tools put them."""
    inside = re.findall(r"\[([^\]]+)\]", heading)
    parts = [keys.folded(part) for part in (heading, heading.rsplit("/", 1)[-1], *inside)]
    best, item = _NEAR, None
    for id_, texts in free.items():
        for text in texts:
            same = max(SequenceMatcher(None, part, keys.folded(text)).ratio() for part in parts)
            if same >= best:
                best, item = same, id_
    return item


def _is_overall(heading: str) -> bool:
    text = keys.folded(heading)
    return any(word in text for word in ("nhìn chung", "nói chung", "overall", "in general"))


def _is_personal(heading: str) -> bool:
    words = keys.folded(heading)
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", words) for word in _PERSONAL)


def _item_name(heading: str, number: int, used: set[str]) -> str:
    slug = _slug(heading.rsplit("/", 1)[-1], "_")
    name = slug if re.fullmatch(r"[a-z][a-z0-9_]{0,19}", slug) else f"q{number:02d}"
    return name if name not in used else f"q{number:02d}"


def _slug(text: str, mark: str) -> str:
    """A name in a-z and 0-9: Đất đai as dat-dai."""
    plain = unicodedata.normalize("NFD", keys.folded(text).replace("đ", "d"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", mark, plain).strip(mark)


def _text(text: str) -> str:
    """A text as TOML writes it, which is as JSON does but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
