"""What a page says of something that is not well: how it is, what to do, and on which page.

What the command line advises instead stands beside the finding (`survey.told.Finding`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from survey.told import Finding, in_language
from survey.web.desk.frame import say, staff_sentences
from survey.web.security import chosen_language

PAGES: Final[Mapping[str, str]] = {
    "backup": "machine.show",
    "disk": "machine.show",
    "address": "machine.show",
    "kiosk_address": "machine.show",
    "kiosks": "tablets.show",
    "fit": "targets.show",
    "links": "places.show",
    "staff": "accounts.show",
    "provider": "machine.provider",
    "questionnaires": "questionnaires.show",
    "worries.shipped_name": "places.show",
}
"""The page on which what a check found is put right, where there is one. A finding's own key comes
before the check's name."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A finding for people: sentences, and the endpoint of the page where it is put right."""

    mark: str
    text: str
    page: str | None


def on_page(finding: Finding, check: str = "fit") -> Remedy:
    """Return what a page says of what a check found, in the language of the request."""
    lang, key = chosen_language(), f"remedy.{finding.key}"
    text = in_language(finding.text, lang)
    if key in staff_sentences():
        text = f"{text}. {say(key)}"
    page = PAGES.get(finding.key) or PAGES.get(check)
    return Remedy(finding.mark, text, page if finding.mark != "ok" else None)
