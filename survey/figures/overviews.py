"""Figures of many offices side by side: what is wanted, what has changed, and computing that again.

Never within a request: by a process that the server starts, or by `hailong refresh`. What is kept
lies in the database (`survey.store.overviews`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine

from questionnaires import LANGUAGES
from survey.apart import run_apart
from survey.config import Config
from survey.errors import HailongError
from survey.figures.asking import closed_last, program_digest
from survey.figures.office import Group, group_overviews, office_tree
from survey.files import age_of, make_folder, write_whole
from survey.overview import Tree, row_needs
from survey.store.overviews import (
    KeptRow,
    View,
    drop_rows,
    facts_by_office,
    facts_of_all,
    keep_newest,
    last_answers,
    load_marks,
    load_rows,
    mark_newer,
    mark_shown,
    replace_rows,
)
from survey.store.places import list_plain_offices, load_places
from survey.store.purges import purged_months
from survey.store.questionnaires import published_questionnaires
from survey.turns import turn

if TYPE_CHECKING:
    from analysis.overview import OfficeRow, Overview, StandardShare
    from analysis.period import Period
    from survey.places import Places

TURN: Final = "overviews.turn"
FOLDER: Final = "overviews"
CHECKED: Final = "overviews.checked"
FAILED: Final = "overviews.failed.json"
REMEMBERED: Final = 30 * 24 * 3600  # seconds that a period is kept after somebody looked at it
_EVERY: Final = 300  # seconds
_STRETCH: Final = 24  # months that a row rests on: the change since the period before, and the year


@dataclass(frozen=True, slots=True)
class Stale:
    """A group of offices whose kept figures are not those of the data; `mark`: of the data."""

    period: Period
    view: View
    group: str
    mark: str


def wanted_periods(config: Config, today: date) -> list[Period]:
    """The periods that are kept: closed last, the running month, and what was looked at lately."""
    from analysis.errors import PeriodError
    from analysis.period import parse_period

    found = {period.text: period for period in closed_last(today)}
    running = parse_period(f"{today:%Y-%m}")
    found.setdefault(running.text, running)
    folder = config.data / FOLDER
    for file in sorted(folder.glob("*")) if folder.is_dir() else ():
        with suppress(PeriodError, FileNotFoundError):
            period = parse_period(file.name.replace("_", ":"))
            if age_of(file) < REMEMBERED:
                found.setdefault(period.text, period)
            else:
                file.unlink(missing_ok=True)
    return list(found.values())


def want(config: Config, period: Period) -> None:
    """Note that somebody looks at a period, so that it is kept up to date for a while."""
    file = config.data / FOLDER / period.text.replace(":", "_")
    with suppress(FileNotFoundError):
        if age_of(file) < 24 * 3600:
            return
    make_folder(file.parent)
    file.touch(mode=0o600)


def views_of(period: Period, today: date) -> tuple[View, ...]:
    """What is kept of a period: only of a calendar period that is over is anything published."""
    over = period.last < today and not period.text.startswith("12m:")
    return ("full", "published") if over else ("full",)


def _wishes(config: Config) -> Iterator[float]:
    """How long ago each of the periods was asked for, in seconds."""
    folder = config.data / FOLDER
    return (age_of(file) for file in folder.glob("*")) if folder.is_dir() else iter(())


class Marks:
    """What the figures of groups of offices rest on at this moment, in digests."""

    def __init__(self, engine: Engine, config: Config, tree: Tree, today: date) -> None:
        """Read what is the same for every period."""
        targets = config.targets_file.read_bytes() if config.targets_file.exists() else b""
        self._engine, self._today, self.tree = engine, today, tree
        self._all = repr(
            (facts_of_all(engine), targets, program_digest(), config.publication_minimum)
        )
        self._found: dict[str, dict[str, str]] = {}

    def of(self, period: Period, group: str) -> str:
        """The mark of a group in a period. Once that is over, later answers change nothing."""
        facts = self._facts(period)
        offices = sorted(self.tree.below(group))
        as_of = min(self._today, period.last + timedelta(days=1))
        rested = [(one, self.tree.parents[one], facts.get(one, "")) for one in offices]
        above = self.tree.above(group)  # whose targets it has
        return sha256(repr((period.text, as_of, self._all, above, rested)).encode()).hexdigest()

    def stale(self, periods: Iterable[Period]) -> Iterator[Stale]:
        """What is not kept as it should be."""
        purged = purged_months(self._engine)
        for period in periods:
            if any(month in purged for month in period.months):
                continue  # what is left of it was sealed, and is on the results page
            for view in views_of(period, self._today):
                kept = load_marks(self._engine, period.text, view)
                for group in self.tree.groups:
                    mark = self.of(period, group)
                    if kept.get(group) != mark:
                        yield Stale(period, view, group, mark)

    def _facts(self, period: Period) -> dict[str, str]:
        from analysis.period import last_months

        if period.text not in self._found:
            first = last_months(period, _STRETCH).first
            last = min(period.last, self._today - timedelta(days=1))
            self._found[period.text] = facts_by_office(self._engine, first, last)
        return self._found[period.text]


def is_due(config: Config, engine: Engine, today: date) -> bool:
    """Whether anything is to be computed: looked at every few minutes, and after a new wish.

    What is found is kept for the page, whose requests look at nothing themselves.
    """
    checked = config.data / CHECKED
    with suppress(FileNotFoundError):
        last = age_of(checked)
        if last < _EVERY and not any(wish < last for wish in _wishes(config)):
            return False
    checked.touch(mode=0o600)
    marks = Marks(engine, config, office_tree(engine), today)
    if not marks.tree.groups:
        return False
    keep_newest(engine, marks.tree.parents)
    stale = list(marks.stale(wanted_periods(config, today)))
    mark_newer(engine, {(one.period.text, one.view, one.group) for one in stale})
    return bool(stale)


def refresh(
    config: Config,
    engine: Engine,
    today: date,
    periods: Sequence[Period] | None = None,
    told: Callable[[Stale], None] = lambda _: None,
) -> int | None:
    """Compute what has changed; return how many groups, None where another process is at it.

    `periods`: these alone, instead of all that are kept. Raises HailongError.
    """
    with turn(config.data / TURN) as mine:
        if not mine:
            return None
        with _failure_kept(config):
            return _refresh(config, engine, today, periods, told)


def failure(config: Config, lang: str) -> str | None:
    """Why the last computation did not come to its end; None where it did."""
    try:
        found: dict[str, str] = json.loads((config.data / FAILED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found.get(lang)


@contextmanager
def _failure_kept(config: Config) -> Iterator[None]:
    """Keep why it failed, for the page: a failure is no lack of data."""
    file = config.data / FAILED
    try:
        yield
    except HailongError as error:
        write_whole(file, json.dumps({lang: error.said(lang) for lang in LANGUAGES}))
        raise
    file.unlink(missing_ok=True)


def _refresh(
    config: Config,
    engine: Engine,
    today: date,
    periods: Sequence[Period] | None,
    told: Callable[[Stale], None],
) -> int:
    marks = Marks(engine, config, office_tree(engine), today)
    wanted = wanted_periods(config, today) if periods is None else list(periods)
    places, done = load_places(engine, gone_too=True), 0
    for period in wanted:
        stale = list(marks.stale([period]))
        for one in _computed(config, engine, places, marks.tree, stale, today):
            done += 1
            told(one)
        if any(one.view == "published" for one in stale):
            _show(engine, period, marks.tree, config.publication_minimum)
    keep_newest(engine, marks.tree.parents)
    if periods is None:
        drop_rows(engine, [period.text for period in wanted], marks.tree.groups)
    return done


def refresh_apart(config: Config) -> None:
    """Compute in a process of its own: figures are not computed in one that serves."""
    run_apart(config.data, "refresh.apart", "refresh")


def _computed(
    config: Config,
    engine: Engine,
    places: Places,
    tree: Tree,
    stale: Sequence[Stale],
    today: date,
) -> Iterator[Stale]:
    """Compute and keep the groups of one period, each as soon as it is there."""
    if not stale:
        return
    stale = sorted(stale, key=lambda one: (tree.groups.index(one.group), one.view))
    homes = _homes(tree, places, engine)
    asked = [(_group(tree, one.group, homes), one.view == "published") for one in stale]
    questionnaires = published_questionnaires(engine)
    period = stale[0].period
    found = group_overviews(config, places, questionnaires, period, today, asked)
    former = {one.id: one.until for one in list_plain_offices(engine) if one.former}
    for one, (group, _, overview) in zip(stale, found, strict=True):
        rows = _rows(group, overview, one.mark, today, former)
        replace_rows(engine, period.text, one.view, group.name, rows)
        yield one


def _show(engine: Engine, period: Period, tree: Tree, minimum: int) -> None:
    """Decide which published totals may be shown beside the offices."""
    from analysis.disclosure.totals import shown_totals

    rows = load_rows(engine, period.text, "published")
    totals = {
        row.office: tree.below(row.office)
        for row in rows
        if row.whole and row.content["share"] is not None
    }
    own = [row for row in rows if not row.whole]
    people = {row.office: int(row.content["respondents"]) for row in own}
    shown = {row.office for row in own if row.content["share"] is not None}
    mark_shown(engine, period.text, rows, shown_totals(totals, people, shown, minimum))


def _homes(tree: Tree, places: Places, engine: Engine) -> dict[str, list[str]]:
    """By group the offices whose row is computed with it: those with counters, or with answers."""
    counters = {one.office for one in places.counter}
    answered = last_answers(engine).keys()
    homes: dict[str, list[str]] = {}
    for office in places.office:
        if office.id in counters or office.id in answered:
            homes.setdefault(tree.home(office.id), []).append(office.id)
    return homes


def _group(tree: Tree, name: str, homes: dict[str, list[str]]) -> Group:
    return Group(name, tree.below(name), tuple(homes.get(name, ())))


def _rows(
    group: Group, found: Overview, mark: str, today: date, former: Mapping[str, date | None]
) -> Iterator[KeptRow]:
    """What is kept of a group. `former`: offices that are no more, with their last day where one
    became part of another: they have a row where there are answers or dossiers of them."""

    def kept(name: str, row: OfficeRow, **more: object) -> KeptRow:
        width = None if row.low is None or row.high is None else row.high - row.low
        content = asdict(row) | _said(row) | more
        needs = ",".join(one.kind for one in row_needs(content))
        return KeptRow(name, row.whole, group.name, mark, today, row.n, width, needs, content)

    for row in found.offices:
        if row.office not in former:
            yield kept(row.office, row)
        elif row.received or row.population:
            yield kept(row.office, _until(row, former[row.office]))
    standard = {office: _standard_said(one) for office, one in found.standard.items()}
    yield kept(group.name, found.total, funnel=_funnel(found), standard=standard)


def _until(row: OfficeRow, last: date | None) -> OfficeRow:
    """The row of an office that is no more: dossiers are missing of its own time alone."""
    undone = () if last is None else (one for one in row.undone if one <= f"{last:%Y-%m}")
    return replace(row, undone=tuple(undone))


def _standard_said(one: StandardShare) -> dict[str, Any]:
    """A standardised share in words; none where too little of the standard has answers."""
    from analysis.reporting.wording import interval_phrase, percent

    def said(lang: str) -> list[str]:
        interval = interval_phrase(one.low, one.high, one.respondents, lang)
        return [percent(one.share, one.respondents, lang), interval]

    told = {} if one.share is None else {lang: said(lang) for lang in LANGUAGES}
    return {"held": round(one.held, 4), "without": one.without, "said": told}


def _said(row: OfficeRow) -> dict[str, Any]:
    """The figures of a row in words: whoever shows them computes and rounds nothing."""
    from analysis.reporting.wording import interval_phrase, percent, share_text
    from analysis.words import number

    def said(lang: str) -> dict[str, str]:
        changed = row.changed
        words = {
            "n": number(row.n, lang),
            "rate": percent(row.response_rate, row.population or 0, lang),
            "share": share_text(row, lang, [one.threshold for one in row.targets]),
            "interval": interval_phrase(row.low, row.high, row.respondents, lang),
        }
        if changed is not None:
            words["change"] = _points(changed.difference, lang)
            words["change_interval"] = (
                f"{_points(changed.low, lang)} … {_points(changed.high, lang)}"
            )
        return words

    return {"said": {lang: said(lang) for lang in LANGUAGES}}


def _points(difference: float, lang: str) -> str:
    """A difference of shares in percentage points, with its sign."""
    from analysis.words import number

    rounded = round(100 * difference, 1)
    sign = "+" if rounded > 0 else "\N{MINUS SIGN}" if rounded < 0 else ""
    return sign + number(abs(rounded), lang, 1)


def _funnel(found: Overview) -> dict[str, Any] | None:
    """The points by office, and the limits, short: a country has thousands."""
    if found.funnel is None or found.funnel.centre is None:
        return None
    points = zip(found.names, found.funnel.points, strict=True)
    return {
        "centre": round(found.funnel.centre, 5),
        "between": round(found.funnel.between, 5),
        "limits": [(n, round(low, 5), round(high, 5)) for n, low, high in found.funnel.limits],
        "points": {
            office: (point.answered, round(point.share, 5), point.signal)
            for office, point in points
            if point.share is not None
        },
    }
