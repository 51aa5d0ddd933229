"""The third verb: what the figures of a period prove about its targets.

Owns `Verdicts`, a list of frozen rows that also is a data frame. They are those of the document.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from analysis.arguments import checked, of_kind
from analysis.data import targets_given
from analysis.document import VerdictRow
from analysis.listing import Listing
from analysis.plan import Plan, plan
from analysis.reporting.one_line import OneLine, one_line
from analysis.reporting.render import html
from analysis.reporting.section import ReportSection
from analysis.reporting.sections import headline_sentences, verdict_section
from analysis.reporting.teller import Teller
from analysis.reporting.verdicts import VerdictList, verdict_list
from analysis.results import Estimates
from analysis.strata.survey import ALL
from analysis.targets import Targets


@dataclass(frozen=True, slots=True)
class Verdicts(Listing[VerdictRow]):
    """Every verdict of a period; from `analysis.judge`. `estimates` are what they rest on."""

    row_type = VerdictRow
    short = (
        *("target", "office", "sector", "threshold", "share", "lower", "upper"),
        *("evidence", "basis", "reason"),
    )

    estimates: Estimates

    @property
    def rows(self) -> tuple[VerdictRow, ...]:
        """Every verdict, in the order of the targets."""
        return self.estimates.document.verdicts

    @checked
    def entries(self, *, office: str = ALL, lang: str | None = None) -> VerdictList:
        """The verdicts of an office in sentences.

        `office`: its id or name; all together where left out. `lang`: "vi" or "en"; that of the
        data where left out.
        """
        found = self.estimates
        return verdict_list(found.document, **found.ids(office=office), **found.data.labels(lang))

    @checked
    def line(self, *, office: str = ALL, lang: str | None = None) -> OneLine:
        """The period in one line: the total with its interval, and whether its targets are met.

        `office`: its id or name; all together where left out. `lang`: "vi" or "en"; that of the
        data where left out.
        """
        found = self.estimates
        office = found.ids(office=office)["office"]
        return one_line(Teller.of(found.document, **found.data.labels(lang)), office)

    @checked
    def headline(self, *, office: str = ALL, lang: str | None = None) -> tuple[str, ...]:
        """How many sectors are proven to meet each target, all looked at together (Holm).

        `office`: its id or name; all together where left out. `lang`: "vi" or "en"; that of the
        data where left out.
        """
        found = self.estimates
        office = found.ids(office=office)["office"]
        return headline_sentences(found.document, lang=lang or found.data.lang, office=office)

    @checked
    def published(self) -> Verdicts:
        """The verdicts that may be published; see `Estimates.published`."""
        return Verdicts(self.estimates.published())

    @checked
    def plan(
        self, true_share: Decimal | str | float, *, power: float = 0.80, office: str = ALL
    ) -> Plan:
        """How many answers each target takes.

        Parameters
        ----------
        true_share
            The share that is supposed to be true, 0..1, for example 0.95: nobody knows it.
        power
            Wished probability of the verdict "met".
        office
            Its id or name; all together where left out.

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
        The exact one-sided test of one item in one sector; a total over several sectors is counted
        as one sample of all its dossiers.

        References
        ----------
        Wright (1991), Exact Confidence Bounds when Sampling from Small Finite Universes; Chernick
        & Liu (2002), The American Statistician 56:149.
        """
        return plan(self, true_share, power=power, **self.estimates.ids(office=office))

    def _section(self) -> ReportSection:
        found = self.estimates
        return verdict_section(Teller.of(found.document, **found.data.labels()))

    def __str__(self) -> str:
        section = self._section()
        return "\n".join([*section.sentences, str(section.verdicts)])

    def __repr__(self) -> str:
        words = [row.evidence or "none" for row in self.rows if row.office == ALL]
        counts = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
        return f"<Verdicts {self.estimates.period.text}: {counts or 'no target'}>"

    def _repr_html_(self) -> str:
        return html("content", self._section())


@checked
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
    Target 80% by 2030, 2 sectors: each by itself, 1 met and 1 missed; all taken together, \
proven to meet it: 1, to miss it: 1.
    >>> data.close()
    """
    of_kind("found", found, Estimates, "analysis.estimate(…)")
    if targets is not None:
        found = found.judged_by(targets_given(targets))
    return Verdicts(found)
