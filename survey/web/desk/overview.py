"""Staff pages: all offices of an account side by side, from figures that are kept.

No request computes any: they are looked up, sorted and counted (`survey.figures.overviews`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from survey.figures.office import office_targets, told_purged
from survey.figures.overviews import Marks, failure, want
from survey.overview import (
    ALL,
    NEEDS,
    SORTS,
    Facts,
    Need,
    Needed,
    Sort,
    Tree,
    by_evidence,
    by_name,
    needs_of,
    plainly,
)
from survey.store.overviews import KeptRow, View, last_answers, load_rows
from survey.store.places import PlainOffice, list_plain_offices, list_sectors
from survey.store.responses import count_answered
from survey.told import in_language
from survey.web.desk.frame import page_number, staff_frame, staff_sentences
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
    """What of a period an account sees: its rows by office, of offices and of groups.

    `shown`: the group that the page is about.
    """

    period: Period
    shown: str
    view: View
    tree: Tree
    names: Mapping[str, str]
    offices: Mapping[str, KeptRow]
    groups: Mapping[str, KeptRow]

    @property
    def funnel(self) -> Mapping[str, Any] | None:
        """The comparison of the group's offices; None where there is none to be shown."""
        row = self.groups.get(self.shown)
        found: Mapping[str, Any] | None = None if row is None else row.content.get("funnel")
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """One office of the table: its row, what it needs, and its point in the funnel.

    `told`: what it needs in words, for the offices of one page.
    """

    office: str
    name: str
    row: Mapping[str, Any]
    needs: tuple[Needed, ...]
    point: tuple[int, float, str] | None
    told: str = ""
    point_share: str = ""


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
        try:
            period = written_period(request.args.get("period") or f"{month:%Y-%m}").text
        except PeriodError:
            abort(404)
        to = url_for("overview.show", period=period, lang=chosen_language(), **given)
        return redirect(to, code=303)

    @pages.get("/<period>")
    @needs("see_results")
    def show(period: str) -> Response | str:
        return _page(context, _period(period))

    @pages.get("/<period>/funnel.svg")
    @needs("see_results")
    def funnel(period: str) -> Response:
        return _picture(context, _period(period))

    return pages


def _period(text: str) -> Period:
    from analysis.errors import PeriodError
    from analysis.period import parse_period

    try:
        return parse_period(text)
    except PeriodError:
        abort(404)


def _page(context: DeskContext, period: Period) -> Response | str:
    reach, lang, today = scope(context.engine), chosen_language(), context.now().date()
    offices = list_plain_offices(context.engine)
    tree = Tree({one.id: one.parent for one in offices})
    shown = _shown(reach, tree)
    if not tree.is_group(shown):  # an office with none below: there is nothing beside it
        return redirect(url_for("results.show", period=period.text, place=shown, lang=lang), 303)
    choices: PeriodChoices = period_choices(today, lang, period)
    frame = {"period": period.text, "label": period.called(lang), "choices": choices, "tree": tree}
    gone = told_purged(context.engine, period)
    if gone is not None:
        return _drawn(**frame, gone=in_language(gone, lang))
    if not count_answered(context.engine, period.first, period.last, reach.offices):
        return _drawn(**frame, nothing=True)
    want(context.config, period)
    seen = _seen(context, period, reach, tree, shown, offices)
    if period.last >= today and seen.view == "published":
        return _drawn(**frame, waits=True)
    if shown not in seen.groups:
        reply = make_response(_drawn(**frame, computing=True, failed=failure(context.config, lang)))
        reply.headers["Refresh"] = str(AGAIN_SECONDS)
        return reply
    found = list(_lines(context, seen, today))
    need, sort, words = _need(), _sort(), request.args.get("q", "").strip()[:_LONGEST]
    kept = [line for line in found if _is_wanted(line, need, words)]
    kept.sort(key=_key(sort))
    page, pages = page_number(), max(1, -(-len(kept) // PART))
    if page > pages:
        abort(404)
    group, targets = seen.groups[shown], _targets(context, seen, found)
    first = (page - 1) * PART
    mark = Marks(context.engine, context.config, tree, today).of(period, shown)
    return _drawn(
        **frame,
        seen=seen,
        total=group.content,
        below=_below(seen, reach),
        path=[one for one in reversed(tree.above(shown)) if one != shown and _may(reach, one)],
        lines=[_worded(line, targets, lang) for line in kept[first : first + PART]],
        first=first + 1,
        many=len(kept),
        counts=Counter(one.kind for line in found for one in line.needs),
        all_needs=NEEDS,
        every=len(found),
        page=page,
        pages=pages,
        kept=_kept(period, shown, need, sort, words),
        need=need,
        sort=sort,
        words=words,
        made_on=group.made_on,
        stale=mark != group.mark,
        failed=failure(context.config, lang) if mark != group.mark else None,
        targets=targets,
        version=group.mark[:12],
        sector_names={one.id: one.name.get(lang) for one in list_sectors(context.engine)},
        unlike=_unlike(seen),
        least=_least,
        other_thresholds=_other_thresholds(targets, (line.row for line in kept)),
    )


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
    offices: Sequence[PlainOffice],
) -> Seen:
    lang = chosen_language()
    view: View = "full" if reach.may("see_unpublished", reach.grant.office) else "published"
    names = {one.id: one.called(lang) for one in offices}
    names[ALL] = staff_sentences().get("results.all_offices", lang)
    below = tree.below(shown)
    own = reach.offices | ({ALL} if reach.whole else set())
    rows = [row for row in load_rows(context.engine, period.text, view) if row.office in own]
    return Seen(
        period,
        shown,
        view,
        tree,
        names,
        {row.office: row for row in rows if not row.whole and row.office in below},
        {row.office: row for row in rows if row.whole},
    )


def _lines(context: DeskContext, seen: Seen, today: date) -> Iterator[Line]:
    """Every office of the group, with what it needs."""
    newest = last_answers(context.engine)
    points: Mapping[str, Any] = (seen.funnel or {}).get("points", {})
    for office, row in seen.offices.items():
        point = points.get(office)
        signal = point[2] if point else ""
        facts = Facts(
            row.content,
            newest.get(office),
            today,
            blocked=tuple(_blocked(seen, office)) if row.content["undone"] else (),
            unlike=signal if signal in ("higher", "lower") else "",
        )
        yield Line(office, seen.names.get(office, office), row.content, needs_of(facts), point)


def _blocked(seen: Seen, office: str) -> Iterator[str]:
    """Names of the totals of which nothing is proven for want of dossiers."""
    for group in seen.tree.above(office):
        row = seen.groups.get(group)
        if row is not None and any(one["reason"] in _BLOCKS for one in row.content["targets"]):
            yield seen.names.get(group, group)


def _is_wanted(line: Line, need: Need | None, words: str) -> bool:
    if need is not None and all(one.kind != need for one in line.needs):
        return False
    return plainly(words) in plainly(line.name)


def _key(sort: Sort) -> Any:
    if sort == "evidence":
        return lambda line: (by_evidence(line.row), by_name(line.name))
    return lambda line: by_name(line.name)


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


def _worded(line: Line, targets: Sequence[Mapping[str, Any]], lang: str) -> Line:
    """The same with its needs and its point in words."""
    numbers = {target["id"]: str(place) for place, target in enumerate(targets, 1)}
    told = " ".join(_sentences(line.needs, numbers, lang))
    share = "" if line.point is None else _percent(line.point[1], lang)
    return replace(line, told=told, point_share=share)


def _percent(share: float, lang: str) -> str:
    from analysis.words import localized

    return f"{localized(f'{100 * share:.1f}', lang)}%"


def _sentences(found: Sequence[Needed], numbers: Mapping[str, str], lang: str) -> Iterator[str]:
    def say(key: str, **words: object) -> str:
        return staff_sentences().get(f"overview.do.{key}", lang, **words)

    for one in found:
        match one.kind:
            case "dossiers":
                yield say("dossiers", months=", ".join(map(_month, one.about)))
                if one.groups:
                    yield say("blocks", groups=", ".join(one.groups))
            case "silent" if one.about:
                day = date.fromisoformat(one.about[0])
                yield say("silent", count=one.count, day=f"{day:%d/%m/%Y}")
            case "silent":
                yield say("never")
            case "missed":
                yield say("missed", targets=", ".join(numbers[name] for name in one.about))
            case "evidence":
                yield say("evidence")
                if one.count:
                    yield say("more", count=one.count)
            case "unlike":
                yield say(one.about[0])


def _month(text: str) -> str:
    """2026-10 as 10/2026."""
    return "/".join(reversed(text.split("-")))


def _below(seen: Seen, reach: Scope) -> list[tuple[str, str, Mapping[str, Any]]]:
    """The totals of the groups directly below, by name."""
    found = [
        one for one in seen.tree.children(seen.shown) if one in seen.groups and _may(reach, one)
    ]
    rows = [(one, seen.names.get(one, one), seen.groups[one].content) for one in found]
    return sorted(rows, key=lambda row: by_name(row[1]))


def _targets(context: DeskContext, seen: Seen, lines: list[Line]) -> list[dict[str, Any]]:
    """The targets that any office has answers to, numbered as in the table, with what the group
    that is shown has to reach."""
    group = seen.groups[seen.shown]
    rows = [group.content, *(line.row for line in lines)]
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
    }


def _picture(context: DeskContext, period: Period) -> Response:
    reach, lang = scope(context.engine), chosen_language()
    offices = list_plain_offices(context.engine)
    tree = Tree({one.id: one.parent for one in offices})
    seen = _seen(context, period, reach, tree, _shown(reach, tree), offices)
    found = _unlike(seen)
    if seen.funnel is None or found is None:
        abort(404)

    def say(key: str, **words: object) -> str:
        return staff_sentences().get(f"overview.{key}", lang, **words)

    centre = _percent(seen.funnel["centre"], lang)
    words = Words(
        say("funnel_title", **found),
        say("funnel_across"),
        say("centre", share=centre),
        say("chance"),
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
