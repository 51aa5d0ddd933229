"""JSON as a tablet writes it: no NaN and no Infinity, which Python reads although JSON has none."""

from __future__ import annotations

import json
from typing import NoReturn


def read_json(text: str | bytes) -> object:
    """Return what the text says. Raises ValueError where it is no JSON, or nested without end."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        msg = "nested without end"
        raise ValueError(msg) from error


def _refuse(name: str) -> NoReturn:
    msg = f"{name} is no JSON"
    raise ValueError(msg)
