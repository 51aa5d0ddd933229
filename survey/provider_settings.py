"""The settings of the identity provider: set, changed, switched off, for command and page.

Nothing is kept before the provider was heard.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Engine

from survey.config import Config, load_config, write_settings
from survey.errors import ConfigError
from survey.identity import provider_of
from survey.store.staff_actions import By, noted
from survey.told import sentence


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The settings of a provider; none of them is one that is off."""

    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = ""


def provider_settings(config: Config) -> ProviderSettings:
    """Return the settings as the file of the data folder has them now."""
    stored = load_config(config.data)
    return ProviderSettings(
        stored.oidc_issuer, stored.oidc_client_id, stored.oidc_client_secret, stored.oidc_name
    )


def keep_provider(config: Config, engine: Engine, given: ProviderSettings, by: By) -> None:
    """Let staff sign in through this provider, once it was heard; it is logged.

    Raises ConfigError where the settings do not go together, ProviderError with `why` where the
    provider is not as they say; nothing is changed then.
    """
    for name, text in asdict(given).items():
        if not text.isprintable():
            raise ConfigError(sentence("settings.provider_letters", name=name))
    provider = provider_of(load_config(config.data, None, **asdict(given)))
    if provider is None:
        raise ConfigError(sentence("settings.provider_half"))
    provider.check()
    _keep(config, engine, given, by)


def drop_provider(config: Config, engine: Engine, by: By) -> None:
    """Let nobody sign in through a provider any more; passwords go on. It is logged."""
    _keep(config, engine, ProviderSettings(), by)


def _keep(config: Config, engine: Engine, given: ProviderSettings, by: By) -> None:
    before, values = asdict(provider_settings(config)), asdict(given)
    changed = [name for name, value in values.items() if value != before[name]]
    if changed:
        with noted(engine, by, "settings_changed", names=", ".join(changed)):
            write_settings(config.data, **values)  # at once: half of them would stop the server
