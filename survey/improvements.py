"""What an office did about what people said: one entry, and what it must look like to be public.

Pure. Written by staff, a month and office at a time; no comment is ever shown by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from questionnaires.comments import scrub, tidy
from survey.errors import HailongError
from survey.told import sentence, spoken_month

LONGEST: Final = 300
"""Letters of a text: three lines on a phone."""

MOST: Final = 12
"""Entries of an office and month."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What people said and what was done about it; the English may be empty, the rest may not."""

    said_vi: str
    did_vi: str
    said_en: str = ""
    did_en: str = ""

    def in_language(self, lang: str) -> tuple[str, str, str]:
        """Said, done, and the language that both are in: Vietnamese where English is missing."""
        if lang == "en" and self.said_en and self.did_en:
            return self.said_en, self.did_en, "en"
        return self.said_vi, self.did_vi, "vi"


@dataclass(frozen=True, slots=True)
class Improvement:
    """An entry of a month ("2026-10") and office; a draft while `published_on` is None."""

    id: int
    month: str
    office: str
    texts: Texts
    published_on: date | None


def checked(given: Texts) -> Texts:
    """The texts as they are kept, tidied. Raises HailongError naming what must be otherwise.

    A number that is somebody's (telephone, identity card, dossier) is refused and not taken out:
    whoever writes it is to see that it would have been public.
    """
    texts = Texts(**{name: " ".join(tidy(text).split()) for name, text in _named(given)})
    if not (texts.said_vi and texts.did_vi):
        raise HailongError(sentence("improvement.empty"))
    if bool(texts.said_en) != bool(texts.did_en):
        raise HailongError(sentence("improvement.half"))
    for _name, text in _named(texts):
        if len(text) > LONGEST:
            words = {"text": text, "length": len(text), "most": LONGEST}
            raise HailongError(sentence("improvement.long", **words))
        if scrub(text) != text:
            raise HailongError(sentence("improvement.number", text=text))
    return texts


def too_many(month: str) -> HailongError:
    """That a month has as many entries as it may have."""
    return HailongError(sentence("improvement.many", month=spoken_month(month), most=MOST))


def _named(texts: Texts) -> list[tuple[str, str]]:
    return [(field.name, getattr(texts, field.name)) for field in fields(texts)]
