"""Staff page of the identity provider that staff may sign in through: set, changed, switched off.

Nothing is kept before the provider was heard. The client's secret is written, and never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from survey.config import load_config
from survey.errors import ConfigError, ProviderError
from survey.provider_settings import (
    ProviderSettings,
    drop_provider,
    keep_provider,
    provider_settings,
)
from survey.told import in_language
from survey.web.desk.frame import say, see_other, staff_frame
from survey.web.desk.guard import DeskContext, needs
from survey.web.security import chosen_language

FIELDS: Final = ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_name")
LONGEST: Final = 300
Page = Response | str | tuple[str, int]


def add_pages(
    pages: Blueprint, context: DeskContext, start_anew: Callable[[], None] | None
) -> None:
    """Add the page to those of the server."""

    @pages.get("/provider")
    @needs("keep_server")
    def provider() -> str:
        return _page(context)

    @pages.post("/provider")
    @needs("keep_server")
    def set_provider() -> Page:
        return _set(context, start_anew)

    @pages.post("/provider/off")
    @needs("keep_server")
    def drop_provider() -> Page:
        return _off(context, start_anew)


def _page(
    context: DeskContext,
    problem: str = "",
    given: Mapping[str, str] | None = None,
    *,
    off: bool = False,
) -> str:
    stored = provider_settings(context.config)
    values = {name: getattr(stored, name) for name in FIELDS if name != "oidc_client_secret"}
    return render_template(
        "staff/provider_settings.html",
        **staff_frame(),
        on=bool(stored.oidc_issuer),
        secret=bool(stored.oidc_client_secret),
        back=f"{load_config(context.config.data).base_url}/sign-in/provider/back",
        values={**values, **(given or {})},
        longest=LONGEST,
        problem=problem,
        off=off,
    )


def _given(context: DeskContext) -> ProviderSettings:
    """What was filled in. A secret that is not typed stays with the provider that it belongs to:
    another one is never sent it."""
    texts = {name: request.form.get(name, "")[:LONGEST].strip() for name in FIELDS}
    before = provider_settings(context.config)
    if not texts["oidc_client_secret"] and texts["oidc_issuer"] == before.oidc_issuer:
        texts["oidc_client_secret"] = before.oidc_client_secret
    return ProviderSettings(**texts)


def _set(context: DeskContext, start_anew: Callable[[], None] | None) -> Page:
    given, lang = _given(context), chosen_language()
    shown = {
        "oidc_issuer": given.oidc_issuer,
        "oidc_client_id": given.oidc_client_id,
        "oidc_name": given.oidc_name,
    }
    if not (given.oidc_issuer and given.oidc_client_id):
        return _page(context, say("provider_settings.half"), shown), 422
    try:
        keep_provider(context.config, context.engine, given, context.by)
    except ConfigError as error:
        return _page(context, in_language(error.args[0], lang), shown), 422
    except ProviderError as error:
        why = in_language(error.why, lang)
        told = say("provider_settings.refused", why=why)
        return _page(context, told, shown), 422
    return _saved(start_anew)


def _off(context: DeskContext, start_anew: Callable[[], None] | None) -> Page:
    if "sure" not in request.form:
        return _page(context, off=True)
    drop_provider(context.config, context.engine, context.by)
    return _saved(start_anew)


def _saved(start_anew: Callable[[], None] | None) -> Response:
    """Back to the server's page, once the server takes over what was saved, where it can."""
    if start_anew is not None:
        start_anew()
    how = "now" if start_anew is not None else "later"
    return see_other("machine.show", saved=how)
