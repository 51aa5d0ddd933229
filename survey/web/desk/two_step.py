"""Pages of two-step sign-in: the code that is asked for after the password, and one's own account.

The first is public on purpose: it is for whoever gave the right password within five minutes, and
opens nothing else. Keeps no code.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from flask import Blueprint, abort, render_template, request, session, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from survey.errors import StoreError
from survey.store.staff import Staff, find_staff
from survey.store.staff_actions import By
from survey.store.two_step import (
    Offer,
    begin_two_step,
    count_recovery_codes,
    end_begun,
    end_two_step,
    find_begun,
    offer_secret,
    read_offer,
    renew_recovery_codes,
    take_code,
)
from survey.told import in_language
from survey.two_step import app_address, in_groups
from survey.web.desk.frame import say, see_other, staff_frame
from survey.web.desk.guard import needs
from survey.web.desk.sign_in import (
    BEGUN,
    LONGEST_CODE,
    CodeForm,
    Entrance,
    begin_session,
    code_page,
    is_password,
    known_browser,
    let_in,
)
from survey.web.desk.unsent import kept_form
from survey.web.limits import keep_pace
from survey.web.security import chosen_language

Page = str | Response | tuple[str, int]
Act = Literal["begin", "end", "codes"]
ACTS: Final[tuple[Act, ...]] = get_args(Act)


def make_blueprint(entrance: Entrance) -> Blueprint:
    """Return the page that asks for a code after the password."""
    pages = Blueprint("code", __name__, url_prefix="/sign-in/code")

    @pages.get("")
    def show() -> Page:
        staff = _between_steps(entrance)
        return _over() if staff is None else code_page(CodeForm(), staff)

    @pages.post("")
    def check() -> Page:
        staff, unsent = _between_steps(entrance), kept_form(request.form)
        if staff is None:
            return _over()
        limits = entrance.limits
        sender = known_browser(staff.name) or f"code of {staff.name}"
        keep_pace((limits.sign_in, sender), (limits.codes, sender))
        form = CodeForm()
        if not form.validate_on_submit():
            return code_page(form, staff, unsent=unsent)
        try:
            taken = _take(entrance, staff, form.code.data or "")
        except StoreError as error:
            return code_page(form, staff, error.args[0], unsent), 422
        if taken is None:
            return code_page(form, staff, _wrong(entrance), unsent), 422
        for pace in (limits.sign_in, limits.codes):
            pace.forgive(sender)
        end_begun(entrance.engine, str(session[BEGUN]))
        if taken == "recovery":
            return let_in(entrance, staff, url_for("account.show", recovered=1), unsent)
        return let_in(entrance, staff, request.args.get("next"), unsent)

    return pages


def _between_steps(entrance: Entrance) -> Staff | None:
    """Who gave the right password in this browser, and has yet to give a code."""
    token = session.get(BEGUN)
    return find_begun(entrance.engine, token, entrance.now()) if isinstance(token, str) else None


def _over() -> Response:
    return see_other("auth.sign_in", over=1)


def _take(entrance: Entrance, staff: Staff, code: str) -> Literal["app", "recovery"] | None:
    by = By(staff.name, entrance.now())
    return take_code(entrance.engine, entrance.config.secret_key, staff, code[:LONGEST_CODE], by)


def _wrong(entrance: Entrance) -> str:
    """What is said of a wrong code: with the server's clock, which the phone's must agree with.

    Not by how much it is off: somebody who guesses would learn what is right at another time.
    """
    return _said("wrong", time=f"{entrance.now():%H:%M:%S}", day=f"{entrance.now():%d/%m/%Y}")


def _said(key: str, **words: object) -> str:
    return say(f"two_step.{key}", **words)


def add_account_pages(pages: Blueprint, entrance: Entrance) -> None:
    """Add what concerns two-step sign-in to the pages of one's own account."""

    @pages.get("/two-step")
    @needs("keep_own_account")
    def two_step() -> str:
        return _own(entrance, ended="ended" in request.args)

    @pages.post("/two-step")
    @needs("keep_own_account")
    def change_two_step() -> Page:
        return _change(entrance)

    @pages.get("/two-step/confirm")
    @needs("keep_own_account")
    def offered() -> Response:
        return _back()  # an offer is shown once

    @pages.post("/two-step/confirm")
    @needs("keep_own_account")
    def confirm() -> Page:
        return _confirm(entrance)


def _back(ended: str | None = None) -> Response:
    return see_other("account.two_step", ended=ended)


def _own(entrance: Entrance, problem: object = "", *, ended: bool = False) -> str:
    return render_template(
        "staff/two_step.html",
        **staff_frame(),
        account=current_user.name,
        on=current_user.two_step,
        left=count_recovery_codes(entrance.engine, current_user.name),
        longest=LONGEST_CODE,
        ended=ended,
        problem=in_language(problem, chosen_language()),
    )


def _change(entrance: Entrance) -> Page:
    """Offer a secret, end two-step sign-in or make new recovery codes: with the password."""
    act = next((one for one in ACTS if one == request.form.get("act")), None)
    if act is None:
        abort(404)
    name, sender = current_user.name, f"own {current_user.name}"
    if (act == "begin") == current_user.two_step:  # done in another window
        return _back()
    keep_pace((entrance.limits.sign_in, sender))
    if not is_password(entrance, name, request.form.get("current", "")):
        return _own(entrance, say("password.wrong")), 422
    if act == "begin":
        entrance.limits.sign_in.forgive(sender)
        return _offer(entrance, offer_secret(entrance.config.secret_key, name, entrance.now()))
    try:
        return _change_by_code(entrance, act, sender)
    except StoreError as error:
        return _own(entrance, error.args[0]), 422


def _change_by_code(entrance: Entrance, act: Act, sender: str) -> Page:
    staff = find_staff(entrance.engine, current_user.name)
    if staff is None or _take(entrance, staff, request.form.get("code", "")) is None:
        return _own(entrance, _wrong(entrance)), 422
    entrance.limits.sign_in.forgive(sender)
    by = By(staff.name, entrance.now())
    if act == "codes":
        return _codes(renew_recovery_codes(entrance.engine, staff.name, by), begun=False)
    end_two_step(entrance.engine, staff.name, by)
    return _back("1")


def _offer(entrance: Entrance, offer: Offer, problem: object = "") -> str:
    from survey.qr import qr_svg  # no citizen's request needs it

    issuer = f"Hài Lòng {entrance.config.address.host}".replace(":", ".")
    return render_template(
        "staff/two_step_offer.html",
        **staff_frame(),
        sealed=offer.sealed,
        secret=in_groups(offer.secret),
        issuer=issuer,
        account=current_user.name,
        qr=Markup(qr_svg(app_address(offer.secret, current_user.name, issuer))),  # noqa: S704  drawn here
        longest=LONGEST_CODE,
        problem=in_language(problem, chosen_language()),
    )


def _confirm(entrance: Entrance) -> Page:
    """Hold to what was offered, once the phone has shown that it has it."""
    name, key = current_user.name, entrance.config.secret_key
    sender = f"own {name}"
    keep_pace((entrance.limits.sign_in, sender))
    offer = read_offer(key, name, request.form.get("sealed", ""), entrance.now())
    if current_user.two_step:
        return _back()
    if offer is None:
        return _own(entrance, _said("offer_over")), 422
    code, by = request.form.get("code", "")[:LONGEST_CODE], By(name, entrance.now())
    try:
        staff, codes = begin_two_step(entrance.engine, key, name, offer, code, by)
    except StoreError as error:
        return _offer(entrance, offer, error.args[0]), 422
    entrance.limits.sign_in.forgive(sender)
    begin_session(staff)
    return _codes(codes, begun=True)


def _codes(codes: tuple[str, ...], *, begun: bool) -> str:
    return render_template(
        "staff/two_step_codes.html",
        **staff_frame(),
        codes=codes,
        begun=begun,
        account=current_user.name,
    )
