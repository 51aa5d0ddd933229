"""Staff pages: what citizens wrote, month by month, and the deleting of a comment.

No page tells the order of arrival, and no address or field of a page names a response.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from survey.places import GENERAL, sector_names
from survey.store.comments import (
    Filter,
    Written,
    count_comments,
    delete_comment,
    list_comments,
    list_deletions,
)
from survey.store.places import list_offices, load_places
from survey.store.staff_actions import By
from survey.web.desk.frame import staff_frame, staff_sentences
from survey.web.desk.guard import Scope, needs, scope
from survey.web.security import chosen_language

PAGE = 50  # comments on a page


@dataclass(frozen=True, slots=True)
class ShownComment:
    """A comment for people; `handle` finds it again on this installation and says nothing else."""

    handle: str
    place: str
    text: str


def make_blueprint(engine: Engine, secret: str, now: Callable[[], datetime]) -> Blueprint:
    """Return the pages of comments, each for staff of the office that they were written to."""
    pages = Blueprint("comments", __name__, url_prefix="/comments")

    @pages.get("")
    @needs("read_comments")
    def show() -> str:
        return _page(engine, secret, scope(engine))

    @pages.post("/delete")
    @needs("delete_comments")
    def delete() -> Response | str:
        found = _find(engine, secret, request.form.get("comment", ""), scope(engine))
        back = url_for("comments.show", lang=chosen_language())
        if found is None:  # deleted meanwhile, by somebody else
            return redirect(back, code=303)
        if "sure" not in request.form:
            one = _shown(found, secret, _names(engine))
            return render_template("staff/delete_comment.html", **staff_frame(), one=one)
        delete_comment(engine, found, By(current_user.name, now()))
        return redirect(back, code=303)

    return pages


def _page(engine: Engine, secret: str, reach: Scope) -> str:
    number = request.args.get("page", "1")
    if not number.isascii() or not number.isdecimal() or not 0 < len(number) < 7:
        abort(404)
    office = request.args.get("office") or None
    if office is not None:
        reach.require("read_comments", office)
    offices = [one for one in list_offices(engine) if one.id in reach.offices]
    wanted = Filter(offices=reach.offices if office is None else frozenset([office]))
    page, names = max(1, int(number)), _names(engine)
    total = count_comments(engine, wanted)
    found = list_comments(engine, wanted, PAGE, PAGE * (page - 1))
    months = [
        (month, [_shown(one, secret, names) for one in comments])
        for month, comments in groupby(found, lambda one: one.month)
    ]
    return render_template(
        "staff/comments.html",
        **staff_frame(),
        months=months,
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE)),
        office=office,
        offices=offices if len(offices) > 1 else (),
        names=names,
        deletions=list_deletions(engine, reach.offices),
        may_delete=reach.may("delete_comments", reach.grant.office),
    )


def _names(engine: Engine) -> dict[str, str]:
    """Sectors by name; with several offices, offices too."""
    lang, places = chosen_language(), load_places(engine, gone_too=True)
    general = staff_sentences().get("comments.general", lang)
    names = {GENERAL: general} | sector_names(places, lang)
    if len(places.office) > 1:
        names |= {f"office:{one.id}": one.name.get(lang) for one in places.office}
    return names


def _shown(one: Written, secret: str, names: dict[str, str]) -> ShownComment:
    office = names.get(f"office:{one.office}")
    sector = names.get(one.sector, one.sector)
    return ShownComment(
        _handle(one, secret), f"{sector} · {office}" if office else sector, one.text
    )


def _handle(one: Written, secret: str) -> str:
    """Month and a keyed digest of the random id."""
    key = f"comment {secret}".encode()
    digest = hmac.new(key, one.response_id.encode(), hashlib.sha256).hexdigest()
    return f"{one.month}.{digest[:32]}"


def _find(engine: Engine, secret: str, handle: str, reach: Scope) -> Written | None:
    from analysis.errors import PeriodError
    from analysis.period import parse_period

    try:
        month = parse_period(handle.partition(".")[0])
    except PeriodError:
        return None
    for one in list_comments(engine, Filter(month.first, month.last, reach.offices)):
        if hmac.compare_digest(_handle(one, secret).encode(), handle.encode()):
            return one
    return None
