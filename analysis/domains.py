"""Figures by a covariate: how satisfied each part of the people is, for the office's own use.

Owns the rows of domains and why they are never published. Their figures are those of the document:
a domain is what a channel is there, a part of the answers within the same strata.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from analysis.arguments import checked, one_of, text
from analysis.data import Data, id_of
from analysis.details import count_scores, detail_columns
from analysis.document import Document, EstimateRow, analyse
from analysis.errors import Problem, Refusal, UnknownName, said
from analysis.input.columns import as_text
from analysis.input.responses import Responses
from analysis.input.scores import NO_SCORES, ScoreCounts
from analysis.input.sources import run
from analysis.listing import EMPTY, Listing, frame_of, noted
from analysis.reporting.table import Table
from analysis.reporting.teller import Teller
from analysis.strata.survey import ALL, DOMAIN
from analysis.words import say

if TYPE_CHECKING:
    from pandas import DataFrame

_SHORT: Final = ("office", "sector", "measure", "n", "share", "low", "high", "mean")
_LEFT: Final = ("channel", "notes")

MOST: Final = 50
"""Values of a covariate; more of them name single people."""

_LAYOUT: Final = ("procedure",)


class DomainRow(NamedTuple):
    """A row of one domain. `value`: the covariate's, None for people without one."""

    value: str | None
    estimate: EstimateRow


@dataclass(frozen=True, slots=True)
class Domains(Listing[DomainRow]):
    """The figures of a period by one covariate; from `analysis.estimate(…, by=…)`.

    For the office's own use: nothing of it is ever published. `by`: the covariate; `document`: the
    figures of each of its values.
    """

    row_type = DomainRow
    inner = Listing.inner | {"scores"}

    data: Data = field(repr=False)
    by: str
    document: Document = field(repr=False)
    scores: ScoreCounts = field(default_factory=lambda: NO_SCORES, repr=False, compare=False)

    @property
    def rows(self) -> tuple[DomainRow, ...]:
        """Every row, value by value, in the order of the document."""
        return tuple(
            DomainRow(row.channel.removeprefix(DOMAIN) or None, row._replace(channel=ALL))
            for row in self.document.estimates
            if row.channel.startswith(DOMAIN)
        )

    @checked
    def pick(
        self,
        value: str | None,
        *,
        office: str = ALL,
        sector: str = ALL,
        measure: str = "overall",
    ) -> EstimateRow:
        """The row of a `value` of the covariate; None is for people without one.

        `office`, `sector`: ids or names, the total where left out. `measure`: "overall", "index",
        an element or an item. Refusal (a LookupError too) names what there is where there is none.
        """
        if value is not None:
            text("value", value)
            known = dict.fromkeys(one.value for one in self.rows if one.value is not None)
            one_of("value", value, list(known))
        wanted = self._ids(office=office, sector=sector, measure=measure)
        row = self.document.pick(**wanted, channel=DOMAIN + (value or ""))
        if row is None:
            written = ", ".join(f"{key} {name}" for key, name in wanted.items())
            what, remedy = said("argument.not_together"), said("argument.look")
            raise UnknownName([Problem(said("argument.row"), written, what, remedy)])
        return row._replace(channel=ALL)

    def _ids(self, **called: str) -> dict[str, str]:
        """The keys of rows by their ids; UnknownName where one of them is in no row."""
        rows = self.document.estimates
        return {
            key: name
            if isinstance(name, str) and name == ALL
            else id_of(self.data, key, name, (str(getattr(row, key)) for row in rows))
            for key, name in called.items()
        }

    @checked
    def published(self) -> NoReturn:
        """Refusal: the rule of publication is proven for its own tables alone.

        A covariate cuts the same people once more. What such a table gives away beside the
        published ones depends on every other table of the year, and no rule of ours covers that.
        """
        what, remedy = said("published.covariate", name=self.by), said("published.without")
        raise Refusal([Problem(said("name.published"), said("place.by"), what, remedy)])

    @checked
    def to_frame(self, lang: str | None = None, *, full: bool = False) -> DataFrame:
        """As of `Estimates.to_frame` (`lang`, `full`), with the covariate and no channel."""
        rows = self.rows
        domains = [row for row in self.document.estimates if row.channel.startswith(DOMAIN)]
        columns = _SHORT if not full else tuple(n for n in EstimateRow._fields if n not in _LEFT)
        return frame_of(
            EstimateRow,
            tuple(row.estimate for row in rows),
            lang,
            result=self,
            columns=(*columns, "note") if full else columns,
            first={self.by: [row.value for row in rows]},
            last=detail_columns(self.document, domains, self.scores) if full else EMPTY,
        )

    @checked
    def table(
        self,
        *,
        office: str = ALL,
        sector: str = ALL,
        measure: str = "overall",
        lang: str | None = None,
    ) -> Table:
        """One row a value for people.

        `office`, `sector`: ids or names, the total where left out. `measure`: "overall", "index",
        an element or an item. `lang`: "vi" or "en"; that of the data where left out.
        """
        wanted = self._ids(office=office, sector=sector, measure=measure)
        given = self.data.labels(lang)
        tell = Teller.of(self.document, **given)
        rows = [row for row in self.rows if row.estimate[:3] == tuple(wanted.values())]
        heads = ("common.satisfied", "common.interval", "common.mean_score")
        made = Table(
            caption=say("domains.caption", given["lang"], by=self.by),
            head=(self.by, *(tell.say(head, level=tell.level) for head in heads)),
            rows=tuple(
                (
                    (row.value or say("domains.none", given["lang"])) + tell.beside(row.estimate),
                    tell.share(row.estimate),
                    tell.limits(row.estimate),
                    tell.mean(row.estimate),
                )
                for row in rows
            ),
            notes=(
                say("wording.internal", given["lang"]),
                *tell.caution([row.estimate for row in rows]),
            ),
            empty=tell.say("common.no_answers_yet"),
        )
        return noted(made, self, given["lang"])

    def __repr__(self) -> str:
        values = ", ".join(dict.fromkeys(row.value or "–" for row in self.rows))
        return f"<Domains {self.document.period.text} by {self.by}: {values}>"

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def by_covariate(data: Data, by: str, period: Any, options: Mapping[str, Any]) -> Domains:
    """The figures of a period by a covariate; Refusal where there is no such one."""
    responses = data.opened()
    known = (*responses.covariates, *_LAYOUT)
    one_of("by", by, known)
    divided = _divided(responses, by)
    document = analyse(divided, data.population, period=period, **options)
    counted = count_scores(divided, document, options["only"], options["flagged"])
    return Domains(data, by, document, MappingProxyType(dict(counted)))


def _divided(responses: Responses, by: str) -> Responses:
    """The same responses, the value of a column in the place of the channel."""
    import ibis

    table = responses.table
    value = as_text(table[by])
    found = run(responses.source, table.select(value=value).distinct().limit(MOST + 1))
    if len(found) > MOST:
        what, remedy = said("choice.many_groups", most=MOST), said("choice.group_first")
        raise Refusal([Problem(responses.name, said("place.column", column=by), what, remedy)])
    domain = ibis.literal(DOMAIN) + value.fill_null("")
    return replace(responses, table=table.mutate(channel=domain))
