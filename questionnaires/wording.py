"""A text in every language that citizens are addressed in, and where its wording comes from.

Owns texts, sources and trust marks. Must not know what the texts are used for.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LANGUAGES: Final = ("vi", "en")
"""Vietnamese is the source language and comes first."""

Trust = Literal["A", "B", "C", "M", "own"]


class Part(BaseModel):
    """A part of a questionnaire: immutable, and an unknown key is a mistake, not a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _printable(text: str) -> str:
    """Composed letters (NFC), so that the same words are the same bytes on every system."""
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        msg = "holds a line break or a control character"
        raise ValueError(msg)
    return unicodedata.normalize("NFC", text)


LONGEST_LINE: Final = 500
"""Letters of a sentence in one language."""
Line = Annotated[str, Field(min_length=1, max_length=LONGEST_LINE), AfterValidator(_printable)]


class Text(Part):
    """The same sentence in Vietnamese and in English."""

    vi: Line
    en: Line

    def get(self, lang: str) -> str:
        """The sentence in `lang`; ValueError names the languages there are."""
        if lang == "vi":
            return self.vi
        if lang == "en":
            return self.en
        msg = f"language is {lang!r}; use one of {', '.join(LANGUAGES)}"
        raise ValueError(msg)


class Source(Part):
    """Where the Vietnamese wording comes from; the English one is always a translation of it.

    `trust`: A, the decision or law itself was read; B, only the opening of a press or law page
    was; C, a third party's reconstruction; M, from memory; own, our wording, claiming no decision.
    """

    text: Line
    trust: Trust

    @property
    def verified(self) -> bool:
        """Whether nothing is left to check against a decision.

        True for A (it was read there) and for own (there is no decision to hold it against).
        Where it is False, staff see "to be checked against the decision".
        """
        return self.trust in {"A", "own"}


class Wording(Part):
    """One sourced text of a questionnaire and its place in the file."""

    place: str
    text: Text
    source: Source
