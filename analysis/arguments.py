"""What a caller gives to a verb: of the right kind, one of the choices; else one sentence.

Every refusal is an `analysis.Refusal` that names the argument, the whole value and what to give.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import wraps
from numbers import Integral, Real
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from analysis.errors import Problem, Refusal, UnknownName, said
from questionnaires.bilingual import Told
from questionnaires.wording import LANGUAGES

Given = ParamSpec("Given")
Result = TypeVar("Result")
Check = Callable[[str, object], object]
"""Refuses what an argument of this name cannot be."""

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


def fraction(name: str, given: object, *, closed: bool = False) -> Decimal:
    """A fraction between 0 and 1, also written as text; `closed`: these two as well."""
    if isinstance(given, Real | str | Decimal) and not isinstance(given, bool):
        try:
            number = Decimal(str(given))
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and (0 <= number <= 1 if closed else 0 < number < 1):
            return number
    raise refused(name, given, said("argument.no_fraction"), said("argument.write_fraction"))


def level(name: str, given: object) -> None:
    """The level of intervals: a number between 0 and 1."""
    if isinstance(given, str):
        raise refused(name, given, said("argument.no_fraction"), said("argument.write_fraction"))
    fraction(name, given)


def text(name: str, given: object) -> None:
    """A text that says something."""
    if not isinstance(given, str) or not given:
        what = said("argument.kind", kind=type(given).__name__)
        example = _EXAMPLES.get(name, _EXAMPLES["sector"])
        raise refused(name, given, what, said("argument.write_text", example=example))


_EXAMPLES: Final = {
    "by": "x_age",
    "channel": "poster",
    "measure": "overall",
    "office": "all",
    "part": "sector",
    "questionnaire": "desk@1",
    "sector": "land",
}
"""What a text of this name may be."""


def truth(name: str, given: object) -> None:
    """True or False."""
    if not isinstance(given, bool):
        what = said("argument.kind", kind=type(given).__name__)
        raise refused(name, given, what, said("argument.write_truth"))


def whole(name: str, given: object, *, most: int = 120) -> None:
    """A whole number from 1."""
    if isinstance(given, bool) or not isinstance(given, Integral) or not 1 <= int(given) <= most:
        raise refused(
            name, given, said("argument.no_whole"), said("argument.write_whole", most=most)
        )


def texts(name: str, given: object) -> None:
    """Several texts in an order; a text by itself would be taken letter by letter."""
    if not _listed(given, str):
        raise refused(name, given, said("argument.no_texts"), said("argument.write_texts"))


def _listed(given: object, kinds: type | tuple[type, ...]) -> bool:
    """Whether it is several things of a kind, none of them empty."""
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        return False
    return all(isinstance(one, kinds) and str(one) for one in given)


def lang(name: str, given: object) -> None:
    """One of our languages."""
    one_of(name, given, LANGUAGES)


def path(name: str, given: object) -> None:
    """The name of a file."""
    if not isinstance(given, str | Path) or not str(given):
        what = said("argument.kind", kind=type(given).__name__)
        raise refused(name, given, what, said("argument.write_path"))


def paths(name: str, given: object) -> None:
    """Names of files."""
    if not _listed(given, (str, Path)):
        raise refused(name, given, said("argument.no_texts"), said("argument.write_paths"))


def counts(name: str, given: object) -> None:
    """Names with whole numbers, one at least."""
    fits = isinstance(given, Mapping) and all(
        isinstance(key, str) and isinstance(n, Integral) and not isinstance(n, bool) and int(n) >= 0
        for key, n in given.items()
    )
    if not fits or not given:
        raise refused(name, given, said("argument.no_counts"), said("argument.write_counts"))


def names(name: str, given: object) -> None:
    """Ids with names, or the file that has them."""
    if isinstance(given, str | Path):
        path(name, given)
        return
    fits = isinstance(given, Mapping) and all(
        isinstance(key, str) and isinstance(value, str) for key, value in given.items()
    )
    if not fits:
        raise refused(name, given, said("argument.no_names"), said("argument.write_names"))


CHECKS: Final[Mapping[str, Check]] = {
    **dict.fromkeys(("by", "channel", "measure", "office", "questionnaire", "sector"), text),
    **dict.fromkeys(("full", "published", "simulated", "trusted"), truth),
    **dict.fromkeys(("covariates", "items", "online"), texts),
    "channels": counts,
    "file": path,
    "font_files": paths,
    "lang": lang,
    "level": level,
    "months": whole,
    "names": names,
    "power": fraction,
}
"""What an argument is, by its name: a name means the same in every verb."""


def _miscalled(
    verb: str,
    where: str,
    signature: inspect.Signature,
    args: Sequence[object],
    kwargs: Mapping[str, object],
) -> Refusal:
    """The refusal of a call with arguments that do not fit, or without one that is needed."""
    names = [name for name in signature.parameters if name != "self"]
    for name in kwargs:
        if name not in names:
            one_of(verb, name, names)
    placed = names[: len(args) - ("self" in signature.parameters)]
    missing = [
        name
        for name in names
        if signature.parameters[name].default is inspect.Parameter.empty
        and name not in (*placed, *kwargs)
    ]
    call, unnamed = f"{verb}({', '.join(names)})", _unnamed(signature, len(args))
    what, remedy = said("argument.many"), said("argument.help", verb=where)
    if missing:
        what = said("argument.missing", names=", ".join(missing))
    elif unnamed:
        what = said("argument.unnamed", names=", ".join(unnamed))
        first = "…, " if len(unnamed) < len(names) else ""
        remedy = said("argument.name_it", call=f"{verb}({first}{unnamed[0]}=…)")
    return Refusal([Problem(said("argument.call"), call, what, remedy)])


def _unnamed(signature: inspect.Signature, given: int) -> list[str]:
    """The arguments that are given by name alone, where more come without a name than may."""
    kinds = [one.kind for one in signature.parameters.values()]
    if given <= len(kinds) - kinds.count(inspect.Parameter.KEYWORD_ONLY):
        return []
    named = inspect.Parameter.KEYWORD_ONLY
    return [name for name, one in signature.parameters.items() if one.kind is named]


def _address(verb: Callable[..., object]) -> str:
    """Where Python finds a verb: "analysis.estimate", "analysis.Estimates.pick"."""
    import analysis

    public = verb.__qualname__.partition(".")[0] in analysis.__all__
    return f"{'analysis' if public else verb.__module__}.{verb.__qualname__}"


def _own(given: object) -> object:
    """Numbers of numpy, as pandas holds them, as Python's own; anything else as it is."""
    if isinstance(given, Mapping):
        plain = {key: _own(value) for key, value in given.items()}
        return plain if any(plain[key] is not value for key, value in given.items()) else given
    if type(given).__module__ != "numpy" or not isinstance(given, Real):
        return given
    return int(given) if isinstance(given, Integral) else float(str(given))


def checked(verb: Callable[Given, Result]) -> Callable[Given, Result]:
    """The verb, which first looks at each argument by its name; None goes where it is the default.

    Arguments whose names are not in `CHECKS` are looked at by the verb itself.
    """
    signature = inspect.signature(verb)
    looked_at = [
        (name, CHECKS[name], one.default is None)
        for name, one in signature.parameters.items()
        if name in CHECKS
    ]

    @wraps(verb)
    def asked(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            where = _address(verb)
            raise _miscalled(verb.__name__, where, signature, args, kwargs) from None
        given = bound.arguments
        for name, check, optional in looked_at:
            if name in given and not (optional and given[name] is None):
                given[name] = _own(given[name])
                check(name, given[name])
        return verb(*bound.args, **bound.kwargs)

    return asked
