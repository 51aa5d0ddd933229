"""Staff pages of the targets: what is to be reached, by when, and who says so.

They are kept in `targets.toml` of the data folder, which stays a file that can be edited by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from survey import targets, told
from survey.errors import HailongError
from survey.places import GENERAL, sector_names, shipped_places
from survey.store.places import load_closed, load_places
from survey.store.staff_actions import Done, DoneFilter, list_actions
from survey.targets import LONGEST, Filled, TargetRefused
from survey.told import in_language
from survey.web.desk.frame import say, see_other, staff_frame
from survey.web.desk.guard import DeskContext, Scope, needs, office_names, scope
from survey.web.desk.history import history_line
from survey.web.security import chosen_language

if TYPE_CHECKING:
    from analysis.targets import Aim, AnyTarget, Target, Targets

ACTIONS: Final = (
    *("target_made", "target_changed", "target_dropped"),
    *("own_threshold_set", "own_threshold_dropped", "targets_accepted"),
)
HISTORY: Final = 50  # lines of it that the page shows


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
    return say(f"targets.{key}", **words)


def _list(context: DeskContext, problem: str = "") -> str:
    from analysis.targets import Targets

    try:
        found = load(context)
    except HailongError as error:
        found, problem = Targets(census=()), in_language(error.args[0], chosen_language())
    lang = chosen_language()
    names, known = _sector_names(context), targets.measures(context.engine, lang)
    former = _former_names(context)
    reach = scope(context.engine)
    offices, mine = office_names(context.engine), reach.grant.office
    aims = found.under(reach.parents).aims
    return render_template(
        "staff/targets.html",
        **staff_frame(),
        targets=found.target,
        census=found.of_census,
        everything=reach.may("change_targets", None),
        mine=offices.get(mine, mine) if mine else "",
        holds={one.id: _held(aims.of(one, mine), mine, offices) for one in found.every if mine},
        sources={one.id: _source(found, one, aims.of(one, mine)) for one in found.every if mine},
        own=[one for one in found.own if one.office in reach.offices or mine is None],
        titles={one.id: f"{one.title.get(lang)}, {one.deadline}" for one in found.every},
        offices=offices,
        scopes={one.id: _scope(one, former | names) for one in found.target},
        measures=known,
        gone={one.id: _gone(one, names, former) for one in found.target},
        percent=percent,
        history=[history_line(done, context.config.zone) for done in _history(context, reach)],
        problem=problem,
    )


def _history(context: DeskContext, reach: Scope) -> Sequence[Done]:
    """What was done about targets lately: in the offices of an account that has not all of them."""
    offices = None if reach.grant.office is None else reach.offices
    return list_actions(context.engine, DoneFilter(offices=offices), HISTORY, actions=ACTIONS)


def _sector_names(context: DeskContext) -> dict[str, str]:
    """The sectors in use by name, and the agency in general."""
    lang = chosen_language()
    general = say("comments.general")
    used = sector_names(load_places(context.engine), lang)
    listed = {one.id for one in load_places(context.engine).sector}
    return {id_: name for id_, name in used.items() if id_ in listed} | {GENERAL: general}


def _former_names(context: DeskContext) -> dict[str, str]:
    """The names of sectors that the office left out from the first, or later."""
    former = (*shipped_places().sector, *load_closed(context.engine).sector)
    return {one.id: one.name.get(chosen_language()) for one in former}


def percent(share: object) -> str:
    """A share as the page shows it."""
    return told.percent(share, chosen_language())


def _held(aim: Aim, office: str | None, names: Mapping[str | None, str]) -> str:
    """What holds for an office, and whose it is."""
    share = percent(aim.threshold)
    if aim.office is None:
        return share
    if aim.office == office:
        return said("own_own", threshold=share)
    return said("own_from", threshold=share, office=names.get(aim.office, aim.office))


def _source(found: Targets, target: AnyTarget, aim: Aim) -> str:
    """Who says so, of what holds for an office."""
    own = None if aim.office is None else targets.find_own(found, aim.office, target.id)
    return target.source if own is None else own.source


def _scope(one: Target, names: dict[str, str]) -> str:
    """Whom a target is about, in words."""
    if one.sectors == "all":
        return said("all_pooled" if one.pool else "all_each")
    listed = ", ".join(names.get(id_, id_) for id_ in one.sectors)
    if len(one.sectors) == 1:
        return listed
    return said("some_pooled" if one.pool else "some_each", sectors=listed)


def _gone(one: Target, names: dict[str, str], former: dict[str, str]) -> str:
    """Sectors of a target that are no longer in the list."""
    missing = [] if one.sectors == "all" else [id_ for id_ in one.sectors if id_ not in names]
    return ", ".join(former.get(id_, id_) for id_ in missing)


# --- One target -------------------------------------------------------------------------------


def _target(context: DeskContext) -> Response | str | tuple[str, int]:
    scope(context.engine).require("change_targets", None)
    try:
        known = load(context)
    except HailongError:
        return _list(context), 422
    stored = find(known, request.values.get("id", ""))
    if request.method == "GET":
        return _page(context, _filled(stored), stored)
    given = {**request.form.to_dict(), "sectors": request.form.getlist("sectors")}
    try:
        made = targets.read_target(context.engine, _filled_in(given), known, stored)
        targets.put_target(context.config, context.engine, context.by, known, made)
    except TargetRefused as refused:
        return _page(context, given, stored, in_language(refused.args[0], chosen_language())), 422
    return see_other("targets.show")


def find(known: Targets, id_: str) -> AnyTarget | None:
    """The target that a request names, None for a new one; one that is not there is 404."""
    if not id_:
        return None
    found = next((one for one in known.every if one.id == id_), None)
    if found is None:
        abort(404)
    return found


def _filled(stored: AnyTarget | None) -> dict[str, object]:
    """What the form begins with; the address says whether a new one is on all dossiers."""
    from analysis.targets import CENSUS_MEASURES

    if stored is None:
        measure = CENSUS_MEASURES[0] if request.args.get("of") == "dossiers" else "overall"
        return {"measure": measure, "pool": "1"}
    filled = asdict(targets.filled_of(stored))
    return filled | {"pool": "1" if filled["pool"] else "", "threshold": percent(stored.threshold)}


def _filled_in(given: Mapping[str, object]) -> Filled:
    """What came with the form; a field that is missing is empty."""
    names = ("vi", "en", "measure", "threshold", "deadline", "source")
    sectors = given.get("sectors")
    return Filled(
        **{name: str(given.get(name, "")) for name in names},
        sectors=tuple(map(str, sectors)) if isinstance(sectors, list) else (),
        pool=bool(given.get("pool")),
    )


def _page(
    context: DeskContext, given: Mapping[str, object], stored: AnyTarget | None, problem: str = ""
) -> str:
    from analysis.targets import CENSUS_MEASURES

    census = (given.get("measure") if stored is None else stored.measure) in CENSUS_MEASURES
    counted = {name: said(name) for name in CENSUS_MEASURES}
    asked = counted if census else targets.measures(context.engine, chosen_language())
    return render_template(
        "staff/target.html",
        **staff_frame(),
        target=stored,
        census=census,
        given=given,
        chosen=given.get("sectors") or [],
        former=_former_names(context),
        sectors=list(_sector_names(context).items()),
        measures=list(asked.items()),
        longest=LONGEST,
        problem=problem,
    )


def _drop(context: DeskContext) -> Response | str | tuple[str, int]:
    scope(context.engine).require("change_targets", None)
    try:
        known = load(context)
    except HailongError:
        return _list(context), 422
    target = find(known, request.form.get("id", ""))
    if target is None:
        abort(404)
    if "sure" not in request.form:
        return render_template(
            "staff/target_sure.html", **staff_frame(), target=target, percent=percent
        )
    try:
        targets.drop_target(context.config, context.engine, context.by, known, target)
    except TargetRefused as refused:
        return _list(context, in_language(refused.args[0], chosen_language())), 422
    return see_other("targets.show")
