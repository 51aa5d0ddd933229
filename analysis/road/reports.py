"""The fifth verb: a file to read, print or send.

Owns what a report holds and in which order. The figures and sentences are those of the results.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final

from analysis.problems import Problem, Refusal, either, said
from analysis.road.estimates import Estimates
from analysis.road.showing import plot
from analysis.road.verdicts import Verdicts
from analysis.road.writing import write_whole
from analysis.telling.page import page
from analysis.telling.wording import ASSUMPTIONS, choose

Fonts = Sequence[str | Path]

_TITLES: Final = {
    "verdicts": ("Kết luận", "Verdicts"),
    "picture": ("Biểu đồ", "The picture"),
    "sectors": ("Từng lĩnh vực", "Sector by sector"),
    "silence": ("Những người chưa trả lời", "Those who did not answer"),
    "measures": ("Các yếu tố", "Elements"),
    "channels": ("Các kênh trả lời", "Channels"),
    "months": ("Mười hai tháng gần nhất", "The last twelve months"),
    "methods": ("Các con số dựa vào đâu", "What the figures rest on"),
}


def report(
    found: Estimates | Verdicts,
    file: str | Path,
    *,
    lang: str | None = None,
    font_files: Fonts = (),
) -> Path:
    """Write what was found as a file: every figure, marked as internal, unless it was published.

    Parameters
    ----------
    found
        From `analysis.estimate` or `judge`; the data must be open. `found.published()` for a file
        that may leave.
    file
        .html: a page that needs no other file and no network, with verdicts, charts, tables and
        what they rest on; .json: the verdict document, to go on computing with.
    lang
        "vi" or "en"; that of the data where left out.
    font_files
        A regular and a bold TrueType file for the charts; DejaVu Sans where left out.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    Refusal
        A file of another kind, or one that cannot be written; an older one is then kept.

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(RESPONSES, POPULATION)
    >>> found = analysis.estimate(data, "2026-10")
    >>> analysis.report(found, FOLDER / "thang-10.html").name
    'thang-10.html'
    >>> analysis.report(found, "thang-10.docx")
    Traceback (most recent call last):
    ...
    analysis.problems.Refusal: thang-10.docx, file: a report is not written as '.docx'; \
name it .html or .json
    >>> data.close()
    """
    path = Path(file)
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        what = said("asked.report_form", form=path.suffix)
        remedy = said("asked.name_it", forms=either(*_WRITERS))
        raise Refusal([Problem(str(path), said("place.file"), what, remedy)])
    verdicts = found if isinstance(found, Verdicts) else Verdicts(found)
    write_whole(path, write(verdicts, lang, font_files).encode("utf-8"))
    return path


def _json(verdicts: Verdicts, _lang: str | None, _font_files: Fonts) -> str:
    found = verdicts.estimates
    return (
        json.dumps(found.document.as_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    )


def _html(verdicts: Verdicts, lang: str | None, font_files: Fonts) -> str:
    found = verdicts.estimates
    lang = lang or found.data.lang
    head = found.head(lang)
    parts = [
        f"<h2>{escape(choose(_TITLES[key], lang))}</h2>{body}"
        for key, body in _parts(verdicts, lang, font_files)
    ]
    title = " – ".join(filter(None, (head.title, head.office)))
    return page("\n".join([head._repr_html_(), *parts]), title=title, lang=lang)


def _parts(verdicts: Verdicts, lang: str, font_files: Fonts) -> Iterator[tuple[str, str]]:
    found = verdicts.estimates
    said = "".join(f"<p>{escape(line)}</p>" for line in verdicts.headline(lang=lang))
    yield "verdicts", said + verdicts.entries(lang=lang)._repr_html_()
    yield "picture", plot(found, lang=lang, font_files=font_files)._repr_html_()
    yield "sectors", found.table("sectors", lang=lang)._repr_html_()
    yield "silence", found.table("silence", lang=lang)._repr_html_()
    yield "measures", _measures(found, lang)
    yield "channels", found.table("channels", lang=lang)._repr_html_()
    months = found.by_month()
    if found.document.view == "published":
        months = months.published()
    shown = plot(months, lang=lang, font_files=font_files)
    yield "months", shown._repr_html_() + months.table(lang=lang)._repr_html_()
    basis = f"<p>{escape(choose(ASSUMPTIONS, lang))}</p>"
    yield "methods", basis + found.table("methods", lang=lang)._repr_html_()


def _measures(found: Estimates, lang: str) -> str:
    """Of all sectors, and of the agency in general where that was asked about as well."""
    sectors = dict.fromkeys(row.sector for row in found.document.estimates)
    kept = ["all", *(name for name in sectors if name == "general")]
    return "".join(found.table("measures", sector=name, lang=lang)._repr_html_() for name in kept)


_Writer = Callable[[Verdicts, str | None, Fonts], str]
_WRITERS: Final[dict[str, _Writer]] = {".html": _html, ".json": _json}
