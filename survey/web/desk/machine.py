"""Staff pages of the server itself, for who administers everything: backups and settings."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort, make_response, render_template, request
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from survey.config import Config, load_config, write_settings
from survey.encryption import SUFFIX, sheet_number
from survey.errors import BackupError, ConfigError, StoreError
from survey.jobs import add_job, find_job, list_jobs
from survey.opening_hours import spoken_hours
from survey.retention import Going, due, goes_on, going
from survey.sealing import seal_state
from survey.store import refusals
from survey.store.comments import count_old_comments, kept_from
from survey.store.staff_actions import noted
from survey.store.upkeep import done_on
from survey.told import in_language
from survey.web.desk import provider_settings
from survey.web.desk.frame import attachment, say, see_other, staff_frame
from survey.web.desk.guard import DeskContext, needs
from survey.web.desk.meanwhile import changed_meanwhile, mark
from survey.web.desk.remedies import on_page
from survey.web.desk.sent import owner
from survey.web.desk.tablets import tell
from survey.web.security import chosen_language

TEXTS: Final = ("base_url", "opening_hours", "language", "backup_folder")
NUMBERS: Final = (
    "backup_days",
    "responses_per_counter_a_day",
    "publication_minimum",
    "comment_months",
    "answer_years",
)
SWITCHES: Final = ("public_page",)
SETTINGS: Final = frozenset((*TEXTS, *NUMBERS, *SWITCHES))
_TRUTH: Final = {"true": True, "false": False}
LONGEST: Final = 300


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
    def verify() -> Response:
        return _verify(context)

    @pages.get("/verify/<id_>")
    @needs("keep_server")
    def verified(id_: str) -> Response:
        return _verified(context, id_)

    @pages.get("/backup/<id_>")
    @needs("keep_server")
    def kept(id_: str) -> Response:
        return _kept(context, id_)

    @pages.post("/settings")
    @needs("keep_server")
    def settings() -> Response | tuple[str, int] | str:
        return _settings(context, start_anew)

    provider_settings.add_pages(pages, context, start_anew)
    return pages


def _page(
    context: DeskContext,
    problem: str = "",
    given: Mapping[str, str] | None = None,
    loses: Sequence[str] = (),
) -> str:
    """The page. `loses`: what the given settings would delete, which is asked first."""
    from survey.daily import daily_backups

    stored = load_config(context.config.data)
    values = _stored(stored)
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
        provider=stored.oidc_name or stored.oidc_issuer,
        values=_in_words({**values, **(given or {})}),
        seen=mark(values),
        waits=values != _stored(context.config) and "saved" not in request.args,
        texts=TEXTS,
        switches=SWITCHES,
        open_address=f"{stored.base_url}/open",
        numbers=NUMBERS,
        longest=LONGEST,
        saved=request.args.get("saved", ""),
        loses=loses,
        kept=_kept_until(context, stored.answer_years),
        hidden={**(given or {}), "seen": mark(values)} if loses else {},
        problem=problem,
    )


def _stored(config: Config) -> dict[str, str]:
    """The settings that the page shows, as its form writes them."""
    texts = {name: str(getattr(config, name)) for name in (*TEXTS, *NUMBERS)}
    return texts | {name: "true" if getattr(config, name) else "false" for name in SWITCHES}


def _in_words(values: dict[str, str]) -> dict[str, str]:
    """Settings as the page shows them: opening hours by the names of the days, if they have any."""
    with suppress(ConfigError):
        values["opening_hours"] = spoken_hours(values["opening_hours"], chosen_language())
    return values


LABELS: Final = {name: f"machine.{name}" for name in (*TEXTS, *NUMBERS, *SWITCHES)}


def _shown(name: str, value: object) -> str:
    if name == "opening_hours":
        return spoken_hours(str(value), chosen_language())
    if name == "language":
        return say(f"machine.language_{value}")
    return (
        say(f"machine.{name}_{'on' if value == 'true' else 'off'}")
        if name in SWITCHES
        else str(value)
    )


def _check(context: DeskContext) -> str:
    """What is looked over, as by `hailong doctor`; an address that is far takes some seconds."""
    from survey.doctor import look_over

    lang, now = chosen_language(), context.now()
    looked = _Moment(context.config, context.engine, now)
    found = [
        on_page(finding, check)
        for check, finding in look_over(looked, lambda watched: tell(watched, lang, now))
    ]
    order = ("error", "warning", "ok")
    return render_template(
        "staff/check.html",
        **staff_frame(),
        findings=sorted(found, key=lambda one: order.index(one.mark)),
        well=all(one.mark == "ok" for one in found),
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


VERIFY: Final = "verify"
AGAIN_SECONDS: Final = 2


def _verify(context: DeskContext) -> Response:
    """Have every answer held against its seal: minutes for a hundred thousand."""
    lang, data = chosen_language(), context.config.data
    mine = (one for one in list_jobs(data, owner()) if one.words[0] == VERIFY)
    under_way = next((one for one in mine if one.state in ("waiting", "running")), None)
    job = under_way or add_job(data, owner(), [VERIFY], ".json", lang, {})
    return see_other("machine.verified", id_=job.id)


def _verified(context: DeskContext, id_: str) -> Response:
    """How far it is, and then what was found."""
    job = find_job(context.config.data, owner(), id_)
    if job is None or job.words[0] != VERIFY:
        abort(404)
    state, lang = job.state, chosen_language()
    page = render_template(
        "staff/verified.html",
        **staff_frame(),
        state=state,
        progress=job.progress,
        reason=job.reason(lang),
        found=json.loads(job.file.read_text(encoding="utf-8")) if state == "done" else None,
    )
    reply = make_response(page)
    if state in ("waiting", "running"):
        reply.headers["Refresh"] = str(AGAIN_SECONDS)
    return reply


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
    named = (*TEXTS, *SWITCHES, *NUMBERS)
    given = {name: request.form.get(name, "")[:LONGEST].strip() for name in named}
    lang = chosen_language()
    texts = {name: given[name] for name in TEXTS}
    numbers: dict[str, int] = {}
    for name in NUMBERS:
        if not (given[name].isascii() and given[name].isdecimal() and len(given[name]) < 10):
            told = say("machine.no_number", given=given[name] or "–")
            return _page(context, told, given), 422
        numbers[name] = int(given[name])
    with suppress(ConfigError):  # what cannot be read is told below
        texts["opening_hours"] = given["opening_hours"] = spoken_hours(texts["opening_hours"], "en")
    try:
        switches = {name: _TRUTH.get(given[name], False) for name in SWITCHES}
        values: dict[str, Any] = {**texts, **switches, **numbers}
        load_config(context.config.data, None, **values)
    except ConfigError as error:
        return _page(context, in_language(error.args[0], lang), given), 422
    if texts["backup_folder"] and not Path(texts["backup_folder"]).is_dir():
        told = say("machine.no_folder", folder=texts["backup_folder"])
        return _page(context, told, given), 422
    before = load_config(context.config.data)
    if told := changed_meanwhile(_stored(before), given, LABELS, _shown):
        return _page(context, told, given), 409
    changed = [name for name, value in values.items() if value != getattr(before, name)]
    if "sure" not in request.form:
        loses = [
            *_lost_comments(context, numbers, changed),
            *_lost_years(context, numbers, changed),
        ]
        if loses:
            return _page(context, "", given, loses)
    if changed:
        with noted(context.engine, context.by, "settings_changed", names=", ".join(changed)):
            write_settings(context.config.data, **{name: values[name] for name in changed})
    if changed and start_anew is not None:
        start_anew()
    how = "now" if start_anew is not None else "later"
    return see_other("machine.show", saved=how)


def _lost_comments(
    context: DeskContext, numbers: Mapping[str, int], changed: Collection[str]
) -> Iterator[str]:
    """How many comments are deleted tonight where they are kept for so many months."""
    months = numbers["comment_months"]
    if "comment_months" in changed and months:
        count = count_old_comments(context.engine, kept_from(context.now().date(), months))
        if count:
            yield say("machine.loses", count=count, months=months)


def _lost_years(
    context: DeskContext, numbers: Mapping[str, int], changed: Collection[str]
) -> Iterator[str]:
    """Which years go at once where answers are kept for so many years."""
    if "answer_years" in changed:
        for one in due(context.engine, numbers["answer_years"], context.now().date()):
            yield say("machine.loses_year", **_counts(one))


def _kept_until(context: DeskContext, keep: int) -> list[str]:
    """What will go and when, a sentence each; that nothing does where answers are kept for ever."""
    every = going(context.engine, keep)
    if not keep:
        return [say("machine.answers_stay")]
    told = [say("machine.answers_go", day=f"{one.day:%d/%m/%Y}", **_counts(one)) for one in every]
    if not told:
        year = context.now().year
        told = [say("machine.answers_none", year=year, day=f"{goes_on(year, keep):%d/%m/%Y}")]
    return [*told, say("machine.answers_kept")]


def _counts(one: Going) -> dict[str, int]:
    held = one.held
    return {"year": held.year, "count": held.answers, "comments": held.comments}
