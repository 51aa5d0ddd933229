"""What a caller gives to a verb: of the right kind, one of the choices; else one sentence.

Every refusal is an `analysis.Refusal` that names the argument, the whole value and what to give.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import date
from typing import Final

from analysis.errors import Problem, Refusal, UnknownName, said
from questionnaires.sentences import Told

_SHOWN: Final = 200  # letters of a value
_LISTED: Final = 12  # choices of very many


def _problem(name: str, given: object, what: Told, remedy: Told) -> Problem:
    shown = repr(given)
    value = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    return Problem(said("argument.name", name=name), value, what, remedy)


def refused(name: str, given: object, what: Told, remedy: Told) -> Refusal:
    """The refusal of one argument."""
    return Refusal([_problem(name, given, what, remedy)])


def one_of(name: str, given: object, choices: Sequence[str]) -> None:
    """Refuse what is none of the choices; one that is nearly written so is named first."""
    if isinstance(given, str) and given in choices:
        return
    more = ", …" if len(choices) > _LISTED else ""
    listed = ", ".join(f'"{one}"' for one in choices[:_LISTED]) + more
    near = difflib.get_close_matches(str(given), choices, n=1)
    key = "argument.meant" if near else "argument.give"
    remedy = said(key, near=near[0] if near else "", known=listed)
    raise UnknownName([_problem(name, given, said("argument.no_choice"), remedy)])


def of_kind(name: str, given: object, kinds: type | tuple[type, ...], whence: str) -> None:
    """Refuse what is of another kind; `whence`: the call that gives what is meant."""
    if not isinstance(given, kinds):
        what = said("argument.kind", kind=type(given).__name__)
        raise refused(name, given, what, said("argument.whence", call=whence))


def day(name: str, given: date | str) -> date:
    """A day, or its text as "2026-10-05"."""
    try:
        return date.fromisoformat(given) if isinstance(given, str) else _day(given)
    except (TypeError, ValueError):
        raise refused(name, given, said("argument.no_day"), said("argument.write_day")) from None


def _day(given: object) -> date:
    if not isinstance(given, date):
        raise TypeError
    return given


def fraction(name: str, given: float, *, closed: bool = False) -> float:
    """A fraction between 0 and 1; `closed`: these two as well."""
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if not number or not (0 <= given <= 1 if closed else 0 < given < 1):
        raise refused(name, given, said("argument.no_fraction"), said("argument.write_fraction"))
    return given
