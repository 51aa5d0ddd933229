"""The guard of staff pages: every route names the action that it needs, and asks for each object.

A page asks by `needs` whether the account may do this at all, and by `scope` with which offices;
the rule itself is `survey.access`. What belongs to another office is not there (404).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import abort, current_app, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import Engine

from survey.access import Action, Grant, Parents, is_there, may, may_with, offices_of
from survey.config import Config
from survey.places import Counter, Places
from survey.store.places import list_offices, load_places, office_parents
from survey.store.staff_actions import By
from survey.web.desk.frame import say
from survey.web.desk.unsent import send_again, unsent_form
from survey.web.security import chosen_language

_P = ParamSpec("_P")
_R = TypeVar("_R")

ACTION = "needed_action"
"""The attribute of a view that names its action."""


def needs(
    action: Action, largest: Callable[[], int] | None = None
) -> Callable[[Callable[_P, _R]], Callable[_P, Any]]:
    """Open a view to signed-in staff whose role may do this: a stranger is sent to sign in.

    A request that changes something must have come from a page of ours. That is looked at here,
    once it is known who asks: a stranger is sent to sign in, whatever token the request has.
    `largest`: bytes of a request that carries a file, which is read for its token.
    """

    def decorate(view: Callable[_P, _R]) -> Callable[_P, Any]:
        @wraps(view)
        def guarded(*args: _P.args, **named: _P.kwargs) -> Any:
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]  # flask-login's
            if not may(current_user.grant, action):
                abort(403)
            if largest is not None:
                request.max_content_length = largest()
            if request.method not in ("GET", "HEAD"):
                try:
                    current_app.extensions["csrf"].protect()
                except CSRFError:  # the page is of an earlier session
                    form = unsent_form()
                    if form is None:
                        raise
                    return send_again(form), 400
            if not is_there(current_user.grant, action):
                abort(404)
            return view(*args, **named)

        setattr(guarded, ACTION, action)
        return guarded

    return decorate


@dataclass(frozen=True, slots=True)
class DeskContext:
    """What most pages need of the installation."""

    engine: Engine
    config: Config
    now: Callable[[], datetime]

    @property
    def by(self) -> By:
        """Who acts, for the log."""
        return By(current_user.name, self.now())


@dataclass(frozen=True, slots=True)
class Scope:
    """What whoever is signed in may reach: a role for some offices."""

    grant: Grant
    parents: Parents

    @property
    def whole(self) -> bool:
        """Whether it is every office that there is, or was."""
        return self.grant.office is None or len(self.offices) == len(self.parents)

    @property
    def offices(self) -> frozenset[str]:
        """The offices, by their ids."""
        return offices_of(self.grant, self.parents)

    def below(self, office: str) -> frozenset[str]:
        """Of these offices one with all below it."""
        return self.offices & offices_of(replace(self.grant, office=office), self.parents)

    def may(self, action: Action, office: str | None = None) -> bool:
        """Whether this may be done with what belongs to an office (None: to the installation)."""
        return may_with(self.grant, action, office, self.parents)

    def require(self, action: Action, office: str | None) -> None:
        """Answer 404 where this may not be done with what belongs to an office."""
        if not self.may(action, office):
            abort(404)


def scope(engine: Engine) -> Scope:
    """Return what whoever asks may reach; for a view that `needs` an action."""
    return Scope(current_user.grant, office_parents(engine))


def office_names(engine: Engine) -> dict[str | None, str]:
    """The name of every office by its id; under None what the whole installation is called."""
    lang = chosen_language()
    names: dict[str | None, str] = {None: say("accounts.everywhere")}
    return names | {one.id: one.name.get(lang) for one in list_offices(engine)}


def counter_names(engine: Engine, counters: Sequence[Counter]) -> dict[str, str]:
    """The name of each counter by its full id, with its office's where they are of several."""
    lang, names = chosen_language(), office_names(engine)
    several, found = len({one.office for one in counters}) > 1, {}
    for one in counters:
        office = f"{names.get(one.office, one.office)}: " if several else ""
        found[one.full_id] = f"{office}{one.name.get(lang)}"
    return found


def own_places(engine: Engine) -> Places:
    """The places of the offices that whoever is signed in may reach: a file names no others."""
    places, own = load_places(engine), scope(engine).offices
    kept = tuple(one for one in places.office if one.id in own)
    return places.model_copy(update={"office": kept})
