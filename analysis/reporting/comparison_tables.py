"""Tables of what an analyst asks beside the verdicts: differences, plans, weights, trends, indices.

Owns their columns and words. Figures come in with the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from analysis.insights.trend import Dispersion
from analysis.period import month_name
from analysis.reporting import wording
from analysis.reporting.section import difference_phrase, risk_of
from analysis.reporting.table import Table
from analysis.reporting.wording import Names, sector_name
from analysis.statistics.comparisons import Difference
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import number, say

if TYPE_CHECKING:
    from analysis.differences import DifferenceRow
    from analysis.indices import IndexRow
    from analysis.plan import PlanRow
    from analysis.trends import TrendRow
    from analysis.weighted import WeightedEstimates, WeightedRow

_DIFFERENCE_HEADS: Final = (
    "comparison_tables.difference_heads.compared",
    "common.first",
    "common.second",
    "comparison_tables.difference_heads.difference_interval",
    "common.conclusion",
)


def difference_table(
    rows: Sequence[DifferenceRow], *, level: float, names: Names, targets: Targets, lang: str = "vi"
) -> Table:
    """A row for each comparison that has a difference."""

    def name(id_: str) -> str:
        return names.get(id_) or sector_name(id_, targets, names, lang)

    shown = [row for row in rows if row.difference is not None]
    basis = say("comparison_tables.difference_basis", lang, risk=risk_of(level, lang))
    percent = wording.threshold(level, lang)
    return Table(
        caption=say("comparison_tables.difference_caption", lang),
        head=tuple(say(pair, lang, level=percent) for pair in _DIFFERENCE_HEADS),
        rows=tuple(
            (
                _about(row, name, lang),
                wording.percent(row.first_share, row.answers, lang),
                wording.percent(row.second_share, row.answers, lang),
                _gap(row, lang),
                say(f"comparison_tables.difference_signals.{row.signal}", lang),
            )
            for row in shown
        ),
        notes=(basis,) if shown else (),
        empty=say("comparison_tables.difference_empty", lang),
    )


def _about(row: DifferenceRow, name: Callable[[str], str], lang: str) -> str:
    """The two sides, after the office and sector that both are about where there are several."""
    sides = say("comparison_tables.against", lang, first=name(row.first), second=name(row.second))
    where = [name(part) for part in (row.office, row.sector) if part not in ("", ALL)]
    return f"{', '.join(where)}: {sides}" if where else sides


def _gap(row: DifferenceRow, lang: str) -> str:
    if row.difference is None or row.low is None or row.high is None:
        return "–"
    return difference_phrase(Difference(row.difference, row.low, row.high), row.answers, lang)


_PLANNING_HEADS: Final = (
    "common.sector",
    "common.target",
    "common.answers_dossiers",
    "comparison_tables.planning_heads.for_a_chance_of",
    "comparison_tables.planning_heads.fewest_if_all_are",
    "comparison_tables.planning_heads.by_the_2014_guidance",
)
_NOTES: Final = (
    "comparison_tables.notes.the_fourth_column_supposes",
    "comparison_tables.notes.the_2014_guidance_1159",
)


def planning_table(
    rows: Sequence[PlanRow], *, names: Names, targets: Targets, lang: str = "vi"
) -> Table:
    """A row for each target and sector. Numbers depend on dossiers and targets, on no answer."""
    power = wording.threshold(rows[0].power, lang) if rows else ""
    share = wording.threshold(rows[0].true_share, lang) if rows else ""
    return Table(
        caption=say("comparison_tables.planning_caption", lang),
        head=tuple(say(pair, lang, power=power) for pair in _PLANNING_HEADS),
        rows=tuple(
            (
                sector_name(row.sector, targets, names, lang),
                f"{row.deadline}: {wording.threshold(row.threshold, lang)}",
                _so_far(row, lang),
                _count(row.for_power, "comparison_tables.never", lang),
                _count(row.all_satisfied, "comparison_tables.never", lang),
                _count(row.guidance, "common.dossiers_not_known", lang),
            )
            for row in rows
        ),
        notes=tuple(say(pair, lang, share=share) for pair in _NOTES) if rows else (),
        empty=say("comparison_tables.planning_empty", lang),
    )


def _so_far(row: PlanRow, lang: str) -> str:
    n = number(row.n, lang)
    return n if row.population is None else f"{n}/{number(row.population, lang)}"


def _count(value: int | None, otherwise: str, lang: str) -> str:
    return say(otherwise, lang) if value is None else number(value, lang)


_WEIGHTING_HEADS: Final = (
    "common.measure",
    "comparison_tables.weighting_heads.as_in_the_verdicts",
    "comparison_tables.weighting_heads.under_weights",
    "common.interval",
    "common.effective_answers",
    "common.design_effect",
)


def weighting_table(
    found: WeightedEstimates, *, level: float, names: Names, targets: Targets, lang: str = "vi"
) -> Table:
    """A row for each measure."""
    percent = wording.threshold(level, lang)
    return Table(
        caption=say("comparison_tables.weighting_caption", lang),
        head=tuple(say(pair, lang, level=percent) for pair in _WEIGHTING_HEADS),
        rows=tuple(
            (names.get(row.measure, row.measure), *_weighting_cells(row, lang))
            for row in found.rows
        ),
        notes=tuple(_notes(found, names, targets, lang)),
    )


def _notes(found: WeightedEstimates, names: Names, targets: Targets, lang: str) -> Iterator[str]:
    """How the weights came about, what they mean, and whom they leave out."""

    def told(key: str, **values: object) -> str:
        return say(key, lang, **values)

    if found.rounds is None or found.gap is None:
        yield told("comparison_tables.stratified")
    else:
        yield told("comparison_tables.raked", rounds=found.rounds, gap=number(found.gap, lang, 6))
    yield told("comparison_tables.weighting_meaning")
    if found.joined:
        parts = (
            told(
                "comparison_tables.one_joined",
                sector=sector_name(one.sector, targets, names, lang),
                dossiers=number(one.dossiers, lang),
                into=sector_name(one.into, targets, names, lang),
            )
            for one in found.joined
        )
        yield told("comparison_tables.joined", sectors="; ".join(parts))
    if found.left_out:
        yield told(
            "comparison_tables.left_out",
            offices=", ".join(names.get(office, office) for office in found.left_out),
        )
    if found.uncovered:
        yield told("comparison_tables.uncovered", n=wording.answers(found.uncovered, lang))


def _weighting_cells(row: WeightedRow, lang: str) -> tuple[str, ...]:
    return (
        wording.percent(row.plain, row.n, lang),
        wording.percent(row.share, row.n, lang),
        wording.interval_phrase(row.low, row.high, row.n, lang),
        _number(row.n_eff, 0, lang),
        _number(row.design_effect, 2, lang),
    )


def _number(value: float | None, decimals: int, lang: str) -> str:
    return "–" if value is None else number(value, lang, decimals)


_TREND_HEADS: Final = (
    "common.month",
    "common.satisfied",
    "common.interval",
    "comparison_tables.trend_heads.satisfied_people",
    "comparison_tables.trend_heads.if_like_the_twelve",
    "comparison_tables.trend_heads.usual_shares",
    "common.conclusion",
)


def trend_table(
    rows: Sequence[TrendRow],
    *,
    sector: str,
    dispersion: Dispersion,
    level: float,
    names: Names,
    targets: Targets,
    lang: str = "vi",
) -> Table:
    """A row for each month of one sector."""
    called = sector_name(sector, targets, names, lang)
    percent, risk = wording.threshold(level, lang), risk_of(level, lang)
    return Table(
        caption=say("common.twelve_months", lang, sector=called),
        head=tuple(say(pair, lang, level=percent) for pair in _TREND_HEADS),
        rows=tuple((month_name(row.month), *_trend_cells(row, lang)) for row in rows),
        notes=(say(f"comparison_tables.trend_basis.{dispersion}", lang, risk=risk),)
        if rows
        else (),
        words=frozenset({6}),
        empty=say("common.no_answers_yet", lang),
    )


def _trend_cells(row: TrendRow, lang: str) -> tuple[str, ...]:
    satisfied, n = (number(count, lang) for count in (row.satisfied, row.n))
    few = row.n < wording.COUNTS_ONLY_BELOW
    expected = "–" if row.expected is None else number(row.expected, lang, 1)
    return (
        "–" if few else wording.percent(row.share, row.n, lang),
        "–" if few else wording.interval_phrase(row.low, row.high, row.n, lang),
        say("comparison_tables.of", lang, satisfied=satisfied, n=n),
        expected,
        wording.interval_phrase(row.usual_low, row.usual_high, row.n, lang),
        say(f"comparison_tables.trend_signals.{row.signal}", lang),
    )


_INDEX_HEADS: Final = (
    "common.measure",
    "common.satisfied",
    "common.interval",
    "comparison_tables.index_heads.people",
)
_WAYS: Final = ("index", "index_of_elements")


def index_table(rows: Sequence[IndexRow], *, level: float, names: Names, lang: str = "vi") -> Table:
    """A row for each element, then one for each index."""
    percent = wording.threshold(level, lang)
    return Table(
        caption=say("comparison_tables.index_caption", lang),
        head=tuple(say(pair, lang, level=percent) for pair in _INDEX_HEADS),
        rows=tuple(
            (
                _called(row.measure, names, lang),
                "–" if _few(row) else wording.percent(row.share, row.n, lang),
                "–" if _few(row) else wording.interval_phrase(row.low, row.high, row.n, lang),
                number(row.n, lang),
            )
            for row in rows
        ),
        notes=(say("comparison_tables.index_meaning", lang),),
        strong=frozenset(number for number, row in enumerate(rows) if row.measure in _WAYS),
    )


def _called(measure: str, names: Names, lang: str) -> str:
    if measure in _WAYS:
        return say(f"comparison_tables.ways.{measure}", lang)
    return names.get(measure, measure)


def _few(row: IndexRow) -> bool:
    return row.n < wording.COUNTS_ONLY_BELOW
