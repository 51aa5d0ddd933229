"""The option `--period` of every command, read as the pages read it: also in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from survey.commands.saying import language, words
from survey.told import in_language

if TYPE_CHECKING:
    from analysis.period import Period


def read_period(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Period | None:
    """Read '2026-10', '10/2026', 'tháng 10/2026', 'Quý IV/2026'; None where nothing is given."""
    from analysis.period import written_period
    from analysis.problems import PeriodError

    try:
        return None if value is None else written_period(value)
    except PeriodError as error:
        raise click.BadParameter(in_language(error.args[0], language())) from error


period_option = click.option(
    "--period",
    required=True,
    callback=read_period,
    metavar="P",
    help="10/2026, 2026-10, 2026-Q4, 2026-H2, 2026 or 12m:2026-10.",
)


def read_months(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> frozenset[str]:
    """Read single months, each as `read_period` does; return them as 'YYYY-MM'."""
    months: set[str] = set()
    for text in given:
        period = read_period(ctx, param, text)
        if period is None or len(period.months) != 1:
            raise click.BadParameter(words("dossiers.not_month", period=text))
        months.update(period.months)
    return frozenset(months)
