"""Staff pages: what citizens wrote, month by month, and what became of it.

No page tells the order of arrival, and no address or field of a page names a response.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final

from flask import Blueprint, abort, render_template, request
from flask_login import current_user
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from questionnaires import keys
from survey.places import GENERAL, sector_names
from survey.store.comments import (
    COMMENT_STATES,
    CommentState,
    Filter,
    Written,
    black_out,
    blacked_out,
    comment_months,
    count_comments,
    count_reasons,
    delete_comment,
    handle_comment,
    handle_of,
    list_comments,
    list_deletions,
    mark_read,
)
from survey.store.places import list_offices, load_places
from survey.store.questionnaires import published_questionnaires
from survey.store.staff_actions import By
from survey.web.desk.frame import page_number, say, see_other, staff_frame
from survey.web.desk.guard import Scope, needs, scope
from survey.web.desk.meanwhile import changed_meanwhile, mark
from survey.web.security import chosen_language

if TYPE_CHECKING:
    from analysis.period import Period

PAGE: Final = 50  # comments on a page
LONGEST_NOTE: Final = 500
LONGEST_WORDS: Final = 100


@dataclass(frozen=True, slots=True)
class ShownComment:
    """A comment for people; `handle` finds it again on this installation and says nothing else."""

    handle: str
    place: str
    text: str
    state: CommentState
    note: str


@dataclass(frozen=True, slots=True)
class Comments:
    """What the pages need of the installation; `secret` makes the handles."""

    engine: Engine
    secret: str
    now: Callable[[], datetime]

    @property
    def by(self) -> By:
        """Who acts, for the log."""
        return By(current_user.name, self.now())

    def handle(self, one: Written) -> str:
        """What finds it again on this installation."""
        return handle_of(self.secret, one)

    def find(self, handle: str) -> Written | None:
        """The comment of a handle, of an office of whoever asks; None where it is gone."""
        month = _month(handle.partition(".")[0])
        if month is None:
            return None
        wanted = Filter(month.first, month.last, scope(self.engine).offices)
        for one in list_comments(self.engine, wanted):
            if hmac.compare_digest(self.handle(one).encode(), handle.encode()):
                return one
        return None

    def shown(self, one: Written, names: dict[str, str]) -> ShownComment:
        """A comment as it stands on a page."""
        office = names.get(f"office:{one.office}")
        sector = names.get(one.sector, one.sector)
        place = f"{sector} · {office}" if office else sector
        return ShownComment(self.handle(one), place, one.text, one.state, one.note or "")


def make_blueprint(engine: Engine, secret: str, now: Callable[[], datetime]) -> Blueprint:
    """Return the pages of comments, each for staff of the office that they were written to."""
    pages = Blueprint("comments", __name__, url_prefix="/comments")
    context = Comments(engine, secret, now)

    @pages.get("")
    @needs("read_comments")
    def show() -> str:
        return _list(context, scope(engine))

    @pages.post("/read")
    @needs("read_comments")
    def read() -> Response:
        found = map(context.find, request.form.getlist("read")[:PAGE])
        mark_read(engine, [one for one in found if one is not None])
        return _back()

    @pages.get("/one")
    @needs("read_comments")
    def one() -> str | Response:
        return _one(context, request.args.get("comment", ""))

    @pages.post("/one")
    @needs("read_comments")
    def handle() -> str | Response | tuple[str, int]:
        return _handle(context)

    @pages.post("/black-out")
    @needs("read_comments")
    def cover() -> str | Response | tuple[str, int]:
        return _cover(context)

    @pages.post("/delete")
    @needs("delete_comments")
    def delete() -> Response | str:
        found = context.find(request.form.get("comment", ""))
        if found is None:  # deleted meanwhile, by somebody else
            return _back()
        if "sure" not in request.form:
            shown = context.shown(found, _names(engine))
            return render_template("staff/delete_comment.html", **staff_frame(), one=shown)
        delete_comment(engine, found, context.by)
        return _back()

    return pages


def _back() -> Response:
    return see_other("comments.show")


# --- The list ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is narrowed to, as it was asked for; an empty text is no filter."""

    office: str
    sector: str
    month: str
    state: str
    words: str

    @classmethod
    def of_request(cls) -> Asked:
        """Read it from the address."""
        given = request.args
        return cls(
            office=given.get("office", ""),
            sector=given.get("sector", ""),
            month=given.get("month", ""),
            state=given.get("state", ""),
            words=" ".join(given.get("words", "").split())[:LONGEST_WORDS],
        )

    def kept(self) -> dict[str, str]:
        """What an address of the same list holds."""
        return {name: value for name, value in asdict(self).items() if value}

    def filter(self, reach: Scope) -> Filter:
        """What to ask the database. An office, state or month that there is not is 404."""
        if self.office:
            reach.require("read_comments", self.office)
        state = next((one for one in COMMENT_STATES if one == self.state), None)
        month = _month(self.month)
        if bool(self.month) != bool(month) or bool(self.state) != bool(state):
            abort(404)
        return Filter(
            month.first if month else date.min,
            month.last if month else date.max,
            offices=reach.below(self.office) if self.office else reach.offices,
            sector=self.sector or None,
            state=state,
        )


def _month(text: str) -> Period | None:
    """A month ("2026-10"); None where the text is none."""
    from analysis.errors import PeriodError
    from analysis.period import parse_period

    try:
        return parse_period(text)
    except PeriodError:
        return None


def _list(context: Comments, reach: Scope) -> str:
    engine, asked, number = context.engine, Asked.of_request(), page_number()
    wanted, names = asked.filter(reach), _names(context.engine)
    total, found = _found(engine, wanted, asked.words, number)
    months = [
        (month, [context.shown(one, names) for one in comments])
        for month, comments in groupby(found, lambda one: one.month)
    ]
    offices = [one for one in list_offices(engine) if one.id in reach.offices]
    return render_template(
        "staff/comments.html",
        **staff_frame(),
        months=months,
        asked=asked,
        new=[context.handle(one) for one in found if one.state == "new"],
        total=total,
        page=number,
        pages=max(1, -(-total // PAGE)),
        states=COMMENT_STATES,
        all_months=comment_months(engine, reach.offices),
        sectors=[(id_, name) for id_, name in names.items() if not id_.startswith("office:")],
        offices=offices if len(offices) > 1 else (),
        reasons=_reasons(engine, wanted),
        longest=LONGEST_WORDS,
        names=names,
        deletions=list_deletions(engine, reach.offices),
        may_delete=reach.may("delete_comments", reach.grant.office),
    )


def _found(
    engine: Engine, wanted: Filter, words: str, number: int
) -> tuple[int, Sequence[Written]]:
    """How many comments there are, and those of a page.

    Words are looked for here: no database compares Vietnamese letters as people do.
    """
    skipped = PAGE * (number - 1)
    if not words:
        return count_comments(engine, wanted), list_comments(engine, wanted, PAGE, skipped)
    looked_for = keys.folded(words)
    every = [one for one in list_comments(engine, wanted) if looked_for in keys.folded(one.text)]
    return len(every), every[skipped : skipped + PAGE]


def _reasons(engine: Engine, wanted: Filter) -> list[tuple[str, int]]:
    """What went wrong by its words, the most frequent first; versions that say the same together.

    Comments may be narrowed by what became of them, reasons not: they have no state.
    """
    lang, known = chosen_language(), published_questionnaires(engine)
    words = {
        (key, question.id, option.id): option.text.get(lang)
        for key, questionnaire in known.items()
        for question in questionnaire.choices
        for option in question.options
    }
    counted: Counter[str] = Counter()
    for reason, number in count_reasons(engine, wanted).items():
        counted[words.get(reason, reason[-1])] += number
    return counted.most_common()


def _names(engine: Engine) -> dict[str, str]:
    """Sectors by name; with several offices, offices too."""
    lang, places = chosen_language(), load_places(engine, gone_too=True)
    general = say("comments.general")
    names = {GENERAL: general} | sector_names(places, lang)
    if len(places.office) > 1:
        names |= {f"office:{one.id}": one.name.get(lang) for one in places.office}
    return names


# --- One comment ------------------------------------------------------------------------------


LABELS: Final = {"state": "comments.state", "note": "comments.note"}


def _kept(found: Written) -> dict[str, str]:
    """What became of a comment, as its form shows it; one that is opened is read."""
    return {"state": "read" if found.state == "new" else found.state, "note": found.note or ""}


def _shown(name: str, value: object) -> str:
    return say(f"comments.state_{value}") if name == "state" else str(value)


def _one(
    context: Comments, handle: str, problem: str = "", typed: Mapping[str, str] | None = None
) -> str | Response:
    found = context.find(handle)
    if found is None:  # deleted meanwhile, or of another office
        return _back()
    return render_template(
        "staff/comment.html",
        **staff_frame(),
        one=context.shown(found, _names(context.engine)),
        given=typed or _kept(found),
        seen=mark(_kept(found)),
        month=found.month,
        states=COMMENT_STATES,
        longest=LONGEST_NOTE,
        longest_words=LONGEST_WORDS,
        may_delete=scope(context.engine).may("delete_comments", found.office),
        problem=problem,
    )


def _handle(context: Comments) -> str | Response | tuple[str, int]:
    """Keep the state and the note of a comment."""
    handle, given = request.form.get("comment", ""), request.form.get("state", "")
    state = next((one for one in COMMENT_STATES if one == given), None)
    found = context.find(handle)
    if found is None:
        return _back()
    if state is None:
        abort(404)
    typed = {"state": str(state), "note": request.form.get("note", "").strip()}
    if len(typed["note"]) > LONGEST_NOTE:
        told = say("comments.long_note", most=LONGEST_NOTE)
        return _refused(context, handle, told, typed)
    if told := changed_meanwhile(_kept(found), typed, LABELS, _shown):
        return _refused(context, handle, told, typed, 409)
    handle_comment(context.engine, found, state, typed["note"], context.by)
    return _back()


def _cover(context: Comments) -> str | Response | tuple[str, int]:
    """Black out words: shown first how it will look, done when confirmed."""
    handle, words = request.form.get("comment", ""), request.form.get("words", "")
    found = context.find(handle)
    if found is None:
        return _back()
    covered = blacked_out(found.text, words[:LONGEST_WORDS])
    if covered == found.text:
        given = words[:LONGEST_WORDS]
        told = say("comments.no_such_words", words=given)
        return _refused(context, handle, told, {**_kept(found), "words": given})
    if "sure" not in request.form:
        shown = context.shown(found, _names(context.engine))
        return render_template(
            "staff/black_out.html", **staff_frame(), one=shown, covered=covered, words=words
        )
    black_out(context.engine, found, words[:LONGEST_WORDS], context.by)
    return see_other("comments.one", comment=handle)


def _refused(
    context: Comments, handle: str, problem: str, typed: Mapping[str, str], status: int = 422
) -> str | Response | tuple[str, int]:
    """The page again, with what was typed."""
    page = _one(context, handle, problem, typed)
    return (page, status) if isinstance(page, str) else page
