"""`hailong provider`: the identity provider (OpenID Connect) that staff may sign in through."""

from __future__ import annotations

from pathlib import Path

import click

from survey.commands.options import data_option, open_installation
from survey.commands.saying import say, words
from survey.errors import HailongError
from survey.told import sentence


@click.group(epilog="Example: hailong provider off --data office")
def command() -> None:
    """Set the identity provider that staff may sign in through, or switch it off."""


@command.command(
    "set",
    epilog="Example: hailong provider set --issuer https://login.example --client-id hailong",
)
@click.option("--issuer", required=True, help="Its address, exactly as its 'issuer' has it.")
@click.option("--client-id", required=True, help="What it calls this installation.")
@click.option("--name", default="", help="What the sign-in page calls it (default: its host).")
@data_option
def set_(issuer: str, client_id: str, name: str, data: Path | None) -> None:
    """Ask for the client secret, hear the provider, and keep its settings where all is well."""
    from survey.config import load_config
    from survey.errors import ProviderError
    from survey.identity import provider_of
    from survey.provider_settings import ProviderSettings, keep_provider

    secret = click.prompt(
        words("provider.ask_secret"), default="", show_default=False, hide_input=True, err=True
    )
    given = ProviderSettings(issuer.strip(), client_id.strip(), secret.strip(), name.strip())
    with open_installation(data) as office:
        try:
            keep_provider(office.config, office.engine, given, office.by)
        except ProviderError as error:
            told = sentence("doctor.provider_wrong", name=issuer, why=error.why)
            raise HailongError(told) from error
        provider = provider_of(load_config(office.config.data))
    if provider is not None:
        say("provider.kept", name=provider.name, issuer=provider.issuer, back=provider.back)


@command.command(epilog="Example: hailong provider off --data office")
@data_option
def off(data: Path | None) -> None:
    """Let nobody sign in through a provider any more; passwords go on."""
    from survey.provider_settings import drop_provider

    with open_installation(data) as office:
        drop_provider(office.config, office.engine, office.by)
    say("provider.dropped")
