"""Looks an installation over and says what to do: for command and page. Changes no answer."""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import TYPE_CHECKING, Protocol
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from questionnaires.bilingual import Told, number_of
from survey.config import Config
from survey.errors import HailongError
from survey.links import respond_url
from survey.told import Finding, Severity, finding, sentence

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from questionnaires import Questionnaire
    from survey.tablets import Watched

LOW_DISK = 1024**3  # bytes
FULL_DISK = 100 * 1024**2
PATIENCE = 4  # seconds for the office's own page to come
MOST_BYTES = 300_000  # of a page; a form is a tenth of it


class Looked(Protocol):
    """The office that is looked over."""

    @property
    def config(self) -> Config:
        """Its settings."""

    @property
    def engine(self) -> Engine:
        """Its database."""

    @property
    def now(self) -> datetime:
        """The moment at the office."""


TellTablets = Callable[["tuple[Watched, ...]"], Sequence[str]]
"""Says how tablets are: a paragraph a trouble, or one that all is well."""


def look_over(office: Looked, tell: TellTablets) -> Iterator[tuple[str, Finding]]:
    """Everything that is looked at, one after the other: the name of the check, what it found."""
    for name, check in CHECKS.items():
        for one in check(office):
            yield name, one
        if name == "kiosk_address":
            for one in check_kiosks(office, tell):
                yield "kiosks", one


def check_database(office: Looked) -> Iterator[Finding]:
    """The database's own check of itself."""
    from survey.store import integrity
    from survey.store.responses import count_responses

    result, count = integrity(office.engine), count_responses(office.engine)
    if result == "ok":
        yield finding("ok", "doctor.database", count=number_of(count))
    else:
        yield finding("error", "doctor.database_damaged", found=result)


def check_clock(office: Looked) -> Iterator[Finding]:
    """The date of this machine is one that the stored answers allow."""
    from survey.intake import clock_is_doubtful
    from survey.store.responses import newest_sure

    newest = newest_sure(office.engine)
    if clock_is_doubtful(office.now.date(), newest):
        yield finding("error", "doctor.clock", today=office.now.date(), newest=newest)
    else:
        yield finding("ok", "doctor.clock_fits", today=office.now.date())


def check_upkeep(office: Looked) -> Iterator[Finding]:
    """The answers of days that are over tell no order of arrival."""
    from survey.store.upkeep import done_on, has_fresh

    last = done_on(office.engine, "rewrite")
    behind = last is not None and last < office.now.date() and has_fresh(office.engine)
    if behind:
        yield finding("warning", "doctor.rewrite_behind", day=last)
    else:
        yield finding("ok", "doctor.rewrite")


def check_backup(office: Looked) -> Iterator[Finding]:
    """There is a backup that is not old, and those of the days are as they were written."""
    from survey.daily import daily_backups
    from survey.store.responses import count_responses
    from survey.store.upkeep import done_on
    from survey.today import is_old

    for kept in daily_backups(office.config):
        if not kept.whole:
            yield finding("error", "doctor.backup_damaged", file=kept.path)
    last = done_on(office.engine, "backup")
    if last is not None:
        old = is_old(last, office.now.date())
        key = "doctor.backup_old" if old else "doctor.backup"
        yield finding("warning" if old else "ok", key, day=last)
    elif count_responses(office.engine):
        yield finding("warning", "doctor.backup_none")


def check_seals(office: Looked) -> Iterator[Finding]:
    """The answers are as they were sealed, and the days before yesterday are."""
    from survey.sealing import about_shown, check, told
    from survey.store.responses import has_responses

    found = check(office.config, office.engine, office.now.date())
    for fault in found.faults:
        yield finding("error", "doctor.seals_altered", what=told(fault))
    last = max((one.about for one in found.chain if one.kind == "day"), default="")
    day = about_shown(last)
    if not last and has_responses(office.engine):
        yield finding("warning", "doctor.seals_none")
    elif last and last < (office.now.date() - timedelta(days=2)).isoformat():
        yield finding("warning", "doctor.seals_behind", day=day)
    elif last and not found.faults:
        yield finding("ok", "doctor.seals", count=number_of(found.answers), day=day)


def check_private(office: Looked) -> Iterator[Finding]:
    """No other account may read what is kept; on Windows the user's folder sees to it."""
    from survey.files import open_to_others

    found = open_to_others(office.config.data)
    if found:
        listed = ", ".join(str(path) for path in found)
        yield finding("error", "doctor.open_to_others", found=listed)
    else:
        yield finding("ok", "doctor.private")


def check_disk(office: Looked) -> Iterator[Finding]:
    """Room for more answers."""
    free = shutil.disk_usage(office.config.data).free
    size = f"{free / 1024**3:.1f}"
    left = Told(f"{size} GB", f"{size.replace('.', ',')} GB")
    room = {"free": left, "folder": office.config.data.absolute()}
    if free < FULL_DISK:
        yield finding("error", "doctor.disk_full", **room)
    elif free < LOW_DISK:
        yield finding("warning", "doctor.disk_low", **room)
    else:
        yield finding("ok", "doctor.disk", **room)


def check_address(office: Looked) -> Iterator[Finding]:
    """The address that posters carry, opened as a phone opens it."""
    from survey.store.places import open_desks

    address = office.config.address
    told = {"url": address.shown}
    if address.reach == "here":
        yield finding("warning", "doctor.address_here", **told)
        return
    if address.reach == "inside":
        yield finding("warning", "doctor.address_inside", **told)
    if address.scheme != "https":
        yield finding("warning", "doctor.address_plain", **told)
    desk = next(iter(open_desks(office.engine, "poster")), None)
    if desk is None:
        return  # told by check_links
    url = respond_url(address.url, desk.link.code)
    found = visit(url, expected=f"/r/{desk.link.code}")
    yield found or finding("ok", "doctor.address_opens", url=url)


def visit(url: str, expected: str) -> Finding | None:
    """Open an address as a phone would; None where the page that comes holds what is expected.

    From here: a phone elsewhere may find what this machine does not, and the other way round.
    """
    direct = build_opener(ProxyHandler({}))  # phones know nothing of this machine's proxy
    try:
        with direct.open(url, timeout=PATIENCE) as reply:
            page = reply.read(MOST_BYTES).decode("utf-8", "replace")
    except HTTPError as error:
        error.close()
        return finding("error", "doctor.address_status", url=url, status=error.code)
    except (OSError, HTTPException) as error:
        return _unopened(url, getattr(error, "reason", error))
    return None if expected in page else finding("error", "doctor.address_other", url=url)


def _unopened(url: str, reason: object) -> Finding:
    if isinstance(reason, socket.gaierror):
        return finding("warning", "doctor.address_unknown", url=url)
    if isinstance(reason, ssl.SSLCertVerificationError):
        why = reason.verify_message
        return finding("warning", "doctor.address_certificate", url=url, why=why)
    return finding("warning", "doctor.address_silent", url=url, why=str(reason))


def check_kiosk_address(office: Looked) -> Iterator[Finding]:
    """The tablets' address lets them work without network."""
    address = office.config.address
    kind: Severity = "ok" if address.secure_context else "warning"
    yield finding(kind, f"doctor.kiosk_address_{kind}", url=address.shown)


def check_kiosks(office: Looked, tell: TellTablets) -> Iterator[Finding]:
    """The tablets are heard of in opening hours, send what they have, and can keep answers."""
    from survey.tablets import watch

    watched = watch(office.engine, office.config.opening_hours, office.now)
    mark: Severity = "warning" if any(one.troubles for one in watched) else "ok"
    for line in tell(watched) or (sentence("doctor.no_tablet"),):
        yield Finding(mark, line)


def check_questionnaires(office: Looked) -> Iterator[Finding]:
    """Every counter's questionnaire is there; wordings still to be checked are counted."""
    from survey.places import check_counters
    from survey.store.places import load_places
    from survey.store.questionnaires import published_questionnaires
    from survey.store.wordings import count_left

    questionnaires = published_questionnaires(office.engine)
    yield from _questionnaire_files(office, questionnaires)
    places = load_places(office.engine)
    try:
        check_counters(places, questionnaires)
    except HailongError as error:
        yield Finding("error", error.args[0])
        return
    left = count_left(office.engine, questionnaires.values())
    for key in sorted({counter.questionnaire for counter in places.counter}):
        called = questionnaires[key].called
        if left[key]:
            yield finding("warning", "doctor.unverified", questionnaire=called, count=left[key])
        else:
            yield finding("ok", "doctor.questionnaire", questionnaire=called)


def check_fit(office: Looked) -> Iterator[Finding]:
    """Targets, sectors and names fit each other."""
    from survey.places import find_worries
    from survey.store.places import load_places
    from survey.store.questionnaires import published_questionnaires

    questionnaires = published_questionnaires(office.engine)
    yield from find_worries(office.config, load_places(office.engine), questionnaires)


def _questionnaire_files(
    office: Looked, published: Mapping[str, Questionnaire]
) -> Iterator[Finding]:
    """The office's own files are as they were published: a counter asks what was published."""
    from survey.places import installed_questionnaires

    try:
        files = installed_questionnaires(office.config)
    except HailongError as error:
        yield Finding("warning", str(error))
        return
    for key in sorted(files.keys() - published.keys()):
        yield finding("warning", "doctor.unpublished", questionnaire=files[key].called)
    for key in sorted(files.keys() & published.keys()):
        if files[key].fingerprint != published[key].fingerprint:
            words = {"questionnaire": files[key].called, "version": files[key].version + 1}
            yield finding("warning", "doctor.changed", **words)


def check_links(office: Looked) -> Iterator[Finding]:
    """Every counter can be answered at."""
    from questionnaires.bilingual import both
    from survey.store.places import load_places, open_desks

    reached = {desk.counter.full_id for desk in open_desks(office.engine, "poster")}
    for counter in load_places(office.engine).counter:
        if counter.full_id not in reached:
            named = {"name": both(counter.name.get), "counter": counter.full_id}
            yield finding("warning", "doctor.no_poster", **named)
    yield finding("ok", "doctor.posters", count=len(reached))


def check_staff(office: Looked) -> Iterator[Finding]:
    """Somebody can sign in."""
    from survey.store.staff import count_staff

    count = count_staff(office.engine)
    if count:
        yield finding("ok", "doctor.staff", count=count)
    else:
        yield finding("warning", "doctor.no_staff")


def check_provider(office: Looked) -> Iterator[Finding]:
    """The identity provider of the settings, where there is one, is as they say."""
    from survey.errors import ProviderError
    from survey.identity import provider_of

    try:
        provider = provider_of(office.config)
    except HailongError as error:
        yield Finding("error", error.args[0])
        return
    if provider is None:
        return
    try:
        provider.check()
    except ProviderError as error:
        yield finding("warning", "doctor.provider_wrong", name=provider.name, why=error.why)
    else:
        yield finding("ok", "doctor.provider", name=provider.name)


def check_secret(office: Looked) -> Iterator[Finding]:
    """The signing key is there and not shared."""
    if len(office.config.secret_key) < 32:
        yield finding("error", "doctor.no_key")
    else:
        yield finding("ok", "doctor.key")


CHECKS: Mapping[str, Callable[[Looked], Iterator[Finding]]] = {
    "database": check_database,
    "clock": check_clock,
    "upkeep": check_upkeep,
    "backup": check_backup,
    "seals": check_seals,
    "private": check_private,
    "disk": check_disk,
    "secret": check_secret,
    "address": check_address,
    "kiosk_address": check_kiosk_address,
    "questionnaires": check_questionnaires,
    "fit": check_fit,
    "links": check_links,
    "staff": check_staff,
    "provider": check_provider,
}
