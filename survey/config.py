"""Settings: the only place that reads the environment and the settings file.

Owns what a setting may be.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from survey.address import Address, is_private_channel, parse_address
from survey.encryption import RECIPIENT
from survey.errors import ConfigError
from survey.files import whole, write_whole
from survey.opening_hours import parse_opening_hours
from survey.told import LANGUAGES, sentence

PREFIX = "HAILONG_"
SETTINGS_FILE = "hailong.toml"
SHORTEST_TOKEN = 16
SHORTEST_SECRET = 32
SECRET_LENGTH = 64  # hexadecimal digits
SECRET_FILE = "secret.key"  # noqa: S105  the name of a file, not a secret


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of one installation.

    ``base_url`` is the address that citizens reach and that posters carry. ``responses_per_minute``
    counts sent forms for one network address at one counter, ``responses_per_counter_a_day`` those
    from one counter's poster: as many as it can serve. ``trusted_proxies`` is how many
    reverse proxies in front may name the client's address. ``simulated`` marks a demonstration.
    ``opening_hours`` is when a tablet has to be heard of (see `OpeningHours`), where neither its
    office nor one above it has hours of its own; answers given at one outside them are marked.
    ``metrics_token`` is the password of the page /metrics, which is shut while there is none.
    The server makes a backup a day and keeps those of ``backup_days`` (0: none), in
    ``backup_folder``, which may be on another disk; empty: in the data folder. They are encrypted
    to ``backup_recipient``, the public half of the key on the emergency sheet; empty: they are not.
    ``public_page`` opens the page /open, where anybody sees what is published of sealed months.
    A published figure rests on at least ``publication_minimum`` people; an office may only be
    stricter than the built-in rule.
    ``language`` ("vi", "en") is that of staff pages whose address names none. Comments are deleted
    after ``comment_months`` whole months (0: never); the answers they came with stay. Answers are
    purged after ``answer_years`` whole years after their own (0: never); sealed figures stay.
    ``oidc_issuer`` is the identity provider (OpenID Connect) that staff may sign in through,
    ``oidc_name`` what the sign-in page calls it; empty: there is none.
    """

    data: Path
    database_url: str
    secret_key: str
    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    timezone: str = "Asia/Ho_Chi_Minh"
    opening_hours: str = "Mon-Fri 07:30-11:30 13:30-17:00"
    metrics_token: str = ""
    responses_per_minute: int = 6
    responses_per_counter_a_day: int = 200
    trusted_proxies: int = 0
    backup_days: int = 14
    backup_folder: str = ""
    backup_recipient: str = ""
    public_page: bool = False
    publication_minimum: int = 10
    language: str = "vi"
    comment_months: int = 0
    answer_years: int = 0
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = ""
    simulated: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The office's local time zone."""
        return ZoneInfo(self.timezone)

    def now(self) -> datetime:
        """The moment at the office. Only here is the calendar asked, whatever zone the machine has.

        For one decision it is asked once: midnight may come between two questions.
        """
        return datetime.now(self.zone)

    def today(self) -> date:
        """The day at the office."""
        return self.now().date()

    @property
    def address(self) -> Address:
        """The address that citizens reach, in its parts."""
        return parse_address(self.base_url)

    @property
    def database_file(self) -> Path | None:
        """The file of a SQLite database; None for another one."""
        kind, found, file = self.database_url.partition(":///")
        return Path(file.partition("?")[0]) if found and kind.startswith("sqlite") else None

    @property
    def backups(self) -> Path:
        """Where the server puts its backups."""
        return Path(self.backup_folder) if self.backup_folder else self.data / "backups"

    @property
    def targets_file(self) -> Path:
        """The office's own targets, editable."""
        return self.data / "targets.toml"

    @property
    def questionnaires_folder(self) -> Path:
        """Questionnaire versions of the office's own, beside the shipped ones."""
        return self.data / "questionnaires"

    @property
    def drafts_folder(self) -> Path:
        """Questionnaire versions in the making, which nobody is asked yet."""
        return self.data / "drafts"


def load_config(
    data: Path | None = None, environ: Mapping[str, str] | None = None, **overrides: Any
) -> Config:
    """Read the settings: overrides win over the environment, that over the settings file.

    Raises ConfigError naming the setting and its legal values.
    """
    environ = os.environ if environ is None else environ
    folder = Path(data or environ.get(PREFIX + "DATA") or "hailong-data")
    values: dict[str, Any] = _from_file(folder / SETTINGS_FILE) | _from_environment(environ)
    values |= {name: value for name, value in overrides.items() if value is not None}
    values["data"] = folder
    values.setdefault("database_url", sqlite_url(folder))
    values.setdefault("secret_key", _secret(folder))
    config = Config(**values)
    _check(config)
    return replace(config, base_url=config.address.url)


def without_password(url: str) -> tuple[str, str | None]:
    """The URL of a database without its password, which a notebook would show, and the password."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    asked = dict(query).get("password")
    login, at, host = parts.netloc.rpartition("@")
    user, colon, password = login.partition(":")
    if asked is None and not colon:
        return url, None
    rest = urlencode([pair for pair in query if pair[0] != "password"])
    clean = urlunsplit(parts._replace(netloc=f"{user}{at}{host}", query=rest))
    return clean, asked if asked is not None else unquote(password)


def shown_url(url: str) -> str:
    """The address of a database as messages show it: without its password."""
    return without_password(url)[0]


def require_secret(config: Config) -> None:
    """Raise ConfigError where forms and sessions would be signed with a key that can be guessed."""
    if len(config.secret_key) < SHORTEST_SECRET:
        raise ConfigError(
            sentence("setup.key", file=config.data / SECRET_FILE, least=SHORTEST_SECRET)
        )


def create_secret(folder: Path) -> None:
    """Write a signing key that only this account can read; keep one that is there and whole."""
    file = folder / SECRET_FILE
    if len(_secret(folder)) < SECRET_LENGTH:
        with whole(file) as part:
            part.touch(mode=0o600)
            part.write_text(secrets.token_hex(SECRET_LENGTH // 2), encoding="ascii")


def write_settings(folder: Path, **values: str | int | bool) -> None:
    """Write settings (strings, integers and booleans) into the file, beside those it holds."""
    file = folder / SETTINGS_FILE
    known = file.read_text(encoding="utf-8-sig") if file.exists() else ""
    lines = [line for line in known.splitlines() if _name_of(line) not in values]
    lines += [f"{name} = {_toml(value)}" for name, value in values.items()]
    write_whole(file, "".join(f"{line}\n" for line in lines))


def forget_setting(folder: Path, name: str) -> None:
    """Take a setting out of the file, where it is in it; its default holds then."""
    file = folder / SETTINGS_FILE
    known = file.read_text(encoding="utf-8-sig").splitlines() if file.exists() else []
    kept = [line for line in known if _name_of(line) != name]
    if kept != known:
        write_whole(file, "".join(f"{line}\n" for line in kept))


def _name_of(line: str) -> str:
    """The setting that a line of the file sets; every setting stands on one line."""
    return line.partition("=")[0].strip().strip("\"'")


def file_settings(folder: Path) -> dict[str, Any]:
    """Return what the settings file of a data folder says. Raises ConfigError."""
    return _from_file(folder / SETTINGS_FILE)


def _toml(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # on one line


def sqlite_url(folder: Path) -> str:
    """The database of a data folder where no other one is set."""
    return "sqlite:///" + (folder / "hailong.sqlite3").absolute().as_posix()


def _secret(folder: Path) -> str:
    file = folder / SECRET_FILE
    return file.read_text(encoding="ascii").strip() if file.exists() else ""


def _known() -> dict[str, str]:
    return {field.name: str(field.type) for field in fields(Config)}


def _from_file(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    from questionnaires.toml import NotTOML, read_toml  # with pydantic: only where there is a file

    try:
        found = read_toml(file.read_bytes())
    except NotTOML as error:
        raise ConfigError(error.problem(str(file)).told) from error
    known = _known()
    for name, value in found.items():
        if name not in known or name == "data":
            legal = ", ".join(sorted(set(known) - {"data"}))
            raise ConfigError(sentence("settings.unknown", file=file, name=name, known=legal))
        if type(value).__name__ != known[name]:
            told = {"name": name, "value": repr(value), "type": known[name]}
            raise ConfigError(sentence("settings.type", file=file, **told))
    return found


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    known = _known()
    values: dict[str, Any] = {}
    for name, kind in known.items():
        text = environ.get(PREFIX + name.upper())
        if name != "data" and text:
            values[name] = _parse(PREFIX + name.upper(), text, kind)
    return values


def _parse(name: str, text: str, kind: str) -> str | int | bool:
    if kind == "int":
        if not text.isdigit():
            raise ConfigError(sentence("settings.whole", name=name, value=text))
        return int(text)
    if kind == "bool":
        if text.lower() not in ("true", "false"):
            raise ConfigError(sentence("settings.truth", name=name, value=text))
        return text.lower() == "true"
    return text


# Smallest and largest; what lies beyond would start and not serve, or limit nothing.
RANGES = {
    "port": (1, 65_535),
    "workers": (1, 64),
    "responses_per_minute": (1, 1_000_000_000),
    "responses_per_counter_a_day": (1, 1_000_000_000),
    "trusted_proxies": (0, 10),
    "backup_days": (0, 3650),
    "publication_minimum": (10, 100),
    "comment_months": (0, 120),
    "answer_years": (0, 50),
}


def _check(config: Config) -> None:
    for name, (least, most) in RANGES.items():
        value = getattr(config, name)
        if not least <= value <= most:
            limits = {"least": least, "most": most}
            raise ConfigError(sentence("settings.range", name=name, value=value, **limits))
    try:
        config.zone  # noqa: B018  asking for the zone is the check
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(sentence("settings.timezone", value=config.timezone)) from error
    if config.metrics_token and len(config.metrics_token) < SHORTEST_TOKEN:
        length = len(config.metrics_token)
        raise ConfigError(sentence("settings.token", length=length, least=SHORTEST_TOKEN))
    if config.language not in LANGUAGES:
        raise ConfigError(sentence("settings.language", value=config.language))
    if config.backup_recipient and not RECIPIENT.fullmatch(config.backup_recipient):
        raise ConfigError(sentence("settings.recipient", value=config.backup_recipient))
    _check_provider(config)
    try:
        parse_opening_hours(config.opening_hours)
    except ConfigError as error:
        raise ConfigError(sentence("settings.hours", why=error.args[0])) from error


def _check_provider(config: Config) -> None:
    """Raise ConfigError where the identity provider is named by half, or by plain http."""
    given = (config.oidc_client_id, config.oidc_client_secret, config.oidc_name)
    if bool(config.oidc_issuer) != bool(config.oidc_client_id) or (
        any(given) and not config.oidc_issuer
    ):
        raise ConfigError(sentence("settings.provider_half"))
    if config.oidc_issuer and not is_private_channel(config.oidc_issuer):
        raise ConfigError(sentence("settings.provider_address", value=config.oidc_issuer))
