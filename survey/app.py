"""Joins the parts: the only place where configuration, store, pages and kiosk meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, g, request
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

import kiosk
from questionnaires import sentences
from survey.config import Config, require_secret
from survey.figures.asking import Asking
from survey.identity import provider_of
from survey.store import open_engine
from survey.store.inherited import opening_of
from survey.store.places import has_several_offices
from survey.store.questionnaires import Published
from survey.web import (
    api,
    error_pages,
    kiosk_backend,
    metrics,
    open_page,
    phone_comment,
    respond,
    respond_slip,
    seals,
    security,
)
from survey.web.arrivals import Arrivals
from survey.web.desk import (
    accounts,
    backup_key,
    comments,
    dossiers,
    files,
    log,
    machine,
    overview,
    own_thresholds,
    paper,
    password,
    past,
    places,
    posters,
    provider,
    public_page,
    recheck,
    results,
    sign_in,
    slips,
    tablets,
    targets,
    themes,
    today,
    two_step,
)
from survey.web.desk import questionnaires as questionnaire_pages
from survey.web.desk import tokens as token_pages
from survey.web.desk.frame import SEVERAL
from survey.web.desk.guard import DeskContext
from survey.web.form_page import FormPage
from survey.web.limits import Limits, bound_writers
from survey.web.security import TextRequest

MAX_FORM_BYTES = 256 * 1024  # a form is a hundredth of it; the kiosk has a bound of its own
IDLE_SIGN_OUT = timedelta(minutes=30)


class _App(Flask):
    """Flask, whose log names the route of a request that failed and not its address.

    A slip's address is what opens it.
    """

    def log_exception(self, exc_info: Any) -> None:
        """Log what failed, with the way there."""
        route = request.url_rule or "no page"
        self.logger.error("Exception at %s [%s]", route, request.method, exc_info=exc_info)


def create_app(
    config: Config,
    engine: Engine | None = None,
    figures: Asking | None = None,
    limits: Limits | None = None,
    start_anew: Callable[[], None] | None = None,
) -> Flask:
    """Return the web application of one installation. The database must be set up already.

    ``limits``: those of the whole server, where it has several processes; ``start_anew``: how these
    take over settings that were changed, where they can.
    """
    require_secret(config)
    engine = engine or open_engine(config.database_url)
    questionnaires = Published(engine)
    limits = limits or Limits.resumed(config, engine)
    arrivals = Arrivals(limits.arrivals, partial(opening_of, engine, config.opening_hours))
    page = FormPage(questionnaires, sentences(), config.simulated)
    tokens = security.FormTokens(config.secret_key)

    def now() -> datetime:
        """The moment at which a request is answered: one, also where midnight comes meanwhile."""
        if "now" not in g:
            g.now = config.now()
        moment: datetime = g.now
        return moment

    app = _new_app(config)
    csrf = CSRFProtect(app)
    door = respond.Door(engine, questionnaires, tokens, limits, page, now, arrivals)
    for public, prefix in _citizens_pages(door, config):
        csrf.exempt(public)  # no session to ride on: forms carry a token of their own
        app.register_blueprint(public, url_prefix=prefix)
    entrance = sign_in.Entrance(engine, config, limits, now, provider_of(config))
    csrf.exempt(sign_in.register(app, entrance))  # its forms look themselves: pages may be old
    for pages in (two_step, provider):
        app.register_blueprint(pages.make_blueprint(entrance))
    app.register_blueprint(password.make_link_blueprint(entrance))
    app.extensions[SEVERAL] = partial(has_several_offices, engine)
    office = results.ResultsContext(engine, config, questionnaires, figures or Asking(config), now)
    for guarded in _desk_pages(office, entrance, page, start_anew):
        app.config["STAFF_PAGES"].add(guarded.name)
        csrf.exempt(guarded)  # the guard looks at the token, once it is known who asks
        app.register_blueprint(guarded)
    for told in _program_pages(office, limits):
        app.register_blueprint(told)
    bound_writers(app, limits.writers)
    security.secure(app)
    error_pages.register(app, page)
    return app


def _new_app(config: Config) -> Flask:
    """An application with its settings and templates, and no page yet."""
    app = _App("survey", static_folder="web/static", template_folder="web/templates")
    app.request_class = TextRequest
    loaders = [app.create_global_jinja_loader(), FileSystemLoader(_figures_look())]
    app.jinja_options = {"loader": ChoiceLoader(loaders)}
    _configure(app, config)
    return app


def _citizens_pages(door: respond.Door, config: Config) -> tuple[tuple[Blueprint, str | None], ...]:
    """What citizens answer on (phones, slips, tablets), each with the path that it lies under."""
    citizens = respond.make_blueprint(door)
    phone_comment.add_pages(citizens, door)
    stations = kiosk_backend.StoredOffice(
        door.engine,
        door.questionnaires,
        door.now,
        config.timezone,
        config.base_url,
        config.simulated,
        door.limits,
        door.arrivals,
    )
    slips_of_citizens, devices = respond_slip.make_blueprint(door), kiosk.make_blueprint(stations)
    return (citizens, None), (slips_of_citizens, None), (devices, "/kiosk")


def _desk_pages(
    office: results.ResultsContext,
    entrance: sign_in.Entrance,
    page: FormPage,
    start_anew: Callable[[], None] | None,
) -> tuple[Blueprint, ...]:
    """The pages that only staff see, each view with its guard."""
    engine, config, now = office.engine, office.config, office.now
    desk = DeskContext(engine, config, now)
    asked = office.questionnaires
    drafting = questionnaire_pages.QuestionnairesContext(engine, config, now, page.preview)
    return (
        today.make_blueprint(office),
        results.make_blueprint(office),
        overview.make_blueprint(desk),
        comments.make_blueprint(engine, config.secret_key, now),
        themes.make_blueprint(desk),
        dossiers.make_blueprint(dossiers.DossiersContext(engine, config, now)),
        past.make_blueprint(desk),
        tablets.make_blueprint(desk),
        posters.make_blueprint(posters.PostersContext(engine, config, asked)),
        slips.make_blueprint(desk),
        places.make_blueprint(desk),
        questionnaire_pages.make_blueprint(drafting),
        targets.make_blueprint(desk),
        own_thresholds.make_blueprint(desk),
        machine.make_blueprint(desk, start_anew),
        backup_key.make_blueprint(desk),
        files.make_blueprint(desk),
        public_page.make_blueprint(desk),
        paper.make_blueprint(paper.PaperContext(engine, config, now, asked)),
        recheck.make_blueprint(recheck.RecheckContext(engine, config, now, asked)),
        accounts.make_blueprint(accounts.AccountsContext(engine, config.base_url, now)),
        token_pages.make_blueprint(desk),
        log.make_blueprint(engine, now),
        password.make_account_blueprint(entrance),
    )


def _program_pages(office: results.ResultsContext, limits: Limits) -> tuple[Blueprint, ...]:
    """What programs and the public read: health and measurements, published figures, the API."""
    engine, config = office.engine, office.config
    return (
        metrics.make_health(engine, config.data),
        metrics.make_blueprint(engine, config, office.now),
        open_page.make_blueprint(open_page.OpenContext(engine, config)),
        seals.make_blueprint(engine, config.zone, simulated=config.simulated),
        api.make_blueprint(api.ApiContext(office, limits.token)),
    )


def _figures_look() -> Path:
    """Where the templates of figures are, as in reports: found without importing the analysis."""
    found = find_spec("analysis")
    if found is None or found.origin is None:
        raise ImportError("the package 'analysis' is not installed beside 'survey'")
    return Path(found.origin).parent / "reporting" / "templates"


def _configure(app: Flask, config: Config) -> None:
    app.config.update(
        SECRET_KEY=config.secret_key,
        SIMULATED=config.simulated,
        LANGUAGE=config.language,
        STAFF_PAGES={"auth", "code", "password", "provider"},
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        SESSION_COOKIE_NAME="staff",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.base_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=IDLE_SIGN_OUT,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=1),
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if config.trusted_proxies:
        count = config.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
