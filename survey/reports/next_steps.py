"""What the figures of a report call for next: nothing that they do not show."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.census_rows import CensusVerdict
from analysis.document import VerdictRow
from analysis.reporting import wording
from analysis.strata.survey import ALL
from analysis.targets import CensusMeasure
from survey.reports.parts import Items, Paragraph, Part
from survey.reports.writer import Writer


def next_steps(writer: Writer) -> Iterator[Part]:
    """What to do next, or that nothing needs to be done."""
    found = tuple(dict.fromkeys(_calls(writer)))
    if found:
        yield Items(found)
    else:
        yield Paragraph(writer.say("next.nothing"))


def _calls(writer: Writer) -> Iterator[str]:
    """What the figures call for, the most certain first; nothing that they do not show."""
    missed, open_ = _verdicts_by_word(writer)
    for sector, aims in missed.items():
        yield writer.say("next.missed", sector=sector, aim=writer.anded(aims))
    yield from _counted(writer)
    if writer.lags():
        yield writer.say("next.lags", element=writer.named(writer.element_rows()[0]))
    yield from _driver(writer)
    yield from _reason(writer)
    if writer.material.theme:
        yield writer.say("next.theme", terms=", ".join(writer.material.theme))
    row = writer.total
    if row is not None and row.received and row.population is None:
        yield writer.say("next.dossiers")
    if writer.missing():
        yield writer.say("next.answers", missing=writer.number(writer.missing()))
    if writer.fewer_slips():
        yield writer.say("next.slips")
    if open_:
        # Names of sectors hold commas.
        yield writer.say("next.unproven", scopes="; ".join(open_))


def _verdicts_by_word(writer: Writer) -> tuple[dict[str, list[str]], list[str]]:
    """What is missed, with the targets of each; and what is not proven, each once."""
    missed: dict[str, list[str]] = {}
    open_ = []
    for verdict in wording.told_verdicts(writer.material.document, writer.material.office):
        sector = writer.tell.sector(verdict.sector)
        if verdict.evidence == "missed":
            missed.setdefault(sector, []).append(_aim(writer, verdict))
        elif verdict.evidence == "not_proven":
            open_.append(sector)
    return missed, list(dict.fromkeys(open_))


def _aim(writer: Writer, verdict: VerdictRow | CensusVerdict) -> str:
    aim = wording.threshold(verdict.threshold, writer.wanted.lang)
    return writer.say("next.aim", aim=aim, year=verdict.deadline)


def _counted(writer: Writer) -> Iterator[str]:
    """The targets of all dossiers that are missed, a line a measure."""
    found = writer.material.document.census
    missed: dict[CensusMeasure, list[str]] = {}
    for verdict in () if found is None else found.verdicts:
        if (verdict.office, verdict.word) == (writer.material.office, "missed"):
            missed.setdefault(verdict.measure, []).append(_aim(writer, verdict))
    for measure, aims in missed.items():
        yield writer.say(f"next.{measure}", aim=writer.anded(aims))


def _driver(writer: Writer) -> Iterator[str]:
    """The element that goes most with overall satisfaction, where one surely does; by name."""
    published = {row.measure for row in writer.element_rows()}
    for driver in writer.material.insights.drivers:
        if driver.sure and driver.measure in published:
            yield writer.say(
                "next.driver", element=writer.material.names.get(driver.measure, driver.measure)
            )
            return


def _reason(writer: Writer) -> Iterator[str]:
    """The reason chosen most often, by name: only where no fewer people chose it than a figure
    that is published must be on, and no other as often."""
    rows = sorted(
        (
            row
            for row in writer.material.full.reasons
            if (row.office, row.sector) == (writer.material.office, ALL)
        ),
        key=lambda row: -row.chosen,
    )
    if not rows or rows[0].chosen < writer.material.full.minimum:
        return
    if len(rows) > 1 and rows[1].chosen == rows[0].chosen:
        return
    key = f"reason:{rows[0].questionnaire}:{rows[0].question}:{rows[0].option}"
    yield writer.say("next.reason", reason=writer.material.names.get(key, rows[0].option))
