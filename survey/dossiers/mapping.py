"""Changes what a columns file says, as a person chose on a page, and writes such a file. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from survey.dossiers.cells import plain
from survey.dossiers.columns import Columns, Role, parse_columns
from survey.dossiers.headings import bare
from survey.dossiers.look import WordKind

ROLES: Final[tuple[Role, ...]] = (
    *("code", "sector", "procedure", "received", "due", "returned", "filing", "office"),
)
_TABLES: Final[Mapping[WordKind, str]] = {
    "sector": "sectors",
    "office": "offices",
    "procedure": "procedures",
}
HEAD: Final = """\
# Tên cột và chữ trong tệp hồ sơ của đơn vị, như đã chọn ở trang Hồ sơ tháng. Sửa được bằng tay;
# giải thích: hailong dossiers columns, docs/dossiers.md.
# Headings and words of the office's own export, as chosen on the page of dossiers.
"""


def assign(
    columns: Columns,
    meanings: Mapping[str, Role | None],
    words: Mapping[tuple[WordKind, str], str],
) -> Columns:
    """Return the columns with other meanings of headings (None: not read) and more known words.

    A heading that gets a meaning goes before the others of it. Raises DossiersError where the
    result is no columns file.
    """
    moved = {form for heading in meanings for form in (plain(heading), bare(heading))}
    listed = {
        role: [one for one in columns.columns.get(role, ()) if plain(one) not in moved]
        for role in ROLES
    }
    for heading, role in meanings.items():
        if role is not None:
            listed[role].insert(0, heading)
    tables = {table: dict(getattr(columns, table)) for table in _TABLES.values()}
    for (kind, word), place in words.items():
        table = tables[_TABLES[kind]]
        for known in [known for known in table if plain(known) == plain(word)]:
            del table[known]
        table[word] = place
    given = {role: headings for role, headings in listed.items() if headings}
    changed = columns.model_copy(update={"columns": given, **tables})
    return parse_columns(columns_text(changed), "dossiers.toml")


def columns_text(columns: Columns) -> str:
    """Return a columns file that says exactly this."""
    return HEAD + "".join(f"{line}\n" for line in _lines(columns))


def _lines(columns: Columns) -> Iterator[str]:
    if columns.office is not None:
        yield f"office = {_quoted(columns.office)}"
    yield "\n[columns]"
    for role, headings in columns.columns.items():
        yield f"{role} = {_list(headings)}"
    yield "\n[filing]"
    yield f"online = {_list(columns.filing.online)}"
    for table in _TABLES.values():
        yield f"\n[{table}]"
        yield from (
            f"{_quoted(word)} = {_quoted(place)}" for word, place in getattr(columns, table).items()
        )


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    """A text as TOML writes it: as JSON does, but for the one sign that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
