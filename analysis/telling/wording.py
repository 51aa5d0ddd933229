"""Numbers and verdicts as sentences for people, in Vietnamese and English. The one place for both.

Owns rounding and words of results. Reads rows of the verdict document; computes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

COUNTS_ONLY_BELOW: Final = 5
"""Fewer answers are told as counts ("2 trên 3"), never as a percentage."""

DECIMALS_FROM: Final = 30
"""One decimal of a percentage from so many answers on, none below."""

UNRELIABLE_WIDTH: Final = 0.30
"""An interval this wide is said to be so (NCHS 2017)."""

Row = Mapping[str, Any]

VERDICTS: Final[dict[str, tuple[str, str]]] = {
    "met": ("Đạt", "Met"),
    "missed": ("Chưa đạt", "Missed"),
    "not_proven": ("Chưa đủ căn cứ", "Not proven yet"),
    "none": ("Chưa có câu trả lời", "No answers yet"),
    "withheld": ("Không công bố", "Not published"),
}

TOO_FEW: Final = ("ít hơn 5 phiếu", "fewer than 5 answers")
NOT_PUBLISHED: Final = ("không công bố", "not published")
WITHHELD_WHY: Final = (
    "Không công bố: con số ấy cùng các con số khác sẽ cho biết ít hơn 5 người trả lời thế nào.",
    "Not published: together with other figures it would tell what fewer than 5 people answered.",
)
ONE_OF_TWO: Final = (
    "Lưu ý: bản này chỉ tính một phần số phiếu. Gửi đi bản này hoặc bản tính mọi phiếu, đừng gửi cả"
    " hai: lấy bản nọ trừ bản kia có thể ra ý kiến của ít hơn 5 người.",
    "Note: this counts a part of the answers. Pass on this or the one that counts them all, not"
    " both: one less the other may give the opinions of fewer than 5 people.",
)
"""Of a published document that leaves a questionnaire or flagged answers out."""

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


def people(row: Row) -> int:
    """How many people a share rests on: those who answered the item, or any item of an index."""
    return int(row["n"] if row["answered"] is None else min(row["n"], row["answered"]))


def withheld_phrase(row: Row, lang: str = "vi") -> str | None:
    """What stands in the place of figures that may not leave; None where they may."""
    if not row["n"] or row["publishable"]:
        return None
    return choose(TOO_FEW if row["n"] < COUNTS_ONLY_BELOW else NOT_PUBLISHED, lang)


def share_phrase(row: Row, lang: str = "vi") -> str:
    """The share of a row with its number of answers; counts alone where there are few."""
    n, share = people(row), row["share"]
    if share is None:
        return choose(VERDICTS["none"], lang)
    if n < COUNTS_ONLY_BELOW:
        of = "of" if lang == "en" else "trên"
        return f"{number(row['satisfied'], lang)} {of} {number(row['answered'], lang)}"
    return f"{percent(share, n, lang)} ({answers(n, lang)})"


def interval_phrase(low: float | None, high: float | None, n: int, lang: str = "vi") -> str:
    """Limits rounded outwards, so that they never promise more: "88,9% – 94,6%"."""
    if low is None or high is None:
        return "–"
    scale = 10 if n >= DECIMALS_FROM else 1
    below = math.floor(100 * scale * low + 1e-9) / scale
    above = math.ceil(100 * scale * high - 1e-9) / scale
    decimals = 1 if scale == 10 else 0
    return f"{number(below, lang, decimals)}% – {number(above, lang, decimals)}%"


def rate_phrase(row: Row, lang: str = "vi") -> str:
    """Answers of dossiers: "417/600 (69,5%)"; the answers alone where dossiers are not known."""
    if row["population"] is None:
        return number(row["n"], lang)
    counts = f"{number(row['n'], lang)}/{number(row['population'], lang)}"
    rate = row["response_rate"]
    return counts if rate is None else f"{counts} ({percent(rate, row['population'], lang)})"


def mean_phrase(row: Row, lang: str = "vi") -> str:
    """The mean score of 1..5; none below ten answers, where its interval says nothing."""
    if row["mean"] is None or row["n"] < 10:
        return "–"
    return number(row["mean"], lang, 2)


def unreliable(row: Row) -> bool:
    """Whether the share is too uncertain to be read by itself: few answers or a wide interval."""
    if row["low"] is None or row["high"] is None:
        return False
    census = row["low"] == row["high"]
    width = row["high"] - row["low"]
    return not census and (people(row) < DECIMALS_FROM or width >= UNRELIABLE_WIDTH)


def verdict_word(verdict: Row, lang: str = "vi") -> str:
    """Đạt, Chưa đạt, Chưa đủ căn cứ, or that nobody answered."""
    return choose(VERDICTS[verdict["evidence"]], lang)


def point_phrase(verdict: Row, row: Row | None, lang: str = "vi") -> str:
    """The plain reading beside the verdict: "Tỷ lệ 92,1% (417 phiếu), mục tiêu 90%"."""
    aim = threshold(verdict["threshold"], lang)
    if verdict["share"] is None or row is None:
        return f"Target {aim}" if lang == "en" else f"Mục tiêu {aim}"
    n = people(row)
    if n < COUNTS_ONLY_BELOW:
        found = share_phrase(row, lang)
        return f"{found}, target {aim}" if lang == "en" else f"{found} hài lòng, mục tiêu {aim}"
    share = percent_beside(verdict["share"], n, verdict["threshold"], lang)
    found = f"{share} ({answers(n, lang)})"
    return f"Share {found}, target {aim}" if lang == "en" else f"Tỷ lệ {found}, mục tiêu {aim}"


def settle_phrase(verdict: Row, lang: str = "vi") -> str | None:
    """What would settle a verdict that is not proven; None where there is nothing to say."""
    needed = verdict["responses_needed"]
    if verdict["evidence"] != "not_proven" or not needed:
        return None
    if lang == "en":
        more = f"{number(needed, lang)} more answer{'' if needed == 1 else 's'}"
        return f"About {more} would settle it if the share stays the same"
    return f"Cần thêm khoảng {answers(needed, lang)} nếu tỷ lệ giữ nguyên"


def verdict_sentence(verdict: Row, row: Row | None, lang: str = "vi") -> str:
    """The verdict in words, its point reading, and what would settle it.

    `row` is the estimate of the same office, sector and measure (`document.row_of`): no percentage
    is told without its number of answers.
    """
    parts = [verdict_word(verdict, lang), point_phrase(verdict, row, lang)]
    settled = settle_phrase(verdict, lang)
    return ". ".join([*parts, settled] if settled else parts) + "."


def estimate_sentence(row: Row, level: float, lang: str = "vi") -> str:
    """A row in a sentence: share, answers, interval, and answers of dossiers."""
    found = share_phrase(row, lang)
    if row["share"] is None:
        return found + "."
    limits = interval_phrase(row["low"], row["high"], people(row), lang)
    if lang == "en":
        return f"Satisfied: {found}; {threshold(level, lang)} interval {limits}."
    return f"Hài lòng: {found}; khoảng tin cậy {threshold(level, lang)}: {limits}."


def note_of(entry: Row, lang: str = "vi") -> str | None:
    """The note of a row or verdict in one language."""
    note = entry["note"]
    if note is None:
        return None
    vi, _, en = str(note).partition(" / ")
    return en or vi if lang == "en" else vi
