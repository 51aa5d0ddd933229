"""Numbers, verdicts, names and headings in words, in Vietnamese and English.

Owns rounding and the words of results, for tables, charts, pages and data frames alike. Reads rows
of the verdict document; decides nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, Literal, Protocol

from analysis.document import Document, EstimateRow, VerdictRow
from analysis.period import Period, month_name
from analysis.statistics.estimates import Note
from analysis.statistics.strata import FIVE
from analysis.strata.pooling import GENERAL
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import localized, number, say
from questionnaires import OVERALL, Choices, Questionnaire

COUNTS_ONLY_BELOW: Final = 5
"""Fewer answers are told as counts ("2 trên 3"), never as a percentage."""

DECIMALS_FROM: Final = 30
"""One decimal of a percentage from so many answers on, none below."""

UNRELIABLE_WIDTH: Final = 0.30
"""An interval this wide is said to be so (NCHS 2017)."""


class RowFigures(Protocol):
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


class Rated(RowFigures, Protocol):
    """Figures with the top of the scale that their mean is on."""

    @property
    def scale(self) -> int: ...


MEASURES: Final = ("overall", "index")
"""The measures that every questionnaire has."""


def percent(share: float | None, n: int, lang: str, thresholds: Iterable[float] = ()) -> str:
    """A share as a percentage, with the decimals that `n` answers can bear; "–" for None.

    With more of them where it would be rounded to all or to nobody although it is neither, or to
    another side of one of the `thresholds`: up to a target not reached, or down below one.
    """
    if share is None:
        return "–"
    return number(100 * share, lang, decimals_of(share, n, thresholds)) + "%"


def decimals_of(share: float, n: int, thresholds: Iterable[float] = ()) -> int:
    """How many decimals `percent` gives a share."""
    found, thresholds = (1 if n >= DECIMALS_FROM else 0), tuple(thresholds)
    while found < _MOST_DECIMALS and _misleads(share, found, thresholds):
        found += 1
    return found


_MOST_DECIMALS: Final = 4


def _misleads(share: float, places: int, thresholds: tuple[float, ...]) -> bool:
    """Whether the rounded share would say all, nobody, or another side of a threshold."""
    shown = float(f"{100 * share:.{places}f}")
    if shown in (0.0, 100.0) and abs(100 * share - shown) > _SAME:
        return True
    return any((shown >= 100 * aim - _SAME) != (share >= aim - _SAME / 100) for aim in thresholds)


_SAME: Final = 1e-9
"""Percentages that differ by less are the same number, computed in two ways."""


EXACT: Final = 0.001
"""A share published in steps of this size is told as a number."""


def share_text(row: RowFigures, lang: str, thresholds: Iterable[float] = ()) -> str:
    """The share of a row: a percentage, or the step in which it was published.

    `thresholds`: the targets that it is held against, as for `percent`.
    """
    step = getattr(row, "step", None)
    if row.share is None or step is None or step <= EXACT:
        return percent(row.share, row.respondents, lang, thresholds)
    low, high = (threshold(round(value, 6), lang) for value in (row.share, row.share + step))
    where = "top" if row.share + step > 1 - 1e-9 else "bottom" if row.share == 0 else "between"
    return say(f"wording.steps.{where}", lang, low=low, high=high)


def threshold(value: float, lang: str) -> str:
    """A target as a percentage, with as many decimals as it was written with."""
    text = f"{100 * value:.6f}".rstrip("0").rstrip(".")
    return localized(text, lang) + "%"


def answers(n: int, lang: str) -> str:
    """How many answers: "417 phiếu"."""
    return say("answers.one" if n == 1 else "answers.many", lang, n=number(n, lang))


def withheld_phrase(row: RowFigures, lang: str) -> str | None:
    """What stands in the place of figures that may not leave; None where they are there."""
    if not row.n or row.answered is not None:
        return None
    return say("wording.not_published", lang)


def share_phrase(row: RowFigures, lang: str, thresholds: Iterable[float] = ()) -> str:
    """The share of a row with its number of answers; counts alone where there are few."""
    n, share = row.respondents, row.share
    if share is None:
        return say("verdict.none", lang)
    if n < COUNTS_ONLY_BELOW and row.satisfied is not None and row.answered is not None:
        counts = {"satisfied": number(row.satisfied, lang), "answered": number(row.answered, lang)}
        return say("wording.few", lang, **counts)
    return f"{share_text(row, lang, thresholds)} ({answers(n, lang)})"


def weighted_phrase(row: EstimateRow, lang: str) -> str:
    """Says of a share over several strata that it is weighted; "" where it is a plain count."""
    several = row.sector == "all" or row.sector.startswith("group:") or row.months > 1
    weighted = several and row.method == "kg-s" and row.population is not None
    return say("wording.weighted", lang) if weighted else ""


def interval_phrase(
    low: float | None,
    high: float | None,
    n: int,
    lang: str,
    thresholds: Iterable[float] = (),
) -> str:
    """Limits rounded outwards, so that they never promise more: "88,9% – 94,6%".

    Where everyone answered they are one number, and told as one.
    """
    if low is None or high is None:
        return "–"
    if certain(low, high):
        return percent(low, n, lang, thresholds)
    scale = 10 if n >= DECIMALS_FROM else 1
    below = math.floor(100 * scale * low + 1e-9) / scale
    above = math.ceil(100 * scale * high - 1e-9) / scale
    places = 1 if scale == 10 else 0
    return f"{number(below, lang, places)}% – {number(above, lang, places)}%"


def certain(low: float | None, high: float | None) -> bool:
    """Whether nothing is left between two limits: everyone answered."""
    return low is not None and high is not None and high - low < _SAME / 100


def interval_or_everyone(low: float | None, high: float | None, n: int, lang: str) -> str:
    """What stands behind a share in a sentence: its interval, or that everybody answered."""
    if certain(low, high):
        return say("target_lines.census", lang)
    return interval_phrase(low, high, n, lang)


def rate_phrase(row: RowFigures, lang: str) -> str:
    """Answers of dossiers: "417/600 (69,5%)"; the answers alone where dossiers are not known."""
    if row.population is None:
        return number(row.n, lang)
    counts = f"{number(row.n, lang)}/{number(row.population, lang)}"
    rate = row.response_rate
    return counts if rate is None else f"{counts} ({percent(rate, row.population, lang)})"


def mean_phrase(row: Rated, lang: str) -> str:
    """The mean score; none below ten answers, where its interval says nothing.

    Of a scale that does not go to 5, its top is told: "8,21/10".
    """
    if row.mean is None or row.n < 10:
        return "–"
    top = "" if row.scale == FIVE else f"/{row.scale}"
    return number(row.mean, lang, 2) + top


def unreliable(row: RowFigures) -> bool:
    """Whether the share is too uncertain to be read by itself: few answers or a wide interval."""
    if row.low is None or row.high is None:
        return False
    census = row.low == row.high
    width = row.high - row.low
    return not census and (row.respondents < DECIMALS_FROM or width >= UNRELIABLE_WIDTH)


def verdict_word(verdict: VerdictRow, lang: str) -> str:
    """Đạt, Chưa đạt, Chưa đủ căn cứ, or that nobody answered."""
    return say(f"verdict.{verdict.evidence or 'none'}", lang)


def basis_phrase(verdict: VerdictRow, lang: str) -> str:
    """The verdict and on whom it rests: "Đạt theo những người đã trả lời (34 trên 60; …)"."""
    word = verdict_word(verdict, lang)
    if verdict.basis == "recheck" and verdict.response_rate:
        counts = {"n": verdict.n, "drawn": round(verdict.n / verdict.response_rate)}
        told_counts = {name: number(value, lang) for name, value in counts.items()}
        return say("wording.basis.recheck", lang, word=word, **told_counts)
    if verdict.evidence not in ("met", "missed") or verdict.basis is None:
        return word
    heard = answers(verdict.n, lang)
    if verdict.population:
        n, N = number(verdict.n, lang), number(verdict.population, lang)
        heard = say("wording.of", lang, n=n, N=N)
    open_ = verdict.basis == "open"
    told = verdict.evidence if open_ and verdict.q is not None else verdict.basis
    least = math.ceil(100 * min(max(verdict.q or 0.0, 0.0), 1.0) - 1e-9)
    return say(f"wording.basis.{told}", lang, word=word, heard=heard, q=f"{least}%")


def limit_phrase(verdict: VerdictRow, lang: str) -> str | None:
    """The one-sided limit that decided: "giới hạn dưới 86% ≥ 85%"; None without limits.

    A published limit may be rounded beyond the target: then no comparison is told.
    """
    lower, upper, aim = verdict.lower, verdict.upper, verdict.threshold
    if lower is None or upper is None or verdict.basis not in (None, "open", "recheck"):
        return None
    if verdict.n < COUNTS_ONLY_BELOW or verdict.evidence is None:
        return None
    decimals = 1 if verdict.n >= DECIMALS_FROM else 0
    proven = {"met": lower >= aim, "missed": upper < aim}.get(verdict.evidence, True)
    told = verdict.evidence if proven else f"{verdict.evidence}_rounded"
    return say(
        f"wording.limits.{told}",
        lang,
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


def reason_phrase(verdict: VerdictRow, required: float, lang: str) -> str | None:
    """Why nothing is concluded whatever the limits say; None where they decide."""
    if verdict.reason is None:
        return None
    covered = verdict.coverage or 0.0
    months = verdict.reason == "coverage" and verdict.population is None
    return say(
        "wording.months" if months else f"wording.reasons.{verdict.reason}",
        lang,
        coverage=f"{math.floor(100 * covered + 1e-9)}%",
        required=threshold(required, lang),
    )


def coverage_phrase(row: EstimateRow, period: Period, lang: str) -> str | None:
    """Which part of a longer period the answers stand for; None of a month or without dossiers."""
    if len(period.months) == 1 or row.coverage is None:
        return None
    if row.population is None:
        return say("wording.alike", lang, k=row.months, m=len(period.months))
    share = f"{math.floor(100 * row.coverage + 1e-9)}%"
    return say("wording.covered", lang, k=row.months, m=len(period.months), share=share)


def reading_phrase(row: EstimateRow | None, thresholds: Iterable[float], lang: str) -> str:
    """The plain reading of what is judged: "Tỷ lệ hài lòng 92,1% (417 phiếu)"; or why none is.

    `thresholds` are those of the verdicts beside it.
    """
    if row is None:
        return capital(say("wording.unanswered", lang))
    instead = instead_of_figures(row, lang)
    if instead:
        return capital(instead)
    if row.respondents < COUNTS_ONLY_BELOW:
        return say("wording.few_satisfied", lang, found=share_phrase(row, lang))
    people = f"{answers(row.respondents, lang)}{weighted_phrase(row, lang)}"
    found = f"{share_text(row, lang, thresholds)} ({people})"
    return say("wording.share_satisfied", lang, found=found)


def capital(text: str) -> str:
    """The text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def settle_phrase(
    verdict: VerdictRow, row: EstimateRow | None, lang: str, *, running: bool
) -> str | None:
    """How many answers would settle a verdict that is not proven, and how it would then read.

    None where no number can be named. Further answers are told of a running period alone: none can
    come to one that is over. More than a year of them are no advice.
    """
    needed = verdict.responses_needed
    undecided = verdict.evidence == "not_proven" and verdict.reason in (None, "running")
    if not undecided or not needed or row is None or row.share is None:
        return None
    whole = needed + row.respondents
    if not running and row.population is not None and whole > row.population:
        return None
    if beyond_a_year(needed, row):
        return say("wording.close", lang)
    word = say(f"verdict.{'met' if row.share >= verdict.threshold else 'missed'}", lang)
    if verdict.basis == "recheck":
        return say("wording.recheck_whole", lang, n=number(whole, lang), word=word)
    if running:
        return say("wording.more", lang, n=number(needed, lang), word=word)
    return say("wording.whole", lang, whole=answers(whole, lang), word=word)


def beyond_a_year(needed: int, row: EstimateRow) -> bool:
    """Whether so many further answers are more than a year brings, at the pace of its months."""
    return needed > 12 * row.respondents / max(1, row.months)


def note_of(
    entry: EstimateRow | VerdictRow, lang: str, names: Mapping[str, str] | None = None
) -> str | None:
    """The notes of a row or verdict in one language; `names` of offices and sectors."""
    return notes_text(entry.notes, lang, names)


def notes_text(
    notes: Iterable[Note], lang: str, names: Mapping[str, str] | None = None
) -> str | None:
    """Notes as sentences; None without any."""
    return " ".join(note.text(lang, names or {}) for note in notes) or None


Names = Mapping[str, str]

ResultPart = Literal["sector", "group", "total", "general"]
SECTIONS: Final[tuple[ResultPart, ...]] = ("sector", "group", "total", "general")
"""The parts of a result, in the order in which people see them."""
_TOTALS: Final = {
    "all": "wording.totals.all",
    "general": "common.the_agency_in_general",
    "rest": "wording.totals.rest",
}


def sector_name(sector: str, targets: Targets, names: Names, lang: str) -> str:
    """The name of a sector, group or total; its id where it has none."""
    if sector.startswith("group:"):
        titled = {f"group:{group.id}": group.title for group in targets.group}
        titled |= {f"group:{target.id}": target.title for target in targets.target}
        return titled[sector].get(lang)
    if sector in names:
        return names[sector]
    return say(_TOTALS[sector], lang) if sector in _TOTALS else sector


def measure_title(measure: str, lang: str) -> str:
    """What a measure of every questionnaire is called; the id of another one."""
    return say(f"measure.{measure}", lang) if measure in MEASURES else measure


def measure_names(known: Mapping[str, Questionnaire], lang: str) -> dict[str, str]:
    """Measure -> its name for people: elements and items as the questionnaires word them.

    Where several questionnaires use an id, the first one's words stand.
    """
    names = {measure: measure_title(measure, lang) for measure in MEASURES}
    for questionnaire in known.values():
        for element in questionnaire.elements:
            names.setdefault(f"element:{element.id}", element.title.get(lang))
        for item in questionnaire.items:
            names.setdefault(f"item:{item.id}", item.text.get(lang))
    return names | reason_names(known, lang)


def reason_names(known: Mapping[str, Questionnaire], lang: str) -> dict[str, str]:
    """Names of what can be chosen beside the scores: of questions, and of their options."""
    names = {}
    for questionnaire in known.values():
        for asked in questionnaire.choices:
            key = f"reason:{questionnaire.key}:{asked.id}"
            names[key] = _reason_name(questionnaire, asked, lang)
            names |= {f"{key}:{one.id}": one.text.get(lang) for one in asked.options}
    return names


_INSTRUCTION: Final = re.compile(r"\s*\([^()]*\)$")
"""How a question is to be answered, at its end: "(chọn một hoặc nhiều)"."""


def _reason_name(questionnaire: Questionnaire, asked: Choices, lang: str) -> str:
    """The question, after the item that it was asked about where that is not the whole."""
    text = _INSTRUCTION.sub("", asked.text.get(lang))
    about = asked.show_when.item if asked.show_when else OVERALL
    return text if about == OVERALL else f"{questionnaire.item(about).text.get(lang)}: {text}"


def section_of(sector: str) -> ResultPart:
    """Which part a sector of the document belongs to."""
    if sector.startswith("group:"):
        return "group"
    if sector in (ALL, "general"):
        return "total" if sector == ALL else "general"
    return "sector"


def sections(found: Document) -> list[str]:
    """The sectors of a document by part: sectors, groups, the total, the agency itself.

    Where only the agency was asked about, the total is left out: it is the same once more.
    """
    sectors = dict.fromkeys(row.sector for row in found.estimates)
    if "general" in sectors and not any(section_of(name) == "sector" for name in sectors):
        sectors.pop(ALL, None)
    return sorted(sectors, key=lambda sector: SECTIONS.index(section_of(sector)))


def sector_rows(found: Document, office: str, measure: str) -> list[EstimateRow]:
    """The rows of an office over all channels, one set of questionnaires after the other.

    Left out: those without answers and dossiers, and those that only another questionnaire has
    answers to.
    """
    rows = [
        row
        for section in found.sections
        for sector in sections(found)
        if (row := section.by_key.get((office, sector, measure, ALL))) is not None
        and (row.received or row.population)
    ]
    heard = {row.sector for row in rows if row.received}
    return [row for row in rows if row.received or row.sector not in heard]


def sheets(found: Document, office: str, count: Literal["n", "received"]) -> tuple[int, int]:
    """Answer sheets about sectors and about the agency in general, of every questionnaire once.

    "n": those that the figures rest on; "received": all that came.
    """
    about = Counter[str]()
    seen = set[str]()
    alone = ALL not in sections(found)
    for section in found.sections:
        if seen.isdisjoint(section.questionnaires):
            seen.update(section.questionnaires)
            for sector in (ALL, GENERAL):
                rows = (row for row in section.estimates if row[:2] == (office, sector))
                about[sector] += next((getattr(row, count) for row in rows), 0)
    return (0 if alone else about[ALL]), about[GENERAL]


def told_verdicts(found: Document, office: str) -> list[VerdictRow]:
    """The verdicts of an office; "no answers" is not said where other questionnaires have some."""
    of_office = [verdict for verdict in found.verdicts if verdict.office == office]
    answered = {verdict.key for verdict in of_office if verdict.evidence != "none"}
    return [v for v in of_office if v.evidence != "none" or v.key not in answered]


def beside(found: Document, questionnaires: str) -> str:
    """What tells the rows of further questionnaires apart: " · sipas-22@1"; "" for the first."""
    first = not questionnaires or questionnaires in found.sections[0].whose
    return "" if first else f" · {questionnaires}"


def instead_of_figures(row: RowFigures, lang: str) -> str | None:
    """What is said of a row that has no figure to show; None where it has."""
    if not row.n:
        return say("wording.no_answers", lang)
    withheld = withheld_phrase(row, lang)
    if withheld:
        return withheld
    return say("wording.unanswered", lang) if row.share is None else None


TOTAL: Final = "office:all"
"""The key of `Names` under which the office above all others is named."""


def office_label(found: Document, office: str, names: Names, lang: str) -> str:
    """The office's name; of `all`, the only office there is, or how many, with the name of the one
    above them (`TOTAL`) where it is told; "" without any."""
    alone = found.offices
    if office == ALL and len(alone) == 1:
        office = alone[0]
    if not alone:
        return ""
    if office == ALL and TOTAL in names:
        return say("wording.every_of", lang, n=len(alone), office=names[TOTAL])
    if office == ALL:
        return say("wording.every", lang, n=len(alone))
    return names.get(office, office)


def targets_of(found: Document, targets: Targets | None) -> Targets:
    """The targets that a document was judged by; ValueError where these are not they."""
    targets = found.targets if targets is None else targets
    strange = {verdict.target for verdict in found.verdicts} - {t.id for t in targets.target}
    if strange:
        raise ValueError(f"targets lack {', '.join(sorted(strange))}; give those of the document")
    return targets


def period_label(found: Document, lang: str) -> str:
    """How people call the period of a document: "Tháng 10/2026"."""
    return found.period.called(lang)


def month_label(found: Document) -> str:
    """The last month of a document as people write it: "10/2026"."""
    return month_name(found.period.months[-1])


def heading(field: str, lang: str) -> str:
    """The heading of a field of a result.

    >>> heading("share", "vi"), heading("share", "en")
    ('Tỷ lệ hài lòng', 'Share satisfied')
    """
    return say(f"wording.headings.{field}", lang)
