"""Answers of eight items to measure with, the same at every run: files, and databases as ours.

Owns making them, and the least query over them. Measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb

from analysis.period import parse_period
from questionnaires import Questionnaire, shipped
from questionnaires.layout import OPEN_CHANNELS
from survey.store import open_engine, tables
from survey.store.migrate import upgrade
from survey.store.views import publish
from tests.postgres import NoPostgres, empty_database, postgres

MILLION = 1_000_000
ITEMS = ("overall", "q1", "q2", "q3", "q4", "q5", "q6", "q7")
KEYS = ("office", "sector", "channel", "flag")
SECTORS = (
    *("land", "construction", "investment", "civil-status"),
    *("certification", "business", "residence", "environment"),
)
PERIOD = parse_period("2026-10")
CHUNK = 10 * MILLION

_MAKE = """
COPY (
  SELECT 'r' || lpad(i::VARCHAR, 12, '0') AS response_id, 'survey@1' AS questionnaire,
    'office-' || (hash(i, 1) % {offices}) AS office,
    ({sectors})[1 + (hash(i, 2) % 8)::INT] AS sector,
    '' AS procedure,
    ({channels})[1 + (hash(i, 3) % {several})::INT] AS channel,
    DATE '2026-10-01' + (hash(i, 4) % 31)::INT AS answered_on, false AS late,
    CASE WHEN hash(i, 5) % 100 = 0 THEN 'burst' ELSE '' END AS flag,
    {scores}
  FROM range({first}, {last}) AS t(i)
) TO '{path}' ({form})
"""
_SCORE = """CASE WHEN hash(i, {n}) % 10 = 0 THEN NULL
  ELSE (1 + floor(5 * sqrt((hash(i, {n} + 50) % 10000) / 10000.0)))::TINYINT END AS {item}"""


def make_responses(
    path: Path, rows: int, offices: int = 10, channels: Sequence[str] = OPEN_CHANNELS
) -> Path:
    """Write `rows` responses, the same at every run, a tenth of the scores missing.

    More than `CHUNK` become a folder of files.
    """
    scores = ",\n".join(_SCORE.format(n=10 + n, item=item) for n, item in enumerate(ITEMS))
    form = "FORMAT parquet" if path.suffix == ".parquet" else "HEADER"
    if rows > CHUNK:
        path.mkdir()
    for first in range(0, rows, CHUNK):
        file = path / f"part-{first // CHUNK}.parquet" if rows > CHUNK else path
        query = _MAKE.format(
            scores=scores,
            sectors=list(SECTORS),
            channels=list(channels),
            several=len(channels),
            offices=offices,
            first=first,
            last=min(first + CHUNK, rows),
            path=file,
            form=form,
        )
        with duckdb.connect() as connection:
            connection.execute(query)
    return path


def make_population(path: Path, responses: Path) -> Path:
    """Three dossiers for each response."""
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT '2026-10' AS period, office, sector, 3 * COUNT(*) AS completed"
            f" FROM '{files_of(responses)}' GROUP BY office, sector) TO '{path}' (HEADER)"
        )
    return path


def files_of(path: Path) -> str:
    return f"{path}/*.parquet" if path.is_dir() else str(path)


def eight_items() -> Questionnaire:
    """A questionnaire of these items, for the databases."""
    desk = shipped()["desk@1"]
    item = next(item for item in desk.items if item.id == "overall")
    items = tuple(item.model_copy(update={"id": name}) for name in ITEMS)
    return desk.model_copy(
        update={"id": "survey", "version": 1, "items": items, "elements": (), "choices": ()}
    )


def fill(url: str, responses: Path) -> None:
    """Put the responses of a Parquet file into a database, as the product keeps them."""
    names = [column.name for column in tables.response.columns]
    packed = " || ".join(f"coalesce({item}::VARCHAR, '-')" for item in ITEMS)
    columns = ", ".join(f"{packed} AS scores" if name == "scores" else name for name in names)
    engine = open_engine(url)
    upgrade(engine)
    publish(engine, [eight_items()])
    with engine.begin() as database, duckdb.connect() as connection:
        found = connection.execute(f"SELECT {columns} FROM '{responses}'")
        while part := found.fetchmany(50_000):
            rows = [dict(zip(names, row, strict=True)) for row in part]
            database.execute(tables.response.insert(), rows)
    engine.dispose()


def floor_query(source: str, quote: str = "") -> str:
    """The bare GROUP BY of the same columns."""
    sums = ", ".join(f"SUM({item})" for item in ITEMS)
    keys = ", ".join(KEYS)
    return (
        f"SELECT {keys}, COUNT(*), {sums} FROM {source} WHERE answered_on BETWEEN"
        f" {quote}'{PERIOD.first}' AND {quote}'{PERIOD.last}' GROUP BY {keys}"
    )


@contextmanager
def databases(
    folder: Path, parquet: Path, only: Sequence[str]
) -> Iterator[Iterator[tuple[str, str]]]:
    """Each database asked for, filled with the million: its name and URL."""
    with ExitStack() as stack:

        def filled() -> Iterator[tuple[str, str]]:
            if "sqlite" in only:
                url = f"sqlite:///{(folder / 'office.sqlite3').as_posix()}"
                fill(url, parquet)
                yield "SQLite", url
            if "postgres" in only:
                try:
                    url = stack.enter_context(empty_database(stack.enter_context(postgres())))
                except NoPostgres as missing:
                    print(f"PostgreSQL: {missing}")
                    return
                fill(url, parquet)
                yield "PostgreSQL", url

        yield filled()
