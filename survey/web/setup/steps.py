"""The pages of a new office, one after the other, and the last one of every set-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField, StringField

from questionnaires import Questionnaire, keys
from survey.address import Address, parse_address
from survey.config import Config
from survey.errors import ConfigError, HailongError
from survey.places import installed_questionnaires
from survey.qr import qr_svg
from survey.setup.filled import (
    LONGEST_NAME,
    Account,
    CounterRow,
    Problem,
    SectorRow,
    address_problem,
    counters_problem,
    default_questionnaire,
    fitted,
    office_problem,
    sectors_problem,
    with_more,
)
from survey.setup.machine import is_alone, own_addresses
from survey.store.staff import NAME_LENGTH, PASSWORD_LENGTH, check_account
from survey.web.desk.sign_in import MAX_PASSWORD
from survey.web.security import chosen_language
from survey.web.setup.context import SetUp
from survey.web.setup.drafts import STEPS, Draft
from survey.web.setup.frame import message, page, say, told
from survey.web.setup.trial import PATH as TRIAL

BLANK_SECTORS = 3
MOVE_SECONDS = 10.0
Reply = str | AnyResponse | tuple[str, int]


class OfficeForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is not typed
    """The names of the office, and the administrator's account."""

    office = StringField()
    office_en = StringField()
    account = StringField()
    password = PasswordField()
    again = PasswordField()


def make_blueprint(setup: SetUp) -> Blueprint:
    """Return the pages, for whoever may set up."""
    pages = Blueprint("setup", __name__, url_prefix="/setup")
    _add_beginning(pages, setup)
    _add_places(pages, setup)
    _add_address(pages, setup)
    _add_end(pages, setup)
    return pages


def _to(step: str) -> AnyResponse:
    return redirect(url_for(f"setup.{step}", lang=chosen_language()), code=303)


def _step(setup: SetUp, name: str, show: Callable[[Draft], Reply]) -> Reply:
    """One step's page; the first that is not done yet instead where an earlier one is missing."""
    draft = setup.drafts.own()
    missing = draft.missing(name)
    return _to(missing) if missing else show(draft)


def _kept(draft: Draft, step: str) -> AnyResponse:
    """Go on to the next step, which has to be looked at where this one has changed it."""
    draft.sure.add(step)
    following = [*STEPS, "finish"]
    return _to(following[following.index(step) + 1])


def _add_beginning(pages: Blueprint, setup: SetUp) -> None:
    @pages.get("")
    def start() -> str:
        return page("start", folder=setup.config.data.absolute())

    @pages.get("/office")
    def office() -> str:
        return _office_page(setup.drafts.own())

    @pages.post("/office")
    def keep_office() -> Reply:
        draft, form = setup.drafts.own(), OfficeForm()
        problem = _take_office(draft, form)
        return (_office_page(draft, problem), 422) if problem else _kept(draft, "office")


def _office_page(draft: Draft, problem: str = "") -> str:
    return page(
        "office",
        filled=draft.filled,
        problem=problem,
        least=PASSWORD_LENGTH,
        longest=LONGEST_NAME,
        longest_account=NAME_LENGTH,
        longest_password=MAX_PASSWORD,
    )


def _take_office(draft: Draft, form: OfficeForm) -> str:
    """Keep what is filled in, right or wrong; say what is wrong."""
    vi, en = keys.normal(form.office.data or ""), keys.normal(form.office_en.data or "")
    account = Account(form.account.data or "", form.password.data or "")
    before = draft.filled.account
    if not account.password and before.password:  # kept from an earlier visit, and not shown
        account = replace(account, password=before.password)
        again = before.password
    else:
        again = form.again.data or ""
    draft.filled = replace(draft.filled, office_vi=vi, office_en=en, account=account)
    draft.sure.discard("office")
    problem = office_problem(vi, en)
    if problem:
        return told(problem)
    if len(account.password) > MAX_PASSWORD:
        return say("password.too_long", most=MAX_PASSWORD)
    if account.password != again:
        draft.filled = replace(draft.filled, account=replace(account, password=""))
        return say("password.differs")
    try:
        name = check_account(account.name, account.password)
    except HailongError as error:
        return told(error)
    draft.filled = replace(draft.filled, account=replace(account, name=name))
    return ""


def _add_places(pages: Blueprint, setup: SetUp) -> None:
    questionnaires = installed_questionnaires(setup.config)

    @pages.get("/sectors")
    def sectors() -> Reply:
        return _step(setup, "sectors", _sectors_page)

    @pages.post("/sectors")
    def keep_sectors() -> Reply:
        return _step(setup, "sectors", _take_sectors)

    @pages.get("/counters")
    def counters() -> Reply:
        return _step(setup, "counters", lambda draft: _counters_page(draft, questionnaires))

    @pages.post("/counters")
    def keep_counters() -> Reply:
        return _step(setup, "counters", lambda draft: _take_counters(draft, questionnaires))


def _sectors_page(draft: Draft, problem: Problem | None = None) -> str:
    blank = range(BLANK_SECTORS)
    return page(
        "sectors",
        rows=draft.filled.sectors,
        blank=blank,
        problem=told(problem),
        longest=LONGEST_NAME,
    )


def _take_sectors(draft: Draft) -> Reply:
    sent = request.form
    rows = tuple(
        SectorRow(
            row.id,
            keys.normal(sent.get(f"name-{row.id}", row.name)) or row.name,
            f"use-{row.id}" in sent,
        )
        for row in draft.filled.sectors
    )
    rows = with_more(rows, sent.getlist("more-name"))
    draft.sure.discard("sectors")
    draft.filled = replace(draft.filled, sectors=rows)
    problem = sectors_problem(rows)
    if problem:
        return _sectors_page(draft, problem), 422
    if "more" in sent:
        return _sectors_page(draft)
    draft.filled = replace(draft.filled, counters=fitted(draft.filled.counters, rows))
    return _kept(draft, "sectors")


def _counters_page(
    draft: Draft, questionnaires: Mapping[str, Questionnaire], problem: Problem | None = None
) -> str:
    lang = chosen_language()
    choices = [(key, _title(one, lang)) for key, one in _newest(questionnaires).items()]
    return page(
        "counters",
        rows=draft.filled.counters,
        sectors=draft.filled.chosen,
        choices=choices,
        about_sector={key for key, one in questionnaires.items() if one.about_sector},
        problem=told(problem),
        longest=LONGEST_NAME,
    )


def _title(questionnaire: Questionnaire, lang: str) -> str:
    count = len(questionnaire.items)
    return say("setup.counters.asks", title=questionnaire.title.get(lang), count=count)


def _newest(questionnaires: Mapping[str, Questionnaire]) -> dict[str, Questionnaire]:
    """The last version of each questionnaire, the usual one first."""
    newest: dict[str, Questionnaire] = {}
    for one in sorted(questionnaires.values(), key=lambda one: one.version):
        newest[one.id] = one
    usual = default_questionnaire()
    ordered = sorted(newest.values(), key=lambda one: (one.key != usual, one.key))
    return {one.key: one for one in ordered}


def _take_counters(draft: Draft, questionnaires: Mapping[str, Questionnaire]) -> Reply:
    sent = request.form
    rows = _sent_counters(sent.getlist("row"), questionnaires)
    draft.sure.discard("counters")
    draft.filled = replace(draft.filled, counters=rows)
    problem = counters_problem(rows, questionnaires)
    if problem:
        return _counters_page(draft, questionnaires, problem), 422
    if "more" in sent:
        ids = tuple(row.id for row in draft.filled.chosen)
        name = say("setup.counters.next", number=len(rows) + 1)
        draft.filled = replace(
            draft.filled, counters=(*rows, CounterRow(name, default_questionnaire(), ids))
        )
        return _counters_page(draft, questionnaires)
    return _kept(draft, "counters")


def _sent_counters(
    numbers: Sequence[str], questionnaires: Mapping[str, Questionnaire]
) -> tuple[CounterRow, ...]:
    """The counters as they were sent; one without a name is none."""
    found = []
    for number in numbers:
        name = keys.normal(request.form.get(f"name-{number}", ""))
        asked = request.form.get(f"questionnaire-{number}", "")
        known = questionnaires.get(asked)
        sectors = tuple(request.form.getlist(f"sector-{number}"))
        if name:
            about = known is None or known.about_sector
            found.append(CounterRow(name, asked, sectors if about else ()))
    return tuple(found)


def _add_address(pages: Blueprint, setup: SetUp) -> None:
    @pages.get("/address")
    def address() -> Reply:
        return _step(setup, "address", lambda draft: _address_page(setup, draft))

    @pages.post("/address")
    def keep_address() -> Reply:
        return _step(setup, "address", lambda draft: _take_address(setup, draft))

    @pages.get("/phone")
    def phone() -> Reply:
        draft = setup.drafts.own()
        missing, chosen = draft.missing(), draft.filled.address
        if missing or chosen is None:
            return _to(missing or "finish")
        url = f"{chosen.url}{TRIAL}{draft.token}"
        return page("phone", code=qr_svg(url), url=url, opened=draft.opened, reach=chosen.reach)

    @pages.get("/phone/state")
    def phone_state() -> Response:
        return jsonify(opened=setup.drafts.own().opened)


def _address_page(setup: SetUp, draft: Draft, problem: str = "", typed: str = "") -> str:
    port = setup.config.port
    own = [(one, parse_address(f"http://{one}:{port}").shown) for one in own_addresses()]
    named = draft.filled.address.shown if draft.where == "name" and draft.filled.address else typed
    return page(
        "address",
        own=own,
        where=draft.where or (own[0][0] if own else "name"),
        named=named,
        alone=is_alone(setup.config.host),
        problem=problem,
    )


def _take_address(setup: SetUp, draft: Draft) -> Reply:
    draft.where = request.form.get("where", "")
    draft.sure.discard("address")
    draft.filled, draft.opened = replace(draft.filled, address=None), False
    if draft.where == "later":
        return _kept(draft, "address")
    typed = request.form.get("name", "").strip()
    try:
        chosen = _chosen(setup, draft.where, typed)
    except ConfigError as error:
        return _address_page(setup, draft, told(error), typed), 422
    if problem := address_problem(chosen) or _unreachable(setup, chosen):
        return _address_page(setup, draft, told(problem), typed), 422
    draft.filled = replace(draft.filled, address=chosen)
    draft.sure.add("address")
    return _to("phone")


def _chosen(setup: SetUp, where: str, typed: str) -> Address:
    """The address that was chosen; one that is typed without http may have it before it."""
    if where in own_addresses():
        return parse_address(f"http://{where}:{setup.config.port}")
    return parse_address(typed if "://" in typed else f"https://{typed}")


def _unreachable(setup: SetUp, chosen: Address) -> Problem | None:
    """Listen where phones will come, for their trial; say why that cannot be."""
    if chosen.scheme == "https" or not is_alone(setup.config.host):
        return None
    for one in own_addresses():
        try:
            setup.open_aside(one)
        except OSError as error:
            return Problem("shut", {"address": one, "why": error.strerror or error})
    return None


def _add_end(pages: Blueprint, setup: SetUp) -> None:
    @pages.get("/finish")
    def finish() -> Reply:
        draft = setup.drafts.own()
        missing = draft.missing()
        return _to(missing) if missing else _finish_page(draft)

    @pages.post("/finish")
    def make() -> Reply:
        draft = setup.drafts.own()
        missing = None if draft.upload else draft.missing()
        if missing:
            return _to(missing)
        try:
            setup.finish(draft)
        except (HailongError, OSError) as error:
            why = told(error) if isinstance(error, HailongError) else str(error.strerror or error)
            return message("setup.refused", 409, why=why)
        setup.moved.wait(MOVE_SECONDS)
        return _to("done")

    @pages.get("/done")
    def done() -> Reply:
        return _to("start") if setup.landed is None else _done_page(setup)


def _finish_page(draft: Draft) -> str:
    return page("finish", filled=draft.filled, opened=draft.opened)


def _done_page(setup: SetUp) -> Reply:
    """What was made, for whoever made it; to anybody else, that somebody did."""
    landed = setup.landed
    if landed is None:
        return _to("start")
    setup.was_shown()
    before = _office_at(setup, landed.config.port)
    if not setup.drafts.is_own(landed.draft):
        return page("message", said="setup.by_other", words={}, sign_in=f"{before}/sign-in")
    return page(
        "done",
        restored=landed.restored,
        counts=landed.counts,
        base=landed.config.address,
        alone=_still_alone(landed.config),
        before=before,
    )


def _still_alone(config: Config) -> str:
    """Where the server listens, if that keeps phones out which its address is meant for."""
    meant = config.address.scheme == "http" and config.address.reach != "here"
    return config.host if meant and is_alone(config.host) else ""


def _office_at(setup: SetUp, port: int) -> str:
    """What stands before the paths of the office, where its settings have another port."""
    if port == setup.config.port:
        return ""
    host = request.host.rpartition(":")[0] if request.host[-1] != "]" else request.host
    return f"{request.scheme}://{host}:{port}"
