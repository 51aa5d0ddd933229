"""Every route is public on purpose or guarded; a new one must be listed here."""

from __future__ import annotations

import pytest

PUBLIC = {
    "respond.form",
    "respond.send",
    "respond.thanks",
    "kiosk.asset",
    "kiosk.page",
    "kiosk.questionnaire",
    "kiosk.responses",
    "auth.sign_in",
    "auth.check",
    "auth.sign_out",
    "static",
}


def guarded(app):
    return sorted(rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint not in PUBLIC)


def test_every_public_route_is_listed_and_exists(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= PUBLIC


def test_every_other_route_sends_a_stranger_to_sign_in(app, client):
    assert guarded(app)
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        path = rule.rule.replace("<period>", "2026-10")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            reply = client.open(path, method=method)
            assert reply.status_code == 302, (method, path)
            assert reply.headers["Location"].startswith("/sign-in")


def test_respondent_and_staff_pages_share_no_template_folder(app):
    for rule in app.url_map.iter_rules():
        assert not rule.endpoint.startswith("respond.") or "/results" not in rule.rule


@pytest.mark.parametrize("path", ["/", "/nothing", "/results/2026-10/../../etc/passwd"])
def test_an_unknown_address_is_a_page(client, path):
    reply = client.get(path)
    assert reply.status_code in (404, 302)
