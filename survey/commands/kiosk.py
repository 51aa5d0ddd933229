"""`hailong kiosk`: the addresses that the tablets of the counters open."""

from __future__ import annotations

from pathlib import Path

import click

from survey.commands.installation import data_option, open_installation


@click.group(epilog="Example: hailong kiosk enrol --counter quay-1")
def command() -> None:
    """Make, list and revoke the kiosk addresses of the counters."""


@command.command(epilog="Example: hailong kiosk enrol --counter quay-1")
@click.option("--counter", required=True, metavar="C", help="The counter where the tablet stands.")
@data_option
def enrol(counter: str, data: Path | None) -> None:
    """Make a kiosk address: open it in the tablet's browser, or type the code there."""
    from survey.links import kiosk_url, only_here, readable
    from survey.store.places import add_link

    with open_installation(data) as installation:
        base_url = installation.config.base_url
        link = add_link(installation.engine, counter, "kiosk", installation.today)
    click.echo(f"code: {readable(link.code)}")
    click.echo(f"url: {kiosk_url(base_url, link.code)}")
    if only_here(base_url):
        click.echo(
            f"warning: base_url is {base_url}, an address of this machine alone; another tablet "
            "cannot open it. Set base_url in hailong.toml (or HAILONG_BASE_URL).",
            err=True,
        )


@command.command("list", epilog="Example: hailong kiosk list")
@data_option
def list_(data: Path | None) -> None:
    """Show every kiosk address in use."""
    from survey.links import kiosk_url
    from survey.store.places import open_desks

    with open_installation(data) as installation:
        desks = open_desks(installation.engine, "kiosk")
        base_url = installation.config.base_url
    for desk in desks:
        url = kiosk_url(base_url, desk.link.code)
        click.echo(f"{desk.counter.id}\t{desk.link.code}\tsince {desk.link.created_on}\t{url}")
    if not desks:
        click.echo("no kiosk yet; make one: hailong kiosk enrol --counter C", err=True)


@command.command(epilog="Example: hailong kiosk revoke k7m49qxp")
@click.argument("code")
@data_option
def revoke(code: str, data: Path | None) -> None:
    """Take a kiosk address out of use, for example of a lost tablet."""
    from survey.errors import StoreError
    from survey.links import typed_code
    from survey.store.places import open_desks, revoke_link

    code = typed_code(code)
    with open_installation(data) as installation:
        if code not in {desk.link.code for desk in open_desks(installation.engine, "kiosk")}:
            raise StoreError(f"'{code}' is not a kiosk in use; see: hailong kiosk list")
        revoke_link(installation.engine, code, installation.today)
    click.echo(f"{code} is out of use")
