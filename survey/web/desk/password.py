"""Pages on which people choose passwords: by a one-time link, or of their own account.

The link's page is public on purpose: whoever has the link may choose, once. Keeps no password.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField

from questionnaires.bilingual import Told
from survey.errors import StoreError
from survey.store.staff import (
    PASSWORD_LENGTH,
    Staff,
    change_password,
    choose_password,
    find_linked,
    sign_out_everywhere,
    verify_password,
)
from survey.store.staff_actions import By
from survey.store.two_step import count_recovery_codes
from survey.told import in_language
from survey.web.desk.frame import say, see_other, staff_frame, staff_message
from survey.web.desk.guard import needs, office_names
from survey.web.desk.provider import add_account_pages as add_provider_pages
from survey.web.desk.sign_in import (
    MAX_PASSWORD,
    Entrance,
    Page,
    begin_session,
    next_step,
    remember,
)
from survey.web.desk.two_step import add_account_pages as add_two_step_pages
from survey.web.limits import keep_pace, network_of
from survey.web.security import chosen_language


class PasswordForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is not typed
    """A new password, twice; of one's own account the old one too."""

    current = PasswordField()
    password = PasswordField()
    again = PasswordField()

    def problem(self) -> str | None:
        """The key of what is wrong with the new password, before the store looks at it."""
        password = self.password.data or ""
        if len(password) > MAX_PASSWORD:
            return "too_long"
        return None if password == (self.again.data or "") else "differs"


def make_link_blueprint(entrance: Entrance) -> Blueprint:
    """Return the page that a one-time link leads to."""
    pages = Blueprint("password", __name__, url_prefix="/password")

    @pages.get("/<token>")
    def show(token: str) -> str | tuple[str, int]:
        staff = find_linked(entrance.engine, token, entrance.now().date())
        return _void() if staff is None else _choice(PasswordForm(), staff)

    @pages.post("/<token>")
    def choose(token: str) -> str | Response | tuple[str, int]:
        keep_pace((entrance.limits.sign_in, f"{network_of(request.remote_addr)} by link"))
        staff = find_linked(entrance.engine, token, entrance.now().date())
        if staff is None:
            return _void()
        form = PasswordForm()
        if not form.validate_on_submit():
            return _choice(form, staff)
        if problem := form.problem():
            return _choice(form, staff, _said(problem)), 422
        try:
            with entrance.limits.strangers.taken():
                by = By(None, entrance.now())
                made = choose_password(entrance.engine, token, form.password.data or "", by)
        except StoreError as error:
            return _choice(form, staff, error.args[0]), 422
        return _void() if made is None else _enter(entrance, made)  # None: used meanwhile

    return pages


def _enter(entrance: Entrance, staff: Staff) -> Page:
    """Let in who has just chosen a password; two-step sign-in asks for its code all the same."""
    if staff.two_step:
        return next_step(entrance, staff, None)
    begin_session(staff)
    reply = see_other("results.latest")
    remember(reply, staff.name)
    return reply


def _void() -> tuple[str, int]:
    return staff_message("password.void", {}), 410


def _choice(form: PasswordForm, staff: Staff, problem: object = "") -> str:
    return render_template(
        "staff/password.html",
        **staff_frame(),
        form=form,
        account=staff.name,
        problem=in_language(problem, chosen_language()),
        least=PASSWORD_LENGTH,
    )


def _said(problem: str) -> str:
    return say(f"password.{problem}", most=MAX_PASSWORD)


def make_account_blueprint(entrance: Entrance) -> Blueprint:
    """Return the page of one's own account."""
    pages = Blueprint("account", __name__, url_prefix="/account")

    @pages.get("")
    @needs("keep_own_account")
    def show() -> str:
        return _own(entrance, PasswordForm(), changed="changed" in request.args)

    @pages.post("")
    @needs("keep_own_account")
    def change() -> str | Response | tuple[str, int]:
        form, name = PasswordForm(), current_user.name
        sender = f"own {name}"
        keep_pace((entrance.limits.sign_in, sender))
        problem = _said(key) if (key := form.problem()) else _replace(entrance, form, name)
        if problem is not None:
            return _own(entrance, form, problem), 422
        entrance.limits.sign_in.forgive(sender)
        return see_other("account.show", changed=1)

    @pages.post("/sign-out-everywhere")
    @needs("keep_own_account")
    def end() -> Response:
        by = By(current_user.name, entrance.now())
        sign_out_everywhere(entrance.engine, current_user.name, by=by)
        return see_other("auth.sign_in")

    add_two_step_pages(pages, entrance)
    add_provider_pages(pages, entrance)
    return pages


def _replace(entrance: Entrance, form: PasswordForm, name: str) -> str | Told | None:
    """Change the password of who is signed in, whose session here goes on; or say why not."""
    current = form.current.data or ""
    with entrance.limits.known.taken():
        if len(current) > MAX_PASSWORD or not verify_password(entrance.engine, name, current):
            return _said("wrong")
        try:
            by = By(name, entrance.now())
            staff = change_password(entrance.engine, name, form.password.data or "", by=by)
        except StoreError as error:
            told: Told = error.args[0]
            return told
    begin_session(staff)
    return None


def _own(
    entrance: Entrance, form: PasswordForm, problem: object = "", *, changed: bool = False
) -> str:
    engine, provider = entrance.engine, entrance.provider
    names = office_names(engine)
    return render_template(
        "staff/account.html",
        **staff_frame(),
        form=form,
        account=current_user.name,
        grant=current_user.grant,
        office=names.get(current_user.grant.office),
        problem=in_language(problem, chosen_language()),
        changed=changed,
        two_step=current_user.two_step,
        provider=provider and provider.name,
        linked=current_user.linked,
        left=count_recovery_codes(engine, current_user.name),
        recovered="recovered" in request.args,
        least=PASSWORD_LENGTH,
    )
