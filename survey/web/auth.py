"""Sign-in of staff: sessions, the one guard of staff pages. Keeps no password and no attempt."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Request,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, login_user, logout_user
from flask_wtf import FlaskForm
from sqlalchemy import Engine
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from survey.store.staff import NAME_LENGTH, Staff, find_staff, normal_name, verify_password
from survey.web.pace import HOUR, Pace, keep_pace
from survey.web.staff_page import staff_frame

# Guessing is slow for one account and for one address; a second account is not locked out.
TRIES_PER_ACCOUNT_A_MINUTE = 5
TRIES_PER_ACCOUNT_AN_HOUR = 30
TRIES_PER_ADDRESS_A_MINUTE = 20
MAX_PASSWORD = 200


class SignedIn(UserMixin):  # type: ignore[misc]  # flask-login is not typed
    """A staff account in a session; its id changes with the password."""

    def __init__(self, staff: Staff) -> None:
        self.name = staff.name
        self.id = f"{staff.name}\n{staff.session_key}"


class StaffSessions(SecureCookieSessionInterface):
    """Sessions of staff. A request that brings none, as every citizen's, costs nothing here."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the session of this request; a new, empty one where it brings none."""
        if app.secret_key and self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is not typed
    """Name and password, with the anti-forgery token of the session."""

    name = StringField()
    password = PasswordField()


def register(app: Flask, engine: Engine) -> None:
    """Add sign-in and sign-out, and make the app know who is signed in."""
    app.session_interface = StaffSessions()
    manager = LoginManager(app)
    manager.session_protection = None  # it would bind the session to the network address
    manager.login_view = "auth.sign_in"
    manager.login_message = ""

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(user_id: str) -> SignedIn | None:
        name, _, session_key = user_id.partition("\n")
        staff = find_staff(engine, name)
        return SignedIn(staff) if staff and staff.session_key == session_key else None

    app.register_blueprint(make_blueprint(engine))


def make_blueprint(engine: Engine) -> Blueprint:
    """Return the sign-in pages: public on purpose."""
    pages = Blueprint("auth", __name__)
    by_address = Pace(TRIES_PER_ADDRESS_A_MINUTE)
    by_account = Pace(TRIES_PER_ACCOUNT_A_MINUTE)
    by_account_hourly = Pace(TRIES_PER_ACCOUNT_AN_HOUR, HOUR)

    @pages.get("/sign-in")
    def sign_in() -> str:
        return _page(SignInForm(), failed=False)

    @pages.post("/sign-in")
    def check() -> str | Response | tuple[str, int]:
        account = _account()
        paces = (by_address, _address()), (by_account, account), (by_account_hourly, account)
        keep_pace(*paces)
        form = SignInForm()
        if not form.validate_on_submit():
            return _page(form, failed=False)
        password = form.password.data or ""
        staff = None
        if len(password) <= MAX_PASSWORD:
            staff = verify_password(engine, (form.name.data or "")[:NAME_LENGTH], password)
        if staff is None:
            return _page(form, failed=True)
        for pace, sender in paces:  # who knows the password may sign in as often as needed
            pace.forgive(sender)
        session.permanent = True  # ends after half an hour without a request
        login_user(SignedIn(staff))
        return redirect(_own_page(request.args.get("next")), code=303)

    @pages.post("/sign-out")
    def sign_out() -> Response:
        logout_user()
        session.clear()
        return redirect(url_for("auth.sign_in"), code=303)

    return pages


def _page(form: SignInForm, *, failed: bool) -> str:
    return render_template("staff/sign_in.html", **staff_frame(), form=form, failed=failed)


def _own_page(target: str | None) -> str:
    """Return the page to go to after sign-in: only ever a path of this site."""
    home = url_for("results.latest")
    if not target or "\\" in target or not target.startswith("/") or target.startswith("//"):
        return home
    parts = urlsplit(target)
    return home if parts.scheme or parts.netloc else target


def _address() -> str:
    return str(request.remote_addr)


def _account() -> str:
    return normal_name(request.form.get("name", ""))[:NAME_LENGTH]
