"""`hailong questionnaire`: which questionnaires there are, and whether a file is a right one."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import data_option, open_installation
from survey.commands.saying import echo, say
from survey.config import load_config
from survey.errors import HailongError, NotSetUp, StoreError
from survey.told import sentence

if TYPE_CHECKING:
    from questionnaires import Questionnaire


@click.group(epilog="Example: hailong questionnaire list")
def command() -> None:
    """List and check questionnaires."""


@command.command("list", epilog="Example: hailong questionnaire list --wordings")
@click.option("--wordings", is_flag=True, help="Show every wording to be checked, with its source.")
@data_option
def list_(wordings: bool, data: Path | None) -> None:
    """Show the shipped questionnaires and the office's own, and what is still to be checked."""
    from survey.places import installed_questionnaires

    checked = _checked(data)
    for questionnaire in installed_questionnaires(load_config(data)).values():
        _show(questionnaire, checked)
        if wordings:
            _show_wordings(questionnaire, checked)


def _checked(data: Path | None) -> Collection[str]:
    """What was held against its decision at an office that is set up; nothing where none is."""
    from survey.store.wordings import checked_wordings

    try:
        with open_installation(data) as office:
            return checked_wordings(office.engine)
    except (NotSetUp, StoreError):
        return ()


@command.command(epilog="Example: hailong questionnaire checked desk@2")
@click.argument("key")
@click.option(
    "--place",
    "places",
    metavar="PLACE",
    multiple=True,
    help="Only the sentence at this PLACE, as list --wordings shows it; may be given several "
    "times. Without it: every one.",
)
@click.option("--again", is_flag=True, help="The other way round: they are to be checked again.")
@data_option
def checked(key: str, places: tuple[str, ...], again: bool, data: Path | None) -> None:
    """Keep that the wordings of the questionnaire KEY (such as desk@2) were held against the
    decision that they name."""
    from survey.store.questionnaires import Published
    from survey.store.wordings import count_left, note_checked, take_back

    with open_installation(data) as office:
        questionnaire = Published(office.engine)[key]
        every = [wording.place for wording in questionnaire.unverified]
        change = take_back if again else note_checked
        count = change(office.engine, questionnaire, places or every, office.by)
        left = count_left(office.engine, [questionnaire])[key]
    done = "questionnaire.unchecked" if again else "questionnaire.checked"
    say(done, questionnaire=key, count=count, left=left)


@command.command(epilog="Example: hailong questionnaire check desk.v2.toml")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Read a questionnaire FILE and show what it holds, or everything that is wrong with it."""
    from questionnaires import QuestionnaireError, load_file

    try:
        questionnaire = load_file(file)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise HailongError(sentence("questionnaire.unopened", file=file, why=reason)) from error
    except QuestionnaireError as error:
        raise HailongError(error.args[0]) from error
    _show(questionnaire, ())
    _show_wordings(questionnaire, ())
    say("questionnaire.fine", file=file.name)


def _show(questionnaire: Questionnaire, checked: Collection[str]) -> None:
    from survey.store.wordings import left_to_check

    subject = sentence(f"questionnaire.{'sector' if questionnaire.about_sector else 'agency'}")
    click.echo(f"{questionnaire.key}\t{questionnaire.title.vi}")
    numbers = {"items": len(questionnaire.items), "elements": len(questionnaire.elements)}
    echo(sentence("questionnaire.holds", **numbers, subject=subject), indent=2)
    unverified = left_to_check(questionnaire, checked)
    if unverified:
        count = {"count": len(unverified), "all": len(questionnaire.wordings)}
        echo(sentence("questionnaire.unverified", **count), indent=2)
        for trust, number in sorted(Tally(each.source.trust for each in unverified).items()):
            why = sentence(f"questionnaire.trust_{trust.lower()}")
            told = sentence("questionnaire.trust", count=number, why=why, trust=trust)
            echo(told, indent=4)


def _show_wordings(questionnaire: Questionnaire, checked: Collection[str]) -> None:
    from survey.store.wordings import left_to_check

    for wording in left_to_check(questionnaire, checked):
        told = {"place": wording.place, "trust": wording.source.trust, "text": wording.text.vi}
        echo(sentence("questionnaire.to_check", **told), indent=2)
        echo(sentence("questionnaire.source", source=wording.source.text), indent=4)
