"""The kiosk over HTTP: the app, how a tablet is enrolled, and the door for its answers.

Owns addresses, statuses and what a request must look like: hostile bytes in, checked values or a
RequestError out. Must not decide what a response is, nor where anything is kept.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import wraps
from typing import Any, Final

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from flask import url_for as address_of
from werkzeug.exceptions import RequestEntityTooLarge

from kiosk.batch import Result, take_records
from kiosk.devices import Device, Heartbeat, Pin, clock_is_off, digest_of, is_secret
from kiosk.office import Backend, SecretTaken, TooOften
from kiosk.station import PREVIEW, Station, Timing, load_assets, sentences, station_document
from kiosk.strict_json import read_json

MAX_BYTES: Final = 512 * 1024
MAX_RECORDS: Final = 100
"""More than a tablet sends at once: it sends its queue in parts."""

MOST: Final = 2**31 - 1
"""The largest count or number of seconds that is kept; 68 years of seconds."""

LATEST: Final = 1e11
"""Epoch seconds beyond which a clock is nonsense: the year 5138."""

_BUILD = re.compile(r"[0-9a-z]{1,40}")
_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}@[0-9]{1,4}")
_STORAGE: Final = ("granted", "denied", "missing", "full")


class RequestError(Exception):
    """The request as a whole is not understood or not served."""

    def __init__(self, status: int, code: str, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A code as somebody typed it, and the digest of the tablet's secret."""

    code: str
    secret_hash: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """The tablet's clock at sending (epoch seconds) and its records, whatever they are."""

    clock: float
    records: list[object]


def secret_hash() -> str:
    """The digest of the secret that the request carries. Raises RequestError (401)."""
    bearer = request.authorization
    if bearer is None or bearer.type != "bearer" or not is_secret(bearer.token):
        raise RequestError(401, "unknown_device")
    return digest_of(str(bearer.token))


def read_enrolment() -> Enrolment:
    """The body of an enrolment. Raises RequestError."""
    body = _read_object({"code", "secret"})
    code, secret = body["code"], body["secret"]
    if not isinstance(code, str) or len(code) > 64 or not is_secret(secret):
        raise RequestError(422, "malformed")
    return Enrolment(code, digest_of(secret))


def read_delivery() -> Delivery:
    """The body of a delivery of responses. Raises RequestError."""
    body = _read_object({"clock", "responses"})
    clock, records = body["clock"], body["responses"]
    if not _is_clock(clock) or not isinstance(records, list) or not records:
        raise RequestError(400, "not_a_request")
    if len(records) > MAX_RECORDS:
        raise RequestError(413, "too_many_records")
    return Delivery(clock, records)


def read_heartbeat(now: float) -> Heartbeat:
    """The body of a heartbeat; `now` is the server's clock in epoch seconds. Raises RequestError.

    Of a questionnaire that the tablet does not have yet it says null, and so of the age of
    nothing that waits.
    """
    names = ("unsent", "quarantined", "oldest_s", "sent", "build", "questionnaire", "storage")
    body = _read_object({"clock", *names})
    told = {
        **body,
        "oldest_s": _or_default(body["oldest_s"], 0),
        "questionnaire": _or_default(body["questionnaire"], ""),
    }
    if not all(holds(told[name]) for name, holds in _HEARTBEAT.items()):
        raise RequestError(422, "malformed")
    offset = round(max(-MOST, min(MOST, told["clock"] - now)))
    return Heartbeat(**{name: told[name] for name in names}, clock_offset_s=offset)


def _or_default(value: object, default: object) -> object:
    return default if value is None else value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST


def _is_clock(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) < LATEST  # type: ignore[arg-type]  # `number` has said so; false of a NaN too


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_HEARTBEAT: Final[Mapping[str, Callable[[Any], bool]]] = {
    "clock": _is_clock,
    "unsent": _is_count,
    "quarantined": _is_count,
    "oldest_s": _is_count,
    "sent": _is_count,
    "build": _matches(_BUILD),
    "questionnaire": lambda value: value == "" or _matches(_KEY)(value),
    "storage": lambda value: isinstance(value, str) and value in _STORAGE,
}


def _read_object(fields: set[str]) -> dict[str, Any]:
    """An object with exactly these fields. Unknown ones are refused: they would be lost."""
    body = _read_json()
    if not isinstance(body, dict) or body.keys() != fields:
        raise RequestError(400, "not_a_request")
    return body


def _read_json() -> object:
    # Only JSON: a form on another site can send text or form fields to us, but not this type.
    if request.mimetype != "application/json":
        raise RequestError(415, "not_json")
    request.max_content_length = MAX_BYTES
    try:
        return read_json(request.get_data(cache=False))
    except RequestEntityTooLarge as error:
        raise RequestError(413, "too_large") from error
    except ValueError as error:
        raise RequestError(400, "not_json") from error


RETRY_AFTER: Final = 5
"""Seconds that a tablet is asked to wait when nothing could be stored."""

_log = logging.getLogger("hailong.kiosk")

Answer = Callable[[], Response]


def make_blueprint(office: Backend, timing: Timing | None = None) -> Blueprint:
    """The kiosk's pages, to be mounted at `/kiosk`."""
    blueprint = Blueprint("kiosk", __name__, template_folder="templates")
    _add_app(blueprint)
    _add_files(blueprint)
    _add_door(blueprint, office, timing or Timing())
    return blueprint


def render_preview(station: Station) -> str:
    """The app as it would ask at this station, to be looked at; for the site that has the kiosk.

    Its script keeps nothing and sends nothing, and its banner says so.
    """
    build, texts = load_assets().build, sentences()
    nobody = Device("", station.counter_id, "", date.min, Pin("", 0, ""))
    document = station_document(replace(station, simulated=True), Timing(), build, nobody)
    return render_template("kiosk/page.html", build=build, sentences=texts, document=document)


def _add_app(blueprint: Blueprint) -> None:
    assets = load_assets()

    @blueprint.get("/")
    def shell() -> Response:
        html = render_template("kiosk/page.html", build=assets.build, sentences=sentences())
        return _fresh(make_response(html))

    @blueprint.get("/sw.js")
    def worker() -> Response:
        script = assets.worker.replace("const BUILD = '';", _constant("BUILD", assets.build))
        script = script.replace("const SHELL = [''];", _constant("SHELL", _shell()))
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
    names = [name for name in assets.files if not name.endswith(".png") and name != PREVIEW]
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


def _add_door(blueprint: Blueprint, office: Backend, timing: Timing) -> None:
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


def _take(office: Backend, device: Device, delivery: Delivery) -> list[Result]:
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


def _device(office: Backend) -> Device:
    device = office.find_device(secret_hash())
    if device is None:
        raise RequestError(401, "unknown_device")
    return device


def _require_in_use(device: Device) -> Device:
    if device.revoked:
        raise RequestError(403, "revoked")
    return device


def _time(office: Backend) -> float:
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
