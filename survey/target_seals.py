"""Targets as they are sealed: what is to be reached stands in `targets.toml`, a file of the office.

Owns that a target changed on its page is sealed again along with its line in the log, and that any
other change of the file is told. Of an office without the file the program's own targets hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine

from questionnaires.bilingual import Told, joined
from survey.config import Config
from survey.errors import HailongError
from survey.figures.office import office_targets
from survey.records import (
    Key,
    Place,
    Records,
    Sealed,
    amended,
    as_text,
    changed_places,
    differences,
)
from survey.seals import Fault, Seal
from survey.store.records import Kept, kept_records, new_salt, seal_again
from survey.store.seals import append_document, has_chain, hold_chain, note_seals
from survey.store.staff_actions import By, note
from survey.store.transactions import one_moment, whole_transaction
from survey.told import in_language, percent

if TYPE_CHECKING:
    from analysis.targets import CensusTarget, Targets

KIND: Final = "targets"


def read_targets(config: Config) -> Records:
    """The targets of the office's own file. Raises HailongError where it cannot be read."""
    from analysis.errors import TargetsError
    from analysis.targets import load_targets

    if not config.targets_file.exists():
        return {}
    try:
        found = load_targets(config.targets_file)
    except TargetsError as error:
        raise HailongError(error.args[0]) from error
    return _records(found, found.census or ())


def _holding(config: Config) -> Records:
    """The targets that hold: where the office's own file does not speak, the program's.

    Whoever changes one of these has the others written into the file, and changes none of them.
    """
    found = office_targets(config)
    return _records(found, found.of_census)


def _records(found: Targets, census: Sequence[CensusTarget]) -> Records:
    return {
        **{("target", one.id): _values(one) for one in found.target},
        **{("own", one.target, one.office): _values(one) for one in found.own},
        **{("group", one.id): _values(one) for one in found.group},
        **{("census", one.id): _values(one) for one in census},
    }


def _values(one: Any) -> dict[str, str | int | None]:
    """The fields of a target, each as one value: 0.9 and 0.90 are the same threshold."""
    found: dict[str, str | int | None] = {}
    for name, value in one.model_dump(exclude={"id"}).items():
        if isinstance(value, dict):
            found |= {f"{name}_{lang}": text for lang, text in value.items()}
        else:
            found[name] = _plain(value)
    return found


def _plain(value: Any) -> str | int | None:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple):
        return ", ".join(value)
    plain: str | int | None = value
    return plain


def seal_targets(config: Config, engine: Engine, today: date) -> bool:
    """Seal the targets where they never were and there is a chain; whether that was done.

    A file that cannot be read waits: figures are not computed from it either.
    """
    try:
        found = read_targets(config)
    except HailongError:
        return False
    with engine.connect() as connection:
        if not has_chain(connection) or _kept(connection) is not None:
            return False
    with whole_transaction(engine) as connection:
        hold_chain(connection)
        if _kept(connection) is not None:
            return False
        text = as_text(Sealed(new_salt(), found))
        append_document(connection, KIND, today.isoformat(), "", text)
    return True


def _kept(connection: Connection) -> Kept | None:
    return kept_records(connection, KIND, None)


@contextmanager
def amending_targets(config: Config, connection: Connection, by: By) -> Iterator[None]:
    """Seal again what staff change in the file meanwhile, in the caller's transaction.

    What was not as it was sealed before stays so.
    """
    hold_chain(connection)
    kept, before, held = _kept(connection), read_targets(config), _holding(config)
    yield
    if kept is not None and kept.sealed is not None:
        now = amended(kept.sealed.records, before, read_targets(config))
        made = seal_again(connection, kept, now, "changed", by.at.date().isoformat())
        if made is not None:
            holding = _holding(config)
            places = {made.number: changed_places(held, holding)}
            note_seals(connection, [made], "changed", by, places, why=_sources(held, holding))


def _sources(before: Records, after: Records) -> str:
    """Who says so, of what was added or changed."""
    changed = (values for key, values in sorted(after.items()) if values != before.get(key))
    return "; ".join(dict.fromkeys(str(one["source"]) for one in changed if "source" in one))


def accept_targets(config: Config, engine: Engine, why: str, by: By) -> bool:
    """Seal the targets as the file has them now; False where they are as they were sealed."""
    found, today = read_targets(config), by.at.date().isoformat()
    with whole_transaction(engine) as connection:
        hold_chain(connection)
        kept = _kept(connection)
        if kept is None:
            return False
        if kept.sealed is None:
            text = as_text(Sealed(new_salt(), found))
            made: Seal | None = append_document(connection, KIND, today, "accepted", text)
            places: tuple[Place, ...] = ()
            changes = "–"  # nothing tells any more what they were
        else:
            made = seal_again(connection, kept, found, "accepted", today)
            places = changed_places(kept.sealed.records, found)
            changes = _changes(kept.sealed.records, found)
        if made is not None:
            note(connection, by, "targets_accepted", changes=changes, why=why)
            note_seals(connection, [made], "accepted", by, {made.number: places}, why=why)
        return made is not None


def _changes(before: Records, after: Records) -> str:
    """What the history of targets tells of an edited file: each by its name, with its shares."""
    told = []
    for one in differences(before, after):
        was, now = ((of or {}).get("threshold") for of in (one.sealed, one.found))
        shares = " → ".join("–" if of is None else percent(of, "vi") for of in (was, now))
        values = one.found or one.sealed or {}
        parts = (in_language(_named({**before, **after}, one.key), "vi"), values.get("deadline"))
        name = ", ".join(str(part) for part in parts if part is not None)
        told.append(name if was == now else f"{name}: {shares}")
    return "; ".join(told)


def target_faults(config: Config, engine: Engine) -> Iterator[Fault]:
    """Every target that is not as it was sealed."""
    with one_moment(engine) as connection:
        kept = _kept(connection)
    if kept is None:
        return
    if kept.sealed is None:
        yield Fault("document", kept.seal.about)
        return
    try:
        found = read_targets(config)
    except HailongError as error:
        yield Fault("targets_file", kept.seal.about, {"why": error.args[0]})
        return
    for one in differences(kept.sealed.records, found):
        place = _named({**kept.sealed.records, **found}, one.key)
        yield Fault("target", kept.seal.about, {"difference": one, "place": place})


def _named(records: Records, key: Key) -> Told:
    """A target by its title; whose own threshold it is by the office."""
    kind, id_, *office = key
    titled = records.get((kind, id_)) or {}
    if kind == "own":
        titled = records.get(("target", id_)) or records.get(("census", id_)) or {}
    vi, en = (str(titled.get(f"title_{lang}", id_)) for lang in ("vi", "en"))
    return joined([Told(en, vi), *office], ", ")
