"""What seals cost: a day of many answers, a month, a check of everything, and a late answer.

Run:  python -m benchmarks.seals [--answers 2000] [--url postgresql://…]

The database is a file of a temporary folder, or an empty one that `--url` names.
"""

from __future__ import annotations

import argparse
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from statistics import median

from sqlalchemy import Engine, event

from benchmarks.office import temporary_office
from survey.intake import Response
from survey.store import open_engine, sealing, verification
from survey.store.responses import add_many, add_response

GOAL = 1.0  # seconds for a day of 2,000 answers
FIRST, DAYS, LATE = date(2026, 10, 1), 31, 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=2000, help="answers a day")
    parser.add_argument("--url", help="an empty PostgreSQL database")
    given = parser.parse_args()
    with temporary_office(given.url) as config:
        engine = open_engine(config.database_url)
        measure(engine, given.answers)
        engine.dispose()


def answer(chance: random.Random, day: date) -> Response:
    """One answer in four has a comment, one in eight a reason."""
    scores = "".join(str(chance.randint(1, 5)) for _ in range(6))
    return Response(
        str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "desk@1",
        "trieu-son",
        "land",
        "kiosk",
        day,
        scores,
        comment="Chờ lâu quá, mong xã mở thêm quầy." if chance.random() < 1 / 4 else None,
        choices=(("went_wrong", "waiting"),) if chance.random() < 1 / 8 else (),
    )


def measure(engine: Engine, answers: int) -> None:
    chance = random.Random(1)
    days = [FIRST + timedelta(days=ahead) for ahead in range(DAYS)]
    nights = []
    for day in days:
        add_many(engine, [answer(chance, day) for _ in range(answers)])
        nights.append(seconds(lambda day=day: sealing.seal_days(engine, day)))
    tell(f"a day of {answers:,} answers is sealed, median of {DAYS}", median(nights), GOAL)
    tell("the slowest of them", max(nights), GOAL)
    tell(
        f"all {answers * DAYS:,} answers are checked", seconds(lambda: verification.verify(engine))
    )
    late = [answer(chance, days[4]) for _ in range(LATE)]
    takes = [seconds(lambda one=one: add_response(engine, one)) for one in late]
    today = days[-1] + timedelta(days=1)
    usual = [answer(chance, today) for _ in range(LATE)]
    usuals = [seconds(lambda one=one: add_response(engine, one)) for one in usual]
    tell("an answer of today is stored, median", median(usuals))
    tell("an answer of a sealed day is stored, median", median(takes))
    print(f"statements an answer with a comment needs: {statements(engine, today)}")
    tell("a day is sealed again", seconds(lambda: sealing.seal_days(engine, days[-1])))
    tell("a month is sealed", seconds(lambda: sealing.seal_month(engine, "2026-10", "{}")))
    tell("a sealed month is checked", seconds(lambda: verification.verify(engine)))
    found = verification.verify(engine)
    print(f"faults: {len(found.faults)}, answers: {found.answers:,}, seals: {len(found.chain)}")


def statements(engine: Engine, day: date) -> int:
    """How many statements are sent for an answer: none of them is for seals alone."""
    sent: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    add_response(engine, replace(answer(random.Random(2), day), comment="lâu", choices=()))
    event.remove(engine, "before_cursor_execute", count)
    return len(sent)


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def tell(what: str, took: float, goal: float | None = None) -> None:
    met = "" if goal is None else f"  goal {goal:g} s: {'met' if took <= goal else 'MISSED'}"
    print(f"{what}: {took * 1000:,.1f} ms{met}")


if __name__ == "__main__":
    main()
