"""What is changed beside the program shows, and its day is named; what staff may do is not."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update

from questionnaires import Questionnaire
from survey.intake import Response
from survey.places import Places, shipped_places
from survey.sealing import check, seal_state
from survey.seals import as_document, compare_chains, digest_of, read_document
from survey.store import sealing, seals, tables, verification
from survey.store.comments import (
    black_out,
    delete_comment,
    delete_old_comments,
    list_comments,
)
from survey.store.places import load_places, save_places
from survey.store.responses import add_many, add_response
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.store.upkeep import rewrite

MONDAY, TUESDAY, WEDNESDAY = date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 7)
NOVEMBER = date(2026, 11, 12)
LAN = By("lan", datetime(2026, 10, 9, 9, tzinfo=UTC))
SEPTEMBER = date(2026, 9, 14)
row, seal, upkeep = tables.response.c, tables.seal.c, tables.upkeep.c


def answer(day: date, scores: str = "54----", **more: object) -> Response:
    sheet = ("desk@1", "trieu-son", "land", "kiosk", day, scores)
    return Response(str(uuid.uuid4()), *sheet, **more)  # type: ignore[arg-type]


@pytest.fixture
def sealed(engine: Engine) -> Engine:
    """September is sealed as a month, three days of October as days; one comment in each."""
    for day in (SEPTEMBER, SEPTEMBER + timedelta(days=1), MONDAY, TUESDAY, WEDNESDAY):
        add_many(engine, [answer(day, f"{score}4----") for score in (1, 2, 4, 5)])
        more = {"comment": f"chờ lâu {day}", "choices": (("went_wrong", "waiting"),)}
        add_many(engine, [answer(day, "11----", **more)])
    assert sealing.seal_days(engine, WEDNESDAY) == ()
    assert sealing.seal_month(engine, "2026-09", '{"format": "published"}') == ()
    assert faults(engine) == {}
    return engine


def faults(engine: Engine) -> dict[str, set[str]]:
    """What is found, by the day or month that it is about."""
    return by_place(verification.verify(engine))


def by_place(verified: verification.Verified) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for fault in verified.faults:
        found.setdefault(fault.about, set()).add(fault.kind)
    return found


def after(engine: Engine, change: Callable[[Connection], object]) -> dict[str, set[str]]:
    """What is found after a change, which is taken back."""
    with engine.connect() as connection:
        change(connection)
        found = by_place(verification.verified(connection))
        connection.rollback()
    return found


def first_of(connection: Connection, day: date, scores: str = "14----") -> str:
    query = select(row.response_id).where(row.answered_on == day, row.scores == scores)
    return connection.execute(query.order_by(row.response_id)).scalars().first() or ""


Change = Callable[..., object]


def one(day: date, connection: Connection) -> object:
    return row.response_id == first_of(connection, day)


def changing(**values: object) -> Change:
    return lambda connection, day: connection.execute(
        update(tables.response).where(one(day, connection)).values(values)  # type: ignore[arg-type]
    )


def deleting(connection: Connection, day: date) -> None:
    connection.execute(delete(tables.response).where(one(day, connection)))  # type: ignore[arg-type]


def inserting(connection: Connection, day: date) -> None:
    """As somebody writes a row who knows the table, and not the program."""
    found = connection.execute(
        select(tables.response).where(one(day, connection))  # type: ignore[arg-type]
    ).mappings()
    values = {name: value for name, value in found.one().items() if name not in ("fresh",)}
    connection.execute(insert(tables.response).values({**values, "response_id": str(uuid.uuid4())}))


def swapping(connection: Connection, day: date) -> None:
    for scores, other in (("14----", "24----"), ("24----", "14----")):
        mine = first_of(connection, day, scores)
        which = update(tables.response).where(row.response_id == mine)
        connection.execute(which.values(scores=f"x{other}"))
    connection.execute(
        update(tables.response)
        .where(row.scores.like("x%"))
        .values(scores=func.substr(row.scores, 2))
    )


def choosing(connection: Connection, day: date) -> None:
    connection.execute(update(tables.choice).values(option="attitude"))


def unchoosing(connection: Connection, day: date) -> None:
    connection.execute(delete(tables.choice))


CHANGES: dict[str, tuple[Change, str]] = {
    "a score": (changing(scores="54----"), "altered"),
    "a sector": (changing(sector="civil-status"), "altered"),
    "an office": (changing(office="elsewhere"), "altered"),
    "a channel": (changing(channel="poster"), "altered"),
    "a flag": (changing(flag="haste"), "altered"),
    "an origin": (changing(origin="imported"), "altered"),
    "put aside as late": (changing(late=True), "altered"),
    "hidden as new": (changing(since_seal="new"), "removed"),
    "deleted": (deleting, "removed"),
    "inserted": (inserting, "added"),
    "two swapped": (swapping, "altered"),
    "a reason": (choosing, "altered"),
    "no reason": (unchoosing, "altered"),
}


def test_a_change_beside_the_program_is_found_on_its_day_and_in_its_month(sealed: Engine) -> None:
    for name, (change, kind) in CHANGES.items():
        for day, about in ((MONDAY, "2026-10-05"), (SEPTEMBER.replace(day=1), "2026-09")):
            found = after(sealed, partial(change, day=day))
            assert kind in found[about], (name, about)


def test_seals_of_before_origins_were_covered_still_fit_until_they_are_made_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = seals.rows_digest
    add_many(engine, [answer(MONDAY), answer(MONDAY, origin="imported")])
    with monkeypatch.context() as before:
        before.setattr(seals, "rows_digest", partial(made, version=1))
        sealing.seal_days(engine, MONDAY)
    assert faults(engine) == {}
    score = after(engine, lambda to: to.execute(update(tables.response).values(scores="11----")))
    assert score == {"2026-10-05": {"altered"}}

    def forge(connection: Connection) -> object:
        return connection.execute(update(tables.response).values(origin=None))

    assert after(engine, forge) == {}  # the row of that time did not have it
    assert sealing.seal_month(engine, "2026-10", None) == ()
    assert faults(engine) == {}
    assert after(engine, forge) == {"2026-10": {"altered"}}


@pytest.mark.parametrize("change", ["a score", "deleted", "inserted"])
def test_no_later_seal_covers_a_change_up(sealed: Engine, change: str) -> None:
    alter, kind = CHANGES[change]
    with sealed.begin() as connection:
        alter(connection, MONDAY)
    add_response(sealed, answer(MONDAY))
    assert sealing.seal_days(sealed, date(2026, 10, 31)) == ("2026-10-05",)
    assert sealing.seal_month(sealed, "2026-10", None) == ("2026-10-05",)
    assert faults(sealed) == {"2026-10-05": {kind}}


def test_a_date_that_was_moved_is_missing_on_one_day_and_too_many_on_the_other(sealed):
    with sealed.begin() as connection:
        changing(answered_on=TUESDAY)(connection, MONDAY)
    assert faults(sealed) == {"2026-10-05": {"removed"}, "2026-10-06": {"added"}}
    with sealed.begin() as connection:
        changing(answered_on=date(2026, 9, 20))(connection, date(2026, 9, 1))
    assert faults(sealed)["2026-09"] == {"altered"}


def test_an_answer_slipped_into_a_day_without_any_is_found(sealed):
    sealing.seal_days(sealed, date(2026, 10, 12))
    for day in (date(2026, 10, 10), date(2026, 8, 20)):  # sealed as empty; before all seals
        values = {**dict(_values(sealed, MONDAY)), "response_id": str(uuid.uuid4())}
        with sealed.begin() as connection:
            connection.execute(insert(tables.response).values({**values, "answered_on": day}))
        assert faults(sealed)[day.isoformat()] == {"added"}


def _values(engine: Engine, day: date) -> dict[str, object]:
    with engine.connect() as connection:
        query = select(tables.response).where(one(day, connection))  # type: ignore[arg-type]
        return dict(connection.execute(query).mappings().one())


MINE = "(SELECT response_id FROM comment WHERE text LIKE '%2026-10-05')"


def test_a_comment_that_was_changed_beside_the_program_is_found(sealed):
    for statement in (
        "UPDATE comment SET text = 'rất tốt' WHERE text LIKE '%2026-10-05'",
        "DELETE FROM comment WHERE text LIKE '%2026-10-05'",
        f"DELETE FROM comment_seal WHERE response_id IN {MINE}",
        f"UPDATE comment_seal SET salt = NULL WHERE response_id IN {MINE}",
    ):
        found = after(sealed, lambda connection, said=statement: connection.execute(text(said)))
        assert "comment" in found["2026-10-05"], statement


def test_a_comment_deleted_with_its_digest_is_found_for_want_of_a_line_in_the_log(sealed):
    with sealed.begin() as connection:
        connection.execute(text("DELETE FROM comment WHERE text LIKE '%2026-10-05'"))
        seals.forget_comments(connection, [first_of(connection, MONDAY, "11----")])
    assert faults(sealed) == {"2026-10": {"comments_unlogged"}}


def test_comments_that_staff_delete_or_black_out_leave_every_seal_as_it_is(sealed):
    before = seals.list_seals(sealed)
    found = {one.text: one for one in list_comments(sealed)}
    assert delete_comment(sealed, found["chờ lâu 2026-10-05"], LAN)
    assert black_out(sealed, found["chờ lâu 2026-09-14"], "lâu", LAN)
    assert faults(sealed) == {}
    assert sealing.seal_days(sealed, date(2026, 10, 9)) == ()
    assert seals.list_seals(sealed)[: len(before)] == before
    with sealed.connect() as connection:  # what was written there cannot be tried on the digest
        salts = select(func.count()).where(tables.comment_seal.c.salt.is_(None))
        assert connection.execute(salts).scalar_one() == 1


def test_a_seal_that_was_changed_is_found(sealed):
    for values, kind in (
        ({"rows": "0" * 64}, "seal"),
        ({"seal": "0" * 64}, "seal"),
        ({"reason": "late"}, "seal"),
        ({"about": "2026-10-04"}, "seal"),
        ({"answers": 4}, "added"),
        ({"key": "0" * 64}, "altered"),
        ({"key": None}, "seal"),
    ):
        mine = update(tables.seal).where(seal.about == "2026-10-05").values(values)
        found = after(sealed, lambda connection, said=mine: connection.execute(said))
        assert kind in set().union(*found.values()), values


def test_a_seal_taken_out_of_the_chain_or_off_its_end_is_found(sealed):
    with sealed.begin() as connection:
        connection.execute(delete(tables.seal).where(seal.about == "2026-10-06"))
    assert "chain" in faults(sealed)["2026-10-07"]
    with sealed.begin() as connection:
        connection.execute(delete(tables.seal).where(seal.about >= "2026-10-06"))
    assert faults(sealed)["2026-10-07"] == {"cut"}


def test_the_document_that_was_published_is_kept_and_bound(sealed):
    assert seals.published_document(sealed, "2026-09") == '{"format": "published"}'
    with sealed.begin() as connection:
        connection.execute(update(tables.sealed_document).values(content=b"{}"))
    assert faults(sealed) == {"2026-09": {"document"}}


def test_what_was_asked_is_found_where_it_was_changed_also_along_with_its_digest(sealed):
    asked = tables.questionnaire.c
    with sealed.connect() as connection:
        mine = select(asked.content).where(asked.key == "desk@1")
        content = connection.execute(mine).scalar_one()
    other = content.replace("hài lòng", "vừa lòng")
    assert other != content
    changed = Questionnaire.model_validate_json(other).fingerprint
    mine = asked.key == "desk@1"
    changes = [{"content": other}, {"content": other, "digest": changed}, {"content": "{}"}]
    # Another order of items gives each score to another question.
    changes += [{"item_ids": "access overall"}, {"key": "desk@9"}]
    queries = [update(tables.questionnaire).where(mine).values(values) for values in changes]
    for query in (*queries, delete(tables.questionnaire).where(mine)):
        assert after(sealed, lambda connection, said=query: connection.execute(said)) == {
            "": {"questionnaire"}
        }


def rebuild(engine: Engine) -> None:
    """As the owner of the database would: a score altered, and every seal made anew over it."""
    with engine.begin() as connection:
        changing(scores="55----")(connection, MONDAY)
        connection.execute(delete(tables.seal))
        connection.execute(delete(tables.comment_seal))
        connection.execute(update(tables.response).values(since_seal=""))
    sealing.seal_days(engine, WEDNESDAY)
    sealing.seal_month(engine, "2026-09", '{"format": "published"}')


def test_a_chain_made_anew_is_caught_by_an_earlier_download_and_by_the_code_on_paper(sealed):
    download = as_document(seals.list_seals(sealed))
    printed = seals.seal_of(sealed, ["2026-09"])
    rebuild(sealed)
    assert faults(sealed) == {}  # in itself it fits
    (found,) = compare_chains(seals.list_seals(sealed), read_document(download))
    assert (found.kind, found.told["number"]) == ("rewritten", 1)
    assert printed is not None
    assert seals.seal_of(sealed, ["2026-09"]) != printed


@pytest.mark.sqlite_is_enough
def test_a_download_that_was_altered_is_told_as_such(sealed):
    chain = seals.list_seals(sealed)
    forged = [replace(chain[0], rows="0" * 64), *chain[1:]]
    assert [one.kind for one in compare_chains(chain, forged)] == ["file"]
    forged[0] = replace(forged[0], seal=digest_of(forged[0]))
    assert [one.kind for one in compare_chains(chain, forged)] == ["file"]


def test_late_answers_make_another_seal_of_their_day_with_the_reason(sealed):
    add_response(sealed, answer(MONDAY))
    found = verification.verify(sealed)
    assert (found.faults, found.waiting) == ((), 1)  # it waits, and is no tampering
    assert sealing.seal_days(sealed, date(2026, 10, 8)) == ()
    chain = seals.list_seals(sealed)
    assert [(one.about, one.revision, one.reason) for one in chain[-2:]] == [
        ("2026-10-08", 1, ""),
        ("2026-10-05", 2, "late"),
    ]
    found = verification.verify(sealed)
    assert (found.faults, found.waiting) == ((), 0)
    sealing.seal_days(sealed, date(2026, 10, 8))
    assert seals.list_seals(sealed) == chain  # nothing is left to do


@pytest.mark.sqlite_is_enough
def test_a_late_answer_to_a_day_that_was_altered_is_not_sealed_with_the_alteration(sealed):
    with sealed.begin() as connection:
        changing(scores="55----")(connection, MONDAY)
    add_response(sealed, answer(MONDAY))
    assert sealing.seal_days(sealed, date(2026, 10, 8)) == ("2026-10-05",)
    assert faults(sealed) == {"2026-10-05": {"altered"}}


def test_late_answers_that_join_their_month_together_stay_provable(sealed):
    for _ in range(10):
        add_response(sealed, answer(MONDAY, late=True))
        sealing.seal_days(sealed, WEDNESDAY)
        assert faults(sealed) == {}
    with sealed.connect() as connection:
        waiting = select(func.count()).where(row.late)
        assert connection.execute(waiting).scalar_one() == 0


def test_a_sealed_month_keeps_no_day_and_a_late_answer_of_it_has_none_from_the_start(sealed):
    add_response(sealed, answer(date(2026, 9, 22), late=True))
    with sealed.connect() as connection:
        days = select(row.answered_on).where(row.answered_on < MONDAY).distinct()
        assert connection.execute(days).scalars().all() == [date(2026, 9, 1)]
        kept = select(seal.key, seal.answers).where(seal.about.like("2026-09-%"))
        assert set(connection.execute(kept).all()) == {(None, None)}
    assert sealing.months_due(sealed, date(2026, 9, 30)) == ("2026-09",)
    assert sealing.seal_month(sealed, "2026-09", '{"edition": 2}') == ()
    newest = seals.list_seals(sealed)[-1]
    assert (newest.about, newest.revision, newest.reason) == ("2026-09", 2, "late")
    assert faults(sealed) == {}
    assert sealing.months_due(sealed, date(2026, 9, 30)) == ()


def test_the_nightly_rewrite_leaves_the_seals_as_they_are(sealed):
    rewrite(sealed, date(2026, 10, 8))
    assert faults(sealed) == {}


def test_comments_that_go_after_their_time_leave_every_seal_as_it_is(sealed):
    all_of_them = len(list_comments(sealed))
    assert delete_old_comments(sealed, date(2026, 11, 1), LAN) == all_of_them == 5
    assert faults(sealed) == {}
    lines = [one for one in list_actions(sealed, DoneFilter()) if one.action == "comments_purged"]
    assert [one.details["month"] for one in lines] == ["2026-10", "2026-09"]
    with sealed.connect() as connection:
        assert connection.execute(select(tables.comment)).first() is None


def renamed(places: Places) -> Places:
    sectors = tuple(
        one.model_copy(update={"id": "dat-dai", "was": "land"}) if one.id == "land" else one
        for one in places.sector
    )
    counters = tuple(
        one.model_copy(
            update={"sectors": tuple("dat-dai" if s == "land" else s for s in one.sectors)}
        )
        for one in places.counter
    )
    return places.model_copy(update={"sector": sectors, "counter": counters, "procedure": ()})


def test_an_id_that_staff_change_is_sealed_again_and_stands_in_the_log(sealed):
    save_places(sealed, renamed(shipped_places()), WEDNESDAY, LAN)
    assert {one.id for one in load_places(sealed).sector} >= {"dat-dai"}
    assert faults(sealed) == {}
    chain = seals.list_seals(sealed)
    again = [one.about for one in chain if one.reason == "renamed"]
    assert sorted(again) == ["2026-09", "2026-10-05", "2026-10-06", "2026-10-07"]
    (line,) = [one for one in list_actions(sealed, DoneFilter()) if one.action == "seals_made"]
    assert (line.name, line.details["reason"]) == ("lan", "renamed")
    assert seals.published_document(sealed, "2026-09") == '{"format": "published"}'


@pytest.mark.sqlite_is_enough
def test_a_change_beside_the_program_does_not_hide_behind_one_of_staff(sealed):
    with sealed.begin() as connection:
        changing(scores="55----")(connection, MONDAY)
    save_places(sealed, renamed(shipped_places()), WEDNESDAY, LAN)
    assert faults(sealed) == {"2026-10-05": {"altered"}}


@pytest.mark.sqlite_is_enough
def test_a_seal_that_says_staff_without_a_line_in_the_log_is_found(sealed):
    with sealed.begin() as connection, seals.amending(connection, "renamed", None):  # type: ignore[arg-type]
        changing(sector="civil-status")(connection, MONDAY)
    assert faults(sealed) == {"2026-10-05": {"unlogged"}}


def test_answers_that_are_purged_are_told_apart_from_tampering(sealed):
    inside = row.answered_on < MONDAY
    ids = select(row.response_id).where(inside)
    with sealed.begin() as connection, seals.amending(connection, "purged", LAN):
        for key in (
            tables.choice.c.response_id,
            tables.comment.c.id,
            tables.comment_seal.c.response_id,
        ):
            connection.execute(delete(key.table).where(key.in_(ids)))
        connection.execute(delete(tables.response).where(inside))
    assert faults(sealed) == {"2026-09": {"unpurged"}}  # nobody said so
    with sealed.begin() as connection:
        connection.execute(insert(tables.purge).values(month="2026-09", purged_on=NOVEMBER))
    assert faults(sealed) == {}
    assert seals.published_document(sealed, "2026-09") is not None
    with sealed.begin() as connection:
        connection.execute(delete(tables.choice))
        connection.execute(delete(tables.comment))
        connection.execute(delete(tables.response))
    assert set(faults(sealed)) >= {"2026-10-05", "2026-10-06", "2026-10-07"}


def test_what_somebody_answers_for_is_sealed_as_it_is_for_everybody_to_see(sealed):
    with sealed.begin() as connection:
        changing(scores="55----")(connection, MONDAY)
        connection.execute(text("UPDATE comment SET text = 'x' WHERE text LIKE '%2026-10-05'"))
    assert not sealing.accept(sealed, "2026-10-20", "không có gì", LAN)
    assert not sealing.accept(sealed, "2026-09-14", "tháng đã niêm phong", LAN)
    assert sealing.accept(sealed, "2026-10-05", "sửa theo biên bản số 3", LAN)
    assert faults(sealed) == {}
    assert seals.list_seals(sealed)[-1].reason == "accepted"
    (line,) = [one for one in list_actions(sealed, DoneFilter()) if one.action == "seals_made"]
    assert line.details["why"] == "sửa theo biên bản số 3"


@pytest.mark.sqlite_is_enough
def test_a_backup_that_was_restored_says_so_in_the_chain(sealed):
    download = seals.list_seals(sealed)
    with sealed.begin() as connection:  # the backup is of Tuesday
        connection.execute(delete(tables.seal).where(seal.number > 4))
        upkeep_row = update(tables.upkeep).where(upkeep.name == "seal")
        connection.execute(upkeep_row.values(done_on=TUESDAY))
    (older,) = compare_chains(seals.list_seals(sealed), download)
    assert (older.kind, older.told["number"]) == ("older", 5)
    seals.note_restore(sealed, "2026-10-06")
    sealing.seal_days(sealed, date(2026, 10, 9))
    (found,) = compare_chains(seals.list_seals(sealed), download)
    assert (found.kind, found.about, found.told["last"]) == ("restored", "2026-10-06", 26)


@pytest.mark.sqlite_is_enough
def test_the_last_look_is_kept_for_the_page(config, sealed):
    check(config, sealed, WEDNESDAY)
    assert (seal_state(sealed).checked, seal_state(sealed).altered) == (WEDNESDAY, False)
    with sealed.begin() as connection:
        changing(scores="55----")(connection, MONDAY)
    check(config, sealed, NOVEMBER)
    assert (seal_state(sealed).checked, seal_state(sealed).altered) == (NOVEMBER, True)


@pytest.mark.sqlite_is_enough
def test_an_empty_office_has_nothing_to_seal(engine):
    assert sealing.seal_days(engine, MONDAY) == ()
    assert seals.list_seals(engine) == []
    assert sealing.months_due(engine, MONDAY) == ()
    assert seals.seal_of(engine, ["2026-09"]) is None
    assert faults(engine) == {}
