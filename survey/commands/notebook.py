"""`hailong notebook`: runs the monthly notebook and writes it as a page or as a notebook.

Owns options, where the data come from and where the result goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from survey.commands.options import (
    data_option,
    open_installation,
    out_file,
    period_option,
    write_out,
)
from survey.commands.saying import progress_told, words
from survey.config import without_password
from survey.errors import HailongError
from survey.told import in_language, sentence

if TYPE_CHECKING:
    from analysis.period import Period
    from questionnaires import Questionnaire

_SUFFIXES: Final = (".html", ".ipynb")
_PASSWORD: Final = "PGPASSWORD"  # noqa: S105  the name of libpq's variable, not a password


def _out(ctx: click.Context, param: click.Parameter, value: Path) -> Path | None:
    if value.suffix.lower() not in _SUFFIXES:
        raise click.BadParameter(words("notebook.ending", file=value))
    return out_file(ctx, param, value)


@click.command(epilog="Example: hailong notebook --period 2026-10 --out thang-10.html")
@period_option
@click.option(
    "--out",
    required=True,
    callback=_out,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="FILE.html to read and print, FILE.ipynb to go on working with.",
)
@click.option("--office", metavar="ID", help="Only this office's answers.")
@click.option("--questionnaire", metavar="ID@VERSION", help="Only answers to this one.")
@click.option("--responses", metavar="SOURCE", help="File, folder or database URL.")
@click.option("--population", metavar="SOURCE", help="Completed dossiers, likewise.")
@click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="How to read another tool's export, as TOML (docs/mapping.md); with --responses.",
)
@click.option(
    "--items",
    metavar="A,B",
    help="Columns that are items although no known questionnaire asks them; with --responses.",
)
@click.option(
    "--targets",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Targets as TOML (default: the office's own, else the plan's).",
)
@click.option(
    "--level",
    type=click.FloatRange(0.5, 1, max_open=True),
    default=0.95,
    show_default=True,
    help="Of intervals and verdicts.",
)
@click.option(
    "--published/--full",
    "leaves",
    default=False,
    help="To pass on, of a period that is over; or every figure, for the office itself (default).",
)
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", help="Of the page.")
@data_option
def command(  # noqa: PLR0913  one argument for each option
    *,
    period: Period,
    out: Path,
    office: str | None,
    questionnaire: str | None,
    responses: str | None,
    population: str | None,
    mapping: Path | None,
    items: str | None,
    targets: Path | None,
    level: float,
    leaves: bool,
    lang: str,
    data: Path | None,
) -> None:
    """Run the monthly notebook and write it as a page that needs no other file.

    Without --responses it reads the office's own database; with it, nothing but the files named.
    """
    if (mapping or items) and not responses:
        raise click.UsageError(words("notebook.of_files"))
    columns = [name.strip() for name in (items or "").split(",") if name.strip()]
    named = _Named(responses, population, targets, mapping, columns)
    given = _files(named, lang) if responses else _own(named, data, office, period, lang)
    given.parameters.update(
        period=period.text,
        office=office,
        questionnaire=questionnaire,
        level=level,
        published=leaves,
        lang=lang,
        interactive=False,
    )
    given.parameters["font_files"] = _fonts()
    name = given.parameters["names"].get(office, office) if office else given.office
    title = " – ".join(filter(None, (name, period.called(lang))))
    if out.suffix.lower() == ".html":
        write_out(out, _page(given, title))
    else:
        write_out(out, _notebook(given, period, out, leaves=leaves))
    click.echo(str(out))


@dataclass(frozen=True, slots=True)
class _Named:
    """Sources named on the command line."""

    responses: str | None
    population: str | None
    targets: Path | None
    mapping: Path | None
    items: list[str]


@dataclass(frozen=True, slots=True)
class _Given:
    """What the notebook is given: parameters, secrets beside them, and whose figures they are.

    `sources`: databases as they were named, passwords included. `questionnaires`: those that a
    notebook on another machine would not know.
    """

    parameters: dict[str, Any]
    environment: Mapping[str, str]
    office: str = ""
    sources: Mapping[str, str] = field(default_factory=dict, repr=False)
    questionnaires: tuple[Questionnaire, ...] = ()


def _files(named: _Named, lang: str) -> _Given:
    """Files alone: no database of ours, no configuration."""
    from survey.places import place_names, shipped_places

    sources, secret = _sources(str(named.responses), named.population)
    places = shipped_places()
    names = place_names(places, lang)
    for office in places.office:  # the shipped office is an example, not the one of the files
        names.pop(office.id, None)
    further = _absolute(targets=named.targets, mapping=named.mapping)
    parameters = {**sources, **further, "items": named.items, "names": names}
    return _Given(parameters, secret, sources=_databases(named.responses, named.population))


def _own(named: _Named, data: Path | None, office: str | None, period: Period, lang: str) -> _Given:
    """The office's database with its own targets, questionnaires, names and order of places."""
    from questionnaires import shipped
    from survey.figures.office import is_total, office_tree, require_answers
    from survey.places import place_names
    from survey.sealing import printed
    from survey.store.indicators import list_indicators
    from survey.store.places import list_plain_offices, load_places
    from survey.store.questionnaires import published_questionnaires
    from survey.store.seals import seal_of

    with open_installation(data) as installation:
        require_answers(installation.engine, period)
        config, places = installation.config, load_places(installation.engine, gone_too=True)
        today, seal = installation.today, seal_of(installation.engine, period.months)
        asked = published_questionnaires(installation.engine)
        points = list_indicators(installation.engine, [one.id for one in places.office])
        listed, tree = list_plain_offices(installation.engine), office_tree(installation.engine)
        total = office is not None and is_total(installation.engine, tree, office, period)
    offices = [place.id for place in places.office]
    if office is not None and office not in offices:
        known = ", ".join(offices)
        raise HailongError(sentence("notebook.no_office", office=office, known=known))
    if office is not None and total:
        below = ", ".join(one for one in offices if one in tree.below(office) - {office})
        raise HailongError(sentence("notebook.only_below", office=office, below=below))
    url = config.database_url
    sources, secret = _sources(url, named.population or url)
    own = config.targets_file if config.targets_file.exists() else None
    parameters = {
        **sources,
        **_absolute(targets=named.targets or own),
        "questionnaires": _sources(url, None)[0]["responses"],
        "names": place_names(places, lang),
        "parents": {one.id: one.parent for one in listed} if len(listed) > 1 else {},
        "simulated": config.simulated,
        "minimum": config.publication_minimum,
        "trusted": True,
        "today": today.isoformat(),
        "seal": in_language(printed(seal), lang) if seal else None,
    }
    only = places.office[0].name.get(lang) if len(places.office) == 1 else ""
    own_ones = tuple(one for key, one in asked.items() if key not in shipped())
    databases = _databases(url, named.population or url) | ({"indicators": url} if points else {})
    return _Given(parameters, secret, only, databases, own_ones)


def _databases(responses: str | None, population: str | None) -> dict[str, str]:
    """The sources that are databases, as they were named."""
    named = {"responses": responses, "population": population}
    return {name: source for name, source in named.items() if source and "://" in source}


def _absolute(**files: Path | None) -> dict[str, str | None]:
    """The notebook runs in a folder of its own."""
    return {name: str(file.absolute()) if file else None for name, file in files.items()}


def _sources(responses: str, population: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Parameters that name the sources, and the password that they must not hold."""
    found: dict[str, Any] = {"population": None}
    secrets: dict[str, str] = {}
    for name, source in (("responses", responses), ("population", population)):
        if source is None:
            continue
        if "://" not in source:
            found[name] = str(Path(source).absolute())
            continue
        found[name], password = without_password(source)
        if password is not None and secrets.setdefault(_PASSWORD, password) != password:
            raise HailongError(sentence("notebook.passwords"))
    return found, secrets


def _fonts() -> list[str]:
    import survey

    folder = Path(str(survey.__file__)).resolve().parent / "fonts"
    found = [folder / f"BeVietnamPro-{weight}.ttf" for weight in ("Regular", "Bold")]
    return [str(file) for file in found]


def _run(given: _Given) -> Any:
    from survey.notebook import run_notebook

    with progress_told("progress.notebook") as progress:
        return run_notebook(given.parameters, environment=given.environment, progress=progress)


def _page(given: _Given, title: str) -> str:
    from survey.notebook import notebook_page

    return notebook_page(_run(given), title, given.parameters["lang"])


def _notebook(given: _Given, period: Period, out: Path, *, leaves: bool) -> str:
    """The notebook in one language; its data beside it, but not of the published view."""
    from survey.notebook import in_one_language, notebook_text
    from survey.notebook_data import SOURCES, lay_beside

    found = _run(given)
    here = {*SOURCES, "questionnaires", "font_files", "trusted"}
    parameters = {key: value for key, value in given.parameters.items() if key not in here}
    if not leaves:
        sources = {**given.parameters, **given.sources}
        beside = {name: sources.get(name) for name in SOURCES}
        parameters |= lay_beside(out, beside, period, given.questionnaires)
        click.echo(words("notebook.beside", folder=out.with_name(f"{out.stem}-data")), err=True)
    parameters["interactive"] = True
    return notebook_text(in_one_language(found, given.parameters["lang"], parameters))
