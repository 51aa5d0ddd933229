"""The pages of sectors and counters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import Blueprint, request

from questionnaires import Questionnaire, keys
from survey.places import for_counters, installed_questionnaires
from survey.setup.filled import (
    LONGEST_NAME,
    CounterRow,
    Problem,
    SectorRow,
    counters_problem,
    default_questionnaire,
    fitted,
    sectors_problem,
    with_more,
)
from survey.web.desk.frame import say
from survey.web.security import chosen_language
from survey.web.setup.context import SetUp
from survey.web.setup.drafts import Draft
from survey.web.setup.ending import Reply
from survey.web.setup.frame import page, told
from survey.web.setup.order import kept, step

BLANK_SECTORS = 3


def add_places(pages: Blueprint, setup: SetUp) -> None:
    """Add the pages."""
    questionnaires = for_counters(installed_questionnaires(setup.config))

    @pages.get("/sectors")
    def sectors() -> Reply:
        return step(setup, "sectors", _sectors_page)

    @pages.post("/sectors")
    def keep_sectors() -> Reply:
        return step(setup, "sectors", _take_sectors)

    @pages.get("/counters")
    def counters() -> Reply:
        return step(setup, "counters", lambda draft: _counters_page(draft, questionnaires))

    @pages.post("/counters")
    def keep_counters() -> Reply:
        return step(setup, "counters", lambda draft: _take_counters(draft, questionnaires))


def _sectors_page(draft: Draft, problem: Problem | None = None) -> str:
    blank = range(BLANK_SECTORS)
    return page(
        "sectors",
        rows=draft.filled.sectors,
        blank=blank,
        problem=told(problem),
        longest=LONGEST_NAME,
    )


def _take_sectors(draft: Draft) -> Reply:
    sent = request.form
    rows = tuple(
        SectorRow(
            row.id,
            keys.normal(sent.get(f"name-{row.id}", row.name)) or row.name,
            f"use-{row.id}" in sent,
        )
        for row in draft.filled.sectors
    )
    rows = with_more(rows, sent.getlist("more-name"))
    draft.sure -= {"sectors", "counters"}  # a counter may have lost its sectors
    draft.filled = replace(draft.filled, sectors=rows)
    problem = sectors_problem(rows)
    if problem:
        return _sectors_page(draft, problem), 422
    if "more" in sent:
        return _sectors_page(draft)
    draft.filled = replace(draft.filled, counters=fitted(draft.filled.counters, rows))
    return kept(draft, "sectors")


def _counters_page(
    draft: Draft, questionnaires: Mapping[str, Questionnaire], problem: Problem | None = None
) -> str:
    lang = chosen_language()
    choices = [(key, _title(one, lang)) for key, one in _newest(questionnaires).items()]
    return page(
        "counters",
        rows=draft.filled.counters,
        sectors=draft.filled.chosen,
        choices=choices,
        about_sector={key for key, one in questionnaires.items() if one.about_sector},
        problem=told(problem),
        longest=LONGEST_NAME,
    )


def _title(questionnaire: Questionnaire, lang: str) -> str:
    count = len(questionnaire.items)
    return say("setup.counters.asks", title=questionnaire.title.get(lang), count=count)


def _newest(questionnaires: Mapping[str, Questionnaire]) -> dict[str, Questionnaire]:
    """The last version of each questionnaire, the usual one first."""
    newest: dict[str, Questionnaire] = {}
    for one in sorted(questionnaires.values(), key=lambda one: one.version):
        newest[one.id] = one
    usual = default_questionnaire()
    ordered = sorted(newest.values(), key=lambda one: (one.key != usual, one.key))
    return {one.key: one for one in ordered}


def _take_counters(draft: Draft, questionnaires: Mapping[str, Questionnaire]) -> Reply:
    sent = request.form
    rows = _sent_counters(sent.getlist("row"), questionnaires)
    draft.sure.discard("counters")
    draft.filled = replace(draft.filled, counters=rows)
    problem = counters_problem(rows, questionnaires)
    if problem:
        return _counters_page(draft, questionnaires, problem), 422
    if "more" in sent:
        ids = tuple(row.id for row in draft.filled.chosen)
        name = say("setup.counters.next", number=len(rows) + 1)
        draft.filled = replace(
            draft.filled, counters=(*rows, CounterRow(name, default_questionnaire(), ids))
        )
        return _counters_page(draft, questionnaires)
    return kept(draft, "counters")


def _sent_counters(
    numbers: Sequence[str], questionnaires: Mapping[str, Questionnaire]
) -> tuple[CounterRow, ...]:
    """The counters as they were sent; one without a name is none."""
    found = []
    for number in numbers:
        name = keys.normal(request.form.get(f"name-{number}", ""))
        asked = request.form.get(f"questionnaire-{number}", "")
        known = questionnaires.get(asked)
        sectors = tuple(request.form.getlist(f"sector-{number}"))
        if name:
            about = known is None or known.about_sector
            found.append(CounterRow(name, asked, sectors if about else ()))
    return tuple(found)
