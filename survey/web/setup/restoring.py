"""The pages that make the office out of a backup file: sent, read whole, counted, then kept."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from survey.address import parse_address
from survey.encryption import in_groups, is_encrypted, typed_key
from survey.errors import HailongError
from survey.files import make_folder
from survey.setup.landing import look_at_backup
from survey.setup.machine import own_addresses
from survey.setup.placed import FOLDER, Placed, placed_files
from survey.uploads import Upload, add_upload
from survey.web.desk.frame import say, see_other
from survey.web.setup.context import SetUp
from survey.web.setup.drafts import Draft
from survey.web.setup.ending import Reply, landed
from survey.web.setup.frame import page, told

PATH: Final = "/setup/restore"
MOST_MB: Final = 512
LARGEST: Final = MOST_MB * 1024 * 1024
LONGEST_KEY: Final = 200


def make_blueprint(setup: SetUp) -> Blueprint:
    """Return the pages, for whoever may set up."""
    pages = Blueprint("restoring", __name__, url_prefix=PATH)

    @pages.get("")
    def ask() -> str:
        return _form(setup)

    @pages.post("")
    def send() -> Reply:
        request.max_content_length = LARGEST
        try:
            current_app.extensions["csrf"].protect()
        except RequestEntityTooLarge:
            return _form(setup, say("setup.restore.too_large", most=MOST_MB)), 413
        draft = setup.drafts.own()
        problem = _choose(setup, draft) if "placed" in request.form else _take(setup, draft)
        if problem:
            return _form(setup, problem), 422
        following = "restoring.look" if draft.found else "restoring.ask_key"
        return see_other(following)

    @pages.get("/key")
    def ask_key() -> Reply:
        draft = setup.drafts.own()
        if draft.upload is None:
            return see_other("restoring.ask")
        return page("key", problem="", name=draft.upload.name, given="")

    @pages.post("/key")
    def unlock() -> Reply:
        current_app.extensions["csrf"].protect()
        draft = setup.drafts.own()
        if draft.upload is None:
            return see_other("restoring.ask")
        given = request.form.get("key", "")[:LONGEST_KEY]
        problem = _unlock(setup, draft, draft.upload, given)
        if problem:
            words = {"name": draft.upload.name, "given": in_groups(given)}
            return page("key", problem=problem, **words), 422
        return see_other("restoring.look")

    @pages.get("/found")
    def look() -> Reply:
        draft = setup.drafts.own()
        if draft.found is None:
            return see_other("restoring.ask")
        found = draft.found
        return page(
            "found",
            problem="",
            count=found.backup.responses,
            accounts=found.backup.counts.get("staff", 0),
            counters=found.backup.counts.get("counter", 0),
            day=found.backup.made_on,
            elsewhere=_elsewhere(found.base_url),
        )

    @pages.post("/make")
    def make() -> Reply:
        current_app.extensions["csrf"].protect()
        draft = setup.drafts.own()
        upload = draft.upload
        if upload is None or draft.found is None:
            return see_other("restoring.ask")
        return landed(lambda: setup.restore(draft, upload))

    return pages


def _form(setup: SetUp, problem: str = "") -> str:
    """The page, with the files that were put into the folder, which is made to be found."""
    folder = setup.config.data / FOLDER
    try:
        make_folder(folder)
    except OSError as error:
        problem = problem or say("setup.restore.no_room", why=error.strerror or error)
    files = placed_files(setup.config.data, setup.config.zone)
    words = {"most": MOST_MB, "folder": folder.absolute(), "files": files}
    return page("restore", problem=problem, **words)


def _choose(setup: SetUp, draft: Draft) -> str:
    """Read a file of the folder whole; say why it is not taken."""
    name = request.form["placed"]
    files = placed_files(setup.config.data, setup.config.zone)
    chosen = next((one for one in files if one.name == name), None)
    if chosen is None:
        return say("setup.restore.not_placed")
    return _look(setup, draft, chosen)


def _take(setup: SetUp, draft: Draft) -> str:
    """Keep the file and read it whole; say why it is not taken. One that is not goes again.

    One that is encrypted waits for its key.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        return say("setup.restore.no_file")
    try:
        # Its sender is the draft: there are no accounts yet.
        upload = add_upload(setup.config.data, draft.id, file.filename, file.stream)
    except OSError as error:
        return say("setup.restore.no_room", why=error.strerror or error)
    return _look(setup, draft, upload)


def _look(setup: SetUp, draft: Draft, upload: Upload | Placed) -> str:
    draft.upload, draft.found, draft.key = None, None, None
    try:
        if not is_encrypted(upload.path):
            draft.found = look_at_backup(setup.config, upload.path)
    except HailongError as error:
        upload.remove()
        return told(error).replace(str(upload.path), upload.name)  # as they know it
    except OSError as error:
        upload.remove()
        return say("setup.restore.no_room", why=error.strerror or error)
    except BaseException:
        upload.remove()
        raise
    draft.upload = upload
    return ""


def _unlock(setup: SetUp, draft: Draft, upload: Upload | Placed, given: str) -> str:
    """Read the file whole with the typed key; say why not. The file stays for another try."""
    try:
        key = typed_key(given)
        draft.found = look_at_backup(setup.config, upload.path, key)
    except HailongError as error:
        text = told(error).replace(str(upload.path), upload.name)
        return text[0].upper() + text[1:]
    except OSError as error:
        return say("setup.restore.no_room", why=error.strerror or error)
    draft.key = key
    return ""


def _elsewhere(base_url: str | None) -> str | None:
    """The address on the printed posters, where it is that of another machine of the network."""
    if base_url is None:
        return None
    address = parse_address(base_url)
    if address.reach == "inside" and address.host not in own_addresses():
        return address.shown
    return None
