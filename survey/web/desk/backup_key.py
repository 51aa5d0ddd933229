"""Staff pages of the key that backups are encrypted with: made, printed, tried, given up.

The key itself is on the page on which it was made, and on the sheet: nothing of it is stored.
"""

from __future__ import annotations

from typing import Final

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from survey.config import load_config
from survey.encryption import Key, in_groups, is_last_group, make_key, sheet_number, typed_key
from survey.errors import BackupError
from survey.store.places import list_offices
from survey.told import in_language
from survey.web.desk.frame import attachment, say, see_other, staff_frame
from survey.web.desk.guard import DeskContext, needs
from survey.web.security import chosen_language

LONGEST: Final = 200
"""Letters that are read of a typed key."""


def make_blueprint(context: DeskContext) -> Blueprint:
    """Return the pages."""
    pages = Blueprint("backup_key", __name__, url_prefix="/server/key")

    @pages.get("")
    @needs("keep_server")
    def show() -> str:
        return _page(context)

    @pages.post("")
    @needs("keep_server")
    def make() -> str:
        return _made(make_key())

    @pages.post("/sheet")
    @needs("keep_server")
    def sheet() -> Response | tuple[str, int]:
        return _sheet(context)

    @pages.post("/hold")
    @needs("keep_server")
    def hold() -> Response | tuple[str, int]:
        return _hold(context)

    @pages.post("/try")
    @needs("keep_server")
    def try_() -> str | tuple[str, int]:
        return _try(context)

    @pages.post("/off")
    @needs("keep_server")
    def off() -> Response | str:
        return _off(context)

    return pages


def _page(context: DeskContext, problem: str = "", *, given: str = "", right: bool = False) -> str:
    recipient = load_config(context.config.data).backup_recipient
    return render_template(
        "staff/backup_key.html",
        **staff_frame(),
        number=sheet_number(recipient) if recipient else "",
        problem=problem,
        given=given,
        right=right,
        off=request.endpoint == "backup_key.off",
    )


def _made(key: Key, problem: str = "") -> str:
    """The page that has the new key, until it is seen that its sheet was printed."""
    return render_template(
        "staff/backup_key_made.html",
        **staff_frame(),
        secret=key.identity,
        number=key.number,
        count=len(key.groups),
        problem=problem,
    )


def _given() -> Key:
    return typed_key(request.form.get("key", "")[:LONGEST])


def _told(error: BackupError) -> str:
    text = in_language(error.args[0], chosen_language())
    return text[0].upper() + text[1:]


def _sheet(context: DeskContext) -> Response | tuple[str, int]:
    """The sheet, shown and not saved: a file of it would be the key in clear."""
    from survey.emergency import render_emergency_sheet  # with what draws codes

    folder = load_config(context.config.data).backups.absolute()
    office = list_offices(context.engine)[0].name.vi
    try:
        key = _given()
        made = render_emergency_sheet(key, office, folder, context.now().date())
    except BackupError as error:
        return _page(context, _told(error)), 422
    return attachment(made, "application/pdf", f"phieu-{key.number}.pdf", "inline")


def _hold(context: DeskContext) -> Response | tuple[str, int]:
    """Encrypt from now on, where whoever asks has the sheet on paper."""
    try:
        key = _given()
    except BackupError as error:
        return _page(context, _told(error)), 422
    if not is_last_group(key, request.form.get("last", "")):
        told = say("backup_key.not_last")
        return _made(key, told), 422
    _encrypt_to(context, key.recipient)
    return see_other("machine.show", encrypted="1")


def _encrypt_to(context: DeskContext, recipient: str) -> None:
    from survey.daily import encrypt_to  # with what upgrades databases: not for a citizen

    encrypt_to(context.config, context.engine, recipient, context.by)


def _try(context: DeskContext) -> str | tuple[str, int]:
    """Whether a typed key is that of the sheet in use."""
    recipient = load_config(context.config.data).backup_recipient
    given = request.form.get("key", "")[:LONGEST]
    try:
        key = typed_key(given)
    except BackupError as error:
        return _page(context, _told(error), given=in_groups(given)), 422
    if key.recipient != recipient:
        words = {"number": key.number, "current": sheet_number(recipient) if recipient else "–"}
        told = say("backup_key.wrong", **words)
        return _page(context, told, given=in_groups(given)), 422
    return _page(context, right=True)


def _off(context: DeskContext) -> Response | str:
    if "sure" not in request.form:
        return _page(context)
    _encrypt_to(context, "")
    return see_other("machine.show")
