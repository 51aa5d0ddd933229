"""Staff pages of files that take a while: the monthly notebook and exports, each made as a job.

Every file is that of a command (`hailong notebook`, `hailong export`): one way to make it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, make_response, render_template, request
from werkzeug.wrappers import Response

from survey.access import may
from survey.jobs import Job, add_job, find_job, list_jobs
from survey.store.places import list_offices
from survey.store.staff_actions import noted
from survey.web.desk import report_sentences, reports
from survey.web.desk.frame import attachment, say, see_other, staff_frame
from survey.web.desk.guard import DeskContext, Scope, needs, office_names, scope
from survey.web.desk.results import period_choices
from survey.web.desk.sent import owner
from survey.web.security import chosen_language

AGAIN_SECONDS: Final = 2


@dataclass(frozen=True, slots=True)
class FileKind:
    """A file that can be asked for: the command that makes it, and its ending.

    `whole`: it has every office, and is for who may see every office.
    """

    key: str
    words: tuple[str, ...]
    suffix: str
    whole: bool = False


_NOTEBOOK: Final = ("notebook",)
_ANSWERS: Final = ("export", "responses")
_DOSSIERS: Final = ("export", "population")
KINDS: Final = (
    FileKind("notebook", _NOTEBOOK, ".html"),
    FileKind("published", (*_NOTEBOOK, "--published"), ".html"),
    FileKind("notebook_ipynb", _NOTEBOOK, ".ipynb"),
    FileKind("responses_xlsx", _ANSWERS, ".xlsx", whole=True),
    FileKind("responses_csv", _ANSWERS, ".csv", whole=True),
    FileKind("responses_sav", _ANSWERS, ".sav", whole=True),
    FileKind("responses_parquet", _ANSWERS, ".parquet", whole=True),
    FileKind("population_xlsx", _DOSSIERS, ".xlsx", whole=True),
    FileKind("population_csv", _DOSSIERS, ".csv", whole=True),
)


def make_blueprint(context: DeskContext) -> Blueprint:
    """Return the pages; a file is for the account that asked for it."""
    pages = Blueprint("files", __name__, url_prefix="/files")

    @pages.get("")
    @needs("make_files")
    def show() -> str:
        return _page(context, scope(context.engine))

    @pages.post("")
    @needs("make_files")
    def ask() -> Response | tuple[str, int]:
        return _ask(context, scope(context.engine))

    @pages.get("/<id_>")
    @needs("make_files")
    def job(id_: str) -> Response:
        return _job(_found(context, id_))

    @pages.get("/<id_>/file")
    @needs("make_files")
    def download(id_: str) -> Response:
        return _download(_found(context, id_))

    @pages.post("/<id_>/cancel")
    @needs("make_files")
    def cancel(id_: str) -> Response:
        _found(context, id_).cancel()
        return see_other("files.show")

    reports.add_pages(pages, context)
    report_sentences.add_pages(pages, context)
    return pages


def _found(context: DeskContext, id_: str) -> Job:
    """A job of whoever asks; another one is not there."""
    job = find_job(context.config.data, owner(), id_)
    if job is None or not job.about:
        abort(404)
    return job


def _offered(reach: Scope) -> Sequence[FileKind]:
    return [kind for kind in KINDS if reach.whole or not kind.whole]


def _page(context: DeskContext, reach: Scope, problem: str = "") -> str:
    lang, today = chosen_language(), context.now().date()
    offices = [one for one in list_offices(context.engine) if one.id in reach.offices]
    choices = period_choices(today, lang)
    return render_template(
        "staff/files.html",
        **staff_frame(),
        kinds=[(kind.key, say(f"files.kind_{kind.key}")) for kind in _offered(reach)],
        kind=request.values.get("kind", ""),
        choices=choices,
        period=request.values.get("period", choices["m1"][1][0]),
        # Whoever may see all offices may have them together; others one at a time.
        offices=offices if len(offices) > 1 else (),
        office=request.values.get("office", "" if reach.whole else offices[0].id),
        jobs=[job for job in list_jobs(context.config.data, owner()) if job.about],
        told=_told,
        problem=problem,
        bring_in=may(reach.grant, "bring_in_answers"),
    )


def _ask(context: DeskContext, reach: Scope) -> Response | tuple[str, int]:
    from analysis.errors import PeriodError
    from analysis.period import written_period

    lang = chosen_language()
    kind = next((k for k in _offered(reach) if k.key == request.form.get("kind")), None)
    if kind is None:
        abort(404)
    try:
        period = written_period(request.form.get("period", ""))
    except PeriodError:
        abort(404)
    words = [*kind.words, "--period", period.text]
    office = request.form.get("office") or (None if reach.whole else reach.grant.office)
    if office is not None:
        reach.require("make_files", office)
    if kind.words[0] == "notebook":
        words += ["--lang", lang, *(("--office", office) if office else ())]
    name = office_names(context.engine).get(office, "") if office and not kind.whole else ""
    called = say(f"files.kind_{kind.key}")
    about = {"kind": called, "period": period.called(lang), "office": name}
    with noted(context.engine, context.by, "file_asked", office, file=called, period=period.text):
        job = add_job(context.config.data, owner(), words, kind.suffix, lang, about)
    return see_other("files.job", id_=job.id)


def _told(job: Job) -> str:
    """What a job makes, in words."""
    return " · ".join(filter(None, (job.about[name] for name in ("kind", "period", "office"))))


def _job(job: Job) -> Response:
    state = job.state
    reply = make_response(
        render_template(
            "staff/job.html",
            **staff_frame(),
            job=job,
            state=state,
            progress=job.progress,
            reason=job.reason(chosen_language()),
            told=_told,
        )
    )
    if state in ("waiting", "running"):
        reply.headers["Refresh"] = str(AGAIN_SECONDS)
    return reply


def _download(job: Job) -> Response:
    if job.state != "done":
        abort(404)
    name = f"hailong-{job.words[0]}-{job.words[job.words.index('--period') + 1]}{job.suffix}"
    content = job.file.read_bytes()
    return attachment(content, "application/octet-stream", name.replace(":", "-"))
