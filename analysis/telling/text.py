"""The verdict document as plain text: verdicts in sentences first, then a table of sectors.

Owns the arrangement on a terminal. Words and rounding are those of `wording`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from analysis.design.scopes import ALL
from analysis.document import Document, measures_of, pick, row_of
from analysis.period import Period
from analysis.suppression.gate import is_withheld
from analysis.targets import Targets
from analysis.telling import wording

_HEADS: Final = (
    ("Lĩnh vực", "Sector"),
    ("Hài lòng", "Satisfied"),
    ("Khoảng tin cậy {level}", "{level} interval"),
    ("Phiếu/hồ sơ", "Answers/dossiers"),
    ("Nếu ai cũng trả lời", "If all had answered"),
    ("Điểm TB", "Mean"),
)
_TOTALS: Final = {
    "all": ("Chung các lĩnh vực", "All sectors"),
    "general": ("Cơ quan nói chung", "The agency in general"),
}
_MARK: Final = " *"
_UNRELIABLE: Final = (
    "* Ít câu trả lời hoặc khoảng tin cậy rộng: chưa nên chỉ nhìn vào tỷ lệ.",
    "* Few answers or a wide interval: do not read the share by itself.",
)
_WITHHELD: Final = (
    "Không công bố con số nào cho biết ít hơn 5 người trả lời thế nào; trong nội bộ: --full.",
    "No figure is given that tells what fewer than 5 people answered; inside the office: --full.",
)
_NOBODY: Final = (
    "Chưa có câu trả lời nào trong kỳ này. Hãy kiểm tra mã QR ở các quầy có mở được không.",
    "No answers in this period yet. Check that the QR codes at the counters open.",
)

Names = Mapping[str, str]


def render_text(
    found: Document, period: Period, targets: Targets, names: Names, lang: str = "vi"
) -> str:
    """The whole text, about all offices of the document together, withheld rows as such.

    `names` gives sectors and offices their names; an id stands where it has none.
    """
    lines = [*_head(found, period, names, lang), ""]
    if not any(row["n"] for row in found["estimates"]):
        lines += [wording.choose(_NOBODY, lang), ""]
    lines += [*_verdicts(found, targets, names, lang), ""]
    for measure in measures_of(found)[:2]:
        lines += [*_table(found, targets, measure, names, lang), ""]
    lines += [wording.choose(wording.ASSUMPTIONS, lang)]
    return "\n".join(lines) + "\n"


def _head(found: Document, period: Period, names: Names, lang: str) -> Iterator[str]:
    offices = list(dict.fromkeys(row["office"] for row in found["estimates"]))
    offices.remove(ALL)
    label = period.label_en if lang == "en" else period.label
    if len(offices) == 1:
        yield f"{names.get(offices[0], offices[0])} – {label}"
        return
    every = f"All {len(offices)} offices" if lang == "en" else f"Chung {len(offices)} đơn vị"
    hint = "one office: --office ID" if lang == "en" else "xem một đơn vị: --office MÃ"
    yield f"{every} – {label}" + (f" ({hint})" if offices else "")


def sector_name(sector: str, targets: Targets, names: Names, lang: str = "vi") -> str:
    """The name of a sector, group or total; its id where it has none."""
    if sector.startswith("group:"):
        titled = {f"group:{group.id}": group.title for group in targets.group}
        titled |= {f"group:{target.id}": target.title for target in targets.target}
        return titled[sector].get(lang)
    if sector in names:
        return names[sector]
    return wording.choose(_TOTALS[sector], lang) if sector in _TOTALS else sector


def _verdicts(found: Document, targets: Targets, names: Names, lang: str) -> Iterator[str]:
    title = None
    for target in targets.target:
        if target.title != title:
            title = target.title
            yield title.get(lang)
        for verdict in found["verdicts"]:
            if (verdict["target"], verdict["office"]) != (target.id, ALL):
                continue
            row = row_of(found, verdict, targets)
            each = not target.pool and verdict["sector"] != "general"
            where = f", {sector_name(verdict['sector'], targets, names, lang)}" if each else ""
            yield f"  {target.deadline}{where}: {wording.verdict_sentence(verdict, row, lang)}"
            note = wording.note_of(verdict, lang)
            if note:
                yield f"    {note}"


def _table(
    found: Document, targets: Targets, measure: str, names: Names, lang: str
) -> Iterator[str]:
    sectors = list(dict.fromkeys(row["sector"] for row in found["estimates"]))
    rows = [(s, pick(found, sector=s, measure=measure)) for s in sectors]
    shown = [(s, row) for s, row in rows if row is not None and _worth(row)]
    if not shown:
        return
    yield wording.choose(wording.MEASURES.get(measure, (measure, measure)), lang)
    level = wording.threshold(found["level"], lang)
    head = [wording.choose(pair, lang).format(level=level) for pair in _HEADS]
    cells = [_cells(sector_name(sector, targets, names, lang), row, lang) for sector, row in shown]
    yield from _aligned([head, *cells])
    if any(wording.unreliable(row) for _, row in shown):
        yield wording.choose(_UNRELIABLE, lang)
    if any(is_withheld(row) and row["share"] is None for _, row in shown):
        yield wording.choose(_WITHHELD, lang)
    for sector, row in shown:
        note = wording.note_of(row, lang)
        if note:
            yield f"{sector_name(sector, targets, names, lang)}: {note}"


def _worth(row: wording.Row) -> bool:
    return bool(row["n"] or row["population"])


def _cells(name: str, row: wording.Row, lang: str) -> list[str]:
    mark = _MARK if wording.unreliable(row) else ""
    n = wording.people(row)
    hidden = wording.withheld_phrase(row, lang) if row["share"] is None else None
    few = n < wording.COUNTS_ONLY_BELOW
    return [
        name,
        hidden or wording.share_phrase(row, lang) + mark,
        "–" if few else wording.interval_phrase(row["low"], row["high"], n, lang),
        wording.rate_phrase(row, lang),
        "–" if few else wording.interval_phrase(row["silent_low"], row["silent_high"], n, lang),
        wording.mean_phrase(row, lang),
    ]


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if number == 0:
            yield "  ".join("─" * width for width in widths)
