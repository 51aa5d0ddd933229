"""`hailong themes`: what comments speak of, for the office itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import data_option, open_installation, out_file, period_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.period import Period
    from survey.config import Config
    from survey.store.comments import Written
    from survey.themes import Theme


@click.command(epilog="Example: hailong themes --period 2026")
@period_option
@click.option("--sector", metavar="ID", help="Only about this sector.")
@click.option(
    "--office", "offices", multiple=True, metavar="ID", help="Only of these and those below."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=out_file,
    metavar="FILE.json",
    help="Write them as JSON, which names no comment.",
)
@data_option
def command(
    period: Period,
    sector: str | None,
    offices: tuple[str, ...],
    out: Path | None,
    data: Path | None,
) -> None:
    """Show what comments speak of, each theme by the terms that it is told by.

    Computed on this machine. A theme of few comments has no number.
    """
    from survey.commands.saying import say
    from survey.errors import HailongError
    from survey.figures.office import office_tree
    from survey.files import write_whole
    from survey.store.comments import Filter, list_comments
    from survey.themes import LEAST_COMMENTS, MINIMUM, MOST_COMMENTS, find_themes
    from survey.told import sentence

    with open_installation(data) as installation:
        tree = office_tree(installation.engine)
        for one in offices:
            if one not in tree.parents:
                listed = ", ".join(tree.parents)
                raise HailongError(sentence("comments.no_office", id=one, known=listed))
        below = frozenset[str]().union(*map(tree.below, offices))
        wanted = Filter(period.first, period.last, below or None, sector)
        comments = list_comments(installation.engine, wanted, MOST_COMMENTS)
        config = installation.config
    found = find_themes([one.text for one in comments])
    if out is not None:
        write_whole(out, _as_json(config, comments, found))
        return
    for theme in found:
        key = "themes.few" if theme.count is None else "themes.theme"
        say(key, name=theme.name, count=theme.count or 0, minimum=MINIMUM)
    if not found:
        say("themes.none", err=True, count=len(comments), least=LEAST_COMMENTS)


def _as_json(config: Config, comments: Sequence[Written], found: Sequence[Theme]) -> str:
    """Themes with the handles of their comments, which this installation alone can follow."""
    from survey.store.comments import handle_of
    from survey.themes import MINIMUM

    themes = [
        {
            "name": theme.name,
            "count": theme.count,
            "comments": [handle_of(config.secret_key, comments[one]) for one in theme.members],
        }
        for theme in found
    ]
    told = {"read": len(comments), "minimum": MINIMUM, "themes": themes}
    return json.dumps(told, ensure_ascii=False)
