"""`hailong doctor`: looks the installation over and says what to do."""

from __future__ import annotations

from pathlib import Path

import click

from survey.commands.options import data_option, open_installation
from survey.commands.saying import echo, language, words
from survey.errors import HailongError
from survey.told import sentence


@click.command(epilog="Example: hailong doctor --data office")
@data_option
def command(data: Path | None) -> None:
    """Check database, disk, settings, tablets, questions, links; exit 1 where one is broken."""
    from survey.doctor import look_over
    from survey.web.desk.tablets import tell

    with open_installation(data) as office:
        findings = [
            finding
            for _, finding in look_over(
                office, lambda watched: tell(watched, language(), office.now)
            )
        ]
    for finding in findings:
        click.echo(f"{words(f'doctor.{finding.mark}'):8}", nl=False)
        echo(finding.said)
    broken = sum(finding.mark == "error" for finding in findings)
    if broken:
        raise HailongError(sentence("doctor.broken", broken=broken, count=len(findings)))
