"""The page of slips: issuing a batch, what is told of it, and withdrawing what is left."""

from __future__ import annotations

import io
import re

import pypdfium2 as pdfium
import pytest
import zxingcpp

from questionnaires import Text
from survey.access import Grant
from survey.dossiers import PopulationCount
from survey.places import shipped_places
from survey.slips import token_hash
from survey.store.places import load_places, save_places
from survey.store.population import CountSource, save_counts
from survey.store.slips import find_slip, list_batches, use_slip
from survey.store.staff_actions import DoneFilter, list_actions
from tests.clock import TODAY
from tests.survey.desk.communes import FOREIGN, save_communes
from tests.survey.desk.pages import send, sign_in
from tests.survey.slips import issue
from tests.survey.store.test_arrival import response

pytestmark = [pytest.mark.sqlite_is_enough, pytest.mark.usefixtures("on_a_thursday")]

FORM_KEY = re.compile(r'name="form_key" value="(\w+)"')


@pytest.fixture
def officer(app, engine):
    return sign_in(app, engine, Grant("officer", "trieu-son"))


def wanted(client, **changed: object) -> dict[str, object]:
    """What the form of counter 3 sends as it is offered."""
    page = client.get("/slips?counter=trieu-son/quay-3").text
    key = FORM_KEY.search(page)
    assert key
    counts = {f"count-{id_}": 3 for id_ in ("civil-status", "certification", "residence")}
    day = {"last_day": TODAY.isoformat(), "kind": "a4"}
    return {"form_key": key[1], "counter": "trieu-son/quay-3", **counts, **day, **changed}


def read(content: bytes) -> list[str]:
    found = []
    for page in pdfium.PdfDocument(io.BytesIO(content)):
        codes = zxingcpp.read_barcodes(page.render(scale=150 / 72).to_pil())
        found += [one.text.rpartition("/")[2] for one in codes]
    return found


def test_a_batch_is_downloaded_once_and_listed(officer, engine):
    reply = send(officer, "/slips", wanted(officer))
    assert reply.mimetype == "application/pdf"
    (batch,) = list_batches(engine, TODAY)
    assert batch.id in reply.headers["Content-Disposition"]
    assert batch.counts.issued == 9
    for token in read(reply.data):
        slip = find_slip(engine, token_hash(token))
        assert slip is not None
        assert slip.desk.counter.id == "quay-3"
    page = officer.get("/slips").text
    assert batch.id in page
    assert "Hộ tịch" in page
    (line,) = [one for one in list_actions(engine, DoneFilter()) if one.action == "slips_issued"]
    assert (line.name, line.office, dict(line.details)) == (
        "lan",
        "trieu-son",
        {"counter": "trieu-son/quay-3", "count": "9", "batch": batch.id},
    )


@pytest.mark.parametrize(
    ("kind", "type_", "start"),
    [("58mm", "application/pdf", b"%PDF"), ("80mm", "application/pdf", b"%PDF"),
     ("csv", "text/csv", b"\xef\xbb\xbfaddress,sector")],
)  # fmt: skip
def test_rolls_and_addresses_are_issued_too(officer, kind, type_, start):
    reply = send(officer, "/slips", wanted(officer, kind=kind))
    assert reply.mimetype == type_
    assert reply.data.startswith(start)
    assert kind in reply.headers["Content-Disposition"]


def test_the_same_form_sent_twice_issues_one_batch(officer, engine):
    given = wanted(officer)
    assert send(officer, "/slips", given).status_code == 200
    twice = send(officer, "/slips", given)
    assert twice.status_code == 422
    assert "đợt này vừa phát hành xong" in twice.text
    assert len(list_batches(engine, TODAY)) == 1
    key = FORM_KEY.search(twice.text)
    assert key
    assert send(officer, "/slips", given | {"form_key": key[1]}).status_code == 200
    assert len(list_batches(engine, TODAY)) == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"count-residence": "ba"}, "“ba” không phải là số nguyên"),
        (dict.fromkeys(("count-residence", "count-civil-status", "count-certification"), ""),
         "ít nhất một lĩnh vực"),
        ({"count-residence": "400"}, "nhiều nhất 240 phiếu"),
        ({"last_day": "hôm nay"}, "Hãy chọn ngày cuối"),
        ({"last_day": "2020-01-01"}, "ngày cuối là 01/01/2020; hãy chọn từ"),
    ],
)  # fmt: skip
def test_what_cannot_be_issued_is_told_and_kept_in_the_form(officer, engine, changed, said):
    reply = send(officer, "/slips", wanted(officer, **changed))
    assert reply.status_code == 422
    assert said in reply.text
    assert "Số phiếu mời của Quầy 3" in reply.text
    assert 'name="count-certification" type="number" min="0" max="240"' in reply.text
    assert list_batches(engine, TODAY) == ()


def test_what_is_left_of_a_batch_is_withdrawn_after_a_question(officer, engine):
    tokens = issue(engine, 4)
    assert use_slip(engine, response(), token_hash(tokens[0]), TODAY) == "stored"
    (batch,) = list_batches(engine, TODAY)
    path = f"/slips/{batch.id}"
    sure = officer.get(path).text
    assert "Thu hồi 3 phiếu mời còn lại?" in sure
    assert send(officer, path, {}).headers["Location"].startswith(path)  # nothing was agreed to
    assert list_batches(engine, TODAY)[0].left == 3
    assert send(officer, path, {"sure": "1"}).status_code == 303
    assert list_batches(engine, TODAY)[0].left == 0
    again = officer.post(path, data={"csrf_token": token_of(officer), "sure": "1"})
    assert again.status_code == 409
    assert "đã thu hồi rồi" in again.text
    assert "không còn phiếu nào dùng được" in officer.get(path).text


def token_of(client) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/slips").text)
    assert found
    return found[1]


def test_more_slips_used_than_dossiers_completed_is_said(officer, engine):
    today = TODAY
    for token in issue(engine, 2):
        use_slip(engine, response(), token_hash(token), today)
    assert "nhiều hơn hồ sơ đã trả" not in officer.get("/slips").text
    counts = [PopulationCount(f"{today:%Y-%m}", "trieu-son", "land", 1)]
    save_counts(engine, counts, log=CountSource(today, "file", "0" * 64))
    assert "phiếu mời đã dùng (2) nhiều hơn hồ sơ đã trả (1)" in officer.get("/slips").text


def test_slips_of_another_office_are_not_there(app, engine):
    save_communes(engine)
    places = load_places(engine)
    theirs = (
        shipped_places()
        .counter[0]
        .model_copy(
            update={"id": "quay-xa-khac", "office": FOREIGN, "name": Text(vi="Quầy lạ", en="x")}
        )
    )
    save_places(engine, places.model_copy(update={"counter": (*places.counter, theirs)}), TODAY)
    issue(engine, counter="quay-xa-khac")
    (batch,) = list_batches(engine, TODAY)
    client = sign_in(app, engine, Grant("officer", "trieu-son"))
    page = client.get("/slips").text
    assert batch.id not in page
    assert "Quầy lạ" not in page
    assert client.get(f"/slips/{batch.id}").status_code == 404
    assert client.get(f"/slips?counter={FOREIGN}/quay-xa-khac").status_code == 404
    given = {"csrf_token": token_of(client), "sure": "1"}
    assert client.post(f"/slips/{batch.id}", data=given).status_code == 404
    assert (
        send(client, "/slips", wanted(client, counter=f"{FOREIGN}/quay-xa-khac")).status_code == 404
    )
    assert list_batches(engine, TODAY)[0].left == 1


def test_a_counter_closed_before_its_office_was_merged_keeps_its_name(app, engine):
    save_communes(engine)
    issue(engine, counter="trieu-son/quay-1")
    client = sign_in(app, engine, Grant("administrator", None))
    closed = {"id": "trieu-son/quay-1", "act": "close", "sure": "1"}
    assert send(client, "/places/counter/act", closed, "/places").status_code == 303
    merged = {"id": "trieu-son", "into": FOREIGN, "day": TODAY.isoformat(), "sure": "1"}
    here = "/places/office?id=trieu-son"
    assert send(client, "/places/office/merge", merged, here).status_code == 303
    page = client.get("/slips").text
    assert page.count("Quầy 1") == 2  # its batch and its counts
    assert "/quay-1" not in page


@pytest.mark.parametrize("query", ["month=2020-01", "month=x", "page=0x", "counter=none"])
def test_what_is_no_part_of_the_page_is_not_there(officer, query):
    assert officer.get(f"/slips?{query}").status_code == 404


def test_the_navigation_stands_on_the_page(officer):
    assert 'aria-current="page">Phiếu mời</a>' in officer.get("/slips").text
