"""Staff pages: answers that another tool collected, from its file into the office.

The file waits in `survey.uploads` for a day at most; what its columns hold is drafted, chosen and
tried before anything is stored. The steps are those of the command (`survey.past_answers`).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from questionnaires import Questionnaire
from questionnaires.layout import OPEN_CHANNELS
from questionnaires.sentences import Told, both
from questionnaires.wording import LANGUAGES
from survey.errors import HailongError
from survey.past_answers import NotTaken, PastAnswers, PastRows, take
from survey.past_file import PastFile, look, read
from survey.places import GENERAL, Places, sector_names
from survey.store.past import PastSource, undo_past
from survey.store.places import load_places
from survey.store.questionnaires import published_questionnaires
from survey.told import in_language, spoken_month
from survey.uploads import Upload, sent_name
from survey.web.desk.frame import staff_frame, staff_sentences
from survey.web.desk.guard import DeskContext, needs, office_names, scope
from survey.web.desk.past_imports import IMPORTS, entry_of, own_imports
from survey.web.desk.sent import drop_sent, keep_sent, noted_step, seen_digest
from survey.web.limits import Turn
from survey.web.security import chosen_language

LARGEST: Final = 8 << 20  # bytes of one file
COLUMNS: Final = 30  # of which a page has lists to choose from
WORDS: Final = 40  # that are given a meaning on one page
REASONS: Final = 40  # rows that are told
PREVIEW: Final = 5
LISTS: Final = 30_000  # bytes of the lists to choose a column's meaning from
_SHORT: Final = 48  # characters of a question in such a list

FIXED: Final = ("id", "date", "sector", "procedure", "channel", "office")
FORMATS: Final = ("year-first", "day-first", "month-first")
ZONES: Final = ("Asia/Ho_Chi_Minh", "UTC")
_MEANT: Final = ("sector", "office", "channel")
"""Columns whose words are each given a meaning."""

_SKIP: Final = "-"
"""What stands for: rows with this word are no answers."""


@dataclass(frozen=True, slots=True)
class Step:
    """A file under way: its columns, the mapping so far, and what came of trying it."""

    upload: Upload
    found: dict[str, Any]

    @property
    def seen(self) -> str:
        """As of `seen_digest`."""
        return seen_digest(self.found)

    @property
    def mapping(self) -> dict[str, Any]:
        """The entries of the mapping."""
        return dict(self.found["mapping"])

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The columns that the page has lists for: those that are read first."""
        meanings = meanings_of(self.mapping)
        every: list[dict[str, Any]] = self.found["columns"]
        others = [one for one in every if one["heading"] not in meanings]
        few = [one["heading"] for one in others[: max(0, COLUMNS - len(meanings))]]
        return [one for one in every if one["heading"] in meanings or one["heading"] in few]


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
        return _to("past.show", said="cancelled")

    @pages.post("/undo")
    @needs("bring_in_answers")
    def undo() -> Response:
        return _undo(context)

    return pages


def _to(endpoint: str, **more: str) -> Response:
    values: dict[str, Any] = {"lang": chosen_language(), **more}
    return redirect(url_for(endpoint, **values), code=303)


def _gone() -> Response:
    return _to("past.show", said="gone")


def _say(key: str, **words: object) -> str:
    return staff_sentences().get(key, chosen_language(), **words)


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
        questionnaires=[(key, one.title.get(lang)) for key, one in _asked(context).items()],
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
        return _home(context, _say("past.no_import"), 409)
    if "sure" not in request.form and found.state == "open":
        page = render_template(
            "staff/undo_past.html", **staff_frame(), one=entry_of(context.engine, found)
        )
        return Response(page, mimetype="text/html")
    try:
        undo_past(context.engine, batch, context.by)
    except HailongError as error:
        return _home(context, error.said(chosen_language()), 409)
    return _to("past.show", said="undone")


def _asked(context: DeskContext) -> Mapping[str, Questionnaire]:
    """The questionnaires that answers may be to, the newest first."""
    return dict(reversed(published_questionnaires(context.engine).items()))


def _send(context: DeskContext, turn: Turn) -> Response:
    """Take a file and look at it; one that cannot be read is not kept."""
    file = request.files.get("file")
    name = sent_name(file.filename if file else None)
    key = request.form.get("questionnaire", "")
    if file is None or not name:
        return _home(context, _say("past.no_file"))
    if key not in _asked(context):
        return _home(context, _say("past.no_questionnaire"))
    upload = keep_sent(context.config.data, name, file.read())
    try:
        with upload.removed_on_failure(), turn.taken():
            found = look(_file(context, upload, key))
    except HailongError as error:
        return _home(context, error.said(chosen_language()))
    mapping = _drafted(found["mapping"], _places(context))
    if mapping["date"].get("column") not in {one["heading"] for one in found["columns"]}:
        mapping["date"].pop("column", None)
    upload.note("step", {**found, "mapping": mapping, "tried": None})
    return _to("past.one", id_=upload.id)


def _drafted(mapping: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """The draft with what this office knows: its id, and no word with a meaning that it lacks."""
    known = {"sector": {one.id for one in places.sector}}
    found = {**mapping, "office": places.office[0].id if places.office else ""}
    found.pop("covariates", None)
    for name in _MEANT:
        if isinstance(one := found.get(name), Mapping) and name in known:
            kept = {word: id_ for word, id_ in one["values"].items() if id_ in known[name]}
            found[name] = {**one, "values": kept}
    return found


def _file(context: DeskContext, upload: Upload, key: str) -> PastFile:
    names = sector_names(load_places(context.engine), "vi")
    return PastFile(upload.path, upload.name, _asked(context)[key], names)


def _places(context: DeskContext) -> Places:
    """The places that whoever is signed in may bring answers into."""
    places, own = load_places(context.engine), scope(context.engine).offices
    kept = tuple(one for one in places.office if one.id in own)
    return places.model_copy(update={"office": kept})


def _step(context: DeskContext, id_: str) -> Step | None:
    """What is under way under this address; None where it is gone, or another account's."""
    noted = noted_step(context.config.data, id_)
    return None if noted is None else Step(*noted)


def meanings_of(mapping: Mapping[str, Any]) -> dict[str, str]:
    """Heading -> what it is read as: "date", "sector", "item:overall" and so on."""
    found = {heading: f"item:{item}" for item, heading in mapping.get("items", {}).items()}
    if mapping.get("id"):
        found[mapping["id"]] = "id"
    for name in ("date", "sector", "procedure", "channel", "office"):
        if isinstance(one := mapping.get(name), Mapping) and one.get("column"):
            found[one["column"]] = name
    return found


def _chosen(step: Step, places: Places, asked: Mapping[str, Questionnaire]) -> dict[str, Any]:
    """The mapping as the form has it. Raises HailongError where something is chosen twice."""
    before, form = step.mapping, request.form
    meanings = {
        one["heading"]: form.get(f"column-{place}", meanings_of(before).get(one["heading"], ""))
        for place, one in enumerate(step.columns)
    }
    twice = [role for role, n in Counter(filter(None, meanings.values())).items() if n > 1]
    if twice:
        raise HailongError(_twice(twice[0], asked.get(before["questionnaire"])))
    headings = {role: heading for heading, role in meanings.items() if role}
    found: dict[str, Any] = {
        "form": before["form"],
        "questionnaire": before["questionnaire"],
        "date": {
            **({"column": headings["date"]} if "date" in headings else {}),
            "format": _one_of(form.get("format"), FORMATS),
            "zone": _one_of(form.get("zone"), ZONES),
        },
        "items": {
            role.removeprefix("item:"): heading
            for role, heading in headings.items()
            if role.startswith("item:")
        },
        "scale": _scale(step),
        "skip": {"where": {}, "empty": [headings["date"]] if "date" in headings else []},
    }
    if "id" in headings:
        found["id"] = headings["id"]
    if "procedure" in headings:
        found["procedure"] = {"column": headings["procedure"], "default": ""}
    for name in _MEANT:
        found[name] = _place(step, name, headings.get(name), _known(name, places), found["skip"])
    return found


def _twice(role: str, questionnaire: Questionnaire | None) -> Told:
    say = staff_sentences().get
    return both(lambda lang: say("past.twice", lang, role=_role(role, questionnaire, lang)))


def _role(role: str, questionnaire: Questionnaire | None, lang: str) -> str:
    """What a column is read as, in words: of a question its own."""
    item = role.removeprefix("item:")
    if item == role:
        return staff_sentences().get(f"past.role.{role}", lang)
    asked = questionnaire.items if questionnaire else ()
    return next((one.text.get(lang) for one in asked if one.id == item), item)


def _one_of(given: str | None, known: Sequence[str]) -> str:
    return given if given is not None and given in known else known[0]


def _known(name: str, places: Places) -> list[str]:
    """What a word of a column may mean."""
    if name == "channel":
        return list(OPEN_CHANNELS)
    listed: Sequence[Any] = places.office if name == "office" else places.sector
    return [*([GENERAL] if name == "sector" else []), *(one.id for one in listed)]


def _place(
    step: Step, name: str, heading: str | None, known: Sequence[str], skip: dict[str, Any]
) -> Any:
    """A fixed column: the same for all answers, or a meaning for each of its words."""
    same = request.form.get(name, "")
    if heading is None:
        return same if same in known else known[0] if known else ""
    former = _former(step.mapping, name, heading)
    values, blank = {}, None
    for number, word in enumerate(_words(step, heading)):
        meant = request.form.get(f"{name}-{number}", former.get(word, ""))
        if meant == _SKIP and word:
            skip["where"].setdefault(heading, []).append(word)
        elif meant == _SKIP:
            skip["empty"].append(heading)
        elif meant in known and word:
            values[word] = meant
        elif meant in known:
            blank = meant
    # A table without words would take each as an id: one that nobody writes keeps them unread.
    found = {"column": heading, "values": values or {"\x1f": known[0]}}
    return found if blank is None else {**found, "default": blank}


def _former(mapping: Mapping[str, Any], name: str, heading: str) -> dict[str, str]:
    """What the words of a column meant before; "" is an empty cell."""
    before, skip = mapping.get(name), mapping.get("skip", {})
    found = dict.fromkeys(skip.get("where", {}).get(heading, ()), _SKIP)
    if heading in skip.get("empty", ()):
        found[""] = _SKIP
    if isinstance(before, Mapping) and before["column"] == heading:
        found |= dict(before.get("values", {}))
        found |= {"": before["default"]} if before.get("default") else {}
    return found


def _words(step: Step, heading: str) -> list[str]:
    found = next((one for one in step.found["columns"] if one["heading"] == heading), None)
    return list(found["values"]) if found else []


def _scale(step: Step) -> dict[str, Any]:
    """Words for scores: those of before, and those given a meaning in the form."""
    before = step.mapping.get("scale", {})
    words, none = dict(before.get("words", {})), list(before.get("none", []))
    for number, word in enumerate(_strange(step)):
        given = request.form.get(f"word-{number}", "")
        if given == _SKIP:
            none.append(word)
        elif re.fullmatch(r"[1-9]|1[01]", given):
            words[word] = int(given)
    return {"words": words, "none": none}


def _strange(step: Step) -> list[str]:
    """Words that are no score yet."""
    tried = step.found["tried"] or {}
    return list(tried.get("unread", {}).get("scale", []))[:WORDS]


def _missing(mapping: Mapping[str, Any]) -> list[str]:
    """What must still be chosen."""
    missing = [] if mapping["date"].get("column") else [_say("past.role.date")]
    return missing + ([] if mapping["items"] else [_say("past.role.item")])


def _try(context: DeskContext, turn: Turn, id_: str) -> Response:
    """Take what was chosen, and say what would come of it; nothing is stored."""
    step = _step(context, id_)
    if step is None or "done" in step.found:
        return _gone()
    if request.form.get("seen") != step.seen:
        return _page(context, step, problem=_say("dossiers.other_page"), status=409)
    try:
        mapping = _chosen(step, _places(context), _asked(context))
        if "open" in request.form:
            step.upload.note("step", {**step.found, "mapping": mapping, "tried": None})
            place = str(_number(request.form["open"]))
            return _to("past.one", id_=id_, column=place, _anchor=f"head-{place}")
        if missing := _missing(mapping):
            step.upload.note("step", {**step.found, "mapping": mapping, "tried": None})
            problem = _say("past.missing", columns=", ".join(missing))
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
    return _to("past.one", id_=id_)


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
        return _page(context, step, problem=_say("dossiers.other_page"), status=409)
    tried = step.found["tried"]
    if tried is None or "unread" in tried or "sure" not in request.form:
        return _page(context, step, problem=_say("past.tick_first"))
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
    return _to("past.one", id_=id_)


def _page(
    context: DeskContext, step: Step, *, problem: str | None = None, status: int = 422
) -> Response:
    lang, mapping, places = chosen_language(), step.mapping, _places(context)
    questionnaire = _asked(context).get(mapping["questionnaire"])
    tried, names = step.found["tried"] or {}, _names(context, places)
    roles = [(role, _say(f"past.role.{role}")) for role in FIXED]
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
        called={one: _role(one, questionnaire, lang) for one in meanings.values()},
        lists=lists,
        roles=roles,
        items=items,
        mapping=mapping,
        formats=[(one, _say(f"past.format.{one}")) for one in FORMATS],
        zones=[(one, _say(f"past.zone.{one}")) for one in ZONES],
        same=[(name, _same(name, mapping, places, names)) for name in _MEANT],
        words=list(_meanings(step, places, names)),
        strange=list(enumerate(_strange(step))),
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
    names = {GENERAL: _say("comments.general")} | sector_names(places, lang)
    names |= {f"channel:{one}": _say(f"past.channel.{one}") for one in _known("channel", places)}
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
    return [(id_, _called(name, id_, names)) for id_ in _known(name, places)], given


def _meanings(
    step: Step, places: Places, names: Mapping[str, str]
) -> Iterator[tuple[str, str, list[tuple[str, str]], list[tuple[int, str, str]]]]:
    """Of each column of words: name, heading, what they may mean, and each with its meaning."""
    for name in _MEANT:
        given = step.mapping.get(name)
        if not isinstance(given, Mapping):
            continue
        listed = [(id_, _called(name, id_, names)) for id_ in _known(name, places)]
        heading = given["column"]
        former = _former(step.mapping, name, heading)
        words = [(n, w, former.get(w, "")) for n, w in enumerate(_words(step, heading)[:WORDS])]
        yield name, heading, [*listed, (_SKIP, _say("past.skip"))], words


def _preview(
    tried: Mapping[str, Any],
    names: Mapping[str, str],
    mapping: Mapping[str, Any],
    questionnaire: Questionnaire | None,
) -> dict[str, Any]:
    """A table of the first answers as they would be stored, a column each: questions are long."""
    answers, lang = tried.get("preview", ()), chosen_language()
    days = (date.fromisoformat(one["answered_on"]) for one in answers)
    rows = [[_say("past.role.date"), *(f"{day:%d/%m/%Y}" for day in days)]]
    for name in ("office", "sector", "channel"):
        where = (_called(name, one[name], names) for one in answers)
        rows.append([_say(f"past.role.{name}"), *where])
    for place, item in enumerate(mapping["items"]):
        scores = (one["scores"][place] for one in answers)
        shown = ("–" if score is None else str(score) for score in scores)
        rows.append([_role(f"item:{item}", questionnaire, lang), *shown])
    columns = range(1, len(answers) + 1)
    return {
        "caption": _say("past.preview"),
        "head": ["", *(_say("past.answer", number=number) for number in columns)],
        "rows": rows,
        "strong": (),
        "words": tuple(columns),
    }
