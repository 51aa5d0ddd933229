"""Edits of what is to be reached: targets, and thresholds of offices' own; for page and command.

Owns what may be filled in, how the file of targets is written, and what the log tells of it. What a
target is: `analysis.targets`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import Connection, Engine

from survey.config import Config
from survey.edits import new_id
from survey.errors import HailongError
from survey.files import write_whole
from survey.places import GENERAL
from survey.store.places import list_offices, list_sectors
from survey.store.questionnaires import published_questionnaires
from survey.store.staff_actions import By, noted
from survey.target_seals import amending_targets
from survey.told import percent, sentence
from survey.turns import turn

if TYPE_CHECKING:
    from analysis.targets import AnyTarget, Group, OwnThreshold, Target, Targets

    T = TypeVar("T", Target, Group)

LONGEST: Final = 300


class TargetRefused(HailongError):
    """What was filled in is no target, or cannot be written now."""

    def __init__(self, key: str, **words: object) -> None:
        super().__init__(sentence(f"target.{key}", **words))


@dataclass(frozen=True, slots=True)
class Filled:
    """A target as somebody fills it in: texts as typed; no sector stands for every one.

    One on all dossiers has no sectors, and one verdict for all.
    """

    vi: str
    en: str
    measure: str
    sectors: tuple[str, ...]
    pool: bool
    threshold: str
    deadline: str
    source: str


def filled_of(target: AnyTarget) -> Filled:
    """A target as its form shows it."""
    from analysis.targets import Target

    judged = target if isinstance(target, Target) else None
    return Filled(
        vi=target.title.vi,
        en="" if target.title.en == target.title.vi else target.title.en,
        measure=target.measure,
        sectors=() if judged is None or judged.sectors == "all" else judged.sectors,
        pool=judged is None or judged.pool,
        threshold=percent(target.threshold, "vi"),
        deadline=str(target.deadline),
        source=target.source,
    )


def measures(engine: Engine, lang: str) -> dict[str, str]:
    """What a target can be about, by name: everything that published questionnaires ask."""
    from analysis.reporting.wording import measure_names

    named = measure_names(published_questionnaires(engine), lang)
    return {key: name for key, name in named.items() if not key.startswith("reason:")}


def read_target(
    engine: Engine, filled: Filled, targets: Targets, stored: AnyTarget | None
) -> AnyTarget:
    """The target that was filled in, in place of the stored one or a new one. TargetRefused says
    what is wrong.

    What it measures tells whether it is one on all dossiers; a stored one stays what it is.
    """
    from analysis.targets import CENSUS_MEASURES, CensusTarget, Target, parse_share
    from questionnaires import Text

    names = ("vi", "en", "measure", "threshold", "deadline", "source")
    text = {name: " ".join(getattr(filled, name).split()) for name in names}
    if not text["vi"] or max(map(len, text.values())) > LONGEST:
        raise TargetRefused("no_title", most=LONGEST)
    share = parse_share(text["threshold"])
    if share is None:
        raise TargetRefused("no_share", given=text["threshold"] or "–")
    year = text["deadline"]
    if not (year.isascii() and year.isdecimal() and 2000 <= int(year) <= 2199):
        raise TargetRefused("no_year", given=year or "–")
    if not text["source"]:
        raise TargetRefused("no_source")
    surveyed = [] if isinstance(stored, CensusTarget) else measures(engine, "vi")
    counted = [] if isinstance(stored, Target) else CENSUS_MEASURES
    _require_known("no_measure", [text["measure"]], [*surveyed, *counted])
    taken = (one.id for one in targets.every)
    common = {
        "id": stored.id if stored else new_id(f"{text['vi']} {year}", taken),
        "title": Text(vi=text["vi"], en=text["en"] or text["vi"]),
        "measure": text["measure"],
        "threshold": share,
        "deadline": int(year),
        "source": text["source"],
    }
    if text["measure"] in CENSUS_MEASURES:
        if filled.sectors or not filled.pool:
            raise TargetRefused("census_whole")
        return CensusTarget.model_validate(common)
    listed = [*(one.id for one in list_sectors(engine)), GENERAL]
    before = stored.sectors if isinstance(stored, Target) and stored.sectors != "all" else ()
    _require_known("no_sector", filled.sectors, [*listed, *before])
    if filled.pool and GENERAL in filled.sectors and len(filled.sectors) > 1:
        raise TargetRefused("general_alone")
    scope = {"sectors": filled.sectors or "all", "pool": filled.pool}
    return Target.model_validate(common | scope)


def for_sectors(targets: Targets, known: Collection[str]) -> Targets:
    """The targets of an office that has these sectors: what is about others alone is left out.

    A target or group of several is about those that the office has.
    """
    has = {*known, GENERAL}

    def fitted(one: T) -> T | None:
        if one.sectors == "all":
            return one
        left = tuple(id_ for id_ in one.sectors if id_ in has)
        return one.model_copy(update={"sectors": left}) if left else None

    return targets.model_copy(
        update={
            "group": tuple(filter(None, map(fitted, targets.group))),
            "target": tuple(filter(None, map(fitted, targets.target))),
        }
    )


def _without_idle_groups(targets: Targets, stored: AnyTarget | None) -> Targets:
    """Without the groups that named the sectors of an edited target, and name those of none now."""
    sectors = getattr(stored, "sectors", None)
    if sectors in (None, *(one.sectors for one in targets.target)):
        return targets
    left = tuple(one for one in targets.group if one.sectors != sectors)
    return targets.model_copy(update={"group": left})


def _require_known(key: str, given: Collection[str], known: Collection[str]) -> None:
    strange = next((one for one in given if one not in known), None)
    if strange is not None:
        raise TargetRefused(key, given=strange, known=", ".join(known))


def put_target(config: Config, engine: Engine, by: By, targets: Targets, made: AnyTarget) -> None:
    """Keep a target in place of the one with its id, or as a new one. Raises TargetRefused."""
    stored = next((one for one in targets.every if one.id == made.id), None)
    kind, every = _beside(targets, made)
    kept = [made if one.id == made.id else one for one in every]
    details = {
        "target": made.title.vi,
        "threshold": percent(made.threshold, "vi"),
        "before": "" if stored is None else _before(stored, made),
        "deadline": str(made.deadline),
        "source": made.source,
    }
    action: Final = "target_changed" if stored else "target_made"
    after = targets.model_copy(update={kind: tuple(kept if stored else [*kept, made])})
    with noted(engine, by, action, **details) as connection:
        _write(config, connection, by, targets, _without_idle_groups(after, stored))


def _beside(targets: Targets, one: AnyTarget) -> tuple[str, tuple[AnyTarget, ...]]:
    """The table of the file that a target is in, and all that are there."""
    from analysis.targets import CensusTarget

    if isinstance(one, CensusTarget):
        return "census", targets.of_census
    return "target", targets.target


def _before(stored: AnyTarget, made: AnyTarget) -> str:
    """What a target was, as far as it was otherwise; its threshold always."""
    was, now = filled_of(stored), filled_of(made)
    told = [was.threshold]
    for name in ("vi", "en", "measure", "sectors", "deadline", "source"):
        before = getattr(was, name)
        if before != getattr(now, name):
            told.append(", ".join(before) if isinstance(before, tuple) else before)
    return "; ".join(filter(None, told))


def drop_target(
    config: Config, engine: Engine, by: By, targets: Targets, target: AnyTarget
) -> None:
    """Drop a target, and what offices have of their own for it. Raises TargetRefused."""
    kind, every = _beside(targets, target)
    left = {
        kind: tuple(one for one in every if one.id != target.id),
        "own": tuple(one for one in targets.own if one.target != target.id),
    }
    details = {
        "target": target.title.vi,
        "threshold": percent(target.threshold, "vi"),
        "deadline": str(target.deadline),
    }
    with noted(engine, by, "target_dropped", **details) as connection:
        after = _without_idle_groups(targets.model_copy(update=left), target)
        _write(config, connection, by, targets, after)


def find_own(targets: Targets, office: str, target: str) -> OwnThreshold | None:
    """What an office has of its own for a target."""
    return next((one for one in targets.own if (one.office, one.target) == (office, target)), None)


def read_own(target: AnyTarget, office: str, share: str, source: str) -> OwnThreshold:
    """A threshold of an office's own as filled in. TargetRefused says what is wrong."""
    from analysis.targets import OwnThreshold, parse_share

    threshold, why = parse_share(share), " ".join(source.split())
    if threshold is None:
        raise TargetRefused("no_share", given=share or "–")
    if not why:
        raise TargetRefused("no_source")
    if len(why) > LONGEST:
        raise TargetRefused("no_title", most=LONGEST)
    return OwnThreshold(target=target.id, office=office, threshold=threshold, source=why)


def put_own(config: Config, engine: Engine, by: By, targets: Targets, own: OwnThreshold) -> None:
    """Keep a threshold of an office's own. Raises TargetRefused."""
    key = (own.office, own.target)
    kept = tuple(one for one in targets.own if (one.office, one.target) != key)
    details = _told(engine, targets, own) | {"source": own.source}
    with noted(engine, by, "own_threshold_set", own.office, **details) as connection:
        after = targets.model_copy(update={"own": (*kept, own)})
        _write(config, connection, by, targets, after)


def drop_own(config: Config, engine: Engine, by: By, targets: Targets, own: OwnThreshold) -> None:
    """Let an office have what holds for the office above it. Raises TargetRefused."""
    details = _told(engine, targets, own)
    with noted(engine, by, "own_threshold_dropped", own.office, **details) as connection:
        _write(config, connection, by, targets, without(targets, own))


def without(targets: Targets, own: OwnThreshold) -> Targets:
    """The targets without a threshold of an office's own."""
    left = tuple(one for one in targets.own if one is not own)
    return targets.model_copy(update={"own": left})


def _told(engine: Engine, targets: Targets, own: OwnThreshold) -> dict[str, str]:
    """What the log tells of it."""
    names = {one.id: one.name.vi for one in list_offices(engine)}
    target = next(one for one in targets.every if one.id == own.target)
    return {
        "name": names.get(own.office, own.office),
        "target": target.title.vi,
        "deadline": str(target.deadline),
        "threshold": percent(own.threshold, "vi"),
    }


def _write(config: Config, connection: Connection, by: By, before: Targets, after: Targets) -> None:
    """Replace the file, whole, and seal the targets again in the transaction of the log's line.

    Raises TargetRefused where somebody else is at it or was since they were read, or it cannot.
    """
    from analysis.targets import parse_targets, targets_text
    from survey.figures.office import office_targets

    with _alone(config), amending_targets(config, connection, by):
        if office_targets(config) != before:
            raise TargetRefused("busy")
        text = targets_text(after)
        parse_targets(text, "targets.toml")  # what is written can be read
        try:
            write_whole(config.targets_file, text)
        except OSError as error:
            raise TargetRefused("cannot", why=error.strerror or error) from error


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    with turn(config.data / "targets.turn") as mine:
        if not mine:
            raise TargetRefused("busy")
        yield
