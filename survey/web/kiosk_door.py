"""Hands the kiosk its stations and takes its responses in by the one door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Blueprint
from sqlalchemy import Engine

import kiosk
from kiosk import KioskResponse, Problem, Station
from questionnaires import Questionnaire
from survey.intake import RefusedResponse, choose_sector, make_response
from survey.links import typed_code
from survey.places import Counter
from survey.store.places import Desk, find_desk
from survey.store.responses import add_response


def make_blueprint(
    engine: Engine,
    questionnaires: Mapping[str, Questionnaire],
    now: Callable[[], datetime],
    *,
    simulated: bool,
) -> Blueprint:
    """Return the kiosk's pages, wired to the store. Public on purpose, by unguessable links."""

    def find_station(code: str) -> Station | None:
        desk = _desk(engine, code)
        return None if desk is None else _station(desk, questionnaires, simulated)

    def accept(station: Station, response: KioskResponse) -> kiosk.Receipt | tuple[Problem, ...]:
        desk = _desk(engine, station.code)
        if desk is None:
            return (Problem("code", "unknown"),)
        try:
            sector = choose_sector(desk.counter, response.questionnaire, response.sector)
        except RefusedResponse:
            return (Problem("sector", "unknown"),)
        return _store(engine, desk.counter, response, sector, now())

    return kiosk.make_blueprint(find_station, accept, questionnaires.get)


def _store(
    engine: Engine, counter: Counter, response: KioskResponse, sector: str, now: datetime
) -> kiosk.Receipt:
    stored = make_response(
        counter,
        response.questionnaire,
        response.answers,
        response_id=response.response_id,
        sector=sector,
        channel="kiosk",
        answered_on=response.answered_on(now),
    )
    return add_response(engine, stored)


def _desk(engine: Engine, code: str) -> Desk | None:
    desk = find_desk(engine, typed_code(code))
    return desk if desk is not None and desk.link.channel == "kiosk" else None


def _station(desk: Desk, questionnaires: Mapping[str, Questionnaire], simulated: bool) -> Station:
    questionnaire = questionnaires[desk.counter.questionnaire]
    return Station(
        code=desk.link.code,
        office=desk.office.name,
        counter=desk.counter.name,
        sectors=tuple((sector.id, sector.name) for sector in desk.sectors)
        if questionnaire.about_sector
        else (),
        questionnaire=questionnaire,
        simulated=simulated,
        open=desk.link.revoked_on is None,
    )
