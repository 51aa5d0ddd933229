"""Writes places as a places file (TOML): the inverse of reading one. Judges nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from questionnaires import Text
from survey.places import Places

HEAD = (
    "# Nơi phục vụ đang lưu: sửa rồi chạy  hailong place load TỆP\n"
    "# The places as they are stored: edit, then  hailong place load FILE\n"
)


def write_places(places: Places) -> str:
    """Return the text of a places file that reads back as ``places``."""
    return "\n".join([HEAD, *_blocks(places)])


def _blocks(places: Places) -> Iterator[str]:
    for office in places.office:
        parent = [("parent", office.parent)] if office.parent else []
        yield _block("office", [("id", office.id), *_names(office.name), *parent])
    for sector in places.sector:
        yield _block("sector", [("id", sector.id), *_names(sector.name)])
    for counter in places.counter:
        yield _block(
            "counter",
            [
                ("id", counter.id),
                ("office", counter.office),
                *_names(counter.name),
                ("questionnaire", counter.questionnaire),
                ("sectors", list(counter.sectors)),
            ],
        )
    for procedure in places.procedure:
        yield _block(
            "procedure",
            [("code", procedure.code), ("sector", procedure.sector), *_names(procedure.name)],
        )


def _names(name: Text) -> list[tuple[str, str]]:
    return [("name.vi", name.vi), ("name.en", name.en)]


def _block(kind: str, values: Iterable[tuple[str, str | list[str]]]) -> str:
    # A text without control characters (which names cannot hold) is the same in JSON and in TOML.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values]
    return "\n".join([f"[[{kind}]]", *lines, ""])
