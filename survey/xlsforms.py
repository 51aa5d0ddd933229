"""A questionnaire as an XLSForm workbook, and back: for KoboToolbox, ODK and translators.

Owns which rows say what. `survey`, `choices` and `settings` are standard XLSForm; what it has no
place for (sources, elements, the first satisfied level) stands in a sheet of its own, `hailong`,
which other programs pass over. A form made elsewhere needs none. Knows no draft folder.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from questionnaires import NOT_APPLICABLE, OVERALL
from questionnaires.drafting import OWN, words
from questionnaires.model import RawTable, tables
from survey.dossiers.workbook import open_workbook
from survey.errors import HailongError
from survey.told import sentence

LABELS: Final = {"vi": "label::Tiếng Việt (vi)", "en": "label::English (en)"}
SURVEY: Final = ("type", "name", *LABELS.values(), "required", "relevant", "constraint")
CHOICES: Final = ("list_name", "name", *LABELS.values())
SETTINGS: Final = ("form_title", "form_id", "version", "default_language")
OWN_SHEET: Final = "hailong"
OWN_COLUMNS: Final = ("part", "key", "vi", "en")
HEADS: Final = ("title", "intro", "stem")
SCALE: Final = "scale"
MOST_ROWS: Final = 5_000

_PASSED: Final = re.compile(
    r"(begin|end)[ _](group|repeat)|start|end|today|deviceid|username|audit|calculate"
)
_BOUND: Final = re.compile(r"\$\{(\w+)\}\s*(<=|>=)\s*(\d{1,2})")
_LENGTH: Final = re.compile(r"string-length\(\.\)\s*<=\s*(\d{1,5})")
_SIGNS: Final = {"at_least": ">=", "at_most": "<="}


class FormRefused(HailongError):
    """A workbook is no questionnaire; the text says where, what and the remedy."""


# --- Out --------------------------------------------------------------------------------------


def write_form(content: RawTable) -> bytes:
    """Return the workbook of a questionnaire given as plain data (keys as in the file)."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    title = content["title"]["vi"] or content["id"]
    settings = [(title, content["id"], content["version"], "Tiếng Việt (vi)")]
    sheets = (
        ("survey", SURVEY, _survey(content)),
        ("choices", CHOICES, _choices(content)),
        ("settings", SETTINGS, settings),
        (OWN_SHEET, OWN_COLUMNS, _own(content)),
    )
    for name, head, rows in sheets:
        sheet = book.create_sheet(name)
        for number, row in enumerate((head, *rows), start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(number, column, str(value))
                cell.data_type = "s"  # words that begin with '=' are no formula
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _survey(content: RawTable) -> Iterator[tuple[object, ...]]:
    for name in HEADS:
        if name in content:
            yield ("note", f"_{name}", *_both(content[name]), "", "", "")
    for item in tables(content, "item"):
        required = "yes" if item.get("required") or item["id"] == OVERALL else ""
        yield (f"select_one {_list(item)}", item["id"], *_both(item["text"]), required, "", "")
    for one in tables(content, "choices"):
        kind = "select_multiple" if one.get("multiple") else "select_one"
        relevant = _relevant(one.get("show_when"))
        yield (f"{kind} {one['id']}", one["id"], *_both(one["text"]), "", relevant, "")
    for one in tables(content, "comment"):
        limit = f"string-length(.) <= {one.get('max_length', 1000)}"
        relevant = _relevant(one.get("show_when"))
        yield ("text", "comment", *_both(one["text"]), "", relevant, limit)


def _both(text: Mapping[str, str]) -> tuple[str, str]:
    return text["vi"], text["en"]


def _list(item: RawTable) -> str:
    """The list of an item: the levels alone, with 'not applicable', or with words of its own."""
    if not item.get("not_applicable"):
        return SCALE
    return f"{SCALE}_{item['id']}" if item.get("not_applicable_text") else f"{SCALE}_na"


def _relevant(condition: Mapping[str, Any] | None) -> str:
    bounds = condition or {}
    return " and ".join(
        f"${{{bounds['item']}}} {sign} {bounds[key]}"
        for key, sign in _SIGNS.items()
        if bounds.get(key) is not None
    )


def _choices(content: RawTable) -> Iterator[tuple[object, ...]]:
    scale = content["scale"]
    none = {SCALE: None, f"{SCALE}_na": scale["not_applicable"]}
    for item in tables(content, "item"):
        none.setdefault(_list(item), item.get("not_applicable_text"))
    for name, text in none.items():
        for score, label in enumerate(scale["labels"], start=1):
            yield (name, score, *_both(label))
        if text is not None:
            yield (name, NOT_APPLICABLE, *_both(text))
    for one in tables(content, "choices"):
        for option in one["option"]:
            yield (one["id"], option["id"], *_both(option["text"]))


def _own(content: RawTable) -> Iterator[tuple[object, ...]]:
    """What XLSForm has no place for: (part, key, value or Vietnamese, English)."""
    yield ("", "about_sector", "yes" if content["about_sector"] else "no", "")
    yield ("", "satisfied_from", content["scale"].get("satisfied_from", 4), "")
    if content.get("kiosk_partial"):
        yield ("", "kiosk_partial", content["kiosk_partial"], "")
    yield from _source("", content)
    yield from _source(SCALE, content["scale"])
    for element in tables(content, "element"):
        part = f"element:{element['id']}"
        yield (part, "title", *_both(element["title"]))
        yield from _source(part, element)
    for kind in ("item", "choices", "comment"):
        for one in tables(content, kind):
            part = one.get("id", "comment")
            yield from _source(part, one)
            if one.get("element"):
                yield (part, "element", one["element"], "")


def _source(part: str, table: RawTable) -> Iterator[tuple[object, ...]]:
    yield (part, "source", table["source"]["text"], "")
    yield (part, "trust", table["source"]["trust"], "")


# --- In ---------------------------------------------------------------------------------------

Row = Mapping[str, str]


def read_form(content: bytes, name: str) -> dict[str, Any]:
    """Return what a workbook asks, as plain data; its id and version as they stand there.

    Texts may be missing. Raises HailongError naming the sheet, the row and the remedy.
    """
    sheets = _sheets(content, name)
    if "survey" not in sheets or "choices" not in sheets:
        raise FormRefused(sentence("xlsform.no_sheets", file=name))
    return _Reader(name, sheets).content()


def _sheets(content: bytes, name: str) -> dict[str, list[tuple[int, Row]]]:
    """The rows of each sheet by the words of its head, with their numbers."""
    found: dict[str, list[tuple[int, Row]]] = {}
    for sheet in open_workbook(content, name):
        rows: list[tuple[int, Row]] = []
        head: Sequence[str] = ()
        for number, cells in sheet.rows():
            texts = [_text(cell) for cell in cells]
            if not head:
                head = [text.lower() for text in texts]
                continue
            if len(rows) >= MOST_ROWS:
                raise FormRefused(sentence("xlsform.many_rows", file=name, most=MOST_ROWS))
            rows.append((number, dict(zip(head, texts, strict=False))))
        found[sheet.tab.lower()] = rows
    return found


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split()) if isinstance(cell, (str, int, float)) else ""


def _label(row: Row) -> dict[str, str]:
    """The words of a row; a label without a language is Vietnamese."""
    found = {"vi": row.get("label", ""), "en": ""}
    for head, text in row.items():
        language = re.fullmatch(r"label::?.*\((vi|en)\)", head)
        if language:
            found[language[1]] = text
    return words(found["vi"], found["en"])


class _Reader:
    """Reads one workbook."""

    def __init__(self, name: str, sheets: Mapping[str, list[tuple[int, Row]]]) -> None:
        self._name, self._sheets = name, sheets
        self._lists: dict[str, list[tuple[str, dict[str, str]]]] = {}
        for _, row in sheets["choices"]:
            key = row.get("list_name", "") or row.get("list name", "")
            if key:
                self._lists.setdefault(key, []).append((row.get("name", ""), _label(row)))
        self._own = {
            (row.get("part", ""), row.get("key", "")): row for _, row in sheets.get(OWN_SHEET, ())
        }
        self._levels: list[dict[str, str]] = []
        self._heads: dict[str, dict[str, str]] = {}
        self._items: list[dict[str, Any]] = []
        self._picked: list[dict[str, Any]] = []
        self._box: dict[str, Any] | None = None

    def content(self) -> dict[str, Any]:
        """Everything that it asks, as plain data."""
        settings = next((row for _, row in self._sheets.get("settings", ())), {})
        for number, row in self._sheets["survey"]:
            if row.get("type", "") and not _PASSED.fullmatch(row["type"]):
                self._take(number, row)
        if not self._items:
            raise FormRefused(sentence("xlsform.no_scale", file=self._name))
        made: dict[str, Any] = {
            "id": settings.get("form_id", ""),
            "version": settings.get("version", ""),
            "title": words(settings.get("form_title", ""), ""),
            "intro": words("", ""),
            **self._heads,
            "source": self._source(""),
            "about_sector": self._value("", "about_sector") != "no",
            "scale": self._whole_scale(),
            "element": self._elements(),
            "item": self._items,
            "choices": self._picked,
        }
        if self._box is not None:
            made["comment"] = self._box
        if self._value("", "kiosk_partial"):
            made["kiosk_partial"] = self._value("", "kiosk_partial")
        return made

    def _take(self, number: int, row: Row) -> None:
        """Take one row of the survey. Raises FormRefused where it is none of ours."""
        kind, _, list_ = row["type"].partition(" ")
        name, label = row.get("name", ""), _label(row)
        if kind == "note":
            if name[:1] == "_" and name[1:] in HEADS:
                self._heads[name[1:]] = label
        elif kind == "text" and self._box is None:
            self._box = self._comment(row, label)
        elif kind in ("select_one", "select_multiple") and list_ in self._lists:
            levels, last = self._scale(list_)
            if kind == "select_one" and levels and self._levels in ([], levels):
                self._levels = levels
                self._items.append(self._item(row, label, last, list_))
            else:
                self._picked.append(self._choice(row, label, list_, kind))
        else:
            given = {"file": self._name, "row": number, "type": row["type"]}
            raise FormRefused(sentence("xlsform.unknown_type", **given))

    def _whole_scale(self) -> dict[str, Any]:
        size, start = len(self._levels), self._value("", "satisfied_from")
        none = self._scale(f"{SCALE}_na")[1] if f"{SCALE}_na" in self._lists else None
        return {
            "size": size,
            "satisfied_from": int(start) if start.isdecimal() else max(2, size - 1),
            "labels": self._levels,
            "not_applicable": none or {"vi": "Không áp dụng", "en": "Not applicable"},
            "source": self._source(SCALE),
        }

    def _scale(self, list_: str) -> tuple[list[dict[str, str]], dict[str, str] | None]:
        """The levels of a list whose names are 1, 2, 3 …, and its words for 'not applicable'."""
        entries = self._lists[list_]
        last = next((text for name, text in entries if name == NOT_APPLICABLE), None)
        scored = [(name, text) for name, text in entries if name != NOT_APPLICABLE]
        names = [name for name, _ in scored]
        counted = len(names) > 1 and names == [str(n) for n in range(1, len(names) + 1)]
        return ([text for _, text in scored] if counted else []), last

    def _item(
        self, row: Row, label: dict[str, str], none: dict[str, str] | None, list_: str
    ) -> dict[str, Any]:
        name = row.get("name", "")
        required = row.get("required", "").lower() in ("yes", "true", "true()", "1")
        made: dict[str, Any] = {"id": name, "text": label, "source": self._source(name)}
        if self._value(name, "element"):
            made["element"] = self._value(name, "element")
        made["not_applicable"] = none is not None
        if none is not None and list_ != f"{SCALE}_na":
            made["not_applicable_text"] = none
        made["required"] = required
        return made

    def _choice(self, row: Row, label: dict[str, str], list_: str, kind: str) -> dict[str, Any]:
        name = row.get("name", "")
        options = [{"id": id_, "text": text} for id_, text in self._lists[list_]]
        made: dict[str, Any] = {"id": name, "text": label, "source": self._source(name)}
        made |= {"multiple": kind == "select_multiple", "option": options}
        return self._shown(made, row)

    def _comment(self, row: Row, label: dict[str, str]) -> dict[str, Any]:
        limit = _LENGTH.search(row.get("constraint", ""))
        made: dict[str, Any] = {"text": label, "source": self._source("comment")}
        made["max_length"] = int(limit[1]) if limit else 1000
        return self._shown(made, row)

    def _shown(self, made: dict[str, Any], row: Row) -> dict[str, Any]:
        """Put in the condition; one that is not about the score of one question is refused."""
        given = row.get("relevant", "")
        if not given:
            return made
        bounds = _BOUND.findall(given)
        rest = _BOUND.sub("", given).replace("and", "").strip()
        if not bounds or rest or len({item for item, _, _ in bounds}) > 1:
            words_ = {"file": self._name, "name": row.get("name", ""), "given": given}
            raise FormRefused(sentence("xlsform.relevant", **words_))
        keys = {sign: key for key, sign in _SIGNS.items()}
        condition: dict[str, Any] = {"item": bounds[0][0]}
        made["show_when"] = condition | {keys[sign]: int(score) for _, sign, score in bounds}
        return made

    def _elements(self) -> list[dict[str, Any]]:
        parts = [part for part, key in self._own if part.startswith("element:") and key == "title"]
        return [
            {
                "id": part.removeprefix("element:"),
                "title": words(self._value(part, "title"), self._own[part, "title"].get("en", "")),
                "source": self._source(part),
            }
            for part in parts
        ]

    def _value(self, part: str, key: str) -> str:
        return self._own.get((part, key), {}).get("vi", "")

    def _source(self, part: str) -> dict[str, str]:
        text, trust = self._value(part, "source"), self._value(part, "trust")
        return {"text": text, "trust": trust} if text and trust else dict(OWN)
