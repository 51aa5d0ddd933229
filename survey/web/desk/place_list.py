"""The staff page that lists offices, counters and sectors; each edit comes back to it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from flask import abort, render_template, request

from questionnaires.bilingual import in_language
from survey.overview import plainly
from survey.places import Office
from survey.store.places import Desk, load_closed, load_places, merged_offices, open_desks
from survey.store.questionnaires import published_questionnaires
from survey.web.desk.frame import page_number, staff_frame
from survey.web.desk.guard import DeskContext, counter_names, scope
from survey.web.desk.place_forms import LONGEST_NAME
from survey.web.security import chosen_language

PART: Final = 15  # offices on a page


def show_list(context: DeskContext, problem: str = "") -> str:
    """The page; `problem`: why an edit that was asked for on it was refused."""
    lang, reach = chosen_language(), scope(context.engine)
    places, closed = load_places(context.engine), load_closed(context.engine)
    known = published_questionnaires(context.engine)
    desks = desks_by_counter(context)
    gone = [one for one in closed.counter if reach.may("change_places", one.office)]
    placed = counter_names(context.engine, (*places.counter, *gone))
    offices = [one for one in _tree(places.office) if one[0].id in reach.offices]
    words = request.args.get("q", "").strip()[:LONGEST_NAME]
    kept = [one for one in offices if plainly(words) in plainly(one[0].name.get(lang))]
    page, pages = page_number(), max(1, -(-len(kept) // PART))
    if page > pages:
        abort(404)
    return render_template(
        "staff/places.html",
        **staff_frame(),
        offices=kept[(page - 1) * PART : page * PART],
        many=len(offices) > PART,
        words=words,
        page=page,
        pages=pages,
        counters=places.counter,
        merged=_merged(context),
        closed=[(one, placed[one.full_id]) for one in gone],
        sectors=places.sector,
        sector_names={one.id: one.name.get(lang) for one in (*places.sector, *closed.sector)},
        questions={key: in_language(one.called, lang) for key, one in known.items()},
        codes={full: [desk.link.code for desk in found] for full, found in desks.items()},
        everything=reach.may("change_places", None),
        saved=request.args.get("saved", ""),
        problem=problem,
    )


def _merged(context: DeskContext) -> dict[str, list[tuple[Office, date]]]:
    """What became part of an office, with the first day on which it was."""
    return {
        into: [(office, until + timedelta(days=1)) for office, until in found]
        for into, found in merged_offices(context.engine).items()
    }


def _tree(offices: tuple[Office, ...]) -> list[tuple[Office, int]]:
    """The offices with their depth, each followed by those below it."""
    ids = {one.id for one in offices}

    def below(parent: str | None, depth: int) -> list[tuple[Office, int]]:
        found: list[tuple[Office, int]] = []
        for one in offices:
            above = one.parent if one.parent in ids else None
            if above == parent:
                found += [(one, depth), *below(one.id, depth + 1)]
        return found

    return below(None, 0)


def desks_by_counter(context: DeskContext) -> dict[str, list[Desk]]:
    """The counters with their posters' addresses, by full id."""
    found: dict[str, list[Desk]] = {}
    for desk in open_desks(context.engine, "poster"):
        found.setdefault(desk.counter.full_id, []).append(desk)
    return found
