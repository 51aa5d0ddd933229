"""The section on the random re-check: beside those who chose to answer, and what it found besides.

Owns its sentences and tables. Figures are those of the document's re-check.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from analysis.document_rows import EstimateRow
from analysis.input.rechecks import FACT
from analysis.recheck_rows import RecheckRow
from analysis.reporting import wording
from analysis.reporting.section import ReportSection, difference_phrase
from analysis.reporting.table import Table
from analysis.reporting.teller import Teller
from analysis.statistics.comparisons import Difference
from analysis.strata.survey import ALL
from analysis.words import number
from questionnaires import OVERALL


def disagreements(tell: Teller, office: str = ALL) -> tuple[str, ...]:
    """Where those drawn say something else than those who chose to answer: what is said first.

    Of the total, and of each sector that differs by itself; and where the box is suspect.
    """
    told = []
    for row in _overall(tell, office):
        if row.differs:
            told.append(f"{_beside(row, tell)} {_verdict(row, tell)}")
        if row.suspect:
            told.append(_suspect(row, tell))
    return tuple(told)


def recheck_section(tell: Teller, office: str = ALL) -> ReportSection | None:
    """What those drawn by lot say; None where nobody was drawn."""
    found = tell.found.recheck
    if found is None:
        return None
    total = found.pick(office=office)
    rows = _overall(tell, office)
    said = [*disagreements(tell, office), *_told(total, tell)]
    if found.left_out and office == ALL:
        n = number(found.left_out, tell.lang)
        said.append(tell.say("recheck.left_out", n=n))
    if not said and not rows:
        return None
    more = (_measure_table(tell, office), _call_table(rows, tell))
    return ReportSection(
        "recheck",
        tell.say("sections.titles.recheck"),
        (*said, *_facts(tell, office)),
        (_sector_table(rows, tell),) if rows else (),
        (tell.say("recheck.basis"),),
        tuple(table for table in more if table.rows),
    )


def _overall(tell: Teller, office: str) -> list[RecheckRow]:
    """The rows of overall satisfaction: sectors, groups, the total last."""
    found = tell.found.recheck
    rows = [] if found is None else found.rows
    mine = [row for row in rows if row.alone.office == office and row.alone.measure == OVERALL]
    order = {sector: place for place, sector in enumerate(wording.sections(tell.found))}
    alone = {row.alone.sector for row in mine if wording.section_of(row.alone.sector) == "sector"}
    if len(alone) == 1 and len(mine) > 1:  # the total is this sector once more
        mine = [row for row in mine if row.alone.sector in alone]
    return sorted(mine, key=lambda row: order.get(row.alone.sector, len(order)))


def _told(total: RecheckRow | None, tell: Teller) -> Iterator[str]:
    """The sentences about the total that nothing said before."""
    if total is None:
        return
    if total.alone.share is not None and not total.differs:
        yield " ".join(filter(None, (_beside(total, tell), _verdict(total, tell))))
    if total.together is not None:
        n = total.alone.respondents
        yield tell.say(
            "recheck.together",
            share=wording.percent(total.together.share, n, tell.lang),
            level=tell.level,
            interval=wording.interval_phrase(total.together.low, total.together.high, n, tell.lang),
        )
    if total.counts.waiting:
        waiting, drawn = (number(n, tell.lang) for n in (total.counts.waiting, total.counts.drawn))
        yield tell.say("recheck.waiting", waiting=waiting, drawn=drawn)


def _beside(row: RecheckRow, tell: Teller) -> str:
    values = {
        "sector": tell.sector(row.alone.sector),
        "share": _share(row.alone, tell),
        "n": number(row.alone.respondents, tell.lang),
        "drawn": _drawn(row.alone, tell),
    }
    if row.chose is None or row.chose.share is None:
        return tell.say("recheck.alone", **values)
    return tell.say("recheck.beside", chose=_chose(row, tell), **values)


def _verdict(row: RecheckRow, tell: Teller) -> str:
    """Whether the two differ beyond chance; "" where nothing is compared."""
    if row.apart is None:
        return ""
    if row.apart.difference is None:  # as it is published
        return tell.say("recheck.differs_told") if row.differs else ""
    key = "recheck.differs" if row.differs else "recheck.agrees"
    return tell.say(key, difference=_difference(row, tell))


def _suspect(row: RecheckRow, tell: Teller) -> str:
    box = row.box
    assert box is not None  # noqa: S101  only a box that there is can be suspect
    return tell.say(
        "recheck.suspect",
        sector=tell.sector(row.alone.sector),
        people=number(box.people, tell.lang),
        satisfied=number(box.satisfied, tell.lang),
        expected=number(box.expected, tell.lang, 1),
    )


def _share(row: EstimateRow, tell: Teller) -> str:
    instead = tell.instead(row)
    if instead:
        return instead
    if row.respondents < wording.COUNTS_ONLY_BELOW:
        return wording.share_phrase(row, tell.lang, tell.found.thresholds)
    return wording.share_text(row, tell.lang, tell.found.thresholds)


def _drawn(row: EstimateRow, tell: Teller) -> str:
    """Of how many drawn the answers are, in spots that are told."""
    drawn = round(row.respondents / row.response_rate) if row.response_rate else 0
    return number(drawn, tell.lang)


def _chose(row: RecheckRow, tell: Teller) -> str:
    chose = row.chose
    if chose is None or chose.share is None:
        return "–"
    people = wording.answers(chose.n, tell.lang)
    if chose.step is not None and chose.step > wording.EXACT:
        low, high = (
            wording.threshold(round(value, 6), tell.lang)
            for value in (chose.share, chose.share + chose.step)
        )
        where = "top" if chose.share + chose.step > 1 - 1e-9 else "between"
        return f"{tell.say(f'wording.steps.{where}', low=low, high=high)} ({people})"
    return f"{wording.percent(chose.share, chose.n, tell.lang)} ({people})"


def _difference(row: RecheckRow, tell: Teller) -> str:
    apart, chose = row.apart, row.chose
    if apart is None or chose is None:
        return "–"
    if apart.difference is None or apart.low is None or apart.high is None:
        return "–"
    n = min(row.alone.respondents, chose.n)
    if n < wording.COUNTS_ONLY_BELOW:
        return "–"
    gap = Difference(apart.difference, apart.low, apart.high)
    return difference_phrase(gap, n, tell.lang)


def _sector_table(every: Sequence[RecheckRow], tell: Teller) -> Table:
    """Totals and groups, and sectors with answers enough for a percentage."""
    rows = [row for row in every if _total(row) or _enough(row)]
    heads = (
        *("recheck.heads.people", "recheck.heads.share", "common.interval"),
        *("recheck.heads.silent", "recheck.heads.chose", "recheck.heads.difference"),
    )
    return Table(
        caption=tell.say("recheck.captions.sectors"),
        head=(tell.say("common.sector"), *(tell.say(head, level=tell.level) for head in heads)),
        rows=tuple((tell.sector(row.alone.sector), *_cells(row, tell)) for row in rows),
        notes=tell.caution(row.alone for row in rows if row.alone.n),
        strong=_totals(rows),
    )


def _cells(row: RecheckRow, tell: Teller) -> tuple[str, ...]:
    alone = row.alone
    people = {"n": number(alone.respondents, tell.lang), "drawn": _drawn(alone, tell)}
    return (
        tell.say("recheck.people", **people) if alone.response_rate else "–",
        tell.share(alone, beside=alone.respondents),
        tell.limits(alone),
        tell.between(alone, alone.silent_low, alone.silent_high),
        _chose(row, tell),
        _difference(row, tell),
    )


def _totals(rows: Sequence[RecheckRow]) -> frozenset[int]:
    return frozenset(place for place, row in enumerate(rows) if _total(row))


def _total(row: RecheckRow) -> bool:
    return wording.section_of(row.alone.sector) in ("group", "total")


def _enough(row: RecheckRow) -> bool:
    return row.alone.respondents >= wording.COUNTS_ONLY_BELOW or bool(row.counts.waiting)


def _measure_table(tell: Teller, office: str) -> Table:
    """Of all sectors: the index and the elements."""
    found = tell.found.recheck
    rows = [
        row
        for row in (found.rows if found else ())
        if row.alone[:2] == (office, ALL) and row.alone.measure != OVERALL and row.alone.n
    ]
    heads = (
        *("recheck.heads.share", "common.interval"),
        *("recheck.heads.chose", "recheck.heads.difference"),
    )
    return Table(
        caption=tell.say("recheck.captions.measures"),
        head=(tell.say("tables.measure"), *(tell.say(head, level=tell.level) for head in heads)),
        rows=tuple(
            (
                tell.names.get(
                    row.alone.measure, wording.measure_title(row.alone.measure, tell.lang)
                ),
                tell.share(row.alone),
                tell.limits(row.alone),
                _chose(row, tell),
                _difference(row, tell),
            )
            for row in rows
        ),
    )


def _measure(measure: str, tell: Teller) -> str:
    return tell.names.get(measure, wording.measure_title(measure, tell.lang))


def _facts(tell: Teller, office: str) -> Iterator[str]:
    """Of all sectors: how many say that it happened to them."""
    found = tell.found.recheck
    for row in found.facts if found else ():
        alone = row.alone
        if alone[:2] == (office, ALL) and alone.respondents and not tell.instead(alone):
            yield tell.say(
                "recheck.fact",
                question=_question(alone, tell),
                yes=_yes(alone, tell),
                level=tell.level,
                interval=tell.limits(alone),
            )


def _question(row: EstimateRow, tell: Teller) -> str:
    """The question in its words, where the questionnaire is known."""
    id_ = row.measure.removeprefix(FACT)
    keys = (f"reason:{key}:{id_}" for key in row.questionnaires.split("+"))
    return next((tell.names[key] for key in keys if key in tell.names), id_)


def _yes(row: EstimateRow, tell: Teller) -> str:
    """ "1 trên 26 (3,8%)", or the share as it is published."""
    if row.satisfied is None:
        return wording.share_phrase(row, tell.lang, tell.found.thresholds)
    counts = {"n": number(row.satisfied, tell.lang), "drawn": number(row.respondents, tell.lang)}
    people = tell.say("recheck.people", **counts)
    if row.respondents < wording.COUNTS_ONLY_BELOW:
        return people
    return f"{people} ({wording.percent(row.share, row.respondents, tell.lang)})"


_CALLS: Final = (
    *("dossiers", "drawn", "received", "refused", "not_reached", "wrong_number", "waiting"),
)


def _call_table(rows: Sequence[RecheckRow], tell: Teller) -> Table:
    """What became of the dossiers drawn."""
    heads = (f"recheck.heads.{name}" for name in _CALLS)
    return Table(
        caption=tell.say("recheck.captions.calls"),
        head=(tell.say("common.sector"), *map(tell.say, heads)),
        rows=tuple(
            (
                tell.sector(row.alone.sector),
                *(number(n, tell.lang) for n in (getattr(row.counts, name) for name in _CALLS)),
            )
            for row in rows
        ),
        strong=_totals(rows),
    )
