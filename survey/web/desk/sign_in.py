"""Sign-in of staff: sessions, the one guard of staff pages. Keeps no password and no attempt."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Request,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask import Response as FlaskResponse
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Engine
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from survey.access import may
from survey.config import Config
from survey.identity import Provider
from survey.store.staff import (
    NAME_LENGTH,
    Staff,
    end_session,
    find_staff,
    is_ended,
    normal_name,
    note_sign_in,
    verify_password,
)
from survey.store.staff_actions import By
from survey.store.two_step import begin_sign_in, end_begun
from survey.told import in_language
from survey.web.desk.frame import home, page_of_form, see_other, staff_frame
from survey.web.desk.guard import ACTION
from survey.web.desk.unsent import TOKEN, Unsent, is_ours, kept_form, send_again, unsent_form
from survey.web.limits import Limits, keep_pace, network_of
from survey.web.security import chosen_language

MAX_PASSWORD: Final = 200
LONGEST_SESSION: Final = timedelta(hours=12)
KNOWN_FOR: Final = timedelta(days=180)
LONGEST_CODE: Final = 64  # characters of what is typed; the rest is not looked at
Page = str | Response | tuple[str, int]
BEGUN: Final = "begun"
"""What a session holds of somebody between the two steps, and nothing else does."""


class SignedIn(UserMixin):  # type: ignore[misc]  # flask-login is not typed
    """A staff account in a session; its id changes with the password."""

    def __init__(self, staff: Staff) -> None:
        self.name = staff.name
        self.grant = staff.grant
        self.two_step = staff.two_step
        self.linked = staff.linked
        self.owner = staff.owner
        self.id = f"{staff.name}\n{staff.session_key}"


class StaffSessions(SecureCookieSessionInterface):
    """Sessions of staff. A request that brings none, as every citizen's, costs nothing here."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the session of this request; a new, empty one where it brings none."""
        if app.secret_key and self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: FlaskResponse) -> None:
        """Leave a reply alone that has nothing of a session: there is none, and none was ended; or
        caches may keep the reply for everybody."""
        if (session or session.modified) and not response.cache_control.public:
            super().save_session(app, session, response)


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is not typed
    """Name and password, with the anti-forgery token of the session."""

    name = StringField()
    password = PasswordField()


class CodeForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is not typed
    """A code, with the anti-forgery token of the session."""

    code = StringField()


@dataclass(frozen=True, slots=True)
class Entrance:
    """What sign-in needs of the installation."""

    engine: Engine
    config: Config
    limits: Limits
    now: Callable[[], datetime]
    provider: Provider | None = None


def register(app: Flask, entrance: Entrance) -> Blueprint:
    """Add sign-in and sign-out, and make the app know who is signed in. Returns their pages."""
    app.session_interface = StaffSessions()
    manager = LoginManager(app)
    manager.session_protection = None  # it would bind the session to the network address

    @manager.user_loader  # type: ignore[untyped-decorator]  # flask-login is not typed
    def load(user_id: str) -> SignedIn | None:
        name, _, session_key = user_id.partition("\n")
        staff = find_staff(entrance.engine, name)
        if staff is None or not staff.active or staff.session_key != session_key:
            return None
        if not _lasts(entrance):
            return None
        return SignedIn(staff)

    @manager.unauthorized_handler  # type: ignore[untyped-decorator]  # flask-login is not typed
    def send_to_sign_in() -> Page:
        form = unsent_form()
        if form is not None:
            return sign_in_page(entrance, unsent=form), 403
        wanted = request.full_path.rstrip("?") if request.method == "GET" else page_of_form()
        return redirect(url_for("auth.sign_in", next=wanted, lang=request.args.get("lang")))

    pages = make_blueprint(entrance)
    app.register_blueprint(pages)
    return pages


def make_blueprint(entrance: Entrance) -> Blueprint:
    """Return the sign-in pages: public on purpose."""
    pages = Blueprint("auth", __name__)
    limits = entrance.limits

    @pages.get("/sign-in")
    def sign_in() -> str:
        return sign_in_page(entrance)

    @pages.post("/sign-in")
    def check() -> Page:
        account, unsent = _account(), kept_form(request.form)
        browser = known_browser(account)
        sender = browser or f"{network_of(request.remote_addr)} {account}"
        keep_pace((limits.sign_in, sender))
        form = SignInForm()
        if not form.validate_on_submit():  # the page is older than the session of this browser
            if current_user.is_authenticated and unsent is None:
                return redirect(_own_page(request.args.get("next"), current_user), code=303)
            return sign_in_page(entrance, form, old=True, unsent=unsent), 400
        password = form.password.data or ""
        staff = None
        if len(password) <= MAX_PASSWORD:
            with (limits.known if browser else limits.strangers).taken():
                staff = verify_password(entrance.engine, account, password)
        if staff is None:
            return sign_in_page(entrance, form, failed=True, unsent=unsent)
        limits.sign_in.forgive(sender)  # who knows the password may sign in as often as needed
        return next_step(entrance, staff, request.args.get("next"), unsent)

    @pages.post("/sign-out")
    def sign_out() -> Response:
        if not is_ours():  # a page of an earlier session signs out too
            current_app.extensions["csrf"].protect()
        if "id" in session:
            today = entrance.now().date()
            ends_on = today + LONGEST_SESSION + timedelta(days=1)
            end_session(entrance.engine, str(session["id"]), ends_on, today)
        if BEGUN in session:
            end_begun(entrance.engine, str(session[BEGUN]))
        logout_user()
        session.clear()
        return redirect(url_for("auth.sign_in"), code=303)

    return pages


def sign_in_page(
    entrance: Entrance,
    form: SignInForm | None = None,
    *,
    failed: bool = False,
    old: bool = False,
    problem: str = "",
    unsent: Unsent | None = None,
) -> str:
    """Return the sign-in page: with what was filled in, and with what went wrong.

    `old`: the page that was sent is of an earlier session. `unsent`: a form to be sent afterwards.
    """
    provider = entrance.provider
    target = unsent.page if unsent else request.args.get("next")
    way = None
    if provider is not None:  # at the address that it sends the browser back to
        path = url_for("provider.go", next=target, lang=chosen_language())
        way = f"{entrance.config.base_url}{path}"
    return render_template(
        "staff/sign_in.html",
        **staff_frame() | ({"in_other_language": ""} if unsent else {}),
        form=form or SignInForm(),
        failed=failed,
        old=old,
        unsent=unsent,
        target=target,
        over="over" in request.args and request.method == "GET",
        problem=problem,
        provider=provider and provider.name,
        way=way,
    )


def is_password(entrance: Entrance, name: str, password: str) -> bool:
    """Whether this is the password of who is signed in; hashed when it is its turn."""
    if len(password) > MAX_PASSWORD:
        return False
    with entrance.limits.known.taken():
        return verify_password(entrance.engine, name, password) is not None


def next_step(
    entrance: Entrance, staff: Staff, target: str | None, unsent: Unsent | None = None
) -> Page:
    """Let in who gave the right password, or ask for a code where the account has two steps.

    `target`: the page that was wanted, or None. `unsent`: a form to be sent afterwards.
    """
    if not staff.two_step:
        return let_in(entrance, staff, target, unsent)
    _clear_session()
    session.permanent = True
    session[BEGUN] = begin_sign_in(entrance.engine, staff, entrance.now())
    if unsent is not None:
        return code_page(CodeForm(), staff, unsent=unsent)
    return see_other("code.show", next=target)


def code_page(
    form: CodeForm, staff: Staff, problem: object = "", unsent: Unsent | None = None
) -> str:
    """Return the page that asks for a code after the password."""
    return render_template(
        "staff/code.html",
        **staff_frame() | ({"in_other_language": ""} if unsent else {}),
        form=form,
        account=staff.name,
        longest=LONGEST_CODE,
        problem=in_language(problem, chosen_language()),
        unsent=unsent,
    )


def let_in(
    entrance: Entrance, staff: Staff, target: str | None, unsent: Unsent | None = None
) -> Response:
    """Sign somebody in, and go on to the page that was wanted, or to the form that was not sent."""
    reply: Response
    note_sign_in(entrance.engine, staff, By(staff.name, entrance.now()))
    begin_session(staff)
    if unsent is not None and _may_send(staff, unsent):
        reply = make_response(send_again(unsent))
    else:
        reply = redirect(_own_page(target, staff), code=303)
    remember(reply, staff.name)
    return reply


def _may_send(staff: Staff, unsent: Unsent) -> bool:
    """Whether a form is this account's business: it may be another person who signs in."""
    action = getattr(current_app.view_functions[unsent.endpoint], ACTION, None)
    return action is not None and may(staff.grant, action)


def _own_page(target: str | None, staff: Staff | SignedIn) -> str:
    """Return the page to go to after sign-in: only ever a path of this site."""
    first = home(staff.grant)
    if not target or "\\" in target or not target.startswith("/") or target.startswith("//"):
        return first
    if not target.isprintable():  # a line break would begin another header
        return first
    try:
        parts = urlsplit(target)
    except ValueError:
        return first
    return first if parts.scheme or parts.netloc else target


def begin_session(staff: Staff) -> None:
    """Begin a session of its own: what was in the cookie before is not carried over."""
    _clear_session()
    session.permanent = True  # ends after half an hour without a request
    session["id"], session["began"] = secrets.token_hex(16), int(time.time())
    login_user(SignedIn(staff))


def _clear_session() -> None:
    """Forget the session before, and its token, which a page of this request must not have."""
    session.clear()
    g.pop(TOKEN, None)


def _lasts(entrance: Entrance) -> bool:
    """Whether the session of this request is neither too old nor signed out."""
    began, session_id = session.get("began"), session.get("id")
    if not isinstance(began, int) or not isinstance(session_id, str):
        return False
    young = 0 <= time.time() - began < LONGEST_SESSION.total_seconds()
    return young and not is_ended(entrance.engine, session_id)


def remember(reply: Response, account: str) -> None:
    """Let this browser be known at the next sign-in of this account, with a pace of its own.

    So that nobody who guesses elsewhere, or beside it in the same network, keeps it out. It opens
    nothing by itself.
    """
    reply.set_cookie(
        _mark(account),
        _signer().dumps([account, secrets.token_hex(8)]),
        max_age=KNOWN_FOR,
        path=url_for("auth.sign_in"),
        httponly=True,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        samesite="Lax",
    )


def known_browser(account: str) -> str | None:
    """The mark of a browser in which this account signed in before, or None."""
    try:
        found = _signer().loads(request.cookies.get(_mark(account), ""))
    except BadSignature:
        return None
    return f"browser {found[1]}" if found[0] == account else None


def _mark(account: str) -> str:
    return f"known-{hashlib.sha256(account.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="known browser")


def _account() -> str:
    return normal_name(request.form.get("name", ""))[:NAME_LENGTH]
