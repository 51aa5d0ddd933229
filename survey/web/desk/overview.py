"""Staff pages: all offices of an account side by side, from figures that are kept.

No request computes any: they are looked up, sorted and counted (`survey.figures.overviews`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, abort, make_response, render_template, request
from werkzeug.wrappers import Response

from survey.figures.office import office_targets, told_purged
from survey.figures.overviews import failure, want
from survey.overview import (
    ALL,
    NEEDS,
    SILENT,
    SORTS,
    Need,
    Needed,
    Sort,
    Tree,
    by_evidence,
    by_name,
    needs_of,
    plainly,
    silence,
)
from survey.store.overviews import (
    KeptRow,
    RowKey,
    View,
    load_keys,
    load_offices,
    load_totals,
    newest_answers,
)
from survey.store.places import PlainOffice, list_plain_offices, list_sectors
from survey.store.responses import any_answered
from survey.told import in_language
from survey.web.desk.frame import page_number, say, see_other, staff_frame
from survey.web.desk.funnel import NARROW, WIDE, Words, funnel_svg
from survey.web.desk.guard import DeskContext, Scope, needs, scope
from survey.web.desk.results import PeriodChoices, period_choices
from survey.web.security import allow_inline, chosen_language

if TYPE_CHECKING:
    from analysis.period import Period

PART: Final = 30  # offices on a page
AGAIN_SECONDS: Final = 10
_BLOCKS: Final = ("coverage", "not_counted")
_LONGEST: Final = 60  # letters of a name that is looked for


@dataclass(frozen=True, slots=True)
class Seen:
    """What of a period an account sees: its offices as they are sorted, its totals by group.

    `shown`: the group that the page is about.
    """

    period: Period
    shown: str
    view: View
    tree: Tree
    names: Mapping[str, str]
    former: Mapping[str, PlainOffice]
    offices: Sequence[RowKey]
    groups: Mapping[str, KeptRow]

    @property
    def funnel(self) -> Mapping[str, Any] | None:
        """The comparison of the group's offices; None where there is none to be shown."""
        row = self.groups.get(self.shown)
        found: Mapping[str, Any] | None = None if row is None else row.content.get("funnel")
        return found

    @property
    def standard(self) -> Mapping[str, Any]:
        """The standardised share of each of the group's offices that has answers."""
        row = self.groups.get(self.shown)
        found: Mapping[str, Any] = {} if row is None else row.content.get("standard") or {}
        return found

    @property
    def left(self) -> int:
        """How many groups of what is shown were never computed yet."""
        below = self.tree.below(self.shown) | {self.shown}
        return sum(one in below and one not in self.groups for one in self.tree.groups)


@dataclass(frozen=True, slots=True)
class Listed:
    """One office of all that are there: what it is sorted and chosen by."""

    key: RowKey
    name: str
    silent: Needed | None
    unlike: str
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Line:
    """One office of the table: its row, its point in the funnel, and in words what it needs."""

    office: str
    name: str
    row: Mapping[str, Any]
    standard: Mapping[str, Any] | None
    point: tuple[int, float, str] | None
    point_share: str
    told: str


def make_blueprint(context: DeskContext) -> Blueprint:
    """Return the pages of all offices."""
    pages = Blueprint("overview", __name__, url_prefix="/overview")

    @pages.get("")
    @needs("see_results")
    def latest() -> Response:
        from analysis.errors import PeriodError
        from analysis.period import written_period

        month = context.now().date().replace(day=1) - timedelta(days=1)
        given: dict[str, Any] = {
            name: request.args[name] for name in ("within", "q", "sort") if request.args.get(name)
        }
        asked = request.args.get("period") or f"{month:%Y-%m}"
        try:
            period = written_period(asked).text
        except PeriodError:
            return _bad_period(context, asked)
        return see_other("overview.show", period=period, **given)

    @pages.get("/<period>")
    @needs("see_results")
    def show(period: str) -> Response | str:
        found = _period(period)
        return _bad_period(context, period) if found is None else _page(context, found)

    @pages.get("/<period>/funnel.svg")
    @needs("see_results")
    def funnel(period: str) -> Response:
        return _picture(context, _period(period) or abort(404))

    return pages


def _period(text: str) -> Period | None:
    """The period of an address; None where it is none."""
    from analysis.errors import PeriodError
    from analysis.period import parse_period

    try:
        return parse_period(text)
    except PeriodError:
        return None


def _bad_period(context: DeskContext, text: str) -> Response:
    choices = period_choices(context.now().date(), chosen_language())
    return make_response(_drawn(bad_period=text, choices=choices), 400)


def _page(context: DeskContext, period: Period) -> Response | str:
    reach, lang, today = scope(context.engine), chosen_language(), context.now().date()
    offices = list_plain_offices(context.engine)
    tree = Tree({one.id: one.parent for one in offices})
    shown = _shown(reach, tree)
    if not tree.is_group(shown):  # an office with none below: there is nothing beside it
        return see_other("results.show", period=period.text, place=shown)
    choices: PeriodChoices = period_choices(today, lang, period)
    frame = {"period": period.text, "label": period.called(lang), "choices": choices, "tree": tree}
    gone = told_purged(context.engine, period)
    if gone is not None:
        return _drawn(**frame, gone=in_language(gone, lang))
    view: View = "full" if reach.may("see_unpublished", reach.grant.office) else "published"
    seen = _seen(context, period, reach, tree, shown, view, offices)
    group = seen.groups.get(shown)
    come = _has_answers(context, period, reach) if group is None else _may_have_answers(group)
    if come or group is not None:
        want(context.config, period)
    if not come:
        return _drawn(**frame, nothing=True)
    if period.last >= today and view == "published":
        return _drawn(**frame, waits=True)
    if group is None:
        reply = make_response(_drawn(**frame, computing=True, failed=failure(context.config, lang)))
        reply.headers["Refresh"] = str(AGAIN_SECONDS)
        return reply
    reply = make_response(_drawn(**frame, **_figures(context, seen, reach, group)))
    if seen.left:
        reply.headers["Refresh"] = str(AGAIN_SECONDS)
    return reply


def _figures(context: DeskContext, seen: Seen, reach: Scope, group: KeptRow) -> dict[str, object]:
    """What the page says of a group: its totals, and its offices page by page."""
    lang, today, shown = chosen_language(), context.now().date(), seen.shown
    found = list(_listed(context, seen, today))
    need, sort, words = _need(), _sort(), request.args.get("q", "").strip()[:_LONGEST]
    kept = [one for one in found if _is_wanted(one, need, words)]
    kept.sort(key=_key(sort))
    page, pages = page_number(), max(1, -(-len(kept) // PART))
    if page > pages:
        abort(404)
    first = (page - 1) * PART
    part = kept[first : first + PART]
    offices = [one.key.office for one in part]
    rows = load_offices(context.engine, seen.period.text, seen.view, offices)
    content = {row.office: row.content for row in rows}
    targets = _targets(context, seen, [group.content, *content.values()])
    above = reversed(seen.tree.above(shown))
    return {
        "seen": seen,
        "total": group.content,
        "below": _below(seen, reach),
        "path": [one for one in above if one != shown and _may(reach, one)],
        "lines": list(_lines(seen, part, content, targets)),
        "first": first + 1,
        "many": len(kept),
        "counts": Counter(kind for one in found for kind in one.needs),
        "all_needs": NEEDS,
        "every": len(found),
        "page": page,
        "pages": pages,
        "kept": _kept(seen.period, shown, need, sort, words),
        "need": need,
        "sort": sort,
        "words": words,
        "made_on": group.made_on,
        "stale": group.newer,
        "left": seen.left,
        "failed": failure(context.config, lang) if group.newer or seen.left else None,
        "targets": targets,
        "version": group.mark[:12],
        "sector_names": {one.id: one.name.get(lang) for one in list_sectors(context.engine)},
        "unlike": _unlike(seen),
        "least": _least,
        "other_thresholds": _other_thresholds(targets, content.values()),
    }


def _has_answers(context: DeskContext, period: Period, reach: Scope) -> bool:
    own = None if reach.whole else reach.offices
    return any_answered(context.engine, period.first, period.last, own)


def _may_have_answers(group: KeptRow) -> bool:
    return group.newer or bool(group.content["received"])


def _shown(reach: Scope, tree: Tree) -> str:
    """The group that is asked for; by itself that of all offices of the account."""
    own = tree.top if reach.whole else reach.grant.office or tree.top
    asked = request.args.get("within") or own
    if not _may(reach, asked) or (asked != own and not tree.is_group(asked)):
        abort(404)
    return asked


def _may(reach: Scope, group: str) -> bool:
    return reach.whole if group == ALL else reach.may("see_results", group)


def _seen(
    context: DeskContext,
    period: Period,
    reach: Scope,
    tree: Tree,
    shown: str,
    view: View,
    offices: Sequence[PlainOffice],
) -> Seen:
    lang, own = chosen_language(), reach.offices | ({ALL} if reach.whole else set())
    names = {one.id: one.called(lang) for one in offices}
    names[ALL] = say("results.all_offices")
    below = own & tree.below(shown)
    totals = load_totals(context.engine, period.text, view)
    return Seen(
        period,
        shown,
        view,
        tree,
        names,
        {one.id: one for one in offices if one.former},
        [key for key in load_keys(context.engine, period.text, view) if key.office in below],
        {row.office: row for row in totals if row.office in own},
    )


def _listed(context: DeskContext, seen: Seen, today: date) -> Iterator[Listed]:
    """Every office of the group, with the kinds of what it needs."""
    newest = newest_answers(context.engine)
    points: Mapping[str, Any] = (seen.funnel or {}).get("points", {})
    for key in seen.offices:
        point = points.get(key.office)
        unlike = point[2] if point and point[2] in ("higher", "lower") else ""
        silent = silence(newest.get(key.office, today), today)  # today: it was never looked at
        if key.office in seen.former:
            silent = None
        kinds = {one for one in key.needs.split(",") if one}
        kinds |= {"silent"} if silent else set()
        kinds |= {"unlike"} if unlike else set()
        name = seen.names.get(key.office, key.office)
        yield Listed(key, name, silent, unlike, frozenset(kinds))


def _lines(
    seen: Seen,
    part: Sequence[Listed],
    content: Mapping[str, Mapping[str, Any]],
    targets: Sequence[Mapping[str, Any]],
) -> Iterator[Line]:
    """The offices of one page, with all that is told of them."""
    lang = chosen_language()
    numbers = {target["id"]: str(place) for place, target in enumerate(targets, 1)}
    points: Mapping[str, Any] = (seen.funnel or {}).get("points", {})
    for one in part:
        office, row = one.key.office, content.get(one.key.office)
        if row is None:  # it went while the page was made
            continue
        blocked = tuple(_blocked(seen, office)) if row["undone"] else ()
        needs = needs_of(row, one.silent, blocked=blocked, unlike=one.unlike)
        point = points.get(office)
        share = "" if point is None else _percent(point[1], lang)
        told = " ".join((*_merged(seen, office), *_sentences(seen, needs, numbers)))
        yield Line(office, one.name, row, seen.standard.get(office), point, share, told)


def _merged(seen: Seen, office: str) -> Iterator[str]:
    """That an office is a part of another one by now."""
    former = seen.former.get(office)
    if former is not None and former.until is not None and former.parent is not None:
        into = seen.names.get(former.parent, former.parent)
        day = former.until + timedelta(days=1)
        words = {"day": f"{day:%d/%m/%Y}", "office": into}
        yield say("overview.do.merged", **words)


def _blocked(seen: Seen, office: str) -> Iterator[str]:
    """Names of the totals of which nothing is proven for want of dossiers."""
    for group in seen.tree.above(office):
        row = seen.groups.get(group)
        if row is not None and any(one["reason"] in _BLOCKS for one in row.content["targets"]):
            yield seen.names.get(group, group)


def _is_wanted(one: Listed, need: Need | None, words: str) -> bool:
    if need is not None and need not in one.needs:
        return False
    return not words or plainly(words) in plainly(one.name)


def _key(sort: Sort) -> Any:
    if sort == "evidence":
        return lambda one: (by_evidence(one.key.width, one.key.n), by_name(one.name))
    return lambda one: by_name(one.name)


def _need() -> Need | None:
    asked = request.args.get("need", "")
    return next((one for one in NEEDS if one == asked), None)


def _sort() -> Sort:
    asked = request.args.get("sort", "")
    return next((one for one in SORTS if one == asked), "name")


def _kept(
    period: Period, shown: str, need: Need | None, sort: Sort, words: str
) -> dict[str, str | None]:
    """What an address of the page keeps."""
    return {
        "period": period.text,
        "within": shown,
        "need": need,
        "sort": sort if sort != "name" else None,
        "q": words or None,
    }


def _percent(share: float, lang: str) -> str:
    from analysis.words import localized

    return f"{localized(f'{100 * share:.1f}', lang)}%"


def _sentences(seen: Seen, found: Sequence[Needed], numbers: Mapping[str, str]) -> Iterator[str]:
    for one in found:
        match one.kind:
            case "dossiers":
                yield say("overview.do.dossiers", months=", ".join(map(_month, one.about)))
                if one.groups:
                    yield say("overview.do.blocks", groups=", ".join(one.groups))
            case "silent" if not one.about:
                yield say("overview.do.never")
            case "silent" if seen.view == "published":  # no day on which somebody answered
                yield say("overview.do.silent_long", count=SILENT.days)
            case "silent" if len(one.about[0]) == len("2026-10"):
                yield say("overview.do.silent_month", count=one.count, month=_month(one.about[0]))
            case "silent":
                day = date.fromisoformat(one.about[0])
                yield say("overview.do.silent", count=one.count, day=f"{day:%d/%m/%Y}")
            case "missed":
                yield say(
                    "overview.do.missed", targets=", ".join(numbers[name] for name in one.about)
                )
            case "evidence":
                yield say("overview.do.evidence")
                if one.about:
                    yield say("overview.do.spread")
                if one.count:
                    yield say("overview.do.more", count=one.count)
            case "unlike":
                yield say(f"overview.do.{one.about[0]}")


def _month(text: str) -> str:
    """2026-10 as 10/2026."""
    return "/".join(reversed(text.split("-")))


def _below(seen: Seen, reach: Scope) -> list[tuple[str, str, Mapping[str, Any]]]:
    """The totals of the groups directly below, by name."""
    found = [
        one
        for one in seen.tree.children(seen.shown)
        if one in seen.groups and _may(reach, one) and not _is_itself(seen, one)
    ]
    rows = [(one, seen.names.get(one, one), seen.groups[one].content) for one in found]
    return sorted(rows, key=lambda row: by_name(row[1]))


def _is_itself(seen: Seen, group: str) -> bool:
    """Whether a group is one office and former ones that the period knows nothing of."""
    rows = {key.office for key in seen.offices}
    return all(one in seen.former and one not in rows for one in seen.tree.children(group))


def _targets(
    context: DeskContext, seen: Seen, rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The targets that these rows have answers to, numbered as in the table, with what the group
    that is shown has to reach."""
    told = {one["target"] for row in rows for one in row["targets"] if one["word"] != "none"}
    lang, targets = chosen_language(), office_targets(context.config)
    aims = targets.under(seen.tree.parents).aims
    held = {target.id: aims.of(target, seen.shown) for target in targets.target}
    return [
        {
            "id": target.id,
            "title": target.title.get(lang),
            "least": _least(held[target.id].threshold),
            "threshold": float(held[target.id].threshold),
            "deadline": target.deadline,
        }
        for target in targets.target
        if target.id in told
    ]


def _least(threshold: Decimal | float) -> str:
    """A threshold as a percentage: 92,5%."""
    from analysis.words import localized

    return localized(f"{100 * float(threshold):.6g}", chosen_language()) + "%"


def _other_thresholds(
    targets: Sequence[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]
) -> bool:
    """Whether any row is judged by another threshold than the group that is shown."""
    held = {target["id"]: target["threshold"] for target in targets}
    told = (one for row in rows for one in row["targets"])
    return any(one["threshold"] != held.get(one["target"], one["threshold"]) for one in told)


def _unlike(seen: Seen) -> dict[str, Any] | None:
    """How many offices of the group are unlike the others, of how many that have answers."""
    funnel = seen.funnel
    if funnel is None:
        return None
    signals = Counter(signal for _, _, signal in funnel["points"].values())
    return {
        "higher": signals["higher"],
        "lower": signals["lower"],
        "of": len(funnel["points"]),
        "between": _points(funnel["between"]) if funnel["between"] else "",
    }


def _points(difference: float) -> str:
    """A difference of shares in percentage points."""
    from analysis.words import number

    return number(100 * difference, chosen_language(), 1)


def _picture(context: DeskContext, period: Period) -> Response:
    reach, lang = scope(context.engine), chosen_language()
    offices = list_plain_offices(context.engine)
    tree = Tree({one.id: one.parent for one in offices})
    view: View = "full" if reach.may("see_unpublished", reach.grant.office) else "published"
    seen = _seen(context, period, reach, tree, _shown(reach, tree), view, offices)
    found = _unlike(seen)
    if seen.funnel is None or found is None:
        abort(404)

    chance = "chance_wide" if seen.funnel["between"] else "chance"
    centre = _percent(seen.funnel["centre"], lang)
    words = Words(
        say("overview.funnel_title", **found),
        say("overview.funnel_across"),
        say("overview.centre", share=centre),
        say(f"overview.{chance}"),
        ",."[lang == "vi"],
    )
    sheet = NARROW if request.args.get("width") == "narrow" else WIDE
    allow_inline("'unsafe-inline'", "'none'")  # a picture: its own style, no script
    reply = make_response(funnel_svg(seen.funnel, seen.names, words, sheet))
    reply.mimetype = "image/svg+xml"
    reply.headers["Cache-Control"] = "private, no-cache"
    reply.add_etag()
    return reply.make_conditional(request)


def _drawn(**content: object) -> str:
    return render_template("staff/overview.html", **staff_frame(), **content)
