"""Records: what verdicts rest on beside answers, as it is sealed. Pure: no database, no clock.

Owns how records stand in a sealed document, how two states of them differ, and which differences
are the program's own. The format is docs/seals.md, word for word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

FORMAT: Final = "hailong.records/1"

OWN: Final = ("rechecks", "calls", "imports")
"""Kinds to which the program's own work adds after their month was sealed."""

Key: TypeAlias = tuple[str, ...]
"""The kind of a record, and where it is: ("dossiers", office, sector)."""

Place: TypeAlias = tuple[str, str]
"""The kind of a record and its office; "" where it is of none, or of the whole installation."""

Values: TypeAlias = Mapping[str, str | int | None]
Records: TypeAlias = Mapping[Key, Values]

_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Sealed:
    """Records as they are sealed. `salt`: 64 random hexadecimal digits, which are never published,
    so that nobody can try which counts make up a digest."""

    salt: str
    records: Records


def as_text(sealed: Sealed) -> str:
    """The document that a seal binds: the records in the order of their keys."""
    rows = [[list(key), dict(values)] for key, values in sorted(sealed.records.items())]
    return _write({"format": FORMAT, "salt": sealed.salt, "records": rows})


def read_text(text: str) -> Sealed:
    """Read a document back. Raises ValueError where it is none."""
    try:
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise ValueError(found["format"])
        return Sealed(found["salt"], {tuple(key): values for key, values in found["records"]})
    except (KeyError, TypeError) as error:
        raise ValueError(str(error)) from error


def text_digest(salt: str, text: str) -> str:
    """The digest of a text, for a record that is not to hold it: what is withdrawn is gone."""
    return sha256(f"{salt} {text}".encode()).hexdigest()


# --- differences --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that is not as it was sealed; None where it was not there, or no longer is."""

    key: Key
    sealed: Values | None
    found: Values | None

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of what is otherwise, of a record that is there still."""
        sealed, found = self.sealed or {}, self.found or {}
        return tuple(name for name in sealed if found.get(name) != sealed[name])


def differences(sealed: Records, found: Records) -> Iterator[Difference]:
    """Every record that is not as it was sealed, in order."""
    for key in sorted({*sealed, *found}):
        if not fits(key, sealed.get(key), found.get(key)):
            yield Difference(key, sealed.get(key), found.get(key))


def fits(key: Key, sealed: Values | None, found: Values | None) -> bool:
    """Whether a record is as it was sealed, or has become what only the program's own work makes
    of it. What a record was sealed without is not compared."""
    if sealed is not None and found is not None:
        if not Difference(key, sealed, found).changed:
            return True
    elif sealed is found:
        return True
    if key[0] == "rechecks":
        return _goes_on(sealed, found)
    return sealed is None and key[0] in OWN


def _goes_on(sealed: Values | None, found: Values | None) -> bool:
    """A re-check is made after its month was sealed: it is begun, drawn and answered, never less.

    Until there is a seed another list may take the place of the first.
    """
    if sealed is None or sealed["seed"] is None:
        return True
    if found is None:
        return False
    fixed = ("list", "seed", "source", "dossiers")
    rising = ("size", "answered", "entered")
    return all(found[name] == sealed[name] for name in fixed) and all(
        int(found[name] or 0) >= int(sealed[name] or 0) for name in rising
    )


def gone_on(sealed: Records, found: Records) -> Records:
    """What is to be sealed where the program's own work went on; all else stays as it was."""
    own = [key for key in {*sealed, *found} if key[0] in OWN]
    fitting = [key for key in own if fits(key, sealed.get(key), found.get(key))]
    return _with(sealed, {key: found.get(key) for key in fitting})


def amended(sealed: Records, before: Records, after: Mapping[Key, Values | None]) -> Records:
    """What is to be sealed once staff changed records from `before` to `after`.

    A record that was not as it was sealed before stays as sealed: no change of staff covers up
    another one.
    """
    changes = {
        key: after.get(key)
        for key in {*before, *after}
        if before.get(key) != after.get(key) and fits(key, sealed.get(key), before.get(key))
    }
    return _with(sealed, changes)


_OFFICE_AT: Final = {"slips": None, "target": None, "group": None, "census": None, "own": 2}
"""Where in a key the office stands; of kinds that are not named, behind the kind."""


def changed_places(before: Records, after: Records) -> tuple[Place, ...]:
    """Which kinds of records are otherwise, and of which offices, in order."""
    keys = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    found = set[Place]()
    for key in keys:
        at = _OFFICE_AT.get(key[0], 1)
        found.add((key[0], "" if at is None else key[at]))
    return tuple(sorted(found))


def _with(records: Records, changes: Mapping[Key, Values | None]) -> Records:
    """The records with others in their place; without those that are None."""
    return {key: values for key, values in {**records, **changes}.items() if values is not None}
