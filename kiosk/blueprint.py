"""The kiosk over HTTP: the app, how a tablet is enrolled, and the door for its answers.

Owns addresses and statuses. Must not decide what a response is, nor where anything is kept.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Final

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from flask import url_for as address_of

from kiosk.assets import load_assets
from kiosk.batch import Result, take_records
from kiosk.devices import Device
from kiosk.document import station_document
from kiosk.health import clock_is_off
from kiosk.office import Office, SecretTaken, TooOften
from kiosk.requests import (
    Delivery,
    RequestError,
    read_delivery,
    read_enrolment,
    read_heartbeat,
    secret_hash,
)
from kiosk.sentences import sentences
from kiosk.station import Timing

RETRY_AFTER: Final = 5
"""Seconds that a tablet is asked to wait when nothing could be stored."""

_log = logging.getLogger("hailong.kiosk")

Answer = Callable[[], Response]


def make_blueprint(office: Office, timing: Timing | None = None) -> Blueprint:
    """The kiosk's pages, to be mounted at `/kiosk`."""
    blueprint = Blueprint("kiosk", __name__, template_folder="templates")
    _add_app(blueprint)
    _add_files(blueprint)
    _add_door(blueprint, office, timing or Timing())
    return blueprint


def _add_app(blueprint: Blueprint) -> None:
    assets = load_assets()

    @blueprint.get("/")
    def shell() -> Response:
        html = render_template("kiosk/page.html", build=assets.build, sentences=sentences())
        return _fresh(make_response(html))

    @blueprint.get("/sw.js")
    def worker() -> Response:
        script = assets.worker.replace("const BUILD = null;", _constant("BUILD", assets.build))
        script = script.replace("const SHELL = [];", _constant("SHELL", _shell()))
        response = Response(script, content_type="text/javascript; charset=utf-8")
        response.headers["Service-Worker-Allowed"] = address_of(".shell")
        return _fresh(response)

    @blueprint.get("/manifest.webmanifest")
    def manifest() -> Response:
        content = assets.manifest.replace("static/BUILD/", f"static/{assets.build}/")
        return _fresh(Response(content, content_type="application/manifest+json"))


def _constant(name: str, value: object) -> str:
    return f"const {name} = {json.dumps(value)};"


def _shell() -> list[str]:
    """Every address that the app needs to start without network. Not the manifest's pictures:
    a browser that installs the app keeps those itself."""
    assets = load_assets()
    names = [name for name in assets.files if not name.endswith(".png")]
    files = [address_of(".asset", build=assets.build, name=name) for name in names]
    return [address_of(".shell"), address_of(".manifest"), *files]


def _add_files(blueprint: Blueprint) -> None:
    assets = load_assets()

    @blueprint.get("/static/<build>/<path:name>")
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


def _fresh(response: Response) -> Response:
    """Ask again each time, but send nothing where nothing has changed."""
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _add_door(blueprint: Blueprint, office: Office, timing: Timing) -> None:
    build = load_assets().build

    def document(device: Device) -> dict[str, Any]:
        return station_document(office.station(device), timing, build, device)

    @blueprint.post("/enrol")
    @_always_answered
    def enrol() -> Response:
        asked = read_enrolment()
        device = office.pair(asked.code, asked.secret_hash, str(request.remote_addr))
        if device is None:
            raise RequestError(404, "unknown_code")
        _require_in_use(device)
        return _say(
            {"device": device.id, "server_time": _time(office), "station": document(device)}
        )

    @blueprint.get("/station.json")
    @_always_answered
    def station() -> Response:
        device = _require_in_use(_device(office))
        return _fresh(jsonify(document(device)))

    @blueprint.post("/heartbeat")
    @_always_answered
    def heartbeat() -> Response:
        device = _require_in_use(_device(office))
        told = read_heartbeat(_time(office))
        office.note(device, told)
        return _say(
            {"server_time": _time(office), "build": build, "station": document(device)["digest"]}
        )

    @blueprint.post("/responses")
    @_always_answered
    def responses() -> Response:
        device = _device(office)
        if not device.may_hand_in(office.now()):
            raise RequestError(403, "revoked")
        results = _take(office, device, read_delivery())
        content = {
            "server_time": _time(office),
            "results": [result.as_json() for result in results],
        }
        return _say(content, _status(results))


def _take(office: Office, device: Device, delivery: Delivery) -> list[Result]:
    doubtful = clock_is_off(delivery.clock - _time(office))

    def take(responses: Any) -> Any:
        marked = [replace(one, clock_doubtful=one.clock_doubtful or doubtful) for one in responses]
        return office.take(device, marked)

    return take_records(delivery.records, office.find_questionnaire, take)


def _always_answered(view: Answer) -> Answer:
    """Turn whatever goes wrong into an answer that the tablet understands."""

    @wraps(view)
    def answered() -> Response:
        try:
            return view()
        except RequestError as refusal:
            return _refuse(refusal)
        except TooOften as wait:
            return _refuse(RequestError(429, "too_often", wait.seconds))
        except SecretTaken:
            return _refuse(RequestError(422, "secret_taken"))
        except Exception:
            _log.exception("a tablet's request failed; it will come again")
            return _refuse(RequestError(503, "later"))

    return answered


def _device(office: Office) -> Device:
    device = office.find_device(secret_hash())
    if device is None:
        raise RequestError(401, "unknown_device")
    return device


def _require_in_use(device: Device) -> Device:
    if device.revoked:
        raise RequestError(403, "revoked")
    return device


def _time(office: Office) -> float:
    """The server's clock: epoch seconds, to the millisecond."""
    return round(office.now().timestamp(), 3)


def _refuse(refusal: RequestError) -> Response:
    response = _say({"error": refusal.code}, refusal.status)
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _say(content: dict[str, Any], status: int = 200) -> Response:
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
