"""`hailong dossiers`: imports how many dossiers were completed, and shows what was imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import data_option, open_installation, read_months
from survey.commands.saying import agree, echo, say, words
from survey.errors import DossiersError
from survey.told import sentence

if TYPE_CHECKING:
    from survey.dossiers import Counted
    from survey.dossiers.plan import ImportPlan
    from survey.dossiers.reading import RowProgress
    from survey.store.population import Import


@click.group(epilog="Example: hailong dossiers import thang-10.xlsx")
def command() -> None:
    """Import how many dossiers were completed, month by month."""


@command.command(
    "import", epilog="Example: hailong dossiers import thang-10.xlsx --columns dossiers.toml"
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--columns",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What the export's headings mean (default: dossiers.toml in the data folder, else common "
    "Vietnamese headings).",
)
@click.option("--office", metavar="ID", help="The whole export is of this office.")
@click.option(
    "--period",
    "periods",
    multiple=True,
    metavar="MONTH",
    callback=read_months,
    help="Take only this month, for example 2026-10 (repeatable).",
)
@click.option("--dry-run", is_flag=True, help="Count and show; keep nothing.")
@click.option("--yes", is_flag=True, help="Keep what is shown, whatever there is to ask about it.")
@data_option
def import_(
    file: Path,
    columns: Path | None,
    office: str | None,
    periods: frozenset[str],
    dry_run: bool,
    yes: bool,
    data: Path | None,
) -> None:
    """Count the completed dossiers of a CSV or XLSX file by month and sector, and keep the counts.

    FILE is the one-stop system's export with a row a dossier, or the population layout (period,
    office, sector, completed and optionally on_time, online). What would change is shown first, and
    what looks wrong as a whole is asked about. A month that is imported again replaces the month
    whole. Where anything is wrong, nothing is kept. Dossier codes never are.
    """
    from survey.dossiers.files import read_bytes
    from survey.dossiers.reading import CountRequest
    from survey.imports import columns_in_use, keep, propose
    from survey.store.places import load_places

    with open_installation(data) as installation:
        question = CountRequest(
            places=load_places(installation.engine),
            columns=columns_in_use(installation.config.data, columns),
            today=installation.today,
            office=office,
            periods=periods,
            zone=installation.config.zone,
        )
        content = read_bytes(file)
        with _progress(file.name) as progress:
            proposal = propose(installation.engine, content, file.name, question, progress)
        _show(file.name, proposal.look.require())
        plan = proposal.require()
        _show_plan(plan)
        if dry_run:
            _show_doubts(plan)
            say("dossiers.dry_run")
            return
        _confirm(file.name, plan, yes=yes)
        by = installation.by
        for entry in keep(installation.engine, proposal, file.name, by.at.date(), by=by):
            _show_kept(entry)


@command.command(epilog="Example: hailong dossiers undo")
@data_option
def undo(data: Path | None) -> None:
    """Take back the last import: its months are as they were before it. May be repeated."""
    from survey.store.population import undo_last

    with open_installation(data) as installation:
        for entry in undo_last(installation.engine, installation.today, by=installation.by):
            told = {"period": entry.period, "office": entry.office, "completed": entry.completed}
            key = "dossiers.back_none" if entry.replaced is None else "dossiers.back"
            echo(sentence(key, **told, replaced=entry.replaced, file=entry.source.file_name))


@command.command("list", epilog="Example: hailong dossiers list")
@data_option
def list_(data: Path | None) -> None:
    """Show the log: every month that was imported, from which file, and what it replaced."""
    from survey.store.population import list_imports

    with open_installation(data) as installation:
        entries = list_imports(installation.engine)
    for entry in entries:
        click.echo("\t".join(_log_line(entry)))
    if not entries:
        say("dossiers.none", err=True)


def _log_line(entry: Import) -> Iterator[str]:
    source = entry.source
    yield from (str(source.imported_on), entry.period, entry.office, str(entry.completed))
    yield words(
        "dossiers.log_new" if entry.replaced is None else "dossiers.log_replaced",
        replaced=entry.replaced,
    )
    yield source.file_name
    yield f"sha256:{source.file_digest[:12]}"
    if entry.undone_on is not None:
        yield words("dossiers.log_undone", day=entry.undone_on)


@command.command(epilog="Example: hailong dossiers columns > dossiers.toml")
def columns() -> None:
    """Print the shipped columns file, to be adapted to the office's own export."""
    from survey.dossiers.columns import shipped_text

    click.echo(shipped_text(), nl=False)


def _show(name: str, counted: Counted) -> None:
    """Print what a file holds: which columns were read, what was left out, the counts."""
    from survey.dossiers.problems import spoken

    read = ", ".join(f"{meaning} = '{heading}'" for meaning, heading in counted.columns.items())
    say("dossiers.holds", file=name, rows=counted.rows, columns=read)
    if counted.not_returned:
        say("dossiers.not_returned", count=counted.not_returned)
    if counted.outside:
        say("dossiers.outside", count=counted.outside)
    if counted.no_dossiers:
        rows = spoken(counted.no_dossiers)
        say("dossiers.no_dossiers", count=len(counted.no_dossiers), rows=rows)
    if counted.offline:
        found = sorted(counted.offline.items(), key=lambda found: (-found[1], found[0]))
        listed: str = ", ".join(f"'{word}' {number}" for word, number in found[:8])
        if len(found) > 8:
            listed = sentence("dossiers.offline_more", words=listed, count=len(found) - 8)
        say("dossiers.offline", words=listed)
    _show_table(counted)
    _show_judgeable(counted)


def _show_plan(plan: ImportPlan) -> None:
    """Print what would change: a line for each month and office."""
    for change in plan.changes:
        told = {"period": change.period, "office": change.office}
        numbers = {"completed": change.completed, "replaced": change.replaced}
        echo(sentence(f"dossiers.{change.kind}", **told, **numbers))


def _show_doubts(plan: ImportPlan) -> None:
    for doubt in plan.doubts:
        say("dossiers.doubt", err=True, doubt=doubt)


def _confirm(name: str, plan: ImportPlan, *, yes: bool) -> None:
    """Ask about what looks wrong as a whole. Raises DossiersError where nobody says yes."""
    if not plan.doubts or yes:
        return
    _show_doubts(plan)
    if sys.stdin.isatty() and agree("dossiers.keep_them", err=True):
        return
    raise DossiersError(sentence("dossiers.not_kept", file=name))


_HEADINGS = ("month", "office", "sector", "completed", "on_time", "online", "timed")


def _show_table(counted: Counted) -> None:
    rows: list[tuple[str, ...]] = [tuple(words(f"dossiers.{name}") for name in _HEADINGS)]
    for count in counted.counts:
        told = (
            _part(count.on_time, count.due_known),
            _part(count.online, count.filing_known),
            "-" if count.timed is None else str(count.timed),
        )
        rows.append((count.period, count.office, count.sector, str(count.completed), *told))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        texts = [cell.ljust(width) for cell, width in zip(row[:3], widths[:3], strict=True)]
        numbers = [cell.rjust(width) for cell, width in zip(row[3:], widths[3:], strict=True)]
        click.echo("  ".join([*texts, *numbers]))


def _part(part: int | None, known: int | None) -> str:
    """How many of the dossiers of which it is known: "38/40"."""
    return "-" if part is None else f"{part}/{known}"


def _show_judgeable(counted: Counted) -> None:
    """Print of how many dossiers each census figure can be told: why one will be missing."""
    from survey.dossiers.count import judgeable

    for one in judgeable(counted.counts):
        key = f"dossiers.judged.{one.figure}" if one.known else f"dossiers.not_judged.{one.figure}"
        say(key, known=one.known, unknown=one.unknown)


def _show_kept(entry: Import) -> None:
    told = {"period": entry.period, "office": entry.office, "completed": entry.completed}
    if entry.replaced is None:
        echo(sentence("dossiers.kept", **told))
        return
    echo(sentence("dossiers.kept_replacing", **told, replaced=entry.replaced))
    if entry.completed < entry.replaced:
        say("dossiers.fewer", err=True, period=entry.period, office=entry.office)


@contextmanager
def _progress(name: str) -> Iterator[RowProgress | None]:
    """Show a bar while rows are read, on a terminal only."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Bar(console=console, transient=True) as bar:
        task = bar.add_task(name, total=None)

        def show(number: int, expected: int | None) -> None:
            bar.update(task, completed=number, total=expected)

        yield show
