"""The command `hailong`: names the commands and turns refusals into exit 1. No command lives here.

A command's module is imported only when it is asked for, so that `hailong --help` is instant.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any, cast

import click

from survey.commands.saying import language, say, speaking
from survey.told import HELP_IN_CODE, choose_language

COMMANDS = {
    "init": "Set up the data folder and the database of an office.",
    "demo": "Fill a demonstration office with simulated answers and serve it.",
    "serve": "Serve the citizens' forms and the staff pages.",
    "doctor": "Check the installation: database, disk, settings, questionnaires.",
    "questionnaire": "List and check questionnaires.",
    "place": "Load, list and change offices, counters, sectors and procedures.",
    "poster": "Print the QR posters of the counters as PDF.",
    "slips": "Issue, count and withdraw one-time slips.",
    "kiosk": "Enrol, list and revoke the tablets of the counters; take what they exported.",
    "dossiers": "Import the monthly export of completed dossiers.",
    "target": "List, set and remove what is to be reached.",
    "indicators": "Enter the one-stop desk's nine indicators, a month each.",
    "recheck": "Draw completed dossiers at random and enter what the people called said.",
    "analyze": "Compute satisfaction, intervals and verdicts.",
    "comments": "Show what citizens wrote.",
    "themes": "Show what comments speak of, by theme.",
    "mapping": "Describe the exports of other tools, so that their answers can be read.",
    "import": "Bring in answers that another tool collected.",
    "export": "Write answers and dossier counts as CSV, Parquet, XLSX or SPSS.",
    "notebook": "Run the monthly notebook and write it as HTML.",
    "report": "Write the report of a period as Word, PDF, Excel, HTML or JSON.",
    "public": "Open, close and make the public page; write what the office did.",
    "backup": "Write the whole office into one file, and read it back.",
    "key": "Make, try and give up the key that backups are encrypted with.",
    "restore": "Make an office out of a backup file.",
    "seal": "Seal the days and months that are over, so that a later change shows.",
    "verify": "Hold the stored answers against their seals.",
    "purge": "Show what goes when its time is over, and delete it.",
    "refresh": "Compute the figures of all offices side by side.",
    "upkeep": "Write stored answers anew, so that nothing tells in which order they came.",
    "user": "Invite, add, list, change and remove staff accounts.",
    "token": "Make, list and revoke the tokens of other programs.",
    "provider": "Set the identity provider that staff may sign in through.",
}

_MODULES = {"import": "import_"}  # a word of the language names no module

_OWN_LANG = ("analyze", "notebook", "poster", "report")  # of what they make, and of what they say


class Commands(click.Group):
    """A group that knows its commands by name and imports them on demand."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Run with these words, speaking the language that they or the environment name."""
        words = sys.argv[1:] if args is None else list(args)
        lang = choose_language(words, os.environ, _system_language())
        with speaking(lang):
            words = _without_language(words)
            if lang != HELP_IN_CODE:
                return self._main_translated(words, *rest, **options)
            return super().main(words, *rest, **options)

    def _main_translated(self, words: Sequence[str], *rest: Any, **options: Any) -> Any:
        from survey.commands.saying import explained, translated

        spoken = cast("Commands", translated(self, ("hailong",)))
        try:
            done = super(Commands, spoken).main(
                words, *rest, **{**options, "standalone_mode": False}
            )
        except click.UsageError as error:
            click.echo(explained(error), err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            sys.exit(1)
        if options.get("standalone_mode", True):
            sys.exit(done if isinstance(done, int) else 0)
        return done

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(
            f"survey.commands.{_MODULES.get(cmd_name, cmd_name)}"
        ).command
        if language() != HELP_IN_CODE:
            from survey.commands.saying import translated

            return translated(command, (cmd_name,))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._short(name)) for name in COMMANDS])

    def _short(self, name: str) -> str:
        if language() == HELP_IN_CODE:
            return COMMANDS[name]
        from survey.commands.saying import help_sentences

        return help_sentences().get(f"short.{name}", language())


def _without_language(words: Sequence[str]) -> list[str]:
    """Leave out a `--lang vi` behind a command that has no such option of its own."""
    named = next((place for place, word in enumerate(words) if word in COMMANDS), None)
    if named is None or words[named] in _OWN_LANG:
        return list(words)
    kept = list(words[: named + 1])
    rest = iter(words[named + 1 :])
    for word in rest:
        if word == "--":
            kept += [word, *rest]
        elif word == "--lang":
            next(rest, None)
        elif not word.startswith("--lang="):
            kept.append(word)
    return kept


def _system_language() -> str | None:
    """The language of Windows, which sets no LANG."""
    if sys.platform != "win32":
        return None
    import ctypes
    from locale import windows_locale

    return windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage())


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"hailong {version('hailong')}")
        ctx.exit()


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: hailong demo --data demo --port 8000",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
@click.option(
    "--lang",
    type=click.Choice(["vi", "en"]),
    expose_value=False,
    help="Of help, messages and questions (default: by LANG).",
)
def cli() -> None:
    """Hài Lòng: is the commune satisfied with its one-stop desk? With evidence, every month."""


def main(**options: Any) -> None:
    """Run the command; exit 0 done, 1 refused (reason and remedy on stderr), 2 usage."""
    from survey.errors import HailongError

    os.umask(0o077)  # what is written is for this account: data, exports, posters
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A Windows console in an old code page must not stop a Vietnamese sentence.
            stream.reconfigure(encoding="utf-8", errors="replace")
    with speaking(choose_language(sys.argv[1:], os.environ, _system_language())):
        try:
            cli(**options)
        except HailongError as error:
            click.echo(f"hailong: {error.said(language())}", err=True)
            raise SystemExit(1) from None
        except OSError as error:  # a full disk, a file that is shut to this account
            if error.errno is None:
                raise
            say("out.system", err=True, why=error)
            raise SystemExit(1) from None
        except KeyboardInterrupt:
            raise SystemExit(130) from None
