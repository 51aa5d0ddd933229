"""The one gate that every figure passes on its way out: a page, a chart, a file, an API call.

Owns what is left of a row or verdict that may not leave. Which ones these are was decided when the
document was made (`publishable`); from a document alone it cannot be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from analysis.document import Document, row_of
from analysis.targets import Targets, shipped_targets

WITHHELD: Final = "withheld"
"""The `point` and `evidence` of a verdict that may not leave."""

_ROW_KEPT: Final = (
    *("office", "sector", "measure", "channel"),
    *("n", "population", "response_rate", "publishable", "note"),
)
_VERDICT_KEPT: Final = ("target", "office", "sector", "threshold", "deadline")
_VERDICT_NOTE: Final = (
    "Không công bố, để không ai suy ra được từng người trả lời thế nào."
    " / Not published, so that nobody can work out what single people answered."
)

Row = Mapping[str, Any]


def published(document: Document, targets: Targets | None = None) -> Document:
    """The document as it may leave: nothing in it tells about fewer than five people.

    Parameters
    ----------
    document
        From `analyse`. One that is published already comes back equal.
    targets
        Those that it was judged by; the shipped ones where left out.

    Returns
    -------
    Document
        The same rows and verdicts in the same order. Of a row that may not leave, its keys, `n`,
        `population` and `response_rate` stay; a verdict on it says "withheld". Totals of withheld
        parts weigh these as one part (`instead` of the document given, which the result has not).
        It is marked `"published": true`.

    Notes
    -----
    How many people answered is no secret; what they answered is. Which figures are withheld
    depends on the former alone, so that a gap tells nothing.

    Examples
    --------
    >>> row = {"office": "a", "sector": "land", "measure": "overall", "channel": "all", "n": 3,
    ...        "population": 9, "share": 1.0, "publishable": False, "note": None}
    >>> published({"estimates": [row], "verdicts": []})["estimates"][0]["share"] is None
    True
    """
    if document.get("published"):
        return document
    targets = shipped_targets() if targets is None else targets
    instead = document.get("instead", {"estimates": (), "verdicts": ()})
    rows = {_row_key(row): row for row in instead["estimates"]}
    verdicts = {_verdict_key(verdict): verdict for verdict in instead["verdicts"]}
    return {
        **{key: value for key, value in document.items() if key != "instead"},
        "published": True,
        "estimates": [_row(rows.get(_row_key(row), row)) for row in document["estimates"]],
        "verdicts": [
            _verdict(verdicts.get(_verdict_key(verdict), verdict), document, targets)
            for verdict in document["verdicts"]
        ],
    }


def is_withheld(row: Row) -> bool:
    """Whether a row has answers that may not be told. Without any there is nothing to hide."""
    return bool(row["n"]) and not row["publishable"]


def _row_key(row: Row) -> tuple[str, ...]:
    return (row["office"], row["sector"], row["measure"], row["channel"])


def _verdict_key(verdict: Row) -> tuple[str, ...]:
    return (verdict["target"], verdict["office"], verdict["sector"])


def _row(row: Row) -> dict[str, Any]:
    if not is_withheld(row):
        return dict(row)
    return {key: value if key in _ROW_KEPT else None for key, value in row.items()}


def _verdict(verdict: Row, document: Document, targets: Targets) -> dict[str, Any]:
    if not _on_withheld(verdict, document, targets):
        return dict(verdict)
    kept = {key: value if key in _VERDICT_KEPT else None for key, value in verdict.items()}
    return kept | {"point": WITHHELD, "evidence": WITHHELD, "note": _VERDICT_NOTE}


def _on_withheld(verdict: Row, document: Document, targets: Targets) -> bool:
    """Whether the row that a verdict is about is withheld; any row of its scope, if not known."""
    if any(target.id == verdict["target"] for target in targets.target):
        row = row_of(document, verdict, targets)
        return row is not None and is_withheld(row)
    scope = (verdict["office"], verdict["sector"])
    return any(
        is_withheld(row) for row in document["estimates"] if (row["office"], row["sector"]) == scope
    )
