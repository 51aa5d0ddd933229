"""Every figure of a period, and what can be asked of it.

Owns `Estimates`, a list of frozen rows that also is a data frame and a table. Figures are those of
`analysis.document`; each further question is answered by the module of its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from analysis.arguments import checked, of_kind, one_of, refused
from analysis.asking import Made, Request, choices
from analysis.data import Data, ids_of
from analysis.details import SHORT, count_scores, detail_columns
from analysis.differences import Differences, between, since
from analysis.disclosure.published import published
from analysis.document import Document, EstimateRow, analyse
from analysis.errors import Problem, UnknownName, said
from analysis.indices import IndexOfElements, index_of_elements
from analysis.input.scores import NO_SCORES, ScoreCounts
from analysis.insights.insights import Gathered, gather
from analysis.insights.trend import Dispersion
from analysis.listing import Listing, frame_of
from analysis.months import Months, by_month
from analysis.parts import PartName, Parts, parts_of
from analysis.period import Period
from analysis.presenting import (
    TableKind,
    counted_of,
    head_of,
    insights_of,
    sections_of,
    table_of,
)
from analysis.reporting.section import ReportSection, ReportSections
from analysis.reporting.table import Table
from analysis.reporting.verdicts import Head
from analysis.sample import sample_of
from analysis.strata.survey import ALL, Setting
from analysis.targets import Targets
from analysis.trends import Trends, trend
from analysis.weighted import WeightedEstimates, weighted

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Estimates(Listing[EstimateRow]):
    """Every figure of a period; from `analysis.estimate`.

    `document` is the verdict document. Rows, frames, tables, charts and reports all are of it:
    every figure, for the office's own use. `published()` gives those that may be published.
    """

    row_type = EstimateRow
    short = SHORT
    inner = Listing.inner | {"ids", "scores", "made", "gathered"}

    data: Data = field(repr=False)
    asked: Request
    document: Document = field(repr=False)
    scores: ScoreCounts = field(default_factory=lambda: NO_SCORES, repr=False, compare=False)
    made: Made = field(default_factory=Made, repr=False, compare=False)

    @property
    def rows(self) -> tuple[EstimateRow, ...]:
        """Every row, in the order of the document."""
        return self.document.estimates

    @property
    def period(self) -> Period:
        """The period of the figures."""
        return self.document.period

    @property
    def level(self) -> float:
        """The level of every interval."""
        return self.document.level

    @property
    def setting(self) -> Setting:
        """How the answers are read for what stands beside these figures."""
        data, asked = self.data, self.asked
        groups = data.targets.groups
        return Setting(
            data.questionnaires, groups, asked.only, data.order, data.today, asked.flagged
        )

    @checked
    def to_frame(self, lang: str | None = None, *, full: bool = False) -> DataFrame:
        """Every row, unrounded, as a pandas data frame.

        Parameters
        ----------
        lang
            None: columns and values are called as in a row ("share", "land"). "vi" or "en":
            columns, offices, sectors, measures and channels by their names for people.
        full
            Every column of the document, then `se` (standard error of the share), `n_eff`
            (effective answers) and `score_1` and so on: how many people gave each score to the
            item. None of published figures, which hold nothing that says more than they do.

        Notes
        -----
        Shares and limits are fractions 0..1, counts whole numbers that may be missing (`Int64`).
        """
        last = detail_columns(self.document, self.rows, self.scores) if full else {}
        columns = () if full else self.short
        return frame_of(EstimateRow, self.rows, lang, result=self, columns=columns, last=last)

    @checked
    def pick(
        self,
        *,
        office: str = ALL,
        sector: str = ALL,
        measure: str = "overall",
        channel: str = ALL,
    ) -> EstimateRow:
        """The row of these keys; totals and overall satisfaction where they are left out.

        `office`, `sector`: the total of all is "all". `measure`: "overall", "index", an element or
        an item. `channel`: "poster", "kiosk" and so on, "on_site" or "elsewhere".

        Offices and sectors by id, or by name as they are shown; elements and items without the
        kind before them too ("access" for "element:access"). Refusal (a LookupError too) names
        what there is where there is none.
        """
        wanted = self.ids(office=office, sector=sector, measure=measure, channel=channel)
        row = self.document.pick(**wanted)
        if row is None:
            written = ", ".join(f"{key} {value}" for key, value in wanted.items())
            what, remedy = said("argument.not_together"), said("argument.look")
            raise UnknownName([Problem(said("argument.row"), written, what, remedy)])
        return row

    def ids(self, **called: str) -> dict[str, str]:
        """The keys of rows by their ids; UnknownName where one of them is in no row."""
        return ids_of(self.data, self.document.estimates, called)

    @checked
    def to_responses(self, *, measure: str = "overall") -> DataFrame:
        """Single answers with their strata and weights, as a pandas data frame; data must be open.

        For survey software and the office's own analyst: single answers are never published.

        Parameters
        ----------
        measure
            "overall" or an item.

        Returns
        -------
        pandas.DataFrame
            One row for each answer to the item, by `response_id`: questionnaire, office, sector,
            channel, month ("2026-10"), `stratum` (office, sector, months), `N` dossiers and `n`
            answers of the stratum, `weight` = N / n, `satisfied` 1 or 0. Answers that no dossier
            count covers are left out; where no dossiers are known at all, N is missing and every
            answer weighs 1.

        Notes
        -----
        In R, `svydesign(ids = ~1, strata = ~stratum, fpc = ~N, weights = ~weight, data = d)` is
        the survey of these figures: `svymean(~satisfied, …)` gives the total's `share` and `se`.
        """
        return sample_of(self, measure)

    @checked
    def by(
        self,
        part: PartName,
        *,
        office: str = ALL,
        sector: str = ALL,
        measure: str = "overall",
        channel: str = ALL,
    ) -> Parts:
        """The figures side by side: of every `part`, "sector", "office", "measure" or "channel".

        Totals and groups are left out; the other keys say of which rows, as for `pick`.
        `found.by("sector", measure="index").to_frame()` is a short table.
        """
        fixed = self.ids(office=office, sector=sector, measure=measure, channel=channel)
        return parts_of(self, part, fixed)

    @checked
    def published(self) -> Estimates:
        """What may be published of these figures: of a period that is over, nothing on few people.

        Published ones stay as they are. Refusal where the period is running or
        rolling, or where only some answers were counted.
        """
        data, document = self.data, self.document
        if document.view == "published":
            return self

        def make() -> Estimates:
            known, responses = data.questionnaires, data.opened()
            shown = published(document, responses, data.population, known, data.rechecks)
            return replace(self, document=shown, scores=NO_SCORES, made=Made())

        return self.made.once("published", make)

    @checked
    def head(self, lang: str | None = None) -> Head:
        """Title, office, answers and dossiers.

        `lang`: "vi" or "en"; that of the data where left out.
        """
        return head_of(self, lang)

    @checked
    def table(
        self,
        kind: TableKind,
        *,
        office: str = ALL,
        sector: str | None = None,
        measure: str | None = None,
        lang: str | None = None,
    ) -> Table:
        """A table for people.

        Parameters
        ----------
        kind
            "sectors", "measures" (overall, index, elements, items), "channels", "silence" (what
            those who did not answer could change), "reasons" (why people were not satisfied, of an
            office's own database), "methods".
        office
            Its id or name; all together where left out.
        sector
            Of "measures": of which sector; all together where left out.
        measure
            Of "sectors": of which measure; overall satisfaction where left out.
        lang
            "vi" or "en"; that of the data where left out.
        """
        return table_of(self, kind, office, {"sector": sector, "measure": measure}, lang)

    @checked
    def by_month(self, months: int = 12) -> Months:
        """Each of the last `months` months up to the end of the period, computed by itself.

        The data must be open. A longer period is not the mean of its months: estimate it instead.
        """
        return self.made.once(("months", months), lambda: by_month(self, months))

    def sections(
        self, *, office: str = ALL, lang: str | None = None, months: Months | None = None
    ) -> tuple[ReportSection, ...]:
        """Everything that a report tells of these figures, section by section, in its order.

        With the insights where the data are open and the figures are not published; with `months`
        (from `by_month`) their table as well.

        `office`: its id or name; all together where left out. `lang`: "vi" or "en"; that of the
        data where left out.
        """
        if months is not None:
            of_kind("months", months, Months, "Estimates.by_month()")
        return sections_of(self, office, lang, months)

    @checked
    def insights(self, *, office: str = ALL, lang: str | None = None) -> ReportSections:
        """What changed, what goes with satisfaction, what is worth a second look, reliability.

        For the office itself: published figures have none. The data must be open.

        `office`: its id or name; all together where left out. `lang`: "vi" or "en"; that of the
        data where left out.
        """
        return insights_of(self, office, lang)

    @checked
    def census(self, *, office: str = ALL, lang: str | None = None) -> ReportSections:
        """What is counted of all dossiers: on time, filed online, days; no survey, no interval.

        `office`: its id or name; all together where left out. `lang`: "vi" or "en"; that of the
        data where left out.
        """
        return counted_of(self, "census", office, lang)

    @checked
    def indicators(self, *, office: str = ALL, lang: str | None = None) -> ReportSections:
        """The one-stop desk's nine indicators as entered: scores, total, class; no survey.

        `office`: its id or name; all together where left out. `lang`: "vi" or "en"; that of the
        data where left out.
        """
        return counted_of(self, "indicators", office, lang)

    def gathered(self) -> Gathered:
        """What was read for what stands beside these figures, of every office."""
        data = self.data
        return self.made.once(
            "gathered",
            lambda: gather(data.opened(), data.population, self.document, self.setting),
        )

    def judged_by(self, targets: Targets) -> Estimates:
        """The same figures with the groups and verdicts of other targets."""
        of_kind("targets", targets, Targets, "analysis.targets.load_targets(FILE)")
        return estimated(replace(self.data, targets=targets), self.asked)

    @checked
    def at_level(self, level: float) -> Estimates:
        """The same figures with intervals of another level."""
        return estimated(self.data, replace(self.asked, level=level))

    @checked
    def between(
        self,
        by: Literal["sector", "office"],
        *,
        measure: str = "overall",
        office: str = ALL,
        sector: str = ALL,
    ) -> Differences:
        """Every two sectors of an office, or every two offices in a sector, against each other.

        Parameters
        ----------
        by
            "sector" or "office".
        measure
            "overall", "index", an element or an item.
        office
            Whose sectors; all together where left out.
        sector
            In which offices are compared; the total where left out.

        Returns
        -------
        Differences
            A row a pair: shares, their difference with Newcombe's interval, and `signal` (higher,
            lower, none), which takes all pairs at once.

        Notes
        -----
        `signal` takes limits of level 1 - (1 - level) / m for m pairs (Bonferroni) and, for one
        item, asks the exact test within strata as well. Published figures are compared by what is
        published alone.

        References
        ----------
        Newcombe (1998), Statistics in Medicine 17:873, method 10; Zou & Donner (2008), Statistics
        in Medicine 27:1693.
        """
        return between(self, by, **self.ids(measure=measure, office=office, sector=sector))

    @checked
    def since(self, earlier: Estimates, *, measure: str = "overall") -> Differences:
        """Every office and sector against itself in an earlier period.

        Parameters
        ----------
        earlier
            From `analysis.estimate`, of a period that shares no day, at the same level; published
            where these are.
        measure
            "overall", "index", an element or an item.

        Returns
        -------
        Differences
            A row for each office and sector with answers in both, later less earlier; each once.

        Raises
        ------
        Refusal
            Periods that overlap, levels that differ, or one side published and the other not.

        Notes
        -----
        Intervals and `signal` are those of `between`.
        """
        of_kind("earlier", earlier, Estimates, "analysis.estimate(…)")
        return since(self, earlier, **self.ids(measure=measure))

    @checked
    def weighted(
        self,
        channels: Mapping[str, int] | None = None,
        *,
        online: Sequence[str] = (),
        office: str = ALL,
    ) -> WeightedEstimates:
        """The total under weights that meet the dossiers of each sector, and of each channel.

        Parameters
        ----------
        channels
            Dossiers by channel, for example {"poster": 300, "kiosk": 190} (raking); those of each
            sector and month alone where left out.
        online
            Channels by which those answer who filed online, for example ("slip",).
        office
            Its id or name; all together where left out.

        Returns
        -------
        WeightedEstimates
            Overall, index and elements with `se`, `n_eff` and `design_effect`. The data must be
            open.

        Raises
        ------
        Refusal
            Naming every reason why the totals cannot be met: no dossiers known, a channel without
            answers or dossiers, totals that disagree, empty cells that leave no way.

        Notes
        -----
        Sectors and months alone: w = N_h / n_h (post-stratification). With `channels`: raking, to
        a relative 1e-10 of all dossiers. The standard error is linearised with the margins taken
        out, as R's postStratify() and rake() do.

        References
        ----------
        Deming & Stephan (1940), Ann. Math. Stat. 11:427; Holt & Smith (1979), JRSS A 142:33; Kish
        (1965), Survey Sampling.
        """
        self._check_full()
        office = self.ids(office=office)["office"]
        return self.made.once(
            ("weighted", repr(channels), repr(online), office),
            lambda: weighted(self, channels, online=online, office=office),
        )

    @checked
    def index_of_elements(self, *, office: str = ALL, sector: str = ALL) -> IndexOfElements:
        """The index as the mean of element shares, beside the one of all answers.

        `office`, `sector`: ids or names, the total where left out. The data must be open. Which of
        the two the official index is has not been published; targets and verdicts know the one of
        all answers alone. Refusal where the questionnaire has no elements.
        """
        self._check_full()
        ids = self.ids(office=office, sector=sector)
        return self.made.once(("index", *ids.values()), lambda: index_of_elements(self, **ids))

    @checked
    def trend(self, *, dispersion: Dispersion = "binomial", office: str = ALL) -> Trends:
        """Twelve months, each against the twelve before it.

        Parameters
        ----------
        dispersion
            "binomial": the exact test against chance. "laney": limits widened by how much the
            earlier months differ among themselves.
        office
            Its id or name; all together where left out.

        Returns
        -------
        Trends
            A row for each sector and month, with `signal`. The data must be open.

        Notes
        -----
        Each sector shares (1 - level) over twelve looks. Choose the dispersion before looking:
        taking whichever gives the signal that was hoped for doubles the risk.

        References
        ----------
        Shewhart (1931), Economic Control of Quality; Laney (2002), Quality Engineering 14:531.
        """
        self._check_full()
        one_of("dispersion", dispersion, get_args(Dispersion))
        office = self.ids(office=office)["office"]
        return self.made.once(
            ("trend", dispersion, office),
            lambda: trend(self, dispersion=dispersion, office=office),
        )

    def _check_full(self) -> None:
        """Refuse what is for the office alone, where the figures are published."""
        if self.document.view != "full":
            raise refused("published", True, said("asked.office_only"), said("asked.ask_full"))

    def __repr__(self) -> str:
        rest = f"{len(self.document.estimates)} rows at level {self.level:g}"
        return f"<Estimates {self.period.text}: {self.head('en').basis} {rest}>"

    def _repr_html_(self) -> str:
        return self.head()._repr_html_() + self.table("sectors")._repr_html_()


def estimated(data: Data, asked: Request) -> Estimates:
    """The figures that a request asks for, computed; data must be open."""
    responses = data.opened()
    document = analyse(responses, data.population, period=asked.period, **choices(data, asked))
    counted = count_scores(responses, document, asked.only, asked.flagged)
    return Estimates(data, asked, document, MappingProxyType(dict(counted)))
