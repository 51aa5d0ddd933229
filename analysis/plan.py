"""How many answers a target takes: still, next time, and by the guidance of 2014.

Owns `Plan`. The numbers are those of `statistics.sample_size` and of the verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from analysis.arguments import checked, fraction
from analysis.listing import Listing, noted
from analysis.reporting.comparison_tables import planning_table
from analysis.reporting.table import Table
from analysis.reporting.tables import needed_table
from analysis.statistics.sample_size import answers_for_power, fewest_all_satisfied, yamane
from analysis.strata.survey import ALL

if TYPE_CHECKING:
    from analysis.judging import Verdicts


@dataclass(frozen=True, slots=True)
class PlanRow:
    """Answers that one target takes in one sector.

    `n` of `population` dossiers have answered. `responses_needed`: further ones that settle the
    verdict if the share stays what it is (0: settled; None: no number does). `for_power`: answers
    of a whole period that prove the target with probability `power` where `true_share` is true
    (None: no number does). `all_satisfied`: the fewest that can prove it, nobody dissatisfied.
    `guidance`: n = N / (1 + N * 0.05^2), whatever the target. None: not known.
    """

    target: str
    office: str
    sector: str
    threshold: float
    deadline: int
    n: int
    population: int | None
    responses_needed: int | None
    true_share: float
    power: float
    for_power: int | None
    all_satisfied: int | None
    guidance: int | None


@dataclass(frozen=True, slots=True)
class Plan(Listing[PlanRow]):
    """What every target of an office takes; from `Verdicts.plan`.

    `rows`: one a target and sector. `responses_needed`: further answers that settle the verdict if
    the share stays what it is (0: settled); `for_power`: answers of a whole period that prove the
    target with probability `power` where `true_share` is true; `all_satisfied`: the fewest that can
    prove it, nobody dissatisfied; `guidance`: n = N / (1 + N * 0.05^2), the formula of công văn
    1159/BNV-CCHC. None: no number does, or it is not known. `office`: whose targets.
    """

    row_type = PlanRow
    short = (
        *("target", "office", "sector", "n", "population", "responses_needed"),
        *("for_power", "all_satisfied", "guidance"),
    )
    inner = Listing.inner | {"verdicts"}

    verdicts: Verdicts = field(repr=False)
    office: str
    rows: tuple[PlanRow, ...] = field(repr=False)

    @checked
    def tables(self, lang: str | None = None) -> tuple[Table, Table]:
        """For people: what the verdicts at hand still lack, and what a whole period takes.

        `lang`: "vi" or "en"; that of the data where left out.
        """
        found = self.verdicts.estimates
        given = found.data.labels(lang)
        needed = needed_table(found.document, office=self.office, **given)
        planned = planning_table(self.rows, **given)
        return noted(needed, self, given["lang"]), noted(planned, self, given["lang"])

    def _repr_html_(self) -> str:
        return "".join(table._repr_html_() for table in self.tables())


def plan(
    verdicts: Verdicts,
    true_share: Decimal | str | float,
    *,
    power: float = 0.80,
    office: str = ALL,
) -> Plan:
    """How many answers each target takes.

    Parameters
    ----------
    verdicts
        From `analysis.judge`.
    true_share
        The share that is supposed to be true, 0..1: it must be stated, as nobody knows it. The
        share seen in a few answers is no good guess.
    power
        Wished probability of the verdict "met".
    office
        An id; all together where left out.

    Returns
    -------
    Plan
        A row for each target and sector.

    Raises
    ------
    Refusal
        A share or power that is no fraction.

    Notes
    -----
    The exact one-sided test of one item in one sector. A total over several sectors is counted as
    one sample of all its dossiers, which is right when answers come in proportion to them.

    References
    ----------
    Wright (1991); Chernick & Liu (2002), The American Statistician 56:149; the formula of 2014 is
    that of công văn 1159/BNV-CCHC.

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(RESPONSES, POPULATION, targets=TARGETS)
    >>> verdicts = analysis.judge(analysis.estimate(data, "2026-10"))
    >>> for row in verdicts.plan("0.90"):
    ...     print(row.sector, row.n, row.responses_needed, row.for_power, row.guidance)
    land 50 0 49 93
    civil-status 40 0 33 53
    >>> data.close()
    """
    found = verdicts.estimates
    share = fraction("true_share", true_share, closed=True)
    known = {target.id: target for target in found.data.targets.target}
    aims = found.data.targets.aims
    needed = lru_cache(maxsize=None)(_answers)
    rows = []
    for verdict in verdicts:
        row = found.document.row_of(verdict)
        if verdict.office != office or row is None:
            continue
        threshold = aims.of(known[verdict.target], verdict.office).threshold
        population = row.population
        for_power, fewest = needed(threshold, share, population, power, found.level)
        rows.append(
            PlanRow(
                target=verdict.target,
                office=verdict.office,
                sector=verdict.sector,
                threshold=verdict.threshold,
                deadline=verdict.deadline,
                n=row.respondents,
                population=population,
                responses_needed=verdict.responses_needed,
                true_share=float(share),
                power=power,
                for_power=for_power,
                all_satisfied=fewest,
                guidance=None if population is None else yamane(population),
            )
        )
    return Plan(verdicts, office, tuple(rows))


def _answers(
    threshold: Decimal, share: Decimal, population: int | None, power: float, level: float
) -> tuple[int | None, int | None]:
    return (
        answers_for_power(threshold, share, population, power=power, level=level),
        fewest_all_satisfied(threshold, population, level=level),
    )
