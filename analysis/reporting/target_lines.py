"""One line a target: the word of each deadline, the figure with its interval, what settles it.

Owns the short phrases that are read first; the whole of each verdict is `verdicts`'. Every figure
is the document's, every rounding `wording`'s.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analysis.document import Document, EstimateRow, VerdictRow
from analysis.reporting import wording
from analysis.reporting.teller import Teller
from analysis.reporting.verdicts import grouped_verdicts
from analysis.reporting.wording import Names
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import number


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """A verdict in a word.

    `evidence`: "met", "missed", "not_proven", "none" or "withheld"; `aim`: "90%"; `settles`: what
    would settle or change it, "" where nothing is known.
    """

    deadline: int
    aim: str
    evidence: str
    word: str
    settles: str

    def __str__(self) -> str:
        text = f"{self.deadline}: {self.aim} {self.word}"
        return f"{text}, {self.settles}" if self.settles else text


@dataclass(frozen=True, slots=True)
class TargetLine:
    """What was judged, its figure, and a verdict a deadline.

    `sector`: its key in the document; `title`: that of the targets; `figure`: a share, a count of
    few, or why there is none; `interval` and `people` are "" where there is no figure.
    """

    sector: str
    scope: str
    title: str
    figure: str
    interval: str
    people: str
    verdicts: tuple[LineVerdict, ...]

    def __str__(self) -> str:
        beside = ", ".join(filter(None, (self.interval, self.people)))
        figure = f"{self.figure} ({beside})" if beside else self.figure
        return f"{self.scope}: {figure}. " + "; ".join(map(str, self.verdicts))


@dataclass(frozen=True, slots=True)
class TargetLines:
    """All targets of an office in their order, to be read in seconds.

    `head`: the headings of scope, figure and each of the `deadlines`; `running` says why there is
    no verdict while the period is not over, "" afterwards; `empty` stands instead of no lines.
    """

    caption: str
    head: tuple[str, ...]
    deadlines: tuple[int, ...]
    lines: tuple[TargetLine, ...]
    running: str
    empty: str

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.running, *map(str, self.lines)))) or self.empty

    def of(self, sector: str) -> TargetLines:
        """The lines of a sector alone."""
        return replace(self, lines=tuple(one for one in self.lines if one.sector == sector))


def target_lines(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
) -> TargetLines:
    """The targets of one office, or of all offices together, a line each.

    `names` gives sectors and offices their names; `targets` are those that the document was
    judged by, the shipped ones where left out.
    """
    tell = Teller.of(document, names, targets, lang)
    lines = [_line(tell, title, found) for title, found in grouped_verdicts(tell, office)]
    often = Counter(line.scope for line in lines)
    deadlines = sorted({one.deadline for line in lines for one in line.verdicts})
    return TargetLines(
        caption=tell.say("sections.titles.verdicts"),
        head=(
            tell.say("common.sector"),
            tell.say("target_lines.figure"),
            *(tell.say("progress.target", year=year) for year in deadlines),
        ),
        deadlines=tuple(deadlines),
        lines=tuple(line if often[line.scope] > 1 else replace(line, title="") for line in lines),
        running=f"{tell.say('wording.reasons.running')}." if document.status == "running" else "",
        empty=tell.say("verdicts.empty"),
    )


def _line(tell: Teller, title: str, verdicts: Sequence[VerdictRow]) -> TargetLine:
    first = verdicts[0]
    row = tell.found.row_of(first)
    instead = tell.say("wording.unanswered") if row is None else tell.instead(row)
    shown = row is not None and instead is None
    limits = "" if not shown or row is None else tell.limits(row).strip("–")
    return TargetLine(
        sector=first.sector,
        scope=tell.sector(first.sector) + tell.beside(first),
        title=title,
        figure=_figure(tell, row) if shown and row is not None else instead or "",
        interval=limits,
        people=_people(tell, first, row) if shown and row is not None else "",
        verdicts=tuple(_verdict(tell, one, row) for one in verdicts),
    )


def _figure(tell: Teller, row: EstimateRow) -> str:
    if row.respondents < wording.COUNTS_ONLY_BELOW:
        return wording.share_phrase(row, tell.lang)
    return wording.share_text(row, tell.lang, tell.found.thresholds)


def _people(tell: Teller, verdict: VerdictRow, row: EstimateRow) -> str:
    """Of how many the figure is: "194/594 phiếu"; of those drawn, in a re-check."""
    n = number(row.respondents, tell.lang)
    if verdict.basis == "recheck" and row.response_rate:
        drawn = number(round(row.respondents / row.response_rate), tell.lang)
        return tell.say("target_lines.drawn", n=n, drawn=drawn)
    if row.population is None:
        return wording.answers(row.respondents, tell.lang)
    return tell.say("target_lines.people", n=n, N=number(row.population, tell.lang))


def _verdict(tell: Teller, verdict: VerdictRow, row: EstimateRow | None) -> LineVerdict:
    return LineVerdict(
        deadline=verdict.deadline,
        aim=tell.aim(verdict),
        evidence=verdict.evidence or "none",
        word=wording.verdict_word(verdict, tell.lang),
        settles=next(_settles(tell, verdict, row), ""),
    )


def _settles(tell: Teller, verdict: VerdictRow, row: EstimateRow | None) -> Iterator[str]:
    """What would settle a verdict that is not proven, or change one that is."""
    if verdict.evidence in ("met", "missed"):
        yield from _changes(tell, verdict)
        return
    if verdict.evidence != "not_proven" or row is None or row.share is None:
        return
    if verdict.reason not in (None, "running"):
        covered = f"{math.floor(100 * (verdict.coverage or 0.0) + 1e-9)}%"
        required = wording.threshold(tell.found.required_coverage, tell.lang)
        what = "months" if verdict.reason == "coverage" and verdict.population is None else None
        key = f"target_lines.reasons.{what or verdict.reason}"
        yield tell.say(key, coverage=covered, required=required)
        return
    yield from _needed(tell, verdict, row)


def _changes(tell: Teller, verdict: VerdictRow) -> Iterator[str]:
    """On whom a proven verdict rests, which is what would have to be otherwise."""
    if verdict.basis == "open" and verdict.q is not None:
        least = math.ceil(100 * min(max(verdict.q, 0.0), 1.0) - 1e-9)
        yield tell.say(f"target_lines.{verdict.evidence}", q=f"{least}%")
    elif verdict.basis is not None:
        yield tell.say(f"target_lines.{verdict.basis}")


def _needed(tell: Teller, verdict: VerdictRow, row: EstimateRow) -> Iterator[str]:
    """How many answers, in all of a period that is over; none is told of a published document."""
    needed, running = verdict.responses_needed, tell.found.status == "running"
    if not needed:  # of a running period 0: its limits would do, were it over
        if tell.found.view == "full" and not running:
            yield tell.say("target_lines.longer")
        return
    if wording.beyond_a_year(needed, row):
        yield tell.say("target_lines.close")
        return
    word = tell.say(f"verdict.{'met' if (row.share or 0.0) >= verdict.threshold else 'missed'}")
    whole = needed + row.respondents
    if verdict.basis == "recheck":
        yield tell.say("target_lines.recheck_whole", n=number(whole, tell.lang), word=word)
    elif running:
        yield tell.say("target_lines.more", n=number(needed, tell.lang), word=word)
    elif row.population is not None and whole > row.population:
        yield tell.say("target_lines.longer")
    else:
        yield tell.say("target_lines.whole", n=number(whole, tell.lang), word=word)
