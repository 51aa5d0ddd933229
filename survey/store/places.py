"""Reads and writes offices, counters, sectors, procedures and their public links.

Owns finding where a link or a tablet stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import groupby
from secrets import token_hex
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Engine, Row, Table, bindparam, or_, select, update

from questionnaires import Text
from survey.errors import StoreError
from survey.intake import Asked
from survey.links import random_code
from survey.places import (
    Counter,
    Office,
    Places,
    Procedure,
    Sector,
    find_counter,
    full_id,
)
from survey.store import tables
from survey.store.renames import bring_closed, move_counters, rename
from survey.store.staff_actions import By, StaffAction, note
from survey.store.transactions import whole_transaction
from survey.told import sentence

Standing = tuple[Counter, Office, tuple[Sector, ...]]
"""A counter with its office and sectors, whatever leads to it."""

_standing_counters, _standing_serves, _sectors_of = (
    tables.counter.c,
    tables.counter_sector.c,
    tables.sector.c,
)

# A row for each sector of each counter, or one row with no sector.
COUNTERS = (
    select(
        _standing_counters.key.label("counter"),
        _standing_counters.id,
        _standing_counters.office,
        _standing_counters.name_vi.label("counter_vi"),
        _standing_counters.name_en.label("counter_en"),
        _standing_counters.questionnaire,
        _standing_counters.kiosk_mode,
        _standing_counters.kiosk_comment,
        tables.office.c.name_vi.label("office_vi"),
        tables.office.c.name_en.label("office_en"),
        tables.office.c.parent,
        _standing_serves.sector,
        _sectors_of.name_vi.label("sector_vi"),
        _sectors_of.name_en.label("sector_en"),
        _sectors_of.hint_vi,
        _sectors_of.hint_en,
    )
    .select_from(tables.counter)
    .join(tables.office)
    .outerjoin(tables.counter_sector, _standing_serves.counter == _standing_counters.key)
    .outerjoin(tables.sector, _standing_serves.sector == _sectors_of.id)
)
_STANDING = COUNTERS.where(_standing_counters.key == bindparam("key")).order_by(
    _standing_serves.position
)


def find_standing(engine: Engine, key: str) -> Standing | None:
    """Return the counter of this key with its office and sectors, also where it was closed."""
    with engine.connect() as connection:
        rows = tuple(connection.execute(_STANDING, {"key": key}))
    return standing(rows) if rows else None


def read_standing(connection: Connection, key: str) -> Standing:
    """Return a known counter with its office and sectors, as a part of the caller's reading."""
    return standing(tuple(connection.execute(_STANDING, {"key": key})))


@lru_cache(maxsize=1024)
def standing(rows: tuple[Row[Any], ...]) -> Standing:
    """Join the rows of one counter, a row a sector. The same rows are joined once."""
    row = rows[0]
    sectors = tuple(
        Sector(id=one.sector, name=Text(vi=one.sector_vi, en=one.sector_en), hint=_hint(one))
        for one in rows
        if one.sector is not None
    )
    counter = Counter(
        id=row.id,
        office=row.office,
        name=Text(vi=row.counter_vi, en=row.counter_en),
        questionnaire=row.questionnaire,
        sectors=tuple(sector.id for sector in sectors),
        kiosk_mode=row.kiosk_mode,
        kiosk_comment=row.kiosk_comment,
    )
    name = Text(vi=row.office_vi, en=row.office_en)
    return counter, Office(id=row.office, name=name, parent=row.parent), sectors


@dataclass(frozen=True, slots=True)
class KnownPlaces:
    """Every office and sector that there is, or was: what is gone stays stored."""

    offices: frozenset[str]
    sectors: frozenset[str]


def known_places(engine: Engine) -> KnownPlaces:
    """Return what answers may be about."""
    with engine.connect() as connection:
        offices = connection.execute(select(tables.office.c.id)).scalars()
        sectors = connection.execute(select(_sectors_of.id)).scalars()
        return KnownPlaces(frozenset(offices), frozenset(sectors))


def require_counter(connection: Connection, text: str) -> str:
    """Return the key of the open counter that ``text`` names, as of `survey.places.find_counter`.

    Raises PlacesError with what there is to choose from.
    """
    found = find_counter(text, _counters_where(connection, ~tables.counter.c.closed))
    key = counter_key(connection, found.full_id)
    assert key is not None  # noqa: S101  it was read from there
    return key


def counter_key(connection: Connection, full: str) -> str | None:
    """Return the key of the counter with this full id; None where there is none."""
    office, _, id_ = full.partition("/")
    row = tables.counter.c
    query = select(row.key).where(row.office == office, row.id == id_)
    return connection.execute(query).scalar_one_or_none()


def counter_place(connection: Connection, key: str) -> tuple[str, str]:
    """Return the office and the full id of the counter of this key."""
    row = tables.counter.c
    found = connection.execute(select(row.office, row.id).where(row.key == key)).one()
    return found.office, full_id(found.office, found.id)


LinkChannel = Literal["poster"]

GONE = -1
"""The position of an office or sector that the places file no longer names."""


@dataclass(frozen=True, slots=True)
class Link:
    """The public address of a counter, by its key, on one channel."""

    code: str
    counter: str
    channel: LinkChannel
    created_on: date
    revoked_on: date | None


@dataclass(frozen=True, slots=True)
class Desk:
    """What a link leads to: one counter with its office and sectors.

    ``open`` until the link is revoked or the counter closed, which a later file may undo.
    """

    link: Link
    counter: Counter
    office: Office
    sectors: tuple[Sector, ...]
    open: bool

    @property
    def key(self) -> str:
        """The counter's key, which stays whatever id and office it has."""
        return self.link.counter

    @property
    def subject(self) -> str:
        """What its form's token is issued for: this address and no other."""
        return self.link.code

    @property
    def channel(self) -> str:
        """The channel of what is answered there."""
        return self.link.channel


@dataclass(frozen=True, slots=True)
class SlipDesk:
    """What a slip leads to: a counter with its office, and the sector that the slip is about.

    Slips of the same counter and sector have the same; none where no sector is asked for. ``key``:
    the counter's.
    """

    key: str
    counter: Counter
    office: Office
    sectors: tuple[Sector, ...]

    @property
    def subject(self) -> str:
        """What its form's token is issued for: all such slips, which it does not tell apart."""
        return ":".join(("slip", self.key, *(sector.id for sector in self.sectors)))

    @property
    def channel(self) -> str:
        """The channel of what is answered with it."""
        return "slip"


AnyDesk: TypeAlias = Desk | SlipDesk
"""What leads to a citizen's form."""

_counters, _serves = tables.counter.c, tables.counter_sector.c
_link_columns = [column for column in tables.link.c if column.name != "counter"]
_DESKS = (
    COUNTERS.add_columns(_counters.closed, *_link_columns)
    .join(tables.link, tables.link.c.counter == _counters.key)
    .order_by(_counters.position, tables.link.c.code, _serves.position)
)
_DESK = _DESKS.where(tables.link.c.code == bindparam("code"))


def save_places(engine: Engine, places: Places, today: date, by: By | None = None) -> None:
    """Make the stored places equal to ``places``, in one transaction; ``by``: who does it.

    A new counter gets a poster link. A counter that is gone is closed: its links and tablets are
    out of use until it comes back. Offices and sectors that are gone stay, out of the list, for
    the answers that name them. Raises StoreError where two offices cannot become one.
    """
    with engine.begin() as connection:
        _save(connection, places, today, by or By(None, datetime.combine(today, time(12), UTC)))


@dataclass(frozen=True, slots=True)
class Merger:
    """An office that became part of another one, and its last day."""

    office: str
    into: str
    until: date


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody does to the places, for the log; `edit` makes the places out of those stored.

    `office` is that of the counter, or the office itself; None for a sector.
    """

    edit: Callable[[Places], Places]
    action: StaffAction
    office: str | None
    details: Mapping[str, str]
    merger: Merger | None = None


def change_places(engine: Engine, change: Change, today: date, by: By) -> None:
    """Edit the stored places, whole or not at all; of two people at once the second waits.

    Raises what the edit raises, and leaves everything as it was then.
    """
    with whole_transaction(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE office IN SHARE ROW EXCLUSIVE MODE")
        _save(connection, change.edit(_load(connection)), today, by)
        if change.merger is not None:
            _merge(connection, change.merger)
        note(connection, by, change.action, change.office, **change.details)


def _merge(connection: Connection, merger: Merger) -> None:
    """What it had stays its own, and is counted in the other one from now on.

    Its closed counters go along with the others: there they can be opened again.
    """
    bring_closed(connection, merger.office, merger.into)
    connection.execute(
        update(tables.office)
        .where(tables.office.c.id == merger.office)
        .values(parent=merger.into, until=merger.until)
    )


def merged_offices(engine: Engine) -> dict[str, list[tuple[Office, date]]]:
    """Return the offices that became part of another one, with their last day, by the other."""
    query = select(tables.office).where(tables.office.c.until.is_not(None)).order_by("until", "id")
    found: dict[str, list[tuple[Office, date]]] = {}
    with engine.connect() as connection:
        for row in connection.execute(query):
            found.setdefault(row.parent, []).append((_office(row), row.until))
    return found


def _save(connection: Connection, places: Places, today: date, by: By) -> None:
    _save_offices(connection, places)
    _save_sectors(connection, places)
    move_counters(connection, places, by)
    for office in places.office:
        if office.was:
            rename(connection, "office", office.was, office.id, by)
    for sector in places.sector:
        if sector.was:
            rename(connection, "sector", sector.was, sector.id, by)
    kept = [
        _save_counter(connection, counter, position, today)
        for position, counter in enumerate(places.counter)
    ]
    _close_counters(connection, kept)
    for table in (tables.office, tables.sector):
        kept = [one.id for one in getattr(places, table.name)]
        gone = update(table).where(table.c.id.not_in(kept))
        connection.execute(gone.values(position=GONE))
    codes = [procedure.code for procedure in places.procedure]
    connection.execute(tables.procedure.delete().where(tables.procedure.c.code.not_in(codes)))


def _save_offices(connection: Connection, places: Places) -> None:
    """First all, then who belongs to whom: an office may stand before the one above it."""
    for position, office in enumerate(places.office):
        values = _named(office.name, position) | {"parent": None, "until": None}
        values["opening_hours"] = office.opening_hours
        _put(connection, tables.office, {"id": office.id}, values)
    for office in places.office:
        _put(connection, tables.office, {"id": office.id}, {"parent": office.parent})


def _save_sectors(connection: Connection, places: Places) -> None:
    """Sectors with their procedures."""
    for position, sector in enumerate(places.sector):
        hint = {
            "hint_vi": sector.hint.vi if sector.hint else None,
            "hint_en": sector.hint.en if sector.hint else None,
        }
        values = _named(sector.name, position) | hint
        _put(connection, tables.sector, {"id": sector.id}, values)
    for procedure in places.procedure:
        values = {
            "sector": procedure.sector,
            "name_vi": procedure.name.vi,
            "name_en": procedure.name.en,
        }
        _put(connection, tables.procedure, {"code": procedure.code}, values)


def _named(name: Text, position: int) -> dict[str, Any]:
    return {"name_vi": name.vi, "name_en": name.en, "position": position}


def _put(connection: Connection, table: Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Update the row with this primary key, or insert it where it is missing."""
    where = [table.c[name] == value for name, value in key.items()]
    if connection.execute(update(table).where(*where).values(values)).rowcount == 0:
        connection.execute(table.insert().values(key | values))


def _save_counter(connection: Connection, counter: Counter, position: int, today: date) -> str:
    """Store a counter with what it serves and an address; return its key."""
    values = _named(counter.name, position) | {
        "office": counter.office,
        "id": counter.id,
        "questionnaire": counter.questionnaire,
        "kiosk_mode": counter.kiosk_mode,
        "kiosk_comment": counter.kiosk_comment,
        "closed": False,
    }
    key = counter_key(connection, counter.full_id) or token_hex(8)
    _put(connection, tables.counter, {"key": key}, values)
    serves = tables.counter_sector
    connection.execute(serves.delete().where(serves.c.counter == key))
    for order, sector in enumerate(counter.sectors):
        connection.execute(serves.insert().values(counter=key, sector=sector, position=order))
    if not _links(connection, key, "poster"):
        _add_link(connection, key, "poster", today)
    return key


def _close_counters(connection: Connection, kept: list[str]) -> None:
    """Take the others out of use, without touching what belongs to them: closing can be undone."""
    counter, pairing = tables.counter, tables.pairing
    connection.execute(update(counter).where(counter.c.key.not_in(kept)).values(closed=True))
    connection.execute(pairing.delete().where(pairing.c.counter.not_in(kept)))


def has_places(engine: Engine) -> bool:
    """Tell whether any office is stored."""
    with engine.connect() as connection:
        return connection.execute(select(tables.office.c.id).limit(1)).first() is not None


def has_several_offices(engine: Engine, office: str | None = None) -> bool:
    """Tell whether there is an office beside the first, or one below `office` where it is named."""
    row = tables.office.c
    query = select(row.id).limit(2 if office is None else 1)
    if office is not None:
        query = query.where(row.parent == office)
    with engine.connect() as connection:
        return len(connection.execute(query).all()) == (2 if office is None else 1)


def load_places(engine: Engine, *, gone_too: bool = False) -> Places:
    """Read the places back: those in use, or all that answers may name, the former ones last."""
    with engine.connect() as connection:
        return _load(connection, gone_too=gone_too)


def _load(connection: Connection, *, gone_too: bool = False) -> Places:
    offices, sectors = (
        connection.execute(
            select(table)
            .where(table.c.position >= (GONE if gone_too else 0))
            .order_by(table.c.position == GONE, table.c.position, table.c.id)
        ).all()
        for table in (tables.office, tables.sector)
    )
    procedures = connection.execute(select(tables.procedure).order_by("code")).all()
    return Places.model_construct(  # none yet, in a new database
        office=tuple(_office(row) for row in offices),
        sector=tuple(_sector(row) for row in sectors),
        procedure=tuple(
            Procedure(code=row.code, sector=row.sector, name=_name(row)) for row in procedures
        ),
        counter=_counters_where(connection, ~tables.counter.c.closed),
    )


def load_closed(engine: Engine) -> Places:
    """Read the places that were in use earlier and may come back."""
    office, sector = tables.office, tables.sector
    with engine.connect() as connection:
        offices, sectors = (
            connection.execute(select(table).where(table.c.position == GONE)).all()
            for table in (office, sector)
        )
        return Places.model_construct(
            office=tuple(_office(row) for row in offices),
            sector=tuple(_sector(row) for row in sectors),
            procedure=(),
            counter=_counters_where(connection, tables.counter.c.closed),
        )


def _counters_where(connection: Connection, where: Any) -> tuple[Counter, ...]:
    query = select(tables.counter).where(where).order_by("position")
    return tuple(_counter(connection, row) for row in connection.execute(query).all())


_office_row, _answer_row = tables.office.c, tables.response.c
_LISTED = (
    select(tables.office)
    .where(
        or_(
            _office_row.position != GONE,
            select(_answer_row.office).where(_answer_row.office == _office_row.id).exists(),
        )
    )
    .order_by(_office_row.position == GONE, _office_row.position, _office_row.id)
)


def list_offices(engine: Engine) -> tuple[Office, ...]:
    """Return the offices in their order; those of former times last, where they have answers."""
    with engine.connect() as connection:
        return tuple(_office(row) for row in connection.execute(_LISTED))


@dataclass(frozen=True, slots=True)
class PlainOffice:
    """An office as a page of thousands needs it: unchecked, as it was stored.

    `former`: it is no more; `until`: its last day, where it became part of the one above it.
    """

    id: str
    parent: str | None
    vi: str
    en: str
    former: bool = False
    until: date | None = None

    def called(self, lang: str) -> str:
        """Its name in "vi" or "en"."""
        return self.en if lang == "en" else self.vi


def list_plain_offices(engine: Engine) -> tuple[PlainOffice, ...]:
    """Return the same offices as `list_offices`."""
    with engine.connect() as connection:
        return tuple(
            PlainOffice(
                row.id, row.parent, row.name_vi, row.name_en, row.position == GONE, row.until
            )
            for row in connection.execute(_LISTED)
        )


def office_parents(engine: Engine) -> dict[str, str | None]:
    """Return every office that there is, or was, with the office above it."""
    office = tables.office.c
    with engine.connect() as connection:
        rows = connection.execute(select(office.id, office.parent))
        return {row.id: row.parent for row in rows}


def list_sectors(engine: Engine) -> tuple[Sector, ...]:
    """Return the sectors, their order kept, the former ones last."""
    query = select(tables.sector).order_by(tables.sector.c.position == GONE, "position", "id")
    with engine.connect() as connection:
        return tuple(map(_sector, connection.execute(query)))


def questionnaires_in_use(engine: Engine) -> tuple[str, ...]:
    """Return the questionnaires that open counters ask, by their keys."""
    query = select(_counters.questionnaire).where(~_counters.closed).distinct()
    with engine.connect() as connection:
        return tuple(sorted(connection.execute(query).scalars()))


def _name(row: Row[Any]) -> Text:
    return Text(vi=row.name_vi, en=row.name_en)


def _hint(row: Row[Any]) -> Text | None:
    return Text(vi=row.hint_vi, en=row.hint_en) if row.hint_vi and row.hint_en else None


def _sector(row: Row[Any]) -> Sector:
    return Sector(id=row.id, name=_name(row), hint=_hint(row))


def _office(row: Row[Any]) -> Office:
    hours = row.opening_hours
    return Office(id=row.id, name=_name(row), parent=row.parent, opening_hours=hours)


def _counter(connection: Connection, row: Row[Any]) -> Counter:
    serves = tables.counter_sector.c
    sectors = connection.execute(
        select(serves.sector).where(serves.counter == row.key).order_by(serves.position)
    ).scalars()
    return Counter(
        id=row.id,
        office=row.office,
        name=_name(row),
        questionnaire=row.questionnaire,
        sectors=tuple(sectors),
        kiosk_mode=row.kiosk_mode,
        kiosk_comment=row.kiosk_comment,
    )


def find_desk(engine: Engine, code: str) -> Desk | None:
    """Return what the link leads to, also where it was revoked; None for an unknown code.

    Asked of the database for every request, in one query: a revoked link is out of use at once.
    """
    with engine.connect() as connection:
        rows = tuple(connection.execute(_DESK, {"code": code}))
    return _desk(rows) if rows else None


def poster_code(engine: Engine, key: str) -> str | None:
    """Return the code of an address of this counter that is in use; None where there is none."""
    link = tables.link.c
    query = select(link.code).where(
        link.counter == key, link.channel == "poster", link.revoked_on.is_(None)
    )
    with engine.connect() as connection:
        return connection.execute(query.order_by(link.code).limit(1)).scalar_one_or_none()


def open_desks(engine: Engine, channel: LinkChannel) -> tuple[Desk, ...]:
    """Return the desk of every link of this channel that is in use, in the counters' order."""
    query = _DESKS.where(
        tables.link.c.channel == channel, tables.link.c.revoked_on.is_(None), ~_counters.closed
    )
    with engine.connect() as connection:
        found = groupby(connection.execute(query), key=lambda row: row.code)
        return tuple(_desk(tuple(rows)) for _, rows in found)


def desk_as_asked(engine: Engine, desk: AnyDesk, asked: Asked) -> AnyDesk | None:
    """Return a desk as it was when a form asked this; None for an office or sector unknown here."""
    sector = tables.sector.c
    with engine.connect() as connection:
        office = connection.execute(
            select(tables.office).where(tables.office.c.id == asked.office)
        ).one_or_none()
        rows = connection.execute(select(tables.sector).where(sector.id.in_(asked.sectors)))
        named = {row.id: _sector(row) for row in rows}
    if office is None or len(named) < len(asked.sectors):
        return None
    sectors = tuple(named[id_] for id_ in asked.sectors)
    return replace(
        desk, counter=asked.counter(desk.counter), office=_office(office), sectors=sectors
    )


@lru_cache(maxsize=1024)
def _desk(rows: tuple[Row[Any], ...]) -> Desk:
    """Join the rows of one link, a row a sector. The same rows are the same desk, built once."""
    link = _link(rows[0])
    return Desk(link, *standing(rows), open=link.revoked_on is None and not rows[0].closed)


def add_link(engine: Engine, counter: str, channel: LinkChannel, today: date) -> Link:
    """Make a new random link of a counter. Raises PlacesError unless one open counter is meant."""
    with engine.begin() as connection:
        return _add_link(connection, require_counter(connection, counter), channel, today)


def renew_link(engine: Engine, code: str, today: date, by: By) -> Link:
    """Take an address out of use and make another one of the same counter, in one transaction.

    Raises StoreError for a code that is unknown or out of use already.
    """
    with engine.begin() as connection:
        row = connection.execute(select(tables.link).where(tables.link.c.code == code)).first()
        if row is None or _revoke(connection, [code], today) == 0:
            raise StoreError(sentence("places.no_link", code=code))
        made = _add_link(connection, row.counter, row.channel, today)
        office, counter = counter_place(connection, row.counter)
        note(connection, by, "code_renewed", office, counter=counter)
        return made


def revoke_link(engine: Engine, code: str, today: date) -> None:
    """Take a link out of use. Raises StoreError for an unknown code."""
    with engine.begin() as connection:
        if _revoke(connection, [code], today) == 0:
            raise StoreError(sentence("places.no_link", code=code))


def _add_link(connection: Connection, key: str, channel: LinkChannel, today: date) -> Link:
    code = random_code()
    link = Link(code, key, channel, today, None)
    connection.execute(
        tables.link.insert().values(code=code, counter=key, channel=channel, created_on=today)
    )
    return link


def _links(
    connection: Connection, key: str, channel: LinkChannel | None = None
) -> tuple[Link, ...]:
    """Return the links of a counter that are in use."""
    columns = tables.link.c
    query = select(tables.link).where(columns.counter == key, columns.revoked_on.is_(None))
    if channel is not None:
        query = query.where(columns.channel == channel)
    return tuple(_link(row) for row in connection.execute(query))


def _link(row: Row[Any]) -> Link:
    return Link(row.code, row.counter, row.channel, row.created_on, row.revoked_on)


def _revoke(connection: Connection, codes: Iterable[str], today: date) -> int:
    columns = tables.link.c
    return connection.execute(
        update(tables.link)
        .where(columns.code.in_(list(codes)), columns.revoked_on.is_(None))
        .values(revoked_on=today)
    ).rowcount
