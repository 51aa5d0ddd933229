"""`hailong demo`: a filled demonstration office. Its answers are simulated, and say so."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.saying import say
from survey.config import SETTINGS_FILE, Config
from survey.errors import HailongError
from survey.files import whole
from survey.told import sentence

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from survey.simulation import HandedOut

ACCOUNT = "demo"
KEYS_FILE = "demo.json"


@click.command(epilog="Example: hailong demo --data demo --port 8000")
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-data"),
    show_default=True,
    help="Folder of the demonstration; made where it is missing.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--responses",
    type=click.IntRange(0, 1_000_000),
    default=2400,
    show_default=True,
    help="How many answers to simulate over the last twelve months; the running month has more.",
)
@click.option(
    "--places",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Offices and counters of a new demonstration (default: the shipped commune).",
)
def command(data: Path, port: int, host: str, responses: int, places: Path | None) -> None:
    """Fill a demonstration with simulated answers of known truth, and serve it."""
    from survey.commands.init import prepare_database
    from survey.commands.serve import require_free_port, run_server
    from survey.config import load_config
    from survey.places import load_places
    from survey.setup.folder import prepare_folder

    given = load_places(places) if places else None
    if (data / SETTINGS_FILE).exists() and not load_config(data).simulated:
        raise HailongError(sentence("demo.real", folder=data))
    shown = f"[{host}]" if ":" in host else host
    prepare_folder(data, base_url=f"http://{shown}:{port}", simulated=True)
    settings = partial(load_config, data, host=host, port=port)
    config = settings()
    require_free_port(config)
    say("demo.filling", err=True)
    prepare_database(config, given, yes=True)
    keys = _keys(data)
    _fill(config, responses, keys)
    for line in _addresses(config, keys.pin):
        click.echo(line)
    click.echo(f"sign-in: {ACCOUNT} {keys.password}")
    click.echo(f"kiosk-pin: {keys.pin}")
    say("demo.look")
    say("demo.staff", name=ACCOUNT)
    say("demo.again", folder=data)
    say("demo.stop")
    run_server(config, settings=settings)


@dataclass(frozen=True, slots=True)
class _Keys:
    """What opens the demonstration: kept in its folder, so that each start has the same."""

    password: str
    pin: str


def _keys(data: Path) -> _Keys:
    from kiosk.devices import new_pin

    file = data / KEYS_FILE
    try:
        return _Keys(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # none yet, or not whole: new ones
        keys = _Keys(secrets.token_urlsafe(12), new_pin())
        with whole(file) as part:
            part.touch(mode=0o600)
            part.write_text(json.dumps(asdict(keys)) + "\n", encoding="utf-8")
        return keys


def _fill(config: Config, a_year: int, keys: _Keys) -> None:
    """Simulate from the last answer up to today, a year and more where there is none yet."""
    from survey.store import open_engine
    from survey.store.responses import last_answered_on
    from survey.store.seals import last_sealed_day
    from survey.store.staff import add_staff, change_password, find_staff, verify_password

    today = config.today()
    engine = open_engine(config.database_url)
    newest = last_answered_on(engine, before=today + timedelta(days=1))
    sealed = last_sealed_day(engine)  # a sealed month no longer tells its days
    newest = max(filter(None, (newest, sealed)), default=None)
    begun = today.replace(year=today.year - 1, day=1)  # twelve whole months ago
    # A month has its dossiers once it is over: its last day comes with the next start.
    ends = (today + timedelta(days=1)).day == 1
    last = today - timedelta(days=1) if ends else today
    _simulate(config, newest + timedelta(days=1) if newest else begun, last, a_year)
    if find_staff(engine, ACCOUNT) is None:
        add_staff(engine, ACCOUNT, keys.password, today)
    elif verify_password(engine, ACCOUNT, keys.password) is None:
        change_password(engine, ACCOUNT, keys.password)
    engine.dispose()


def _simulate(config: Config, first: date, today: date, a_year: int) -> None:
    from survey.places import installed_questionnaires
    from survey.simulation import simulate
    from survey.store import open_engine
    from survey.store.places import load_places
    from survey.store.population import CountSource, save_counts
    from survey.store.responses import add_many

    engine = open_engine(config.database_url)
    found = simulate(load_places(engine), installed_questionnaires(config), first, today, a_year)
    add_many(engine, found.responses)
    save_counts(engine, found.counts, log=CountSource(today, "simulated", "0" * 64))
    for handed_out in found.slips:
        _hand_out(engine, handed_out, config.now())
    engine.dispose()


def _hand_out(engine: Engine, slips: HandedOut, now: datetime) -> None:
    """Keep slips that nobody holds: of each the digest alone was ever made."""
    from survey.slips import DAYS, Order, month_of
    from survey.store.slips import keep_batch, mark_used, new_batch_id
    from survey.store.staff_actions import By

    order = Order(slips.counter, slips.issued, slips.day + timedelta(days=DAYS))
    made = {secrets.token_hex(32): name for name, n in slips.issued.items() for _ in range(n)}
    keep_batch(engine, new_batch_id(), order, made, slips.day, By(None, now))
    for sector, number in slips.used.items():
        own = [hash_ for hash_, name in made.items() if name == sector]
        mark_used(engine, own[:number], month_of(slips.day))


def _addresses(config: Config, pin: str) -> list[str]:
    """The lines that scripts read: poster, kiosk, results. The kiosk's code lasts until the next
    start and pairs any number of browsers, so that its line may be opened again and again."""
    from kiosk.devices import pin_verifier, readable_code
    from survey.links import kiosk_url, respond_url
    from survey.store import open_engine
    from survey.store.kiosks import add_pairing
    from survey.store.places import open_desks

    engine = open_engine(config.database_url)
    desks = open_desks(engine, "poster")
    # One that serves one sector: its form begins with the question that matters most.
    desk = next((one for one in desks if len(one.sectors) == 1), desks[0])
    verifier = pin_verifier(pin)
    code = add_pairing(engine, desk.counter.full_id, verifier, config.now(), lasting=True)
    engine.dispose()
    return [
        f"poster: {respond_url(config.base_url, desk.link.code)}",
        f"kiosk: {kiosk_url(config.base_url, readable_code(code))}",
        f"results: {config.base_url}/results",
    ]
