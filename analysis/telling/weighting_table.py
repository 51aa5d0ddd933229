"""Totals under weights beside those of the verdicts, as a table for people.

Owns its columns and words. Figures come in with the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from analysis.targets import Targets
from analysis.telling import wording
from analysis.telling.labels import Names, sector_name
from analysis.telling.tables import Table

_CAPTION: Final = ("Tính lại với trọng số", "The same under weights")
_HEADS: Final = (
    ("Nội dung", "Measure"),
    ("Theo kết luận", "As in the verdicts"),
    ("Với trọng số", "Under weights"),
    ("Khoảng tin cậy {level}", "{level} interval"),
    ("Số phiếu hiệu dụng", "Effective answers"),
    ("Hệ số thiết kế", "Design effect"),
)
_RAKED: Final = (
    "Trọng số khớp cùng lúc số hồ sơ của từng lĩnh vực trong tháng và từng kênh, sau {rounds} vòng;"
    " chỗ lệch nhiều nhất còn {gap} hồ sơ.",
    "The weights meet the dossiers of every sector and month and of every channel at once, after"
    " {rounds} rounds; the largest difference left is {gap} dossiers.",
)
_STRATIFIED: Final = (
    "Trọng số của một phiếu là số hồ sơ chia cho số phiếu của lĩnh vực trong tháng.",
    "The weight of an answer is the dossiers of its sector and month divided by its answers.",
)
_JOINED: Final = (
    "Lĩnh vực có hồ sơ mà không có phiếu, được gộp: {sectors}. Coi như người ở đó hài lòng như ở"
    " lĩnh vực được gộp vào.",
    "Sectors with dossiers and no answers, joined: {sectors}. Their people are taken to be as"
    " satisfied as those of the sector they are joined with.",
)
_ONE_JOINED: Final = (
    "{sector} ({dossiers} hồ sơ) vào {into}",
    "{sector} ({dossiers} dossiers) with {into}",
)
_LEFT_OUT: Final = (
    "Không có trong tổng, vì không có phiếu nào: {offices}.",
    "Not in the total, as nobody answered: {offices}.",
)
_UNCOVERED: Final = (
    "{n} chưa có số hồ sơ tương ứng nên đứng ngoài các con số này.",
    "{n} without a dossier count stand outside these figures.",
)
_MEANING: Final = (
    "Số phiếu hiệu dụng: bấy nhiêu phiếu lấy ngẫu nhiên đơn giản cho cùng độ chính xác. Hệ số thiết"
    " kế: số phiếu chia cho số ấy; lớn hơn 1 là trọng số đã làm mất độ chính xác.",
    "Effective answers: as many answers drawn simply at random are as precise. Design effect:"
    " answers divided by that; above 1, precision is lost to the weights.",
)


class UnderWeights(Protocol):
    """What a row under weights tells."""

    @property
    def measure(self) -> str: ...
    @property
    def n(self) -> int: ...
    @property
    def share(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def n_eff(self) -> float | None: ...
    @property
    def design_effect(self) -> float | None: ...
    @property
    def plain(self) -> float | None: ...


class JoinedSector(Protocol):
    """A sector whose dossiers count with another one's answers."""

    @property
    def office(self) -> str: ...
    @property
    def sector(self) -> str: ...
    @property
    def dossiers(self) -> int: ...
    @property
    def into(self) -> str: ...


class Weighting(Protocol):
    """Totals under weights, and how the weights came about."""

    @property
    def rows(self) -> Sequence[UnderWeights]: ...
    @property
    def rounds(self) -> int | None: ...
    @property
    def gap(self) -> float | None: ...
    @property
    def joined(self) -> Sequence[JoinedSector]: ...
    @property
    def left_out(self) -> Sequence[str]: ...
    @property
    def uncovered(self) -> int: ...


def weighting_table(
    found: Weighting, *, level: float, names: Names, targets: Targets, lang: str = "vi"
) -> Table:
    """A row for each measure."""
    percent = wording.threshold(level, lang)
    return Table(
        caption=wording.choose(_CAPTION, lang),
        head=tuple(wording.choose(pair, lang).format(level=percent) for pair in _HEADS),
        rows=tuple((names.get(row.measure, row.measure), *_cells(row, lang)) for row in found.rows),
        notes=tuple(_notes(found, names, targets, lang)),
    )


def _notes(found: Weighting, names: Names, targets: Targets, lang: str) -> Iterator[str]:
    """How the weights came about, what they mean, and whom they leave out."""

    def say(pair: tuple[str, str], **values: object) -> str:
        return wording.choose(pair, lang).format(**values)

    if found.rounds is None or found.gap is None:
        yield say(_STRATIFIED)
    else:
        yield say(_RAKED, rounds=found.rounds, gap=wording.number(found.gap, lang, 6))
    yield say(_MEANING)
    if found.joined:
        parts = (
            say(
                _ONE_JOINED,
                sector=sector_name(one.sector, targets, names, lang),
                dossiers=wording.number(one.dossiers, lang),
                into=sector_name(one.into, targets, names, lang),
            )
            for one in found.joined
        )
        yield say(_JOINED, sectors="; ".join(parts))
    if found.left_out:
        yield say(
            _LEFT_OUT, offices=", ".join(names.get(office, office) for office in found.left_out)
        )
    if found.uncovered:
        yield say(_UNCOVERED, n=wording.answers(found.uncovered, lang))


def _cells(row: UnderWeights, lang: str) -> tuple[str, ...]:
    return (
        wording.percent(row.plain, row.n, lang),
        wording.percent(row.share, row.n, lang),
        wording.interval_phrase(row.low, row.high, row.n, lang),
        _number(row.n_eff, 0, lang),
        _number(row.design_effect, 2, lang),
    )


def _number(value: float | None, decimals: int, lang: str) -> str:
    return "–" if value is None else wording.number(value, lang, decimals)
