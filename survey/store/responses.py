"""Keeps responses: once each, durable before the call returns, with nothing that names a person.

Owns one transaction for all that waits at the same moment (making it durable costs one flush of the
disk), and counts told from what is stored.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from threading import Lock
from typing import Any, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Connection, Engine, String, bindparam, case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from questionnaires.layout import RECHECK
from survey.intake import CLOCK_FLAG, LATE_TOGETHER, Response, StoreReceipt, month_of
from survey.places import GENERAL, UNKNOWN
from survey.store import seals, tables
from survey.store.sqlite import BUSY_MILLISECONDS, require_same_file
from survey.store.staff_actions import By, note

_Entry = TypeVar("_Entry")

_posted_row, _counter, _serves = tables.response.c, tables.counter.c, tables.counter_sector.c
_ANSWERS = (
    select(_posted_row.office, _posted_row.sector, func.count())
    .where(_posted_row.answered_on == bindparam("day"), _posted_row.channel == "poster")
    .group_by(_posted_row.office, _posted_row.sector)
)
_SERVING = (
    select(_counter.key, _counter.office, _serves.sector)
    .outerjoin(tables.counter_sector, _serves.counter == _counter.key)
    .where(_counter.closed.is_(False))
    .order_by(_counter.position)
)


def posted_on(engine: Engine, day: date) -> dict[str, int]:
    """Return the answers of a day by the key of their counter, of counters that are open.

    An answer says its sector and not its counter: counters that share a sector are taken to have
    had equal parts of it, so that their sum is right.
    """
    found: Counter[str] = Counter()
    with engine.connect() as connection:
        rows = connection.execute(_ANSWERS, {"day": day}).all()
        serving, several = defaultdict(list), Counter[str]()
        for counter, office, sector in connection.execute(_SERVING):
            serving[office, sector or GENERAL].append(counter)
            several[counter] += 1
            if several[counter] == 2:  # asks for the sector, which not everybody can tell
                serving[office, UNKNOWN].append(counter)
    for office, sector, number in rows:
        counters = serving[office, sector]
        for place, counter in enumerate(counters):
            found[counter] += (number + place) // len(counters)
    return dict(found)


Store: TypeAlias = Callable[[Connection, Response], StoreReceipt]
"""Stores one response within a transaction."""

WriteOutcome: TypeAlias = StoreReceipt | Exception
"""A receipt once the response is durable; an error where the database is locked, full or away."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A response that waits, what stores it, and what became of it."""

    response: Response
    store: Store
    outcome: WriteOutcome | None = None


def _store_together(engine: Engine, waiting: Sequence[_Waiting]) -> None:
    """Store responses in one durable transaction, an outcome each."""
    outcomes: Sequence[WriteOutcome]
    try:
        with engine.begin() as connection:
            outcomes = [one.store(connection, one.response) for one in waiting]
        require_same_file(engine)
    except (OperationalError, InterfaceError, NoConnection) as error:  # the same for all
        outcomes = [error] * len(waiting)
    except Exception as error:  # one of them is at fault, and the others must not suffer
        if len(waiting) > 1:
            for one in waiting:
                _store_together(engine, [one])
            return
        outcomes = [error]
    for one, outcome in zip(waiting, outcomes, strict=True):
        one.outcome = outcome


class Writer:
    """Lets the threads of a process store responses together, in the one file that they share.

    Each thread puts its responses in the queue and asks for its turn. The first stores everything
    that waits; the others find theirs done when their turn comes, which is after the commit.
    """

    def __init__(self) -> None:
        self._queue: deque[_Waiting] = deque()
        self._lock = Lock()

    def add(
        self, engine: Engine, responses: Sequence[Response], store: Store
    ) -> list[WriteOutcome]:
        """Store responses, each by this function, an outcome each, in their order."""
        mine = [_Waiting(response, store) for response in responses]
        self._queue.extend(mine)
        with self._turn(mine) as mine_now:
            if mine_now and any(one.outcome is None for one in mine):
                self._store_waiting(engine)
        return [one.outcome or _too_long() for one in mine]

    @contextmanager
    def _turn(self, mine: Sequence[_Waiting]) -> Iterator[bool]:
        """Wait for the turn; False where it does not come, and then nothing of `mine` is left."""
        if not self._lock.acquire(timeout=BUSY_MILLISECONDS / 1000):
            for one in mine:
                with suppress(ValueError):  # another thread took it just now
                    self._queue.remove(one)
            yield False
            return
        try:
            yield True
        finally:
            self._lock.release()

    def _store_waiting(self, engine: Engine) -> None:
        count = len(self._queue)  # it may grow meanwhile
        _store_together(engine, [self._queue.popleft() for _ in range(count)])


def _too_long() -> OperationalError:
    return OperationalError("BEGIN", None, TimeoutError("other writes take too long"))


_CONTENT = ("questionnaire", "office", "sector", "procedure", "channel", "scores")
_OWN = ("fresh", "since_seal")
_COLUMNS = tuple(c.name for c in tables.response.columns if c.name not in _OWN)
# Looked up as the row is written: whatever the clocks say, it is told from one that was slipped in.
_SINCE = case((seals.is_sealed(bindparam("day", type_=String)), seals.NEW), else_="")
# Made once: building a statement costs more than running it.
_NEW_ROW = {
    "sqlite": sqlite.insert(tables.response).values(since_seal=_SINCE).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(tables.response)
    .values(since_seal=_SINCE)
    .on_conflict_do_nothing(),
}
_NEW_ROWS = tables.response.insert().values(since_seal=_SINCE)
_NEW_CHOICES, _NEW_COMMENTS = tables.choice.insert(), tables.comment.insert()
_row_of, _choice, _comment = tables.response.c, tables.choice.c, tables.comment.c
_STORED = select(*(_row_of[name] for name in _CONTENT)).where(
    _row_of.response_id == bindparam("id")
)
_STORED_CHOICES = (
    select(_choice.question, _choice.option)
    .where(_choice.response_id == bindparam("id"))
    .order_by(_choice.question, _choice.option)
)
_STORED_COMMENT = select(_comment.text).where(_comment.id == bindparam("id"))
_COUNT_IT = {"preserve_rowcount": True}
_writers: WeakKeyDictionary[Engine, Writer] = WeakKeyDictionary()


def add_response(engine: Engine, response: Response) -> StoreReceipt:
    """Store a response in one durable transaction, unless its id is there already.

    The unique key decides, not a look beforehand, so that two requests at once store one row.
    """
    return add_by(engine, response, add_within)


def add_paper(engine: Engine, response: Response, counter: str, by: By) -> StoreReceipt:
    """Store what somebody typed from paper; that it was typed stands in the log, what is not."""
    with engine.begin() as connection:
        receipt = add_within(connection, response)
        if receipt == "stored":
            note(connection, by, "paper_entered", response.office, counter=counter)
    require_same_file(engine)
    return receipt


def stored_receipts(engine: Engine, responses: Sequence[Response]) -> list[StoreReceipt]:
    """What storing them (`store.past`) would say of each; nothing is stored."""
    seen: dict[str, tuple[Any, ...]] = {}
    with engine.connect() as connection:
        return [_receipt(connection, seen, response) for response in responses]


def _receipt(
    connection: Connection, seen: dict[str, tuple[Any, ...]], response: Response
) -> StoreReceipt:
    id_ = response.response_id
    if id_ not in seen and connection.execute(_STORED, {"id": id_}).first() is not None:
        seen[id_] = stored_content(connection, id_)
    if id_ not in seen:
        seen[id_] = _content(response)
        return "stored"
    return "repeated" if seen[id_] == _content(response) else "conflict"


def is_stored(engine: Engine, response_id: str) -> bool:
    """Tell whether a response with this id is there."""
    with engine.connect() as connection:
        return connection.execute(_STORED, {"id": response_id}).first() is not None


def is_repeated(engine: Engine, response: Response) -> bool:
    """Tell whether this very response is there."""
    with engine.connect() as connection:
        return same_is_stored(connection, response)


def add_by(engine: Engine, response: Response, store: Store) -> StoreReceipt:
    """Store a response by a function that does more in the same durable transaction."""
    (outcome,) = _add(engine, [response], store)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def add_responses(engine: Engine, responses: Sequence[Response]) -> list[WriteOutcome]:
    """Store responses, together where that is possible; an outcome each, in their order.

    None keeps another one out. They are written in the order of their ids, so that of two
    requests with the same responses neither waits for the other.
    """
    order = sorted(range(len(responses)), key=lambda place: responses[place].response_id)
    outcomes = _add(engine, [responses[place] for place in order], add_within)
    found = dict(zip(order, outcomes, strict=True))
    return [found[place] for place in range(len(responses))]


def _add(engine: Engine, responses: Sequence[Response], store: Store) -> list[WriteOutcome]:
    if engine.dialect.name == "sqlite":
        return _writers.setdefault(engine, Writer()).add(engine, responses, store)
    waiting = [_Waiting(response, store) for response in responses]
    _store_together(engine, waiting)
    return [one.outcome or _too_long() for one in waiting]


def add_many(engine: Engine, responses: Iterable[Response]) -> None:
    """Store many responses whose ids are new, in one transaction, in the order of their ids."""
    ordered = sorted(responses, key=lambda response: response.response_id)
    with engine.begin() as connection:
        for part in batched(ordered, 1000):
            connection.execute(_NEW_ROWS, [_row(response) for response in part])
            _add_details(connection, part)


def batched(rows: Sequence[_Entry], size: int) -> Iterator[Sequence[_Entry]]:
    """Yield rows in parts of ``size``."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def add_within(connection: Connection, response: Response) -> StoreReceipt:
    """Store a response as a part of the caller's transaction."""
    receipt = insert_within(connection, response)
    if receipt == "stored" and response.late:
        join_late(connection, response)
    return receipt


def insert_within(connection: Connection, response: Response) -> StoreReceipt:
    """The same, but a late one does not yet join the figures of its month (`join_late`)."""
    if response.late and seals.is_month_sealed(connection, response.answered_on):
        response = replace(response, answered_on=response.answered_on.replace(day=1))
    insert = _NEW_ROW[connection.dialect.name]
    result = connection.execute(insert, _row(response), execution_options=_COUNT_IT)
    if result.rowcount == 0:
        return "repeated" if same_is_stored(connection, response) else "conflict"
    _add_details(connection, [response])
    return "stored"


def join_late(connection: Connection, response: Response) -> Sequence[str]:
    """Late answers of a sector and month are late no more once enough of them wait.

    Those that come afterwards wait for one another again: a month moves by a batch at a time.
    Returns the ids of those that joined.
    """
    first = response.answered_on.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    waiting = (
        _row_of.late,
        _row_of.office == response.office,
        _row_of.sector == response.sector,
        _row_of.answered_on >= first,
        _row_of.answered_on < following,
    )
    number = select(func.count()).select_from(tables.response).where(*waiting)
    if connection.execute(number).scalar_one() < LATE_TOGETHER:
        return ()
    since = case((_row_of.since_seal == "", seals.JOINED), else_=_row_of.since_seal)
    joined = tables.response.update().where(*waiting).values(late=False, since_seal=since)
    return connection.execute(joined.returning(_row_of.response_id)).scalars().all()


def _add_details(connection: Connection, responses: Sequence[Response]) -> None:
    """Store what was chosen and written, in the tables of their own."""
    choices = [
        {"response_id": response.response_id, "question": question, "option": option}
        for response in responses
        for question, option in response.choices
    ]
    comments = [
        {
            "id": response.response_id,
            "office": response.office,
            "sector": response.sector,
            "month": month_of(response.answered_on),
            "text": response.comment,
        }
        for response in responses
        if response.comment
    ]
    for insert, values in ((_NEW_CHOICES, choices), (_NEW_COMMENTS, comments)):
        if values:
            connection.execute(insert, values)


def _row(response: Response) -> dict[str, Any]:
    values = {name: getattr(response, name) for name in _COLUMNS}
    return {**values, "day": response.answered_on.isoformat()}


def _content(response: Response) -> tuple[Any, ...]:
    scalars = tuple(getattr(response, name) for name in _CONTENT)
    return (*scalars, tuple(sorted(response.choices)), response.comment or None)


def same_is_stored(connection: Connection, response: Response) -> bool:
    """Tell whether a response with this id and the same content is there."""
    return stored_content(connection, response.response_id) == _content(response)


def stored_content(connection: Connection, response_id: str) -> tuple[Any, ...]:
    """Return what was answered under this id, to be compared with what comes again; () for none.

    The date is left out: the same answers sent again after midnight are the same response.
    """
    mine = {"id": response_id}
    scalars = connection.execute(_STORED, mine).one_or_none()
    if scalars is None:
        return ()
    choices = connection.execute(_STORED_CHOICES, mine).all()
    text = connection.execute(_STORED_COMMENT, mine).scalar_one_or_none()
    return (*scalars, tuple((question, option) for question, option in choices), text)


def count_responses(engine: Engine) -> int:
    """Return how many responses are stored."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.response)).scalar_one()


def has_responses(engine: Engine, first: date | None = None, last: date | None = None) -> bool:
    """Tell whether any response is stored, of these days or at all."""
    query = select(_row_of.response_id).limit(1)
    if first is not None and last is not None:
        query = query.where(_row_of.answered_on.between(first, last))
    with engine.connect() as connection:
        return connection.execute(query).first() is not None


_CHOSE = _row_of.channel != RECHECK
"""Not of the random re-check."""


def count_answered(
    engine: Engine, first: date, last: date, offices: frozenset[str] | None = None
) -> int:
    """Return how many people chose to answer from one day to another, of some offices or all."""
    query = select(func.count()).where(*_chosen(first, last, offices))
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def any_answered(
    engine: Engine, first: date, last: date, offices: frozenset[str] | None = None
) -> bool:
    """Tell whether anybody chose to answer, as of `count_answered`; reads until the first."""
    query = select(_row_of.response_id).where(*_chosen(first, last, offices)).limit(1)
    with engine.connect() as connection:
        return connection.execute(query).first() is not None


def only_below(engine: Engine, first: date, last: date, office: str, below: Set[str]) -> bool:
    """Tell whether an office has no answers of its own from one day to another, but those below it
    have: then its figures are their total."""
    others = frozenset(below) - {office}
    return (
        bool(others)
        and not any_answered(engine, first, last, frozenset([office]))
        and any_answered(engine, first, last, others)
    )


def _chosen(
    first: date, last: date, offices: frozenset[str] | None
) -> Iterator[ColumnElement[bool]]:
    yield _row_of.answered_on.between(first, last)
    yield _CHOSE
    if offices is not None:
        yield _row_of.office.in_(offices)


def answered_by_office(engine: Engine, first: date, last: date) -> dict[str, int]:
    """Return how many people chose to answer from one day to another, of each office with any."""
    days = _row_of.answered_on.between(first, last)
    query = select(_row_of.office, func.count()).where(days, _CHOSE)
    with engine.connect() as connection:
        rows = connection.execute(query.group_by(_row_of.office)).all()
    return {row[0]: row[1] for row in rows}


_NEWEST_SURE = (
    select(_row_of.answered_on)
    .where(_row_of.flag != CLOCK_FLAG)
    .order_by(_row_of.answered_on.desc())
    .limit(1)
)


def newest_sure(engine: Engine) -> date | None:
    """Return the newest date of answering that no clock was doubted of, or None."""
    with engine.connect() as connection:
        return connection.execute(_NEWEST_SURE).scalar_one_or_none()


def last_answered_on(
    engine: Engine, before: date, offices: frozenset[str] | None = None
) -> date | None:
    """Return the newest date of answering before a day, of some offices or all, or None."""
    column = tables.response.c.answered_on
    query = select(func.max(column)).where(column < before, _CHOSE)
    if offices is not None:
        query = query.where(tables.response.c.office.in_(offices))
    with engine.connect() as connection:
        found: date | None = connection.execute(query).scalar_one()
        return found
