"""`hailong recheck`: seals a month's list, draws from it, and takes what was answered."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.commands.options import (
    data_option,
    open_installation,
    out_file,
    period_option,
    write_out,
)
from survey.commands.saying import language, say
from survey.errors import HailongError, StoreError
from survey.told import sentence, spoken_month

if TYPE_CHECKING:
    from analysis.period import Period
    from survey.commands.options import Installation
    from survey.recheck.calls import SkipReason
    from survey.rechecking import DossierList
    from survey.store.rechecks import Place


@click.group(epilog="Example: hailong recheck draw --period 2026-10 --dossiers thang-10.xlsx")
def command() -> None:
    """The re-check: draw completed dossiers and enter what the people called said."""


@command.command(
    epilog="Example: hailong recheck draw --period 2026-10 --dossiers thang-10.xlsx "
    "--dice 35142665134261535421 --out goi.xlsx"
)
@period_option
@click.option(
    "--dossiers",
    "file",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="The export of the month's dossiers, a row a dossier.",
)
@click.option("--size", type=int, default=30, show_default=True, help="Dossiers to be asked about.")
@click.option("--office", metavar="ID", help="The whole export is of this office.")
@click.option("--dice", metavar="NUMBERS", help="What was rolled in public, in its order.")
@click.option(
    "--seal", is_flag=True, help="Take the seal of a later day as the seed, instead of dice."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    callback=out_file,
    metavar="FILE.xlsx",
    help="Where the call sheet is written.",
)
@data_option
def draw(
    period: Period,
    file: Path,
    size: int,
    office: str | None,
    dice: str | None,
    seal: bool,
    out: Path | None,
    data: Path | None,
) -> None:
    """Seal the list of a month's dossiers, then draw.

    The first time it only seals: the digest of the file is kept and printed. Then roll dice in
    public and run it again with --dice and --out: the call sheet is written to a file, with a code
    for each dossier that is used once. A larger --size later keeps what was drawn. No dossier code
    is stored.
    """
    from survey.recheck.tickets import ROLLS
    from survey.rechecking import roll, take_seal
    from survey.rechecking import seal as seal_list

    with open_installation(data) as installation:
        month = _closed_month(period, installation.today)
        found = _read(installation, file, month, office)
        known = seal_list(installation.engine, found, installation.today, installation.by)
        say(
            "recheck.sealed",
            month=spoken_month(month),
            office=found.office,
            count=known.dossiers,
            digest=known.list_digest,
        )
        if dice is not None:
            known = roll(installation.engine, month, found.office, dice, installation.by)
        elif seal and known.seed is None:
            known = take_seal(installation.engine, month, found.office, installation.by)
        if known.seed is None:
            say("recheck.roll_now", rolls=ROLLS)
            return
        if out is None:
            raise HailongError(sentence("recheck.needs_out"))
        _write(installation, found, size, out)


def _closed_month(period: Period, today: date) -> str:
    """The one month of a period that is over."""
    if len(period.months) != 1 or period.last >= today:
        raise HailongError(sentence("recheck.one_month", period=period.text))
    return str(period.months[0])


def _read(installation: Installation, file: Path, month: str, office: str | None) -> DossierList:
    from survey.dossiers.files import read_bytes
    from survey.dossiers.reading import CountRequest
    from survey.imports import columns_in_use
    from survey.rechecking import read_list
    from survey.store.places import load_places

    request = CountRequest(
        places=load_places(installation.engine),
        columns=columns_in_use(installation.config.data),
        today=installation.today,
        office=office,
        periods=frozenset({month}),
        zone=installation.config.zone,
    )
    return read_list(read_bytes(file), file.name, request)


def _write(installation: Installation, found: DossierList, size: int, out: Path) -> None:
    """Draw, and write the call sheet whole; codes hold once it is there."""
    from survey.places import sector_names
    from survey.recheck.sheet import call_sheet
    from survey.rechecking import draw as draw_dossiers
    from survey.store.places import load_places

    sheet = draw_dossiers(installation.engine, found, size, installation.by)
    places = load_places(installation.engine, gone_too=True)
    made = call_sheet(sheet, sector_names(places, language()), language())
    write_out(out, made)
    spares = sum(row.spare for row in sheet.rows)
    say("recheck.written", file=out, count=len(sheet.rows) - spares, spares=spares)


@command.command(epilog="Example: hailong recheck enter k7m4-9qxp answered_before=2 overall=4")
@click.argument("code")
@click.argument("answers", nargs=-1, metavar="[QUESTION=NUMBER]...")
@click.option(
    "--none",
    "reason",
    type=click.Choice(["refused", "not_reached", "wrong_number"]),
    help="There is no answer, and why.",
)
@data_option
def enter(
    code: str, answers: tuple[str, ...], reason: SkipReason | None, data: Path | None
) -> None:
    """Enter the answers under a CODE of the call sheet, or why there is none."""
    from survey.rechecking import place_of
    from survey.store.rechecks import record_skip

    if bool(answers) == (reason is not None):
        raise HailongError(sentence("recheck.either"))
    with open_installation(data) as installation:
        found, place = place_of(installation.engine, code)
        if reason is not None:
            record_skip(installation.engine, found, reason, installation.by)
            say("recheck.skipped", code=code)
            return
        _store(installation, found, place, dict(map(_pair, answers)))
    say("recheck.stored", code=code)


def _pair(text: str) -> tuple[str, str]:
    question, sign, number = text.partition("=")
    if not sign or not question:
        raise HailongError(sentence("recheck.not_pair", text=text))
    return question, number


def _store(installation: Installation, code: str, place: Place, typed: dict[str, str]) -> None:
    from questionnaires import InvalidAnswers, check, explain
    from questionnaires.bilingual import joined
    from survey.paper import fields_of
    from survey.rechecking import QUESTIONNAIRE
    from survey.rechecking import enter as enter_answer
    from survey.store.questionnaires import Published

    questionnaire = Published(installation.engine)[QUESTIONNAIRE]
    try:
        answers = check(questionnaire, fields_of(questionnaire, typed), partial=True)
    except InvalidAnswers as error:
        lines = [
            sentence(
                "recheck.wrong",
                question=one.question_id or "",
                problem=explain(questionnaire, one, language()),
            )
            for one in error.problems
        ]
        raise StoreError(joined(lines)) from error
    response_id = str(uuid.uuid4())
    enter_answer(
        installation.engine,
        code,
        place,
        questionnaire,
        answers,
        response_id,
        installation.by,
    )


@command.command("list", epilog="Example: hailong recheck list")
@data_option
def list_(data: Path | None) -> None:
    """Show every month re-checked: dossiers, drawn, answered, not reached."""
    from survey.recheck.calls import OUTCOMES
    from survey.store.places import load_places
    from survey.store.rechecks import list_rechecks

    with open_installation(data) as installation:
        offices = [one.id for one in load_places(installation.engine, gone_too=True).office]
        found = list_rechecks(installation.engine, offices)
    for one in found:
        counts: dict[str, Any] = {name: one.count(name) for name in OUTCOMES}
        counts |= {"dossiers": one.dossiers, "drawn": one.drawn, "open": one.open}
        say("recheck.line", month=spoken_month(one.month), office=one.office, **counts)
    if not found:
        say("recheck.none", err=True)
