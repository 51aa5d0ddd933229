"""A period in one line: the total with its interval, and the verdict on each of its targets.

Owns that line and its order. Words are those of verdicts and charts.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.document import Document, EstimateRow, VerdictRow
from analysis.reporting import wording
from analysis.reporting.captions import figure
from analysis.reporting.render import html
from analysis.reporting.teller import Teller
from analysis.reporting.wording import office_label, period_label, told_verdicts
from analysis.strata.survey import ALL


@dataclass(frozen=True, slots=True)
class OneLine:
    """The line, to be printed or shown in a notebook."""

    text: str

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return html("one_line", self.text)


def one_line(tell: Teller, office: str = ALL) -> OneLine:
    """ "Tháng 10/2026, UBND xã Triệu Sơn: tất cả lĩnh vực 94,8% (91,1% – 97,4%), đạt …"."""
    found = tell.found
    whose = ", ".join(
        filter(
            None,
            (period_label(found, tell.lang), office_label(found, office, tell.names, tell.lang)),
        )
    )
    total = _total(found, office)
    if total is None:
        return OneLine(f"{whose}: {tell.say('wording.no_answers')}.")
    verdicts = [
        verdict
        for verdict in told_verdicts(found, office)
        if verdict.sector == total.sector and found.chosen_row_of(verdict) is total
    ]
    name = tell.sector(total.sector)
    hidden = wording.instead_of_figures(total, tell.lang)
    few = total.respondents < wording.COUNTS_ONLY_BELOW
    told = wording.share_phrase(total, tell.lang) if few else figure(found, total, tell.lang)
    value = hidden or told
    said = [f"{name[:1].lower()}{name[1:]} {value}", *(_judged(tell, one) for one in verdicts)]
    return OneLine(f"{whose}: {', '.join(said)}.")


def _total(found: Document, office: str) -> EstimateRow | None:
    """The row of all sectors, of the agency where it alone was asked about."""
    last = wording.sections(found)[-1:] if ALL not in wording.sections(found) else [ALL]
    rows = (found.pick(office=office, sector=sector) for sector in last)
    row = next((row for row in rows if row is not None), None)
    return row if row is not None and row.received else None


def _judged(tell: Teller, verdict: VerdictRow) -> str:
    word = wording.verdict_word(verdict, tell.lang)
    aim = tell.aim(verdict)
    told = tell.say("verdicts.aim", deadline=verdict.deadline, aim=aim)
    return f"{word[:1].lower()}{word[1:]} {told}"
