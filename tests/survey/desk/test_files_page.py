"""Files that take a while: asked for in the browser, made by a process of their own."""

from __future__ import annotations

import time
import uuid
from datetime import date

import pytest

from survey import jobs
from survey.access import EVERYTHING, Grant
from survey.day_folders import LIFETIME
from survey.intake import Response
from survey.jobs import FOLDER, Job, read_job, sweep
from survey.store.responses import add_many
from survey.store.staff import change_grant
from survey.store.staff_actions import DoneFilter, list_actions
from survey.turns import turn
from tests.survey.desk.communes import FOREIGN, OWN, save_communes
from tests.survey.desk.pages import send, sign_in
from tests.waiting import wait_until

ENDED = ("done", "failed", "cancelled", "ended")


@pytest.fixture
def officer(app, engine, config, monkeypatch):
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    sheet = ("desk@1", OWN, "land", "poster", date(2026, 9, 5), "54----")
    add_many(engine, [Response(str(uuid.uuid4()), *sheet) for _ in range(30)])
    return sign_in(app, engine, Grant("officer", None))


def asked(client, config, kind, **more) -> Job:
    reply = send(client, "/files", {"kind": kind, "period": "2026-09", **more})
    assert reply.status_code == 303, reply.text
    job = read_job(config.data / FOLDER / reply.headers["Location"].split("/")[2].split("?")[0])
    assert job is not None
    return job


def test_a_file_is_made_beside_and_downloaded(officer, config, engine):
    job = asked(officer, config, "responses_csv")
    wait_until(lambda: job.state in ENDED)
    assert job.state == "done", (job.folder / "log").read_text(encoding="utf-8")
    page = officer.get(f"/files/{job.id}")
    assert "Tệp đã xong" in page.text
    assert "Refresh" not in page.headers
    reply = officer.get(f"/files/{job.id}/file")
    assert reply.data.decode("utf-8-sig").count("\n") == 31
    assert 'filename="hailong-export-2026-09.csv"' in reply.headers["Content-Disposition"]
    (line,) = list_actions(engine, DoneFilter(action="file_asked"))
    assert line.details == {"file": "Từng phiếu, CSV", "period": "2026-09"}


@pytest.mark.slow
@pytest.mark.sqlite_is_enough
def test_the_notebook_tells_its_steps_and_ends_as_a_page(officer, config):
    job = asked(officer, config, "published")
    seen = set()

    def ended() -> bool:
        seen.add(job.progress)
        return job.state in ENDED

    wait_until(ended)
    assert job.state == "done", (job.folder / "log").read_text(encoding="utf-8")
    assert len(seen - {None}) > 2
    assert "<html" in job.file.read_text(encoding="utf-8")


@pytest.mark.sqlite_is_enough
def test_what_failed_says_why_in_the_language_of_the_page(officer, config):
    job = asked(officer, config, "responses_parquet")
    job.cancel()
    broken = asked(officer, config, "notebook", office=OWN)
    # The office is gone when the job begins.
    (broken.folder / "failed.json").write_text('{"vi": "hết chỗ", "en": "full"}', encoding="utf-8")
    assert "hết chỗ" in officer.get(f"/files/{broken.id}").text
    assert "full" in officer.get(f"/files/{broken.id}?lang=en").text
    assert officer.get(f"/files/{broken.id}/file").status_code == 404
    broken.cancel()


@pytest.mark.sqlite_is_enough
def test_a_job_waits_for_its_turn_and_can_be_cancelled(officer, config):
    (config.data / FOLDER).mkdir()
    with turn(config.data / FOLDER / "turn"):  # another one is being made
        job = asked(officer, config, "population_csv")
        wait_until((job.folder / jobs.ALIVE).exists)
        page = officer.get(f"/files/{job.id}")
        assert "Đang chờ đến lượt" in page.text
        assert page.headers["Refresh"] == "2"
        done = send(officer, f"/files/{job.id}/cancel", {}, f"/files/{job.id}")
        assert done.status_code == 303
    assert job.state == "cancelled"
    assert "Đã hủy" in officer.get(f"/files/{job.id}").text
    assert not job.file.exists()


@pytest.mark.sqlite_is_enough
def test_a_file_is_for_whoever_asked(app, officer, engine, config):
    job = asked(officer, config, "population_csv")
    other = sign_in(app, engine, Grant("officer", None), "an")
    for path in (f"/files/{job.id}", f"/files/{job.id}/file", "/files/x", f"/files/{'0' * 32}"):
        assert other.get(path).status_code == 404, path
    assert job.id not in other.get("/files").text
    wait_until(lambda: job.state in ENDED)


@pytest.mark.sqlite_is_enough
def test_a_file_goes_with_the_role_and_office_that_it_was_asked_with(app, officer, engine, config):
    save_communes(engine)
    sign_in(app, engine, EVERYTHING, "an")  # who is never to be missing
    job = asked(officer, config, "responses_csv")
    wait_until(lambda: job.state in ENDED)
    change_grant(engine, "lan", Grant("analyst", OWN))
    for path in (f"/files/{job.id}", f"/files/{job.id}/file"):
        assert officer.get(path).status_code == 404, path
    assert job.id not in officer.get("/files").text


@pytest.mark.sqlite_is_enough
def test_who_may_see_one_commune_gets_no_file_of_all(app, engine, config, monkeypatch):
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    save_communes(engine)
    client = sign_in(app, engine, Grant("analyst", OWN), "an")
    page = client.get("/files").text
    assert "Từng phiếu" not in page.replace("Tệp từng phiếu", "")
    refused = {"kind": "responses_csv", "period": "2026-09"}
    assert send(client, "/files", refused).status_code == 404
    foreign = {"kind": "notebook", "period": "2026-09", "office": FOREIGN}
    assert send(client, "/files", foreign).status_code == 404
    job = asked(client, config, "notebook", office=OWN)
    assert job.words[job.words.index("--office") + 1] == OWN
    job.cancel()


@pytest.mark.sqlite_is_enough
def test_what_is_older_than_a_day_is_gone(officer, config, monkeypatch):
    job = asked(officer, config, "population_csv")
    wait_until(lambda: job.state in ENDED)
    now = time.time() + LIFETIME + 1
    monkeypatch.setattr(time, "time", lambda: now)
    sweep(config.data)
    assert not job.folder.exists()


def test_a_period_or_kind_that_was_not_offered_is_not_there(officer):
    for given in ({"kind": "x", "period": "2026-09"}, {"kind": "notebook", "period": "x"}):
        assert send(officer, "/files", given).status_code == 404
