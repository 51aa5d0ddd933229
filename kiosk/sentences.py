"""What the tablet says besides the questionnaire's own words, in every language.

Owns choosing them: those that all channels share live with the questionnaires, those that only a
tablet needs in `data/sentences.toml`. Must not hold wordings itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from questionnaires import Text, load_sentences
from questionnaires import sentences as shared_sentences

SHARED: Final = {
    "language_vi": "language.vi",
    "language_en": "language.en",
    "sector_question": "form.sector_question",
    "sending": "form.sending",
    "letters_left": "form.comment_left",
    "nothing": "error.nothing",
    "what_next": "done.next",
}
"""Our key -> the key of the sentence that the phone form uses too."""


@cache
def sentences() -> Mapping[str, Text]:
    """Every sentence of the tablet by its key. QuestionnaireError names whatever is missing."""
    shared = shared_sentences().texts
    kiosk = {
        key.removeprefix("kiosk."): text for key, text in shared.items() if key.startswith("kiosk.")
    }
    own = load_sentences(files("kiosk").joinpath("data", "sentences.toml")).texts
    return kiosk | {key: shared[name] for key, name in SHARED.items()} | dict(own)
