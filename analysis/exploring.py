"""Period, sector and measure by choice, in a notebook: with `ipywidgets` where it is installed.

Owns which choices there are and what is shown of one. Without `ipywidgets` the chart and table of
the period are shown, and how to get the rest. Computes nothing of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from analysis.arguments import checked, of_kind
from analysis.estimating import estimate
from analysis.period import last_months
from analysis.plotting import plot
from analysis.reporting.render import html
from analysis.reporting.table import Table
from analysis.reporting.wording import sector_name
from analysis.results import Estimates
from analysis.strata.survey import ALL
from analysis.words import say

_MONTHS: Final = 12
_INSTALL: Final = f'"{sys.executable}" -m pip install ipywidgets itables'


@dataclass(frozen=True, slots=True)
class Explorer:
    """Shows itself in a notebook: choices above, chart and tables beneath; from `explore`.

    `periods`, `sectors`, `measures`: what may be chosen, name for people -> what it stands for.
    `found`: the figures that it began with; `lang`: of its words.
    """

    found: Estimates = field(repr=False)
    lang: str
    periods: dict[str, str]
    sectors: dict[str, str]
    measures: dict[str, str]

    def show(self, period: str, sector: str, measure: str) -> list[Any]:
        """A chart by sector and the measures of one sector, for one choice.

        `period`, `sector`, `measure`: as the lists have them.
        """
        found = self.found
        if period != found.period.text:
            asked = found.asked
            found = estimate(
                found.data,
                period,
                office=asked.office,
                questionnaire=asked.questionnaire,
                level=asked.level,
                flagged=asked.flagged,
            )
        measures = found.table("measures", sector=sector, lang=self.lang)
        known = {row.measure for row in found}
        charts = [plot(found, measure=measure, lang=self.lang)] if measure in known else []
        return [*charts, _interactive(measures)]

    def _ipython_display_(self) -> None:
        display: Any = import_module("IPython.display").display
        _load_tables()
        if find_spec("ipywidgets") is None:
            told = say("exploring.plain", self.lang, command=_INSTALL)
            display(_Note(told), *self.show(self.found.period.text, ALL, "overall"))
            return
        ipywidgets: Any = import_module("ipywidgets")

        def chooser(name: str, choices: dict[str, str]) -> Any:
            options, word = list(choices.items()), say(f"exploring.{name}", self.lang)
            return ipywidgets.Dropdown(options=options, description=word)

        controls = {
            "period": chooser("period", self.periods),
            "sector": chooser("sector", self.sectors),
            "measure": chooser("measure", self.measures),
        }

        def chosen(**choice: str) -> None:
            display(*self.show(**choice))

        shown: Callable[..., Any] = ipywidgets.interactive_output
        display(ipywidgets.HBox(list(controls.values())), shown(chosen, controls))


@dataclass(frozen=True, slots=True)
class _Note:
    text: str

    def _repr_html_(self) -> str:
        return html("notes", [self.text])


def _load_tables() -> None:
    """The program of `itables`, once and outside the widget: every choice would send 1 MB anew,
    over which nbclient, with which papermill runs a notebook, waits until its time is up."""
    if find_spec("itables") is not None:
        itables: Any = import_module("itables")
        itables.init_notebook_mode(all_interactive=False, connected=False)  # no network


def _interactive(table: Table) -> Any:
    """The table to be sorted and searched where `itables` is installed, else as it is."""
    if find_spec("itables") is None or not table.rows:
        return table
    itables: Any = import_module("itables")
    markup: Any = import_module("IPython.display").HTML
    frame = table.to_frame()
    return markup(itables.to_html_datatable(frame, caption=table.caption, connected=False))


@checked
def explore(found: Estimates, *, lang: str | None = None) -> Explorer:
    """Choose period, sector and measure in a notebook; the data must be open.

    Parameters
    ----------
    found
        From `analysis.estimate`; its choices hold for the other periods too. Not published ones:
        months are estimated anew from all answers.
    lang
        "vi" or "en"; that of the data where left out.

    Notes
    -----
    With `ipywidgets` there are three lists to choose from, with `itables` tables to be sorted and
    searched; without them the period itself.
    """
    of_kind("found", found, Estimates, "analysis.estimate(…)")
    given = found.data.labels(lang)
    months = last_months(found.period, _MONTHS).months
    periods = [found.period.text, *(month for month in reversed(months))]
    rows = [row for row in found if row.channel == ALL]
    names = given["names"]
    return Explorer(
        found=found,
        lang=given["lang"],
        periods={text: text for text in periods},
        sectors={
            _sector(found, sector, given["lang"]): sector
            for sector in (ALL, *dict.fromkeys(row.sector for row in rows if row.sector != ALL))
        },
        measures={
            names.get(measure, measure): measure
            for measure in dict.fromkeys(row.measure for row in rows)
        },
    )


def _sector(found: Estimates, sector: str, lang: str) -> str:
    given = found.data.labels(lang)
    return sector_name(sector, given["targets"], given["names"], lang)
