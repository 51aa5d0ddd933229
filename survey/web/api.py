"""`/api`: figures for other programs, read only, by a token.

A token is a role for an office and all below it, asked of the one rule of access. What is given is
the verdict document (docs/data-layouts.md), from the shelf: no request computes any.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec

from flask import Blueprint, Response, current_app, request

from survey.access import AS_ROLE, TOKEN_SCOPES, Action, Grant, TokenScope
from survey.figures.asking import ALL, NotComputed, wanted_document
from survey.figures.office import stored_document, told_purged
from survey.public.kept import published_periods
from survey.store.places import list_offices, office_parents
from survey.store.responses import count_answered
from survey.store.tokens import Token, use_token
from survey.web.desk.guard import ACTION, Scope
from survey.web.desk.results import AGAIN_SECONDS, ResultsContext, is_published, seen_of
from survey.web.limits import Pace
from survey.web.openapi import Operation, described, openapi
from survey.web.problems import ApiProblem
from survey.web.security import LANGUAGES, chosen_language

if TYPE_CHECKING:
    from analysis.period import Period

FORMAT: Final = "hailong.offices/1"
PERIODS: Final = "hailong.periods/1"
_ASKED_EACH_TIME: Final = "private, no-cache"
_PUBLIC: Final = "public, max-age=600"

_ALWAYS: Final = (405, 422, 500, 503)
"""Statuses that any address of the API may have."""

_P = ParamSpec("_P")


@dataclass(frozen=True, slots=True)
class ApiContext:
    """What the API needs: the results of the installation, and how often a program may ask."""

    office: ResultsContext
    pace: Pace


def make_blueprint(context: ApiContext) -> Blueprint:
    """Return the API."""
    api = Blueprint("api", __name__, url_prefix="/api")
    opened = _opener(context)

    @api.before_request
    def know_the_language() -> None:
        lang = request.args.get("lang", LANGUAGES[0])
        if lang not in LANGUAGES:
            raise ApiProblem(422, "bad_lang", where="lang", lang=lang)

    @api.get("/openapi.json")
    @described(
        Operation("description", "OpenAPI", public=True, queries=("lang",), problems=_ALWAYS)
    )
    def description() -> Response:
        found = openapi(current_app.url_map, current_app.view_functions, chosen_language())
        return _kept(_written(found), _PUBLIC)

    @api.get("/offices")
    @described(Operation("offices", "Offices", queries=("lang",), problems=(401, 429, *_ALWAYS)))
    @opened("see_results")
    def offices(token: Token) -> Response:
        return _offices(context.office, token)

    @api.get("/offices/<office>/periods")
    @described(
        Operation("periods", "Periods", queries=("lang",), problems=(401, 404, 429, *_ALWAYS))
    )
    @opened("see_results")
    def periods(token: Token, office: str) -> Response:
        return _periods(context.office, token, office)

    @api.get("/offices/<office>/verdicts/<period>")
    @described(
        Operation(
            "verdicts",
            "Verdicts",
            computed=True,
            queries=("view", "lang"),
            problems=(401, 403, 404, 410, 429, *_ALWAYS),
        )
    )
    @opened("see_results")
    def verdicts(token: Token, office: str, period: str) -> Response:
        return _verdicts(context.office, token, office, period)

    return api


def _opener(
    context: ApiContext,
) -> Callable[
    [Action],
    Callable[[Callable[Concatenate[Token, _P], Response]], Callable[_P, Response]],
]:
    """Return what opens a view to programs with a token, which the view is given."""

    def opened(
        action: Action,
    ) -> Callable[[Callable[Concatenate[Token, _P], Response]], Callable[_P, Response]]:
        def decorate(
            view: Callable[Concatenate[Token, _P], Response],
        ) -> Callable[_P, Response]:
            @wraps(view)
            def guarded(*args: _P.args, **named: _P.kwargs) -> Response:
                return view(_token(context), *args, **named)

            setattr(guarded, ACTION, action)
            return guarded

        return decorate

    return opened


def _token(context: ApiContext) -> Token:
    """The token of this request. What cannot be guessed is not counted until it is right."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        sent = {"WWW-Authenticate": "Bearer"}
        raise ApiProblem(401, "no_token", where="Authorization", sent=sent)
    token = use_token(context.office.engine, given.token, context.office.today())
    if token is None:
        sent = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise ApiProblem(401, "bad_token", where="Authorization", sent=sent)
    seconds = context.pace.wait(token.name)
    if seconds:
        raise context.pace.refusal(seconds)
    return token


def _offices(office: ResultsContext, token: Token) -> Response:
    """The offices of a token, in their order; above its own there is nothing to see."""
    own = Scope(token.grant, office_parents(office.engine)).offices
    listed = [
        {
            "id": one.id,
            "name": {"vi": one.name.vi, "en": one.name.en},
            "parent": one.parent if one.parent in own else None,
        }
        for one in list_offices(office.engine)
        if one.id in own
    ]
    found = {"format": FORMAT, "scope": token.scope, "offices": listed}
    return _kept(_written(found), _ASKED_EACH_TIME)


def _periods(office: ResultsContext, token: Token, place: str) -> Response:
    """The periods of which figures of an office are published; of `all` those of any office."""
    from analysis.period import parse_period

    reach = Scope(token.grant, office_parents(office.engine))
    if place != ALL and not reach.may("see_results", place):
        raise ApiProblem(404, "no_office", office=place)
    offices = sorted(reach.offices) if place == ALL else [place]
    data = office.config.data
    texts = {text for one in offices for text in published_periods(data, one)}
    found = [
        {
            "text": period.text,
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            "months": len(period.months),
            "status": "closed",
        }
        for period in sorted(map(parse_period, texts), key=lambda one: (one.last, one.first))
    ]
    return _kept(_written({"format": PERIODS, "office": place, "periods": found}), _ASKED_EACH_TIME)


def _verdicts(office: ResultsContext, token: Token, place: str, text: str) -> Response:
    reach = Scope(_seeing(token), office_parents(office.engine))
    period = _period(text)
    if place != ALL and not reach.may("see_results", place):
        raise ApiProblem(404, "no_office", office=place)
    gone = told_purged(office.engine, period)
    seen = seen_of(office.engine, reach, period, place, stored=gone is not None)
    if gone is not None:
        if stored_document(office.engine, period, seen.within) is None:
            raise ApiProblem(410, "purged", period=period.text, gone=gone)
    elif seen.published and not is_published(period, office.today()):
        key = "never_published" if period.text.startswith("12m:") else "not_over"
        raise ApiProblem(404, key, period=period.text, last=f"{period.last:%d/%m/%Y}")
    elif not count_answered(office.engine, period.first, period.last, seen.offices):
        raise ApiProblem(404, "no_answers", period=period.text, office=place)
    wanted = wanted_document(
        office.engine,
        office.config,
        period,
        office.today(),
        office=seen.shown,
        lang=chosen_language(),
        within=seen.within,
        published=seen.published,
    )
    try:
        found = office.figures.glance(wanted, "verdicts.json")
    except NotComputed as error:
        raise ApiProblem(503, "not_computed", why=error.args[0]) from error
    return _computing() if found is None else _kept(found, _ASKED_EACH_TIME)


def _seeing(token: Token) -> Grant:
    """The role that a token is used in: its own, or the lesser one that the request asks for."""
    view = request.args.get("view", token.scope)
    if view not in TOKEN_SCOPES:
        raise ApiProblem(422, "bad_view", where="view", view=view)
    if view == "full" and token.scope != "full":
        raise ApiProblem(
            403,
            "not_full",
            where="view",
            sent={"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="full"'},
        )
    chosen: TokenScope = "full" if view == "full" else "published"
    return Grant(AS_ROLE[chosen], token.office)


def _period(text: str) -> Period:
    from analysis.errors import PeriodError
    from analysis.period import parse_period

    try:
        period = parse_period(text)
    except PeriodError as error:
        raise ApiProblem(422, "bad_period", where="period", period=text) from error
    if period.text != text:  # one address a document
        raise ApiProblem(422, "bad_period", where="period", period=text)
    return period


def _computing() -> Response:
    reply = Response(_written({"status": "computing"}), status=202, mimetype="application/json")
    reply.headers["Retry-After"] = str(AGAIN_SECONDS)
    return reply


def _written(found: Any) -> bytes:
    return f"{json.dumps(found, ensure_ascii=False, separators=(',', ':'))}\n".encode()


def _kept(content: bytes, how: str) -> Response:
    """An answer that can be asked for again cheaply."""
    reply = Response(content, mimetype="application/json")
    reply.headers["Cache-Control"] = how
    reply.set_etag(sha256(content).hexdigest()[:32], weak=True)  # the same, compressed or not
    reply.make_conditional(request)
    return reply
