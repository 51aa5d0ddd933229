"""No page leads anybody to a page that is refused: every link and every form, role by role."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import date
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException

from survey.access import ROLES, Grant, Role, is_there, may
from survey.config import Config
from survey.figures.asking import Asking
from survey.intake import Response
from survey.store.responses import add_many
from survey.store.staff import add_staff
from survey.web.desk.guard import ACTION
from tests.survey.desk.communes import BELOW, FOREIGN, OWN, TODAY, save_communes
from tests.survey.desk.pages import PASSWORD, sign_in

pytestmark = pytest.mark.sqlite_is_enough

LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"')
FORM = re.compile(r"<form\b[^>]*>")
BUTTON = re.compile(r'\bformaction="([^"]*)"')
ALIKE = 2
"""Pages of one kind, with the same fields in their address, that are opened: the first few."""


@pytest.fixture
def offices(engine: Engine) -> Engine:
    """Two communes, an office below one; answers, a comment and an account in each."""
    save_communes(engine)
    for office in (OWN, BELOW, FOREIGN):
        sheet = ("desk@1", office, "land", "poster", date(2026, 9, 5), "24----")
        found = [Response(str(uuid.uuid4()), *sheet, comment=f"góp ý ở {office}")]
        add_many(engine, found + [Response(str(uuid.uuid4()), *sheet) for _ in range(12)])
        add_staff(engine, f"of-{office}", PASSWORD, TODAY, grant=Grant("officer", office))
    return engine


class NothingComputed(Asking):
    """Figures that are never there."""

    def start(self) -> None:
        """Start no process."""


class Crawl:
    """Everything that an account reaches from its first page on, by links and GET forms alone."""

    def __init__(self, app: Flask, client: FlaskClient, grant: Grant) -> None:
        self._app, self._client, self._grant = app, client, grant
        self._urls = app.url_map.bind("localhost")
        self._seen: set[str] = set()
        self._kinds: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.refused: list[tuple[str, str, object]] = []
        self.opened: set[str] = set()

    def run(self, first: str) -> None:
        waiting = [("", first)]
        while waiting:
            whence, address = waiting.pop()
            waiting += [(address, one) for one in self._open(whence, address)]

    def _open(self, whence: str, address: str) -> Iterator[str]:
        path = urlsplit(address).path
        endpoint = self._endpoint(path, "GET")
        if endpoint is None:
            self.refused.append((whence, address, "no such page"))
            return
        fields = tuple(sorted(re.findall(r"[?&](\w+)=", address)))
        self._kinds[endpoint, fields] += 1
        if address in self._seen or self._kinds[endpoint, fields] > ALIKE:
            return
        self._seen.add(address)
        reply = self._client.get(address)
        if reply.status_code in (401, 403, 404, 405, 500):
            self.refused.append((whence, address, reply.status_code))
        if reply.status_code in (301, 302, 303):
            yield urljoin(address, reply.headers["Location"])
        if reply.status_code == 200 and reply.mimetype == "text/html":
            self.opened.add(endpoint)
            yield from self._led_to(address, reply.text)

    def _led_to(self, address: str, page: str) -> Iterator[str]:
        for found in LINK.findall(page):
            target = urljoin(f"http://localhost{address}", unescape(found))
            if urlsplit(target).netloc == "localhost":
                parts = urlsplit(target)
                yield parts.path + (f"?{parts.query}" if parts.query else "")
        targets = [(self._method(form), self._action(form, address)) for form in FORM.findall(page)]
        targets += [("POST", unescape(found)) for found in BUTTON.findall(page)]
        for method, target in targets:
            self._check_form(address, method, urlsplit(urljoin(address, target)).path)

    @staticmethod
    def _method(form: str) -> str:
        return "POST" if 'method="post"' in form else "GET"

    @staticmethod
    def _action(form: str, address: str) -> str:
        found = re.search(r'\baction="([^"]*)"', form)
        return unescape(found[1]) if found else address

    def _check_form(self, address: str, method: str, path: str) -> None:
        """What a form or button would send is not sent: who may send it is asked of the route."""
        endpoint = self._endpoint(path, method)
        if endpoint is None:
            self.refused.append((address, f"{method} {path}", "no such page"))
            return
        action = getattr(self._app.view_functions[endpoint], ACTION, None)
        if action and not (may(self._grant, action) and is_there(self._grant, action)):
            self.refused.append((address, f"{method} {path}", action))

    def _endpoint(self, path: str, method: str) -> str | None:
        try:
            return self._urls.match(path, method)[0]
        except HTTPException:
            return None


@pytest.mark.parametrize("office", [None, OWN, BELOW])
@pytest.mark.parametrize("role", ROLES)
class TestOfEachRole:
    @pytest.fixture
    def figures(self, config: Config) -> Asking:
        return NothingComputed(config, patience=0)

    def test_no_link_and_no_button_leads_to_a_refused_page(
        self, app: Flask, offices: Engine, role: Role, office: str | None
    ) -> None:
        grant = Grant(role, office)
        crawl = Crawl(app, sign_in(app, offices, grant), grant)
        crawl.run("/account?lang=vi")
        crawl.run("/results?lang=vi")
        crawl.run("/results/2026-09?lang=vi")
        assert crawl.refused == []
        assert "account.show" in crawl.opened


@pytest.mark.slow
def test_no_link_of_a_page_with_figures_leads_a_viewer_to_a_refused_page(
    app: Flask, offices: Engine
) -> None:
    grant = Grant("viewer", OWN)
    crawl = Crawl(app, sign_in(app, offices, grant), grant)
    crawl.run("/results/2026-09?lang=vi")
    assert crawl.refused == []
    assert "results.show" in crawl.opened
