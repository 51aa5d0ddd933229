"""Tables of what an analyst asks beside the verdicts: differences, plans, weights, trends, indices.

Owns their columns and words. Figures come in with the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

from analysis.insights.trend import Dispersion
from analysis.period import month_name
from analysis.reporting import wording
from analysis.reporting.section import difference_phrase, risk_of
from analysis.reporting.tables import Table
from analysis.reporting.wording import Names, sector_name
from analysis.statistics.comparisons import Difference, Signal
from analysis.strata.survey import ALL
from analysis.targets import Targets

_DIFFERENCE_CAPTION: Final = ("Khác nhau bao nhiêu", "How much they differ")
_DIFFERENCE_HEADS: Final = (
    ("So sánh", "Compared"),
    ("Bên thứ nhất", "First"),
    ("Bên thứ hai", "Second"),
    ("Chênh lệch (khoảng tin cậy {level})", "Difference ({level} interval)"),
    ("Kết luận", "Conclusion"),
)
_AGAINST: Final = ("{first} so với {second}", "{first} against {second}")
_DIFFERENCE_SIGNALS: Final[dict[Signal, tuple[str, str]]] = {
    "higher": ("cao hơn", "higher"),
    "lower": ("thấp hơn", "lower"),
    "none": ("chưa thấy khác ngoài ngẫu nhiên", "no more than chance"),
    "unknown": ("chưa đủ phiếu", "too few answers"),
}
_DIFFERENCE_BASIS: Final = (
    "Khoảng tin cậy của chênh lệch theo Newcombe (1998). Cột kết luận xét mọi so sánh trong bảng"
    " cùng lúc: nhiều nhất {risk} trong 100 bảng như vậy có dù chỉ một kết luận nhầm khi thật ra"
    " không có gì khác nhau.",
    "Intervals of differences by Newcombe (1998). The last column takes all comparisons of the"
    " table at once: where nothing truly differs, at most {risk} of 100 such tables hold any false"
    " conclusion.",
)
_DIFFERENCE_EMPTY: Final = ("Chưa có gì để so sánh.", "There is nothing to compare yet.")


class Compared(Protocol):
    """What a row of differences tells."""

    @property
    def office(self) -> str: ...
    @property
    def sector(self) -> str: ...
    @property
    def first(self) -> str: ...
    @property
    def second(self) -> str: ...
    @property
    def first_share(self) -> float | None: ...
    @property
    def second_share(self) -> float | None: ...
    @property
    def difference(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def answers(self) -> int: ...
    @property
    def signal(self) -> Signal: ...


def difference_table(
    rows: Sequence[Compared], *, level: float, names: Names, targets: Targets, lang: str = "vi"
) -> Table:
    """A row for each comparison that has a difference."""

    def name(id_: str) -> str:
        return names.get(id_) or sector_name(id_, targets, names, lang)

    shown = [row for row in rows if row.difference is not None]
    basis = wording.choose(_DIFFERENCE_BASIS, lang).format(risk=risk_of(level, lang))
    percent = wording.threshold(level, lang)
    return Table(
        caption=wording.choose(_DIFFERENCE_CAPTION, lang),
        head=tuple(wording.choose(pair, lang).format(level=percent) for pair in _DIFFERENCE_HEADS),
        rows=tuple(
            (
                _about(row, name, lang),
                wording.percent(row.first_share, row.answers, lang),
                wording.percent(row.second_share, row.answers, lang),
                _gap(row, lang),
                wording.choose(_DIFFERENCE_SIGNALS[row.signal], lang),
            )
            for row in shown
        ),
        notes=(basis,) if shown else (),
        empty=wording.choose(_DIFFERENCE_EMPTY, lang),
    )


def _about(row: Compared, name: Callable[[str], str], lang: str) -> str:
    """The two sides, after the office and sector that both are about where there are several."""
    sides = wording.choose(_AGAINST, lang).format(first=name(row.first), second=name(row.second))
    where = [name(part) for part in (row.office, row.sector) if part not in ("", ALL)]
    return f"{', '.join(where)}: {sides}" if where else sides


def _gap(row: Compared, lang: str) -> str:
    if row.difference is None or row.low is None or row.high is None:
        return "–"
    return difference_phrase(Difference(row.difference, row.low, row.high), row.answers, lang)


_PLANNING_CAPTION: Final = (
    "Một kỳ cần bao nhiêu phiếu để chứng tỏ mục tiêu đã đạt",
    "Answers that a period takes to prove a target",
)
_PLANNING_HEADS: Final = (
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
_PLANNING_EMPTY: Final = ("Không có mục tiêu nào để tính.", "There is no target to plan for.")


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
        caption=wording.choose(_PLANNING_CAPTION, lang),
        head=tuple(wording.choose(pair, lang).format(power=power) for pair in _PLANNING_HEADS),
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
        empty=wording.choose(_PLANNING_EMPTY, lang),
    )


def _so_far(row: Planned, lang: str) -> str:
    n = wording.number(row.n, lang)
    return n if row.population is None else f"{n}/{wording.number(row.population, lang)}"


def _count(value: int | None, otherwise: tuple[str, str], lang: str) -> str:
    return wording.choose(otherwise, lang) if value is None else wording.number(value, lang)


_WEIGHTING_CAPTION: Final = ("Tính lại với trọng số", "The same under weights")
_WEIGHTING_HEADS: Final = (
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
_WEIGHTING_MEANING: Final = (
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
        caption=wording.choose(_WEIGHTING_CAPTION, lang),
        head=tuple(wording.choose(pair, lang).format(level=percent) for pair in _WEIGHTING_HEADS),
        rows=tuple(
            (names.get(row.measure, row.measure), *_weighting_cells(row, lang))
            for row in found.rows
        ),
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
    yield say(_WEIGHTING_MEANING)
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


def _weighting_cells(row: UnderWeights, lang: str) -> tuple[str, ...]:
    return (
        wording.percent(row.plain, row.n, lang),
        wording.percent(row.share, row.n, lang),
        wording.interval_phrase(row.low, row.high, row.n, lang),
        _number(row.n_eff, 0, lang),
        _number(row.design_effect, 2, lang),
    )


def _number(value: float | None, decimals: int, lang: str) -> str:
    return "–" if value is None else wording.number(value, lang, decimals)


_TREND_CAPTION: Final = ("12 tháng: {sector}", "Twelve months: {sector}")
_TREND_HEADS: Final = (
    ("Tháng", "Month"),
    ("Hài lòng", "Satisfied"),
    ("Khoảng tin cậy {level}", "{level} interval"),
    ("Số người hài lòng", "Satisfied people"),
    ("Nếu như 12 tháng trước", "If like the twelve months before"),
    ("Mức thường gặp", "Usual shares"),
    ("Kết luận", "Conclusion"),
)
_OF: Final = ("{satisfied} trên {n}", "{satisfied} of {n}")
_TREND_SIGNALS: Final[dict[Signal, tuple[str, str]]] = {
    "higher": ("cao hơn hẳn", "clearly higher"),
    "lower": ("thấp hơn hẳn", "clearly lower"),
    "none": ("như trước", "as before"),
    "unknown": ("chưa so sánh được", "nothing to compare with"),
}
_TREND_BASIS: Final[dict[Dispersion, tuple[str, str]]] = {
    "binomial": (
        "Phép thử chính xác, chỉ tính đến ngẫu nhiên: nếu không có gì thay đổi thì trong 100 năm"
        " nhiều nhất {risk} năm có dù chỉ một tháng bị báo nhầm. Nếu các tháng vốn khác nhau nhiều"
        " hơn mức ngẫu nhiên thì sẽ báo nhầm nhiều hơn.",
        "The exact test, against chance alone: if nothing changes, at most {risk} of 100 years"
        " bring any false signal. Where months differ by more than chance anyway, more are false.",
    ),
    "laney": (
        "Biểu đồ p′ của Laney (2002): giới hạn được nới theo mức mà các tháng trước vốn khác nhau,"
        " với rủi ro báo nhầm khoảng {risk} trong 100 năm. Gần đúng; thay đổi nhỏ khó thấy hơn.",
        "Laney's p′ chart (2002): limits are widened by how much the earlier months differ among"
        " themselves, at a risk of about {risk} in 100 years. Approximate; small changes are harder"
        " to see.",
    ),
}
_TREND_EMPTY: Final = ("Chưa có câu trả lời nào.", "No answers yet.")


class MonthOfRow(Protocol):
    """What a month of a trend tells."""

    @property
    def month(self) -> str: ...
    @property
    def n(self) -> int: ...
    @property
    def satisfied(self) -> int: ...
    @property
    def share(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def expected(self) -> float | None: ...
    @property
    def usual_low(self) -> float | None: ...
    @property
    def usual_high(self) -> float | None: ...
    @property
    def signal(self) -> Signal: ...


def trend_table(
    rows: Sequence[MonthOfRow],
    *,
    sector: str,
    dispersion: Dispersion,
    level: float,
    names: Names,
    targets: Targets,
    lang: str = "vi",
) -> Table:
    """A row for each month of one sector."""
    called = sector_name(sector, targets, names, lang)
    percent, risk = wording.threshold(level, lang), risk_of(level, lang)
    return Table(
        caption=wording.choose(_TREND_CAPTION, lang).format(sector=called),
        head=tuple(wording.choose(pair, lang).format(level=percent) for pair in _TREND_HEADS),
        rows=tuple((month_name(row.month), *_trend_cells(row, lang)) for row in rows),
        notes=(wording.choose(_TREND_BASIS[dispersion], lang).format(risk=risk),) if rows else (),
        words=frozenset({6}),
        empty=wording.choose(_TREND_EMPTY, lang),
    )


def _trend_cells(row: MonthOfRow, lang: str) -> tuple[str, ...]:
    satisfied, n = (wording.number(count, lang) for count in (row.satisfied, row.n))
    few = row.n < wording.COUNTS_ONLY_BELOW
    expected = "–" if row.expected is None else wording.number(row.expected, lang, 1)
    return (
        "–" if few else wording.percent(row.share, row.n, lang),
        "–" if few else wording.interval_phrase(row.low, row.high, row.n, lang),
        wording.choose(_OF, lang).format(satisfied=satisfied, n=n),
        expected,
        wording.interval_phrase(row.usual_low, row.usual_high, row.n, lang),
        wording.choose(_TREND_SIGNALS[row.signal], lang),
    )


_INDEX_CAPTION: Final = ("Hai cách tính chỉ số hài lòng", "Two ways to an index")
_INDEX_HEADS: Final = (
    ("Nội dung", "Measure"),
    ("Hài lòng", "Satisfied"),
    ("Khoảng tin cậy {level}", "{level} interval"),
    ("Số người trả lời", "People"),
)
_WAYS: Final = {
    "index": ("Chỉ số: mọi câu trả lời ngang nhau", "Index: every answer counts alike"),
    "index_of_elements": (
        "Trung bình các yếu tố: mọi yếu tố ngang nhau",
        "Mean of elements: every element counts alike",
    ),
}
_INDEX_MEANING: Final = (
    "Mục tiêu và kết luận dùng chỉ số thứ nhất. Công thức chính thức chưa được công bố nên có cả"
    " hai; đừng so số của cách này với số của cách kia.",
    "Targets and verdicts take the first one. The official formula has not been published, hence"
    " both; never hold a figure of one against a figure of the other.",
)


class Indexed(Protocol):
    """What a row tells."""

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


def index_table(rows: Sequence[Indexed], *, level: float, names: Names, lang: str = "vi") -> Table:
    """A row for each element, then one for each index."""
    percent = wording.threshold(level, lang)
    return Table(
        caption=wording.choose(_INDEX_CAPTION, lang),
        head=tuple(wording.choose(pair, lang).format(level=percent) for pair in _INDEX_HEADS),
        rows=tuple(
            (
                _called(row.measure, names, lang),
                "–" if _few(row) else wording.percent(row.share, row.n, lang),
                "–" if _few(row) else wording.interval_phrase(row.low, row.high, row.n, lang),
                wording.number(row.n, lang),
            )
            for row in rows
        ),
        notes=(wording.choose(_INDEX_MEANING, lang),),
        strong=frozenset(number for number, row in enumerate(rows) if row.measure in _WAYS),
    )


def _called(measure: str, names: Names, lang: str) -> str:
    way = _WAYS.get(measure)
    return names.get(measure, measure) if way is None else wording.choose(way, lang)


def _few(row: Indexed) -> bool:
    return row.n < wording.COUNTS_ONLY_BELOW
