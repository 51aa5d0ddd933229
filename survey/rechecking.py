"""The steps of a re-check, for command and page alike: seal the list, fix the seed, draw, enter.

Here nothing is asked and nothing is printed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Engine

from questionnaires import Answers, Questionnaire
from survey.dossiers.apart import LONGEST, look_apart
from survey.dossiers.count import ListedDossier
from survey.dossiers.reading import CountRequest, RowProgress
from survey.errors import DossiersError, StoreError
from survey.intake import Response, StoreReceipt, When, make_response
from survey.recheck.calls import SectorCalls, new_codes, spares, typed_code
from survey.recheck.sheet import CallSheet, SheetRow
from survey.recheck.tickets import ROLLS, Ticket, allocate, order, rolled
from survey.seals import Seal
from survey.store.rechecks import (
    Place,
    Recheck,
    add_answer,
    find_place,
    find_recheck,
    fix_seed,
    keep_draw,
    seal_list,
)
from survey.store.seals import first_seal_since
from survey.store.staff_actions import By
from survey.told import sentence, spoken_month

CHANNEL = "recheck"
QUESTIONNAIRE = "recheck@1"
LARGEST = 1000
"""Dossiers of one draw: more is no sample of an office's month any more."""


@dataclass(frozen=True, slots=True)
class DossierList:
    """The completed dossiers of a month of an office, as one file lists them."""

    month: str
    office: str
    file_name: str
    digest: str
    dossiers: tuple[ListedDossier, ...]

    @property
    def numbers(self) -> Mapping[str, int]:
        """Dossiers of each sector."""
        return dict(sorted(Counter(one.sector for one in self.dossiers).items()))


def read_list(
    content: bytes, name: str, request: CountRequest, progress: RowProgress | None = None
) -> DossierList:
    """Read the completed dossiers of the one month that is asked for, of one office.

    Raises DossiersError with every problem of the file, where it holds counts and no dossiers, or
    dossiers of several offices.
    """
    (month,) = request.periods
    asked = replace(request, one_by_one=True)
    counted = look_apart(content, name, asked, progress, seconds=LONGEST).require()
    if counted.kind == "population":
        raise DossiersError(sentence("recheck.counts_alone", file=name))
    offices = sorted({one.office for one in counted.listed})
    if len(offices) > 1:
        raise DossiersError(sentence("recheck.offices", file=name, offices=", ".join(offices)))
    digest = hashlib.sha256(content).hexdigest()
    return DossierList(month, offices[0], name, digest, counted.listed)


def seal(engine: Engine, found: DossierList, today: date, by: By) -> Recheck:
    """Keep the digest of the list and the numbers of its sectors, before there is a seed."""
    sectors = tuple(SectorCalls(one, number, 0, ()) for one, number in found.numbers.items())
    sealed = Recheck(found.month, found.office, found.digest, today, None, None, None, sectors)
    seal_list(engine, sealed, by=by)
    return _known(engine, found.month, found.office)


def roll(engine: Engine, month: str, office: str, typed: str, by: By) -> Recheck:
    """Fix the seed that dice made. Raises StoreError where it is none, or another is fixed."""
    seed = rolled(typed)
    if seed is None:
        raise StoreError(sentence("recheck.no_dice", rolls=ROLLS, typed=typed[:80]))
    fix_seed(engine, month, office, seed, "dice", by)
    return _known(engine, month, office)


def seal_for(engine: Engine, known: Recheck) -> Seal | None:
    """The seal that may be the seed: the first that nobody knew when the list was sealed."""
    return first_seal_since(engine, known.listed_on)


def take_seal(engine: Engine, month: str, office: str, by: By) -> Recheck:
    """Fix the digest of a later day's seal as the seed, which anybody finds in the public chain.

    Raises StoreError where no such day is sealed yet, or another seed is fixed.
    """
    later = seal_for(engine, _known(engine, month, office))
    if later is None:
        raise StoreError(sentence("recheck.no_later_seal", month=spoken_month(month)))
    fix_seed(engine, month, office, later.seal, "seal", by)
    return _known(engine, month, office)


def draw(engine: Engine, found: DossierList, size: int, by: By) -> CallSheet:
    """Draw so many dossiers of the sealed list, with a new code for every call that is not done.

    A larger size keeps what was drawn before; the codes of an earlier call sheet hold no more.
    Raises StoreError where the list is not the sealed one, there is no seed, or the size is wrong.
    """
    known = _known(engine, found.month, found.office)
    if known.list_digest != found.digest:
        told = {"month": spoken_month(found.month), "digest": known.list_digest}
        raise StoreError(sentence("recheck.other_list", **told))
    if known.seed is None:
        raise StoreError(sentence("recheck.no_seed", month=spoken_month(found.month)))
    if not 1 <= size <= LARGEST:
        raise StoreError(sentence("recheck.no_size", most=LARGEST, size=size))
    sizes = allocate(found.numbers, size)
    rows = tuple(_rows(order(found.dossiers, known.seed), sizes, known))
    codes = {
        (row.ticket.dossier.sector, row.ticket.position): row.code
        for row in rows
        if row.code is not None
    }
    keep_draw(engine, found.month, found.office, sizes, codes, by)
    name, digest = found.file_name, found.digest
    return CallSheet(found.month, found.office, name, digest, known.seed, rows)


def _rows(
    tickets: Mapping[str, Sequence[Ticket]], sizes: Mapping[str, int], known: Recheck
) -> Iterator[SheetRow]:
    """Those asked for and the spares behind them, sector by sector."""
    done = {
        (one.sector, call.position): call.outcome for one in known.sectors for call in one.calls
    }
    drawn = [
        (ticket, place > sizes[sector])
        for sector, sorted_tickets in tickets.items()
        for place, ticket in enumerate(_first(sorted_tickets, sizes[sector], done), start=1)
    ]
    codes = iter(new_codes(len(drawn)))
    for ticket, spare in drawn:
        outcome = done.get((ticket.dossier.sector, ticket.position))
        code = None if outcome == "answered" else next(codes)
        yield SheetRow(ticket, code, spare, outcome)


def _first(
    tickets: Sequence[Ticket], size: int, done: Iterable[tuple[str, int]]
) -> Sequence[Ticket]:
    """The tickets of a sector that stand on the sheet; one that was called stays on it."""
    called = [place for sector, place in done if tickets and sector == tickets[0].dossier.sector]
    return tickets[: max(size + spares(size, len(tickets)), *called, 0)]


def _known(engine: Engine, month: str, office: str) -> Recheck:
    found = find_recheck(engine, month, office)
    if found is None:
        raise StoreError(sentence("recheck.no_list", month=spoken_month(month)))
    return found


def place_of(engine: Engine, typed: str) -> tuple[str, Place]:
    """The code that was typed, and where it leads. Raises StoreError where it is none."""
    code = typed_code(typed)
    place = None if code is None else find_place(engine, code)
    if code is None or place is None:
        raise StoreError(sentence("recheck.no_code", typed=typed[:40]))
    return code, place


def enter(
    engine: Engine,
    code: str,
    place: Place,
    questionnaire: Questionnaire,
    answers: Answers,
    response_id: str,
    by: By,
) -> StoreReceipt:
    """Store the answer to a call: as one of the month that is re-checked, whenever it was given.

    Raises StoreError where the call was answered, or may not be made yet.
    """
    return add_answer(engine, code, answer_to(place, questionnaire, answers, response_id), by)


def answer_to(
    place: Place, questionnaire: Questionnaire, answers: Answers, response_id: str
) -> Response:
    """The response to a call, as of the first of its month: the day of the call is not kept."""
    day = date.fromisoformat(f"{place.month}-01")
    return make_response(
        place.office,
        questionnaire,
        answers,
        response_id=response_id,
        sector=place.sector,
        channel=CHANNEL,
        when=When(day, day),
    )
