"""`hailong poster`: writes the QR posters of the counters as PDF files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from survey.commands.options import data_option, open_installation
from survey.commands.saying import say
from survey.errors import StoreError, unwritable
from survey.files import write_whole
from survey.places import counters_named, find_counter
from survey.told import sentence

if TYPE_CHECKING:
    from survey.links import Lang, Size
    from survey.store.places import Desk


@click.command(epilog="Example: hailong poster --counter quay-1 --size a5 --out posters")
@click.option(
    "--counter",
    "counters",
    multiple=True,
    metavar="C",
    help="Only this one, or OFFICE/C (repeatable).",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("posters"),
    show_default=True,
    metavar="FOLDER",
    help="Where the PDF files go.",
)
@click.option(
    "--size",
    type=click.Choice(["a4", "a5", "both"]),
    default="both",
    show_default=True,
    help="Paper size.",
)
@click.option(
    "--lang",
    type=click.Choice(["vi", "en", "both"]),
    default="both",
    show_default=True,
    help="Both: Vietnamese, with English smaller.",
)
@data_option
def command(counters: tuple[str, ...], out: Path, size: str, lang: str, data: Path | None) -> None:
    """Print the QR posters: one PDF for each counter and size."""
    from survey.links import render_poster, render_posters
    from survey.places import installed_questionnaires
    from survey.posters import ALL, posters_of
    from survey.store.places import office_parents, open_desks

    with open_installation(data) as installation:
        config = installation.config
        every = open_desks(installation.engine, "poster")
        parents = office_parents(installation.engine)
    desks = _chosen(every, counters)
    known = installed_questionnaires(config)
    if config.address.reach != "everywhere":
        say(f"poster.{config.address.reach}", err=True, url=config.address.shown)
    posters = posters_of(config, desks, known, every, parents)
    sizes: Sequence[Size] = ("a4", "a5") if size == "both" else (cast("Size", size),)
    made = [
        (out / f"{name}-{each}.pdf", poster, render_poster(poster, each, cast("Lang", lang)))
        for name, poster in posters.items()
        for each in sizes
    ]  # all before the first is written: a name that cannot be printed leaves no half set
    for file, poster, pdf in made:
        _write(file, pdf)
        click.echo(f"{file}\t{poster.url}")
    if len(posters) > 1:
        for each in sizes:
            file = out / f"{ALL}-{each}.pdf"
            _write(file, render_posters(list(posters.values()), each, cast("Lang", lang)))
            click.echo(f"{file}")


def _chosen(desks: Sequence[Desk], counters: Sequence[str]) -> tuple[Desk, ...]:
    """Return the desks of these counters, or all. Raises an error where one has no poster."""
    if not desks:
        raise StoreError(sentence("poster.none"))
    known = {desk.counter.full_id: desk.counter for desk in desks}
    missing = [text for text in counters if not counters_named(text, known.values())]
    if missing:
        names = {"missing": ", ".join(missing), "known": ", ".join(known)}
        raise StoreError(sentence("poster.missing", **names))
    chosen = {find_counter(text, known.values()).full_id for text in counters}
    return tuple(desk for desk in desks if not counters or desk.counter.full_id in chosen)


def _write(file: Path, content: bytes) -> None:
    try:
        file.parent.mkdir(exist_ok=True)  # the folder of the posters, none above it
        write_whole(file, content)
    except OSError as error:
        raise StoreError(unwritable(file, error)) from error
