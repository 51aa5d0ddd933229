"""Complete responses per second beside the floor of benchmarks/floor.py, in the same run.

A complete response is: the form opened, filled in and sent under a new id, and acknowledged.
Run:  python -m benchmarks.responses
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles

from benchmarks import floor
from benchmarks.load import HEADERS, Load, open_pool, run_load
from benchmarks.office import (
    Server,
    poster_path,
    running,
    start_office,
    start_program,
    temporary_office,
)
from benchmarks.processes import cpu_seconds
from survey.store import open_engine
from survey.store.responses import count_responses
from tests.postgres import empty_database, free_port, postgres

COUNTER = "quay-1"
WARM_UP = 1.0  # seconds
GOAL = 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """One stretch of load. Rates per second, times in milliseconds, ``cpu`` per response."""

    responses: int
    per_second: float
    p50: float
    p95: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Both:
    """The product and the floor, up at the same time; one is measured at a time."""

    product: Server
    floor: Server
    path: str

    def servers(self) -> dict[str, Server]:
        return {"floor": self.floor, "product": self.product}


def main() -> None:
    options = _options()
    with ExitStack() as stack:
        url = None
        if options.postgres:
            url = stack.enter_context(empty_database(stack.enter_context(postgres())))
        config = stack.enter_context(temporary_office(url))
        path = poster_path(config, COUNTER)
        product = stack.enter_context(running(start_office(config), path))
        bare = stack.enter_context(_floor(config.data / "floor", product, path))
        pool = stack.enter_context(open_pool())
        both = Both(product, bare, path)
        sent = dict.fromkeys(both.servers(), 0)
        print("clients  who      responses/s  p50 ms  p95 ms  CPU ms each  ratio")
        for clients in options.clients:
            for name, rounds in _compare(pool, both, clients, options).items():
                sent[name] += sum(one.responses for one in rounds)
        engine = open_engine(config.database_url)
        stored = {"floor": floor.count(config.data / "floor"), "product": count_responses(engine)}
        engine.dispose()
    print(f"acknowledged {sent}, stored {stored}")
    if stored != sent:
        raise SystemExit("acknowledged and stored differ: these figures are worth nothing")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postgres", action="store_true", help="the product on PostgreSQL")
    return parser.parse_args()


@contextmanager
def _floor(folder: Path, product: Server, path: str) -> Iterator[Server]:
    """The floor serves the product's own form, byte for byte."""
    connection = HTTPConnection("127.0.0.1", product.port)
    connection.request("GET", path, headers=HEADERS)
    page = connection.getresponse().read()
    connection.close()
    folder.mkdir()
    floor.prepare(folder, page)
    port = free_port()
    with running(
        start_program(["-m", "benchmarks.floor", str(folder), str(port)], port, {}), path
    ) as server:
        yield server


def _compare(
    pool: ProcessPoolExecutor, both: Both, clients: int, options: argparse.Namespace
) -> dict[str, list[Measured]]:
    """Measure floor and product in turn, print their medians, return every round."""
    rounds: dict[str, list[Measured]] = {name: [] for name in both.servers()}
    for number in range(options.rounds + 1):
        seconds = options.seconds if number else WARM_UP
        for name, server in both.servers().items():
            rounds[name].append(_measure(pool, server, both.path, clients, seconds))
    counted = {name: found[1:] for name, found in rounds.items()}
    ratio = median(
        product.per_second / bare.per_second
        for product, bare in zip(counted["product"], counted["floor"], strict=True)
    )
    for name, found in counted.items():
        shown = "" if name == "floor" else f"{ratio:.2f}  {_verdict(ratio, options)}"
        print(f"{clients:7}  {name:7}  {_columns(found)}  {shown}", flush=True)
    return rounds


def _verdict(ratio: float, options: argparse.Namespace) -> str:
    if options.postgres:
        return "(another database than the floor's: no goal)"
    return "met" if ratio >= GOAL else "MISSED"


def _columns(found: list[Measured]) -> str:
    return (
        f"{median(one.per_second for one in found):11.0f}  {median(one.p50 for one in found):6.1f}"
        f"  {median(one.p95 for one in found):6.1f}  {median(one.cpu for one in found):11.2f}"
    )


def _measure(
    pool: ProcessPoolExecutor, server: Server, path: str, clients: int, seconds: float
) -> Measured:
    before = cpu_seconds(server.group)
    begin = time.time() + 0.2
    times = run_load(pool, Load(server.port, path, clients, begin, seconds))
    elapsed = time.time() - begin
    cpu = cpu_seconds(server.group) - before
    cuts = quantiles(times, n=100, method="inclusive")
    return Measured(
        len(times), len(times) / elapsed, cuts[49] * 1e3, cuts[94] * 1e3, cpu / len(times) * 1e3
    )


if __name__ == "__main__":
    main()
