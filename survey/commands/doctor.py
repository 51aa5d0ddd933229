"""`hailong doctor`: looks the installation over and says what to do. Changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import click

from survey.commands.installation import Installation, data_option, open_installation
from survey.errors import HailongError

Mark = Literal["ok", "warning", "error"]

LOW_DISK = 1024**3  # bytes
FULL_DISK = 100 * 1024**2
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is and, where it is not well, what to do."""

    mark: Mark
    text: str


@click.command(epilog="Example: hailong doctor --data office")
@data_option
def command(data: Path | None) -> None:
    """Check database, disk, settings, tablets, questions, links; exit 1 where one is broken."""
    with open_installation(data) as office:
        findings = [finding for check in CHECKS for finding in check(office)]
    for finding in findings:
        click.echo(f"{finding.mark:8}{finding.text}")
    broken = sum(finding.mark == "error" for finding in findings)
    if broken:
        raise HailongError(f"{broken} of {len(findings)} checks found an error; see above")


def check_database(office: Installation) -> Iterator[Finding]:
    """The database's own check of itself."""
    from survey.store import integrity
    from survey.store.responses import count_responses

    result = integrity(office.engine)
    if result == "ok":
        yield Finding("ok", f"database is sound, {count_responses(office.engine)} responses")
    else:
        yield Finding("error", f"database is damaged: {result}; stop serving, restore a backup")


def check_disk(office: Installation) -> Iterator[Finding]:
    """Room for more answers."""
    free = shutil.disk_usage(office.config.data).free
    text = f"{free / 1024**3:.1f} GiB free for {office.config.data.absolute()}"
    if free < FULL_DISK:
        yield Finding("error", f"{text}; answers cannot be stored soon: make room now")
    elif free < LOW_DISK:
        yield Finding("warning", f"{text}; make room")
    else:
        yield Finding("ok", text)


def check_address(office: Installation) -> Iterator[Finding]:
    """The address that posters carry."""
    parts = urlsplit(office.config.base_url)
    if parts.hostname in LOOPBACK:
        yield Finding(
            "warning",
            f"base_url is {office.config.base_url}: phones cannot reach it; set base_url in "
            "hailong.toml before printing posters",
        )
    elif parts.scheme != "https":
        yield Finding("warning", f"base_url is {office.config.base_url}: use https where you can")
    else:
        yield Finding("ok", f"base_url is {office.config.base_url}")


def check_kiosk_address(office: Installation) -> Iterator[Finding]:
    """The tablets' address lets them work without network."""
    from survey.links import secure_context

    base_url = office.config.base_url
    if secure_context(base_url):
        yield Finding("ok", f"the kiosk address {base_url}/kiosk/ is a secure context")
    else:
        yield Finding(
            "warning",
            f"the kiosk address {base_url}/kiosk/ is no secure context: a tablet could not start "
            "or keep answers without network, and refuses to be enrolled; use https: docs/kiosk.md",
        )


def check_kiosks(office: Installation) -> Iterator[Finding]:
    """The tablets are heard of in opening hours, send what they have, and can keep answers."""
    from survey.kiosks import watch
    from survey.web.kiosk_words import tell

    watched = watch(office.engine, office.config.hours, office.now)
    mark: Mark = "warning" if any(one.troubles for one in watched) else "ok"
    for sentence in tell(watched, "en", office.now) or ("no tablet is enrolled",):
        yield Finding(mark, sentence)


def check_questionnaires(office: Installation) -> Iterator[Finding]:
    """Every counter's questionnaire is there; wordings still to be checked are counted."""
    from survey.installed import check_counters, installed_questionnaires
    from survey.store.places import load_places

    questionnaires = installed_questionnaires(office.config)
    places = load_places(office.engine)
    try:
        check_counters(places, questionnaires)
    except HailongError as error:
        yield Finding("error", str(error))
        return
    for key in sorted({counter.questionnaire for counter in places.counter}):
        unverified = len(questionnaires[key].unverified)
        if unverified:
            yield Finding(
                "warning", f"{key}: {unverified} wordings to be checked against the decision"
            )
        else:
            yield Finding("ok", f"{key} is in use")


def check_links(office: Installation) -> Iterator[Finding]:
    """Every counter can be answered at."""
    from survey.store.places import load_places, open_desks

    reached = {desk.counter.id for desk in open_desks(office.engine, "poster")}
    for counter in load_places(office.engine).counter:
        if counter.id not in reached:
            yield Finding(
                "warning",
                f"counter {counter.id} has no poster in use; run: "
                f"hailong place add-link {counter.id}",
            )
    yield Finding("ok", f"{len(reached)} counters have a poster link")


def check_staff(office: Installation) -> Iterator[Finding]:
    """Somebody can sign in."""
    from survey.store.staff import count_staff

    count = count_staff(office.engine)
    if count:
        yield Finding("ok", f"{count} staff accounts")
    else:
        yield Finding("warning", "nobody can sign in; run: hailong user add NAME")


def check_secret(office: Installation) -> Iterator[Finding]:
    """The signing key is there and not shared."""
    if len(office.config.secret_key) < 32:
        yield Finding("error", "the signing key is missing or short; run: hailong init")
    else:
        yield Finding("ok", "signing key is there")


CHECKS: tuple[Callable[[Installation], Iterator[Finding]], ...] = (
    check_database,
    check_disk,
    check_secret,
    check_address,
    check_kiosk_address,
    check_kiosks,
    check_questionnaires,
    check_links,
    check_staff,
)
