"""Staff pages: answers that another tool collected, from its file into the office.

The file waits in `survey.uploads` for a day at most; what its columns hold is drafted, chosen and
tried before anything is stored. The steps are those of the command (`survey.past_answers`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from questionnaires import Questionnaire
from questionnaires.wording import LANGUAGES
from survey.errors import HailongError
from survey.past_answers import NotTaken, PastAnswers, PastRows, take
from survey.past_file import PastFile, look, read
from survey.places import GENERAL, Places, sector_names
from survey.store.past import PastSource, undo_past
from survey.store.places import load_places
from survey.store.questionnaires import published_questionnaires
from survey.told import in_language, spoken_month
from survey.uploads import Upload
from survey.web.desk.frame import say, see_other, staff_frame
from survey.web.desk.guard import DeskContext, needs, office_names, own_places, scope
from survey.web.desk.past_imports import IMPORTS, entry_of, own_imports
from survey.web.desk.past_mapping import (
    FIXED,
    FORMATS,
    MEANT,
    SKIP,
    WORDS,
    ZONES,
    Step,
    chosen,
    drafted,
    former_words,
    known_ids,
    meanings_of,
    role_words,
    strange_words,
    to_be_chosen,
    words_of,
)
from survey.web.desk.sent import drop_sent, keep_sent, noted_step, sent_file
from survey.web.limits import Turn
from survey.web.security import chosen_language

LARGEST: Final = 8 << 20  # bytes of one file
REASONS: Final = 40  # rows that are told
PREVIEW: Final = 5
LISTS: Final = 30_000  # bytes of the lists to choose a column's meaning from
_SHORT: Final = 48  # characters of a question in such a list


def make_blueprint(context: DeskContext) -> Blueprint:
    """Return the pages, for who may bring answers into an office."""
    pages = Blueprint("past", __name__, url_prefix="/past-answers")
    turn = Turn(1, 1, 10.0)  # a file takes a processor for a while: one at a time in a process

    @pages.get("")
    @needs("bring_in_answers")
    def show() -> Response:
        return _home(context)

    @pages.post("")
    @needs("bring_in_answers", lambda: LARGEST)
    def send() -> Response:
        return _send(context, turn)

    @pages.get("/<id_>")
    @needs("bring_in_answers")
    def one(id_: str) -> Response:
        step = _step(context, id_)
        return _gone() if step is None else _page(context, step)

    @pages.post("/<id_>/try")
    @needs("bring_in_answers")
    def attempt(id_: str) -> Response:
        return _try(context, turn, id_)

    @pages.post("/<id_>/keep")
    @needs("bring_in_answers")
    def keep(id_: str) -> Response:
        return _keep(context, turn, id_)

    @pages.post("/<id_>/cancel")
    @needs("bring_in_answers")
    def cancel(id_: str) -> Response:
        drop_sent(context.config.data, id_)
        return see_other("past.show", said="cancelled")

    @pages.post("/undo")
    @needs("bring_in_answers")
    def undo() -> Response:
        return _undo(context)

    return pages


def _gone() -> Response:
    return see_other("past.show", said="gone")


def _home(context: DeskContext, problem: str | None = None, status: int = 422) -> Response:
    lang = chosen_language()
    said = request.args.get("said") if problem is None else None
    imports = own_imports(context.engine)
    page = render_template(
        "staff/past.html",
        **staff_frame(),
        problem=problem,
        said=said if said in ("cancelled", "gone", "undone") else None,
        most=LARGEST >> 20,
        questionnaires=[
            (one.key, in_language(one.called, lang)) for one in _asked(context).values()
        ],
        questionnaire=request.form.get("questionnaire", ""),
        imports=[entry_of(context.engine, one) for one in imports[: -IMPORTS - 1 : -1]],
        more=max(0, len(imports) - IMPORTS),
    )
    return Response(page, status if problem else 200, mimetype="text/html")


def _undo(context: DeskContext) -> Response:
    """Say what taking back an import does, and do it once that is confirmed."""
    batch, own = request.form.get("batch", ""), scope(context.engine).offices
    found = next((one for one in own_imports(context.engine) if one.source.batch == batch), None)
    if found is None or not found.offices <= own:
        return _home(context, say("past.no_import"), 409)
    if "sure" not in request.form and found.state == "open":
        page = render_template(
            "staff/undo_past.html", **staff_frame(), one=entry_of(context.engine, found)
        )
        return Response(page, mimetype="text/html")
    try:
        undo_past(context.engine, batch, context.by)
    except HailongError as error:
        return _home(context, error.said(chosen_language()), 409)
    return see_other("past.show", said="undone")


def _asked(context: DeskContext) -> Mapping[str, Questionnaire]:
    """The questionnaires that answers may be to, the newest first."""
    return dict(reversed(published_questionnaires(context.engine).items()))


def _send(context: DeskContext, turn: Turn) -> Response:
    """Take a file and look at it; one that cannot be read is not kept."""
    file = sent_file()
    key = request.form.get("questionnaire", "")
    if file is None:
        return _home(context, say("past.no_file"))
    if key not in _asked(context):
        return _home(context, say("past.no_questionnaire"))
    upload = keep_sent(context.config.data, file)
    try:
        with upload.removed_on_failure(), turn.taken():
            found = look(_file(context, upload, key))
    except HailongError as error:
        return _home(context, error.said(chosen_language()))
    mapping = drafted(found["mapping"], own_places(context.engine))
    if mapping["date"].get("column") not in {one["heading"] for one in found["columns"]}:
        mapping["date"].pop("column", None)
    upload.note("step", {**found, "mapping": mapping, "tried": None})
    return see_other("past.one", id_=upload.id)


def _file(context: DeskContext, upload: Upload, key: str) -> PastFile:
    names = sector_names(load_places(context.engine), "vi")
    return PastFile(upload.path, upload.name, _asked(context)[key], names)


def _step(context: DeskContext, id_: str) -> Step | None:
    """What is under way under this address; None where it is gone, or another account's."""
    noted = noted_step(context.config.data, id_)
    return None if noted is None else Step(*noted)


def _try(context: DeskContext, turn: Turn, id_: str) -> Response:
    """Take what was chosen, and say what would come of it; nothing is stored."""
    step = _step(context, id_)
    if step is None or "done" in step.found:
        return _gone()
    if request.form.get("seen") != step.seen:
        return _page(context, step, problem=say("dossiers.other_page"), status=409)
    try:
        mapping = chosen(step, own_places(context.engine), _asked(context))
        if "open" in request.form:
            step.upload.note("step", {**step.found, "mapping": mapping, "tried": None})
            place = str(_number(request.form["open"]))
            return see_other("past.one", id_=id_, column=place, _anchor=f"head-{place}")
        if missing := to_be_chosen(mapping):
            step.upload.note("step", {**step.found, "mapping": mapping, "tried": None})
            problem = say("past.missing", columns=", ".join(missing))
            return _page(context, Step(step.upload, step.upload.noted("step")), problem=problem)
        with turn.taken():
            found = read(_file(context, step.upload, mapping["questionnaire"]), mapping)
        tried = (
            _tried(context, step.upload, found)
            if isinstance(found, PastRows)
            else {"unread": found}
        )
    except HailongError as error:
        return _page(context, step, problem=error.said(chosen_language()))
    step.upload.note("step", {**step.found, "mapping": mapping, "tried": tried})
    return see_other("past.one", id_=id_)


def _tried(context: DeskContext, upload: Upload, found: PastRows) -> dict[str, Any]:
    """What taking these rows would do."""
    own = scope(context.engine).offices
    told = take(context.engine, found, _source(upload), context.by, dry_run=True, offices=own)
    months = Counter(f"{row.values['answered_on']:%Y-%m}" for row in found.rows)
    return {
        **_counts(told),
        "months": sorted(months.items()),
        "preview": [
            {
                **{name: row.values[name] for name in ("office", "sector", "channel")},
                "answered_on": row.values["answered_on"].isoformat(),
                "scores": [row.values[item] for item in found.items],
            }
            for row in found.rows[:PREVIEW]
        ],
    }


def _source(upload: Upload) -> PastSource:
    return PastSource(upload.name, hashlib.sha256(upload.content()).hexdigest())


def _counts(told: PastAnswers) -> dict[str, Any]:
    reasons = told.refused[:REASONS]
    return {
        "new": told.new,
        "repeated": told.repeated,
        "skipped": told.skipped,
        "refused": len(told.refused),
        "reasons": [{lang: _reason(one, lang) for lang in LANGUAGES} for one in reasons],
    }


def _reason(one: NotTaken, lang: str) -> str:
    return f"{in_language(one.place, lang)}: {in_language(one.why, lang)}"


def _keep(context: DeskContext, turn: Turn, id_: str) -> Response:
    """Take the answers as they were tried; the file goes, what became of it stays for a day."""
    step = _step(context, id_)
    if step is None or "done" in step.found:
        return _gone()
    if request.form.get("seen") != step.seen:
        return _page(context, step, problem=say("dossiers.other_page"), status=409)
    tried = step.found["tried"]
    if tried is None or "unread" in tried or "sure" not in request.form:
        return _page(context, step, problem=say("past.tick_first"))
    own = scope(context.engine).offices
    try:
        with turn.taken():
            found = read(_file(context, step.upload, step.mapping["questionnaire"]), step.mapping)
            if not isinstance(found, PastRows):
                return _gone()
            told = take(context.engine, found, _source(step.upload), context.by, offices=own)
    except HailongError as error:
        return _page(context, step, problem=error.said(chosen_language()))
    step.upload.note("step", {**step.found, "done": _counts(told), "columns": []})
    step.upload.path.unlink(missing_ok=True)
    return see_other("past.one", id_=id_)


def _page(
    context: DeskContext, step: Step, *, problem: str | None = None, status: int = 422
) -> Response:
    lang, mapping, places = chosen_language(), step.mapping, own_places(context.engine)
    questionnaire = _asked(context).get(mapping["questionnaire"])
    tried, names = step.found["tried"] or {}, _names(context, places)
    roles = [(role, say(f"past.role.{role}")) for role in FIXED]
    items, meanings = list(_items(questionnaire, lang)), meanings_of(mapping)
    lists = _with_lists([*roles, *items], len(step.columns))
    page = render_template(
        "staff/past_file.html",
        **staff_frame(),
        step=step,
        problem=problem,
        columns=list(enumerate(step.columns)),
        more=len(step.found["columns"]) - len(step.columns),
        meanings=meanings,
        called={one: role_words(one, questionnaire, lang) for one in meanings.values()},
        lists=lists,
        roles=roles,
        items=items,
        mapping=mapping,
        formats=[(one, say(f"past.format.{one}")) for one in FORMATS],
        zones=[(one, say(f"past.zone.{one}")) for one in ZONES],
        same=[(name, _same(name, mapping, places, names)) for name in MEANT],
        words=list(_meanings(step, places, names)),
        strange=list(enumerate(strange_words(step))),
        scores=range(1, (questionnaire.scale.size if questionnaire else 5) + 1),
        undated=tried.get("unread", {}).get(mapping["date"].get("column"), [])[:PREVIEW],
        tried=None if "unread" in tried or not tried else tried,
        unread="unread" in tried,
        done=step.found.get("done"),
        preview=_preview(tried, names, mapping, questionnaire),
        months=[(spoken_month(month), n) for month, n in tried.get("months", ())],
    )
    return Response(page, status if problem else 200, mimetype="text/html")


def _items(questionnaire: Questionnaire | None, lang: str) -> Iterator[tuple[str, str]]:
    """The questions that may be chosen for a column of scores, by id and words."""
    for item in questionnaire.items if questionnaire else ():
        text = item.text.get(lang)
        short = text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
        yield f"item:{item.id}", f"{item.id}: {short}"


def _number(given: str) -> int:
    return int(given) if given.isdecimal() and len(given) < 4 else 0


def _with_lists(choices: Sequence[tuple[str, str]], columns: int) -> range:
    """The places of the columns that have a list each: from the one that was asked for on.

    With many questions a page has no room for all lists; the other columns have words and a button.
    """
    one = sum(len(value) + len(shown.encode()) + 40 for value, shown in choices)
    room = max(1, LISTS // max(1, one))
    first = max(0, min(_number(request.args.get("column", "")), columns - room))
    return range(first, first + room)


def _names(context: DeskContext, places: Places) -> dict[str, str]:
    lang = chosen_language()
    names = {GENERAL: say("comments.general")} | sector_names(places, lang)
    names |= {f"channel:{one}": say(f"past.channel.{one}") for one in known_ids("channel", places)}
    return names | {
        f"office:{id_}": name for id_, name in office_names(context.engine).items() if id_
    }


def _called(name: str, id_: str, names: Mapping[str, str]) -> str:
    return names.get(id_ if name == "sector" else f"{name}:{id_}", id_)


def _same(
    name: str, mapping: Mapping[str, Any], places: Places, names: Mapping[str, str]
) -> tuple[list[tuple[str, str]], str] | None:
    """The list and the choice of what is the same for all answers; None where a column tells it."""
    given = mapping.get(name, "")
    if isinstance(given, Mapping):
        return None
    return [(id_, _called(name, id_, names)) for id_ in known_ids(name, places)], given


def _meanings(
    step: Step, places: Places, names: Mapping[str, str]
) -> Iterator[tuple[str, str, list[tuple[str, str]], list[tuple[int, str, str]]]]:
    """Of each column of words: name, heading, what they may mean, and each with its meaning."""
    for name in MEANT:
        given = step.mapping.get(name)
        if not isinstance(given, Mapping):
            continue
        listed = [(id_, _called(name, id_, names)) for id_ in known_ids(name, places)]
        heading = given["column"]
        former = former_words(step.mapping, name, heading)
        words = [(n, w, former.get(w, "")) for n, w in enumerate(words_of(step, heading)[:WORDS])]
        yield name, heading, [*listed, (SKIP, say("past.skip"))], words


def _preview(
    tried: Mapping[str, Any],
    names: Mapping[str, str],
    mapping: Mapping[str, Any],
    questionnaire: Questionnaire | None,
) -> dict[str, Any]:
    """A table of the first answers as they would be stored, a column each: questions are long."""
    answers, lang = tried.get("preview", ()), chosen_language()
    days = (date.fromisoformat(one["answered_on"]) for one in answers)
    rows = [[say("past.role.date"), *(f"{day:%d/%m/%Y}" for day in days)]]
    for name in ("office", "sector", "channel"):
        where = (_called(name, one[name], names) for one in answers)
        rows.append([say(f"past.role.{name}"), *where])
    for place, item in enumerate(mapping["items"]):
        scores = (one["scores"][place] for one in answers)
        shown = ("–" if score is None else str(score) for score in scores)
        rows.append([role_words(f"item:{item}", questionnaire, lang), *shown])
    columns = range(1, len(answers) + 1)
    return {
        "caption": say("past.preview"),
        "head": ["", *(say("past.answer", number=number) for number in columns)],
        "rows": rows,
        "strong": (),
        "words": tuple(columns),
    }
