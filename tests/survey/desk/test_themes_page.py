"""Comments by theme on the desk: a job of who asked, with examples of the own offices alone."""

from __future__ import annotations

import re
import time

import pytest
from sqlalchemy import delete, insert

from survey.access import EVERYTHING, Grant
from survey.jobs import FOLDER, read_job
from survey.store import tables
from tests.survey.desk.communes import FOREIGN, OWN, save_communes
from tests.survey.desk.pages import send, sign_in
from tests.survey.test_themes import TEXTS
from tests.waiting import PATIENCE

pytestmark = pytest.mark.sqlite_is_enough


@pytest.fixture
def written(engine):
    """Comments of two communes."""
    save_communes(engine)
    rows = [
        {"id": f"{office}-{n}", "month": "2026-10", "office": office, "sector": "land",
         "state": "new", "text": text if office == OWN else f"xa lạ {text}"}
        for office in (OWN, FOREIGN) for n, text in enumerate(TEXTS)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(tables.comment), rows)
    return engine


@pytest.mark.slow
def test_themes_are_a_job_with_examples_of_the_own_office_until_they_are_deleted(
    app, config, written, monkeypatch
):
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    client = sign_in(app, written, Grant("officer", OWN))
    asked = send(client, "/comments/themes", {"month": "2026-10"}, "/comments")
    assert asked.status_code == 303
    address = asked.headers["Location"]
    over = time.monotonic() + PATIENCE
    while "Refresh" in (page := client.get(address)).headers and time.monotonic() < over:
        time.sleep(0.1)
    text = page.text
    heads = re.findall(r"<h2>([^<]+)</h2>", text)
    assert [one.partition(",")[0] for one in heads] == ["chờ lâu", "thái độ", "biểu mẫu"]
    assert "40 góp ý" in text
    assert "xa lạ" not in text
    assert f"{OWN}-" not in text  # no address or field names a comment
    other = sign_in(app, written, EVERYTHING, "khac")
    assert other.get(address).status_code == 404
    job = read_job(config.data / FOLDER / address.split("/")[-1].split("?")[0])
    assert job is not None
    assert f"/files/{job.id}" not in client.get("/files").text
    assert client.get(f"/files/{job.id}").status_code == 404
    with written.begin() as connection:
        connection.execute(delete(tables.comment).where(tables.comment.c.office == OWN))
    assert "said" not in client.get(address).text.partition("<main")[2]


def test_another_office_or_no_month_is_refused(app, written):
    client = sign_in(app, written, Grant("officer", OWN))
    for given in ({"office": FOREIGN}, {"office": "nowhere"}, {"month": "soon"}):
        assert send(client, "/comments/themes", given, "/comments").status_code == 404
