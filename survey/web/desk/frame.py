"""What every staff page shares: sentences in the language of the request, and the navigation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from questionnaires import Sentences, load_sentences
from survey.access import Action, Grant, is_there, may
from survey.web.security import chosen_language


@dataclass(frozen=True, slots=True)
class StaffPage:
    """A page of the navigation: where it is, and the action without which nobody sees it there.

    Its name is the sentence `navigation.<blueprint>`. `several`: only for accounts that have more
    than one office. `seldom`: folded away where the navigation would be long.
    """

    endpoint: str
    action: Action
    several: bool = False
    seldom: bool = False

    @property
    def blueprint(self) -> str:
        """The pages that belong to it."""
        return self.endpoint.partition(".")[0]


SEVERAL: Final = "has_several_offices"
"""The application's way to ask whether there is more than one office, or one below an office."""

LONG: Final = 12
"""Pages that fit into one line of an office's screen."""

BELONGS: Final[Mapping[str, str]] = {
    "backup_key": "machine",
    "own_thresholds": "targets",
    "past": "files",
    "themes": "comments",
    "tokens": "accounts",
}
"""Pages that are reached from another page -> the page of the navigation that they belong to."""

# One line adds a page to the navigation.
NAVIGATION: Final = (
    StaffPage("today.show", "see_today"),
    StaffPage("results.latest", "see_results"),
    StaffPage("overview.latest", "see_results", several=True),
    StaffPage("files.show", "make_files"),
    StaffPage("comments.show", "read_comments"),
    StaffPage("dossiers.show", "import_dossiers"),
    StaffPage("paper.show", "enter_paper"),
    StaffPage("recheck.show", "keep_rechecks"),
    StaffPage("tablets.show", "see_tablets"),
    StaffPage("posters.show", "print_posters"),
    StaffPage("slips.show", "issue_slips"),
    StaffPage("public_page.show", "keep_public_page", seldom=True),
    StaffPage("places.show", "change_places", seldom=True),
    StaffPage("questionnaires.show", "design_questionnaires", seldom=True),
    StaffPage("targets.show", "change_targets", seldom=True),
    StaffPage("accounts.show", "manage_accounts", seldom=True),
    StaffPage("log.show", "read_log", seldom=True),
    StaffPage("machine.show", "keep_server", seldom=True),
    StaffPage("account.show", "keep_own_account", seldom=True),
)


SHOWN_BY: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "auth.sign_out": ("auth.sign_in", ()),
    "accounts.act": ("accounts.edit", ("account",)),
    "accounts.change": ("accounts.edit", ("account",)),
    "comments.cover": ("comments.one", ("comment",)),
    "comments.delete": ("comments.one", ("comment",)),
    "comments.handle": ("comments.one", ("comment",)),
    "dossiers.undo": ("dossiers.show", ()),
    "past.undo": ("past.show", ()),
    "dossiers.enter": ("dossiers.indicators", ("office", "month")),
    "files.letterhead": ("files.letterhead", ("office",)),
    "files.use_sentences": ("files.sentences", ()),
    "files.drop_sentences": ("files.sentences", ()),
    "places.act": ("places.counter", ("id",)),
    "places.counter": ("places.counter", ("id",)),
    "places.hours": ("places.office", ("id",)),
    "places.logo": ("places.office", ("id",)),
    "places.merge": ("places.office", ("id",)),
    "places.office": ("places.office", ("id",)),
    "places.drop": ("places.sector", ("id",)),
    "places.sector": ("places.sector", ("id",)),
    "questionnaires.act": ("questionnaires.draft", ("draft",)),
    "questionnaires.check_wordings": ("questionnaires.wordings", ("key",)),
    "questionnaires.compare": ("questionnaires.compare", ("draft",)),
    "questionnaires.copy": ("questionnaires.copy", ("key",)),
    "questionnaires.drop": ("questionnaires.draft", ("draft",)),
    "questionnaires.part": ("questionnaires.part", ("draft", "part")),
    "questionnaires.publish": ("questionnaires.draft", ("draft",)),
    "questionnaires.seen": ("questionnaires.draft", ("draft",)),
    "slips.issue": ("slips.show", ("counter",)),
    "tablets.send": ("tablets.show", ()),
    "own_thresholds.drop": ("own_thresholds.edit", ("office", "target")),
    "own_thresholds.edit": ("own_thresholds.edit", ("office", "target")),
    "targets.drop": ("targets.target", ("id",)),
    "targets.target": ("targets.target", ("id",)),
}
"""What takes a form -> the page that shows it, and the fields that name what that page is about.

Of the others it is the page at the same address, or the nearest above it. Only what is named here
gets from a form into an address: others hold keys and what citizens wrote.
"""


@cache
def staff_sentences() -> Sentences:
    """The sentences of staff pages, checked for both languages."""
    return load_sentences(files("survey") / "data" / "staff.toml")


def say(key: str, /, **words: object) -> str:
    """Return a sentence in the language of the request."""
    return staff_sentences().get(key, chosen_language(), **words)


def see_other(endpoint: str, /, **values: Any) -> Response:
    """Go on to a page in the language of the request: reloading it sends no form again."""
    return redirect(url_for(endpoint, **values, lang=chosen_language()), code=303)


def staff_frame() -> dict[str, object]:
    """Return what the frame template needs."""
    lang = chosen_language()
    return {
        "lang": lang,
        "say": say,
        "simulated": current_app.config["SIMULATED"],
        "in_other_language": _in_other_language(lang),
        "navigation": navigation,
        "long_navigation": LONG,
        "blueprint": BELONGS.get(request.blueprint or "", request.blueprint),
        "megabytes": lambda size: _megabytes(size, lang),
        "grouped": lambda count: _grouped(count, lang),
    }


def _grouped(count: int, lang: str) -> str:
    """A number of answers or offices, as the language writes thousands."""
    from analysis.words import number

    return number(count, lang)


def _megabytes(size: int, lang: str) -> str:
    """A number of bytes in megabytes, as the language writes decimals."""
    text = f"{size / 1024**2:.1f}"
    return text.replace(".", ",") if lang == "vi" else text


def _in_other_language(lang: str) -> str:
    """The address of this page in the other language, with all else that it was asked for.

    What answered a form has none: the link leads to the page that the form belongs to.
    """
    other = {"lang": "vi" if lang == "en" else "en"}
    if request.method in ("GET", "HEAD"):
        return f"?{urlencode({**request.args, **other})}"
    return page_of_form(**other)


def page_of_form(**asked: str) -> str:
    """The address of the page that shows the form of this request, with what that is about.

    `asked`: what else its address says.
    """
    endpoint, fields = SHOWN_BY.get(request.endpoint or "", ("", ()))
    try:
        named = {name: request.form[name] for name in fields if request.form.get(name)}
    except HTTPException:  # too large or broken
        named = {}
    address = url_for(endpoint) if endpoint else _nearest_page()
    query = urlencode({**request.args, **named, **asked})
    return f"{address}?{query}" if query else address


def _nearest_page() -> str:
    """The page at the address of this request, or the nearest above it."""
    adapter = current_app.create_url_adapter(request)
    path = request.path.rstrip("/")
    while adapter is not None and path and not adapter.test(path, "GET"):
        path = path.rpartition("/")[0]
    return f"{request.root_path}{quote(path)}" or "/"


def navigation() -> tuple[StaffPage, ...]:
    """The pages that whoever is signed in may open. Asks the database who that is."""
    if not current_user.is_authenticated:
        return ()
    grant = current_user.grant
    found = [
        page for page in NAVIGATION if may(grant, page.action) and is_there(grant, page.action)
    ]
    has_several: Callable[[str | None], bool] = current_app.extensions[SEVERAL]
    return tuple(page for page in found if not page.several or has_several(grant.office))


def home(grant: Grant) -> str:
    """The address of the page that opens after signing in: the first that the account may open."""
    first = next(page for page in NAVIGATION if may(grant, page.action))
    return url_for(first.endpoint)


def page_number() -> int:
    """The page of a long list that is asked for, from 1 on; what is no number is 404."""
    number = whole_number(request.args.get("page", "1"))
    if number is None:
        abort(404)
    return max(1, number)


_DIGITS: Final = 6


def whole_number(text: str) -> int | None:
    """A number of up to six digits, as an address or a form has it; None for anything else.

    Python reads digits of all scripts, and refuses to read thousands of them.
    """
    read = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if read else None


def attachment(content: bytes, mimetype: str, name: str, how: str = "attachment") -> Response:
    """Return a file to be saved under a name (`inline`: to be shown)."""
    reply = make_response(content)
    reply.mimetype = mimetype
    reply.headers["Content-Disposition"] = f'{how}; filename="{name}"'
    return reply


def staff_message(key: str, words: Mapping[str, object], again: object = None) -> str:
    """Return a staff page that says one thing, without asking the database who is signed in.

    `again`: the form that could not be taken, to be sent once more (`survey.web.desk.unsent`).
    """
    return render_template("staff/message.html", **staff_frame(), key=key, words=words, again=again)
