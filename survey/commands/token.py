"""`hailong token`: what other programs read figures with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from survey.access import TOKEN_SCOPES, TokenScope
from survey.commands.options import data_option, open_installation, read_day
from survey.commands.saying import say, words


@click.group(epilog='Example: hailong token add "province" --scope published')
def command() -> None:
    """Make, list and revoke the tokens of other programs."""


@command.command(epilog='Example: hailong token add "province" --scope published')
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(TOKEN_SCOPES),
    default="published",
    show_default=True,
    help="What it may see: what is published, or every figure.",
)
@click.option(
    "--office", metavar="ID", help="For this office and all below it (default: for everything)."
)
@click.option(
    "--until",
    callback=read_day,
    metavar="DATE",
    help="The last day on which it works (default: a year from today; two years at most).",
)
@data_option
def add(
    name: str, scope: TokenScope, office: str | None, until: date | None, data: Path | None
) -> None:
    """Make a token with which a program reads results; it is shown once."""
    from survey.store.tokens import add_token, default_end

    with open_installation(data) as installation:
        last = default_end(installation.today) if until is None else until
        token = add_token(installation.engine, name, scope, office, last, installation.by)
    say("token.once", err=True, name=name, until=last)
    click.echo(token)


@command.command("list", epilog="Example: hailong token list")
@data_option
def list_(data: Path | None) -> None:
    """Show every token: name, what it may see, office, last day, month of last use, state."""
    from survey.store.tokens import list_tokens

    with open_installation(data) as installation:
        tokens, today = list_tokens(installation.engine), installation.today
    for one in tokens:
        state = words(f"token.state.{one.state(today)}")
        used, until = one.used_month or "-", str(one.expires_on)
        click.echo("\t".join((one.name, one.scope, one.office or "-", until, used, state)))
    if not tokens:
        say("token.none", err=True)


@command.command(epilog='Example: hailong token revoke "province"')
@click.argument("name")
@data_option
def revoke(name: str, data: Path | None) -> None:
    """Let a token open nothing any more, from the next request on."""
    from survey.store.tokens import revoke_token

    with open_installation(data) as installation:
        revoke_token(installation.engine, name, installation.by)
    say("token.revoked", name=name)
