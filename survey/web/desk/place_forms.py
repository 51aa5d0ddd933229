"""What the pages of offices, counters and sectors share: names in a form, an edit and its end.

Owns what a name may be, and how an edit is stored, confirmed and refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from flask import abort
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from questionnaires import Text, keys
from survey.edits import EditRefused
from survey.errors import HailongError
from survey.places import Counter, Office, Places, Sector
from survey.store.places import Change, change_places, load_closed
from survey.told import in_language
from survey.web.desk.frame import say, see_other
from survey.web.desk.guard import DeskContext
from survey.web.desk.meanwhile import changed_meanwhile
from survey.web.security import chosen_language

LONGEST_NAME: Final = 120
_Place = TypeVar("_Place", Office, Sector, Counter)


class PlaceForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is not typed
    """A name in both languages; the Vietnamese one stands for a missing English one."""

    vi = StringField()
    en = StringField()

    @property
    def text(self) -> Text:
        """The name. Raises EditRefused where there is none, or it is too long."""
        vi, en = one_line(self.vi.data), one_line(self.en.data)
        if not vi:
            raise EditRefused("no_name")
        return Text(vi=vi, en=en or vi)


LABELS: Final[Mapping[str, str]] = {
    "vi": "places.name_vi",
    "en": "places.name_en",
    "hint_vi": "places.hint_vi",
    "hint_en": "places.hint_en",
    "office": "places.office",
    "parent": "places.parent",
    "questionnaire": "places.questionnaire",
    "sectors": "places.sectors",
    "kiosk_mode": "places.mode",
    "kiosk_comment": "places.comment",
}
"""What a field is called on its page."""


def require_offered(form: PlaceForm) -> None:
    """Raise EditRefused, naming the fields, where nothing is chosen or what was not offered."""
    if form.validate():
        return
    named = [say(label) for name, label in LABELS.items() if name in form.errors]
    raise EditRefused("not_offered", fields=", ".join(named))


def one_line(text: str | None) -> str:
    """A text as one line, nothing invisible. Raises EditRefused where it is too long."""
    line = keys.normal(text or "")
    if len(line) > LONGEST_NAME:
        raise EditRefused("long_name", most=str(LONGEST_NAME))
    return line


def filled_names(name: Text) -> dict[str, object]:
    """What the fields of a name show first: no English one where it is the Vietnamese one."""
    return {"vi": name.vi, "en": "" if name.en == name.vi else name.en}


def find_place(entries: tuple[_Place, ...], full_id: str | None) -> _Place | None:
    """The place that a request names, None where it names none; one that is not there is 404."""
    if not full_id:
        return None
    found = next((one for one in entries if one.full_id == full_id), None)
    if found is None:
        abort(404)
    return found


def told_meanwhile(form: PlaceForm, stored: Mapping[str, object]) -> str:
    """What somebody else stored since the form of a place was opened."""

    def shown(name: str, value: object) -> str:
        names = dict(getattr(form[name], "choices", None) or ())
        values = value if isinstance(value, list) else [value]
        return ", ".join(str(names.get(one, one)) for one in values)

    labels = {name: label for name, label in LABELS.items() if name in stored}
    return changed_meanwhile(stored, form.data, labels, shown)


def as_read(now: Places, stored: _Place | None) -> Places:
    """The places, where this one of them is still as it was read. Raises EditRefused."""
    if stored is not None and stored not in (*now.office, *now.sector, *now.counter):
        raise EditRefused("meanwhile")
    return now


def store_edit(context: DeskContext, change: Change) -> None:
    """Store an edit, in the name of whoever is signed in. Raises EditRefused and StoreError."""
    change_places(context.engine, change, context.now().date(), context.by)


def back_to_list(saved: str) -> Response:
    """Go back to the list, which says that this place was saved."""
    return see_other("places.show", saved=saved)


def refusal_text(refused: EditRefused | HailongError) -> str:
    """Why an edit was refused, as a sentence of the page."""
    if isinstance(refused, EditRefused):
        return say(f"places.{refused.key}", **refused.words)
    told = in_language(refused.args[0], chosen_language())
    return told[:1].upper() + told[1:]


def taken_ids(context: DeskContext, places: Places, office: str) -> set[str]:
    """The ids of the counters that an office has, or had: those may come back."""
    found = (*places.counter, *load_closed(context.engine).counter)
    return {one.id for one in found if one.office == office}
