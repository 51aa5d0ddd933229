"""Numbers and verdicts as sentences for people, in Vietnamese and English. The one place for both.

Owns rounding and words of results. Reads rows of the verdict document; decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from analysis.document import EstimateRow, VerdictRow
from analysis.formulas.notes import Note
from analysis.formulas.strata import FIVE
from analysis.period import Period

COUNTS_ONLY_BELOW: Final = 5
"""Fewer answers are told as counts ("2 trên 3"), never as a percentage."""

DECIMALS_FROM: Final = 30
"""One decimal of a percentage from so many answers on, none below."""

UNRELIABLE_WIDTH: Final = 0.30
"""An interval this wide is said to be so (NCHS 2017)."""


class Figures(Protocol):
    """A row of the document, or an estimate: what the phrases below read of it."""

    @property
    def n(self) -> int: ...
    @property
    def respondents(self) -> int: ...
    @property
    def answered(self) -> int | None: ...
    @property
    def satisfied(self) -> int | None: ...
    @property
    def population(self) -> int | None: ...
    @property
    def response_rate(self) -> float | None: ...
    @property
    def share(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def mean(self) -> float | None: ...


class Rated(Figures, Protocol):
    """Figures with the top of the scale that their mean is on."""

    @property
    def scale(self) -> int: ...


VERDICTS: Final[dict[str, tuple[str, str]]] = {
    "met": ("Đạt", "Met"),
    "missed": ("Chưa đạt", "Missed"),
    "not_proven": ("Chưa đủ căn cứ", "Not proven yet"),
    "none": ("Chưa có câu trả lời", "No answers yet"),
    "withheld": ("Không công bố", "Not published"),
}

NOT_PUBLISHED: Final = ("không công bố", "not published")
WITHHELD_WHY: Final = (
    "Không công bố: con số dưới {minimum} người, hoặc con số mà từ đó tính ra được con số dưới"
    " {minimum} người.",
    "Not published: figures on fewer than {minimum} people, and those that would give them away.",
)
INTERNAL: Final = (
    "Nội bộ cơ quan: có cả con số về ít người. Đừng chuyển ra ngoài; bản để gửi đi là bản công bố.",
    "Internal to the office: it holds figures on few people. Do not pass it on; the published"
    " version is the one to send.",
)
STATUS: Final[dict[str, tuple[str, str]]] = {
    "running": (
        "Kỳ chưa kết thúc: chưa kết luận. Con số tính đến hết ngày gần nhất có thêm ít nhất 10"
        " phiếu; số phiếu đã nhận là của lúc này.",
        "The period is still running: no verdict yet. Figures are as of the last day's end with at"
        " least 10 more answers; the number of answers received is of this moment.",
    ),
    "closed": ("Kỳ đã kết thúc.", "The period is over."),
}

MEASURES: Final[dict[str, tuple[str, str]]] = {
    "overall": ("Hài lòng chung", "Overall satisfaction"),
    "index": ("Chỉ số hài lòng", "Satisfaction index"),
}

CHANNELS: Final[dict[str, tuple[str, str]]] = {
    "all": ("mọi kênh", "all channels"),
    "poster": ("áp phích QR", "QR poster"),
    "slip": ("phiếu QR một lần", "one-time QR slip"),
    "kiosk": ("ki-ốt", "kiosk"),
    "paper": ("phiếu giấy", "paper form"),
    "on_site": ("tại chỗ (ki-ốt, phiếu giấy)", "on site (kiosk, paper)"),
    "elsewhere": ("nơi khác (áp phích, phiếu QR)", "elsewhere (poster, slip)"),
}

ASSUMPTIONS: Final = (
    "Khoảng tin cậy chỉ nói lên sai số ngẫu nhiên do không phải ai cũng trả lời;"
    " kết quả giả định những người chưa trả lời cũng giống những người đã trả lời."
    " Giới hạn xa nhất có thể, khi mọi người chưa trả lời đều không hài lòng hoặc đều hài lòng,"
    " được ghi bên cạnh.",
    "The interval covers chance alone; the figures assume that those who did not answer are like"
    " those who did. The farthest possible limits, with everyone silent dissatisfied or satisfied,"
    " stand beside it.",
)


def choose(pair: tuple[str, str], lang: str) -> str:
    """The Vietnamese text, or the English one where `lang` is "en"."""
    return pair[1] if lang == "en" else pair[0]


def number(value: float, lang: str = "vi", decimals: int = 0) -> str:
    """A number as it is written: 1.234,5 in Vietnamese, 1,234.5 in English."""
    text = f"{value:,.{decimals}f}"
    return text if lang == "en" else text.translate(str.maketrans(",.", ".,"))


def percent(share: float | None, n: int, lang: str = "vi") -> str:
    """A share as a percentage, with the decimals that `n` answers can bear; "–" for None."""
    if share is None:
        return "–"
    return number(100 * share, lang, 1 if n >= DECIMALS_FROM else 0) + "%"


_STEPS: Final = {
    "top": ("từ {low} trở lên", "{low} or more"),
    "bottom": ("dưới {high}", "below {high}"),
    "between": ("từ {low} đến dưới {high}", "from {low} to below {high}"),
}
EXACT: Final = 0.001
"""A share published in steps of this size is told as a number."""


def share_text(row: Figures, lang: str = "vi") -> str:
    """The share of a row: a percentage, or the step in which it was published."""
    step = getattr(row, "step", None)
    if row.share is None or step is None or step <= EXACT:
        return percent(row.share, row.respondents, lang)
    low, high = (threshold(round(value, 6), lang) for value in (row.share, row.share + step))
    where = "top" if row.share + step > 1 - 1e-9 else "bottom" if row.share == 0 else "between"
    return choose(_STEPS[where], lang).format(low=low, high=high)


def threshold(value: float, lang: str = "vi") -> str:
    """A target as a percentage, with as many decimals as it was written with."""
    text = f"{100 * value:.6f}".rstrip("0").rstrip(".")
    return (text if lang == "en" else text.replace(".", ",")) + "%"


def percent_beside(share: float, n: int, target: float, lang: str = "vi") -> str:
    """`percent`, but never rounded up to a target that was not reached, nor down below one."""
    decimals = 1 if n >= DECIMALS_FROM else 0
    while decimals < 4 and (round(100 * share, decimals) >= 100 * target) != (share >= target):
        decimals += 1
    return number(100 * share, lang, decimals) + "%"


def answers(n: int, lang: str = "vi") -> str:
    """How many answers: "417 phiếu"."""
    if lang == "en":
        return f"{number(n, lang)} answer{'' if n == 1 else 's'}"
    return f"{number(n, lang)} phiếu"


def withheld_phrase(row: Figures, lang: str = "vi") -> str | None:
    """What stands in the place of figures that may not leave; None where they are there."""
    if not row.n or row.answered is not None:
        return None
    return choose(NOT_PUBLISHED, lang)


def share_phrase(row: Figures, lang: str = "vi") -> str:
    """The share of a row with its number of answers; counts alone where there are few."""
    n, share = row.respondents, row.share
    if share is None:
        return choose(VERDICTS["none"], lang)
    if n < COUNTS_ONLY_BELOW and row.satisfied is not None and row.answered is not None:
        of = "of" if lang == "en" else "trên"
        return f"{number(row.satisfied, lang)} {of} {number(row.answered, lang)}"
    return f"{share_text(row, lang)} ({answers(n, lang)})"


_WEIGHTED: Final = (", tính theo số hồ sơ", ", weighted by dossiers")


def weighted_phrase(row: EstimateRow, lang: str = "vi") -> str:
    """Says of a share over several strata that it is weighted; "" where it is a plain count."""
    several = row.sector == "all" or row.sector.startswith("group:") or row.months > 1
    weighted = several and row.method == "kg-s" and row.population is not None
    return choose(_WEIGHTED, lang) if weighted else ""


def interval_phrase(low: float | None, high: float | None, n: int, lang: str = "vi") -> str:
    """Limits rounded outwards, so that they never promise more: "88,9% – 94,6%"."""
    if low is None or high is None:
        return "–"
    scale = 10 if n >= DECIMALS_FROM else 1
    below = math.floor(100 * scale * low + 1e-9) / scale
    above = math.ceil(100 * scale * high - 1e-9) / scale
    decimals = 1 if scale == 10 else 0
    return f"{number(below, lang, decimals)}% – {number(above, lang, decimals)}%"


def rate_phrase(row: Figures, lang: str = "vi") -> str:
    """Answers of dossiers: "417/600 (69,5%)"; the answers alone where dossiers are not known."""
    if row.population is None:
        return number(row.n, lang)
    counts = f"{number(row.n, lang)}/{number(row.population, lang)}"
    rate = row.response_rate
    return counts if rate is None else f"{counts} ({percent(rate, row.population, lang)})"


def mean_phrase(row: Rated, lang: str = "vi") -> str:
    """The mean score; none below ten answers, where its interval says nothing.

    Of a scale that does not go to 5, its top is told: "8,21/10".
    """
    if row.mean is None or row.n < 10:
        return "–"
    top = "" if row.scale == FIVE else f"/{row.scale}"
    return number(row.mean, lang, 2) + top


def unreliable(row: Figures) -> bool:
    """Whether the share is too uncertain to be read by itself: few answers or a wide interval."""
    if row.low is None or row.high is None:
        return False
    census = row.low == row.high
    width = row.high - row.low
    return not census and (row.respondents < DECIMALS_FROM or width >= UNRELIABLE_WIDTH)


def verdict_word(verdict: VerdictRow, lang: str = "vi") -> str:
    """Đạt, Chưa đạt, Chưa đủ căn cứ, or that nobody answered."""
    return choose(VERDICTS[verdict.evidence or "none"], lang)


_BASIS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("open", "met"): (
        "{word} theo những người đã trả lời ({heard}; chỉ đúng nếu ít nhất {q} người chưa trả lời"
        " cũng hài lòng)",
        "{word} by those who answered ({heard}; true only if at least {q} of those who did not"
        " answer are satisfied too)",
    ),
    ("open", "missed"): (
        "{word} theo những người đã trả lời ({heard}; vẫn đạt nếu ít nhất {q} người chưa trả lời"
        " hài lòng)",
        "{word} by those who answered ({heard}; still met if at least {q} of those who did not"
        " answer are satisfied)",
    ),
    ("certain", ""): (
        "{word}, dù những người chưa trả lời nghĩ thế nào ({heard})",
        "{word}, whatever those who did not answer think ({heard})",
    ),
    ("census", ""): (
        "{word} theo tất cả mọi người ({heard})",
        "{word} by everybody ({heard})",
    ),
}
_NO_Q: Final = (
    "{word} theo những người đã trả lời ({heard}; chưa có số hồ sơ nên không biết bao nhiêu người"
    " chưa trả lời)",
    "{word} by those who answered ({heard}; without dossier counts nobody knows how many did not)",
)
_OF: Final = ("{n} trên {N}", "{n} of {N}")


def basis_phrase(verdict: VerdictRow, lang: str = "vi") -> str:
    """The verdict and on whom it rests: "Đạt theo những người đã trả lời (34 trên 60; …)"."""
    word = verdict_word(verdict, lang)
    if verdict.evidence not in ("met", "missed") or verdict.basis is None:
        return word
    heard = answers(verdict.n, lang)
    if verdict.population:
        n, N = number(verdict.n, lang), number(verdict.population, lang)
        heard = choose(_OF, lang).format(n=n, N=N)
    open_ = verdict.basis == "open"
    pair = _BASIS[verdict.basis, verdict.evidence if open_ else ""]
    if open_ and verdict.q is None:
        pair = _NO_Q
    least = math.ceil(100 * min(max(verdict.q or 0.0, 0.0), 1.0) - 1e-9)
    return choose(pair, lang).format(word=word, heard=heard, q=f"{least}%")


_LIMITS: Final[dict[str, tuple[str, str]]] = {
    "met": ("giới hạn dưới {lower} ≥ {aim}", "lower limit {lower} ≥ {aim}"),
    "missed": ("giới hạn trên {upper} < {aim}", "upper limit {upper} < {aim}"),
    "met rounded": (
        "giới hạn dưới, làm tròn theo bậc, {lower}; kết luận theo con số đầy đủ",
        "lower limit, rounded in steps, {lower}; the verdict is that of the full figures",
    ),
    "missed rounded": (
        "giới hạn trên, làm tròn theo bậc, {upper}; kết luận theo con số đầy đủ",
        "upper limit, rounded in steps, {upper}; the verdict is that of the full figures",
    ),
    "not_proven": (
        "giới hạn dưới {lower}, giới hạn trên {upper}, mục tiêu {aim}",
        "lower limit {lower}, upper limit {upper}, target {aim}",
    ),
}


def limit_phrase(verdict: VerdictRow, lang: str = "vi") -> str | None:
    """The one-sided limit that decided: "giới hạn dưới 86% ≥ 85%"; None without limits.

    A published limit may be rounded beyond the target: then no comparison is told.
    """
    lower, upper, aim = verdict.lower, verdict.upper, verdict.threshold
    if lower is None or upper is None or verdict.basis not in (None, "open"):
        return None
    if verdict.n < COUNTS_ONLY_BELOW or verdict.evidence not in _LIMITS:
        return None
    decimals = 1 if verdict.n >= DECIMALS_FROM else 0
    proven = {"met": lower >= aim, "missed": upper < aim}.get(verdict.evidence, True)
    told = verdict.evidence if proven else f"{verdict.evidence} rounded"
    return choose(_LIMITS[told], lang).format(
        lower=_outwards(lower, aim, decimals, lang, down=True),
        upper=_outwards(upper, aim, decimals, lang, down=False),
        aim=threshold(aim, lang),
    )


def _outwards(value: float, aim: float, decimals: int, lang: str, *, down: bool) -> str:
    """A limit rounded away from the share, with as many decimals as keep it on its side."""
    while True:
        scale = 10**decimals
        percents = 100 * scale * value
        rounded = (math.floor(percents + 1e-9) if down else math.ceil(percents - 1e-9)) / scale
        if decimals >= 4 or (rounded >= 100 * aim - 1e-9) == (value >= aim - 1e-12):
            return number(rounded, lang, decimals) + "%"
        decimals += 1


_REASONS: Final[dict[str, tuple[str, str]]] = {
    "running": (
        "Kỳ chưa kết thúc nên chưa kết luận",
        "The period is still running, so there is no verdict yet",
    ),
    "coverage": (
        "Không kết luận: các lĩnh vực và tháng có phiếu chỉ ứng với {coverage} số hồ sơ, cần ít"
        " nhất {required}",
        "No verdict: the sectors and months with answers hold only {coverage} of the dossiers; at"
        " least {required} are needed",
    ),
    "not_counted": (
        "Không kết luận: chưa có số hồ sơ của các tháng nên không biết phiếu đại diện cho ai",
        "No verdict: no month's dossiers are known, so nobody can say whom the answers stand for",
    ),
}


_MONTHS: Final = (
    "Không kết luận: mới có phiếu trong {coverage} số tháng, cần ít nhất {required}",
    "No verdict: only {coverage} of the months have answers; at least {required} are needed",
)


def reason_phrase(verdict: VerdictRow, required: float, lang: str = "vi") -> str | None:
    """Why nothing is concluded whatever the limits say; None where they decide."""
    if verdict.reason is None:
        return None
    covered = verdict.coverage or 0.0
    months = verdict.reason == "coverage" and verdict.population is None
    return choose(_MONTHS if months else _REASONS[verdict.reason], lang).format(
        coverage=f"{math.floor(100 * covered + 1e-9)}%", required=threshold(required, lang)
    )


_COVERED: Final = (
    "Có phiếu trong {k} trên {m} tháng, ứng với {share} số hồ sơ",
    "Answers in {k} of {m} months, for {share} of the dossiers",
)


_ALIKE: Final = (
    "Có phiếu trong {k} trên {m} tháng; các tháng được tính như nhau",
    "Answers in {k} of {m} months; every month counts alike",
)


def coverage_phrase(row: EstimateRow, period: Period, lang: str = "vi") -> str | None:
    """Which part of a longer period the answers stand for; None of a month or without dossiers."""
    if len(period.months) == 1 or row.coverage is None:
        return None
    if row.population is None:
        return choose(_ALIKE, lang).format(k=row.months, m=len(period.months))
    share = f"{math.floor(100 * row.coverage + 1e-9)}%"
    return choose(_COVERED, lang).format(k=row.months, m=len(period.months), share=share)


def point_phrase(verdict: VerdictRow, row: EstimateRow | None, lang: str = "vi") -> str:
    """The plain reading beside the verdict: "Tỷ lệ 92,1% (417 phiếu), mục tiêu 90%"."""
    aim = threshold(verdict.threshold, lang)
    if verdict.share is None or row is None:
        return f"Target {aim}" if lang == "en" else f"Mục tiêu {aim}"
    n = row.respondents
    if n < COUNTS_ONLY_BELOW:
        found = share_phrase(row, lang)
        return f"{found}, target {aim}" if lang == "en" else f"{found} hài lòng, mục tiêu {aim}"
    stepped = row.step is not None and row.step > EXACT
    plain = percent_beside(verdict.share, n, verdict.threshold, lang)
    share = share_text(row, lang) if stepped else plain
    found = f"{share} ({answers(n, lang)}{weighted_phrase(row, lang)})"
    return f"Share {found}, target {aim}" if lang == "en" else f"Tỷ lệ {found}, mục tiêu {aim}"


_MORE: Final = (
    "Cần thêm khoảng {n} phiếu nếu tỷ lệ giữ nguyên",
    "About {n} more answer(s) would settle it if the share stays the same",
)
_WHOLE: Final = (
    "Với tỷ lệ này, một kỳ như thế cần khoảng {whole} mới đủ căn cứ",
    "At this share a period like this takes about {whole} for a verdict",
)


def settle_phrase(
    verdict: VerdictRow, row: EstimateRow | None, lang: str = "vi", *, running: bool
) -> str | None:
    """How many answers would settle a verdict that is not proven; None where none can be named.

    Further answers are told of a running period alone: none can come to one that is over.
    """
    needed = verdict.responses_needed
    undecided = verdict.evidence == "not_proven" and verdict.reason in (None, "running")
    if not undecided or not needed or row is None:
        return None
    if running:
        return choose(_MORE, lang).format(n=number(needed, lang))
    whole = needed + row.respondents
    if row.population is not None and whole > row.population:
        return None
    return choose(_WHOLE, lang).format(whole=answers(whole, lang))


def verdict_sentence(
    verdict: VerdictRow,
    row: EstimateRow | None,
    lang: str = "vi",
    *,
    running: bool = False,
    required: float = 0.8,
) -> str:
    """The verdict in words with its basis, the limit that decided, its point reading, what settles.

    `row` is the estimate of the same office, sector and measure (`Document.row_of`): no percentage
    is told without its number of answers.
    """
    parts = (
        basis_phrase(verdict, lang),
        reason_phrase(verdict, required, lang),
        point_phrase(verdict, row, lang),
        _capital(limit_phrase(verdict, lang)),
        settle_phrase(verdict, row, lang, running=running),
    )
    return ". ".join(part for part in parts if part) + "."


def _capital(text: str | None) -> str | None:
    return text and text[:1].upper() + text[1:]


def note_of(
    entry: EstimateRow | VerdictRow, lang: str = "vi", names: Mapping[str, str] | None = None
) -> str | None:
    """The notes of a row or verdict in one language; `names` of offices and sectors."""
    return notes_text(entry.notes, lang, names)


def notes_text(
    notes: Iterable[Note], lang: str = "vi", names: Mapping[str, str] | None = None
) -> str | None:
    """Notes as sentences; None without any."""
    return " ".join(note.text(lang, names or {}) for note in notes) or None
