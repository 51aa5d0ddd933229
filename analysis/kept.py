"""A verdict document read back from its JSON: the figures that stay when answers are purged.

Owns the way back alone; `document` writes it. A document reads back as it was printed: its rows,
verdicts and re-check, with their notes as sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from analysis.census_rows import Census, CensusRow, CensusVerdict
from analysis.document import FORMAT, MINIMUM, Document, Section
from analysis.document_rows import EstimateRow, ReasonRow, VerdictRow
from analysis.indicator_rows import Indicators
from analysis.input.rechecks import FACT
from analysis.period import parse_period
from analysis.recheck_rows import Apart, Box, Chose, Recheck, RecheckRow, Together
from analysis.statistics.estimates import Note
from analysis.strata.rechecks import Counts
from analysis.strata.survey import ALL
from analysis.targets import Targets
from questionnaires.bilingual import Told, in_language


class NoDocument(ValueError):
    """What was read is no verdict document of a format that is known."""


_NOTHING: Final = Told("", "")


@dataclass(frozen=True, slots=True)
class _Kept(Note):
    """A note of which the sentences are left."""

    sentences: Told = _NOTHING

    def text(self, language: str, names: Mapping[str, str] | None = None) -> str:
        return in_language(self.sentences, language)


def read_document(found: Mapping[str, Any], targets: Targets) -> Document:
    """The document of a JSON that `Document.as_json` made.

    Parameters
    ----------
    found
        As of `json.loads`.
    targets
        Those that it is shown beside. A verdict of one that is no longer among them is left out,
        and so are the rows of a group that they no longer name.

    Raises
    ------
    NoDocument
        Another format, or no verdict document at all.
    """
    try:
        if found["format"] != FORMAT:
            raise NoDocument(str(found["format"]))
        groups = {f"group:{group.id}" for group in targets.group} | targets.groups.keys()
        rows = [
            _estimate(row)
            for row in found["estimates"]
            if not row["sector"].startswith("group:") or row["sector"] in groups
        ]
        known = {target.id for target in targets.target}
        verdicts = [_verdict(row) for row in found["verdicts"] if row["target"] in known]
        return Document(
            parse_period(found["period"]["text"]),
            found["level"],
            found["period"]["status"],
            tuple(_sections(found["questionnaires"], rows, verdicts)),
            view=found["view"],
            simulated=found.get("simulated", False),
            edition=found["edition"],
            required_coverage=found["required_coverage"],
            minimum=found.get("minimum", MINIMUM),
            imported=found.get("imported", {}),
            reasons=tuple(ReasonRow(**row) for row in found.get("reasons", ())),
            recheck=_recheck(found["recheck"]) if "recheck" in found else None,
            census=_census(found["census"]) if "census" in found else None,
            indicators=(
                Indicators.from_json(found["indicators"]) if "indicators" in found else None
            ),
            targets=targets,
        )
    except (KeyError, TypeError) as error:
        raise NoDocument(str(error)) from error


def _sections(
    families: Sequence[Sequence[str]], rows: Sequence[EstimateRow], verdicts: Sequence[VerdictRow]
) -> Iterator[Section]:
    """Each row stands in the section of its questionnaires: in the one that has the fewest others,
    as some may be counted together in one section and by themselves in another."""

    def place(row: EstimateRow | VerdictRow) -> int:
        own = [key for key in row.questionnaires.split("+") if key]
        fitting = (at for at, keys in enumerate(families) if set(keys).issuperset(own))
        return min(fitting, key=lambda at: len(families[at]) if own else at, default=0)

    for number, keys in enumerate(families):
        yield Section(
            tuple(keys),
            tuple(row for row in rows if place(row) == number),
            tuple(row for row in verdicts if place(row) == number),
        )


def _notes(said: str | None) -> tuple[Note, ...]:
    """The sentences of both languages, Vietnamese first, of equally many parts."""
    if not said:
        return ()
    parts = said.split(" / ")
    half = len(parts) // 2
    vi, en = (" / ".join(side) for side in (parts[:half], parts[half:]))
    return (_Kept("kept", sentences=Told(en, vi or en)),)


def _estimate(row: Mapping[str, Any]) -> EstimateRow:
    fields = {name: row[name] for name in EstimateRow._fields if name in row}
    return EstimateRow(**fields, notes=_notes(row["note"]))


def _verdict(row: Mapping[str, Any]) -> VerdictRow:
    fields = {name: row[name] for name in VerdictRow._fields if name in row}
    return VerdictRow(**fields, notes=_notes(row["note"]))


def _recheck(found: Mapping[str, Any]) -> Recheck:
    facts = ({**row, "measure": f"{FACT}{row['question']}"} for row in found["facts"])
    return Recheck(
        tuple(_recheck_row(row) for row in found["rows"]),
        tuple(_fact_row(row) for row in facts),
        found["left_out"],
    )


def _census(found: Mapping[str, Any]) -> Census:
    return Census(
        tuple(CensusRow(**row) for row in found["rows"]),
        tuple(CensusVerdict(**row) for row in found["verdicts"]),
    )


_COUNTS = ("drawn", "received", "refused", "not_reached", "wrong_number", "waiting")


def _recheck_row(row: Mapping[str, Any]) -> RecheckRow:
    counts = Counts(row["population"] or 0, *(row[name] for name in _COUNTS))
    return RecheckRow(
        _alone(row),
        counts,
        chose=_made(Chose, row["chose"]),
        apart=_made(Apart, row["difference"]),
        together=_made(Together, row["hansen_hurwitz"]),
        box=_made(Box, row["box"]),
    )


def _fact_row(row: Mapping[str, Any]) -> RecheckRow:
    """Of a question of fact only who answered it is written, and not what became of the calls."""
    named = {**row, "respondents": row["answered"], "satisfied": row["yes"]}
    return RecheckRow(_alone(named), Counts(row["population"] or 0, *(0 for _ in _COUNTS)))


def _alone(row: Mapping[str, Any]) -> EstimateRow:
    """The figures of a row of the re-check, which writes fewer of them than other rows."""
    blank: dict[str, Any] = dict.fromkeys(EstimateRow._fields)
    people = row["respondents"]
    own = {name: row[name] for name in EstimateRow._fields if name in row}
    answered = None if row["share"] is None else people  # None: withheld, which is told as such
    counted = {"channel": ALL, "n": people, "answered": answered}
    counted |= {"received": people, "uncovered": 0}
    blank |= {"months": 0, **own, **counted, "scale": 5, "notes": _notes(row["note"])}
    return EstimateRow(**blank)


def _made(kind: Any, values: Mapping[str, Any] | None) -> Any:
    return None if values is None else kind(**values)
