"""`hailong dossiers`: imports how many dossiers were completed, and shows what was imported."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.installation import Installation, data_option, open_installation
from survey.errors import DossiersError

if TYPE_CHECKING:
    from survey.dossiers import Counted
    from survey.dossiers.columns import Columns
    from survey.dossiers.plan import Plan
    from survey.dossiers.reading import Progress
    from survey.store.population import Import

OWN_COLUMNS = "dossiers.toml"


@click.group(epilog="Example: hailong dossiers import thang-10.xlsx")
def command() -> None:
    """Import how many dossiers were completed, month by month."""


def _months(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> frozenset[str]:
    for month in given:
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
            raise click.BadParameter(f"'{month}' is not a month; write it as 2026-10")
    return frozenset(given)


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
    callback=_months,
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
    from survey.dossiers.apart import count_apart
    from survey.dossiers.plan import make_plan
    from survey.dossiers.reading import Question
    from survey.dossiers.sheets import read_bytes
    from survey.store.places import load_places
    from survey.store.population import Source, apply_plan, load_counts

    with open_installation(data) as installation:
        question = Question(
            places=load_places(installation.engine),
            columns=_columns(columns, installation),
            today=installation.today,
            office=office,
            periods=periods,
            zone=installation.config.zone,
        )
        content = read_bytes(file)
        with _progress(file.name) as progress:
            counted = count_apart(content, file.name, question, progress)
        months = {count.period for count in counted.counts}
        plan = make_plan(counted, load_counts(installation.engine, months), periods)
        _show(file.name, counted)
        _show_plan(plan)
        if dry_run:
            _show_doubts(plan)
            click.echo("nothing was kept (--dry-run)")
            return
        _confirm(file.name, plan, yes=yes)
        digest = hashlib.sha256(content).hexdigest()
        log = Source(installation.today, file.name, digest)
        for entry in apply_plan(installation.engine, plan, log=log):
            _show_kept(entry)


@command.command(epilog="Example: hailong dossiers undo")
@data_option
def undo(data: Path | None) -> None:
    """Take back the last import: its months are as they were before it. May be repeated."""
    from survey.store.population import undo_last

    with open_installation(data) as installation:
        for entry in undo_last(installation.engine, installation.today):
            known = "no counts" if entry.replaced is None else f"{entry.replaced} completed"
            click.echo(
                f"taken back {entry.period} {entry.office}: {known} again, without the "
                f"{entry.completed} of {entry.source.file_name}"
            )


@command.command("list", epilog="Example: hailong dossiers list")
@data_option
def list_(data: Path | None) -> None:
    """Show the log: every month that was imported, from which file, and what it replaced."""
    from survey.store.population import list_imports

    with open_installation(data) as installation:
        entries = list_imports(installation.engine)
    for entry in entries:
        replaced = "new" if entry.replaced is None else f"replaced {entry.replaced}"
        source = entry.source
        click.echo(
            f"{source.imported_on}\t{entry.period}\t{entry.office}\t{entry.completed}\t{replaced}\t"
            f"{source.file_name}\tsha256:{source.file_digest[:12]}"
            + ("" if entry.undone_on is None else f"\ttaken back on {entry.undone_on}")
        )
    if not entries:
        click.echo("nothing was imported yet; see: hailong dossiers import --help", err=True)


@command.command(epilog="Example: hailong dossiers columns > dossiers.toml")
def columns() -> None:
    """Print the shipped columns file, to be adapted to the office's own export."""
    from survey.dossiers.columns import shipped_text

    click.echo(shipped_text(), nl=False)


def _columns(given: Path | None, installation: Installation) -> Columns:
    from survey.dossiers.columns import load_columns, shipped_columns

    own = installation.config.data / OWN_COLUMNS
    if given is None and not own.exists():
        return shipped_columns()
    return load_columns(given or own)


def _show(name: str, counted: Counted) -> None:
    """Print what a file holds: which columns were read, what was left out, the counts."""
    from survey.dossiers.problems import spoken

    read = ", ".join(f"{meaning} = '{heading}'" for meaning, heading in counted.columns.items())
    click.echo(f"{name}: {counted.rows} rows; columns {read}")
    if counted.not_returned:
        click.echo(f"skipped as not returned yet: {counted.not_returned}")
    if counted.outside:
        click.echo(f"skipped as of other months: {counted.outside}")
    if counted.no_dossiers:
        click.echo(
            f"skipped as no dossiers, without code and days: {len(counted.no_dossiers)} "
            f"({spoken(counted.no_dossiers)})"
        )
    if counted.offline:
        words = sorted(counted.offline.items(), key=lambda found: (-found[1], found[0]))
        listed = ", ".join(f"'{word}' {number}" for word, number in words[:8])
        more = f" and {len(words) - 8} other words" if len(words) > 8 else ""
        click.echo(f"counted as not filed online: {listed}{more}")
    _show_table(counted)


def _show_plan(plan: Plan) -> None:
    """Print what would change: a line for each month and office."""
    for change in plan.changes:
        told = {
            "new": f"new, {change.completed} completed",
            "changed": f"changed, {change.completed} instead of {change.replaced} completed",
            "unchanged": f"unchanged, {change.completed} completed",
        }
        click.echo(f"{change.period} {change.office}: {told[change.kind]}")


def _show_doubts(plan: Plan) -> None:
    for doubt in plan.doubts:
        click.echo(f"to be confirmed: {doubt}", err=True)


def _confirm(name: str, plan: Plan, *, yes: bool) -> None:
    """Ask about what looks wrong as a whole. Raises DossiersError where nobody says yes."""
    if not plan.doubts or yes:
        return
    _show_doubts(plan)
    if sys.stdin.isatty() and click.confirm("Keep these counts all the same?", err=True):
        return
    raise DossiersError(
        f"{name}: nothing was kept; use --period to take only the months that are meant, for "
        "example --period 2026-10, or --yes if everything is right as shown"
    )


def _show_table(counted: Counted) -> None:
    rows: list[tuple[str, ...]] = [("month", "office", "sector", "completed", "on time", "online")]
    for count in counted.counts:
        parts = ("-" if part is None else str(part) for part in (count.on_time, count.online))
        rows.append((count.period, count.office, count.sector, str(count.completed), *parts))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        texts = [cell.ljust(width) for cell, width in zip(row[:3], widths[:3], strict=True)]
        numbers = [cell.rjust(width) for cell, width in zip(row[3:], widths[3:], strict=True)]
        click.echo("  ".join([*texts, *numbers]))


def _show_kept(entry: Import) -> None:
    replaced = (
        "" if entry.replaced is None else f", replacing {entry.replaced} of an earlier import"
    )
    click.echo(f"kept {entry.period} {entry.office}: {entry.completed} completed{replaced}")
    if entry.replaced is not None and entry.completed < entry.replaced:
        click.echo(
            f"warning: {entry.period} {entry.office} now has fewer dossiers than before; if this "
            "file holds only a part of that month, import the whole month again, or use --period",
            err=True,
        )


@contextmanager
def _progress(name: str) -> Iterator[Progress | None]:
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
