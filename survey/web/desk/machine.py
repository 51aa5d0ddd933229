"""Staff pages of the server itself, for who administers everything: backups and settings."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from survey.config import Config, load_config, write_settings
from survey.encryption import SUFFIX, sheet_number
from survey.errors import BackupError, ConfigError, StoreError
from survey.sealing import check, seal_state, told
from survey.store import refusals
from survey.store.comments import count_old_comments, kept_from
from survey.store.staff_actions import noted
from survey.store.upkeep import done_on
from survey.told import in_language
from survey.web.desk.frame import attachment, staff_frame, staff_sentences
from survey.web.desk.guard import DeskContext, needs
from survey.web.desk.tablets import tell
from survey.web.security import chosen_language

TEXTS: Final = ("base_url", "opening_hours", "language", "backup_folder")
NUMBERS: Final = ("backup_days", "responses_per_counter_a_day", "comment_months")
LONGEST: Final = 300
MINIMUM: Final = 10
"""People that a published figure rests on: that of `analysis.document`, without its weight."""


def make_blueprint(context: DeskContext, start_anew: Callable[[], None] | None = None) -> Blueprint:
    """Return the pages. `start_anew`: how the server takes over settings, where it can."""
    pages = Blueprint("machine", __name__, url_prefix="/server")

    @pages.get("")
    @needs("keep_server")
    def show() -> str:
        return _page(context)

    @pages.get("/check")
    @needs("keep_server")
    def check() -> str:
        return _check(context)

    @pages.post("/backup")
    @needs("keep_server")
    def backup() -> Response | tuple[str, int]:
        return _backup(context)

    @pages.post("/verify")
    @needs("keep_server")
    def verify() -> str:
        return _verify(context)

    @pages.get("/backup/<id_>")
    @needs("keep_server")
    def kept(id_: str) -> Response:
        return _kept(context, id_)

    @pages.post("/settings")
    @needs("keep_server")
    def settings() -> Response | tuple[str, int] | str:
        return _settings(context, start_anew)

    return pages


def _page(
    context: DeskContext,
    problem: str = "",
    given: Mapping[str, str] | None = None,
    loses: int = 0,
) -> str:
    """The page. `loses`: comments that what was given would delete, which is asked first."""
    from survey.daily import daily_backups

    stored = load_config(context.config.data)
    running = {name: getattr(context.config, name) for name in (*TEXTS, *NUMBERS)}
    values = {name: getattr(stored, name) for name in running}
    return render_template(
        "staff/machine.html",
        **staff_frame(),
        last=done_on(context.engine, "backup"),
        daily=daily_backups(stored),
        number=sheet_number(stored.backup_recipient) if stored.backup_recipient else "",
        encrypted="encrypted" in request.args,
        days=stored.backup_days,
        folder=stored.backups.absolute(),
        apart=bool(stored.backup_folder),
        seals=seal_state(context.engine),
        values={**values, **(given or {})},
        waits=values != running and "saved" not in request.args,
        texts=TEXTS,
        numbers=NUMBERS,
        longest=LONGEST,
        minimum=MINIMUM,
        saved=request.args.get("saved", ""),
        loses=loses,
        hidden={name: text for name, text in (given or {}).items() if loses},
        problem=problem,
    )


REMEDIES: Final[Mapping[str, str]] = {
    "backup": "machine.show",
    "disk": "machine.show",
    "address": "machine.show",
    "kiosk_address": "machine.show",
    "kiosks": "tablets.show",
    "fit": "targets.show",
    "links": "places.show",
    "staff": "accounts.show",
}
"""The page on which what a check found is put right, where there is one."""


def _check(context: DeskContext) -> str:
    """What is looked over, as by `hailong doctor`; an address that is far takes some seconds."""
    from survey.doctor import look_over

    lang, now = chosen_language(), context.now()
    looked = _Moment(context.config, context.engine, now)
    found = [
        (finding.mark, in_language(finding.text, lang), REMEDIES.get(name))
        for name, finding in look_over(looked, lambda watched: tell(watched, lang, now))
    ]
    order = ("error", "warning", "ok")
    return render_template(
        "staff/check.html",
        **staff_frame(),
        findings=sorted(found, key=lambda one: order.index(one[0])),
        well=all(mark == "ok" for mark, _, _ in found),
    )


@dataclass(frozen=True, slots=True)
class _Moment:
    """The installation as it is looked over."""

    config: Config
    engine: Engine
    now: datetime


def _backup(context: DeskContext) -> Response | tuple[str, int]:
    """Make a backup of this moment, read it back, and send it."""
    from survey.backups import write_backup  # with what upgrades databases: not for a citizen

    now = context.now()
    try:
        with tempfile.TemporaryDirectory(prefix=".hailong-", dir=context.config.data) as place:
            file, stored = Path(place) / "backup", load_config(context.config.data)
            with refusals(context.engine):
                write_backup(stored, context.engine, file, now)
            with noted(context.engine, context.by, "backup_taken"):
                content = file.read_bytes()
    except (BackupError, StoreError) as error:
        return _page(context, in_language(error.args[0], chosen_language())), 503
    locked = SUFFIX if stored.backup_recipient else ""
    return attachment(content, _type(locked), f"hailong-{now:%Y-%m-%d-%H%M}.zip{locked}")


def _type(name: str) -> str:
    return "application/octet-stream" if name.endswith(SUFFIX) else "application/zip"


def _verify(context: DeskContext) -> str:
    """Hold every answer against its seal: some seconds for hundreds of thousands."""
    found = check(context.engine, context.now().date())
    return render_template(
        "staff/verified.html",
        **staff_frame(),
        faults=[in_language(told(fault), chosen_language()) for fault in found.faults],
        answers=found.answers,
    )


def _kept(context: DeskContext, name: str) -> Response:
    """Send one of the server's own backups."""
    from survey.daily import daily_backups

    stored = load_config(context.config.data)
    file = next((one.path for one in daily_backups(stored) if one.path.name == name), None)
    if file is None:
        abort(404)
    with noted(context.engine, context.by, "backup_taken"):
        content = file.read_bytes()
    return attachment(content, _type(name), f"hailong-{name}")


def _settings(
    context: DeskContext, start_anew: Callable[[], None] | None
) -> Response | tuple[str, int] | str:
    """Write settings into the file, and have the server take them over where it can."""
    given = {name: request.form.get(name, "")[:LONGEST].strip() for name in (*TEXTS, *NUMBERS)}
    lang = chosen_language()
    texts = {name: given[name] for name in TEXTS}
    numbers: dict[str, int] = {}
    for name in NUMBERS:
        if not (given[name].isascii() and given[name].isdecimal() and len(given[name]) < 10):
            told = staff_sentences().get("machine.no_number", lang, given=given[name] or "–")
            return _page(context, told, given), 422
        numbers[name] = int(given[name])
    try:
        values: dict[str, Any] = {**texts, **numbers}
        load_config(context.config.data, None, **values)
    except ConfigError as error:
        return _page(context, in_language(error.args[0], lang), given), 422
    if texts["backup_folder"] and not Path(texts["backup_folder"]).is_dir():
        told = staff_sentences().get("machine.no_folder", lang, folder=texts["backup_folder"])
        return _page(context, told, given), 422
    before = load_config(context.config.data)
    changed = [name for name, value in values.items() if value != getattr(before, name)]
    if "comment_months" in changed and "sure" not in request.form:
        loses = _lost_comments(context, numbers["comment_months"])
        if loses:
            return _page(context, "", given, loses)
    if changed:
        with noted(context.engine, context.by, "settings_changed", names=", ".join(changed)):
            write_settings(context.config.data, **{name: values[name] for name in changed})
    if changed and start_anew is not None:
        start_anew()
    how = "now" if start_anew is not None else "later"
    return redirect(url_for("machine.show", lang=lang, saved=how), code=303)


def _lost_comments(context: DeskContext, months: int) -> int:
    """How many comments are deleted tonight where they are kept for so many months."""
    if not months:
        return 0
    return count_old_comments(context.engine, kept_from(context.now().date(), months))
