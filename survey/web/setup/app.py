"""The application of the first start: its pages, and who may see them."""

from __future__ import annotations

import secrets
import time

from flask import Flask, redirect, request, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from survey.web import security
from survey.web.desk.frame import see_other
from survey.web.security import TextRequest, chosen_language
from survey.web.setup import code as code_page
from survey.web.setup import ending, restoring, steps, trial
from survey.web.setup.context import SetUp
from survey.web.setup.frame import tell_errors
from survey.web.setup.guard import Code, guard
from survey.web.setup.trial import PATH as TRIAL

MAX_FORM_BYTES = 256 * 1024
_LEADS_HERE = ("/", "/sign-in", "/results")
_OURS = ("/setup", "/static/", TRIAL)
AGAIN_SECONDS = 0.5  # a browser follows twenty times, which is far longer than the change takes
_AFTERWARDS = ("ending.done", "static", "trial.show")


def create_setup_app(setup: SetUp, code: Code) -> Flask:
    """Return the application; everything else of the product is not there yet."""
    app = Flask("survey", static_folder="web/static", template_folder="web/templates")
    app.request_class = TextRequest
    app.config.update(
        SECRET_KEY=secrets.token_hex(32),  # no session outlives this process
        SIMULATED=False,
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        SESSION_COOKIE_NAME="setup",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _send_again(app, setup)  # before anything else looks: nothing of the office is ours
    csrf = CSRFProtect(app)
    guard(app)
    _end(app, setup)
    restore = restoring.make_blueprint(setup)
    csrf.exempt(restore)  # it looks itself, once it has said how much may be sent
    for pages in (
        steps.make_blueprint(setup),
        restore,
        code_page.make_blueprint(code),
        trial.make_blueprint(setup.drafts),
        ending.make_blueprint(setup),
    ):
        app.register_blueprint(pages)
    for path in _LEADS_HERE:
        app.add_url_rule(path, endpoint=f"lead{path}", view_func=_lead)
    security.secure(app)
    tell_errors(app)
    return app


def _lead() -> Response:
    return redirect(url_for("setup.start", lang=chosen_language()))


def _send_again(app: Flask, setup: SetUp) -> None:
    """Once the last page was shown, send whoever asks for a page of the office there again.

    This server is about to end then, and the same address is the office's in a moment.
    """

    @app.before_request
    def look() -> Response | None:
        if not setup.is_over() or request.path.startswith(_OURS):
            return None
        time.sleep(AGAIN_SECONDS)
        path = request.full_path.removesuffix("?").lstrip("/")
        return redirect(f"/{path}", code=307)  # with what was sent


def _end(app: Flask, setup: SetUp) -> None:
    """Once the office is there, everything leads to the last page."""

    @app.before_request
    def look() -> Response | None:
        if setup.landed is None or request.endpoint in _AFTERWARDS:
            return None
        return see_other("ending.done")
