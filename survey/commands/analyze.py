"""`hailong analyze`: verdicts from responses and population, of files or of the office's database.

Owns options, progress and where the output goes. Figures come from `analysis`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from questionnaires.bilingual import both
from survey.commands.options import (
    Installation,
    data_option,
    open_installation,
    out_file,
    period_option,
    print_out,
)
from survey.commands.saying import echo, say, words
from survey.errors import HailongError
from survey.told import in_language, sentence

if TYPE_CHECKING:
    from analysis.document import Document, Flagged
    from analysis.input.aggregates import Only
    from analysis.input.mapping import FormMapping
    from analysis.input.responses import Responses
    from analysis.insights.insights import Insights
    from analysis.period import Period
    from analysis.strata.survey import Order
    from analysis.targets import Targets
    from questionnaires import Questionnaire
    from survey.overview import Tree


@click.command(
    epilog="Example: hailong analyze --responses answers.csv --population dossiers.csv"
    " --period 2026-10"
)
@click.option(
    "--responses", metavar="SOURCE", help="File, folder, database URL or spark://host:port/path."
)
@click.option("--population", metavar="SOURCE", help="Completed dossiers, likewise.")
@click.option(
    "--rechecks",
    metavar="SOURCE",
    help="Draws of the random re-check, likewise; its answers are responses.",
)
@click.option(
    "--indicators",
    metavar="SOURCE",
    help="The one-stop desk's nine indicators, likewise; never added to the survey.",
)
@click.option(
    "--mapping",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Of another tool's export: what its columns hold (docs/mapping.md).",
)
@click.option("--items", metavar="NAMES", default="", help="Further columns that count: c01,c02.")
@click.option(
    "--targets",
    "targets_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Targets as TOML (default: the office's own, else the plan's).",
)
@period_option
@click.option("--questionnaire", metavar="ID@VERSION", help="Only answers to this one.")
@click.option("--office", metavar="ID", help="Only this office's answers.")
@click.option(
    "--level",
    type=click.FloatRange(0.5, 1, max_open=True),
    default=0.95,
    show_default=True,
    help="Of intervals and verdicts.",
)
@click.option(
    "--flagged",
    type=click.Choice(["include", "exclude"]),
    default="include",
    show_default=True,
    help="Answers whose `flag` is set: count them, or leave them out.",
)
@click.option(
    "--published/--full",
    "leaves",
    default=False,
    help="Only what may be published, of a period that is over; or every figure (default).",
)
@click.option(
    "--insights",
    is_flag=True,
    help="Also what changed, what goes with satisfaction, what is worth a second look.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", help="Of the text.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", callback=out_file
)
@data_option
def command(  # noqa: PLR0913  one argument for each option
    *,
    responses: str | None,
    population: str | None,
    rechecks: str | None,
    indicators: str | None,
    mapping: Path | None,
    items: str,
    targets_file: Path | None,
    period: Period,
    questionnaire: str | None,
    office: str | None,
    level: float,
    flagged: Flagged,
    leaves: bool,
    insights: bool,
    form: str,
    lang: str,
    out: Path | None,
    data: Path | None,
) -> None:
    """Compute satisfaction, intervals and verdicts of a period.

    Without --responses it reads the office's own database; with it, nothing but the files named.
    """
    from analysis.errors import Refusal
    from analysis.input.aggregates import Only

    if insights and (leaves or form == "json"):
        raise click.UsageError(words("analyze.insights_are_text"))
    if responses is None and (mapping or items):
        raise click.UsageError(words("analyze.of_files"))
    named = tuple(name.strip() for name in items.split(",") if name.strip())
    sources = _Sources(responses, population, rechecks, indicators, targets_file, mapping, named)
    try:
        asked = _Asked(period, level, Only(questionnaire, office), flagged, leaves, insights)
        own = _own(sources, data, lang, asked) if responses is None else None
        setting = own or _files(sources, lang)
        found, beside = (setting.kept, None) if setting.kept else _analysed(setting, asked)
    except Refusal as error:
        raise HailongError(error.args[0]) from error
    print_out(_as_json(found) if form == "json" else _as_text(found, beside, setting, lang), out)


@dataclass(frozen=True, slots=True)
class _Sources:
    """What was named on the command line."""

    responses: str | None
    population: str | None
    rechecks: str | None
    indicators: str | None
    targets_file: Path | None
    mapping: Path | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which figures, and what is to be told of them."""

    period: Period
    level: float
    only: Only
    flagged: Flagged
    leaves: bool
    insights: bool


@dataclass(frozen=True, slots=True)
class _Total:
    """An office whose figures are those of all below it together, and every such one there is."""

    office: str
    totals: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Installed:
    """What an analysis needs beside its answers."""

    responses: str
    population: str | None
    rechecks: str | None
    indicators: str | None
    own: bool
    targets: Targets
    questionnaires: Mapping[str, Questionnaire]
    order: Order
    names: Mapping[str, str]
    today: date
    simulated: bool = False
    minimum: int = 10
    mapping: FormMapping | None = None
    items: tuple[str, ...] = ()
    kept: Document | None = None
    total: _Total | None = None


def _files(sources: _Sources, lang: str) -> _Installed:
    """Files alone: no database, no configuration."""
    from analysis.data import this_day
    from analysis.input.mapping import load_mapping
    from analysis.input.questionnaires import database_of, read_questionnaires
    from analysis.reporting.wording import measure_names
    from analysis.strata.survey import ANY_ORDER
    from analysis.targets import load_targets, shipped_targets
    from survey.places import place_names, shipped_places

    file, known = sources.targets_file, read_questionnaires(database_of(sources.responses))
    return _Installed(
        responses=str(sources.responses),
        population=sources.population,
        rechecks=sources.rechecks,
        indicators=sources.indicators,
        own=False,
        targets=load_targets(file) if file else shipped_targets(),
        questionnaires=known,
        order=ANY_ORDER,
        names=place_names(shipped_places(), lang) | measure_names(known, lang),
        today=this_day(),
        mapping=load_mapping(sources.mapping) if sources.mapping else None,
        items=sources.items,
    )


def _own(sources: _Sources, data: Path | None, lang: str, asked: _Asked) -> _Installed:
    """The office's database with its own targets, questionnaires and order of places.

    Of a period whose answers were purged, the figures that were kept.
    """
    from analysis.reporting.wording import TOTAL, measure_names
    from analysis.strata.survey import Order
    from analysis.targets import load_targets
    from survey.figures.office import held_targets, office_tree
    from survey.places import place_names
    from survey.store.places import load_places
    from survey.store.questionnaires import published_questionnaires

    with open_installation(data) as installation:
        config, places = installation.config, load_places(installation.engine, gone_too=True)
        questionnaires = published_questionnaires(installation.engine)
        today, tree = installation.today, office_tree(installation.engine)
        total = _total(installation, asked, tree)
        kept = _kept(installation, asked, total)
    file, names = sources.targets_file, place_names(places, lang)
    targets = load_targets(file) if file else held_targets(config)
    if total is not None:
        targets, names[TOTAL] = targets.under(tree.parents, total.office), names[total.office]
    return _Installed(
        responses=config.database_url,
        population=sources.population or config.database_url,
        rechecks=sources.rechecks,
        indicators=sources.indicators,
        own=True,
        targets=targets,
        questionnaires=questionnaires,
        order=Order(
            tuple(office.id for office in places.office),
            tuple(sector.id for sector in places.sector),
        ),
        names=names | measure_names(questionnaires, lang),
        today=today,
        simulated=config.simulated,
        minimum=config.publication_minimum,
        kept=kept,
        total=total,
    )


def _total(installation: Installation, asked: _Asked, tree: Tree) -> _Total | None:
    """The total that is asked for; None where it is an office's own figures, or everything.

    Raises HailongError where there is no such office, or nothing is known of it.
    """
    from survey.figures.office import is_total, told_purged
    from survey.store.population import load_counts
    from survey.store.responses import any_answered

    office, engine = asked.only.office, installation.engine
    if office is None:
        return None
    if office not in tree.parents:
        known = ", ".join(tree.parents)
        raise HailongError(sentence("report.no_office", office=office, known=known))
    if is_total(engine, tree, office, asked.period):
        return _Total(office, {one: tree.below(one) for one in tree.groups})
    counted = any(one.office == office for one in load_counts(engine))
    answered = counted or any_answered(engine, date.min, date.max, frozenset([office]))
    if not answered and told_purged(engine, asked.period) is None:
        period = both(asked.period.inside)
        raise HailongError(sentence("analyze.nothing_of", office=office, period=period))
    return None


def _kept(installation: Installation, asked: _Asked, total: _Total | None) -> Document | None:
    """The stored figures of a period whose answers were purged, which are told beside the output.

    Raises HailongError where others were asked for than those that were published.
    """
    from survey.figures.office import stored_figures, told_purged

    told = told_purged(installation.engine, asked.period)
    config, engine = installation.config, installation.engine
    found = stored_figures(config, engine, asked.period, total.office if total else "")
    if told is None or found is None:
        return None
    only = (asked.only.questionnaire, None if total else asked.only.office)
    others = (*only, asked.insights, asked.flagged == "exclude")
    if any(others) or asked.level != found.document.level:
        raise HailongError(sentence("purge.only_stored", told=told))
    echo(told, err=True)
    return found.document


def _analysed(setting: _Installed, asked: _Asked) -> tuple[Document, Insights | None]:
    """The document, or what may be published of it, and the insights where they are asked for."""
    from analysis.disclosure.published import Among, published
    from analysis.document import analyse
    from analysis.input.aggregates import Only
    from analysis.input.columns import Named
    from analysis.input.indicators import read_indicators
    from analysis.input.population import read_population
    from analysis.input.rechecks import read_rechecks
    from analysis.input.responses import read_responses
    from analysis.insights.insights import explain
    from analysis.strata.running import as_of
    from analysis.strata.survey import Setting

    known, groups = setting.questionnaires, setting.targets.groups
    with _progress() as advance:
        counts = read_population(setting.population) if setting.population else None
        draws = read_rechecks(setting.rechecks) if setting.rechecks else None
        points = read_indicators(setting.indicators) if setting.indicators else None
        advance("responses")
        with read_responses(
            setting.responses,
            trusted=setting.own,
            questionnaires=known,
            named=Named(setting.items),
            mapping=setting.mapping,
        ) as every:
            advance("figures")
            _tell(every)
            opened, only, among, total = every, asked.only, None, setting.total
            if total is not None:
                among = Among(total.office, total.totals, every, counts)
                offices, only = total.totals[total.office], Only(only.questionnaire)
                opened, counts = every.of(offices), counts and counts.within(offices)
            made_up = opened.simulated or (counts is not None and counts.simulated)
            today = as_of(opened, setting.today)
            found = analyse(
                opened,
                counts,
                period=asked.period,
                targets=setting.targets,
                level=asked.level,
                questionnaires=known,
                only=only,
                order=setting.order,
                flagged=asked.flagged,
                today=today,
                simulated=setting.simulated or made_up,
                rechecks=draws,
                entered=points,
                minimum=setting.minimum,
            )
            if asked.leaves:
                return published(found, opened, counts, known, draws, among=among), None
            if not asked.insights:
                return found, None
            whose = Setting(known, groups, only, setting.order, today, asked.flagged)
            return found, explain(opened, counts, found, setting=whose)


def _tell(opened: Responses) -> None:
    """What does not count, beside the output: it may go to a program."""
    if opened.covariates:
        say("analyze.not_counted", err=True, columns=", ".join(opened.covariates))
    if opened.skipped:
        say("analyze.skipped", err=True, count=opened.skipped)


@contextmanager
def _progress() -> Iterator[Any]:
    """A bar of the three steps on a terminal; nothing where the output goes to a program."""
    if not sys.stderr.isatty():
        yield lambda _step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words("progress.population"), total=3)
        yield lambda step: bar.update(task, advance=1, description=words(f"progress.{step}"))


def _as_json(found: Document) -> str:
    return json.dumps(found.as_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _as_text(found: Document, beside: Insights | None, setting: _Installed, lang: str) -> str:
    from analysis.reporting.sections import render_text

    text = render_text(
        found,
        names=setting.names,
        targets=setting.targets,
        lang=lang,
        insights=beside,
        simulated=found.simulated,
    )
    if len(found.offices) < 2:
        return text
    return f"{text}\n{in_language(sentence('analyze.one_office'), lang)}\n"
