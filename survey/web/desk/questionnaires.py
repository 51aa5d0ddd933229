"""Staff pages of questionnaires: what is published, and the design of new versions.

A draft is edited a part at a time and published once no task is open; then it never changes.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final, Literal

from flask import Blueprint, abort, render_template, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from kiosk import render_preview
from questionnaires import Questionnaire, QuestionnaireError, Text, drafting
from questionnaires.bilingual import in_language as spoken
from questionnaires.drafting import LISTED, Draft, Part, Task
from questionnaires.keys import visible
from survey.drafts import (
    DraftRefused,
    add_draft,
    change_draft,
    drop_draft,
    list_drafts,
    load_draft,
    make_draft,
    next_version,
    open_tasks,
    publish_draft,
)
from survey.errors import HailongError
from survey.places import Counter
from survey.sheets import SheetError, render_sheet
from survey.store.places import Desk, Link, load_places
from survey.store.questionnaires import published_questionnaires
from survey.store.staff_actions import DoneFilter, list_actions
from survey.store.wordings import count_left
from survey.tablets import station_of
from survey.told import in_language
from survey.web.desk import wordings
from survey.web.desk.frame import attachment, say, see_other, staff_frame, staff_sentences
from survey.web.desk.guard import DeskContext, needs
from survey.web.desk.history import history_line
from survey.web.desk.questions import (
    LONGEST,
    RANGE,
    PartRefused,
    Row,
    bounds_of,
    filled,
    made,
    new_part,
    option_rows,
    parse_part,
    part_name,
)
from survey.web.security import chosen_language, only_looked_at, show_frame
from survey.xlsforms import read_form, write_form

ACTIONS: Final = (
    "draft_made",
    "draft_dropped",
    "questionnaire_published",
    "wordings_checked",
    "wordings_unchecked",
)
HISTORY: Final = 30  # lines of it that the page shows
LONGEST_NAME: Final = 120
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STEPS: Final[Mapping[str, Literal[-1, 1]]] = {"up": -1, "down": 1}

Reply = Response | str | tuple[str, int]
Preview = Callable[[Desk, str, Questionnaire, Markup], str]


@dataclass(frozen=True, slots=True)
class QuestionnairesContext(DeskContext):
    """What the pages need besides: `preview` draws a citizen's form."""

    preview: Preview

    def draft(self) -> Draft:
        """The draft that a request names; one that is not there is 404."""
        return self.named(request.values.get("draft", ""))

    def named(self, name: str) -> Draft:
        """The draft of this name; one that is not there is 404."""
        draft = load_draft(self.config, name)
        if draft is None:
            abort(404)
        return draft

    def change(self, draft: Draft, change: Callable[[Draft], Draft]) -> Draft:
        """Store an edit of the draft as it was shown. Raises DraftRefused."""
        return change_draft(self.config, draft.name, request.form.get("was", ""), change)


def make_blueprint(context: QuestionnairesContext) -> Blueprint:
    """Return the pages, for who administers the whole installation."""
    pages = Blueprint("questionnaires", __name__, url_prefix="/questionnaires")
    views: tuple[tuple[str, str, Callable[..., Reply], tuple[str, ...]], ...] = (
        ("", "show", _list, ("GET",)),
        ("/copy", "copy", _copy, ("GET", "POST")),
        ("/draft", "draft", _draft, ("GET",)),
        ("/part", "part", _part, ("GET", "POST")),
        ("/act", "act", _act, ("POST",)),
        ("/compare", "compare", _compare, ("GET", "POST")),
        ("/preview/<name>", "preview", _preview, ("GET",)),
        ("/tablet/<name>", "tablet", _tablet, ("GET",)),
        ("/tablet/<name>/screen", "screen", _screen, ("GET",)),
        ("/seen", "seen", _seen, ("POST",)),
        ("/sheet/<name>.pdf", "sheet", _sheet, ("GET",)),
        ("/form/<name>.xlsx", "form", _form, ("GET",)),
        ("/import", "take", _take, ("POST",)),
        ("/wordings", "wordings", wordings.show, ("GET",)),
        ("/wordings", "check_wordings", wordings.change, ("POST",)),
        ("/publish", "publish", _publish, ("POST",)),
        ("/drop", "drop", _drop, ("POST",)),
    )
    for path, name, view, methods in views:
        guarded = needs("design_questionnaires")(partial(view, context))
        pages.add_url_rule(path, name, guarded, methods=methods)
    return pages


def _said(key: str, **words: object) -> str:
    return say(f"questionnaires.{key}", **words)


def _told(refused: DraftRefused | PartRefused | HailongError) -> str:
    """What to tell of something that was refused."""
    if isinstance(refused, HailongError):
        return in_language(refused.args[0], chosen_language())
    return _said(refused.key, **refused.words)


def _to(page: str, anchor: str = "", **named: str) -> Response:
    return see_other(f"questionnaires.{page}", _anchor=anchor or None, **named)


# --- What there is ----------------------------------------------------------------------------


def _list(context: QuestionnairesContext, problem: str = "") -> str:
    published = published_questionnaires(context.engine)
    asked = Tally(one.questionnaire for one in load_places(context.engine).counter)
    drafts = list_drafts(context.config)
    return render_template(
        "staff/questionnaires.html",
        **staff_frame(),
        published=list(published.values()),
        asked=asked,
        to_check=count_left(context.engine, published.values()),
        drafts=drafts,
        left={name: len(open_tasks(draft, published)) for name, draft in drafts.items() if draft},
        history=[
            history_line(done, context.config.zone)
            for done in list_actions(context.engine, DoneFilter(), HISTORY, actions=ACTIONS)
        ],
        made=published.get(request.args.get("made", "")),
        problem=problem,
    )


def _copy(context: QuestionnairesContext) -> Reply:
    """Ask what a copy is to be, or make it."""
    source = published_questionnaires(context.engine).get(request.values.get("key", ""))
    if source is None:
        abort(404)
    problem, name = "", " ".join(request.form.get("name", "").split())
    if request.method == "POST":
        try:
            if request.form.get("as") == "own" and not name:
                raise DraftRefused("no_name")
            if len(name) > LONGEST_NAME:
                raise DraftRefused("long", most=LONGEST_NAME, length=len(name))
            own = name if request.form.get("as") == "own" else ""
            draft = make_draft(context.config, context.engine, source.key, own, context.by)
            return _to("draft", draft=draft.name)
        except DraftRefused as refused:
            problem = _told(refused)
    page = render_template(
        "staff/questionnaire_copy.html",
        **staff_frame(),
        source=source,
        version=next_version(context.config, context.engine, source.id),
        name=name,
        chosen=request.form.get("as", "next"),
        longest=LONGEST_NAME,
        problem=problem,
    )
    return (page, 422) if problem else page


# --- One draft --------------------------------------------------------------------------------


def _draft(context: QuestionnairesContext) -> str:
    return _draft_page(context, context.draft())


def _draft_page(context: QuestionnairesContext, draft: Draft, problem: str = "") -> str:
    published = published_questionnaires(context.engine)
    return render_template(
        "staff/questionnaire.html",
        **staff_frame(),
        draft=draft,
        title=_label(draft, Part("head")),
        tasks=drafting.tasks(draft, published),
        shared=drafting.shared_items(draft, published),
        parts={kind: [Part(kind, id_) for id_ in draft.ids(kind)] for kind in LISTED},
        comment=draft.table(Part("comment")),
        label=partial(_label, draft),
        when=partial(_when, draft),
        comment_when=_when(draft, Part("comment")),
        named=part_name,
        spoken=spoken,
        problem=problem,
    )


def _label(draft: Draft, part: Part) -> str:
    """What a part is called on a page: its words in this language, or in the other one."""
    if part.kind == "scale":
        return _said("part_scale")
    table = draft.table(part) or {}
    text = table.get("title" if part.kind in ("head", "element") else "text") or {}
    order = ("en", "vi") if chosen_language() == "en" else ("vi", "en")
    return next((text[lang] for lang in order if text.get(lang)), part.id or _said("no_words_yet"))


def _when(draft: Draft, part: Part) -> str:
    """When a part is asked, in words; empty where it always is."""
    condition = (draft.table(part) or {}).get("show_when")
    if not condition:
        return ""
    bound = filled(draft, part).get("bound", "")
    words = dict(_bounds(draft, bound)).get(bound, "")
    return _said("asked_when", item=_label(draft, Part("item", condition["item"])), bound=words)


def _part(context: QuestionnairesContext) -> Reply:
    """Show the form of one part, or store what was filled in."""
    draft, part = context.draft(), parse_part(request.values.get("part", ""))
    if part is None or (part.id and draft.table(part) is None):
        abort(404)
    if request.method == "GET":
        return _part_page(draft, part, filled(draft, part))
    try:
        named = new_part(draft, part, request.form)
        table = made(draft, named, request.form)
        draft = context.change(draft, lambda now: drafting.put(now, named, table))
    except (DraftRefused, PartRefused) as refused:
        draft = context.draft()
        status = 409 if refused.key in ("changed", "busy") else 422
        return _part_page(draft, part, request.form, _told(refused)), status
    if request.form.get("move"):
        return _to("part", "options", draft=draft.name, part=part_name(named))
    return _to("draft", _anchor(named), draft=draft.name)


def _anchor(part: Part) -> str:
    return f"part-{part.kind}-{part.id}".rstrip("-")


def _part_page(
    draft: Draft,
    part: Part,
    given: MultiDict[str, str],
    problem: str = "",
) -> str:
    before = draft.table(part) or {}
    trust = before.get("source", drafting.OWN)["trust"]
    rows = option_rows(given)
    return render_template(
        "staff/questionnaire_part.html",
        **staff_frame(),
        draft=draft,
        title=_label(draft, Part("head")),
        part=part,
        given=given,
        elements=[(id_, _label(draft, Part("element", id_))) for id_ in draft.ids("element")],
        items=[(id_, _label(draft, Part("item", id_))) for id_ in draft.ids("item")],
        bounds=_bounds(draft, given.get("bound", "")),
        trusts=[*(() if trust in ("own", "A") else (trust,)), "own", "A"],
        rows=rows if rows and problem else [*rows, *[Row()] * (1 if rows else 3)],
        named=part_name(part),
        longest=LONGEST,
        problem=problem,
    )


def _bounds(draft: Draft, chosen: str) -> list[tuple[str, str]]:
    """The conditions that can be chosen, in words."""
    labels = [one.get(chosen_language()) or one["vi"] for one in draft.content["scale"]["labels"]]
    found = []
    for bound in bounds_of(draft):
        key, _, score = bound.partition(":")
        found.append((bound, _said(f"bound_{key}", score=score, level=labels[int(score) - 1])))
    return [*found, *([(RANGE, _said("bound_range"))] if chosen == RANGE else [])]


def _act(context: QuestionnairesContext) -> Reply:
    """Move a part, or take it out once that is confirmed."""
    draft = context.draft()
    act, _, named = request.form.get("do", "").partition(" ")
    part = parse_part(named)
    if part is None or draft.table(part) is None or act not in (*STEPS, "drop"):
        abort(404)
    if act == "drop" and (part.kind in ("head", "scale") or part.id == "overall"):
        abort(404)
    if act == "drop" and "sure" not in request.form:
        fields = {"do": f"{act} {part_name(part)}", "was": draft.digest}
        why = [_said(f"part_drop_why_{part.kind}")]
        along = [_label(draft, one) for one in drafting.going_along(draft, part)]
        if along:
            why.append(_said("part_drop_along", parts="; ".join(along)))
        return _sure(draft.name, "part_drop", _label(draft, part), why, "act", **fields)
    try:
        if act == "drop":
            context.change(draft, lambda now: drafting.drop(now, part))
            return _to("draft", f"list-{part.kind}", draft=draft.name)
        context.change(draft, lambda now: drafting.move(now, part, STEPS[act]))
    except DraftRefused as refused:
        return _draft_page(context, context.draft(), _told(refused)), 409
    return _to("draft", _anchor(part), draft=draft.name)


def _sure(name: str, what: str, about: str, why: list[str], page: str, **fields: str) -> str:
    """Say what will happen; the same request again with `sure` does it."""
    return render_template(
        "staff/questionnaire_sure.html",
        **staff_frame(),
        name=name,
        what=what,
        about=about,
        why=why,
        address=url_for(f"questionnaires.{page}", lang=chosen_language()),
        fields={"draft": name, **fields},
    )


def _compare(context: QuestionnairesContext) -> Reply:
    """Ask of each item that keeps its id whether it asks the same thing, or store that."""
    draft = context.draft()
    published = published_questionnaires(context.engine)
    shared = drafting.shared_items(draft, published)
    former = published.get(draft.copied_from or "")
    if former is None:
        abort(404)
    if request.method == "POST":
        values = {"same": True, "other": False}
        same = {id_: values.get(request.form.get(f"same-{id_}", "")) for id_ in shared}
        try:
            context.change(draft, lambda now: drafting.compared(now, same))
        except DraftRefused as refused:
            return _draft_page(context, context.draft(), _told(refused)), 409
        return _to("draft", "tasks", draft=draft.name)
    return render_template(
        "staff/questionnaire_compare.html",
        **staff_frame(),
        draft=draft,
        former=former,
        shared=[(id_, _label(draft, Part("item", id_)), former.item(id_)) for id_ in shared],
        answers={id_: _answer(draft, former, id_) for id_ in shared},
        only_new=[_label(draft, Part("item", i)) for i in draft.ids("item") if i not in shared],
    )


def _answer(draft: Draft, former: Questionnaire, id_: str) -> str:
    """What is chosen at first: what was said, else that the very same words ask the same."""
    if id_ in draft.same:
        return "same" if draft.same[id_] else "other"
    table = draft.table(Part("item", id_)) or {}
    levels = [one["vi"] for one in draft.content["scale"]["labels"]]
    unchanged = table.get("text", {}).get("vi") == former.item(id_).text.vi
    return "same" if unchanged and levels == [one.vi for one in former.scale.labels] else ""


# --- Looking at it ----------------------------------------------------------------------------


def _preview(context: QuestionnairesContext, name: str) -> Reply:
    """The citizen's form as it would be; it takes no answer."""
    draft = context.named(name)
    try:
        asked = drafting.as_seen(draft)
    except QuestionnaireError:
        return _draft_page(context, draft, _said("not_seen")), 422
    bar = Markup(render_template("staff/preview.html", **staff_frame(), draft=draft))  # noqa: S704  drawn here
    return context.preview(_stand(context, asked), chosen_language(), asked, bar)


def _tablet(context: QuestionnairesContext, name: str) -> Reply:
    """A tablet's screen within a page, as wide or as high as one is."""
    draft = context.named(name)
    try:
        drafting.as_seen(draft)
    except QuestionnaireError:
        return _draft_page(context, draft, _said("not_seen")), 422
    show_frame()
    upright = request.args.get("held") == "upright"
    return render_template(
        "staff/tablet_preview.html", **staff_frame(), draft=draft, upright=upright
    )


def _screen(context: QuestionnairesContext, name: str) -> Reply:
    """The tablet's app as it would ask; it stores and sends nothing."""
    draft = context.named(name)
    try:
        asked = drafting.as_seen(draft)
    except QuestionnaireError:
        abort(404)
    only_looked_at()
    desk = _stand(context, asked)
    return render_preview(station_of(desk.counter, desk.office, desk.sectors, asked))


def _stand(context: QuestionnairesContext, asked: Questionnaire) -> Desk:
    """A counter to show the form at: the first one, under a name that says what this is."""
    places = load_places(context.engine)
    first = next((one for one in places.counter if one.sectors), None)
    office = next(one for one in places.office if first is None or one.id == first.office)
    served = first.sectors if first and asked.about_sector else ()
    return Desk(
        Link("", "", "poster", date.min, None),
        Counter(
            id="xem-thu",
            office=office.id,
            name=Text(vi=_of("preview_counter", "vi"), en=_of("preview_counter", "en")),
            questionnaire=asked.key,
            kiosk_mode=first.kiosk_mode if first else "one-tap",
        ),
        office,
        tuple(one for one in places.sector if one.id in served),
        open=True,
    )


def _of(key: str, lang: str) -> str:
    return staff_sentences().get(f"questionnaires.{key}", lang)


def _seen(context: QuestionnairesContext) -> Reply:
    draft = context.draft()
    try:
        context.change(draft, lambda now: drafting.looked_at(now, now.digest))
    except DraftRefused as refused:
        return _draft_page(context, context.draft(), _told(refused)), 409
    return _to("draft", "tasks", draft=draft.name)


def _sheet(context: QuestionnairesContext, name: str) -> Reply:
    """The blank paper questionnaire, as PDF."""
    draft = context.named(name)
    try:
        asked = drafting.as_seen(draft)
        desk = _stand(context, asked)
        lang = chosen_language()
        sheet = (desk.office, desk.counter, desk.sectors, asked, context.now().date())
        drawn = render_sheet(*sheet, lang=lang, simulated=True)
    except QuestionnaireError:
        return _draft_page(context, draft, _said("not_seen")), 422
    except SheetError as error:
        return _draft_page(context, draft, _told(error)), 422
    return attachment(drawn, "application/pdf", f"{draft.name}.pdf", "inline")


# --- As a workbook, for other programs and translators ----------------------------------------


def _form(context: QuestionnairesContext, name: str) -> Reply:
    """A draft, or a published version under the name of its file, as an XLSForm."""
    published = published_questionnaires(context.engine)
    version = published.get("@".join(name.rsplit(".v", 1)))
    if version is not None:
        draft = drafting.copied(version, version.id, version.version)
    else:
        draft = context.named(name)
    return attachment(write_form(draft.content), XLSX, f"{draft.name}.xlsx")


def _take(context: QuestionnairesContext) -> Reply:
    """Make a draft of an XLSForm that was sent."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _list(context, _said("no_file")), 422
    try:
        content = read_form(sent.read(), visible(sent.filename))
        name = visible(sent.filename)[:LONGEST_NAME]
        draft = add_draft(context.config, context.engine, content, name, context.by)
    except (DraftRefused, HailongError) as refused:
        return _list(context, _told(refused)), 422
    return _to("draft", draft=draft.name)


# --- Its end ----------------------------------------------------------------------------------


def _publish(context: QuestionnairesContext) -> Reply:
    """Publish a draft once that is confirmed; while a task is open, name it instead."""
    draft = context.draft()
    published = published_questionnaires(context.engine)
    left = open_tasks(draft, published)
    if left:
        return _draft_page(context, draft, _said("open", tasks=_listed(left))), 422
    if "sure" not in request.form:
        why = _changes(draft, published)
        return _sure(draft.name, "publish", draft.key, why, "publish", was=draft.digest)
    try:
        done = publish_draft(
            context.config, context.engine, draft.name, request.form.get("was", ""), context.by
        )
    except (DraftRefused, HailongError) as refused:
        return _draft_page(context, context.draft(), _told(refused)), 409
    return _to("show", made=done.key)


def _listed(left: list[Task]) -> str:
    return "; ".join(_said(f"task_{task.name}") for task in left)


def _changes(draft: Draft, published: Mapping[str, Questionnaire]) -> list[str]:
    """What publishing means: for good, and what is counted together with the former version."""
    shared = drafting.shared_items(draft, published)
    groups = {
        "counted": [id_ for id_ in shared if draft.same.get(id_)],
        "apart": [id_ for id_ in draft.ids("item") if not draft.same.get(id_)],
    }
    told = [
        _said(
            key,
            former=draft.copied_from,
            items="; ".join(_label(draft, Part("item", id_)) for id_ in ids),
        )
        for key, ids in groups.items()
        if ids
    ]
    return [_said("publish_why"), *told]


def _drop(context: QuestionnairesContext) -> Reply:
    """Delete a draft once that is confirmed, also one that cannot be read."""
    name = request.form.get("draft", "")
    if name not in list_drafts(context.config):
        abort(404)
    if "sure" not in request.form:
        draft = load_draft(context.config, name)
        about = _label(draft, Part("head")) if draft else name
        return _sure(name, "drop", about, [_said("drop_why")], "drop")
    try:
        drop_draft(context.config, context.engine, name, context.by)
    except DraftRefused as refused:
        return _list(context, _told(refused)), 409
    return _to("show")
