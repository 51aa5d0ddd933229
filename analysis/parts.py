"""The figures of a period side by side: of every sector, office, measure or channel.

Owns which rows stand side by side and their short frame. Computes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from analysis.arguments import checked, one_of
from analysis.details import detail_columns
from analysis.document import EstimateRow
from analysis.listing import Listing, frame_of, noted
from analysis.reporting.table import Table
from analysis.reporting.teller import Teller
from analysis.reporting.wording import measure_title
from analysis.strata.survey import ALL
from questionnaires.layout import SIDES

if TYPE_CHECKING:
    from pandas import DataFrame

    from analysis.data import Labels
    from analysis.results import Estimates

PartName = Literal["sector", "office", "measure", "channel"]

_SHORT: Final = ("n", "population", "share", "low", "high", "mean")


@dataclass(frozen=True, slots=True)
class Parts(Listing[EstimateRow]):
    """The figures of every sector (office, measure, channel) side by side; from `Estimates.by`.

    No totals and no groups are among them, so that nothing is counted twice. `part`: of what they
    are, as given; `rows`: one a part, each an `EstimateRow`; `estimates`: the figures they are of.
    """

    row_type = EstimateRow

    estimates: Estimates = field(repr=False)
    part: PartName
    rows: tuple[EstimateRow, ...] = field(repr=False)

    @checked
    def to_frame(self, lang: str | None = None, *, full: bool = False) -> DataFrame:
        """One row a part, what it is called first; see `Estimates.to_frame` for `lang`, `full`."""
        found = self.estimates
        last = detail_columns(found.document, self.rows, found.scores) if full else {}
        columns = () if full else (self.part, *_SHORT)
        return frame_of(EstimateRow, self.rows, lang, result=self, columns=columns, last=last)

    @checked
    def table(self, lang: str | None = None) -> Table:
        """For people: share, interval and mean of each part.

        `lang`: "vi" or "en"; that of the data where left out.
        """
        found = self.estimates
        given = found.data.labels(lang)
        tell = Teller.of(found.document, **given)
        heads = (f"wording.headings.{self.part}", *_HEADS)
        frame_names = self.to_frame(given["lang"]).iloc[:, 0].tolist()
        made = Table(
            caption="" if self.part == "measure" or not self.rows else self._measure(given),
            head=tuple(tell.say(head, level=tell.level) for head in heads),
            rows=tuple(
                (str(name) + tell.beside(row), tell.share(row), tell.limits(row), tell.mean(row))
                for name, row in zip(frame_names, self.rows, strict=True)
            ),
            notes=tell.caution(self.rows),
            empty=tell.say("common.no_answers_yet"),
        )
        return noted(made, self, given["lang"])

    def _measure(self, given: Labels) -> str:
        """What the figures are of."""
        measure = self.rows[0].measure
        return given["names"].get(measure) or measure_title(measure, given["lang"])

    def __repr__(self) -> str:
        names = ", ".join(dict.fromkeys(str(getattr(row, self.part)) for row in self.rows))
        return f"<Parts {self.estimates.period.text} by {self.part}: {names}>"

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


_HEADS: Final = ("common.satisfied", "common.interval", "common.mean_score")


def parts_of(found: Estimates, part: PartName, fixed: Mapping[str, str]) -> Parts:
    """The rows of each part; `fixed`: the other keys of the rows, by their ids."""
    one_of("part", part, get_args(PartName))
    wanted = {key: value for key, value in fixed.items() if key != part}
    rows = tuple(
        row
        for row in found.document.estimates
        if _is_part(part, getattr(row, part))
        and all(getattr(row, key) == value for key, value in wanted.items())
    )
    return Parts(found, part, rows)


def _is_part(part: PartName, value: Any) -> bool:
    """Whether a value is one part and no total, group or side."""
    if part == "measure":
        return True
    return value != ALL and value not in SIDES and not str(value).startswith("group:")
