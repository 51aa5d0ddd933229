"""`hailong kiosk`: the tablets of the counters, from their enrolment to their last answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import data_option, open_installation
from survey.commands.saying import echo, say, words
from survey.errors import HailongError
from survey.places import full_id
from survey.told import sentence

if TYPE_CHECKING:
    from kiosk.batch import Result
    from survey.store.kiosks import Enrolled

MOST_REASONS = 20


@click.group(epilog="Example: hailong kiosk enrol --counter quay-1")
def command() -> None:
    """Enrol, list and revoke the tablets of the counters."""


@command.command(epilog="Example: hailong kiosk enrol --counter quay-1")
@click.option(
    "--counter",
    required=True,
    metavar="C",
    help="The counter where the tablet stands, or OFFICE/C.",
)
@data_option
def enrol(counter: str, data: Path | None) -> None:
    """Make a pairing code for one tablet, good for 15 minutes, and the PIN of its staff screen."""
    from survey.tablets import invite_tablet

    with open_installation(data) as installation:
        address = installation.config.address
        made = invite_tablet(
            installation.engine, counter, address.url, installation.now, by=installation.by
        )
    click.echo(f"code: {made.code}")
    click.echo(f"pin: {made.pin}")
    click.echo(f"url: {made.url}")
    if address.reach == "here":
        say("kiosk.address_here", err=True, url=address.shown)
    if not address.secure_context:
        say("kiosk.address_plain", err=True, url=address.shown)


@command.command("list", epilog="Example: hailong kiosk list")
@data_option
def list_(data: Path | None) -> None:
    """Show every tablet: its id and counter, since when, what it last told, what is wrong."""
    from survey.store.kiosks import list_kiosks
    from survey.tablets import watch

    with open_installation(data) as installation:
        found = list_kiosks(installation.engine)
        watched = watch(installation.engine, installation.config.opening_hours, installation.now)
    wrong = {one.enrolled.device.id: _wrong(one.troubles) for one in watched}
    for one in found:
        click.echo("\t".join(_line(one, wrong, installation.now)))
    if not found:
        say("kiosk.none", err=True)


def _wrong(troubles: Sequence[str]) -> str:
    return ", ".join(words(f"kiosk.trouble_{one}") for one in troubles) or words("kiosk.well")


def _line(enrolled: Enrolled, wrong: dict[str, str], now: datetime) -> Iterator[str]:
    device, contact = enrolled.device, enrolled.contact
    yield device.id
    yield full_id(enrolled.office, enrolled.counter_id)
    yield words("kiosk.since", day=device.enrolled_on)
    yield words("kiosk.seen", moment=f"{contact.seen_at.astimezone(now.tzinfo):%Y-%m-%d %H:%M}")
    yield words("kiosk.unsent", count=contact.heartbeat.unsent if contact.heartbeat else "?")
    if not device.revoked:
        yield wrong[device.id]
        return
    closed = device.revoked_on is None
    told = words("kiosk.counter_closed" if closed else "kiosk.out_of_use", day=device.revoked_on)
    yield f"{told}; {words('kiosk.may_hand_over')}" if device.may_hand_in(now) else told


@command.command(epilog="Example: hailong kiosk revoke k7m49qxp")
@click.argument("device", metavar="ID")
@data_option
def revoke(device: str, data: Path | None) -> None:
    """Take the tablet with this ID out of use at once, for example a lost one.

    Answers that it has not sent stay on it: see hailong kiosk handover.
    """
    from survey.links import typed_code
    from survey.store.kiosks import revoke_kiosk

    device = typed_code(device)
    with open_installation(data) as installation:
        revoke_kiosk(installation.engine, device, installation.today, by=installation.by)
    say("kiosk.revoked", device=device)
    say("kiosk.revoked_next", device=device)


@command.command(epilog="Example: hailong kiosk handover k7m49qxp")
@click.argument("device", metavar="ID")
@data_option
def handover(device: str, data: Path | None) -> None:
    """Let a tablet that is out of use hand its unsent answers over, for 24 hours.

    Only for a tablet that was in honest hands all the time.
    """
    from survey.links import typed_code
    from survey.store.kiosks import allow_handover

    device = typed_code(device)
    with open_installation(data) as installation:
        until = allow_handover(installation.engine, device, installation.now, by=installation.by)
    say("kiosk.handover", device=device, until=f"{until:%Y-%m-%d %H:%M}")


@command.command(epilog="Example: hailong kiosk pin k7m49qxp")
@click.argument("device", metavar="ID")
@data_option
def pin(device: str, data: Path | None) -> None:
    """Make a new PIN for the staff screen of a tablet; it holds from the next contact on."""
    from survey.links import typed_code
    from survey.tablets import renew_pin

    with open_installation(data) as installation:
        made = renew_pin(installation.engine, typed_code(device), by=installation.by)
    click.echo(f"pin: {made}")


@command.command("import", epilog="Example: hailong kiosk import hailong-kiosk-k7m49qxp.json")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option
def import_(file: Path, data: Path | None) -> None:
    """Take the answers that a tablet exported to FILE; taking them twice changes nothing.

    Also of a tablet that is out of use: whoever runs this has the file in hand.
    """
    from survey.tablets import take_file

    with open_installation(data) as office:
        content = file.read_bytes()
        results = take_file(office.engine, content, file.name, office.now, by=office.by)
    _report(results)


def _report(results: list[Result]) -> None:
    """Say how many, and of what was not taken why. Raises HailongError where some is missing."""
    counts = Counter[str](result.receipt for result in results)
    order = ("stored", "repeated", "conflict", "refused")
    echo(sentence("kiosk.taken", **{receipt: counts[receipt] for receipt in order}))
    faulty = [one for one in results if one.receipt not in ("stored", "repeated")]
    for one in faulty[:MOST_REASONS]:
        why = ", ".join(f"{problem.place} {problem.code}" for problem in one.problems)
        click.echo(f"{one.receipt}\t{one.response_id or 'no id'}\t{why}".rstrip(), err=True)
    if len(faulty) > MOST_REASONS:
        say("kiosk.more", err=True, count=len(faulty) - MOST_REASONS)
    if counts["later"]:
        raise HailongError(sentence("kiosk.later", count=counts["later"]))
    if counts["refused"]:
        raise HailongError(sentence("kiosk.refused", count=counts["refused"]))
