"""Staff pages: the month's completed dossiers, from a file of the one-stop system to counts.

A file is looked at once for each thing that is chosen, and what was seen waits beside it for the
officer's word (`survey.uploads`); pages only show that. The steps are those of the command.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from flask import (
    Blueprint,
    make_response,
    render_template,
    request,
)
from werkzeug.wrappers import Response

from questionnaires.bilingual import Told, both
from survey.dossiers.columns import Role
from survey.dossiers.count import judgeable
from survey.dossiers.look import Look, WordKind
from survey.dossiers.mapping import ROLES, assign
from survey.dossiers.plan import ImportPlan, MonthChange
from survey.dossiers.problems import spoken
from survey.dossiers.reading import CountRequest
from survey.errors import DossiersError, HailongError, StoreError
from survey.imports import Proposal, columns_in_use, keep, keep_columns, proposal_of, propose
from survey.places import GENERAL, Places, sector_names
from survey.store.places import load_places
from survey.store.population import Import, last_import, list_imports, undo_last
from survey.told import in_language, spoken_month
from survey.uploads import Upload
from survey.web.desk.frame import say, see_other, staff_frame, staff_sentences
from survey.web.desk.guard import DeskContext, needs, own_places, scope
from survey.web.desk.indicators import add_indicator_pages
from survey.web.desk.sent import drop_sent, keep_sent, noted_step, seen_digest, sent_file
from survey.web.limits import Turn
from survey.web.security import chosen_language

LARGEST: Final = 16 << 20  # bytes of one file
SECONDS: Final = 60.0  # for reading it

# What one page shows; whatever is beyond is counted, and problems are all in a file of their own.
COLUMNS: Final = 20
LINES: Final = 60
IMPORTS: Final = 24
OPTIONS: Final = 240
PROBLEM_LETTERS: Final = 9000

_INDENTATION: Final = re.compile(r"\n\s+")
_MONTH: Final = re.compile(r"\d{4}-\d{2}")
_NEEDED: Final = ("code", "returned")


@dataclass(frozen=True, slots=True)
class DossiersContext(DeskContext):
    """What these pages need, and the date."""

    def today(self) -> date:
        """The date at the office."""
        return self.now().date()


@dataclass(frozen=True, slots=True)
class Step:
    """A file under way, what was seen in it, and what the officer chose about the whole of it."""

    upload: Upload
    proposal: Proposal
    office: str | None
    periods: tuple[str, ...]

    @property
    def seen(self) -> str:
        """As of `seen_digest`."""
        return seen_digest([self.proposal.packed(), self.office, self.periods])


def make_blueprint(office: DossiersContext) -> Blueprint:
    """Return the pages of dossiers, for who imports for an office."""
    pages = Blueprint("dossiers", __name__, url_prefix="/dossiers")
    turn = Turn(1, 1, 10.0)  # a file takes a processor for a while: one at a time in a process

    @pages.get("")
    @needs("import_dossiers")
    def show() -> Response:
        return _home(office)

    @pages.post("")
    @needs("import_dossiers", lambda: LARGEST)
    def send() -> Response:
        return _send(office, turn)

    @pages.get("/<id_>")
    @needs("import_dossiers")
    def look(id_: str) -> Response:
        step = _step(office, id_)
        return _gone() if step is None else _page_of(office, step)

    @pages.get("/<id_>/problems.txt")
    @needs("import_dossiers")
    def problems(id_: str) -> Response:
        step = _step(office, id_)
        return _gone() if step is None else _all_problems(step)

    @pages.post("/<id_>/read")
    @needs("import_dossiers")
    def read(id_: str) -> Response:
        return _read(office, turn, id_)

    @pages.post("/<id_>/keep")
    @needs("import_dossiers")
    def commit(id_: str) -> Response:
        return _commit(office, turn, id_)

    @pages.post("/<id_>/cancel")
    @needs("import_dossiers")
    def cancel(id_: str) -> Response:
        drop_sent(office.config.data, id_)
        return see_other("dossiers.show", said="cancelled")

    @pages.post("/undo")
    @needs("import_dossiers")
    def undo() -> Response:
        return _undo(office)

    add_indicator_pages(pages, office)
    return pages


def _send(office: DossiersContext, turn: Turn) -> Response:
    """Take a file and look at it; one that cannot be opened is not kept."""
    file = sent_file()
    if file is None:
        return _home(office, problem=say("dossiers.no_file"))
    upload = keep_sent(office.config.data, file)
    try:
        with upload.removed_on_failure(), turn.taken():
            _look(office, upload)
    except HailongError as error:
        return _home(office, problem=_told(error))
    return see_other("dossiers.look", id_=upload.id)


def _all_problems(step: Step) -> Response:
    """Everything that is wrong with a file, as text."""
    reply = make_response(in_language(step.proposal.look.refusal or "", chosen_language()))
    reply.mimetype = "text/plain"
    return reply


def _read(office: DossiersContext, turn: Turn, id_: str) -> Response:
    """Take what the officer chose, and look again."""
    step = _step(office, id_)
    if step is None:
        return _gone()
    if request.form.get("seen") != step.seen:
        return _page_of(office, step, problem=say("dossiers.other_page"), status=409)
    try:
        _remember(office, step)
        with turn.taken():
            _look(office, step.upload, _chosen_office(office, step), _chosen_periods(step))
    except HailongError as error:
        return _page_of(office, step, problem=_told(error))
    return see_other("dossiers.look", id_=id_)


def _chosen_office(office: DossiersContext, step: Step) -> str | None:
    chosen = request.form.get("office", step.office)
    return chosen if chosen in {one.id for one in own_places(office.engine).office} else None


def _chosen_periods(step: Step) -> Sequence[str]:
    if "period" not in request.form:
        return step.periods
    chosen = request.form["period"]
    return (chosen,) if _MONTH.fullmatch(chosen) else ()


def _commit(office: DossiersContext, turn: Turn, id_: str) -> Response:
    """Keep what was shown, exactly; where it has been overtaken, show what is so now."""
    step = _step(office, id_)
    if step is None or not _is_own(office, step):
        return _gone()
    if request.form.get("seen") != step.seen:
        return _page_of(office, step, problem=say("dossiers.other_page"), status=409)
    if step.proposal.plan is None or not _is_confirmed(step.proposal.plan):
        return _page_of(office, step, problem=say("dossiers.tick_first"))
    try:
        keep(office.engine, step.proposal, step.upload.name, office.today(), by=office.by)
    except StoreError as error:
        reason = _told(error)
        with turn.taken():
            _look(office, step.upload, step.office, step.periods)
        again = _step(office, id_)
        problem = say("dossiers.overtaken", reason=reason)
        return _gone() if again is None else _page_of(office, again, problem=problem, status=409)
    step.upload.remove()
    return see_other("dossiers.show", said="kept")


def _is_own(office: DossiersContext, step: Step) -> bool:
    """Whether all that would change is still the account's: its role may have changed since."""
    own, plan = scope(office.engine).offices, step.proposal.plan
    return plan is None or all(change.office in own for change in plan.changes)


def _undo(office: DossiersContext) -> Response:
    """Say what taking back the last import does, and do it once that is confirmed."""
    batch = request.form.get("batch", "")
    last = _last(office)
    if not last or last[0].batch != batch:
        return _home(office, problem=say("dossiers.not_last"), status=409)
    if "sure" not in request.form:
        return _page("undo_dossiers", last=_entry(last, _names(office)), batch=batch)
    try:
        undo_last(office.engine, office.today(), batch, by=office.by)
    except StoreError as error:
        return _home(office, problem=_told(error), status=409)
    return see_other("dossiers.show", said="undone")


def _imports(office: DossiersContext) -> list[Import]:
    """What was imported for the account's own offices."""
    own = scope(office.engine).offices
    return [one for one in list_imports(office.engine) if one.office in own]


def _last(office: DossiersContext) -> Sequence[Import]:
    """The last import, where all of it is for the account's own offices: it is undone whole."""
    own, last = scope(office.engine).offices, last_import(office.engine)
    return last if all(one.office in own for one in last) else ()


def _gone() -> Response:
    return see_other("dossiers.show", said="gone")


def _told(error: HailongError) -> str:
    return error.said(chosen_language())


def _look(
    office: DossiersContext,
    upload: Upload,
    chosen: str | None = None,
    periods: Sequence[str] = (),
) -> None:
    """Look at a file with what is known and chosen now, and keep what was seen beside it."""
    asked = CountRequest(
        places=own_places(office.engine),
        columns=columns_in_use(office.config.data),
        today=office.today(),
        office=chosen,
        periods=frozenset(periods),
        zone=office.config.zone,
    )
    found = propose(office.engine, upload.content(), upload.name, asked, seconds=SECONDS)
    upload.note("step", {"proposal": found.packed(), "office": chosen, "periods": sorted(periods)})


def _step(office: DossiersContext, id_: str) -> Step | None:
    """What is under way under this address; None where it is gone, or another account's."""
    noted = noted_step(office.config.data, id_)
    if noted is None:
        return None
    upload, found = noted
    proposal = proposal_of(found["proposal"])
    return Step(upload, proposal, found["office"], tuple(found["periods"]))


def _is_confirmed(plan: ImportPlan) -> bool:
    replaced = not plan.of("changed") or "replace" in request.form
    return replaced and (not plan.doubts or "doubts" in request.form)


def _remember(office: DossiersContext, step: Step) -> None:
    """Keep what was chosen for headings and words, for this month and the next.

    Raises DossiersError where a needed column is not chosen, or one meaning twice.
    """
    columns = columns_in_use(office.config.data)
    meanings, words = _chosen_meanings(step.proposal.look), _chosen_words(office, step)
    if meanings or words:
        keep_columns(office.config.data, assign(columns, meanings, words))


def _chosen_meanings(look: Look) -> dict[str, Role | None]:
    """The headings whose meaning was changed in the form."""
    changed: dict[str, Role | None] = {}
    chosen: Counter[str] = Counter()
    for place, column in enumerate(look.columns):
        given = request.form.get(f"column-{place}", column.meaning or "")
        if given in ROLES:
            chosen[given] += 1
        if column.heading and given != (column.meaning or "") and (not given or given in ROLES):
            changed[column.heading] = given or None
    for role, times in chosen.items():
        if times > 1:
            raise DossiersError(_both("dossiers.role_twice", role))
    return changed


def _both(key: str, role: str) -> Told:
    told = staff_sentences()
    return both(lambda lang: told.get(key, lang, role=told.get(f"dossiers.role.{role}", lang)))


def _chosen_words(office: DossiersContext, step: Step) -> dict[tuple[WordKind, str], str]:
    places = own_places(office.engine)
    offices, sectors = {one.id for one in places.office}, {one.id for one in places.sector}
    chosen = {}
    for number, unknown in enumerate(step.proposal.look.unknown):
        given = request.form.get(f"word-{number}", "")
        if given in (offices if unknown.kind == "office" else sectors):
            chosen[unknown.kind, unknown.word] = given
    return chosen


def _page(template: str, /, status: int = 200, **content: object) -> Response:
    html = render_template(f"staff/{template}.html", **staff_frame(), **content)
    return make_response(_INDENTATION.sub("\n", html), status)


def _home(office: DossiersContext, *, problem: str | None = None, status: int = 422) -> Response:
    """Where a file is sent, and what was imported."""
    names = _names(office)
    last = _last(office)
    imports = [
        _entry(tuple(lines), names)
        for _, lines in groupby(_imports(office), lambda one: one.batch or id(one))
    ]
    said = request.args.get("said") if problem is None else None
    return _page(
        "dossiers",
        status if problem else 200,
        problem=problem,
        said=said if said in ("kept", "cancelled", "undone", "gone") else None,
        imports=imports[: -IMPORTS - 1 : -1],
        more=max(0, len(imports) - IMPORTS),
        undoable=last[0].batch if last else None,
        most=LARGEST >> 20,
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One import of the history, for people."""

    batch: str | None
    day: str
    file: str
    months: tuple[tuple[str, int, int | None], ...]
    undone: str | None


def _entry(lines: Sequence[Import], names: dict[str, str]) -> Entry:
    first = lines[0]
    return Entry(
        batch=first.batch,
        day=f"{first.source.imported_on:%d/%m/%Y}",
        file=first.source.file_name,
        months=tuple(
            (_month_name(line.period, line.office, names), line.completed, line.replaced)
            for line in lines
        ),
        undone=None if first.undone_on is None else f"{first.undone_on:%d/%m/%Y}",
    )


def _names(office: DossiersContext) -> dict[str, str]:
    """Sectors by name; with several offices, offices too."""
    lang, places = chosen_language(), load_places(office.engine, gone_too=True)
    names = {GENERAL: say("comments.general")} | sector_names(places, lang)
    if len(places.office) > 1:
        names |= {f"office:{one.id}": one.name.get(lang) for one in places.office}
    return names


def _month_name(period: str, office: str, names: dict[str, str]) -> str:
    month = spoken_month(period)
    name = names.get(f"office:{office}")
    return f"{month} · {name}" if name else month


def _page_of(
    office: DossiersContext, step: Step, *, problem: str | None = None, status: int = 422
) -> Response:
    """What was seen in a file and what it would change."""
    look, plan, lang = step.proposal.look, step.proposal.plan, chosen_language()
    places = own_places(office.engine)
    problems = [in_language(one, lang) for one in look.problems]
    missing = _missing(look)
    shown = _within(problems)
    return _page(
        "look_at_dossiers",
        status if problem else 200,
        step=step,
        look=look,
        plan=plan,
        problem=problem,
        missing=missing,
        problems=() if missing else shown,
        hidden_problems=0 if missing else len(problems) - len(shown),
        columns=_columns_shown(look),
        roles=ROLES,
        words=_words_shown(look, places, lang),
        places=places,
        months=_months(look),
        change=None if plan is None else _changes(plan, _names(office)),
        told=lambda text: in_language(text, lang),
        skipped=None if look.counted is None else _skipped(look, lang),
        census=None if plan is None else _census(plan),
        month_name=lambda change: _month_name(change.period, change.office, _names(office)),
    )


def _missing(look: Look) -> list[str]:
    """The columns that nobody has named yet; none where that is not what is wrong."""
    if not look.guessed or look.kind == "population" or not look.columns:
        return []
    missing = [say(f"dossiers.role.{role}") for role in _NEEDED if role not in look.meanings]
    if {"sector", "procedure"}.isdisjoint(look.meanings):
        missing.append(say("dossiers.role.sector"))
    return missing


def _within(problems: Sequence[str]) -> list[str]:
    """The first problems that a page has room for; of a very long one, its beginning."""
    shown: list[str] = []
    left = PROBLEM_LETTERS
    for one in problems:
        left -= min(len(one), 2000)
        if left < 0:
            break
        shown.append(one if len(one) <= 2000 else f"{one[:2000]}…")
    return shown


def _columns_shown(look: Look) -> list[tuple[int, Any]]:
    """Columns with their places: those that are read, and the first of the others, in order."""
    placed = [(place, one) for place, one in enumerate(look.columns) if one.heading]
    others = [each for each in placed if each[1].meaning is None]
    read = [each for each in placed if each[1].meaning is not None]
    return sorted(read + others[: max(0, COLUMNS - len(read))], key=lambda each: each[0])


def _words_shown(look: Look, places: Places, lang: str) -> list[tuple[int, Any, str, list[Any]]]:
    """Unknown words with their rows and what they may be, as many as a page has room for."""
    shown: list[tuple[int, Any, str, list[Any]]] = []
    left = OPTIONS
    for number, unknown in enumerate(look.unknown):
        choices: list[Any] = list(places.office if unknown.kind == "office" else places.sector)
        left -= len(choices) + 2
        if left < 0 and shown:
            break
        rows = in_language(spoken(unknown.rows), lang)
        shown.append((number, unknown, rows, choices))
    return shown


def _months(look: Look) -> list[str]:
    if look.counted is None:
        return []
    return sorted({count.period for count in look.counted.counts}, reverse=True)


def _skipped(look: Look, lang: str) -> list[str]:
    """Why rows of a file are not counted, a sentence each with their number."""
    counted = look.require()
    lines = []
    if counted.not_returned:
        lines.append(say("dossiers.not_returned", count=counted.not_returned))
    if counted.outside:
        lines.append(say("dossiers.outside", count=counted.outside))
    if counted.no_dossiers:
        rows = in_language(spoken(counted.no_dossiers), lang)
        lines.append(say("dossiers.no_dossiers", count=len(counted.no_dossiers), rows=rows))
    return lines


def _census(plan: ImportPlan) -> dict[str, Any]:
    """Of how many dossiers each census figure can be told: rows of a table, and what is missing."""
    found = judgeable(count for change in plan.changes for count in change.after)
    return {
        "rows": [
            (say(f"dossiers.census.{one.figure}"), one.known, one.unknown or "–") for one in found
        ],
        "missing": [say(f"dossiers.no_census.{one.figure}") for one in found if not one.known],
    }


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import would change: four counts, and lines of month or sector, before and after."""

    new: tuple[int, int]
    changed: tuple[int, int]
    unchanged: tuple[int, int]
    rows: list[tuple[str, object, object]]
    strong: list[int]
    more: int


def _changes(plan: ImportPlan, names: dict[str, str]) -> Changes:
    rows: list[tuple[str, object, object]] = []
    strong: list[int] = []
    by_sector = sum(1 + len(change.after) for change in plan.changes) <= LINES
    for change in plan.changes[:LINES]:
        strong.append(len(rows))
        before: object = change.replaced if change.before else "–"
        rows.append((_month_name(change.period, change.office, names), before, change.completed))
        if by_sector:
            rows.extend(_by_sector(change, names))
    return Changes(
        _sum(plan.of("new")),
        _sum(plan.of("changed")),
        _sum(plan.of("unchanged")),
        rows,
        strong,
        max(0, len(plan.changes) - LINES),
    )


def _sum(changes: Sequence[MonthChange]) -> tuple[int, int]:
    """How many months, and how many dossiers in them."""
    return len(changes), sum(change.completed for change in changes)


def _by_sector(change: MonthChange, names: dict[str, str]) -> Iterator[tuple[str, object, object]]:
    before = {count.sector: count.completed for count in change.before}
    after = {count.sector: count.completed for count in change.after}
    found = {*before, *after}
    in_order = [one for one in names if one in found]
    for sector in (*in_order, *sorted(found - {*names})):
        yield names.get(sector, sector), before.get(sector, "–"), after.get(sector, "–")
