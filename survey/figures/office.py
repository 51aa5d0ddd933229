"""The office's own figures: the verdict document of its database and what stands beside it.

Takes a second and more, so no server thread calls it: see `survey.figures.calculator`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from questionnaires import Questionnaire
from questionnaires.bilingual import Told, joined
from survey.config import Config
from survey.errors import HailongError
from survey.overview import ALL, Tree
from survey.places import Places
from survey.store import open_engine
from survey.store.places import list_plain_offices
from survey.store.purges import purged_months
from survey.store.responses import only_below
from survey.store.seals import published_document
from survey.told import sentence, spoken_month

if TYPE_CHECKING:
    from analysis.disclosure.published import Among
    from analysis.disclosure.totals import Totals
    from analysis.document import Document
    from analysis.input.population import Population
    from analysis.input.responses import Responses
    from analysis.insights.insights import Gathered, Insights
    from analysis.overview import Overview
    from analysis.period import Period
    from analysis.strata.survey import History, Order, Setting
    from analysis.targets import Targets


def office_targets(config: Config) -> Targets:
    """Return the targets of the data folder, or the shipped ones. Raises HailongError."""
    from analysis.errors import TargetsError
    from analysis.targets import load_targets, shipped_targets

    try:
        file = config.targets_file
        return load_targets(file) if file.exists() else shipped_targets()
    except TargetsError as error:
        raise HailongError(error.args[0]) from error


def held_targets(config: Config) -> Targets:
    """Return them as offices have them from those above. Raises HailongError."""
    tree = _tree(config)
    return _inherited(office_targets(config), tree, tree.top)


@dataclass(frozen=True, slots=True)
class Figures:
    """Every figure of one period, for the office's own view: the document and what was gathered.

    Of the published document nothing is gathered: what stands beside it is the office's own.
    """

    document: Document
    gathered: Gathered | None


def office_figures(
    config: Config,
    places: Places,
    questionnaires: Mapping[str, Questionnaire],
    period: Period,
    today: date,
    level: float = 0.95,
    *,
    within: str = "",
    leaves: bool = False,
) -> Figures:
    """Return the figures of a period, of every office. The database is opened once.

    `within`: made of the answers and dossiers of this office and those below it alone, as if there
    were no others; their total is its own. Only what may be published of it knows of the others.
    `leaves`: only what may be published. Raises HailongError listing every problem.
    """
    with _opened(config, places, questionnaires, today, level, within=within) as data:
        document = data.document(period)
        if leaves:
            return Figures(data.published(document), None)
        return Figures(document, data.gathered(document))


def told_purged(engine: Engine, period: Period) -> Told | None:
    """That the answers of a period, or of some of its months, were purged, and when."""
    found = purged_months(engine)
    months = [month for month in period.months if month in found]
    if not months:
        return None
    day = f"{max(found[month] for month in months):%d/%m/%Y}"
    listed = joined(map(spoken_month, months), ", ")
    stored = published_document(engine, period.text) is not None
    return sentence("purge.gone" if stored else "purge.gone_partly", day=day, months=listed)


def require_answers(engine: Engine, period: Period) -> None:
    """Raise HailongError where answers of a period were purged: single ones cannot be had."""
    told = told_purged(engine, period)
    if told is not None:
        raise HailongError(sentence("purge.no_answers", told=told))


def stored_figures(
    config: Config, engine: Engine, period: Period, within: str = ""
) -> Figures | None:
    """The published figures that were kept of a period whose answers were purged; None where its
    answers are all there.

    `within`: those of the total of this office and all below it. Raises HailongError where a part
    of the answers was purged and no such figures are kept of the period.
    """
    from analysis.kept import NoDocument, read_document

    told = told_purged(engine, period)
    if told is None:
        return None
    kept = stored_document(engine, period, within)
    if kept is None:
        raise HailongError(sentence("purge.not_stored", told=told))
    try:
        return Figures(read_document(kept, office_targets(config)), None)
    except NoDocument as error:
        raise HailongError(sentence("purge.unread", period=period.text, why=error)) from error


def stored_document(engine: Engine, period: Period, within: str = "") -> dict[str, Any] | None:
    """The sealed document of a period as JSON, or of it that of a total; None where there is none.

    That of the office above all others is the document itself where it is no total of its own: in
    those that were sealed before totals were.
    """
    kept = published_document(engine, period.text)
    if kept is None:
        return None
    found: dict[str, Any] = json.loads(kept)
    if not within:
        return found
    top = found if office_tree(engine).top == within and "totals" not in found else None
    total: dict[str, Any] | None = found.get("totals", {}).get(within, top)
    return total


def is_total(engine: Engine, tree: Tree, office: str, period: Period) -> bool:
    """Whether the figures of an office in a period are those of all below it together: it has no
    answers of its own, and they have. Of a period whose answers were purged, by what is kept."""
    if not tree.is_group(office):
        return False
    if told_purged(engine, period) is None:
        return only_below(engine, period.first, period.last, office, tree.below(office))
    whole = stored_document(engine, period) or {"estimates": ()}
    own = any(row["office"] == office for row in whole["estimates"])
    return not own and stored_document(engine, period, office) is not None


def sealed_figures(
    config: Config,
    places: Places,
    questionnaires: Mapping[str, Questionnaire],
    period: Period,
    today: date,
) -> dict[str, Any]:
    """The published document of a period as JSON, as it is sealed: `totals` has a document of each
    office above others, of it and all below it together. Raises HailongError."""
    from analysis.reporting.narrowing import of_office

    with _opened(config, places, questionnaires, today, 0.95) as every:
        whole = every.published(every.document(period))
        totals = {}
        for office in (one for one in every.tree.groups if one != ALL):
            if office == every.tree.top:
                document = whole
            else:
                data = every.below(office)
                document = data.published(data.document(period))
            totals[office] = of_office(document, ALL).as_json()
    return whole.as_json() | ({"totals": totals} if totals else {})


@dataclass(frozen=True, slots=True)
class Group:
    """Offices whose answers are read together, and those of them that get a row of their own."""

    name: str
    offices: frozenset[str]
    rows: tuple[str, ...]


def group_overviews(
    config: Config,
    places: Places,
    questionnaires: Mapping[str, Questionnaire],
    period: Period,
    today: date,
    groups: Iterable[tuple[Group, bool]],
) -> Iterator[tuple[Group, bool, Overview]]:
    """Give the overview of each group, in full or (True) as it may be published, one by one.

    The database is opened once, and a group whose two views follow each other is read once. Raises
    HailongError listing every problem.
    """
    from analysis.overview import overview

    with _opened(config, places, questionnaires, today, 0.95) as every:
        read: tuple[str, _Opened, Document] | None = None
        for group, leaves in groups:
            if read is None or read[0] != group.name:
                data = every.within(group.offices, group.name)
                read = group.name, data, data.document(period)
            _, data, document = read
            if leaves:
                found = overview(data.published(document), group.rows, name=group.name)
            else:
                history = data.history(period)
                found = overview(document, group.rows, name=group.name, history=history)
            yield group, leaves, found


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """What a report rests on: the document that is sent, and what decides which of it is told.

    `own`: the office's own document, with its `insights`. `earlier`: documents of the periods that
    something changed against, of the same view as `sent`.
    """

    sent: Document
    own: Document
    insights: Insights
    earlier: tuple[Document, ...]


def report_figures(
    config: Config,
    places: Places,
    questionnaires: Mapping[str, Questionnaire],
    period: Period,
    today: date,
    *,
    office: str,
    within: str,
    leaves: bool,
) -> ReportFigures:
    """Return the figures of a report. The database is opened once.

    `within`: as for `office_figures`. `leaves`: what is sent is what may be published. Raises
    HailongError listing every problem.
    """
    with _opened(config, places, questionnaires, today, 0.95, within=within) as data:
        own = data.document(period)
        sent = data.published(own) if leaves else own  # first: it refuses a period that runs
        insights = data.gathered(own).of(office)
        changed = dict.fromkeys(
            change.earlier
            for trend in insights.trends
            for change in trend.changes
            if change.signal in ("higher", "lower")
        )
        before = map(data.document, changed)
        earlier = tuple(data.published(one) if leaves else one for one in before)
        return ReportFigures(sent, own, insights, earlier)


@dataclass(frozen=True, slots=True)
class _Opened:
    """The answers and dossiers of an office's database, and how they are to be judged."""

    responses: Responses
    counts: Population
    targets: Targets
    setting: Setting
    level: float
    simulated: bool
    tree: Tree
    minimum: int
    among: Among | None = None
    decided: dict[object, Totals] = field(default_factory=dict)

    def document(self, period: Period) -> Document:
        from analysis.document import analyse

        return analyse(
            self.responses,
            self.counts,
            period=period,
            targets=self.targets,
            level=self.level,
            questionnaires=self.setting.questionnaires,
            order=self.setting.order,
            today=self.setting.today,
            simulated=self.simulated,
            minimum=self.minimum,
        )

    def published(self, document: Document) -> Document:
        from analysis.disclosure.published import published

        known = self.setting.questionnaires
        return published(document, self.responses, self.counts, known, among=self.among)

    def gathered(self, document: Document) -> Gathered:
        from analysis.insights.insights import gather

        return gather(self.responses, self.counts, document, self.setting)

    def history(self, period: Period) -> History | None:
        from analysis.strata.survey import read_history

        return read_history(self.responses, self.counts, period, self.setting)

    def within(self, offices: frozenset[str], total: str) -> _Opened:
        """The same as if there were no other offices; `total`: the group of all of them."""
        responses, counts = self.responses.of(offices), self.counts.within(offices)
        targets = _inherited(self.targets, self.tree, total)
        return replace(self, responses=responses, counts=counts, targets=targets)

    def below(self, office: str) -> _Opened:
        """The same of an office and those below it; what is published of it beside all others."""
        from analysis.disclosure.published import Among

        tree = self.tree
        totals = {one: tree.below(one) for one in dict.fromkeys((*tree.groups, office))}
        data = self.within(tree.below(office), office)
        among = Among(office, totals, self.responses, self.counts, self.decided)
        return replace(data, among=among)


@contextmanager
def _opened(
    config: Config,
    places: Places,
    questionnaires: Mapping[str, Questionnaire],
    today: date,
    level: float,
    *,
    within: str = "",
) -> Iterator[_Opened]:
    from analysis.errors import Refusal
    from analysis.input.population import read_population
    from analysis.input.responses import read_responses
    from analysis.strata.survey import Setting

    tree = _tree(config)
    targets, order = _inherited(office_targets(config), tree, tree.top), _order(places)
    setting = Setting(questionnaires, targets.groups, order=order, today=today)
    try:
        counts = read_population(config.database_url, trusted=True)
        with read_responses(config.database_url, trusted=True) as every:
            made_of = (every, counts, targets, setting, level, config.simulated, tree)
            data = _Opened(*made_of, config.publication_minimum)
            yield data.below(within) if within else data
    except Refusal as error:
        raise HailongError(error.args[0]) from error


def office_tree(engine: Engine) -> Tree:
    """The offices that there are, and those of former times that have answers."""
    return Tree({one.id: one.parent for one in list_plain_offices(engine)})


def _tree(config: Config) -> Tree:
    engine = open_engine(config.database_url)
    try:
        return office_tree(engine)
    finally:
        engine.dispose()


def _inherited(targets: Targets, tree: Tree, total: str) -> Targets:
    """The targets as offices have them from those above; `total`: the group of all figures."""
    return targets.under(tree.parents, None if total == ALL else total)


def _order(places: Places) -> Order:
    from analysis.strata.survey import Order

    return Order(
        offices=tuple(office.id for office in places.office),
        sectors=tuple(sector.id for sector in places.sector),
    )
