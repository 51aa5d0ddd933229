"""The page that asks whoever is not at this machine for the code."""

from __future__ import annotations

from flask import Blueprint, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from survey.web.desk.frame import say, see_other
from survey.web.setup.frame import page
from survey.web.setup.guard import Code


class CodeForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is not typed
    """The code, with the anti-forgery token of the session."""

    code = StringField()


def make_blueprint(code: Code) -> Blueprint:
    """Return the page: public on purpose."""
    pages = Blueprint("code", __name__, url_prefix="/setup/code")

    @pages.get("")
    def ask() -> str:
        return page("code", problem="")

    @pages.post("")
    def check() -> Response | tuple[str, int]:
        form = CodeForm()
        if not form.validate_on_submit():
            return page("code", problem=say("error.400.text")), 422
        if not code.lets_in(request.form.get("code", "")):
            return page("code", problem=say("setup.code.wrong")), 422
        return see_other("setup.start")

    return pages
