"""`/healthz`: whether answers can be stored, asked by anybody, and nothing else told."""

from __future__ import annotations

import os
import shutil
import sys

import pytest
from sqlalchemy import text

from survey.web import metrics


def test_all_is_well_and_no_more_is_told(client):
    reply = client.get("/healthz")
    assert (reply.status_code, reply.json) == (200, {"database": "ok", "disk": "ok"})
    assert reply.headers["Cache-Control"] == "no-store"


def test_a_database_that_cannot_be_read_is_told(client, engine):
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE office RENAME TO gone"))
    reply = client.get("/healthz")
    assert (reply.status_code, reply.json["database"]) == (503, "failing")
    assert int(reply.headers["Retry-After"]) > 0


@pytest.mark.sqlite_is_enough
class TestDisk:
    def test_one_without_room_is_told(self, client, monkeypatch):
        usage = shutil.disk_usage("/")._replace(free=metrics.LEAST_ROOM - 1)
        monkeypatch.setattr(metrics.shutil, "disk_usage", lambda _path: usage)
        reply = client.get("/healthz")
        assert (reply.status_code, reply.json["disk"]) == (503, "failing")

    def test_one_that_is_gone_is_told(self, client, config):
        shutil.rmtree(config.data)
        assert client.get("/healthz").json["disk"] == "failing"

    @pytest.mark.skipif(
        sys.platform == "win32" or os.geteuid() == 0, reason="whoever may write everywhere"
    )
    def test_one_that_may_not_be_written_to_is_told(self, client, config):
        config.data.chmod(0o500)
        try:
            assert client.get("/healthz").json["disk"] == "failing"
        finally:
            config.data.chmod(0o700)
