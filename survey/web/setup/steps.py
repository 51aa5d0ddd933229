"""The pages of a new office, one after the other: its name and account here, then the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from questionnaires import keys
from survey.errors import HailongError
from survey.setup.filled import LONGEST_NAME, Account, office_problem
from survey.store.staff import (
    NAME_LENGTH,
    PASSWORD_LENGTH,
    long_enough,
    normal_name,
    usable_name,
)
from survey.web.desk.frame import say
from survey.web.desk.sign_in import MAX_PASSWORD
from survey.web.setup.address import add_address
from survey.web.setup.context import SetUp
from survey.web.setup.drafts import Draft
from survey.web.setup.ending import Reply, landed
from survey.web.setup.frame import page, told
from survey.web.setup.order import kept, to
from survey.web.setup.places import add_places


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
    add_places(pages, setup)
    add_address(pages, setup)
    _add_end(pages, setup)
    return pages


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
        return (_office_page(draft, problem), 422) if problem else kept(draft, "office")


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
    problems = list(_office_problems(vi, en, account, again))
    if account.password != again:
        account = replace(account, password="")
    elif not problems:
        account = replace(account, name=normal_name(account.name))
    draft.filled = replace(draft.filled, account=account)
    return " ".join(f"{one[:1].upper()}{one[1:].rstrip('.')}." for one in problems)


def _office_problems(vi: str, en: str, account: Account, again: str) -> Iterator[str]:
    """Everything that is wrong with the names and the account, each in a sentence."""
    if problem := office_problem(vi, en):
        yield told(problem)
    if len(account.password) > MAX_PASSWORD:
        yield say("password.too_long", most=MAX_PASSWORD)
    elif account.password != again:
        yield say("password.differs")
    for check, given in ((usable_name, account.name), (long_enough, account.password)):
        try:
            check(given)
        except HailongError as error:
            yield told(error)


def _add_end(pages: Blueprint, setup: SetUp) -> None:
    @pages.get("/finish")
    def finish() -> Reply:
        draft = setup.drafts.own()
        missing = draft.missing()
        return to(missing) if missing else _finish_page(draft)

    @pages.post("/finish")
    def make() -> Reply:
        draft = setup.drafts.own()
        missing = draft.missing()
        return to(missing) if missing else landed(lambda: setup.found(draft))


def _finish_page(draft: Draft) -> str:
    return page("finish", filled=draft.filled, opened=draft.opened)
