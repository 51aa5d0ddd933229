"""Staff pages of the one-stop desk's nine indicators: dossiers with 2, 1 and 0 points, by month.

A tab of the page of dossiers: administrative figures of the same month from the same software.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from survey.errors import StoreError
from survey.indicators import (
    INDICATORS,
    OF_A_PERSON,
    POINTS,
    Entered,
    Files,
    WrongCount,
    changed_meanwhile,
    field_of,
    read_files,
    written,
)
from survey.store.indicators import enter_indicators, load_indicators
from survey.store.places import list_offices
from survey.store.population import load_counts
from survey.store.staff_actions import DoneFilter, list_actions
from survey.told import in_language, spoken_month
from survey.web.desk.frame import see_other, staff_frame
from survey.web.desk.guard import DeskContext, needs, scope
from survey.web.desk.history import history_line
from survey.web.security import chosen_language

MONTHS: Final = 25  # that can be chosen, the running one included
HISTORY: Final = 10  # changes of an office that the page shows


def add_indicator_pages(pages: Blueprint, context: DeskContext) -> None:
    """Add the pages, for who enters an office's administrative figures."""

    @pages.get("/indicators")
    @needs("enter_indicators")
    def indicators() -> str:
        office, month = _asked(context)
        stored = load_indicators(context.engine, office, month)
        return _page(context, office, month, stored, _filled(stored))

    @pages.post("/indicators")
    @needs("enter_indicators")
    def enter() -> Response | tuple[str, int]:
        return _enter(context)

    @pages.route("/indicators/person", methods=["GET", "POST"])
    @needs("enter_indicators")
    def person() -> str | tuple[str, int]:
        return _person()


# --- Which office and month ---------------------------------------------------------------------


def _offices(context: DeskContext) -> list[tuple[str, str]]:
    """The offices that whoever is signed in may enter for, by id and name."""
    reach, lang = scope(context.engine), chosen_language()
    return [
        (one.id, one.name.get(lang))
        for one in list_offices(context.engine)
        if reach.may("enter_indicators", one.id)
    ]


def _months(context: DeskContext) -> list[str]:
    """The months that can be entered, the newest first: the running one and those before it."""
    today = context.now().date()
    last = 12 * today.year + today.month - 1
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(last, last - MONTHS, -1)]


def _asked(context: DeskContext) -> tuple[str, str]:
    """The office and month of a request; without any, the first office and the last whole month."""
    offices, months = [id_ for id_, _ in _offices(context)], _months(context)
    if not offices:
        abort(404)
    office = request.values.get("office") or offices[0]
    month = request.values.get("month") or months[1]
    if office not in offices or month not in months:
        abort(404)
    return office, month


# --- Entering -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Typed:
    """The fields as they were typed, what they say, and everything that is wrong with them."""

    fields: Mapping[str, str]
    entered: Entered
    problems: Sequence[WrongCount]

    @property
    def told(self) -> list[str]:
        """What is wrong, a sentence each."""
        return [one.said(chosen_language()) for one in self.problems]

    @property
    def wrong(self) -> frozenset[str]:
        """The fields that hold it."""
        return frozenset(
            field_of(one.indicator, point)
            for one in self.problems
            for point in (POINTS if one.point is None else (one.point,))
        )


def _typed(indicators: Sequence[int]) -> _Typed:
    fields: dict[str, str] = {}
    entered: dict[int, Files] = {}
    problems: list[WrongCount] = []
    for indicator in indicators:
        own = {field_of(indicator, p): request.form.get(field_of(indicator, p), "") for p in POINTS}
        files, wrong = read_files(indicator, tuple(own.values()))
        fields |= own
        problems += wrong
        if files is not None:
            entered[indicator] = files
    return _Typed(fields, entered, problems)


def _filled(stored: Entered) -> dict[str, str]:
    """The fields that show what is stored."""
    return {
        field_of(indicator, point): str(count)
        for indicator, files in stored.items()
        for point, count in zip(POINTS, files, strict=True)
    }


def _enter(context: DeskContext) -> Response | tuple[str, int]:
    """Store what was typed, all of it or nothing; what was typed stays where it is refused."""
    office, month = _asked(context)
    typed = _typed(INDICATORS)
    stored = load_indicators(context.engine, office, month)
    if typed.problems:
        return _page(context, office, month, stored, typed.fields, typed.told, typed.wrong), 422
    try:
        if request.form.get("seen") != written(stored):
            raise changed_meanwhile(month)
        enter_indicators(context.engine, office, month, typed.entered, stored, context.by)
    except StoreError as error:
        stored = load_indicators(context.engine, office, month)
        told = [in_language(error.args[0], chosen_language())]
        return _page(context, office, month, stored, typed.fields, told, kept=written(stored)), 409
    return see_other("dossiers.indicators", office=office, month=month, said="stored")


def _page(
    context: DeskContext,
    office: str,
    month: str,
    stored: Entered,
    fields: Mapping[str, str],
    problems: Sequence[str] = (),
    wrong: frozenset[str] = frozenset(),
    kept: str = "",
) -> str:
    """`kept`: what is stored, where it is not what the form was filled in beside."""
    offices = _offices(context)
    counts = [one for one in load_counts(context.engine, [month]) if one.office == office]
    done = list_actions(
        context.engine,
        DoneFilter(frozenset({office})),
        HISTORY,
        actions=("indicators_entered",),
    )
    said = request.args.get("said") if request.method == "GET" else None
    return render_template(
        "staff/indicators.html",
        **staff_frame(),
        offices=offices,
        office=office,
        office_name=dict(offices)[office],
        months=[(one, spoken_month(one)) for one in _months(context)],
        month=month,
        spoken=spoken_month(month),
        named=_named(INDICATORS),
        fields=fields,
        wrong=wrong,
        problems=problems,
        kept=kept,
        seen=written(stored),
        scores=_scores({} if problems else stored),  # beside what was typed they would be wrong
        completed=sum(one.completed for one in counts),
        history=[
            history_line(one, context.config.zone, month=spoken_month(one.details["month"]))
            for one in done
        ],
        stored=said == "stored",
    )


def _named(indicators: Sequence[int]) -> list[tuple[int, str]]:
    """Indicators by number, with the short names that their figures are shown under."""
    from analysis.words import say

    lang = chosen_language()
    return [(one, say(f"indicators.names.{one}", lang)) for one in indicators]


@dataclass(frozen=True, slots=True)
class _Scores:
    """The scores of the indicators that were assessed, as a page shows them, and their total."""

    by_indicator: Mapping[int, str]
    total: str
    most: int


def _scores(entered: Entered) -> _Scores:
    from analysis.statistics.points import MOST, PointFiles, score, total
    from analysis.words import number

    found = {one: score(PointFiles(*files)) for one, files in entered.items()}
    lang = chosen_language()
    told = {one: number(float(points), lang, 1) for one, points in found.items()}
    return _Scores(told, number(float(total(found.values())), lang, 1), MOST * len(found))


# --- One official -------------------------------------------------------------------------------


def _person() -> str | tuple[str, int]:
    """The points of one official: worked out and shown, and kept nowhere."""
    typed = _typed(OF_A_PERSON) if request.method == "POST" else _Typed({}, {}, ())
    html = render_template(
        "staff/indicators_person.html",
        **staff_frame(),
        named=_named(OF_A_PERSON),
        fields=typed.fields,
        wrong=typed.wrong,
        problems=typed.told,
        scores=_scores(typed.entered),
        level=_level(typed) if typed.entered and not typed.problems else "",
    )
    return (html, 422) if typed.problems else html


def _level(typed: _Typed) -> str:
    from survey.indicators import level_of

    return in_language(level_of(typed.entered), chosen_language())
