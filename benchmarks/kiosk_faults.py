"""Kiosk tablets through everything that befalls them: is every thanked answer stored, and once?

Real Chromium with the product's own page, outbox, sender and service worker; a real
`hailong serve`; a bad line between them (tests.kiosk.fault_proxy). Citizens answer, most by the
app's own form and outbox, some by taps. Meanwhile requests are cut, delayed, truncated, doubled and
answered by strangers, the server and the browsers are killed, databases closed, clocks set wrong,
tablets revoked, answers carried by hand. In the end everything sends what it holds, and the
database is compared with the thanks.

Run:  python -m benchmarks.kiosk_faults
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime

from playwright.sync_api import BrowserType, sync_playwright

from benchmarks.kiosk_ordeal import PLANTED, Ordeal, Size, live, ordeal
from benchmarks.kiosk_tablet import Citizen
from benchmarks.office import temporary_office
from survey.config import Config
from survey.store import integrity, open_engine, tables
from tests.postgres import NoPostgres, empty_database, postgres

FULL = Size(
    tablets=3,
    responses=2_100,
    taps=30,
    line_faults=132,
    troubles={
        "line down": 15,
        "browser offline": 12,
        "page reloaded": 15,
        "browser killed": 18,
        "storage closed": 18,
        "clock set wrong": 15,
        "server killed": 15,
        "revoked and handed over": 9,
        "carried by hand": 9,
    },
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found in the end; every number from `lost` on must be 0.

    `recorded` citizens were told that their first tap was recorded; `acknowledged` of them saw
    "thank you". Others had begun when their browser was killed: some of these are stored too.
    `flagged`: answered or sent while the tablet's clock was wrong, and
    marked; `flagged_right`: of these, dated rightly all the same.
    """

    recorded: int
    acknowledged: int
    stored: int
    faults: Counter[str]
    flagged: int
    flagged_right: int
    lost: int
    doubled: int
    altered: int
    misdated: int
    unknown: int
    left: int
    damage: str

    @property
    def clean(self) -> bool:
        """Whether every acknowledged answer is there exactly once, as it was given."""
        wrong = (self.lost, self.doubled, self.altered, self.misdated, self.unknown, self.left)
        return not any(wrong) and self.damage == "ok"


def go_through(
    kind: BrowserType, config: Config, size: Size, seed: int, planted: str | None = None
) -> Outcome:
    """Let tablets of this office go through all of it, and compare the thanks with the database."""
    days = {datetime.now(config.zone).date()}
    with ordeal(kind, config, size, seed, planted) as run:
        live(run, size)
        left = run.settle()
        days.add(datetime.now(config.zone).date())
        faults = run.happened + Counter({f.value: n for f, n in run.line.count().items() if n})
        return _compare(config, run, faults, left, days)


def _compare(
    config: Config, run: Ordeal, faults: Counter[str], left: int, days: set[date]
) -> Outcome:
    thanked = set().union(*(tablet.thanked for tablet in run.tablets))
    recorded = set().union(*(tablet.recorded for tablet in run.tablets)) | thanked
    found: dict[str, list[tuple[str, frozenset[str], date, str]]] = defaultdict(list)
    for comment, stored in _stored(config):
        found[comment].append(stored)
    rows = [(comment, row) for comment, stored in found.items() for row in stored]
    engine = open_engine(config.database_url)
    damage = integrity(engine)
    engine.dispose()
    return Outcome(
        recorded=len(recorded),
        acknowledged=len(thanked),
        stored=len(rows),
        faults=faults,
        flagged=sum(flag == "clock" for _, (_, _, _, flag) in rows),
        flagged_right=sum(flag == "clock" and on in days for _, (_, _, on, flag) in rows),
        lost=len(recorded - found.keys()),
        doubled=sum(len(stored) > 1 for stored in found.values()),
        altered=sum(
            not _same(run.citizens[comment], row, whole=comment in thanked)
            for comment, row in rows
            if comment in run.citizens
        ),
        misdated=sum(on not in days and not flag for _, (_, _, on, flag) in rows),
        unknown=len(found.keys() - run.citizens.keys()),
        left=left,
        damage=damage,
    )


def _same(citizen: Citizen, row: tuple[str, frozenset[str], date, str], *, whole: bool) -> bool:
    """Whether it is what the citizen gave: all of it, or as far as their browser lived."""
    scores, chosen, _, _ = row
    levels = "".join(map(str, citizen.levels))
    if whole:
        return scores == levels and chosen == set(citizen.reasons)
    given = scores.rstrip("-")
    return bool(given) and levels.startswith(given) and chosen <= set(citizen.reasons)


def _stored(config: Config) -> list[tuple[str, tuple[str, frozenset[str], date, str]]]:
    """Read every response: comment, and (scores, chosen options, date, flag)."""
    engine = open_engine(config.database_url)
    chosen: dict[str, set[str]] = defaultdict(set)
    with engine.connect() as connection:
        comments = {row.id: row.text for row in connection.execute(tables.comment.select())}
        for row in connection.execute(tables.choice.select()):
            chosen[row.response_id].add(row.option)
        rows = connection.execute(tables.response.select()).all()
    engine.dispose()
    return [
        (
            comments.get(row.response_id, ""),
            (row.scores, frozenset(chosen[row.response_id]), row.answered_on, row.flag),
        )
        for row in rows
    ]


def main() -> None:
    options = _options()
    clean = True
    with sync_playwright() as playwright:
        for name in options.databases:
            with ExitStack() as stack:
                url = None
                if name == "postgresql":
                    url = stack.enter_context(empty_database(stack.enter_context(postgres())))
                config = stack.enter_context(temporary_office(url))
                begin = time.monotonic()
                size = FULL.part(options.share)
                outcome = go_through(playwright.chromium, config, size, options.seed, options.plant)
            clean &= outcome.clean
            _tell(name, options.seed, outcome, time.monotonic() - begin)
    if not clean:
        raise SystemExit("answers were lost, doubled, altered or misdated")


def _tell(name: str, seed: int, outcome: Outcome, seconds: float) -> None:
    print(f"{name}, seed {seed}, {seconds:.0f} s: {outcome.faults.total()} faults")
    for fault, times in sorted(outcome.faults.items()):
        print(f"  {times:4} {fault}")
    for figure in ("recorded", "acknowledged", "stored", "flagged", "flagged_right"):
        print(f"  {figure}: {getattr(outcome, figure)}")
    wrong = ("lost", "doubled", "altered", "misdated", "unknown", "left", "damage")
    print("  " + ", ".join(f"{figure}: {getattr(outcome, figure)}" for figure in wrong), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--share", type=float, default=1, help="of the full size, above 0 to 1")
    parser.add_argument("--plant", choices=sorted(PLANTED), help="plant a fault in the app")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except NoPostgres as missing:
        raise SystemExit(str(missing)) from None
