"""`hailong comments`: what citizens wrote, for the office itself."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import data_option, open_installation, period_option

if TYPE_CHECKING:
    from analysis.period import Period


@click.command(epilog="Example: hailong comments --period 2026-10 --sector land")
@period_option
@click.option("--sector", metavar="ID", help="Only about this sector.")
@click.option("--office", metavar="ID", help="Only of this office and those below it.")
@data_option
def command(period: Period, sector: str | None, office: str | None, data: Path | None) -> None:
    """Show what citizens wrote, the newest month first, in no order that tells who came when.

    For the office itself: a comment may hold a name that somebody wrote. Do not pass them on.
    """
    from survey.commands.saying import language, say
    from survey.errors import HailongError
    from survey.figures.office import office_tree
    from survey.places import sector_names
    from survey.store.comments import Filter, list_comments
    from survey.store.places import load_places
    from survey.told import sentence

    with open_installation(data) as installation:
        places = load_places(installation.engine, gone_too=True)
        known = {
            "sector": ["general", *sector_names(places, language())],
            "office": [one.id for one in places.office],
        }
        for kind, asked in (("sector", sector), ("office", office)):
            if asked is not None and asked not in known[kind]:
                listed = ", ".join(known[kind])
                raise HailongError(sentence(f"comments.no_{kind}", id=asked, known=listed))
        below = None if office is None else office_tree(installation.engine).below(office)
        wanted = Filter(period.first, period.last, below, sector)
        found = list_comments(installation.engine, wanted)
    names = sector_names(places, language())
    for month, comments in groupby(found, lambda one: one.month):
        click.echo(month)
        for one in comments:
            text = one.text.replace("\n", "\n    ")
            click.echo(f"  {names.get(one.sector, one.sector)}: {text}")
    if not found:
        say("comments.none", err=True)
