"""`hailong report`: the report of a period as Word, PDF, Excel, HTML or JSON, kept where asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import (
    data_option,
    open_installation,
    out_file,
    period_option,
    read_day,
    write_out,
)
from survey.commands.saying import language, progress_told, say, words

if TYPE_CHECKING:
    from analysis.period import Period


@click.command(epilog="Example: hailong report --period 2026-10 --format docx --out thang-10.docx")
@period_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["docx", "pdf", "xlsx", "html", "json"]),
    default="docx",
    show_default=True,
    help="Word to go on writing in, PDF to archive, Excel for the figures, HTML or JSON.",
)
@click.option(
    "--out",
    required=True,
    callback=out_file,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The file to write.",
)
@click.option("--office", metavar="ID", help="Of this office (default: of all together).")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", help="Of the report.")
@click.option(
    "--date",
    "day",
    callback=read_day,
    metavar="YYYY-MM-DD",
    help="The day of its signature (default: its place is left free).",
)
@click.option(
    "--keep/--draft",
    default=False,
    help="Number it and keep all its formats with their hashes; or just write it (default).",
)
@click.option("--why", default="", help="Why it takes the place of the kept one.")
@click.option(
    "--sentences",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Try the sentences of this file in the place of report.toml.",
)
@data_option
def command(  # noqa: PLR0913  one argument for each option
    *,
    period: Period,
    form: str,
    out: Path,
    office: str | None,
    lang: str,
    day: date | None,
    keep: bool,
    why: str,
    sentences: Path | None,
    data: Path | None,
) -> None:
    """Write the report of a period that is over, to be signed and sent upward.

    It holds what may be published. A report of twelve months of two years is for the office itself
    and says so.
    """
    from survey.reports.making import Asked, make
    from survey.store.staff_actions import note

    if out.suffix.lower() != f".{form}":
        raise click.BadParameter(words("report.ending", file=out, format=form), param_hint="--out")
    asked = Asked(
        period=period,
        form=form,  # type: ignore[arg-type]  # click has looked at it
        lang=lang,
        office=office,
        day=day,
        keep=keep,
        why=why,
        sentences=sentences,
    )
    with open_installation(data) as installation, progress_told("progress.report") as told:
        made = make(installation.config, installation.engine, asked, installation.today, told=told)
        if keep and made.revision is not None:
            number = str(made.revision.number)
            details = {"period": period.text, "number": number, "code": made.revision.code}
            with installation.engine.begin() as connection:
                note(connection, installation.by, "report_kept", office, **details)
    write_out(out, made.content)
    click.echo(str(out))
    if made.revision is not None:
        say(
            "report.kept",
            period=period.called(language()),
            number=made.revision.number,
            content=made.revision.code,
            err=True,
        )
