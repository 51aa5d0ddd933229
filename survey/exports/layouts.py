"""The two published layouts as Arrow tables, and the digest that tells whether one has changed.

Owns types and order of rows. Must not read the database or write files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

POPULATION = ("period", "office", "sector", "completed", "on_time", "online")


def responses_table(
    columns: Sequence[str], items: Iterable[str], parts: Iterable[Sequence[Sequence[Any]]]
) -> pa.Table:
    """Return responses ordered by their random ids: an export must not tell who came when."""
    import pyarrow as pa

    scores = set(items)
    own = {"answered_on": pa.date32(), "late": pa.bool_()}
    schema = pa.schema(
        [(name, pa.int8() if name in scores else own.get(name, pa.string())) for name in columns]
    )
    batches = [
        pa.record_batch(
            [
                pa.array(values, kind)
                for values, kind in zip(zip(*part, strict=True), schema.types, strict=True)
            ],
            schema=schema,
        )
        for part in parts
    ]
    return pa.Table.from_batches(batches, schema).sort_by("response_id").combine_chunks()


def population_table(counts: Iterable[Sequence[Any]]) -> pa.Table:
    """Return counts, each in the order of `POPULATION`, by month, office and sector."""
    import pyarrow as pa

    kinds = [pa.string()] * 3 + [pa.int64()] * 3
    values = list(zip(*sorted(counts, key=lambda count: tuple(count[:3])), strict=True))
    values = values or [()] * len(POPULATION)
    columns = [pa.array(column, kind) for column, kind in zip(values, kinds, strict=True)]
    return pa.table(columns, names=list(POPULATION))


def digest(table: pa.Table) -> str:
    """Return a SHA-256 of the rows, in hexadecimal.

    A column without a value does not count: a questionnaire published later adds one to every
    month, and changes none.
    """
    from pyarrow import csv

    names = [name for name in sorted(table.column_names) if table[name].null_count < len(table)]
    found = _Digest()
    csv.write_csv(table.select(names), found)
    return found.sha256.hexdigest()


class _Digest:
    """A file to write into that keeps nothing but the digest."""

    closed = False

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing is open."""
