"""The third verb: is each target met, missed or not proven, in words first.

Owns `Verdicts`. Decisions are those of `formulas.verdicts`, sentences those of `telling`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.design.scopes import ALL
from analysis.document import VerdictRow
from analysis.road.data import targets_given
from analysis.road.estimates import Estimates
from analysis.road.listing import Listing
from analysis.targets import Targets
from analysis.telling.beside import headline_sentences
from analysis.telling.verdict_entries import VerdictList, verdict_list

if TYPE_CHECKING:
    from analysis.road.plan import Plan


@dataclass(frozen=True, slots=True)
class Verdicts(Listing[VerdictRow]):
    """Every verdict of a period; from `analysis.judge`. `estimates` are what they rest on."""

    row_type = VerdictRow

    estimates: Estimates

    @property
    def rows(self) -> tuple[VerdictRow, ...]:
        return self.estimates.document.verdicts

    def entries(self, *, office: str = ALL, lang: str | None = None) -> VerdictList:
        """The verdicts of an office in sentences."""
        found = self.estimates
        return verdict_list(found.document, office=office, **found.data.telling(lang))

    def headline(self, *, office: str = ALL, lang: str | None = None) -> tuple[str, ...]:
        """How many sectors are proven to meet each target, all looked at together (Holm)."""
        found = self.estimates
        return headline_sentences(found.document, lang=lang or found.data.lang, office=office)

    def published(self) -> Verdicts:
        """The verdicts that may leave; see `Estimates.published`."""
        return Verdicts(self.estimates.published())

    def plan(
        self, true_share: Decimal | str | float, *, power: float = 0.80, office: str = ALL
    ) -> Plan:
        """How many answers each target takes. See `analysis.road.plan.plan`."""
        from analysis.road.plan import plan

        return plan(self, true_share, power=power, office=office)

    def __str__(self) -> str:
        return "\n".join([*self.headline(), str(self.entries())])

    def __repr__(self) -> str:
        words = [row.evidence or "none" for row in self.rows if row.office == ALL]
        counts = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
        return f"<Verdicts {self.estimates.period.text}: {counts or 'no target'}>"

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(line)}</p>" for line in self.headline())
        return said + self.entries()._repr_html_()


def judge(found: Estimates, targets: Targets | str | Path | None = None) -> Verdicts:
    """Whether the figures prove each target met, prove it missed, or prove neither.

    Parameters
    ----------
    found
        From `analysis.estimate`.
    targets
        Others than those that were read: a TOML file, or targets changed in a program. The
        figures are then estimated again with their groups, so `found.data` must be open.

    Returns
    -------
    Verdicts
        One for each target, office and sector that it is about.

    Raises
    ------
    TargetsError
        With every problem of a targets file.

    Notes
    -----
    Met: the one-sided lower bound reaches the threshold; missed: the upper bound stays below it.
    Each errs in at most 1 - level of periods; the headline over several sectors keeps that promise
    for all of them together by Holm's adjustment.

    References
    ----------
    Wright (1991); Holm (1979), Scandinavian Journal of Statistics 6:65.

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(RESPONSES, POPULATION, targets=TARGETS, lang="en")
    >>> verdicts = analysis.judge(analysis.estimate(data, "2026-10"))
    >>> [(row.sector, row.evidence) for row in verdicts if row.office == "all"]
    [('land', 'met'), ('civil-status', 'missed')]
    >>> print(verdicts.headline()[0])
    Target 80% by 2030, 2 sectors: each by itself, 1 met and 1 missed; all taken together, 1 are \
proven to meet it, 1 to miss it.
    >>> data.close()
    """
    if targets is not None:
        found = found.judged_by(targets_given(targets))
    return Verdicts(found)
