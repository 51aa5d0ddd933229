"""Staff pages: what the answers say. Every figure comes from the shelf (`survey.figures.asking`).

No request here computes any: another process does, so that citizens' requests go on meanwhile.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from sqlalchemy import Engine
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from questionnaires import keys
from questionnaires.layout import OPEN_CHANNELS, SIDES
from survey.config import Config
from survey.figures.asking import ALL, Asking, NotComputed, wanted_page
from survey.figures.office import is_total, office_tree, stored_document, told_purged
from survey.places import GENERAL, Office
from survey.sealing import printed
from survey.store.places import (
    list_offices,
    list_sectors,
    questionnaires_in_use,
)
from survey.store.purges import purged_months
from survey.store.questionnaires import Published
from survey.store.responses import count_answered, last_answered_on
from survey.store.seals import published_document, seal_of
from survey.store.wordings import count_left
from survey.tablets import watch
from survey.told import in_language
from survey.web.desk.frame import see_other, staff_frame
from survey.web.desk.guard import Scope, needs, scope
from survey.web.desk.tablets import tell
from survey.web.security import allow_inline, chosen_language

if TYPE_CHECKING:
    from analysis.period import Period
    from survey.figures.shelf import Wanted

AGAIN_SECONDS = 3
Page = Literal["results", "months", "print"]
_INDENTATION: Final = re.compile(r"\n\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """The sector and the channel whose figures are shown; "all" for all of them.

    A part is a selection of the rows that the account sees anyway: of published figures, of what
    may be published. So no choice of parts tells more than the whole page.
    """

    sector: str = ALL
    channel: str = ALL

    @property
    def kept(self) -> dict[str, str]:
        """What an address says of it: nothing of what is not chosen."""
        both = {"sector": self.sector, "channel": self.channel}
        return {name: chosen for name, chosen in both.items() if chosen != ALL}


WHOLE: Final = Part()


@dataclass(frozen=True, slots=True)
class ResultsContext:
    """What the results pages need of the installation."""

    engine: Engine
    config: Config
    questionnaires: Published
    figures: Asking
    now: Callable[[], datetime]

    def today(self) -> date:
        """The date at the office."""
        return self.now().date()

    def wanted(self, period: Period, seen: Seen, part: Part = WHOLE) -> Wanted:
        """The page of a part of a period's figures, in the language of the request."""
        return wanted_page(
            self.engine,
            self.config,
            period,
            self.today(),
            office=seen.shown,
            lang=chosen_language(),
            within=seen.within,
            published=seen.published,
            sector=part.sector,
            channel=part.channel,
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """What of a place an account sees: the office shown, and what its figures are made of.

    `within`: the office that, with all below it, is the whole world of the account or the total
    that is shown; empty where that is the installation. Of `published` figures those of one office
    are the installation's. `total`: the office is shown with all below it.
    """

    place: str
    shown: str
    within: str
    published: bool
    offices: frozenset[str]
    total: bool = False


Choices = list[tuple[str, str]]
"""Id and name of what may be chosen."""


def sector_choices(engine: Engine, lang: str) -> Choices:
    """The sectors, then the agency in general."""
    from analysis.words import say

    named = [(one.id, one.name.get(lang)) for one in list_sectors(engine)]
    return [*named, (GENERAL, say("common.the_agency_in_general", lang))]


def channel_choices(lang: str) -> Choices:
    """The channels by which people answer of their own accord, then the sides that they make."""
    from analysis.words import say

    found = [(one, say(f"wording.channels.{one}", lang)) for one in (*OPEN_CHANNELS, *SIDES)]
    return [(one, name[:1].upper() + name[1:]) for one, name in found]


def chosen_part(sectors: Choices, channels: Choices) -> Part:
    """The part that the address asks for, by id or by name as people type it. Raises NotAPart."""
    given = _asked()
    return Part(
        _found(given.get("sector", ""), sectors), _found(given.get("channel", ""), channels)
    )


def _asked() -> dict[str, Any]:
    """The part that the address asks for, as it stands there."""
    given = {name: request.args.get(name) for name in ("sector", "channel")}
    return {name: value for name, value in given.items() if value}


class NotAPart(Exception):
    """There is no such sector or channel; the text is what was asked for."""


def _found(given: str, choices: Choices) -> str:
    wanted = keys.normal(given).casefold()
    if wanted in ("", ALL):
        return ALL
    for id_, name in choices:
        if wanted in (id_.casefold(), keys.normal(name).casefold()):
            return id_
    raise NotAPart(given)


def seen_of(
    engine: Engine, reach: Scope, period: Period, place: str, *, stored: bool = False
) -> Seen:
    """What an account sees of a place; another's is not there. Of `stored` figures those that were
    published are all there is.

    An office that has no answers of its own in the period, but offices below it that have, is seen
    as their total.
    """
    if place != ALL:
        reach.require("see_results", place)
    published = stored or not reach.may("see_unpublished", reach.grant.office)
    root = "" if reach.whole else reach.grant.office or ""
    # What is published of one office alone is the same in every total: the whole's has it already.
    alone = published and reach.offices == {root}
    shown = root if place == ALL and alone else place
    if shown == ALL:
        return Seen(place, ALL, root, published, reach.offices)
    tree = office_tree(engine)
    if not is_total(engine, tree, shown, period):
        return Seen(place, shown, "" if published else root, published, frozenset([shown]))
    within = "" if tree.top == shown else shown
    return Seen(place, ALL, within, published, tree.below(shown), total=True)


def make_blueprint(office: ResultsContext) -> Blueprint:
    """Return the results pages, each for staff of the office that it shows."""
    pages = Blueprint("results", __name__, url_prefix="/results")

    @pages.get("")
    @needs("see_results")
    def latest() -> Response:
        from analysis.errors import PeriodError
        from analysis.period import written_period

        given = (request.args.get(name, "").strip() for name in ("typed", "period"))
        written = next(filter(None, given), None) or _latest_month(office)
        try:
            asked = written_period(_with_year(written, office.today())).text
        except PeriodError:
            return _bad_period(office, written)
        place = request.args.get("office") or ALL
        return see_other("results.show", period=asked, place=place, **_asked())

    @pages.get("/<period>", defaults={"place": ALL})
    @pages.get("/<period>/<place>")
    @needs("see_results")
    def show(period: str, place: str) -> Response:
        return show_period(office, period, place)

    @pages.get("/<period>/<place>/months")
    @needs("see_results")
    def months(period: str, place: str) -> Response:
        return show_period(office, period, place, page="months")

    @pages.get("/<period>/<place>/print")
    @needs("see_results")
    def sheet(period: str, place: str) -> Response:
        return show_period(office, period, place, page="print")

    @pages.get("/<period>/chart.svg", defaults={"place": ALL})
    @pages.get("/<period>/<place>/chart.svg")
    @needs("see_results")
    def chart(period: str, place: str) -> Response:
        return show_chart(office, period, place)

    return pages


def _with_year(written: str, today: date) -> str:
    """ "T10" and "quý 4" as people say them: of the newest year in which they have begun."""
    from analysis.errors import PeriodError
    from analysis.period import written_period

    if re.search(r"\d{4}", written):
        return written
    for year in (today.year, today.year - 1):
        try:
            begun = written_period(f"{written}/{year}").first <= today
        except PeriodError:
            return written
        if begun:
            return f"{written}/{year}"
    return written


def _latest_month(office: ResultsContext) -> str:
    """The last whole month, or this one where answers came only since it began."""
    this_month = office.today().replace(day=1)
    last_month = this_month - timedelta(days=1)
    offices = scope(office.engine).offices
    newest = last_answered_on(office.engine, before=this_month, offices=offices)
    return (last_month if newest else this_month).strftime("%Y-%m")


def show_period(office: ResultsContext, text: str, place: str, page: Page = "results") -> Response:
    """Draw a page of one period. A failure is told as such, never as 'no data'."""
    from analysis.errors import PeriodError
    from analysis.period import written_period

    try:
        period = written_period(text)
    except PeriodError:
        return _bad_period(office, text)
    if period.text != text:
        to = {"results": "results.show", "months": "results.months", "print": "results.sheet"}[page]
        address = url_for(to, period=period.text, place=place, lang=chosen_language(), **_asked())
        return redirect(address)
    lang = chosen_language()
    sectors, channels = sector_choices(office.engine, lang), channel_choices(lang)
    reach = scope(office.engine)
    gone = told_purged(office.engine, period)
    seen = seen_of(office.engine, reach, period, place, stored=gone is not None)
    try:
        part, strange = chosen_part(sectors, channels), ""
    except NotAPart as error:
        part, strange = WHOLE, error.args[0]
    shown = _around(office, period, reach, seen)
    shown |= {"text": text, "part": part, "kept": part.kept}
    shown |= {"sectors": sectors, "channels": channels}
    shown["gone"] = None if gone is None else in_language(gone, lang)
    if strange:
        known = ", ".join(name for _, name in (*sectors, *channels))
        reply = _page(_told_by(page), **shown, bad_part=strange, known=known)
        reply.status_code = 400
        return reply
    if gone is not None:
        shown["stored"] = _stored_years(office, period)
        is_there = stored_document(office.engine, period, seen.within) is not None
    else:
        shown["waits"] = seen.published and not is_published(period, office.today())
        is_there = bool(shown["come"]) and not shown["waits"]
    if not is_there:
        return _page(_told_by(page), **shown)
    return _figures_page(office, page, office.wanted(period, seen, part), shown)


def _around(office: ResultsContext, period: Period, reach: Scope, seen: Seen) -> dict[str, object]:
    """What stands around the figures of a period, whatever part of them is shown."""
    offices = [one for one in list_offices(office.engine) if one.id in reach.offices]
    return {
        "choices": period_choices(office.today(), chosen_language(), period),
        "place": seen.place,
        "offices": offices if len(offices) > 1 else (),
        "total_of": _total_of(seen, offices),
        "come": count_answered(office.engine, period.first, period.last, seen.offices),
        "earlier": _beside(period, -1),
        "later": _beside(period, 1) if period.last < office.today() else None,
        "to_check": _to_check(office),
        "checks_wordings": reach.may("design_questionnaires"),
        "tablets": _tablets(office, reach),
        "reads_comments": reach.may("read_comments", reach.grant.office),
        "published": seen.published,
        "day": f"{office.today():%d/%m/%Y}",
        "seal": _seal(office, period),
        "compared_from": _compared_from(office, period),
    }


def _total_of(seen: Seen, offices: Sequence[Office]) -> str | None:
    """The name of the office whose total is shown; None where no total of an office is."""
    if not seen.total or seen.place == ALL:
        return None
    return next(one.name.get(chosen_language()) for one in offices if one.id == seen.place)


def _stored_years(office: ResultsContext, period: Period) -> list[str]:
    """The years of a period of which sealed figures are kept in place of the answers."""
    years = dict.fromkeys(month[:4] for month in period.months)
    return [year for year in years if published_document(office.engine, year) is not None]


def _compared_from(office: ResultsContext, period: Period) -> str | None:
    """The month from which a period can be compared, where answers of two years back are gone."""
    first, last = f"{period.first.year - 2}-01", period.months[0]
    gone = [month for month in purged_months(office.engine) if first <= month < last]
    return f"01/{int(max(gone)[:4]) + 1}" if gone else None


def _seal(office: ResultsContext, period: Period) -> str | None:
    """The seal of a period, to be printed at its foot; None until the period is sealed."""
    found = seal_of(office.engine, period.months)
    return None if found is None else in_language(printed(found), chosen_language())


def _figures_page(
    office: ResultsContext, page: Page, wanted: Wanted, shown: dict[str, object]
) -> Response:
    try:
        found = office.figures.look(wanted, "page.json")
    except NotComputed as error:
        return _page(_told_by(page), **shown, failure=in_language(error.args[0], chosen_language()))
    if found is None:
        reply = _page(_told_by(page), **shown, computing=True)
        reply.status_code = 202
        reply.headers["Refresh"] = reply.headers["Retry-After"] = str(AGAIN_SECONDS)
        return reply
    view = json.loads(found)
    page = page if view["responses"] and view["answered"] else _told_by(page)
    return _page(page, **shown, view=view, version=wanted.key[:12])


def _told_by(page: Page) -> Page:
    """The page that says why there is nothing to show: a sheet of paper does not."""
    return "results" if page == "print" else page


def is_published(period: Period, today: date) -> bool:
    """Whether figures of a period may be published: a calendar period that is over."""
    return period.last < today and not period.text.startswith("12m:")


def _page(page: Page, /, **content: object) -> Response:
    html = render_template(f"staff/{page}.html", **staff_frame(), **content)
    return make_response(_INDENTATION.sub("\n", html))  # a fifth of the page


def _bad_period(office: ResultsContext, text: str) -> Response:
    choices = period_choices(office.today(), chosen_language())
    page = _page("results", bad_period=text, choices=choices)
    page.status_code = 400
    return page


def show_chart(office: ResultsContext, text: str, place: str) -> Response:
    """The chart of one period as a picture, for paper.

    The browser may keep it, and asks each time whether it is still the same: so the guard holds,
    and a chart that is costs no more than the question.
    """
    from analysis.errors import PeriodError
    from analysis.period import parse_period

    try:
        period = parse_period(text)
    except PeriodError:
        abort(404)
    gone = told_purged(office.engine, period)
    seen = seen_of(office.engine, scope(office.engine), period, place, stored=gone is not None)
    if gone is None and seen.published and not is_published(period, office.today()):
        abort(404)
    try:
        lang = chosen_language()
        part = chosen_part(sector_choices(office.engine, lang), channel_choices(lang))
    except NotAPart:
        abort(404)
    wanted = office.wanted(period, seen, part)
    try:
        found = office.figures.look(wanted, "chart.svg")
    except NotComputed as error:
        raise ServiceUnavailable(in_language(error.args[0], chosen_language())) from error
    if found is None:
        raise ServiceUnavailable
    allow_inline("'unsafe-inline'", "'none'")  # a picture: its own style, no script
    reply = make_response(found)
    reply.mimetype = "image/svg+xml"
    reply.headers["Cache-Control"] = "private, no-cache"
    reply.set_etag(f"{wanted.key}.svg", weak=True)  # the same, compressed or not
    return reply.make_conditional(request)


_OFFERED: Final = ((1, 24), (3, 8), (6, 4), (12, 3))
"""Months of a period, and how many of such are offered: two to three years back."""

PeriodChoices = dict[str, list[tuple[str, str]]]


def period_choices(today: date, lang: str, shown: Period | None = None) -> PeriodChoices:
    """Notation and name of the periods to choose from, newest first, by their kind.

    The one that is shown is always among them. Rolling years end with each of the last months.
    """
    from analysis.period import moved, parse_period

    found = {}
    for length, many in _OFFERED:
        newest = parse_period(_notation(today, length))
        found[f"m{length}"] = [moved(newest, -back * length) for back in range(many)]
    found["rolling"] = [parse_period(f"12m:{month.text}") for month in found["m1"][:12]]
    if shown is not None and shown.text not in {
        one.text for kind in found.values() for one in kind
    }:
        kind = "rolling" if shown.text.startswith("12m:") else f"m{len(shown.months)}"
        found[kind].append(shown)
    return {
        kind: [(one.text, one.called(lang)) for one in periods] for kind, periods in found.items()
    }


def _beside(period: Period, step: int) -> str:
    """The notation of the period before (-1) or after (1) one, of the same length."""
    day = period.first - timedelta(days=1) if step < 0 else period.last + timedelta(days=1)
    rolling = period.text.startswith("12m:")
    return _rolled(period, step) if rolling else _notation(day, len(period.months))


def _notation(day: date, months: int) -> str:
    """The notation of the calendar period of so many months (1, 3, 6 or 12) that holds a day."""
    if months == 1:
        return f"{day:%Y-%m}"
    if months == 3:
        return f"{day.year}-Q{(day.month + 2) // 3}"
    return f"{day.year}-H{(day.month + 5) // 6}" if months == 6 else str(day.year)


def _rolled(period: Period, step: int) -> str:
    """The rolling year that ends a month earlier or later."""
    end = period.last.replace(day=1) + timedelta(days=-1 if step < 0 else 31)
    return f"12m:{end:%Y-%m}"


def _to_check(office: ResultsContext) -> list[tuple[str, str, int]]:
    """Key and name of each questionnaire in use with wordings still to be checked, and how many."""
    used = questionnaires_in_use(office.engine)
    counts = count_left(office.engine, [office.questionnaires[key] for key in used]).items()
    return [
        (key, in_language(office.questionnaires[key].called, chosen_language()), count)
        for key, count in counts
        if count
    ]


def _tablets(office: ResultsContext, reach: Scope) -> tuple[str, ...]:
    """How the tablets of the account's offices are, a sentence each."""
    now = office.now()
    found = watch(office.engine, office.config.opening_hours, now)
    own = tuple(one for one in found if reach.may("see_tablets", one.enrolled.office))
    return tell(own, chosen_language(), now)
