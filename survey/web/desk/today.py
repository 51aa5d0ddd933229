"""Staff page of the day: what needs doing, each with its button, and where this month stands.

Decides nothing: the order of tasks is `survey.today`'s, every figure comes from the shelf, and what
is not computed yet is told as such while the rest of the page is there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, get_args

from flask import Blueprint, make_response, render_template
from flask_login import current_user
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from kiosk.devices import Trouble
from survey.figures.asking import ALL, NotComputed
from survey.places import Places, find_worries
from survey.retention import goes_on, soon
from survey.slips import beyond_dossiers, ends_unused, fell
from survey.store.comments import count_states
from survey.store.places import load_places
from survey.store.population import completed_dossiers, load_counts
from survey.store.questionnaires import published_questionnaires
from survey.store.rechecks import count_open_calls
from survey.store.responses import answered_by_office, count_answered, has_responses
from survey.store.slips import count_slips, list_batches
from survey.store.staff_actions import DoneFilter, list_actions
from survey.store.upkeep import done_on
from survey.store.wordings import count_left
from survey.tablets import Watched, watch
from survey.today import Backups, Facts, Task, TaskKind, agenda
from survey.told import Finding, in_language
from survey.web.desk.frame import say, staff_frame
from survey.web.desk.guard import Scope, needs, office_names, scope
from survey.web.desk.remedies import on_page
from survey.web.desk.results import AGAIN_SECONDS, ResultsContext, seen_of
from survey.web.desk.tablets import NAMED, tell_troubles
from survey.web.security import chosen_language

if TYPE_CHECKING:
    from analysis.period import Period

NEWS: Final = timedelta(days=14)
"""For so long others are told of a questionnaire that was published."""
NEWS_MOST: Final = 20  # lines of the log that are looked at for it
OFFICES: Final = 5  # named in one sentence; the rest is counted
WORRIES: Final = 5

BUTTONS: Final[Mapping[TaskKind, str]] = {
    "silent": "tablets.show",
    "storage": "tablets.show",
    "quarantined": "tablets.show",
    "unsent": "tablets.show",
    "clock": "tablets.show",
    "old_build": "tablets.show",
    "dossiers": "dossiers.show",
    "flagged": "results.show",
    "unread": "comments.show",
    "todo": "comments.show",
    "backup": "machine.show",
    "altered": "machine.show",
    "recheck": "recheck.show",
    "slips_beyond": "slips.show",
    "slips_fell": "slips.show",
    "slips_ending": "slips.show",
    "published": "questionnaires.show",
    "purge": "machine.show",
    "wordings": "questionnaires.wordings",
}
"""The page where a task is done."""


@dataclass(frozen=True, slots=True)
class ShownTask:
    """A task for people: one sentence, and the endpoint of the page where it is done, where
    whoever asks may do it; `asked`: what the page is asked for.
    """

    kind: TaskKind
    text: str
    endpoint: str | None
    asked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """A computed page, or why there is none now; neither where there is nothing to compute."""

    view: Mapping[str, Any] | None = None
    failure: str = ""
    computing: bool = False

    @property
    def flagged(self) -> int | None:
        """How many things are worth a second look; None where that is not known now."""
        if self.failure or self.computing:
            return None
        return 0 if self.view is None else int(self.view["flagged"])


def make_blueprint(office: ResultsContext) -> Blueprint:
    """Return the page of the day, of the offices of whoever asks."""
    pages = Blueprint("today", __name__, url_prefix="/today")

    @pages.get("")
    @needs("see_today")
    def show() -> Response:
        return _page(office)

    return pages


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at for one page: the last month and this one, tablets, places, settings."""

    before: Period
    now: Period
    answered: Mapping[str, int]
    come: int
    figures: Mapping[str, Figures]
    tablets: tuple[Watched, ...]
    places: Places
    worries: Sequence[Finding]

    @property
    def computing(self) -> bool:
        """Whether any figures are on their way."""
        return any(one.computing for one in self.figures.values())


def _page(office: ResultsContext) -> Response:
    reach = scope(office.engine)
    looked = _look(office, reach)
    found = agenda(_facts(office, reach, looked))
    this = looked.figures[looked.now.text]
    html = render_template(
        "staff/today.html",
        **staff_frame(),
        day=f"{office.today():%d/%m/%Y}",
        agenda=found,
        tasks=[shown for task in found.tasks for shown in _shown(office, reach, task, looked)],
        unknown=[
            (_inside(period), looked.figures[period])
            for period in found.unknown
            if period != looked.now.text or looked.figures[period].failure
        ],
        before=looked.before,
        now=looked.now,
        come=looked.come,
        figures=this,
        progress=None if this.view is None else this.view["progress"],
    )
    reply = make_response(html)
    if looked.computing:
        reply.status_code = 202
        reply.headers["Refresh"] = reply.headers["Retry-After"] = str(AGAIN_SECONDS)
    return reply


def _look(office: ResultsContext, reach: Scope) -> Looked:
    from analysis.period import parse_period

    today, places = office.today(), load_places(office.engine)
    last_month = today.replace(day=1) - timedelta(days=1)
    now, before = (parse_period(f"{day:%Y-%m}") for day in (today, last_month))
    answered = _answered(office, before, reach)
    own = None if reach.whole else reach.offices
    come = count_answered(office.engine, now.first, now.last, own)
    return Looked(
        before,
        now,
        answered,
        come,
        figures={
            period.text: _figures(office, period, reach, bool(found))
            for period, found in ((before, answered), (now, come))
        },
        tablets=_tablets(office, reach),
        places=places,
        worries=_worries(office, places) if reach.may("keep_server") else (),
    )


def _answered(office: ResultsContext, period: Period, reach: Scope) -> dict[str, int]:
    found = answered_by_office(office.engine, period.first, period.last)
    return {one: count for one, count in found.items() if one in reach.offices}


def _figures(office: ResultsContext, period: Period, reach: Scope, asked: bool) -> Figures:
    """What is on the shelf. Nobody waits here for what is not: it is asked for, and told."""
    if not asked:
        return Figures()
    wanted = office.wanted(period, seen_of(office.engine, reach, period, ALL))
    try:
        found = office.figures.glance(wanted, "page.json")
    except NotComputed as error:
        return Figures(failure=in_language(error.args[0], chosen_language()))
    return Figures(computing=True) if found is None else Figures(json.loads(found))


def _tablets(office: ResultsContext, reach: Scope) -> tuple[Watched, ...]:
    found = watch(office.engine, office.config.opening_hours, office.now())
    return tuple(one for one in found if reach.may("see_tablets", one.enrolled.office))


def _worries(office: ResultsContext, places: Places) -> list[Finding]:
    """What of the settings does not fit together."""
    questionnaires = published_questionnaires(office.engine)
    return list(find_worries(office.config, places, questionnaires))


def _facts(office: ResultsContext, reach: Scope, looked: Looked) -> Facts:
    slips = _slips(office, reach, looked.before)
    counts = load_counts(office.engine, [looked.before.text])
    imports = reach.may("import_dossiers", reach.grant.office)
    comments = _comments(office, reach)
    return Facts(
        today=office.today(),
        answered=looked.answered,
        counted=frozenset(count.office for count in counts) if imports else None,
        flagged={period: one.flagged for period, one in looked.figures.items()},
        troubles=frozenset(trouble for one in looked.tablets for trouble in one.troubles),
        unread=comments.get("new", 0),
        todo=comments.get("todo", 0),
        unverified=_unverified(office, reach, looked.places),
        settings=len(looked.worries),
        backups=_backups(office.engine) if reach.may("keep_server") else None,
        calls=_calls(office, reach),
        beyond=slips.beyond,
        fell=slips.fell,
        ending=slips.ending,
        published=_published(office) if reach.may("design_questionnaires") else (),
        altered=done_on(office.engine, "altered") if reach.may("keep_server") else None,
        purge=_purge(office) if reach.may("keep_server") else {},
    )


def _purge(office: ResultsContext) -> dict[str, int]:
    """Answers that go within a month, or should have gone, by their year."""
    found = soon(office.engine, office.config.answer_years, office.today())
    return {f"{one.held.year}": one.held.answers for one in found}


def _comments(office: ResultsContext, reach: Scope) -> Mapping[str, int]:
    """How many comments are in each state, for whoever may read them."""
    if not reach.may("read_comments", reach.grant.office):
        return {}
    return count_states(office.engine, None if reach.whole else reach.offices)


def _calls(office: ResultsContext, reach: Scope) -> dict[str, int]:
    """Calls that are still to be made, by the month that is re-checked."""
    if not reach.may("keep_rechecks", reach.grant.office):
        return {}
    return count_open_calls(office.engine, reach.offices)


@dataclass(frozen=True, slots=True)
class _Slips:
    """What is to be told of slips: offices and, by last day, slips that end unused."""

    beyond: tuple[str, ...] = ()
    fell: tuple[str, ...] = ()
    ending: Mapping[str, int] = field(default_factory=dict)


def _slips(office: ResultsContext, reach: Scope, before: Period) -> _Slips:
    """Of the last month, and of the batches that are out, for whoever hands slips out."""
    if not reach.may("issue_slips", reach.grant.office):
        return _Slips()
    today, engine = office.today(), office.engine
    months = [*_months_before(before.first, 3), before.text]
    counts = count_slips(engine, months, today, reach.offices)
    batches = list_batches(engine, today, reach.offices)
    issued: Counter[tuple[str, str]] = Counter()
    for place, number in counts.items():
        issued[place.office, place.month] += number.issued
    left: Counter[str] = Counter()
    ending: Counter[str] = Counter()
    for batch in batches:
        if batch.issued_in != before.text:
            left[batch.office] += batch.left
        if ends_unused(batch.last_day, batch.counts.issued, batch.left, today):
            ending[batch.last_day.isoformat()] += batch.left
    known = completed_dossiers(engine, [before.text])
    beyond = beyond_dossiers(counts, known)
    return _Slips(
        tuple(dict.fromkeys(one.office for one in beyond)),
        tuple(
            one
            for one in sorted({place.office for place in counts})
            if fell([issued[one, month] for month in months], left[one])
        ),
        ending,
    )


def _months_before(first: date, count: int) -> list[str]:
    """The months before the one that begins on a day, the oldest first."""
    found = []
    for _ in range(count):
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(f"{first:%Y-%m}")
    return found[::-1]


def _published(office: ResultsContext) -> tuple[str, ...]:
    """Versions of questionnaires that somebody else published in the last two weeks."""
    since = office.now() - NEWS
    wanted = DoneFilter(action="questionnaire_published")
    return tuple(
        one.details["title"] + f" ({one.details['questionnaire']})"
        for one in list_actions(office.engine, wanted, limit=NEWS_MOST)
        if one.at >= since and one.name not in (None, current_user.name)
    )


def _unverified(office: ResultsContext, reach: Scope, places: Places) -> dict[str, int]:
    """Questionnaires in use whose wordings are still to be checked, and how many."""
    used = sorted({one.questionnaire for one in places.counter if one.office in reach.offices})
    return count_left(office.engine, [office.questionnaires[key] for key in used])


def _backups(engine: Engine) -> Backups:
    last = done_on(engine, "backup")
    return Backups(last, anything=has_responses(engine))


def _shown(office: ResultsContext, reach: Scope, task: Task, looked: Looked) -> list[ShownTask]:
    """One task in sentences: several where its tablets or settings need different things."""
    if task.kind == "settings":
        return list(_told_settings(looked.worries))
    mine = task.kind != "wordings" or reach.may("design_questionnaires")
    page = BUTTONS.get(task.kind) if mine else None
    return [
        ShownTask(task.kind, text, page, _asked(task, looked))
        for text in _sentences(office, task, looked)
    ]


def _asked(task: Task, looked: Looked) -> dict[str, str]:
    """What the page of a task is asked for, so that it opens at what is to be done."""
    if task.kind == "purge":
        return {"_anchor": "retention"}
    if task.kind in ("slips_beyond", "slips_fell"):
        return {"month": looked.before.text, "_anchor": "counts"}
    if task.kind == "flagged":
        return {"period": task.about[0], "_anchor": "screening"}
    if task.kind == "wordings":
        return {"key": task.about[0]}
    states = {"unread": "new", "todo": "todo"}
    return {"state": states[task.kind]} if task.kind in states else {}


def _sentences(office: ResultsContext, task: Task, looked: Looked) -> list[str]:
    if task.kind in get_args(Trouble):
        told = tell_troubles(looked.tablets, chosen_language(), office.now(), NAMED)
        return [text for trouble, text in told if trouble == task.kind]
    return [_sentence(office, task, looked)]


def _sentence(office: ResultsContext, task: Task, looked: Looked) -> str:
    key, words = f"today.{task.kind}", dict[str, object](count=task.count)
    if task.kind in ("backup", "altered"):
        last = done_on(office.engine, task.kind)
        words["day"] = "" if last is None else f"{last:%d/%m/%Y}"
    if task.kind == "backup":
        key = "today.backup_old" if words["day"] else "today.backup_none"
    elif task.kind == "wordings":
        key = "results.to_be_checked"
        asked = office.questionnaires[task.about[0]]
        words["questionnaire"] = in_language(asked.called, chosen_language())
    elif task.kind in ("flagged", "recheck"):
        words["period"] = _inside(task.about[0])
    elif task.kind == "slips_ending":
        words["day"] = f"{date.fromisoformat(task.about[0]):%d/%m/%Y}"
    elif task.kind in ("dossiers", "slips_beyond", "slips_fell"):
        words["period"] = looked.before.inside(chosen_language())
        words["offices"] = _named(office, task)
    elif task.kind == "purge":
        day = goes_on(int(task.about[0]), office.config.answer_years)
        key = "today.purge" if day > office.today() else "today.purge_late"
        words |= {"year": task.about[0], "day": f"{day:%d/%m/%Y}"}
    elif task.kind == "published":
        words["listed"] = "; ".join(task.about)
    return say(key, **words)


def _told_settings(worries: Sequence[Finding]) -> Iterator[ShownTask]:
    for one in map(on_page, worries[:WORRIES]):
        yield ShownTask("settings", one.text[:1].upper() + one.text[1:], one.page, {})
    more = len(worries) - WORRIES
    if more > 0:
        yield ShownTask("settings", say("today.more_settings", count=more), "machine.check", {})


def _named(office: ResultsContext, task: Task) -> str:
    names = office_names(office.engine)
    shown = [names.get(one, one) for one in task.about[:OFFICES]]
    more = task.count - len(shown)
    listed = ", ".join(shown)
    return f"{listed} {say('today.more_offices', count=more)}" if more > 0 else listed


def _inside(period: str) -> str:
    from analysis.period import parse_period

    return parse_period(period).inside(chosen_language())
