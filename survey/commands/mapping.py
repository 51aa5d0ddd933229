"""`hailong mapping`: what the columns of another tool's export hold, as a draft to be checked."""

from __future__ import annotations

from pathlib import Path

import click

from survey.commands.options import out_file, print_out
from survey.commands.saying import say
from survey.errors import HailongError
from survey.told import sentence


@click.group(epilog="Example: hailong mapping guess form.csv --out form.toml")
def command() -> None:
    """Describe the exports of other tools, so that their answers can be read."""


@command.command(epilog="Example: hailong mapping guess form.xlsx --questionnaire desk@1")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--questionnaire", metavar="ID@VERSION", help="The one that the form asks (shipped ones)."
)
@click.option("--office", metavar="ID", default="", help="Whose answers these are.")
@click.option("--sheet", metavar="NAME", help="Of a workbook (default: the first).")
@click.option("--heading", type=click.IntRange(1), default=1, help="The row with the headings.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", callback=out_file
)
def guess(
    *,
    file: Path,
    questionnaire: str | None,
    office: str,
    sheet: str | None,
    heading: int,
    out: Path | None,
) -> None:
    """Draft a mapping of FILE, with comments that say what to check. Reads headings and values."""
    from analysis.errors import Refusal
    from analysis.input.cells import read_cells
    from analysis.input.guessing import Known, draft
    from questionnaires import shipped
    from survey.places import sector_names, shipped_places

    versions = shipped()
    if questionnaire is not None and questionnaire not in versions:
        known = ", ".join(versions)
        raise HailongError(sentence("mapping.no_questionnaire", key=questionnaire, known=known))
    try:
        cells = read_cells(file, sheet, heading)
    except Refusal as refusal:
        raise HailongError(refusal.args[0]) from refusal
    asked = versions[questionnaire] if questionnaire else None
    known_here = Known(asked, sector_names(shipped_places(), "vi"), office, heading)
    text = draft(cells, known_here, file.stem, sheet)
    print_out(text, out)
    if out is not None:
        say("mapping.drafted", file=out)
