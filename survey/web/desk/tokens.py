"""Staff pages for administrators: the tokens with which other programs read figures.

An administrator of an office makes and revokes those of that office and below it. A token is on
the page on which it was made, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from survey.access import TOKEN_SCOPES
from survey.errors import StoreError
from survey.store.tokens import (
    LONGEST_NAME,
    add_token,
    default_end,
    find_token,
    list_tokens,
    revoke_token,
)
from survey.told import in_language, sentence
from survey.web.desk.frame import see_other, staff_frame
from survey.web.desk.guard import DeskContext, Scope, needs, office_names, scope
from survey.web.security import chosen_language

_FIELDS: Final = ("name", "scope", "office", "until")


def make_blueprint(context: DeskContext) -> Blueprint:
    """Return the pages."""
    pages = Blueprint("tokens", __name__, url_prefix="/accounts/tokens")

    @pages.get("")
    @needs("manage_accounts")
    def show() -> str:
        return _list(context)

    @pages.get("/new")
    @needs("manage_accounts")
    def form() -> str:
        today = context.now().date()
        first = current_user.grant.office or ""
        begun = {"scope": "published", "office": first, "until": f"{default_end(today):%Y-%m-%d}"}
        return _form(context, begun)

    @pages.post("/new")
    @needs("manage_accounts")
    def make() -> str | tuple[str, int]:
        return _make(context)

    @pages.post("/revoke")
    @needs("manage_accounts")
    def revoke() -> Response | str | tuple[str, int]:
        return _revoke(context)

    return pages


def _list(context: DeskContext, problem: str = "") -> str:
    reach, today = scope(context.engine), context.now().date()
    own = [one for one in list_tokens(context.engine) if reach.may("manage_accounts", one.office)]
    return render_template(
        "staff/tokens.html",
        **staff_frame(),
        tokens=own,
        names=office_names(context.engine),
        today=today,
        problem=problem,
    )


def _offices(context: DeskContext, reach: Scope) -> list[tuple[str, str]]:
    """The offices that whoever asks may make a token for."""
    names = office_names(context.engine).items()
    return [(one or "", name) for one, name in names if reach.may("manage_accounts", one)]


def _form(context: DeskContext, given: Mapping[str, str], problem: object = "") -> str:
    return render_template(
        "staff/token_new.html",
        **staff_frame(),
        given=given,
        scopes=TOKEN_SCOPES,
        offices=_offices(context, scope(context.engine)),
        problem=in_language(problem, chosen_language()),
        longest=LONGEST_NAME,
    )


def _make(context: DeskContext) -> str | tuple[str, int]:
    given = {name: request.form.get(name, "").strip() for name in _FIELDS}
    chosen = next((one for one in TOKEN_SCOPES if one == given["scope"]), None)
    if chosen is None:
        abort(404)  # a scope that was not offered
    scope(context.engine).require("manage_accounts", given["office"] or None)
    try:
        until = date.fromisoformat(given["until"])
    except ValueError:
        return _form(context, given, sentence("out.no_day", day=given["until"])), 422
    try:
        office = given["office"] or None
        token = add_token(context.engine, given["name"], chosen, office, until, context.by)
    except StoreError as error:
        return _form(context, given, error.args[0]), 422
    return render_template(
        "staff/token_made.html",
        **staff_frame(),
        name=given["name"],
        token=token,
        until=until,
        address=f"{context.config.base_url.rstrip('/')}{url_for('api.offices')}",
    )


def _revoke(context: DeskContext) -> Response | str | tuple[str, int]:
    token = find_token(context.engine, request.form.get("token", ""))
    if token is None:
        abort(404)
    scope(context.engine).require("manage_accounts", token.office)
    if "sure" not in request.form:
        return render_template("staff/token_sure.html", **staff_frame(), token=token)
    try:
        revoke_token(context.engine, token.name, context.by)
    except StoreError as error:
        return _list(context, in_language(error.args[0], chosen_language())), 422
    return see_other("tokens.show")
