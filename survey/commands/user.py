"""`hailong user`: staff accounts."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from survey.commands.options import data_option, open_installation
from survey.commands.saying import say, words
from survey.errors import StoreError
from survey.told import sentence


@click.group(epilog="Example: hailong user add lan.nguyen")
def command() -> None:
    """Add, list and remove staff accounts."""


@command.command(epilog="Example: hailong user add lan.nguyen")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first input line.")
@data_option
def add(name: str, password_stdin: bool, data: Path | None) -> None:
    """Make an account. The password (12 characters or more) is asked twice."""
    from survey.store.staff import add_staff

    with open_installation(data) as office:
        staff = add_staff(office.engine, name, _password(password_stdin), office.today)
    say("user.made", name=staff.name)


@command.command("list", epilog="Example: hailong user list")
@data_option
def list_(data: Path | None) -> None:
    """Show every account and the day it was made."""
    from survey.store.staff import list_staff

    with open_installation(data) as office:
        accounts = list_staff(office.engine)
    for staff in accounts:
        click.echo(f"{staff.name}\t{staff.created_on}")
    if not accounts:
        say("user.none", err=True)


@command.command(epilog="Example: hailong user remove lan.nguyen")
@click.argument("name")
@data_option
def remove(name: str, data: Path | None) -> None:
    """Remove an account. Whoever is signed in with it is signed out."""
    from survey.store.staff import remove_staff

    with open_installation(data) as office:
        remove_staff(office.engine, name)
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
        change_password(office.engine, name, _password(password_stdin))
    say("user.changed", name=name)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    again = words("user.again")
    answer: str = click.prompt(words("user.password"), hide_input=True, confirmation_prompt=again)
    return answer
