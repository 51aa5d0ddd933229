"""The citizen's page for a comment alone, where a tablet without a keyboard leads by its QR.

A comment is no answer: it counts in no figure, and nothing connects it with what was tapped.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from questionnaires import check_comment, sentences
from survey.intake import Comment, comment_id, month_of
from survey.store.comments import add_comment, is_kept
from survey.store.places import AnyDesk, Desk
from survey.web.form_page import FORM, AlreadyCounted, FormAgain
from survey.web.respond import (
    OTHER_LANGUAGE,
    Door,
    add_within_day,
    as_asked,
    find_open_desk,
    keep_counters_pace,
    make_token,
    read_sent,
    recent_id,
    remember,
    sent_id,
    show_thanks,
    to_thanks,
)
from survey.web.security import chosen_language

# Not the form's cookie, which browsers send here too: no comment may have a response's id.
RECENT_COOKIE = "comment"


def add_pages(citizens: Blueprint, door: Door) -> None:
    """Add the page for a comment to the citizen's routes. Public on purpose, as they are."""

    @citizens.get("/r/<code>/comment")
    def comment(code: str) -> AnyResponse:
        return _open(door, _desk(door, code))

    @citizens.post("/r/<code>/comment")
    def send_comment(code: str) -> AnyResponse:
        desk = _desk(door, code)
        keep_counters_pace(door, desk)
        if OTHER_LANGUAGE in request.args:
            return Response(_drawn(door, as_asked(door, desk) or desk, request.form))
        return _take(door, desk)

    @citizens.get("/r/<code>/comment/thanks")
    def comment_thanks(code: str) -> AnyResponse:
        return show_thanks(door, _desk(door, code), "comment")


def _desk(door: Door, code: str) -> Desk:
    """The desk of a code. Raises NotFound also where it asks for no comment."""
    desk = find_open_desk(door, code)
    if not _asks(door, desk):
        raise NotFound
    return desk


def _asks(door: Door, desk: AnyDesk) -> bool:
    return door.questionnaires[desk.counter.questionnaire].comment is not None


def _open(door: Door, desk: Desk) -> Response:
    recent = recent_id(RECENT_COOKIE)
    sent = recent is not None and is_kept(door.engine, comment_id(recent))
    id_ = recent or str(uuid.uuid4())
    token = make_token(door, desk)
    page = Response(door.page.comment(desk, chosen_language(), id_, token, sent=sent))
    remember(page, RECENT_COOKIE, id_)
    return page


def _take(door: Door, desk: Desk) -> AnyResponse:
    """Take a sent comment: store it and say thanks, or show it again with what is wrong."""
    asked = as_asked(door, desk)
    if asked is None or not _asks(door, asked):
        expired = sentences().get("form.expired", chosen_language())
        raise FormAgain(_drawn(door, desk, request.form, {FORM: expired}))
    read = _read(door, asked)
    if not isinstance(read, Comment):
        raise FormAgain(_drawn(door, asked, request.form, read))
    kept = add_within_day(
        door,
        desk,
        lambda: add_comment(door.engine, read),
        lambda: is_kept(door.engine, read.comment_id),
    )
    if kept == "conflict":
        raise AlreadyCounted(desk, "comment")
    return to_thanks(door, desk, "comment")


def _read(door: Door, desk: AnyDesk) -> Comment | dict[str, str]:
    """The comment that was sent, or a sentence beside each thing at fault."""
    sent = read_sent(door, desk, comment_id, check_comment)
    if isinstance(sent, dict):
        return sent
    month = month_of(door.today())
    return Comment(sent.id, desk.counter.office, sent.sector, month, sent.answers)


def _drawn(
    door: Door,
    desk: AnyDesk,
    values: MultiDict[str, str],
    problems: Mapping[str, str] | None = None,
) -> str:
    """The page with what was written, a fresh token and the problems."""
    token = make_token(door, desk)
    return door.page.comment(desk, chosen_language(), sent_id(), token, values, problems)
