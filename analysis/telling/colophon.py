"""The head and the end of a report: whose figures they are, how they were made and with what.

Owns these two pieces and their HTML. Reads versions of installed packages, nothing else.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from analysis.design.scopes import ALL
from analysis.document import Document
from analysis.telling import wording
from analysis.telling.labels import Names, office_label, period_label, sections, sheets
from analysis.telling.tables import Table

_TITLE: Final = ("Mức độ hài lòng – {period}", "Satisfaction – {period}")
_SIMULATED: Final = (
    "Dữ liệu mô phỏng: không phải ý kiến thật của người dân.",
    "Simulated data: not the real opinions of citizens.",
)
_ANSWERS: Final = ("{n} về thủ tục", "{n} about procedures")
_DOSSIERS: Final = (", trên {N} hồ sơ đã giải quyết", ", of {N} completed dossiers")
_AGENCY: Final = ("; {n} về cơ quan nói chung", "; {n} about the agency in general")
_NOBODY: Final = (
    "Chưa có câu trả lời nào trong kỳ này. Hãy kiểm tra mã QR ở các quầy có mở được không.",
    "No answers in this period yet. Check that the QR codes at the counters open.",
)

_METHODS: Final[dict[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "hypergeometric": (
        ("Siêu bội, chính xác", "Exact hypergeometric"),
        (
            "Một câu hỏi ở một lĩnh vực đã biết số hồ sơ. Wright (1991).",
            "One question in one sector whose dossiers are known. Wright (1991).",
        ),
    ),
    "clopper-pearson": (
        ("Clopper–Pearson", "Clopper–Pearson"),
        (
            "Một câu hỏi khi chưa biết số hồ sơ. Clopper và Pearson (1934).",
            "One question where the dossiers are not known. Clopper and Pearson (1934).",
        ),
    ),
    "kg-s": (
        ("KG-S", "KG-S"),
        (
            "Nhiều lĩnh vực cộng lại theo số hồ sơ, hoặc chỉ số của nhiều câu hỏi: Korn–Graubard"
            " (1998) theo tầng, có hiệu chỉnh cho tổng thể nhỏ.",
            "Sectors totalled by their dossiers, or an index of several questions: stratified"
            " Korn–Graubard (1998) with the finite-population correction.",
        ),
    ),
    "census": (
        ("Toàn bộ", "Census"),
        ("Mọi hồ sơ đều có phiếu: không còn sai số.", "Every dossier answered: no error is left."),
    ),
}
_METHOD: Final = ("Cách tính", "Method")
_WHERE: Final = ("Dùng khi nào", "Where it is used")
_CAPTION: Final = ("Cách tính khoảng tin cậy trong bản này", "Methods of the intervals here")
_VERSIONS: Final = ("Phần mềm: {list}.", "Software: {list}.")
_NO_ROWS: Final = ("Chưa có con số nào được tính.", "No figure has been computed.")
_PACKAGES: Final = ("hailong", "numpy", "scipy", "ibis-framework", "duckdb", "matplotlib")


@dataclass(frozen=True, slots=True)
class Head:
    """The title of a report and what it rests on.

    `warning` is None for real answers; `internal` None for what may leave. `status`: whether the
    period is over.
    """

    title: str
    office: str
    basis: str
    status: str
    internal: str | None
    warning: str | None

    def __str__(self) -> str:
        lines = (self.title, self.office, self.warning, self.internal, self.basis, self.status)
        return "\n".join(filter(None, lines))

    def _repr_html_(self) -> str:
        warning = f'<p class="simulated">{escape(self.warning)}</p>' if self.warning else ""
        internal = f'<p class="internal">{escape(self.internal)}</p>' if self.internal else ""
        return (
            f'<h1>{escape(self.title)}</h1><p class="office">{escape(self.office)}</p>'
            f"{warning}{internal}<p>{escape(self.basis)} {escape(self.status)}</p>"
        )


def head(
    document: Document,
    *,
    names: Names | None = None,
    lang: str = "vi",
    office: str = ALL,
    simulated: bool = False,
) -> Head:
    """Title, office, how many answers of how many dossiers, and whether they are simulated."""
    period = period_label(document, lang)
    return Head(
        title=wording.choose(_TITLE, lang).format(period=period),
        office=office_label(document, office, names or {}, lang),
        basis=_basis(document, office, lang),
        status=wording.choose(wording.STATUS[document.status], lang),
        internal=wording.choose(wording.INTERNAL, lang) if document.view == "full" else None,
        warning=wording.choose(_SIMULATED, lang) if simulated else None,
    )


def _basis(document: Document, office: str, lang: str) -> str:
    total = document.pick(office=office)
    alone = ALL not in sections(document)
    n, about = sheets(document, office, "n")
    if not n + about:
        return wording.choose(_NOBODY, lang)
    text = wording.choose(_ANSWERS, lang).format(n=wording.answers(n, lang))
    if total is not None and total.population is not None and not alone:
        text += wording.choose(_DOSSIERS, lang).format(N=wording.number(total.population, lang))
    if about:
        text += wording.choose(_AGENCY, lang).format(n=wording.answers(about, lang))
    return text + "."


def method_table(document: Document, *, lang: str = "vi") -> Table:
    """Which methods made the intervals of a document, and the versions of the software."""
    used = {row.method for row in document.estimates}
    rows = tuple(
        (wording.choose(name, lang), wording.choose(where, lang))
        for method, (name, where) in _METHODS.items()
        if method in used
    )
    versions = ", ".join([f"Python {platform.python_version()}", *map(_version, _PACKAGES)])
    return Table(
        caption=wording.choose(_CAPTION, lang),
        head=tuple(wording.choose(pair, lang) for pair in (_METHOD, _WHERE)),
        rows=rows,
        notes=(wording.choose(_VERSIONS, lang).format(list=versions),),
        words=frozenset({1}),
        empty=wording.choose(_NO_ROWS, lang),
    )


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:  # run from its source folder, not installed
        return package
