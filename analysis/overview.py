"""Many offices beside each other: a row an office, and what one of them has with all below it.

Owns the choice of figures of a row. Every figure is the verdict document's or follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.document import Document, EstimateRow, VerdictRow
from analysis.insights.insights import each_sector
from analysis.insights.trend import Change, changes
from analysis.statistics.comparisons import Signal
from analysis.statistics.funnel import Funnel, funnel
from analysis.statistics.standardised import Standardised, standardise
from analysis.strata.pooling import GENERAL
from analysis.strata.survey import ALL, History

Word = Literal["met", "missed", "not_proven", "none", "withheld"]


@dataclass(frozen=True, slots=True)
class TargetWord:
    """What is proven of a target in an office: of one share, or of `of` sectors each by itself.

    `met`, `missed`: how many of them; `needed`: further answers that would settle the one share;
    `reason`: why it is not proven although its limits might prove it (`VerdictRow.reason`);
    `threshold`, `threshold_of`: what is to be reached, and whose it is where not the target's.
    """

    target: str
    word: Word
    met: int
    missed: int
    of: int
    needed: int | None
    reason: str | None
    threshold: float = 0.0
    threshold_of: str | None = None


@dataclass(frozen=True, slots=True)
class StandardShare:
    """A share as if the office had the sectors of all. `without`: sectors that have no answers.

    `held`: the part of the dossiers of all that is in sectors with answers; `respondents` of the
    office.
    """

    respondents: int
    share: float | None
    low: float | None
    high: float | None
    held: float
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """This period less the one before, in shares; `signal` as `insights.trend` may tell it."""

    earlier: str
    difference: float
    low: float
    high: float
    signal: Signal


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One office's own answers, or (`whole`) those of an office and all below it.

    Figures are those of the document (`EstimateRow`), by the same names. `undone`: months that are
    over and have no dossiers.
    """

    office: str
    whole: bool
    n: int
    received: int
    respondents: int
    answered: int | None
    satisfied: int | None
    population: int | None
    response_rate: float | None
    coverage: float | None
    share: float | None
    low: float | None
    high: float | None
    mean: float | None
    step: float | None
    targets: tuple[TargetWord, ...]
    changed: Changed | None = None
    undone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """The rows of a document's offices and of their total, and how the offices compare.

    `names`: every office of the document, in the order of the funnel's points; `standard`: by
    office, with the mix of sectors that all of them have together.
    """

    offices: tuple[OfficeRow, ...]
    total: OfficeRow
    names: tuple[str, ...]
    funnel: Funnel | None
    standard: Mapping[str, StandardShare]


def overview(
    document: Document,
    offices: Sequence[str],
    *,
    name: str = ALL,
    history: History | None = None,
) -> Overview:
    """The rows of these offices, and of everything in the document under a name.

    Parameters
    ----------
    document
        Full or published, of the offices that make up the total.
    offices
        Those that get a row here, by id; one that the document does not know has a row of zeros.
    name
        Whose total it is.
    history
        Two years of "overall" of the same offices: then rows tell the change since the period
        before. Of a published document no change is told, nor anything that is made of sectors.
    """
    own = document.view == "full"
    changed = _changed(document, offices, history) if own and history is not None else {}
    rows = [_row(document, office, office, False, changed.get(office)) for office in offices]
    total = _row(document, ALL, name, True, changed.get(ALL))
    names = tuple(document.offices)
    compared = _funnel(document, names) if own else None
    return Overview(tuple(rows), total, names, compared, _standard(document) if own else {})


def _row(
    document: Document,
    office: str,
    name: str,
    whole: bool,
    changed: Changed | None,
) -> OfficeRow:
    found = document.pick(office=office)
    targets = tuple(_words(document, office))
    undone = () if whole else _undone(document, office)
    if found is None:
        nothing = (None, None, None, None, None, None, None, None, None, None)
        return OfficeRow(name, whole, 0, 0, 0, *nothing, targets, undone=undone)
    return OfficeRow(
        name,
        whole,
        found.n,
        found.received,
        found.respondents,
        found.answered,
        found.satisfied,
        found.population,
        found.response_rate,
        found.coverage,
        found.share,
        found.low,
        found.high,
        found.mean,
        found.step,
        targets,
        changed,
        undone,
    )


def _words(document: Document, office: str) -> Iterator[TargetWord]:
    """One word a target: missed where any sector has missed it, met where each has met it."""
    for target in document.targets.target:
        verdicts = each_sector(document, target, office)
        if verdicts:
            yield _word(target.id, verdicts)


def _word(target: str, verdicts: Sequence[VerdictRow]) -> TargetWord:
    told = [verdict.evidence or "none" for verdict in verdicts]
    heard = [word for word in told if word != "none"]
    word: Word = "not_proven"
    if not heard:
        word = "none"
    elif "withheld" in heard:
        word = "withheld"
    elif "missed" in heard:
        word = "missed"
    elif all(one == "met" for one in told):
        word = "met"
    only = verdicts[0] if len(verdicts) == 1 else None
    return TargetWord(
        target,
        word,
        told.count("met"),
        told.count("missed"),
        len(verdicts),
        None if only is None else only.responses_needed,
        next((verdict.reason for verdict in verdicts if verdict.reason), None),
        verdicts[0].threshold,
        verdicts[0].threshold_of,
    )


def _undone(document: Document, office: str) -> tuple[str, ...]:
    """Months that are over for which the office has no dossier count at all."""
    if not document.surveys:
        return ()
    survey = document.surveys[0]
    known = survey.dossiers.months.get(office, frozenset())
    return tuple(month for month in survey.over if month not in known)


def _changed(
    document: Document, offices: Sequence[str], history: History
) -> dict[str, Changed | None]:
    scopes = {
        scope.office: scope
        for office in (*offices, ALL)
        for scope in [history.rows.scope(office, ALL)]
        if scope.places and history.kind(scope) is not None
    }
    kinds = {scope: kind for scope in scopes.values() if (kind := history.kind(scope)) is not None}
    found = changes(history, kinds, document.period, document.level)
    return {office: _told(found[scope]) for office, scope in scopes.items()}


def _told(found: Sequence[Change]) -> Changed | None:
    """The change since the period before; None where either has no answers."""
    change = found[0]
    if change.difference is None:
        return None
    apart = change.difference
    return Changed(change.earlier.text, apart.difference, apart.low, apart.high, change.signal)


def _standard(document: Document) -> dict[str, StandardShare]:
    """Shares under the mix of sectors that the dossiers of all offices together have.

    An office without answers has none.
    """
    survey = next(iter(document.surveys), None)
    if survey is None:
        return {}
    sectors = survey.about_sectors
    dossiers = [_dossiers(document, sector) for sector in sectors]
    rows = {
        row.office: row
        for row in document.estimates
        if (row.sector, row.measure, row.channel) == (ALL, "overall", ALL) and row.received
    }
    known = [office for office in survey.offices if office in rows]
    if not known or not sum(dossiers):
        return {}
    scopes = [survey.scope(office, sector) for office in known for sector in sectors]
    if any(survey.measures(scope).get("overall") != "item" for scope in scopes):
        return {}
    design = survey.design([(scope, "overall", ALL) for scope in scopes])
    group = np.repeat(np.arange(len(known)), len(sectors))
    mix = np.array(dossiers * len(known), dtype=np.float64)
    found = standardise(design, group, mix, level=document.level)
    heard = (design.rows > 0).reshape(len(known), len(sectors))
    asked = np.array(dossiers) > 0
    return {
        office: _share(
            rows[office].respondents,
            found,
            i,
            tuple(
                s
                for s, has, is_asked in zip(sectors, heard[i], asked, strict=True)
                if is_asked and not has
            ),
        )
        for i, office in enumerate(known)
    }


def _share(
    respondents: int, found: Standardised, i: int, without: tuple[str, ...]
) -> StandardShare:
    figures = (float(column[i]) for column in (found.share, found.low, found.high))
    share, low, high = (None if np.isnan(figure) else figure for figure in figures)
    return StandardShare(respondents, share, low, high, float(found.held[i]), without)


def _dossiers(document: Document, sector: str) -> int:
    row = document.pick(sector=sector)
    return 0 if row is None or row.population is None else row.population


def _funnel(document: Document, offices: Sequence[str]) -> Funnel:
    """Every office of the document against the others, sector by sector."""
    rows = {
        row.key: row
        for row in document.estimates
        if row.measure == "overall" and row.channel == ALL and row.received
    }
    sectors = sorted({key[1] for key in rows if _is_sector(key[1])})
    return funnel(
        [
            [_counts(rows.get((office, sector, "overall", ALL))) for sector in sectors]
            for office in offices
        ],
        level=document.level,
    )


def _is_sector(sector: str) -> bool:
    return sector not in (ALL, GENERAL) and ":" not in sector


def _counts(row: EstimateRow | None) -> tuple[int, int]:
    return (0, 0) if row is None else (row.satisfied or 0, row.answered or 0)
