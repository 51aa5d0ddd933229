"""Sign-in through the identity provider of the settings, and the link of one's own account to it.

Public on purpose, as the sign-in page is; the provider never makes an account. What the session
holds between asking and answer is signed, fits one answer, and is good for ten minutes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from survey.errors import ProviderAway, ProviderError, StoreError
from survey.identity import Provider
from survey.store.identities import find_identified, link_identity, unlink_identity, use_state
from survey.store.staff_actions import By
from survey.told import in_language
from survey.web.desk.frame import say, see_other, staff_frame
from survey.web.desk.guard import needs
from survey.web.desk.sign_in import Entrance, is_password, next_step, sign_in_page
from survey.web.limits import keep_pace, network_of
from survey.web.security import chosen_language

Page = str | Response | tuple[str, int]
ASKED: Final = "asked"
"""What a session holds of a question to the provider."""
LINKING: Final = "linking"
"""When whoever is signed in gave the password, to link the account (epoch seconds)."""
ANSWER_WITHIN: Final = 600  # seconds
LINK_WITHIN: Final = 300  # seconds
LONGEST_TARGET: Final = 500  # characters of the page that was wanted: a cookie has little room


def make_blueprint(entrance: Entrance) -> Blueprint:
    """Return the way to the provider and back."""
    pages = Blueprint("provider", __name__, url_prefix="/sign-in/provider")

    @pages.get("")
    def go() -> Page:
        target = request.args.get("next", "")
        return _go(entrance, None, target if len(target) <= LONGEST_TARGET else None)

    @pages.get("/back")
    def back() -> Page:
        return _back(entrance)

    return pages


def _there(entrance: Entrance) -> Provider:
    if entrance.provider is None:
        abort(404)
    return entrance.provider


def _go(entrance: Entrance, account: str | None, target: str | None) -> Page:
    """Send the browser to the provider: to sign in, or to link an account."""
    provider = _there(entrance)
    try:
        with entrance.limits.provider.taken():
            question = provider.ask()
    except ProviderError as error:
        return _not(entrance, account, error.args[0], _status(error))
    kept = asdict(question) | {"account": account, "target": target, "at": int(time.time())}
    url = str(kept.pop("url"))
    session.permanent = True
    session[ASKED] = kept | {"lang": chosen_language()}
    return redirect(url, code=303)


def _not(entrance: Entrance, account: str | None, problem: object, status: int) -> Page:
    """Say why nobody is signed in, or nothing linked, where it was asked for."""
    told = in_language(problem, chosen_language())
    if account is not None and current_user.is_authenticated:
        return _own(entrance, told), status
    return sign_in_page(entrance, problem=told), status


def _status(error: ProviderError) -> int:
    return 503 if isinstance(error, ProviderAway) else 502


def _said(key: str, **words: object) -> str:
    return say(f"provider.{key}", **words)


def _back(entrance: Entrance) -> Page:
    """Take the provider's answer, once, in the browser that asked."""
    provider = _there(entrance)
    asked: dict[str, Any] = session.get(ASKED) or {}
    if asked and chosen_language() != asked["lang"]:  # which the provider does not know
        known = {name: request.args.get(name) for name in ("code", "state", "iss", "error")}
        given = {name: text for name, text in known.items() if text is not None}
        path = url_for("provider.back")
        return redirect(f"{path}?{urlencode(given | {'lang': asked['lang']})}", code=303)
    sender = f"{network_of(request.remote_addr)} by provider"
    keep_pace((entrance.limits.guesses_by_address, sender))
    session.pop(ASKED, None)
    if not _fits(asked, provider) or not use_state(
        entrance.engine, asked["state"], entrance.now().date()
    ):
        return _not(entrance, None, _said("over", name=provider.name), 400)
    account, code = asked["account"], request.args.get("code", "")
    if "error" in request.args or not code:
        return _not(entrance, account, _said("denied", name=provider.name), 403)
    try:
        with entrance.limits.provider.taken():
            subject = provider.subject(code, asked["verifier"], asked["nonce"])
    except ProviderError as error:
        return _not(entrance, account, error.args[0], _status(error))
    entrance.limits.guesses_by_address.forgive(sender)
    if account is not None:
        return _link(entrance, provider, account, subject)
    return _let_in(entrance, provider, subject, asked["target"])


def _fits(asked: Mapping[str, Any], provider: Provider) -> bool:
    """Whether this browser asked, lately, what the provider answers now."""
    state, ours = request.args.get("state", ""), asked.get("state", "")
    if not state or not compare_digest(state.encode("utf-8", "replace"), ours.encode()):
        return False
    if request.args.get("iss", provider.issuer) != provider.issuer:  # RFC 9207
        return False
    at: int = asked["at"]
    return 0 <= time.time() - at < ANSWER_WITHIN


def _let_in(entrance: Entrance, provider: Provider, subject: str, target: str | None) -> Page:
    staff = find_identified(entrance.engine, provider.issuer, subject)
    if staff is None:
        return _not(entrance, None, _said("unknown", name=provider.name), 403)
    return next_step(entrance, staff, target)


def _link(entrance: Entrance, provider: Provider, account: str, subject: str) -> Page:
    if not current_user.is_authenticated or current_user.name != account:
        return _not(entrance, None, _said("over", name=provider.name), 400)
    by = By(account, entrance.now())
    try:
        link_identity(entrance.engine, account, provider.issuer, subject, by)
    except StoreError as error:
        return _not(entrance, account, error.args[0], 409)
    return see_other("account.provider", done="linked")


def add_account_pages(pages: Blueprint, entrance: Entrance) -> None:
    """Add the link to the provider to the pages of one's own account."""

    @pages.get("/provider")
    @needs("keep_own_account")
    def provider() -> str:
        _there(entrance)
        return _own(entrance)

    @pages.post("/provider")
    @needs("keep_own_account")
    def change_provider() -> Page:
        return _change(entrance)

    @pages.get("/provider/go")
    @needs("keep_own_account")
    def go_to_provider() -> Page:
        if not 0 <= time.time() - session.pop(LINKING, 0) < LINK_WITHIN:
            return see_other("account.provider")
        return _go(entrance, current_user.name, None)


def _own(entrance: Entrance, problem: object = "", *, ready: bool = False) -> str:
    provider = _there(entrance)
    done = request.args.get("done", "")
    return render_template(
        "staff/provider.html",
        **staff_frame(),
        account=current_user.name,
        provider=provider.name,
        linked=current_user.linked,
        elsewhere=None if _is_here(provider) else f"{_site(provider)}{url_for('account.provider')}",
        ready=ready,
        done=done if done in ("linked", "unlinked") else "",
        problem=in_language(problem, chosen_language()),
    )


def _site(provider: Provider) -> str:
    parts = urlsplit(provider.back)
    return f"{parts.scheme}://{parts.netloc}"


def _is_here(provider: Provider) -> bool:
    """Whether the browser has the address that the provider sends it back to, as a cookie needs."""
    return request.host == urlsplit(provider.back).netloc


def _change(entrance: Entrance) -> Page:
    """Make ready to link one's own account, or unlink it: with the password."""
    _there(entrance)
    act, name = request.form.get("act", ""), current_user.name
    if act not in ("link", "unlink"):
        abort(404)
    sender = f"own {name}"
    keep_pace((entrance.limits.sign_in, sender))
    if not is_password(entrance, name, request.form.get("current", "")):
        return _own(entrance, say("password.wrong")), 422
    entrance.limits.sign_in.forgive(sender)
    if act == "link":
        # A form may lead to this site alone (its policy): the browser goes on by a link.
        session[LINKING] = int(time.time())
        return _own(entrance, ready=True)
    try:
        unlink_identity(entrance.engine, name, by=By(name, entrance.now()))
    except StoreError as error:
        return _own(entrance, error.args[0]), 422
    return see_other("account.provider", done="unlinked")
