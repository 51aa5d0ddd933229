"""How many answers a whole period takes to prove a target, as a table for people.

Owns its columns and what must be said about them. Figures come in with the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from analysis.targets import Targets
from analysis.telling import wording
from analysis.telling.labels import Names, sector_name
from analysis.telling.tables import Table

_CAPTION: Final = (
    "Một kỳ cần bao nhiêu phiếu để chứng tỏ mục tiêu đã đạt",
    "Answers that a period takes to prove a target",
)
_HEADS: Final = (
    ("Lĩnh vực", "Sector"),
    ("Mục tiêu", "Target"),
    ("Phiếu/hồ sơ", "Answers/dossiers"),
    ("Để {power} khả năng kết luận đạt", "For a {power} chance of the verdict met"),
    ("Ít nhất, nếu ai cũng hài lòng", "Fewest, if all are satisfied"),
    ("Theo hướng dẫn 2014", "By the 2014 guidance"),
)
_NEVER: Final = ("không chứng tỏ được", "cannot be proven")
_UNKNOWN: Final = ("chưa rõ số hồ sơ", "dossiers not known")
_NOTES: Final = (
    (
        "Cột thứ tư giả sử tỷ lệ hài lòng thật là {share}; đó là giả định, không phải kết quả."
        " Nếu tỷ lệ thật thấp hơn thì cần nhiều phiếu hơn.",
        "The fourth column supposes that {share} are truly satisfied; that is an assumption, not a"
        " result. Where the true share is lower, more answers are needed.",
    ),
    (
        "Hướng dẫn 2014 (công văn 1159/BNV-CCHC): n = N/(1 + N·0,05²). Công thức này không xét mục"
        " tiêu nào, nên đủ số phiếu ấy vẫn có thể chưa đủ căn cứ.",
        "The 2014 guidance (1159/BNV-CCHC): n = N/(1 + N·0.05²). It looks at no target, so that as"
        " many answers may still prove nothing.",
    ),
)
_EMPTY: Final = ("Không có mục tiêu nào để tính.", "There is no target to plan for.")


class Planned(Protocol):
    """What a row of the plan tells."""

    @property
    def sector(self) -> str: ...
    @property
    def threshold(self) -> float: ...
    @property
    def deadline(self) -> int: ...
    @property
    def n(self) -> int: ...
    @property
    def population(self) -> int | None: ...
    @property
    def true_share(self) -> float: ...
    @property
    def power(self) -> float: ...
    @property
    def for_power(self) -> int | None: ...
    @property
    def all_satisfied(self) -> int | None: ...
    @property
    def guidance(self) -> int | None: ...


def planning_table(
    rows: Sequence[Planned], *, names: Names, targets: Targets, lang: str = "vi"
) -> Table:
    """A row for each target and sector. Numbers depend on dossiers and targets, on no answer."""
    power = wording.threshold(rows[0].power, lang) if rows else ""
    share = wording.threshold(rows[0].true_share, lang) if rows else ""
    return Table(
        caption=wording.choose(_CAPTION, lang),
        head=tuple(wording.choose(pair, lang).format(power=power) for pair in _HEADS),
        rows=tuple(
            (
                sector_name(row.sector, targets, names, lang),
                f"{row.deadline}: {wording.threshold(row.threshold, lang)}",
                _so_far(row, lang),
                _count(row.for_power, _NEVER, lang),
                _count(row.all_satisfied, _NEVER, lang),
                _count(row.guidance, _UNKNOWN, lang),
            )
            for row in rows
        ),
        notes=tuple(wording.choose(pair, lang).format(share=share) for pair in _NOTES)
        if rows
        else (),
        empty=wording.choose(_EMPTY, lang),
    )


def _so_far(row: Planned, lang: str) -> str:
    n = wording.number(row.n, lang)
    return n if row.population is None else f"{n}/{wording.number(row.population, lang)}"


def _count(value: int | None, otherwise: tuple[str, str], lang: str) -> str:
    return wording.choose(otherwise, lang) if value is None else wording.number(value, lang)
