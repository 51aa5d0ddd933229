"""The page that a phone opens to show that it can: nothing but a sentence, and a note of it."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from survey.web.setup.drafts import Drafts
from survey.web.setup.frame import message
from survey.web.setup.guard import is_here

PATH = "/thu/"


def make_blueprint(drafts: Drafts) -> Blueprint:
    """Return the page: public on purpose; its address stands on the screen of who sets up."""
    pages = Blueprint("trial", __name__, url_prefix=PATH.rstrip("/"))

    @pages.get("/<token>")
    def show(token: str) -> Response | tuple[str, int]:
        draft = drafts.of_token(token)
        if draft is None:
            return message("setup.trial_gone", 404)
        if is_here(request):  # the machine itself is no phone
            return message("setup.trial_here")
        draft.opened = True
        return message("setup.trial")

    return pages
