"""Keeps re-checks: the sealed list, its seed, how many were drawn, and what became of each call.

An answer is stored along with its call being marked, and nothing says which answer it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, Engine, and_, case, delete, func, insert, select, update

from survey.errors import StoreError
from survey.intake import Response, StoreReceipt
from survey.recheck.calls import (
    SKIP_REASONS,
    Call,
    Outcome,
    SectorCalls,
    SkipReason,
    code_hash,
    spelt,
)
from survey.store import tables
from survey.store.records import reopen_calls
from survey.store.responses import add_within
from survey.store.seals import hold_chain
from survey.store.sqlite import require_same_file
from survey.store.staff_actions import By, note
from survey.told import sentence, spoken_month

SeedSource = Literal["dice", "seal"]

_list, _sector, _call = tables.recheck.c, tables.recheck_sector.c, tables.recheck_call.c
_row = tables.response.c


@dataclass(frozen=True, slots=True)
class Recheck:
    """The re-check of a month ("2026-10") of an office.

    `list_digest`: the SHA-256 of the file of dossiers; `seed` is None until it is fixed, which is
    not before `listed_on`. `sectors`: in the order of their ids.
    """

    month: str
    office: str
    list_digest: str
    listed_on: date
    seed: str | None
    seed_source: SeedSource | None
    seeded_on: date | None
    sectors: tuple[SectorCalls, ...] = ()

    @property
    def dossiers(self) -> int:
        """Dossiers of the list."""
        return sum(one.dossiers for one in self.sectors)

    @property
    def size(self) -> int:
        """Dossiers asked for."""
        return sum(one.size for one in self.sectors)

    @property
    def drawn(self) -> int:
        """Dossiers that count as drawn, each spare that was called among them."""
        return sum(one.drawn for one in self.sectors)

    @property
    def open(self) -> int:
        """Calls that are still to be made."""
        return sum(one.open for one in self.sectors)

    def count(self, outcome: Outcome) -> int:
        """How many calls ended so."""
        return sum(one.count(outcome) for one in self.sectors)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code leads: one drawn dossier by its place, and what became of it so far."""

    month: str
    office: str
    sector: str
    position: int
    outcome: Outcome | None


def seal_list(
    engine: Engine,
    found: Recheck,
    *,
    by: By | None = None,
) -> None:
    """Keep the digest of a list and how many dossiers each sector has.

    The same list again changes nothing. Another one takes its place until there is a seed.
    Raises StoreError where a seed was fixed for another list.
    """
    where = and_(_list.month == found.month, _list.office == found.office)
    with engine.begin() as connection:
        known = connection.execute(select(_list.list_digest, _list.seed).where(where)).one_or_none()
        if known is not None:
            if known.list_digest == found.list_digest:
                return
            if known.seed is not None:
                told = {"month": spoken_month(found.month), "digest": known.list_digest}
                raise StoreError(sentence("recheck.other_list", **told))
            _forget(connection, found.month, found.office)
        connection.execute(
            insert(tables.recheck).values(
                month=found.month,
                office=found.office,
                list_digest=found.list_digest,
                listed_on=found.listed_on,
            )
        )
        rows = [
            {**_key(found), "sector": one.sector, "dossiers": one.dossiers, "size": 0}
            for one in found.sectors
        ]
        connection.execute(insert(tables.recheck_sector), rows)
        note(connection, by, "recheck_sealed", found.office, month=found.month)


def _key(found: Recheck) -> dict[str, str]:
    return {"month": found.month, "office": found.office}


def _forget(connection: Connection, month: str, office: str) -> None:
    for table in (tables.recheck_call, tables.recheck_sector, tables.recheck):
        where = and_(table.c.month == month, table.c.office == office)
        connection.execute(delete(table).where(where))


def fix_seed(
    engine: Engine, month: str, office: str, seed: str, source: SeedSource, by: By
) -> None:
    """Fix the seed of a sealed list, once and for all; the same again changes nothing.

    Raises StoreError where there is no list, or another seed.
    """
    where = and_(_list.month == month, _list.office == office)
    fixed = {"seed": seed, "seed_source": source, "seeded_on": by.at.date()}
    with engine.begin() as connection:
        change = update(tables.recheck).where(where, _list.seed.is_(None)).values(**fixed)
        if connection.execute(change).rowcount == 1:
            note(connection, by, "recheck_seeded", office, month=month, source=source)
            return
        known = connection.execute(select(_list.seed).where(where)).one_or_none()
    if known is None:
        raise StoreError(sentence("recheck.no_list", month=spoken_month(month)))
    if known.seed != seed:
        raise StoreError(sentence("recheck.other_seed", month=spoken_month(month), seed=known.seed))


def keep_draw(
    engine: Engine,
    month: str,
    office: str,
    sizes: Mapping[str, int],
    codes: Mapping[tuple[str, int], str],
    by: By,
) -> None:
    """Keep how many are asked for of each sector, and the codes of the calls, as digests.

    `codes`: by sector and position. Each holds from now on; what became of a call is kept.
    Raises StoreError where fewer are asked for than before.
    """
    with engine.begin() as connection:
        hold_chain(connection)
        known = _sectors_of(connection, [(month, office)])[month, office]
        larger = {one.sector for one in known if sizes.get(one.sector, 0) > one.size}
        reopen_calls(connection, month, office, larger)
        for one in known:
            size = sizes.get(one.sector, 0)
            if size < one.size:
                raise StoreError(sentence("recheck.fewer", before=sum(s.size for s in known)))
            where = _in(tables.recheck_sector, month, office, one.sector)
            connection.execute(update(tables.recheck_sector).where(where).values(size=size))
        there = {(one.sector, call.position) for one in known for call in one.calls}
        for (sector, position), code in codes.items():
            digest = {"code_hash": code_hash(code)}
            if (sector, position) in there:
                where = _in(tables.recheck_call, month, office, sector)
                change = update(tables.recheck_call).where(where, _call.position == position)
                connection.execute(change.values(**digest))
            else:
                key = {"month": month, "office": office, "sector": sector, "position": position}
                connection.execute(insert(tables.recheck_call).values(**key, **digest))
        total = str(sum(sizes.values()))
        note(connection, by, "recheck_drawn", office, month=month, size=total)


def _in(table: Any, month: str, office: str, sector: str) -> Any:
    return and_(table.c.month == month, table.c.office == office, table.c.sector == sector)


def find_recheck(engine: Engine, month: str, office: str) -> Recheck | None:
    """Return the re-check of a month of an office, or None."""
    found = list_rechecks(engine, [office], month)
    return found[0] if found else None


def list_rechecks(
    engine: Engine, offices: Collection[str], month: str | None = None
) -> Sequence[Recheck]:
    """Return the re-checks of some offices, of one month or all, the newest month first."""
    query = select(tables.recheck).where(_list.office.in_(offices))
    if month is not None:
        query = query.where(_list.month == month)
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(_list.month.desc(), _list.office)).all()
        sectors = _sectors_of(connection, [(row.month, row.office) for row in rows])
    return [
        Recheck(
            row.month,
            row.office,
            row.list_digest,
            row.listed_on,
            row.seed,
            row.seed_source,
            row.seeded_on,
            sectors[row.month, row.office],
        )
        for row in rows
    ]


def count_open_calls(engine: Engine, offices: Collection[str]) -> dict[str, int]:
    """Return by month how many calls of some offices are still to be made, where there are any.

    The same as `Recheck.open`, of every month at once and without reading a call.
    """
    sector = (_sector.month, _sector.office, _sector.sector)
    same = and_(_call.month == sector[0], _call.office == sector[1], _call.sector == sector[2])
    skipped = func.sum(case((_call.outcome.in_(SKIP_REASONS), 1), else_=0)).label("skipped")
    reached = (
        select(*sector, (_sector.size + skipped).label("reach"))
        .join_from(tables.recheck_sector, tables.recheck_call, same)
        .where(_sector.office.in_(offices))
        .group_by(*sector, _sector.size)
        .having(func.count() > func.count(_call.outcome))
        .subquery()
    )
    still = and_(
        _call.month == reached.c.month,
        _call.office == reached.c.office,
        _call.sector == reached.c.sector,
        _call.position <= reached.c.reach,
        _call.outcome.is_(None),
    )
    query = (
        select(_call.month, func.count().label("open")).join(reached, still).group_by(_call.month)
    )
    with engine.connect() as connection:
        return {row.month: row.open for row in connection.execute(query)}


def _sectors_of(
    connection: Connection, keys: Iterable[tuple[str, str]]
) -> Mapping[tuple[str, str], tuple[SectorCalls, ...]]:
    """The sectors of re-checks with their calls in the order of the tickets."""
    wanted = set(keys)
    months, offices = ({key[part] for key in wanted} for part in (0, 1))
    calls: dict[tuple[str, str, str], list[Call]] = defaultdict(list)
    query = select(_call.month, _call.office, _call.sector, _call.position, _call.outcome)
    ordered = query.where(_call.month.in_(months), _call.office.in_(offices)).order_by(
        _call.position
    )
    for month, office, sector, position, outcome in connection.execute(ordered):
        calls[month, office, sector].append(Call(sector, position, outcome))
    found: dict[tuple[str, str], list[SectorCalls]] = {key: [] for key in wanted}
    sized = select(tables.recheck_sector).where(_sector.month.in_(months)).order_by(_sector.sector)
    for month, office, sector, dossiers, size in connection.execute(sized):
        if (month, office) in found:
            mine = tuple(calls[month, office, sector])
            found[month, office].append(SectorCalls(sector, dossiers, size, mine))
    return {key: tuple(sectors) for key, sectors in found.items()}


def find_place(engine: Engine, code: str) -> Place | None:
    """Return where a code leads; None where no call sheet in use has it."""
    columns = (_call.month, _call.office, _call.sector, _call.position, _call.outcome)
    query = select(*columns).where(_call.code_hash == code_hash(code))
    with engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else Place(*row)


def record_skip(engine: Engine, code: str, reason: SkipReason, by: By) -> None:
    """Keep that a call gave no answer, and why; a later call may still give one.

    Raises StoreError where the code is none, is not to be called yet, or was answered.
    """
    with engine.begin() as connection:
        hold_chain(connection)
        place = _to_call(connection, code)
        if place.outcome == "answered":
            raise StoreError(sentence("recheck.answered"))
        reopen_calls(connection, place.month, place.office, [place.sector])
        _mark(connection, code, reason)
        note(connection, by, "recheck_entered", place.office, month=place.month)


def add_answer(engine: Engine, code: str, response: Response, by: By) -> StoreReceipt:
    """Store the answer to a call and mark the call, in one transaction; the same again is repeated.

    Raises StoreError where the code is none, is not to be called yet, or was answered otherwise.
    """
    with engine.begin() as connection:
        receipt = add_within(connection, response)
        if receipt == "stored":
            hold_chain(connection)
            place = _to_call(connection, code)
            reopen_calls(connection, place.month, place.office, [place.sector])
            if place.outcome == "answered" or not _mark(connection, code, "answered"):
                raise StoreError(sentence("recheck.answered"))
            note(connection, by, "recheck_entered", place.office, month=place.month)
            _together(connection, response)
    require_same_file(engine)
    return receipt


def _together(connection: Connection, response: Response) -> None:
    """All answers of a re-check are written anew tonight, with this one: so none tells on which day
    it was entered, and with it by which calls of that day."""
    same = (_row.channel == response.channel, _row.office == response.office)
    month = _row.answered_on == response.answered_on
    connection.execute(update(tables.response).where(*same, month).values(fresh=True))


def _to_call(connection: Connection, code: str) -> Place:
    """The place of a code that may be called; its row is kept from others until the end."""
    columns = (_call.month, _call.office, _call.sector, _call.position, _call.outcome)
    query = select(*columns).where(_call.code_hash == code_hash(code)).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise StoreError(sentence("recheck.no_code", typed=spelt(code)))
    place = Place(*row)
    sectors = _sectors_of(connection, [(place.month, place.office)])[place.month, place.office]
    mine = next(one for one in sectors if one.sector == place.sector)
    if place.outcome is None and place.position > mine.reach:
        raise StoreError(sentence("recheck.spare", number=place.position))
    return place


def _mark(connection: Connection, code: str, outcome: Outcome) -> bool:
    where = and_(_call.code_hash == code_hash(code), func.coalesce(_call.outcome, "") != "answered")
    change = update(tables.recheck_call).where(where).values(outcome=outcome)
    return connection.execute(change).rowcount == 1
