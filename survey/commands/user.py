"""`hailong user`: staff accounts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from survey.access import ROLES, Grant, Role
from survey.commands.options import Installation, data_option, open_installation
from survey.commands.saying import say, words
from survey.errors import StoreError
from survey.told import sentence


def grant_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options for a role, and for which office it is."""
    role = click.option(
        "--role",
        type=click.Choice(ROLES),
        default="administrator",
        show_default=True,
        help="What the account may do.",
    )
    office = click.option(
        "--office", metavar="ID", help="For this office and all below it (default: for everything)."
    )
    return role(office(command))


@click.group(epilog="Example: hailong user invite lan.nguyen --role officer")
def command() -> None:
    """Invite, add, list, change and remove staff accounts."""


@command.command(epilog="Example: hailong user invite lan.nguyen --role officer")
@click.argument("name")
@grant_options
@data_option
def invite(name: str, role: Role, office: str | None, data: Path | None) -> None:
    """Make an account, and a link by which its holder chooses the password: once, for 7 days."""
    from survey.store.staff import invite_staff

    with open_installation(data) as installation:
        engine, today = installation.engine, installation.today
        token = invite_staff(engine, name, Grant(role, office), today, by=installation.by)
        _show_link(installation, name, token)


@command.command(epilog="Example: hailong user link lan.nguyen")
@click.argument("name")
@click.option(
    "--end-two-step",
    is_flag=True,
    help="The link also turns two-step sign-in off; without this, the code is still asked for.",
)
@data_option
def link(name: str, end_two_step: bool, data: Path | None) -> None:
    """Make a link for who forgot the password; the old password works until it is used."""
    from survey.store.staff import make_link

    with open_installation(data) as installation:
        engine, today = installation.engine, installation.today
        token = make_link(engine, name, today, ends_two_step=end_two_step, by=installation.by)
        _show_link(installation, name, token)


def _show_link(installation: Installation, name: str, token: str) -> None:
    from survey.links import password_address
    from survey.store.staff import LINK_LASTS

    address = password_address(installation.config.base_url, token)
    say("user.link", name=name, until=installation.today + LINK_LASTS, address=address)


@command.command(epilog="Example: hailong user add lan.nguyen")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first input line.")
@grant_options
@data_option
def add(name: str, password_stdin: bool, role: Role, office: str | None, data: Path | None) -> None:
    """Make an account. The password (12 characters or more) is asked twice."""
    from survey.store.staff import add_staff

    with open_installation(data) as installation:
        staff = add_staff(
            installation.engine,
            name,
            _password(password_stdin),
            installation.today,
            grant=Grant(role, office),
            by=installation.by,
        )
    say("user.made", name=staff.name)


@command.command("list", epilog="Example: hailong user list")
@data_option
def list_(data: Path | None) -> None:
    """Show every account: day made, role, office, whether in use, whether it has two steps."""
    from survey.store.staff import list_staff

    with open_installation(data) as office:
        accounts = list_staff(office.engine)
    for staff in accounts:
        grant = staff.grant
        state = "in_use" if staff.active else "out_of_use"
        line = (staff.name, str(staff.created_on), grant.role, grant.office or "-")
        steps = words("user.two_step") if staff.two_step else "-"
        click.echo("\t".join((*line, words(f"user.{state}"), steps)))
    if not accounts:
        say("user.none", err=True)


@command.command(epilog="Example: hailong user change lan.nguyen --role viewer")
@click.argument("name")
@grant_options
@data_option
def change(name: str, role: Role, office: str | None, data: Path | None) -> None:
    """Give an account another role or office; it holds from the next request on."""
    from survey.store.staff import change_grant

    with open_installation(data) as installation:
        change_grant(installation.engine, name, Grant(role, office), by=installation.by)
    say("user.granted", name=name)


@command.command(epilog="Example: hailong user stop lan.nguyen")
@click.argument("name")
@data_option
def stop(name: str, data: Path | None) -> None:
    """Take an account out of use: signed out, and no sign-in. It can be resumed."""
    from survey.store.staff import stop_staff

    with open_installation(data) as installation:
        stop_staff(installation.engine, name, by=installation.by)
    say("user.stopped", name=name)


@command.command(epilog="Example: hailong user resume lan.nguyen")
@click.argument("name")
@data_option
def resume(name: str, data: Path | None) -> None:
    """Take an account into use again."""
    from survey.store.staff import resume_staff

    with open_installation(data) as installation:
        resume_staff(installation.engine, name, by=installation.by)
    say("user.resumed", name=name)


@command.command("sign-out", epilog="Example: hailong user sign-out lan.nguyen")
@click.argument("name")
@data_option
def sign_out(name: str, data: Path | None) -> None:
    """End every open session of an account; its password goes on."""
    from survey.store.staff import sign_out_everywhere

    with open_installation(data) as installation:
        sign_out_everywhere(installation.engine, name, by=installation.by)
    say("user.ended", name=name)


@command.command("reset-two-step", epilog="Example: hailong user reset-two-step lan.nguyen")
@click.argument("name")
@data_option
def reset_two_step(name: str, data: Path | None) -> None:
    """Turn two-step sign-in off, for who lost phone and recovery codes; the password stays."""
    from survey.store.two_step import reset_two_step

    with open_installation(data) as installation:
        reset_two_step(installation.engine, name, by=installation.by)
    say("user.reset", name=name)


@command.command(epilog="Example: hailong user unlink lan.nguyen")
@click.argument("name")
@data_option
def unlink(name: str, data: Path | None) -> None:
    """Unlink an account from the identity provider; the password stays."""
    from survey.store.identities import unlink_identity

    with open_installation(data) as installation:
        unlink_identity(installation.engine, name, by=installation.by)
    say("user.unlinked", name=name)


@command.command(epilog="Example: hailong user remove lan.nguyen")
@click.argument("name")
@data_option
def remove(name: str, data: Path | None) -> None:
    """Remove an account. Whoever is signed in with it is signed out."""
    from survey.store.staff import remove_staff

    with open_installation(data) as office:
        remove_staff(office.engine, name, by=office.by)
    say("user.removed", name=name)


@command.command(epilog="Example: hailong user password lan.nguyen")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first input line.")
@data_option
def password(name: str, password_stdin: bool, data: Path | None) -> None:
    """Set another password. Whoever is signed in with the old one is signed out."""
    from survey.store.staff import change_password, find_staff

    with open_installation(data) as office:
        if find_staff(office.engine, name) is None:  # before asking for a password in vain
            raise StoreError(sentence("user.unknown", name=name))
        change_password(office.engine, name, _password(password_stdin), by=office.by)
    say("user.changed", name=name)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    again = words("user.again")
    answer: str = click.prompt(words("user.password"), hide_input=True, confirmation_prompt=again)
    return answer
