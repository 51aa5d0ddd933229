"""`hailong export`: single answers and dossier counts as files, for the office's own analyst.

Owns options and what is said. Rows come from `store`, files from `exports`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import (
    Installation,
    data_option,
    open_installation,
    out_file,
    read_period,
)
from survey.commands.saying import say, words
from survey.errors import ExportError

if TYPE_CHECKING:
    import pyarrow as pa

    from analysis.period import Period
    from survey.export_labels import Labels
    from survey.exports import Kept, LayoutName


@click.command(
    epilog="Example: hailong export responses --period 2026-10 --out answers.csv"
    "  or: hailong export --parquet archive"
)
@click.argument("layout", type=click.Choice(["responses", "population"]), required=False)
@click.option(
    "--period",
    callback=read_period,
    metavar="P",
    help="10/2026, 2026-10, 2026-Q4, 2026-H2, 2026 or 12m:2026-10.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    callback=out_file,
    help="Its ending chooses: .csv, .parquet, .xlsx, .sav (SPSS) or .dta (Stata).",
)
@click.option(
    "--design",
    is_flag=True,
    help="Of responses: answers to the overall question with strata and weights, for R or Stata.",
)
@click.option(
    "--parquet",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Every month that is over, each once: FOLDER/responses, FOLDER/population.",
)
@data_option
def command(
    *,
    layout: LayoutName | None,
    period: Period | None,
    out: Path | None,
    design: bool,
    folder: Path | None,
    data: Path | None,
) -> None:
    """Write answers or dossier counts in the published layouts (docs/data-layouts.md).

    Either `responses` or `population` of a period to one file, or with --parquet every closed month
    to a folder that grows: a month that is there unchanged is left alone, and a month whose rows
    changed since is replaced at once and said so.

    Responses are SINGLE ANSWERS, for the office's own analyst: even without names, someone who
    knows a citizen's visit may recognise an answer. Do not publish them or pass them on. Comments
    and what people said of themselves are never exported, and the order of the rows tells nothing.
    """
    if folder is not None:
        if layout or period or out or design:
            raise click.UsageError(words("export.alone"))
        with open_installation(data) as installation:
            _keep_months(installation, folder)
    elif design and layout == "population":
        raise click.UsageError(words("export.design"))
    elif layout and period and out:
        from survey.export_files import check_ending

        check_ending(out)
        with open_installation(data) as installation:
            _write_file(installation, layout, period, out, design=design)
    else:
        raise click.UsageError(words("export.what"))


def _write_file(
    installation: Installation, layout: LayoutName, period: Period, out: Path, *, design: bool
) -> None:
    from survey.export_files import Beside, write
    from survey.figures.office import require_answers

    beside = None
    if layout == "population":
        table, labels = _population(installation, period)
    else:
        require_answers(installation.engine, period)
        table, labels = (_design if design else _responses)(installation, period)
        beside = Beside(*_population(installation, period))
    write(table, out, labels, beside)
    click.echo(f"{out}\t{words('export.rows', count=len(table))}\t{period.text}")
    if layout == "responses" and period.last >= installation.today:
        say("export.running", err=True)


def _responses(installation: Installation, period: Period) -> tuple[pa.Table, Labels]:
    from survey.export_labels import responses_labels
    from survey.exports import responses_table
    from survey.store.places import load_places
    from survey.store.questionnaires import published_questionnaires
    from survey.store.views import read_rows

    rows = read_rows(installation.engine, period.first, period.last)
    known = published_questionnaires(installation.engine)
    asked = [known[key] for key in rows.questionnaires if key in known]
    labels = responses_labels(asked, load_places(installation.engine, gone_too=True))
    table = responses_table(rows.columns, rows.items, rows.parts)
    return _marked(installation, table, after="flag"), labels


def _design(installation: Installation, period: Period) -> tuple[pa.Table, Labels]:
    """Single answers with their strata and weights, as the figures of the period rest on them."""
    import analysis
    from survey.export_labels import design_labels
    from survey.exports import design_table
    from survey.store.places import load_places
    from survey.store.questionnaires import published_questionnaires

    url = installation.config.database_url
    known = published_questionnaires(installation.engine)
    with analysis.read(
        url, url, questionnaires=known, trusted=True, today=installation.today
    ) as data:
        frame = analysis.estimate(data, period).to_responses()
    asked = [known[key] for key in sorted(set(frame["questionnaire"])) if key in known]
    labels = design_labels(asked, load_places(installation.engine, gone_too=True))
    return _marked(installation, design_table(frame), after="satisfied"), labels


def _marked(installation: Installation, table: pa.Table, *, after: str) -> pa.Table:
    """What leaves a demonstration says in every row that it is made up."""
    from survey.exports import simulated

    return simulated(table, after=after) if installation.config.simulated else table


def _population(installation: Installation, period: Period) -> tuple[pa.Table, Labels]:
    from questionnaires.layout import POPULATION
    from survey.export_labels import population_labels
    from survey.exports import population_table
    from survey.store.places import load_places
    from survey.store.population import load_counts

    counts = load_counts(installation.engine, period.months)
    rows = (tuple(getattr(count, name) for name in POPULATION) for count in counts)
    labels = population_labels(load_places(installation.engine, gone_too=True))
    return _marked(installation, population_table(rows), after=POPULATION[-1]), labels


def _keep_months(installation: Installation, folder: Path) -> None:
    """Every closed month, oldest first; months that fail do not stop the others."""
    from questionnaires.bilingual import joined
    from survey.exports import write_manifest
    from survey.store.purges import purged_months

    failed = []
    purged = purged_months(installation.engine)
    for layout, month in _closed(installation, folder):
        if layout == "responses" and month in purged:
            click.echo(f"{layout}\t{month}\t{words('purge.export', day=purged[month])}")
            continue
        try:
            click.echo(_told(_keep(installation, folder, layout, month)))
        except ExportError as error:
            failed.append(error.args[0])
    write_manifest(folder)
    if failed:
        raise ExportError(joined(failed))


def _closed(installation: Installation, folder: Path) -> Iterator[tuple[LayoutName, str]]:
    """Months over by the office's date, of the database or already in the folder."""
    from survey.exports import LAYOUTS, months_in
    from survey.store.population import load_counts
    from survey.store.views import months_answered

    known = {
        "responses": months_answered(installation.engine),
        "population": tuple({count.period for count in load_counts(installation.engine)}),
    }
    for layout in LAYOUTS:
        for month in sorted({*known[layout], *months_in(folder, layout)}):
            if month < f"{installation.today:%Y-%m}":
                yield layout, month


def _keep(installation: Installation, folder: Path, layout: LayoutName, month: str) -> Kept:
    from analysis.period import parse_period
    from survey.exports import keep_month

    period, today = parse_period(month), installation.today
    table, _ = (_responses if layout == "responses" else _population)(installation, period)
    return keep_month(folder, layout, month, table, today)


def _told(kept: Kept) -> str:
    """One line: the layout, the month, its rows, and what was done."""
    done = words("export.unchanged" if kept.unchanged else "export.written")
    if not kept.unchanged and kept.before is not None:
        since = date.fromisoformat(kept.before.exported_on)
        numbers = {"now": kept.now.revision, "before": kept.before.revision}
        done = words("export.changed", day=since, rows=kept.before.rows, **numbers)
    rows = words("export.rows", count=kept.now.rows)
    return f"{kept.layout}\t{kept.month}\t{rows}\t{done}"
