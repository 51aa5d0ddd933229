"""Opens a PostgreSQL database. For a server so, that no request waits long for it.

The database's own limits end what is slow or locked; ours end what never answers, as when the
database's machine is gone or frozen. While it does not answer, one request tries and the others
are refused at once.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event

CONNECT_SECONDS: Final = 3
LOCK_SECONDS: Final = 3
STATEMENT_SECONDS: Final = 8
ANSWER_SECONDS: Final = 10.0  # of the network and the database together
POOL_SECONDS: Final = 1.0
CONNECTIONS: Final = 10  # of a process
AWAY_SECONDS: Final = 2.0  # between two tries of a database that does not answer

_OPTIONS: Final = (
    f"-c lock_timeout={LOCK_SECONDS}s -c statement_timeout={STATEMENT_SECONDS}s "
    f"-c idle_in_transaction_session_timeout={2 * STATEMENT_SECONDS}s"
)


def open_server(url: URL, *, serving: bool) -> Engine:
    """Connect lazily by psycopg 3. `serving`: with limits of time."""
    # A schema name and credentials stay in the URL.
    driver = url.set(drivername="postgresql+psycopg")
    if not serving:
        return create_engine(driver, pool_pre_ping=True, hide_parameters=True)
    asked = str(url.query.get("options", ""))
    engine = create_engine(
        driver.difference_update_query(["options"]),
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": f"{asked} {_OPTIONS}".strip(),
            "tcp_user_timeout": int(ANSWER_SECONDS * 1000),
        },
        pool_pre_ping=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,
    )
    _bound(engine)
    return engine


def _bound(engine: Engine) -> None:
    import psycopg

    presence = Presence()

    class Bounded(psycopg.Connection[Any]):
        """Gives up, and closes, where no answer comes in time."""

        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            if self.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE:
                presence.ask()
            try:
                found = super().wait(gen, interval, timeout or ANSWER_SECONDS)
            except psycopg.errors._WaitTimeout as error:
                self.pgconn.finish()
                presence.missed()
                raise psycopg.OperationalError("the database does not answer") from error
            presence.met()
            return found

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, words: list[Any], named: dict[str, Any]) -> Any:
        presence.ask()
        try:
            connection = Bounded.connect(*words, **named)
        except psycopg.errors.ConnectionTimeout:
            presence.missed()
            raise
        presence.met()
        return connection


class Presence:
    """Whether a database answered when it was asked last."""

    def __init__(self, seconds: float = AWAY_SECONDS) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._next_try: float | None = None

    def missed(self) -> None:
        """No answer came."""
        with self._lock:
            self._next_try = time.monotonic() + self._seconds

    def met(self) -> None:
        """An answer came."""
        self._next_try = None

    def ask(self) -> None:
        """Before it is asked again: after no answer came, one asks at a time.

        Raises psycopg.OperationalError for the others.
        """
        import psycopg

        if self._next_try is None:
            return
        with self._lock:
            if self._next_try is not None and time.monotonic() < self._next_try:
                raise psycopg.OperationalError("the database did not answer a moment ago")
            self._next_try = time.monotonic() + ANSWER_SECONDS + self._seconds
