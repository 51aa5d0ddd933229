"""What every staff page shares: its sentences in the language of the request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from flask import current_app, render_template, request

from questionnaires import Sentences, load_sentences
from survey.web.security import chosen_language


@cache
def staff_sentences() -> Sentences:
    """The sentences of staff pages, checked for both languages."""
    return load_sentences(files("survey") / "data" / "staff.toml")


def staff_frame() -> dict[str, object]:
    """Return what the frame template needs."""
    lang = chosen_language()

    def say(key: str, **words: object) -> str:
        return staff_sentences().get(key, lang, **words)

    return {
        "lang": lang,
        "say": say,
        "simulated": current_app.config["SIMULATED"],
        "path": request.path,
    }


def staff_message(key: str, words: Mapping[str, object]) -> str:
    """Return a staff page that says one thing, without asking the database who is signed in."""
    return render_template("staff/message.html", **staff_frame(), key=key, words=words)
