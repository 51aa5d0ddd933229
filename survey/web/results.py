"""Staff pages: what the answers say. Every figure comes from the verdict document.

The analysis stack is loaded by the first request here, never by a citizen's request.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from questionnaires import Questionnaire
from survey.config import Config
from survey.errors import HailongError
from survey.figures import office_figures
from survey.kiosks import watch
from survey.store.places import load_places
from survey.store.responses import last_answered_on
from survey.web.kiosk_words import tell
from survey.web.language import chosen_language
from survey.web.staff_page import staff_frame

if TYPE_CHECKING:
    from analysis.period import Period
    from survey.web.results_view import View


@dataclass(frozen=True, slots=True)
class Office:
    """What the results pages need of the installation."""

    engine: Engine
    config: Config
    questionnaires: Mapping[str, Questionnaire]
    now: Callable[[], datetime]

    def today(self) -> date:
        """The date at the office."""
        return self.now().date()


def make_blueprint(office: Office) -> Blueprint:
    """Return the results pages, for signed-in staff only."""
    pages = Blueprint("results", __name__, url_prefix="/results")

    @pages.get("")
    @login_required  # type: ignore[untyped-decorator]  # flask-login is not typed
    def latest() -> Response:
        asked = request.args.get("period", "").strip() or _latest_month(office)
        return redirect(url_for("results.show", period=asked, lang=chosen_language()), code=303)

    @pages.get("/<period>")
    @login_required  # type: ignore[untyped-decorator]
    def show(period: str) -> str:
        return show_period(office, period)

    return pages


def _latest_month(office: Office) -> str:
    """The last whole month, or this one where answers came only since it began."""
    this_month = office.today().replace(day=1)
    last_month = this_month - timedelta(days=1)
    newest = last_answered_on(office.engine, before=this_month)
    return (last_month if newest else this_month).strftime("%Y-%m")


def show_period(office: Office, text: str) -> str:
    """Draw the page of one period. A failure is told as such, never as 'no data'."""
    from analysis.period import parse_period
    from analysis.problems import PeriodError

    try:
        period = parse_period(text)
    except PeriodError:
        return _page(bad_period=text)
    try:
        view = _view(office, period)
    except HailongError as error:
        return _page(text=text, failure=str(error), tablets=_tablets(office))
    return _page(
        text=text,
        view=view,
        earlier=_beside(period, -1),
        later=_beside(period, 1) if period.last < office.today() else None,
        to_check=_to_check(office),
        tablets=_tablets(office),
    )


def _page(**content: object) -> str:
    return render_template("staff/results.html", **staff_frame(), **content)


def _view(office: Office, period: Period) -> View:
    from analysis.charts.plots import chart_bytes
    from survey.web.results_view import Names, make_view

    lang = chosen_language()
    places = load_places(office.engine)
    figures = office_figures(office.config, places, office.questionnaires, period, office.today())
    names = Names.of(places, figures.targets, office.questionnaires, lang)

    def drawn(*, narrow: bool) -> str:
        """The chart as an address that an image can have: nothing is stored, nothing fetched."""
        chart = chart_bytes(
            figures.document,
            "svg",
            names={**names.offices, **names.sectors},
            targets=figures.targets,
            lang=lang,
            simulated=office.config.simulated,
            narrow=narrow,
        )
        return f"data:image/svg+xml;base64,{b64encode(chart).decode()}"

    return make_view(figures, names, period, lang, (drawn(narrow=False), drawn(narrow=True)))


def _beside(period: Period, step: int) -> str:
    """The notation of the period before (-1) or after (1) one, of the same length."""
    day = period.first - timedelta(days=1) if step < 0 else period.last + timedelta(days=1)
    if len(period.months) == 1:
        return day.strftime("%Y-%m")
    if len(period.months) == 3:
        return f"{day.year}-Q{(day.month + 2) // 3}"
    if len(period.months) == 6:
        return f"{day.year}-H{(day.month + 5) // 6}"
    rolling = period.text.startswith("12m:")
    return _rolled(period, step) if rolling else str(day.year)


def _rolled(period: Period, step: int) -> str:
    """The rolling year that ends a month earlier or later."""
    end = period.last.replace(day=1) + timedelta(days=-1 if step < 0 else 31)
    return f"12m:{end:%Y-%m}"


def _to_check(office: Office) -> list[tuple[str, int]]:
    """Questionnaires in use whose wordings are still to be checked, and how many."""
    used = sorted({counter.questionnaire for counter in load_places(office.engine).counter})
    counts = [(key, len(office.questionnaires[key].unverified)) for key in used]
    return [(key, count) for key, count in counts if count]


def _tablets(office: Office) -> tuple[str, ...]:
    """How the office's tablets are, a sentence each."""
    now = office.now()
    return tell(watch(office.engine, office.config.hours, now), chosen_language(), now)
