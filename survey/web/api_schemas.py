"""The shapes of what the API gives, as JSON Schema (of OpenAPI 3.1). Data alone.

What each key means is said in docs/data-layouts.md; a test holds the rows against the analysis.
"""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_TRUTH: Final[Schema] = {"type": "boolean"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_WHOLE: Final[Schema] = {"type": "integer"}
_NUMBER: Final[Schema] = {"type": "number"}
_SHARE: Final[Schema] = {"type": "number", "minimum": 0, "maximum": 1}
_DAY: Final[Schema] = {"type": "string", "format": "date"}


def _or_null(schema: Schema) -> Schema:
    return schema | {"type": [schema["type"], "null"]}


def _one_of(*values: str | None) -> Schema:
    kinds = ["string", "null"] if None in values else "string"
    return {"type": kinds, "enum": list(values)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _table(required: Schema, optional: Schema | None = None) -> Schema:
    """An object with all of these keys, and perhaps some of those."""
    found = {"type": "object", "required": list(required)}
    return found | {"properties": required | (optional or {})}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _ref_or_null(name: str) -> Schema:
    return {"anyOf": [_ref(name), {"type": "null"}]}


_LIMITS: Final[Schema] = {
    "share": _or_null(_SHARE),
    "low": _or_null(_SHARE),
    "high": _or_null(_SHARE),
}
_MEANS: Final[Schema] = {name: _or_null(_NUMBER) for name in ("mean", "mean_low", "mean_high")}
_SILENT: Final[Schema] = {"silent_low": _or_null(_SHARE), "silent_high": _or_null(_SHARE)}
_METHOD: Final[Schema] = _one_of(
    "hypergeometric", "clopper-pearson", "kg-s", "census", "none", None
)
_LEAVES: Final[Schema] = {"publishable": _TRUTH, "step": _or_null(_SHARE)}
_DOSSIERS: Final[Schema] = {
    "population": _or_null(_COUNT),
    "response_rate": _or_null(_NUMBER),
    "coverage": _or_null(_SHARE),
}
_NOTE: Final[Schema] = {"note": _or_null(_TEXT)}

_ESTIMATE: Final = _table(
    {
        **dict.fromkeys(("office", "sector", "measure", "channel", "questionnaires"), _TEXT),
        **{"n": _COUNT, "respondents": _COUNT},
        **{"answered": _or_null(_COUNT), "satisfied": _or_null(_COUNT)},
        **{"received": _COUNT, "uncovered": _COUNT},
        **_DOSSIERS,
        "months": _COUNT,
        **_LIMITS,
        "method": _METHOD,
        **_MEANS,
        **_SILENT,
        **_LEAVES,
        "scale": _COUNT,
        **_NOTE,
    }
)

_VERDICT: Final = _table(
    {
        **dict.fromkeys(("target", "office", "sector", "questionnaires"), _TEXT),
        **{"threshold": _SHARE, "deadline": _WHOLE, "threshold_of": _or_null(_TEXT)},
        "share": _or_null(_SHARE),
        **{"lower": _or_null(_SHARE), "upper": _or_null(_SHARE)},
        "point": _one_of("met", "not_met", "none", "withheld", None),
        "evidence": _one_of("met", "missed", "not_proven", "none", "withheld", None),
        "basis": _one_of("open", "census", "certain", "recheck", None),
        "reason": _one_of("running", "coverage", "not_counted", "recheck", None),
        "n": _COUNT,
        **_DOSSIERS,
        **{"q": _or_null(_NUMBER), "responses_needed": _or_null(_COUNT)},
        **{"p_met": _or_null(_SHARE), "p_missed": _or_null(_SHARE)},
        **_NOTE,
    }
)

_REASON: Final = _table(
    {
        **dict.fromkeys(("office", "sector", "questionnaire", "question", "option"), _TEXT),
        **{"chosen": _COUNT, "people": _COUNT},
    }
)

_RECHECK_ROW: Final = _table(
    {
        **dict.fromkeys(("office", "sector", "measure", "questionnaires"), _TEXT),
        **{
            name: _or_null(_COUNT)
            for name in ("drawn", "received", "refused", "not_reached", "wrong_number", "waiting")
        },
        **{"respondents": _COUNT, "satisfied": _or_null(_COUNT)},
        **_DOSSIERS,
        "months": _COUNT,
        **_LIMITS,
        "method": _METHOD,
        **_MEANS,
        **_SILENT,
        **_LEAVES,
        "chose": _ref_or_null("RecheckChose"),
        "difference": _ref_or_null("RecheckDifference"),
        "hansen_hurwitz": _ref_or_null("RecheckTogether"),
        "box": _ref_or_null("RecheckBox"),
        **_NOTE,
    }
)

_RECHECK_FACT: Final = _table(
    {
        **dict.fromkeys(("office", "sector", "question", "questionnaires"), _TEXT),
        **{"answered": _COUNT, "yes": _or_null(_COUNT), "population": _or_null(_COUNT)},
        **_LIMITS,
        "method": _METHOD,
        **_LEAVES,
        **_NOTE,
    }
)

_CENSUS_ROW: Final = _table(
    {
        **dict.fromkeys(("office", "sector"), _TEXT),
        **{"months": _COUNT, "completed": _COUNT},
        **{
            name: _or_null(_COUNT)
            for name in ("on_time", "due_known", "online", "filing_known", "timed")
        },
        **{"days_allowed": _or_null(_WHOLE), "days_taken": _or_null(_WHOLE)},
    }
)

_CENSUS_VERDICT: Final = _table(
    {
        **dict.fromkeys(("office", "target"), _TEXT),
        "measure": _one_of("on_time", "online"),
        **{"threshold": _SHARE, "deadline": _WHOLE, "share": _or_null(_SHARE)},
        "word": _one_of("met", "missed", "open", "running", "unknown"),
        "threshold_of": _or_null(_TEXT),
    }
)

_INDICATOR_ROW: Final = _table(
    {
        "office": _TEXT,
        "indicator": {"type": "integer", "minimum": 1, "maximum": 9},
        "months": _list(_TEXT),
        **dict.fromkeys(("two_points", "one_point", "no_points"), _COUNT),
        "score": {"type": "number", "minimum": 0, "maximum": 2},
    }
)

_INDICATOR_TOTAL: Final = _table(
    {
        "office": _TEXT,
        "offices": _COUNT,
        "months": _list(_TEXT),
        "assessed": _COUNT,
        "total": {"type": "number", "minimum": 0, "maximum": 18},
        "most": _COUNT,
        "word": _one_of(
            *("excellent", "good", "fair", "average", "weak"),
            *("incomplete", "running", "period", "offices"),
        ),
    }
)

_PERIOD: Final = _table(
    {
        "text": _TEXT,
        **{"from": _DAY, "to": _DAY},
        "months": {"type": "integer", "enum": [1, 3, 6, 12]},
        "status": _one_of("closed", "running"),
    }
)

_VERDICTS: Final = _table(
    {
        "format": {"const": "hailong.verdicts/2"},
        "view": _one_of("full", "published"),
        "period": _PERIOD,
        "edition": {"type": "integer", "minimum": 1},
        **{"level": _SHARE, "required_coverage": _SHARE},
        "questionnaires": _list(_list(_TEXT)),
        "estimates": _list(_ref("Estimate")),
        "verdicts": _list(_ref("Verdict")),
    },
    {
        "simulated": {"const": True},
        "minimum": _COUNT,
        "imported": {"type": "object", "additionalProperties": _COUNT},
        "reasons": _list(_ref("Reason")),
        "recheck": _ref("Recheck"),
        "census": _ref("Census"),
        "indicators": _ref("Indicators"),
    },
)

_OFFICE: Final = _table(
    {"id": _TEXT, "name": _table({"vi": _TEXT, "en": _TEXT}), "parent": _or_null(_TEXT)}
)

SCHEMAS: Final[dict[str, Schema]] = {
    "Verdicts": _VERDICTS,
    "Estimate": _ESTIMATE,
    "Verdict": _VERDICT,
    "Reason": _REASON,
    "Census": _table({"rows": _list(_ref("CensusRow")), "verdicts": _list(_ref("CensusVerdict"))}),
    "CensusRow": _CENSUS_ROW,
    "CensusVerdict": _CENSUS_VERDICT,
    "Indicators": _table(
        {"rows": _list(_ref("IndicatorRow")), "totals": _list(_ref("IndicatorTotal"))}
    ),
    "IndicatorRow": _INDICATOR_ROW,
    "IndicatorTotal": _INDICATOR_TOTAL,
    "Recheck": _table(
        {
            "rows": _list(_ref("RecheckRow")),
            "facts": _list(_ref("RecheckFact")),
            "left_out": _COUNT,
        }
    ),
    "RecheckRow": _RECHECK_ROW,
    "RecheckFact": _RECHECK_FACT,
    "RecheckChose": _table(
        {
            "questionnaires": _TEXT,
            **{"n": _COUNT, "satisfied": _or_null(_COUNT)},
            **_LIMITS,
            "step": _or_null(_SHARE),
        }
    ),
    "RecheckDifference": _table(
        {
            **{name: _or_null(_NUMBER) for name in ("difference", "low", "high")},
            "p_value": _or_null(_SHARE),
            "differs": _TRUTH,
        }
    ),
    "RecheckTogether": _table(dict.fromkeys(("share", "low", "high", "covered"), _SHARE)),
    "RecheckBox": _table(
        {
            **{"people": _COUNT, "satisfied": _COUNT, "expected": _NUMBER},
            **{"p_value": _SHARE, "suspect": _TRUTH},
        }
    ),
    "Offices": _table(
        {
            "format": {"const": "hailong.offices/1"},
            "scope": _one_of("published", "full"),
            "offices": _list(_OFFICE),
        }
    ),
    "Periods": _table(
        {"format": {"const": "hailong.periods/1"}, "office": _TEXT, "periods": _list(_PERIOD)}
    ),
    "Computing": _table({"status": {"const": "computing"}}),
    "Seals": _table(
        {"format": _TEXT, "seals": _list({"type": "object"})},
        {"simulated": {"const": True}, "amended": _list(_ref("Amended"))},
    ),
    "Amended": _table(
        {
            "number": {"type": "integer", "minimum": 1},
            "day": _DAY,
            "kind": _TEXT,
            "about": _TEXT,
            "reason": _one_of("changed", "renamed", "accepted"),
            "changed": _list(_TEXT),
            "why": _TEXT,
        }
    ),
    "OpenAPI": _table({"openapi": _TEXT, "info": {"type": "object"}, "paths": {"type": "object"}}),
    "Problem": _table(
        {
            "type": {"type": "string", "format": "uri-reference"},
            "title": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            **dict.fromkeys(("code", "where", "what", "remedy"), _TEXT),
        }
    ),
}
