"""`hailong verify`: holds the stored answers against their seals, and these against a download."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import data_option, open_installation, out_file, write_out
from survey.commands.saying import echo, progress_told, say
from survey.errors import HailongError, unreadable
from survey.told import LANGUAGES, in_language, sentence

if TYPE_CHECKING:
    from questionnaires.bilingual import Told
    from survey.store.verification import Verified


@click.command(epilog="Example: hailong verify --against seals-2026-09.json --data office")
@click.option(
    "--against",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="An earlier download of /open/seals.json: finds a chain that was made anew.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    callback=out_file,
    help="Write what was found as JSON too, also where something does not fit.",
)
@data_option
def command(against: Path | None, out: Path | None, data: Path | None) -> None:
    """Recompute every seal; exit 1 naming the days whose answers were altered, removed or added,
    the months whose dossier counts and other records were, and such targets."""
    from survey.sealing import check, told
    from survey.seals import NoSeals, compare_chains, read_document

    try:
        earlier = () if against is None else read_document(against.read_text(encoding="utf-8"))
    except OSError as error:
        raise HailongError(unreadable(against or Path(), error)) from error
    except (NoSeals, UnicodeDecodeError) as error:
        raise HailongError(sentence("verify.no_file", file=against)) from error
    with open_installation(data) as office, progress_told("progress.verify") as progress:
        found = check(office.config, office.engine, office.today, progress)
    faults = (*found.faults, *compare_chains(found.chain, earlier))
    if out is not None:
        _write(out, found, [told(fault) for fault in faults])
    for fault in faults:
        echo(told(fault), err=True)
    if not found.chain:
        say("seal.nothing")
        if not faults:
            return
    if faults:
        raise HailongError(sentence("verify.wrong", count=len(faults)))
    _tell_well(found)
    if against is not None:
        say("verify.same", file=against, count=len(earlier))


def _tell_well(found: Verified) -> None:
    """How everything is that fits."""
    from survey.sealing import about_shown, printed, told_beside
    from survey.store.seals import MonthSeal

    say("verify.well", answers=found.answers, seals=len(found.chain))
    say("verify.until", day=about_shown(max(s.about for s in found.chain if s.kind == "day")))
    for line in told_beside(found.chain):
        echo(line)
    if found.purged:
        say("verify.purged", years=", ".join(sorted({month[:4] for month in found.purged})))
    if found.unfinished:
        say("verify.unfinished", months=", ".join(map(about_shown, found.unfinished)))
    if found.waiting:
        say("verify.waiting", count=found.waiting)
    for seal in [one for one in found.chain if one.kind == "month"][-1:]:
        echo(printed(MonthSeal(seal.about, seal.seal)))


def _write(out: Path, found: Verified, faults: Sequence[Told]) -> None:
    """What was found, for the page that asked."""
    from survey.sealing import about_shown, told_beside

    beside = [] if faults else told_beside(found.chain)
    told = {
        "answers": found.answers,
        "seals": len(found.chain),
        "waiting": found.waiting,
        "purged": sorted({month[:4] for month in found.purged}),
        "unfinished": [about_shown(month) for month in found.unfinished],
        "beside": [{lang: in_language(one, lang) for lang in LANGUAGES} for one in beside],
        "faults": [{lang: in_language(one, lang) for lang in LANGUAGES} for one in faults],
    }
    write_out(out, json.dumps(told, ensure_ascii=False) + "\n")
