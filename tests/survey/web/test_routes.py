"""Every route is public on purpose or guarded; a new one must be listed here."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.sqlite_is_enough

PUBLIC = {
    "respond.form",
    "respond.start",
    "respond.send",
    "respond.thanks",
    "slip.form",
    "slip.send",
    "slip.thanks",
    "respond.comment",
    "respond.send_comment",
    "respond.comment_thanks",
    "kiosk.asset",
    "kiosk.enrol",
    "kiosk.manifest",
    "kiosk.shell",
    "kiosk.worker",
    "auth.sign_in",
    "auth.check",
    "auth.sign_out",
    "code.show",  # whoever gave the right password, for five minutes
    "code.check",
    "provider.go",  # to the identity provider of the settings, and back
    "provider.back",
    "password.show",  # whoever has the one-time link
    "password.choose",
    "health.healthz",
    "open.index",  # 404 until the settings turn it on
    "open.show",
    "open.picture",
    "api.description",  # no figure in it
    "seals.every",  # digests alone, for anyone to keep
    "static",
}


# Shut to whoever has no secret of a tablet, no token of a program, or not that of the setting.
BY_SECRET = {
    "kiosk.heartbeat",
    "kiosk.responses",
    "kiosk.station",
    "metrics.metrics",
    "api.offices",
    "api.periods",
    "api.verdicts",
}


def guarded(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    return sorted(endpoints - PUBLIC - BY_SECRET)


def test_every_public_route_is_listed_and_exists(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= PUBLIC | BY_SECRET


def test_every_other_route_sends_a_stranger_to_sign_in(app, client):
    assert guarded(app)
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC | BY_SECRET:
            continue
        path = rule.rule.replace("<period>", "2026-10")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            reply = client.open(path, method=method)
            assert reply.status_code == 302, (method, path)
            assert reply.headers["Location"].startswith("/sign-in")


def test_a_route_that_asks_for_a_secret_is_shut_without_one(app, make_client):
    client = make_client(metrics_token="sixteen letters!")
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint in BY_SECRET]
    assert len(rules) == len(BY_SECRET)
    for rule in rules:
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            for headers in ({}, {"Authorization": "Bearer " + "A" * 43}):
                reply = client.open(rule.rule, method=method, headers=headers)
                assert reply.status_code == 401, (method, rule.rule)


def test_respondent_and_staff_pages_share_no_template_folder(app):
    for rule in app.url_map.iter_rules():
        assert not rule.endpoint.startswith("respond.") or "/results" not in rule.rule


@pytest.mark.parametrize("path", ["/nothing", "/results/2026-10/../../etc/passwd"])
def test_an_unknown_address_is_a_page(client, path):
    reply = client.get(path)
    assert reply.status_code in (404, 302)


def test_who_may_reach_what_is_written_down_for_every_route(app):
    written = (Path(__file__).parents[3] / "SECURITY.md").read_text(encoding="utf-8")
    begun = {"/" + rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    assert {one for one in begun if f"`{one}" not in written} == {"/static"}
