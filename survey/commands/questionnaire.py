"""`hailong questionnaire`: which questionnaires there are, and whether a file is a right one."""

from __future__ import annotations

from collections import Counter as Tally
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.installation import data_option
from survey.config import load_config
from survey.errors import HailongError

if TYPE_CHECKING:
    from questionnaires import Questionnaire

TRUST = {
    "B": "only the opening of a press or law page was read",
    "C": "a third party's reconstruction",
    "M": "from memory",
}


@click.group(epilog="Example: hailong questionnaire list")
def command() -> None:
    """List and check questionnaires."""


@command.command("list", epilog="Example: hailong questionnaire list --wordings")
@click.option("--wordings", is_flag=True, help="Show every wording to be checked, with its source.")
@data_option
def list_(wordings: bool, data: Path | None) -> None:
    """Show the shipped questionnaires and the office's own, and what is still to be checked."""
    from survey.installed import installed_questionnaires

    for questionnaire in installed_questionnaires(load_config(data)).values():
        _show(questionnaire)
        if wordings:
            _show_wordings(questionnaire)


@command.command(epilog="Example: hailong questionnaire check desk.v2.toml")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Read a questionnaire FILE and show what it holds, or everything that is wrong with it."""
    from questionnaires import QuestionnaireError, load_file

    try:
        questionnaire = load_file(file)
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise HailongError(f"{file}: {reason}; check the name of the file") from error
    except QuestionnaireError as error:
        raise HailongError(str(error)) from error
    _show(questionnaire)
    _show_wordings(questionnaire)
    click.echo(f"{file.name}: nothing is wrong with it")


def _show(questionnaire: Questionnaire) -> None:
    subject = "about one sector" if questionnaire.about_sector else "about the agency in general"
    click.echo(f"{questionnaire.key}\t{questionnaire.title.vi}")
    click.echo(
        f"  {len(questionnaire.items)} items in {len(questionnaire.elements)} elements, {subject}"
    )
    unverified = questionnaire.unverified
    if unverified:
        click.echo(
            f"  {len(unverified)} of {len(questionnaire.wordings)} wordings to be checked against "
            "the decision"
        )
        for trust, number in sorted(Tally(each.source.trust for each in unverified).items()):
            click.echo(f"    {number} {TRUST[trust]} ({trust})")


def _show_wordings(questionnaire: Questionnaire) -> None:
    for wording in questionnaire.unverified:
        click.echo(f"  to be checked: {wording.place} ({wording.source.trust}): {wording.text.vi}")
        click.echo(f"    source: {wording.source.text}")
