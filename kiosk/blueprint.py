"""The kiosk over HTTP: the page, its document, its files, and the door for its answers.

Owns addresses and statuses. Must not decide what a response is, nor where it is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, NoReturn

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from kiosk.assets import load_assets
from kiosk.batch import Accept, Result, take_records
from kiosk.document import station_document
from kiosk.records import FindQuestionnaire
from kiosk.sentences import sentences
from kiosk.station import Station, Timing
from questionnaires import Questionnaire

MAX_BYTES: Final = 512 * 1024
MAX_RECORDS: Final = 100
"""More than a tablet sends at once: it sends its queue in parts."""

RETRY_AFTER: Final = 5
"""Seconds that a tablet is asked to wait when nothing could be stored."""

FindStation = Callable[[str], Station | None]


class _RequestError(Exception):
    """The request as a whole is not understood or not served."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


def make_blueprint(
    find_station: FindStation,
    accept: Accept,
    find_questionnaire: FindQuestionnaire | None = None,
    timing: Timing | None = None,
) -> Blueprint:
    """The kiosk's pages, to be mounted at `/kiosk`.

    `find_station` knows every link, also those taken out of use (`open=False`). `accept` returns
    a receipt only once the response is durable. `find_questionnaire` finds the published version
    that a record says it answers; without it only the station's present version is taken.
    """
    blueprint = Blueprint("kiosk", __name__, template_folder="templates")
    _add_app(blueprint)
    _add_station(blueprint, find_station, timing or Timing())
    _add_door(blueprint, find_station, accept, find_questionnaire)
    return blueprint


def _add_app(blueprint: Blueprint) -> None:
    assets = load_assets()

    @blueprint.get("/static/<build>/<name>")
    def asset(build: str, name: str) -> Response:
        if name not in assets.files:
            abort(404)
        response = Response(
            assets.files[name].content, content_type=assets.files[name].content_type
        )
        # The address carries the version, so the tablet may keep the file for good. Under any
        # other version the present file is served but not kept: it belongs to another page.
        lasting = "public, max-age=31536000, immutable"
        response.headers["Cache-Control"] = lasting if build == assets.build else "no-cache"
        return response


def _add_station(blueprint: Blueprint, find_station: FindStation, timing: Timing) -> None:
    assets = load_assets()

    def open_station(code: str) -> Station:
        station = find_station(code)
        if station is None:
            abort(404)
        if not station.open:
            abort(410)
        return station

    @blueprint.get("/<code>")
    def page(code: str) -> Response:
        station = open_station(code)
        html = render_template(
            "kiosk/page.html", station=station, build=assets.build, sentences=sentences()
        )
        return _fresh(make_response(html))

    @blueprint.get("/<code>/questionnaire.json")
    def questionnaire(code: str) -> Response:
        return _fresh(jsonify(station_document(open_station(code), timing, assets.build)))


def _fresh(response: Response) -> Response:
    """Ask again each time, but send nothing where nothing has changed."""
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _add_door(
    blueprint: Blueprint,
    find_station: FindStation,
    accept: Accept,
    find_questionnaire: FindQuestionnaire | None,
) -> None:
    @blueprint.post("/responses")
    def responses() -> Response:
        try:
            code, records = _read_request()
            station = _serving_station(find_station, code)
        except _RequestError as refusal:
            return _say({"error": refusal.code}, refusal.status)
        find = find_questionnaire or _only(station.questionnaire)
        results = take_records(station, records, find, accept)
        return _say({"results": [result.as_json() for result in results]}, _status(results))


def _only(questionnaire: Questionnaire) -> FindQuestionnaire:
    return {questionnaire.key: questionnaire}.get


def _say(content: dict[str, Any], status: int) -> Response:
    response = jsonify(content)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _status(results: list[Result]) -> int:
    """200 where anything was decided; a record sent alone answers with its own status."""
    if all(result.receipt == "later" for result in results):
        return 503
    if len(results) > 1:
        return 200
    return {"conflict": 409, "refused": 422}.get(results[0].receipt, 200)


def _read_request() -> tuple[str, list[object]]:
    """The link's code and the records, whatever they are. Raises _RequestError."""
    body = _read_json()
    if not isinstance(body, dict) or body.keys() != {"code", "responses"}:
        raise _RequestError(400, "not_a_request")
    code, records = body["code"], body["responses"]
    if not isinstance(code, str) or not isinstance(records, list) or not records:
        raise _RequestError(400, "not_a_request")
    if len(records) > MAX_RECORDS:
        raise _RequestError(413, "too_many_records")
    return code, records


def _read_json() -> object:
    # Only JSON: a form on another site can send text or form fields to us, but not this type.
    if request.mimetype != "application/json":
        raise _RequestError(415, "not_json")
    request.max_content_length = MAX_BYTES
    try:
        return json.loads(request.get_data(cache=False), parse_constant=_no_constant)
    except RequestEntityTooLarge as error:
        raise _RequestError(413, "too_large") from error
    except (ValueError, RecursionError) as error:
        raise _RequestError(400, "not_json") from error


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is no JSON"
    raise ValueError(msg)


def _serving_station(find_station: FindStation, code: str) -> Station:
    station = find_station(code)
    if station is None:
        raise _RequestError(404, "unknown_code")
    if not station.open:
        raise _RequestError(410, "revoked_code")
    return station
