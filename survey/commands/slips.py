"""`hailong slips`: one-time slips, from their issue to the counts that are left of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from survey.commands.options import (
    data_option,
    open_installation,
    out_file,
    period_option,
    write_out,
)
from survey.commands.saying import echo, say, words
from survey.errors import HailongError, StoreError
from survey.slips import DAYS, MOST, MOST_DAYS
from survey.told import sentence

if TYPE_CHECKING:
    from analysis.period import Period
    from survey.commands.options import Installation
    from survey.slip_files import Format, Paper
    from survey.slips import SlipCounts, SlipTable
    from survey.store.slips import Batch


@click.group(epilog="Example: hailong slips issue --sector land --count 5")
def command() -> None:
    """Issue, list, count and withdraw one-time slips."""


@command.command(epilog="Example: hailong slips issue --sector land --count 5 --format json")
@click.option(
    "--sector",
    "sectors",
    multiple=True,
    required=True,
    metavar="ID",
    help="What the slips are about (repeatable: so many of each, mixed).",
)
@click.option(
    "--procedure",
    default="",
    metavar="CODE",
    help="One procedure of the sector, kept with each answer; for 10 slips and more.",
)
@click.option(
    "--counter",
    metavar="C",
    help="Where they are handed out, or OFFICE/C (default: the first that serves them).",
)
@click.option("--count", type=click.IntRange(1, MOST), required=True, help="Slips of each sector.")
@click.option(
    "--days",
    type=click.IntRange(0, MOST_DAYS),
    default=DAYS,
    show_default=True,
    help="How many days from today they can be used.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["pdf", "csv", "json"]),
    default="json",
    show_default=True,
    help="Paper to print, or addresses for the one-stop software: a table or a list.",
)
@click.option(
    "--paper",
    type=click.Choice(["a4", "58mm", "80mm"]),
    default="a4",
    show_default=True,
    help="Of the PDF: sheets of eight, or a roll.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    callback=out_file,
    help="Where to write (default: on the terminal, but for PDF).",
)
@data_option
def issue(  # noqa: PLR0913, PLR0917  one argument for each option
    sectors: tuple[str, ...],
    procedure: str,
    counter: str | None,
    count: int,
    days: int,
    format_: str,
    paper: str,
    out: Path | None,
    data: Path | None,
) -> None:
    """Issue slips and write the one file that holds them.

    Each is an address that opens the form of its sector once. Only its digest is stored: a file
    that is lost cannot be made again; withdraw its batch and issue anew.
    """
    from survey.slip_files import Making, issue_slips
    from survey.slips import Order, choose_counter
    from survey.store.places import load_places

    if format_ == "pdf" and out is None:
        raise click.UsageError(words("slips.pdf_needs_out"))
    with open_installation(data) as office:
        chosen = counter or choose_counter(sectors, load_places(office.engine))
        last_day = office.today + timedelta(days=days)
        order = Order(chosen, dict.fromkeys(sectors, count), last_day, procedure)
        making = Making(cast("Format", format_), cast("Paper", paper))
        address = office.config.address
        made = issue_slips(office.engine, office.config, order, making, office.today, by=office.by)
        if out is not None:
            _write(out, made.content, made.batch)
        else:
            click.echo(made.content, nl=False)
    if address.reach != "everywhere":
        say(f"slips.{address.reach}", err=True, url=address.shown)
    say(
        "slips.issued",
        err=True,
        count=order.count,
        counter=chosen,
        day=f"{last_day:%d/%m/%Y}",
        batch=made.batch,
    )


def _write(out: Path, content: bytes, batch: str) -> None:
    """Write the file. Raises StoreError, which names the batch that nobody can hand out now."""
    try:
        write_out(out, content)
    except HailongError as error:
        why = error.args[0]
        raise StoreError(sentence("slips.not_written", why=why, batch=batch)) from error


@command.command("list", epilog="Example: hailong slips list")
@data_option
def list_(data: Path | None) -> None:
    """List the batches: what was issued, used, expired and withdrawn of each."""
    from survey.store.slips import list_batches

    with open_installation(data) as office:
        batches = list_batches(office.engine, office.today)
    if not batches:
        say("slips.none")
    for batch in batches:
        click.echo(f"{batch.id}\t{batch.counter}\t{', '.join(batch.sectors)}\t{_told(batch)}")


def _told(batch: Batch) -> str:
    return words(
        "slips.batch",
        **_numbers(batch.counts),
        left=batch.left,
        day=f"{batch.last_day:%d/%m/%Y}",
    )


def _numbers(counts: SlipCounts) -> dict[str, Any]:
    return {name: getattr(counts, name) for name in ("issued", "used", "expired", "withdrawn")}


@command.command(epilog="Example: hailong slips count --period 2026-10")
@period_option
@data_option
def count(period: Period, data: Path | None) -> None:
    """Count the slips of a period by month, counter and sector.

    Each use and each expiry counts in its own month. Where more slips were used than dossiers were
    completed, that is said.
    """
    from survey.store.slips import count_slips

    with open_installation(data) as office:
        counts = count_slips(office.engine, period.months, office.today)
        beyond = _beyond(office, counts)
    if not counts:
        say("slips.none_in", period=period.text)
    for place, number in counts.items():
        told = words("slips.counted", **_numbers(number))
        click.echo(f"{place.month}\t{place.counter}\t{place.sector}\t{told}")
    for line in beyond:
        echo(line)


def _beyond(office: Installation, counts: SlipTable) -> list[str]:
    """A sentence for each month and sector with more slips used than dossiers completed."""
    from survey.slips import beyond_dossiers
    from survey.store.population import completed_dossiers

    months = {place.month for place in counts}
    found = beyond_dossiers(counts, completed_dossiers(office.engine, months))
    return [
        words(
            "slips.beyond",
            month=one.month,
            office=one.office,
            sector=one.sector,
            used=one.used,
            completed=one.completed,
        )
        for one in found
    ]


@command.command(epilog="Example: hailong slips withdraw 3f9a61c2d405")
@click.argument("batch", metavar="BATCH")
@data_option
def withdraw(batch: str, data: Path | None) -> None:
    """Take what is left of a BATCH out of use at once; answers that were given stay."""
    from survey.store.slips import withdraw_batch

    with open_installation(data) as office:
        done = withdraw_batch(office.engine, batch.strip(), office.today, by=office.by)
    say("slips.withdrawn", batch=done.id, **_numbers(done.counts))
