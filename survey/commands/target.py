"""`hailong target`: what is to be reached, and thresholds of offices' own, as on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.commands.options import data_option, open_installation
from survey.commands.saying import agree, echo, language, say
from survey.errors import HailongError
from survey.told import percent, sentence

if TYPE_CHECKING:
    from analysis.targets import AnyTarget, Targets
    from survey.commands.options import Installation
    from survey.targets import Filled


@click.group(epilog="Example: hailong target list --data office")
def command() -> None:
    """List, set and remove what is to be reached, and thresholds of offices' own."""


@command.command("list", epilog="Example: hailong target list --office trieu-son")
@click.option("--office", metavar="ID", help="Show what holds for this office as well.")
@data_option
def list_(office: str | None, data: Path | None) -> None:
    """Show each target with its id, and beneath it the thresholds of offices' own."""
    from survey.figures.office import office_targets
    from survey.store.places import list_offices

    with open_installation(data) as installation:
        found = office_targets(installation.config)
        if office is not None:
            _require_office(installation, office)
        parents = {one.id: one.parent for one in list_offices(installation.engine)}
    lang, aims = language(), found.under(parents).aims
    for target in found.every:
        _told(target, lang)
        for own in (one for one in found.own if one.target == target.id):
            share = percent(own.threshold, lang)
            told = sentence(
                "target.line_own", office=own.office, threshold=share, source=own.source
            )
            echo(told, indent=2)
        if office is not None:
            share = percent(aims.of(target, office).threshold, lang)
            echo(sentence("target.line_holds", office=office, threshold=share), indent=2)
    if not found.every:
        say("target.none", err=True)


@command.command(
    "set",
    epilog='Example: hailong target set procedures-2030 --threshold 96 --source "12/QĐ-UBND"',
)
@click.argument("target", metavar="[ID]", required=False)
@click.option("--office", metavar="ID", help="Set a threshold of this office's own instead.")
@click.option("--title", "vi", metavar="TEXT", help="Its name in Vietnamese.")
@click.option("--title-en", "en", metavar="TEXT", help="Its name in English.")
@click.option(
    "--measure",
    metavar="ID",
    help="overall, index, an element or item; on_time or online of all dossiers.",
)
@click.option(
    "--sector", "sectors", metavar="ID", multiple=True, help="A sector; once for each; all for all."
)
@click.option("--pool/--each", default=None, help="One verdict for all, or one for each sector.")
@click.option("--threshold", metavar="SHARE", help="What is to be reached: 90, 90% or 0.9.")
@click.option("--year", "deadline", metavar="YEAR", help="By when.")
@click.option("--source", metavar="TEXT", help="The decision that sets it: number, day, section.")
@data_option
def set_(
    target: str | None,
    office: str | None,
    threshold: str | None,
    source: str | None,
    data: Path | None,
    **rest: Any,
) -> None:
    """Change the target ID, or add one where no ID is named; with --office, set its own threshold.

    What is left out stays as it is.
    """
    sectors = rest.pop("sectors")
    given = rest | {"sectors": None if not sectors else () if sectors == ("all",) else sectors}
    with open_installation(data) as installation:
        if office is not None:
            if any(value is not None for value in given.values()):
                raise HailongError(sentence("target.own_takes"))
            _set_own(installation, target, office, threshold, source)
        else:
            _set(installation, target, given | {"threshold": threshold, "source": source})


@command.command(epilog="Example: hailong target remove procedures-2030 --office trieu-son")
@click.argument("target", metavar="ID")
@click.option("--office", metavar="ID", help="Take back this office's own threshold alone.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def remove(target: str, office: str | None, yes: bool, data: Path | None) -> None:
    """Remove the target ID with the thresholds of offices' own, or (--office) one of these."""
    from survey.figures.office import office_targets
    from survey.targets import drop_target

    with open_installation(data) as installation:
        known = office_targets(installation.config)
        if office is not None:
            _take_back(installation, known, target, office)
            return
        found = _find(known, target)
        own = sum(one.target == target for one in known.own)
        if not yes and not agree("target.sure", err=True, id=target, own=own):
            say("target.unchanged", err=True)
            return
        drop_target(installation.config, installation.engine, installation.by, known, found)
    say("target.dropped", id=target)


def _told(target: AnyTarget, lang: str) -> None:
    """A target in a line."""
    from analysis.targets import CensusTarget

    shown: dict[str, object] = {
        "id": target.id,
        "title": target.title.get(lang),
        "threshold": percent(target.threshold, lang),
        "deadline": target.deadline,
        "measure": target.measure,
        "source": target.source,
    }
    if isinstance(target, CensusTarget):
        echo(sentence("target.line_census", **shown))
        return
    which = "all" if target.sectors == "all" else "some"
    key = f"target.{which}_{'pooled' if target.pool else 'each'}"
    listed = {} if which == "all" else {"sectors": ", ".join(target.sectors)}
    echo(sentence("target.line", **shown, sectors=sentence(key, **listed)))


def _set(installation: Installation, id_: str | None, given: Mapping[str, Any]) -> None:
    from survey.figures.office import office_targets
    from survey.targets import put_target, read_target

    config, engine = installation.config, installation.engine
    known = office_targets(config)
    stored = None if id_ is None else _find(known, id_)
    filled = replace(_before(stored), **{k: v for k, v in given.items() if v is not None})
    made = read_target(engine, filled, known, stored)
    put_target(config, engine, installation.by, known, made)
    share = percent(made.threshold, language())
    say("target.kept", id=made.id, threshold=share, deadline=made.deadline)


def _before(stored: AnyTarget | None) -> Filled:
    from survey.targets import Filled, filled_of

    if stored is not None:
        return filled_of(stored)
    return Filled("", "", "overall", (), True, "", "", "")


def _set_own(
    installation: Installation, id_: str | None, office: str, share: str | None, source: str | None
) -> None:
    from survey.figures.office import office_targets
    from survey.targets import find_own, put_own, read_own

    config, engine = installation.config, installation.engine
    known = office_targets(config)
    judged = _find(known, id_ or "–")
    _require_office(installation, office)
    stored = find_own(known, office, judged.id)
    before = "" if stored is None else percent(stored.threshold, "vi")
    why = "" if stored is None else stored.source
    made = read_own(
        judged, office, before if share is None else share, why if source is None else source
    )
    put_own(config, engine, installation.by, known, made)
    told = percent(made.threshold, language())
    say("target.kept_own", office=office, id=judged.id, threshold=told)


def _take_back(installation: Installation, known: Targets, id_: str, office: str) -> None:
    from survey.store.places import list_offices
    from survey.targets import drop_own, find_own, without

    judged = _find(known, id_)
    own = find_own(known, office, id_)
    if own is None:
        raise HailongError(sentence("target.no_own", office=office, target=id_))
    drop_own(installation.config, installation.engine, installation.by, known, own)
    parents = {one.id: one.parent for one in list_offices(installation.engine)}
    left = without(known, own).under(parents).aims.of(judged, office)
    say("target.dropped_own", office=office, threshold=percent(left.threshold, language()))


def _find(targets: Targets, id_: str) -> AnyTarget:
    found = next((one for one in targets.every if one.id == id_), None)
    if found is None:
        known = ", ".join(one.id for one in targets.every)
        raise HailongError(sentence("target.no_target", target=id_, known=known))
    return found


def _require_office(installation: Installation, office: str) -> None:
    from survey.store.places import list_offices

    known = [one.id for one in list_offices(installation.engine)]
    if office not in known:
        raise HailongError(sentence("target.no_office", office=office, known=", ".join(known)))
