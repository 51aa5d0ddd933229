"""kill -9 of the whole server under load, again and again: is every thanked answer there once?

Citizens answer without pause and send again, under the same id, what was not acknowledged. At
random moments the server with all its workers is killed and started again. In the end the
database is read: every acknowledged response must be there exactly once, whole and unaltered.

Run:  python -m benchmarks.kill
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.citizens import Citizen, Crowd, Sent
from benchmarks.office import Server, poster_path, start_office, temporary_office, wait_for
from survey.config import Config
from survey.store import integrity, open_engine, tables
from tests.postgres import NoPostgres, empty_database, postgres

COUNTER = "quay-1"
CITIZENS = 8
SHORTEST, LONGEST = 0.05, 0.8  # seconds under load before a kill


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found in the end; every number but the first four must be 0.

    ``interrupted``: responses begun and not thanked at a kill. ``unthanked``: those of them that
    were stored already, so that only sending again could tell the citizen.
    """

    acknowledged: int
    stored: int
    interrupted: int
    unthanked: int
    lost: int
    doubled: int
    altered: int
    unknown: int
    refused: int
    damage: str

    @property
    def clean(self) -> bool:
        """Whether every acknowledged response is there exactly once, as it was sent."""
        wrong = (self.lost, self.doubled, self.altered, self.unknown, self.refused)
        return not any(wrong) and self.damage == "ok" and self.stored == self.acknowledged


def main() -> None:
    options = _options()
    clean = True
    for name in options.databases:
        with ExitStack() as stack:
            url = None
            if name == "postgresql":
                url = stack.enter_context(empty_database(stack.enter_context(postgres())))
            config = stack.enter_context(temporary_office(url))
            outcome = survive(config, options.rounds, options.seed)
        clean &= outcome.clean
        print(f"{name}: {options.rounds} kills, seed {options.seed}: {outcome}", flush=True)
    if not clean:
        raise SystemExit("answers were lost, doubled or altered")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    return parser.parse_args()


def survive(config: Config, rounds: int, seed: int) -> Outcome:
    """Kill the server of this office ``rounds`` times under load and read what is left."""
    moments = random.Random(seed)
    path = poster_path(config, COUNTER)
    crowd = Crowd(Citizen(number, config.port, path, seed) for number in range(CITIZENS))
    interrupted = unthanked = 0
    server = start_office(config)
    try:
        wait_for(server, path)
        crowd.begin()
        for _ in range(rounds):
            time.sleep(moments.uniform(SHORTEST, LONGEST))
            server, begun = _kill_and_restart(config, server, crowd, path)
            interrupted += len(begun)
            unthanked += len(begun & set(_stored(config)))
            crowd.go_on()
        crowd.finish()
    finally:
        crowd.abandon()
        server.stop()
    return _compare(config, crowd, interrupted, unthanked)


def _kill_and_restart(
    config: Config, server: Server, crowd: Crowd, path: str
) -> tuple[Server, set[str]]:
    """Return the new server, and the ids of what was begun when the old one was killed.

    The citizens wait until the new server has opened its database: recovering is its work alone.
    """
    server.kill()
    begun = crowd.hold()
    new = start_office(config)
    try:
        wait_for(new, path)
    except RuntimeError:
        new.kill()
        raise
    return new, begun


def _compare(config: Config, crowd: Crowd, interrupted: int, unthanked: int) -> Outcome:
    sent = {one.response_id: one for one in crowd.acknowledged}
    stored = _stored(config)
    times = Counter(comment for one in stored.values() for comment in one.comments)
    engine = open_engine(config.database_url)
    damage = integrity(engine)
    engine.dispose()
    return Outcome(
        acknowledged=len(sent),
        stored=len(stored),
        interrupted=interrupted,
        unthanked=unthanked,
        lost=len(sent.keys() - stored.keys()),
        doubled=sum(times[one.comment] > 1 for one in sent.values()),
        altered=sum(not stored[key].holds(sent[key]) for key in sent.keys() & stored.keys()),
        unknown=len(stored.keys() - sent.keys()),
        refused=len(crowd.refused),
        damage=damage,
    )


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored response with everything that belongs to it."""

    scores: str
    comments: tuple[str, ...]
    choices: frozenset[str]

    def holds(self, sent: Sent) -> bool:
        """Tell whether exactly this was stored: scores, choices and comment, each once."""
        return (
            self.scores == "".join(str(score) for score in sent.scores)
            and self.comments == (sent.comment,)
            and self.choices == frozenset(sent.choices)
        )


def _stored(config: Config) -> dict[str, Stored]:
    """Read every response with its comment and choices."""
    engine = open_engine(config.database_url)
    comments: dict[str, list[str]] = {}
    choices: dict[str, set[str]] = {}
    with engine.connect() as connection:
        for row in connection.execute(tables.comment.select()):
            comments.setdefault(row.id, []).append(row.text)
        for row in connection.execute(tables.choice.select()):
            choices.setdefault(row.response_id, set()).add(row.option)
        found = {
            row.response_id: Stored(
                row.scores,
                tuple(comments.get(row.response_id, ())),
                frozenset(choices.get(row.response_id, ())),
            )
            for row in connection.execute(tables.response.select())
        }
    engine.dispose()
    return found


if __name__ == "__main__":
    try:
        main()
    except NoPostgres as missing:
        raise SystemExit(str(missing)) from None
