"""`hailong demo`: a filled demonstration office. Its answers are simulated, and say so."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from survey.config import Config
from survey.errors import HailongError

ACCOUNT = "demo"
MONTHS = 12
COUNTER = "quay-1"  # serves one sector: the form begins with the question that matters most


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
    help="How many answers to simulate over the last twelve months.",
)
def command(data: Path, port: int, host: str, responses: int) -> None:
    """Fill a demonstration office with simulated answers of known truth, and serve it."""
    from kiosk.devices import new_pin
    from survey.commands.init import prepare_database, prepare_folder
    from survey.commands.serve import require_free_port, run_server
    from survey.config import load_config

    prepare_folder(data, simulated=True)
    config = load_config(data, host=host, port=port, base_url=f"http://{host}:{port}")
    if not config.simulated:
        raise HailongError(f"{data} holds a real office; give the demonstration another --data")
    require_free_port(config)
    prepare_database(config)
    password = _fill(config, responses)
    pin = new_pin()
    for line in _addresses(config, pin):
        click.echo(line)
    click.echo(f"sign-in: {ACCOUNT} {password}")
    click.echo(f"kiosk-pin: {pin}")
    run_server(config)


def _fill(config: Config, total: int) -> str:
    """Simulate a year where there is none yet; return a new password of the account."""
    from survey.store import open_engine
    from survey.store.responses import count_responses
    from survey.store.staff import add_staff, change_password, find_staff

    today = datetime.now(config.zone).date()
    engine = open_engine(config.database_url)
    if count_responses(engine) == 0:
        _simulate(config, total, today)
    password = secrets.token_urlsafe(12)
    if find_staff(engine, ACCOUNT):
        change_password(engine, ACCOUNT, password)
    else:
        add_staff(engine, ACCOUNT, password, today)
    engine.dispose()
    return password


def _simulate(config: Config, total: int, today: date) -> None:
    from survey.installed import installed_questionnaires
    from survey.simulation import simulate_year
    from survey.store import open_engine
    from survey.store.places import load_places
    from survey.store.population import Source, save_counts
    from survey.store.responses import add_many

    engine = open_engine(config.database_url)
    year = simulate_year(
        load_places(engine), installed_questionnaires(config), last_months(today, MONTHS), total
    )
    add_many(engine, year.responses)
    save_counts(engine, year.counts, log=Source(today, "simulated", "0" * 64))
    engine.dispose()


def last_months(today: date, count: int) -> list[date]:
    """Return the first days of the last ``count`` whole months, oldest first."""
    months: list[date] = []
    month = today
    for _ in range(count):
        month = (month.replace(day=1) - timedelta(days=1)).replace(day=1)
        months.insert(0, month)
    return months


def _addresses(config: Config, pin: str) -> list[str]:
    """The lines that scripts read: poster, kiosk, results. The kiosk's code lasts until the next
    start and pairs any number of browsers, so that its line may be opened again and again."""
    from kiosk.devices import pin_verifier, readable_code
    from survey.links import kiosk_url
    from survey.store import open_engine
    from survey.store.kiosks import add_pairing
    from survey.store.places import open_desks

    engine = open_engine(config.database_url)
    poster = next(d for d in open_desks(engine, "poster") if d.counter.id == COUNTER)
    now = datetime.now(config.zone)
    code = add_pairing(engine, COUNTER, pin_verifier(pin), now, lasting=True)
    engine.dispose()
    return [
        f"poster: {config.base_url}/r/{poster.link.code}",
        f"kiosk: {kiosk_url(config.base_url, readable_code(code))}",
        f"results: {config.base_url}/results",
    ]
