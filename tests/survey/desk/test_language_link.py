"""The link to the other language leads to a page, also from what answered a form."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from survey.access import Grant
from survey.drafts import make_draft
from survey.places import shipped_places
from survey.store.places import open_desks
from survey.store.staff import add_staff
from survey.store.staff_actions import By
from survey.web.desk.frame import SHOWN_BY
from tests.survey.desk.pages import send, sign_in, token

pytestmark = pytest.mark.sqlite_is_enough

PLACES, NOW = shipped_places(), datetime(2026, 10, 15, 8, tzinfo=UTC)
COUNTER = PLACES.counter[0]


@pytest.fixture
def administrator(app, engine, config):
    return sign_in(app, engine, Grant("administrator", None))


def link(page):
    """Where the link to the other language leads; None where the page has none."""
    found = re.search(r'<a href="([^"]+)"\s+lang="(?:vi|en)">', page.text)
    return unescape(found[1]) if found else None


def followed(client, page, path):
    """The page that the link leads to, as a browser opens it from this address."""
    target = link(page)
    assert target is not None, page.text
    return client.get(path + target if target.startswith("?") else target)


def forms(app):
    """Every address that takes a form of a page, filled in with what is nowhere."""
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods and not rule.endpoint.startswith("kiosk."):
            yield re.sub(r"<(?:\w+:)?(\w+)>", "2026-10", rule.rule)


def test_no_answer_to_a_form_has_a_link_that_leads_to_an_address_without_a_page(app, administrator):
    paths = sorted(set(forms(app)))
    good = token(administrator.get("/account"))
    seen = 0
    for path in paths:
        for given in ({}, {"csrf_token": good}):
            if path in ("/sign-out", "/account/sign-out-everywhere") and given:
                continue  # which would end the walk
            reply = administrator.post(path, data=given)
            if reply.mimetype != "text/html" or link(reply) is None:
                continue
            seen += 1
            other = followed(administrator, reply, path)
            assert other.status_code != 405, (path, link(reply))
            if reply.status_code == 422:
                assert other.status_code in (200, 303), (path, link(reply))
    assert seen > 60


def test_a_page_that_is_named_shows_its_form_with_what_it_is_about(app):
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    for form, (page, fields) in SHOWN_BY.items():
        assert "POST" in rules[form].methods
        assert "GET" in rules[page].methods
        assert not set(fields) & {"words", "password", "current", "note"}


REFUSED = [
    ("/places/counter/act", {"id": COUNTER.full_id, "act": "close"}, "id"),
    ("/places/sector", {"id": PLACES.sector[0].id}, "id"),
    ("/places/sector/drop", {"id": PLACES.sector[0].id}, "id"),
    ("/targets/target", {"id": "group-2030", "threshold": "x"}, "id"),
    ("/targets/drop", {"id": "group-2030"}, "id"),
    ("/accounts/act", {"account": "an", "act": "stop"}, "account"),
    ("/questionnaires/publish", {"draft": "desk.v3"}, "draft"),
    ("/questionnaires/part", {"draft": "desk.v3", "part": "item:access"}, "part"),
    ("/questionnaires/act", {"draft": "desk.v3", "do": "drop item:access"}, "draft"),
    ("/questionnaires/drop", {"draft": "desk.v3"}, "draft"),
    ("/questionnaires/copy", {"key": "desk@2", "as": "own"}, "key"),
    ("/questionnaires/wordings", {"key": "desk@2", "act": "check"}, "key"),
    ("/server/settings", {"backup_days": "x"}, ""),
    ("/server/key/try", {"key": "x"}, ""),
    ("/server/provider/off", {}, ""),
    ("/slips", {"counter": COUNTER.full_id, "count": "x"}, "counter"),
    ("/account", {"current": "x"}, ""),
]


@pytest.mark.parametrize(("path", "given", "about"), REFUSED, ids=[one[0] for one in REFUSED])
def test_a_refused_form_is_shown_in_the_other_language_with_what_it_was_about(
    administrator, engine, config, path, given, about
):
    make_draft(config, engine, "desk@2", "", By("lan", NOW))
    add_staff(engine, "an", "bốn từ không dính nhau", NOW.date())
    reply = send(administrator, f"{path}?lang=vi", given, at="/account")
    assert reply.status_code in (200, 409, 422), reply.text
    other = followed(administrator, reply, path)
    assert other.status_code == 200
    assert '<html lang="en">' in other.text
    if about:
        assert f"{about}={given[about]}".replace("@", "%40").replace(":", "%3A").replace(
            "/", "%2F"
        ) in link(reply)


def test_what_is_secret_or_was_written_by_a_citizen_gets_into_no_address(administrator):
    key = "AGE-SECRET-KEY-1QQQQ"
    reply = send(administrator, "/server/key/try", {"key": key}, at="/server")
    assert (reply.status_code, key in link(reply), "key=" in link(reply)) == (422, False, False)


def test_a_form_that_is_too_large_is_refused_with_a_link_that_works(administrator):
    reply = administrator.post("/places/counter", data={"id": "x" * 600_000})
    assert reply.status_code == 413
    assert followed(administrator, reply, "/places/counter").status_code == 200


def test_a_refused_form_of_a_citizen_is_asked_for_in_the_other_language(client, engine):
    desk = next(one for one in open_desks(engine, "poster"))
    path = f"/r/{desk.link.code}"
    page = client.get(path).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    refused = client.post(path, data=hidden)
    assert refused.status_code == 422
    action = unescape(re.search(r'formaction="([^"]+)"', refused.text)[1])
    other = client.post(path + action, data=hidden)
    assert '<html lang="en">' in other.text
