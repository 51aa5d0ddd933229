"""Whether somebody else changed what a form shows since it was opened: their work is not undone.

A form of something stored brings back a mark of what it showed. Where that is not what is stored
now, nothing is written: what is stored stands beside what was typed, and saving again replaces it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256

from flask import request

from survey.web.desk.frame import say


def mark(shown: Mapping[str, object]) -> str:
    """A digest of the fields of a form, as they are filled in from what is stored."""
    text = json.dumps(shown, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:16]


def changed_meanwhile(
    stored: Mapping[str, object],
    given: Mapping[str, object],
    labels: Mapping[str, str],
    shown: Callable[[str, object], str] = lambda _, value: str(value),
) -> str:
    """What to say where the form of this request showed something else than is stored now.

    Empty where nothing would be lost: nobody changed anything, or to what was typed as well.
    `labels`: the keys of the fields' names, by field; `shown`: a field and its value in words.
    """
    seen = request.form.get("seen", "")
    if not seen or seen == mark(stored):
        return ""
    nothing = say("frame.empty")
    now = [
        f"{say(label)}: {shown(name, stored[name]) or nothing}"
        for name, label in labels.items()
        if stored[name] != given[name]
    ]
    return say("frame.meanwhile", now="; ".join(now)) if now else ""
