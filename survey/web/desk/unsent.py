"""A form that came too late: after half an hour without a request, or from an earlier session.

Nothing of it is stored, and nothing is lost: what was typed goes back to the browser within the
sign-in page, and whoever signs in sees it and may send it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from flask import current_app, render_template, request
from werkzeug.exceptions import HTTPException

from survey.web.desk.frame import BELONGS, page_of_form, staff_frame

FIELD: Final = "unsent"
"""The field of the sign-in page that holds such a form."""
MOST: Final = 60_000
"""Characters of a form that is kept; more cannot have been typed."""
SECRET_PAGES: Final = frozenset({"account", "auth", "backup_key", "code", "password", "provider"})
"""Pages that ask for passwords, codes and keys: these go into no page again."""
SECRET_FIELDS: Final = frozenset({"password", "secret"})
TOKEN: Final = "csrf_token"  # noqa: S105  the name of a field


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form: the address that takes it, the page that shows it, and its fields as they came."""

    address: str
    page: str
    fields: tuple[tuple[str, str], ...]

    def written(self) -> str:
        """As it is held by the sign-in page."""
        return json.dumps([self.address, self.page, self.fields], ensure_ascii=False)

    @property
    def endpoint(self) -> str:
        """What takes it; empty where nothing of staff does."""
        return _endpoint(self.address) or ""

    @property
    def blueprint(self) -> str:
        """The page of the navigation that it belongs to."""
        name = self.endpoint.partition(".")[0]
        return BELONGS.get(name, name)

    @property
    def words(self) -> tuple[str, ...]:
        """What somebody wrote: texts of more than one word, to be seen before it is sent."""
        texts = (text.strip() for _, text in self.fields)
        return tuple(dict.fromkeys(text for text in texts if len(text.split()) > 1))


def unsent_form() -> Unsent | None:
    """The form of this request, where a page of ours sent it and it may be shown again.

    None of a file, which has to be chosen anew, nor of passwords, codes and keys.
    """
    if request.method != "POST" or not is_ours():
        return None
    try:
        fields = tuple((k, v) for k, v in request.form.items(multi=True) if k != TOKEN)
        files = any(file.filename for file in request.files.values())
    except HTTPException:  # too large or broken
        return None
    if files or request.blueprint in SECRET_PAGES or SECRET_FIELDS & {name for name, _ in fields}:
        return None
    form = Unsent(request.full_path.rstrip("?"), page_of_form(), fields)
    return form if len(form.written()) <= MOST else None


def kept_form(given: Mapping[str, str]) -> Unsent | None:
    """The form that the sign-in page held; None where it held none, or no form of ours.

    Nor where another site sent the page: whoever signs in would be asked to send what a stranger
    has filled in.
    """
    text = given.get(FIELD, "")
    if not text or len(text) > MOST or not is_ours():
        return None
    try:
        address, page, fields = json.loads(text)
        form = Unsent(str(address), str(page), tuple((str(k), str(v)) for k, v in fields))
    except (ValueError, TypeError, RecursionError):
        return None
    return form if form.endpoint and _endpoint(form.page, "GET") else None


def send_again(form: Unsent) -> str:
    """The page that shows whoever is signed in what was not sent, and sends it."""
    frame = staff_frame() | {"in_other_language": ""}  # a page of its own, which would not have it
    return render_template("staff/unsent.html", **frame, form=form)


def is_ours() -> bool:
    """Whether a page of this site sent the request, as the browser says."""
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def _endpoint(address: str, method: str = "POST") -> str | None:
    """What staff page is at an address of this site; None where there is none."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    try:
        endpoint, _ = adapter.match(urlsplit(address).path, method=method)
    except (HTTPException, ValueError):
        return None
    name = str(endpoint).partition(".")[0]
    ours = name in current_app.config["STAFF_PAGES"] and name not in SECRET_PAGES
    return str(endpoint) if ours else None
