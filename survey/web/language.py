"""Which language a page is shown in: Vietnamese unless English was asked for."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import HTTPException

LANGUAGES = ("vi", "en")


def chosen_language() -> str:
    """Return 'vi' or 'en', from the form or the address of this request."""
    asked = request.args.get("lang") or (_in_form() if request.method == "POST" else None)
    return asked if asked in LANGUAGES else "vi"


def _in_form() -> str | None:
    try:
        return request.form.get("lang")
    except HTTPException:  # too large or broken: the error page still needs a language
        return None
