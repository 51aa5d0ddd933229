"""Seals what is due: days each night, months ten days after their end. Joins store and figures.

Owns when a month is sealed, and its published document, without which it is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from questionnaires.bilingual import Told, joined
from survey import slips
from survey.apart import run_apart
from survey.config import Config
from survey.errors import HailongError
from survey.intake import clock_is_doubtful
from survey.records import Difference
from survey.seals import Fault, Seal, beside, is_day
from survey.store import sealing, seals, verification
from survey.store.past import forget_sealed
from survey.store.responses import has_responses, newest_sure
from survey.store.schema import schema_faults
from survey.store.upkeep import done_on, note_done
from survey.target_seals import seal_targets, target_faults
from survey.told import percent, sentence

AFTER_MIDNIGHT: Final = timedelta(minutes=15)
"""What was sent before midnight is stored by then."""

SEAL_TURN: Final = "seal.turn"

LONGEST_VALUE: Final = 60
"""Characters of a value in the sentence of a fault."""

GRACE: Final = timedelta(days=10)
"""Days after a month's end in which tablets without network may still bring answers to its days."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was sealed, and the days and months that were left because they are not as sealed."""

    day: date | None
    months: tuple[str, ...]
    wrong: tuple[str, ...]


def night_of(now: datetime) -> date:
    """The day that is running for what is done at night: it begins a little after midnight."""
    return (now - AFTER_MIDNIGHT).date()


def seal_days_due(engine: Engine, today: date) -> tuple[str, ...]:
    """Seal the days before today; nothing while the clock is doubtful. As `seals.seal_days`.

    An import whose answers are sealed by now can be undone no more, and its links to them go.
    """
    if clock_is_doubtful(today, newest_sure(engine)):
        return ()
    wrong = sealing.seal_days(engine, today - timedelta(days=1))
    forget_sealed(engine)
    return wrong


def months_due(engine: Engine, today: date) -> tuple[str, ...]:
    """Return the months that are to be sealed, or sealed again."""
    return sealing.months_due(engine, today - GRACE)


def seal_due(config: Config, engine: Engine, today: date, month: str | None = None) -> Sealed:
    """Seal everything that is due, and a `month` that is over also before its time.

    What was cut short before is finished first. Raises HailongError where the counts of the month
    are not final yet: then nothing is sealed; and where the published document of a month cannot be
    made: it is sealed later.
    """
    if month is not None:
        _require_final(month, today)
    sealing.finish_months(engine)
    wrong = list(seal_days_due(engine, today))
    seal_beside(config, engine, today)
    made = []
    for due in sorted({*months_due(engine, today), *([month] if month else [])}):
        if due == month and due not in sealing.months_due(engine, today - timedelta(days=1)):
            continue  # sealed already
        found = sealing.seal_month(engine, due, published_of(config, engine, due, today))
        wrong += found
        made += [] if found else [due]
    return Sealed(seals.last_sealed_day(engine), tuple(made), tuple(dict.fromkeys(wrong)))


def seal_beside(config: Config, engine: Engine, today: date) -> None:
    """Seal what verdicts rest on beside answers, where it is not yet or has gone on since.

    The records of a month that is sealed now are sealed along with it.
    """
    if not clock_is_doubtful(today, newest_sure(engine)):
        seal_targets(config, engine, today)  # which keep the day
    sealing.seal_records_due(engine)


def _require_final(month: str, today: date) -> None:
    """Refuse a month that is not over, or whose slips may still be used in their day of grace."""
    if month >= f"{today:%Y-%m}":
        raise HailongError(sentence("seal.running", month=_shown(month)))
    first = seals.days_of(month)[1] + slips.GRACE + timedelta(days=1)
    if today < first:
        told = {"month": _shown(month), "day": f"{first:%d/%m/%Y}"}
        raise HailongError(sentence("seal.in_grace", **told))


def _shown(month: str) -> str:
    return f"{month[5:]}/{month[:4]}"


def published_of(config: Config, engine: Engine, text: str, today: date) -> str | None:
    """The published verdict document of a period, as it is kept; None without any answer."""
    from analysis.period import parse_period

    period = parse_period(text)
    if not has_responses(engine, period.first, period.last):
        return None
    from survey.figures.office import sealed_figures
    from survey.store.places import load_places
    from survey.store.questionnaires import published_questionnaires

    places, asked = load_places(engine, gone_too=True), published_questionnaires(engine)
    found = sealed_figures(config, places, asked, period, today)
    return json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def seal_apart(config: Config) -> None:
    """Seal months in a process of its own: figures are not computed in one that serves."""
    run_apart(config.data, "seal.apart", "seal")


def check(
    config: Config, engine: Engine, today: date, progress: verification.Progress | None = None
) -> verification.Verified:
    """Hold everything against its seals, and keep that it was done and whether all was well."""
    found = verification.verify(engine, progress)
    beside = (*schema_faults(engine), *target_faults(config, engine))
    found = replace(found, faults=(*found.faults, *beside))
    note_done(engine, "verified", None if found.faults else today)
    note_done(engine, "altered", today if found.faults else None)
    return found


@dataclass(frozen=True, slots=True)
class SealState:
    """How the seals are, by the last look: for pages, which check nothing themselves."""

    sealed: date | None
    checked: date | None
    altered: bool


def seal_state(engine: Engine) -> SealState:
    """Return the newest sealed day, and when the seals were checked last and how it ended."""
    well, wrong = done_on(engine, "verified"), done_on(engine, "altered")
    return SealState(seals.last_sealed_day(engine), well or wrong, wrong is not None)


def printed(seal: seals.MonthSeal) -> Told:
    """What stands at the foot of a page, report or notebook of a period that is sealed."""
    return sentence("seal.of", month=about_shown(seal.month), code=seal.code)


def about_shown(about: str) -> str:
    """A day as 05/10/2026, a month as 10/2026."""
    return "/".join(reversed(about.split("-")))


def told_beside(chain: Sequence[Seal]) -> list[Told]:
    """How records and targets are sealed, where nothing is otherwise: since when, and what staff
    changed after that."""
    found = beside(chain)
    if found is None:
        return []
    lines = [sentence("verify.records", count=len(found.months))] if found.months else []
    for day, months in found.since.items():
        lines.append(sentence("verify.records_since", months=_listed(months), day=about_shown(day)))
    if found.waiting:
        lines.append(sentence("verify.records_wait", months=_listed(found.waiting)))
    if found.changed:
        lines.append(sentence("verify.records_changed", months=_listed(found.changed)))
    if not found.targets:
        return [*lines, sentence("verify.targets_wait")]
    lines.append(sentence("verify.targets", day=about_shown(found.targets[-1].about)))
    if len(found.targets) > 1:
        lines.append(sentence("verify.targets_changed", count=len(found.targets) - 1))
    return lines


def _listed(months: Iterable[str]) -> str:
    return ", ".join(map(about_shown, months))


def _kind_of(about: str) -> str:
    if is_day(about):
        return "day"
    return "month" if about[5:].isdigit() else "period"


def told(fault: Fault) -> Told:
    """A fault as a sentence in both languages."""
    about = f"verify.{_kind_of(fault.about)}"
    words: dict[str, object] = {**fault.told}
    if "day" in words:
        words["day"] = about_shown(str(words["day"]))
    where = sentence(about, about=about_shown(fault.about))
    difference = words.pop("difference", None)
    if isinstance(difference, Difference):
        change = _changed(difference)
        return sentence(f"verify.of_{difference.key[0]}", where=where, change=change, **words)
    return sentence(f"verify.{fault.kind}", where=where, **words)


def _changed(difference: Difference) -> Told:
    """What is otherwise: each value as it was sealed, and as it is."""
    sealed, found = difference.sealed, difference.found
    if sealed is None or found is None:
        return sentence("verify.put_in" if sealed is None else "verify.taken_out")
    changes = [
        sentence(
            "verify.value",
            name=_name(name),
            sealed=_value(name, sealed[name]),
            found=_value(name, found.get(name)),
        )
        for name in difference.changed
    ]
    return joined(changes, "; ")


def _name(name: str) -> str:
    """What a value is called; one that an earlier version sealed, and this does not know, as is."""
    try:
        return sentence(f"verify.value_{name}")
    except KeyError:
        return name


def _value(name: str, value: str | int | None) -> str:
    """A value as a line has room for it: of a digest its beginning."""
    if name == "threshold" and value is not None:
        return Told(percent(value, "en"), percent(value, "vi"))
    if name == "outcome" and value is not None:
        return sentence(f"verify.outcome_{value}")
    text = "–" if value is None else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
