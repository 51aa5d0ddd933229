"""Bytes and processor time of every page of the desk's navigation, for an office of many answers.

Processor time of this process, without the network and the figures, which a process of its own
computes: a page that shows some is asked for again once they are there. Goals: 60 kB a page (100 kB
for results), 150 ms.
Run:  python -m benchmarks.desk [RESPONSES]
"""

from __future__ import annotations

import re
import sys
import time
from datetime import datetime, timedelta
from typing import Final

from flask.testing import FlaskClient

from benchmarks.office import temporary_office
from survey.app import create_app
from survey.config import Config
from survey.figures.asking import Asking
from survey.places import installed_questionnaires
from survey.simulation import simulate
from survey.store import open_engine
from survey.store.places import load_places
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many
from survey.store.staff import add_staff
from survey.web.desk.frame import NAVIGATION

PASSWORD: Final = "bốn từ không dính nhau"
TIMES: Final = 5
PATIENCE: Final = 300  # seconds for figures


def main() -> None:
    """Print a line a page."""
    responses = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with temporary_office() as config:
        fill(config, responses)
        engine = open_engine(config.database_url)
        figures = Asking(config)
        app = create_app(config, engine, figures)
        try:
            client = app.test_client()
            found = re.search(r'csrf_token"[^>]*value="([^"]+)', client.get("/sign-in").text)
            assert found is not None
            given = {"csrf_token": found[1], "name": "lan", "password": PASSWORD}
            client.post("/sign-in", data=given)
            with app.test_request_context():
                paths = [app.url_for(page.endpoint) for page in NAVIGATION]
            print(f"{'page':20}{'bytes':>9}{'ms':>7}")
            for path in paths:
                size, seconds = measured(client, path)
                print(f"{path:20}{size:9}{1000 * seconds:7.0f}", flush=True)
        finally:
            figures.close()
            engine.dispose()


def fill(config: Config, responses: int) -> None:
    """A year of simulated answers and dossiers, and an administrator."""
    engine, today = open_engine(config.database_url), datetime.now(config.zone).date()
    first, last = today.replace(year=today.year - 1, day=1), today - timedelta(days=1)
    known = installed_questionnaires(config)
    found = simulate(load_places(engine), known, first, last, responses)
    add_many(engine, found.responses)
    save_counts(engine, found.counts, log=CountSource(today, "simulated", "0" * 64))
    add_staff(engine, "lan", PASSWORD, today)
    engine.dispose()


def measured(client: FlaskClient, path: str) -> tuple[int, float]:
    """Bytes of a page, and the least seconds of several times, once its figures are there."""
    over = time.monotonic() + PATIENCE
    while (page := client.get(path, follow_redirects=True)).status_code == 202:
        if time.monotonic() > over:
            raise RuntimeError(f"{path}: no figures within {PATIENCE} seconds")
        time.sleep(1)
    seconds = []
    for _ in range(TIMES):
        begun = time.process_time()
        page = client.get(path, follow_redirects=True)
        seconds.append(time.process_time() - begun)
    return len(page.data), min(seconds)


if __name__ == "__main__":
    main()
