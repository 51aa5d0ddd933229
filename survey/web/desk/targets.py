"""Staff pages of the targets: what is to be reached, by when, and who says so.

They are kept in `targets.toml` of the data folder, which stays a file that can be edited by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from survey.edits import new_id
from survey.errors import HailongError
from survey.files import write_whole
from survey.places import GENERAL, sector_names
from survey.store.places import load_places
from survey.store.questionnaires import published_questionnaires
from survey.store.staff_actions import Done, DoneFilter, list_actions, noted
from survey.target_seals import amending_targets
from survey.told import in_language
from survey.turns import turn
from survey.web.desk.frame import staff_frame, staff_sentences
from survey.web.desk.guard import DeskContext, needs, office_names, scope
from survey.web.security import chosen_language

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from analysis.targets import Aim, Target, Targets

ACTIONS: Final = (
    *("target_made", "target_changed", "target_dropped"),
    *("own_threshold_set", "own_threshold_dropped"),
)
LONGEST: Final = 300
HISTORY: Final = 50  # lines of it that the page shows


class TargetRefused(Exception):
    """What was filled in is no target: the key of a sentence, and its words."""

    def __init__(self, key: str, **words: object) -> None:
        super().__init__(key)
        self.key, self.words = key, words


def make_blueprint(context: DeskContext) -> Blueprint:
    """Return the pages: targets hold for the whole installation, and who administers all of it
    edits them; who administers an office sees what holds for it."""
    pages = Blueprint("targets", __name__, url_prefix="/targets")

    @pages.get("")
    @needs("change_targets")
    def show() -> str:
        return _list(context)

    @pages.route("/target", methods=["GET", "POST"])
    @needs("change_targets")
    def target() -> Response | str | tuple[str, int]:
        return _target(context)

    @pages.post("/drop")
    @needs("change_targets")
    def drop() -> Response | str | tuple[str, int]:
        return _drop(context)

    return pages


def load(context: DeskContext) -> Targets:
    """The targets that hold. Raises HailongError where the file is wrong."""
    from survey.figures.office import office_targets

    return office_targets(context.config)


def said(key: str, **words: object) -> str:
    return staff_sentences().get(f"targets.{key}", chosen_language(), **words)


def _list(context: DeskContext, problem: str = "") -> str:
    from analysis.targets import Targets

    try:
        found = load(context)
    except HailongError as error:
        found, problem = Targets(), in_language(error.args[0], chosen_language())
    names, known, targets = _sector_names(context), _measures(context), found.target
    reach = scope(context.engine)
    offices, mine = office_names(context.engine), reach.grant.office
    aims = found.under(reach.parents).aims
    return render_template(
        "staff/targets.html",
        **staff_frame(),
        targets=targets,
        everything=reach.may("change_targets", None),
        mine=offices.get(mine, mine) if mine else "",
        holds={one.id: _held(aims.of(one, mine), mine, offices) for one in targets if mine},
        own=[one for one in found.own if one.office in reach.offices or mine is None],
        titles={one.id: f"{one.title.get(chosen_language())}, {one.deadline}" for one in targets},
        offices=offices,
        scopes={one.id: _scope(one, names) for one in targets},
        measures=known,
        gone={one.id: _gone(one, names) for one in targets},
        percent=percent,
        history=list_actions(
            context.engine,
            DoneFilter(offices=reach.offices if mine else None),
            HISTORY,
            actions=ACTIONS,
        ),
        told=_line,
        problem=problem,
    )


def _sector_names(context: DeskContext) -> dict[str, str]:
    """The sectors in use by name, and the agency in general."""
    lang = chosen_language()
    general = staff_sentences().get("comments.general", lang)
    used = sector_names(load_places(context.engine), lang)
    listed = {one.id for one in load_places(context.engine).sector}
    return {id_: name for id_, name in used.items() if id_ in listed} | {GENERAL: general}


def _measures(context: DeskContext) -> dict[str, str]:
    """What a target can be about, by name: everything that published questionnaires ask."""
    from analysis.reporting.wording import measure_names

    named = measure_names(published_questionnaires(context.engine), chosen_language())
    return {key: name for key, name in named.items() if not key.startswith("reason:")}


def percent(share: object) -> str:
    """A share as a page shows it: 90%, 92,5%.

    >>> percent(Decimal("0.925"))
    '92,5%'
    """
    text = f"{float(str(share)) * 100:.6g}"
    return f"{text.replace('.', ',') if chosen_language() == 'vi' else text}%"


def _held(aim: Aim, office: str | None, names: Mapping[str | None, str]) -> str:
    """What holds for an office, and whose it is."""
    told = percent(aim.threshold)
    if aim.office is None:
        return told
    if aim.office == office:
        return said("own_own", threshold=told)
    return said("own_from", threshold=told, office=names.get(aim.office, aim.office))


def _scope(one: Target, names: dict[str, str]) -> str:
    """Whom a target is about, in words."""
    if one.sectors == "all":
        return said("all_pooled" if one.pool else "all_each")
    listed = ", ".join(names.get(id_, id_) for id_ in one.sectors)
    if len(one.sectors) == 1:
        return listed
    return said("some_pooled" if one.pool else "some_each", sectors=listed)


def _gone(one: Target, names: dict[str, str]) -> str:
    """Sectors of a target that are no longer in the list."""
    missing = [] if one.sectors == "all" else [id_ for id_ in one.sectors if id_ not in names]
    return ", ".join(missing)


def _line(done: Done) -> str:
    """A line of the history: when, who, what."""
    who = done.name or staff_sentences().get("log.commands", chosen_language())
    what = staff_sentences().get(f"did.{done.action}", chosen_language(), **done.details)
    return f"{done.at:%d/%m/%Y}: {who} {what}"


# --- One target -------------------------------------------------------------------------------


def _target(context: DeskContext) -> Response | str | tuple[str, int]:
    scope(context.engine).require("change_targets", None)
    try:
        targets = load(context)
    except HailongError:
        return _list(context), 422
    stored = find(targets, request.values.get("id", ""))
    if request.method == "GET":
        return _page(context, _filled(stored), stored)
    given = {**request.form.to_dict(), "sectors": request.form.getlist("sectors")}
    try:
        made = _made(context, given, stored, targets)
        action: Final = "target_changed" if stored else "target_made"
        others = [made if one.id == made.id else one for one in targets.target]
        kept = others if stored else [*others, made]
        details = {
            "target": made.title.vi,
            "threshold": percent(made.threshold),
            "before": percent(stored.threshold) if stored else "",
            "deadline": str(made.deadline),
            "source": made.source,
        }
        with noted(context.engine, context.by, action, **details) as connection:
            write(context, connection, targets.model_copy(update={"target": tuple(kept)}))
    except TargetRefused as refused:
        return _page(context, given, stored, said(refused.key, **refused.words)), 422
    return redirect(url_for("targets.show", lang=chosen_language()), code=303)


def find(targets: Targets, id_: str) -> Target | None:
    """The target that a request names, None for a new one; one that is not there is 404."""
    if not id_:
        return None
    found = next((one for one in targets.target if one.id == id_), None)
    if found is None:
        abort(404)
    return found


def _filled(stored: Target | None) -> dict[str, object]:
    if stored is None:
        return {"measure": "overall", "pool": "1"}
    return {
        "vi": stored.title.vi,
        "en": "" if stored.title.en == stored.title.vi else stored.title.en,
        "measure": stored.measure,
        "sectors": [] if stored.sectors == "all" else list(stored.sectors),
        "pool": "1" if stored.pool else "",
        "threshold": percent(stored.threshold),
        "deadline": str(stored.deadline),
        "source": stored.source,
    }


def _made(
    context: DeskContext, given: Mapping[str, object], stored: Target | None, targets: Targets
) -> Target:
    """The target that was filled in. Raises TargetRefused."""
    from analysis.targets import Target, parse_share
    from questionnaires import Text

    text = {
        name: " ".join(str(given.get(name, "")).split())
        for name in ("vi", "en", "threshold", "deadline", "source", "measure")
    }
    if not text["vi"] or max(map(len, text.values())) > LONGEST:
        raise TargetRefused("no_title", most=LONGEST)
    share = parse_share(text["threshold"])
    if share is None:
        raise TargetRefused("no_share", given=text["threshold"] or "–")
    year = text["deadline"]
    if not (year.isascii() and year.isdecimal() and 2000 <= int(year) <= 2199):
        raise TargetRefused("no_year", given=year or "–")
    if not text["source"]:
        raise TargetRefused("no_source")
    sectors = given.get("sectors")
    chosen = tuple(map(str, sectors)) if isinstance(sectors, list) else ()
    known = {*_sector_names(context), *(stored.sectors if stored else ())}
    if text["measure"] not in _measures(context) or not known.issuperset(chosen):
        abort(404)  # something that was not offered
    pool = bool(given.get("pool"))
    if pool and GENERAL in chosen and len(chosen) > 1:
        raise TargetRefused("general_alone")
    taken = (one.id for one in targets.target)
    return Target(
        id=stored.id if stored else new_id(f"{text['vi']} {year}", taken),
        title=Text(vi=text["vi"], en=text["en"] or text["vi"]),
        measure=text["measure"],
        sectors=chosen or "all",
        pool=pool,
        threshold=share,
        deadline=int(year),
        source=text["source"],
    )


def write(context: DeskContext, connection: Connection, targets: Targets) -> None:
    """Replace the file, whole, and seal the targets again in the transaction of the log's line.

    Raises TargetRefused where somebody else is at it, or it cannot.
    """
    from analysis.targets import parse_targets, targets_text

    with _alone(context), amending_targets(context.config, connection, context.by):
        text = targets_text(targets)
        parse_targets(text, "targets.toml")  # what is written can be read
        try:
            write_whole(context.config.targets_file, text)
        except OSError as error:
            raise TargetRefused("cannot", why=error.strerror or error) from error


@contextmanager
def _alone(context: DeskContext) -> Iterator[None]:
    with turn(context.config.data / "targets.turn") as mine:
        if not mine:
            raise TargetRefused("busy")
        yield


def _page(
    context: DeskContext, given: Mapping[str, object], stored: Target | None, problem: str = ""
) -> str:
    return render_template(
        "staff/target.html",
        **staff_frame(),
        target=stored,
        given=given,
        chosen=given.get("sectors") or [],
        sectors=list(_sector_names(context).items()),
        measures=list(_measures(context).items()),
        longest=LONGEST,
        problem=problem,
    )


def _drop(context: DeskContext) -> Response | str | tuple[str, int]:
    scope(context.engine).require("change_targets", None)
    try:
        targets = load(context)
    except HailongError:
        return _list(context), 422
    target = find(targets, request.form.get("id", ""))
    if target is None:
        abort(404)
    if "sure" not in request.form:
        return render_template(
            "staff/target_sure.html", **staff_frame(), target=target, percent=percent
        )
    left = tuple(one for one in targets.target if one.id != target.id)
    own = tuple(one for one in targets.own if one.target != target.id)
    details = {
        "target": target.title.vi,
        "threshold": percent(target.threshold),
        "deadline": str(target.deadline),
    }
    try:
        with noted(context.engine, context.by, "target_dropped", **details) as connection:
            write(context, connection, targets.model_copy(update={"target": left, "own": own}))
    except TargetRefused as refused:
        return _list(context, said(refused.key, **refused.words)), 422
    return redirect(url_for("targets.show", lang=chosen_language()), code=303)
