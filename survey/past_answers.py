"""Answers that another tool collected, brought into the office by the one door.

Owns what becomes of each row: new, there already, or refused and why. A row is checked like any
answer that comes today; its day is its own, and it is marked as brought in. What the door has no
place for (covariates, comments) is not kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine

from questionnaires import InvalidAnswers, Questionnaire, check_json, keys
from questionnaires.bilingual import Told
from questionnaires.layout import CHANNELS, IMPORTED
from survey.errors import HailongError
from survey.intake import (
    RefusedResponse,
    Response,
    When,
    check_response_id,
    choose_sector,
    make_response,
)
from survey.places import GENERAL
from survey.store.past import PastSource, add_past
from survey.store.places import KnownPlaces, known_places
from survey.store.purges import purged_months
from survey.store.questionnaires import published_questionnaires
from survey.store.responses import stored_receipts
from survey.store.staff_actions import By
from survey.told import sentence

if TYPE_CHECKING:
    from analysis.input.cells import Cells
    from analysis.input.mapping import FormMapping

TOGETHER: Final = 1000
"""Answers that are stored in one transaction at most: others wait no longer than for these."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A row that is not taken: where it stands in the file, and why, with the whole value."""

    place: str
    why: Told


@dataclass(slots=True)
class PastAnswers:
    """What became of the rows of a file. `skipped`: those that the mapping leaves out."""

    new: int = 0
    repeated: int = 0
    skipped: int = 0
    refused: list[NotTaken] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Door:
    """What answers may be about here, and today."""

    questionnaires: Mapping[str, Questionnaire]
    places: KnownPlaces
    today: date
    purged: frozenset[str]


@dataclass(frozen=True, slots=True)
class PastRow:
    """A row of a file as the layout has it, and where it stands; its id as an office keeps it."""

    place: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PastRows:
    """The answers of a file by a mapping. `items`: those that it has columns of."""

    rows: Sequence[PastRow]
    items: Sequence[str]
    skipped: int


def bring_in(
    engine: Engine, file: Path, mapping: Path, by: By, *, dry_run: bool = False
) -> PastAnswers:
    """Take the answers of a file by its mapping file, as `take` does.

    Raises HailongError, and takes nothing, where the mapping does not fit the file.
    """
    from analysis.errors import Refusal
    from analysis.input.cells import read_cells
    from analysis.input.mapping import load_mapping

    try:
        form = load_mapping(mapping)
        found = rows_of(
            read_cells(file, form.sheet, form.heading), form, published_questionnaires(engine)
        )
    except Refusal as refusal:
        raise HailongError(refusal.args[0]) from refusal
    source = PastSource(file.name, sha256(file.read_bytes()).hexdigest())
    return take(engine, found, source, by, dry_run=dry_run)


def rows_of(
    cells: Cells, form: FormMapping, questionnaires: Mapping[str, Questionnaire]
) -> PastRows:
    """The answers of a sheet. Raises Refusal with every cell that cannot be read."""
    from analysis.input.mapped import apply, as_uuid

    found = apply(cells, form, questionnaires)

    def kept(row: Mapping[str, Any]) -> dict[str, Any]:
        id_ = row["response_id"]
        return {**row, "response_id": None if id_ is None else as_uuid(id_)}

    rows = [PastRow(found.place(number), kept(row)) for number, row in enumerate(found.rows)]
    return PastRows(rows, tuple(form.items), found.skipped)


def take(
    engine: Engine,
    found: PastRows,
    source: PastSource,
    by: By,
    *,
    dry_run: bool = False,
    offices: Collection[str] | None = None,
) -> PastAnswers:
    """Take the answers of a file as one import; an answer that is there changes nothing.

    Answers of one office's sector and month are stored together, so that they join its figures
    together. `dry_run` stores nothing. `offices`: those that answers may be of; every one where
    left out. Raises HailongError, and takes nothing, where a questionnaire does not ask an item.
    """
    purged = frozenset(month[:4] for month in purged_months(engine))
    places = known_places(engine)
    if offices is not None:
        places = replace(places, offices=places.offices.intersection(offices))
    door = _Door(published_questionnaires(engine), places, by.at.date(), purged)
    _check_items(found, door)
    told = PastAnswers(skipped=found.skipped)
    responses: list[tuple[str, Response]] = []
    for row in found.rows:
        try:
            responses.append((row.place, _response(row.values, found.items, door)))
        except _NotTaken as refused:
            told.refused.append(NotTaken(row.place, refused.why))
    for part in _parts(responses):
        answers = [response for _, response in part]
        receipts = (
            stored_receipts(engine, answers) if dry_run else add_past(engine, answers, by, source)
        )
        for (place, response), receipt in zip(part, receipts, strict=True):
            if receipt == "conflict":
                why = sentence("past.conflict", id=response.response_id)
                told.refused.append(NotTaken(place, why))
            told.new += receipt == "stored"
            told.repeated += receipt == "repeated"
    return told


def _check_items(found: PastRows, door: _Door) -> None:
    """Raise HailongError where the mapping names what a questionnaire does not ask."""
    for key in dict.fromkeys(row.values["questionnaire"] for row in found.rows):
        if key not in door.questionnaires:
            known = ", ".join(sorted(door.questionnaires))
            raise HailongError(sentence("past.no_questionnaire", key=key, known=known))
        strange = [item for item in found.items if item not in door.questionnaires[key].item_ids]
        if strange:
            known = ", ".join(door.questionnaires[key].item_ids)
            told = {"key": key, "items": ", ".join(strange), "known": known}
            raise HailongError(sentence("past.not_asked", **told))


class _NotTaken(Exception):
    def __init__(self, why: Told) -> None:
        super().__init__(why)
        self.why = why


def _response(row: Mapping[str, Any], items: Sequence[str], door: _Door) -> Response:
    """The answer of a row, as the door takes it."""
    questionnaire, day = door.questionnaires[row["questionnaire"]], row["answered_on"]
    for name, known in (("office", door.places.offices), ("channel", frozenset(CHANNELS))):
        if row[name] not in known:
            raise _refused(name, row[name], known)
    if not date(2000, 1, 1) <= day <= door.today:
        raise _NotTaken(sentence("past.day", day=day))
    if f"{day.year}" in door.purged:
        raise _NotTaken(sentence("past.purged", year=day.year))
    if row["response_id"] is None:
        raise _NotTaken(sentence("past.no_id"))
    response_id = check_response_id(row["response_id"])
    try:
        sector = choose_sector(questionnaire, door.places.sectors, row["sector"])
    except RefusedResponse as refused:
        raise _refused("sector", row["sector"], door.places.sectors) from refused
    scores = {item: row[item] for item in items if row[item] is not None}
    try:
        answers = check_json(questionnaire, {"scores": scores}, partial=True)
    except InvalidAnswers as invalid:
        raise _NotTaken(_wrong(scores, questionnaire)) from invalid
    response = make_response(
        row["office"],
        questionnaire,
        answers,
        response_id=response_id,
        sector=sector,
        channel=row["channel"],
        when=When(day, door.today),
    )
    return replace(response, procedure=(row["procedure"] or "")[:32], origin=IMPORTED)


def _refused(name: str, value: str | None, known: frozenset[str]) -> _NotTaken:
    listed = ", ".join(sorted(known - {GENERAL})[:20])
    shown = keys.quoted(value or "")
    return _NotTaken(sentence(f"past.{name}", value=shown, known=listed))


def _wrong(scores: Mapping[str, int], questionnaire: Questionnaire) -> Told:
    """What the door says of the scores: the first that is off the scale, or that there is none."""
    size = questionnaire.scale.size
    for item, score in scores.items():
        if not 1 <= score <= size:
            return sentence("past.score", item=item, value=score, size=size)
    return sentence("past.no_score")


def _parts(
    responses: Sequence[tuple[str, Response]],
) -> Iterator[Sequence[tuple[str, Response]]]:
    """Answers of one office's sector and month together, in even parts where they are many."""
    places: defaultdict[tuple[str, str, str], list[tuple[str, Response]]] = defaultdict(list)
    for place, one in responses:
        places[one.office, one.sector, f"{one.answered_on:%Y-%m}"].append((place, one))
    for key in sorted(places):
        found = places[key]
        number = -(-len(found) // TOGETHER)
        size = -(-len(found) // number)
        for start in range(0, len(found), size):
            yield found[start : start + size]
