"""What people read of the figures of a period: heading, tables and sections.

Owns which of them answers what is asked. Every text is made by `analysis.reporting`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from analysis.arguments import one_of, refused
from analysis.errors import said
from analysis.listing import noted
from analysis.reporting.census_section import census_section
from analysis.reporting.indicator_section import indicator_section
from analysis.reporting.insight_sections import reason_table
from analysis.reporting.section import ReportSection, ReportSections
from analysis.reporting.sections import report_sections, told_insights
from analysis.reporting.table import Table
from analysis.reporting.tables import channel_table, measure_table, sector_table, silence_table
from analysis.reporting.teller import Teller
from analysis.reporting.verdicts import Head, head, method_table

if TYPE_CHECKING:
    from analysis.months import Months
    from analysis.results import Estimates

TableKind = Literal["sectors", "measures", "channels", "silence", "reasons", "methods"]
CountedKind = Literal["census", "indicators"]
"""Sections of what is counted instead of asked."""

_TABLES: Final[Mapping[TableKind, Callable[..., Table]]] = MappingProxyType(
    {
        "sectors": sector_table,
        "measures": measure_table,
        "channels": channel_table,
        "silence": silence_table,
        "reasons": reason_table,
        "methods": lambda document, **given: method_table(document, lang=given["lang"]),
    }
)
_OF: Final[Mapping[TableKind, str]] = MappingProxyType({"sectors": "measure", "measures": "sector"})
"""Tables that are of one measure or of one sector."""

_COUNTED: Final[Mapping[CountedKind, Callable[[Teller, str], ReportSection | None]]] = (
    MappingProxyType({"census": census_section, "indicators": indicator_section})
)


def head_of(found: Estimates, lang: str | None) -> Head:
    """Title, office, answers and dossiers."""
    given, simulated = found.data.labels(lang), found.data.simulated
    return head(found.document, names=given["names"], lang=given["lang"], simulated=simulated)


def table_of(
    found: Estimates, kind: TableKind, office: str, of: Mapping[str, str | None], lang: str | None
) -> Table:
    """A table for people; `of`: of which sector or measure, None where it is left out.

    Refusal of a kind that there is not, and of a sector or measure that is not of this kind.
    """
    one_of("kind", kind, tuple(_TABLES))
    chosen = {key: value for key, value in of.items() if value is not None}
    for key in chosen.keys() - {_OF.get(kind)}:
        what = said("argument.not_of_one", of=f'"{kind}"')
        raise refused(key, chosen[key], what, said("argument.leave_out"))
    given = found.data.labels(lang)
    made = _TABLES[kind](found.document, **given, **found.ids(office=office, **chosen))
    return noted(made, found, given["lang"])


def sections_of(
    found: Estimates, office: str, lang: str | None, months: Months | None
) -> tuple[ReportSection, ...]:
    """Everything that a report tells, with the insights where the figures are the full ones."""
    office, full = found.ids(office=office)["office"], found.document.view == "full"
    return report_sections(
        found.document,
        office=office,
        insights=found.gathered().of(office) if full else None,
        months=[month.document for month in months.months] if months else (),
        **found.data.labels(lang),
    )


def insights_of(found: Estimates, office: str, lang: str | None) -> ReportSections:
    """What stands beside the verdicts; of published figures, that they have none."""
    office_id, tell = _reader(found, office, lang)
    if found.document.view != "full":
        return ReportSections((), tell.say("sections.internal_only"))
    told = told_insights(found.gathered().of(office_id), tell)
    return ReportSections(told, tell.say("common.no_answers_yet"))


def counted_of(
    found: Estimates, kind: CountedKind, office: str, lang: str | None
) -> ReportSections:
    """The section of what is counted, or that there is nothing."""
    office_id, tell = _reader(found, office, lang)
    section = _COUNTED[kind](tell, office_id)
    return ReportSections(() if section is None else (section,), tell.say(f"{kind}.none"))


def _reader(found: Estimates, office: str, lang: str | None) -> tuple[str, Teller]:
    """The office by its id, and what words its figures in a language."""
    office_id = found.ids(office=office)["office"]
    return office_id, Teller.of(found.document, **found.data.labels(lang))
