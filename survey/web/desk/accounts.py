"""Staff pages for administrators: who has an account, with which role and for which office.

An administrator of an office sees and changes the accounts of that office and below it, and of no
other; a link that lets choose a password is shown once, to be handed on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from flask import Blueprint, abort, render_template, request
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Engine
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from survey.access import ROLES, Grant
from survey.errors import StoreError
from survey.links import password_address
from survey.store.identities import unlink_identity
from survey.store.staff import (
    LINK_LASTS,
    NAME_LENGTH,
    Staff,
    change_grant,
    find_staff,
    invite_staff,
    list_staff,
    make_link,
    resume_staff,
    sign_out_everywhere,
    stop_staff,
)
from survey.store.staff_actions import By
from survey.store.two_step import reset_two_step
from survey.told import in_language
from survey.web.desk.frame import say, see_other, staff_frame
from survey.web.desk.guard import Scope, needs, office_names, scope
from survey.web.security import chosen_language

Act = Literal["link", "link_two_step", "end", "stop", "resume", "reset_two_step", "unlink"]
ACTS: Final[tuple[Act, ...]] = get_args(Act)
_ASKED: Final = frozenset({"stop", "end", "link_two_step", "reset_two_step", "unlink"})
_FOR_OTHERS: Final = frozenset({"link_two_step", "reset_two_step"})


@dataclass(frozen=True, slots=True)
class AccountsContext:
    """What the pages of accounts need of the installation; `base_url` begins the links."""

    engine: Engine
    base_url: str
    now: Callable[[], datetime]

    @property
    def by(self) -> By:
        """Who acts, for the log."""
        return By(current_user.name, self.now())


class GrantForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is not typed
    """A role, for an office and all below it."""

    role = SelectField()
    office = SelectField()

    @property
    def grant(self) -> Grant:
        """What was chosen."""
        return Grant(self.role.data, self.office.data or None)


class InviteForm(GrantForm):
    """An account name, with its role."""

    account = StringField()


def make_blueprint(context: AccountsContext) -> Blueprint:
    """Return the pages of accounts, each for administrators of the account's office."""
    pages = Blueprint("accounts", __name__, url_prefix="/accounts")

    @pages.get("")
    @needs("manage_accounts")
    def show() -> str:
        return _list(context)

    @pages.get("/invite")
    @needs("manage_accounts")
    def invitation() -> str:
        form = InviteForm()
        _fill(form, context, Grant("officer", _first_office(context)))
        return _form("invite", form)

    @pages.post("/invite")
    @needs("manage_accounts")
    def invite() -> str | tuple[str, int]:
        return _invite(context)

    @pages.get("/edit")
    @needs("manage_accounts")
    def edit() -> str:
        staff = _asked(context, request.args.get("account", ""))
        form = GrantForm()
        _fill(form, context, staff.grant)
        return _form("edit", form, staff)

    @pages.post("/edit")
    @needs("manage_accounts")
    def change() -> Response | tuple[str, int]:
        return _change(context)

    @pages.post("/act")
    @needs("manage_accounts")
    def act() -> Response | str | tuple[str, int]:
        return _act(context)

    return pages


def _list(context: AccountsContext, problem: str = "") -> str:
    reach, names = scope(context.engine), office_names(context.engine)
    found = [
        staff
        for staff in list_staff(context.engine)
        if reach.may("manage_accounts", staff.grant.office)
    ]
    return render_template(
        "staff/accounts.html",
        **staff_frame(),
        accounts=found,
        names=names,
        state=_state,
        problem=problem,
    )


def _state(staff: Staff) -> str:
    """The key of what is to be known of an account."""
    if not staff.active:
        return "stopped"
    return "in_use" if staff.has_password else "invited"


def _first_office(context: AccountsContext) -> str | None:
    """What an invitation begins with: an office, as few need the whole installation."""
    own = current_user.grant.office
    return own or next((one for one in office_names(context.engine) if one), None)


def _fill(form: GrantForm, context: AccountsContext, chosen: Grant | None = None) -> None:
    """Offer the roles, and the offices that whoever asks may give a role for."""
    reach = scope(context.engine)
    form.role.choices = [(role, say(f"role.{role}")) for role in ROLES]
    form.office.choices = [
        (office or "", name)
        for office, name in office_names(context.engine).items()
        if reach.may("manage_accounts", office)
    ]
    if chosen is not None:
        form.role.data, form.office.data = chosen.role, chosen.office or ""


def _form(page: str, form: GrantForm, staff: Staff | None = None, problem: object = "") -> str:
    told = in_language(problem, chosen_language())
    return render_template(
        f"staff/account_{page}.html",
        **staff_frame(),
        form=form,
        staff=staff,
        state=_state,
        own=staff is not None and staff.name == current_user.name,
        problem=told,
        roles=ROLES,
        longest=NAME_LENGTH,
    )


def _not_given(form: GrantForm) -> str:
    """That the role, or else the office, is none that whoever asks may give."""
    what = "role" if "role" in form.errors else "office"
    return say(f"accounts.no_{what}")


def _invite(context: AccountsContext) -> str | tuple[str, int]:
    form = InviteForm()
    _fill(form, context)
    if not form.validate_on_submit():
        return _form("invite", form, problem=_not_given(form)), 422
    account = (form.account.data or "").strip()
    if not account:
        told = say("accounts.no_name")
        return _form("invite", form, problem=told), 422
    try:
        token = invite_staff(
            context.engine,
            account,
            form.grant,
            context.now().date(),
            by=context.by,
        )
    except StoreError as error:
        return _form("invite", form, problem=error.args[0]), 422
    return _link(context, account, token)


def _change(context: AccountsContext) -> Response | tuple[str, int]:
    staff = _asked(context, request.form.get("account", ""))
    form = GrantForm()
    _fill(form, context)
    if not form.validate_on_submit():
        return _form("edit", form, staff, _not_given(form)), 422
    try:
        change_grant(context.engine, staff.name, form.grant, by=context.by)
    except StoreError as error:
        return _form("edit", form, staff, error.args[0]), 422
    return see_other("accounts.show")


def _act(context: AccountsContext) -> Response | str | tuple[str, int]:
    staff = _asked(context, request.form.get("account", ""))
    act = request.form.get("act", "")
    if act not in ACTS or (act in _FOR_OTHERS and staff.name == current_user.name):
        abort(404)  # one's own second step is ended with a code, on the page of one's own account
    if act in _ASKED and "sure" not in request.form:
        return render_template("staff/account_sure.html", **staff_frame(), staff=staff, act=act)
    try:
        if act in ("link", "link_two_step"):
            token = make_link(
                context.engine,
                staff.name,
                context.now().date(),
                ends_two_step=act == "link_two_step",
                by=context.by,
            )
            return _link(context, staff.name, token)
        _DO[act](context.engine, staff.name, by=context.by)
    except StoreError as error:
        return _list(context, in_language(error.args[0], chosen_language())), 422
    return see_other("accounts.show")


_DO: Final[Mapping[str, Callable[..., object]]] = {
    "end": sign_out_everywhere,
    "stop": stop_staff,
    "resume": resume_staff,
    "reset_two_step": reset_two_step,
    "unlink": unlink_identity,
}


def _link(context: AccountsContext, name: str, token: str) -> str:
    return render_template(
        "staff/account_link.html",
        **staff_frame(),
        account=name,
        address=password_address(context.base_url, token),
        until=context.now().date() + LINK_LASTS,
    )


def _asked(context: AccountsContext, name: str) -> Staff:
    """The account that a request is about; another office's is not there."""
    reach: Scope = scope(context.engine)
    staff = find_staff(context.engine, name)
    if staff is None:
        abort(404)
    reach.require("manage_accounts", staff.grant.office)
    return staff
