"""What comments speak of: themes by TF-IDF and non-negative matrix factorisation, on this machine.

Pure. A Vietnamese word is mostly two syllables, so terms are pairs of neighbouring syllables beside
single ones; they are compared without tones, as many people type none. Equal comments give equal
themes: nothing here is drawn by chance.

Term weights: idf = ln((1 + n) / (1 + df)) + 1, rows of length 1. Factorisation: multiplicative
updates for the squared error (Lee and Seung 2001) from the start of Boutsidis and Gallopoulos
(2008).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from questionnaires.keys import normal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

MINIMUM: Final = 10
"""A theme of fewer comments has no number, as no figure of fewer people has."""

LEAST_COMMENTS: Final = 20
"""Fewer comments are read one by one, and make no themes."""

MOST_COMMENTS: Final = 20_000
_LEAST_WITH_TERM: Final = 3  # comments: a rarer term could be somebody's name
_OFTEN: Final = 0.9  # of the comments: a term that nearly all have tells none apart
_MOST_TERMS: Final = 400
_A_THEME: Final = 25  # comments for each theme that is looked for
_MOST_THEMES: Final = 8
_ROUNDS: Final = 200
_NAMED_BY: Final = 4  # terms
_WEIGHTY: Final = 0.15  # of the weight of the first term
_TINY: Final = 1e-12

_SYLLABLE: Final = re.compile(r"[^\W\d_]+")
_APART: Final = re.compile(r"[^\w\s]|\d|_")


@dataclass(frozen=True, slots=True)
class Theme:
    """`terms` name it, the weightiest first, with how many comments have each.

    `members`: places of its comments among the texts, the most typical first.
    """

    terms: tuple[tuple[str, int], ...]
    members: tuple[int, ...]

    @property
    def name(self) -> str:
        """Its terms."""
        return ", ".join(term for term, _ in self.terms)

    @property
    def count(self) -> int | None:
        """How many comments it has; None where they are fewer than a figure may be on."""
        return len(self.members) if len(self.members) >= MINIMUM else None


def find_themes(texts: Sequence[str]) -> tuple[Theme, ...]:
    """The themes of comments, the largest first; none of fewer than `LEAST_COMMENTS`.

    Each comment is in one theme at most: that it has most of.
    """
    import numpy as np

    found = [_terms(text) for text in texts]
    chosen = _vocabulary(found)
    places = {key: place for place, key in enumerate(chosen)}
    rows = [place for place, terms in enumerate(found) if places.keys() & terms.keys()]
    if len(rows) < LEAST_COMMENTS or len(chosen) < 2:
        return ()
    rarity = np.array([math.log((1 + len(texts)) / (1 + n)) + 1 for n in chosen.values()])
    weights = np.zeros((len(rows), len(chosen)))
    for number, row in enumerate(rows):
        weights[number, [places[key] for key in places.keys() & found[row].keys()]] = 1
    weights *= rarity
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    sought = min(_MOST_THEMES, max(2, len(rows) // _A_THEME), len(chosen))
    belongs, tells = _factors(weights, sought)
    said = _surfaces(found)
    made = []
    best = belongs.argmax(axis=1)
    for theme in range(sought):
        mine = np.flatnonzero((best == theme) & (belongs[:, theme] > _TINY))
        order = sorted(mine, key=lambda one: (-belongs[one, theme], one))
        terms = tuple(
            (said[key], chosen[key]) for key in _names(tells[theme] / rarity, list(chosen))
        )
        if order and terms:
            made.append(Theme(terms, tuple(rows[one] for one in order)))
    return tuple(sorted(made, key=lambda one: (-len(one.members), one.name)))


# --- terms ----------------------------------------------------------------------------------------


@cache
def stop_words() -> frozenset[str]:
    """Syllables that tell of no theme."""
    text = (files("survey") / "data" / "stopwords.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


def _terms(text: str) -> Mapping[str, str]:
    """The terms of a comment as they are compared, each as it is written there."""
    found: dict[str, str] = {}
    for part in _APART.split(normal(text).lower()):
        syllables = _SYLLABLE.findall(part)
        for one in syllables:
            if _tells(one):
                found.setdefault(_toneless(one), one)
        for pair in pairwise(syllables):
            if all(map(_tells, pair)):
                written = " ".join(pair)
                found.setdefault(_toneless(written), written)
    return found


def _tells(syllable: str) -> bool:
    return len(syllable) > 1 and syllable not in stop_words()


def _toneless(text: str) -> str:
    """Without tones and marks: "chờ lâu" and "cho lau" are one pair."""
    apart = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _vocabulary(found: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """The terms that count, with how many comments have each; pairs go before single syllables."""
    having = Counter(key for terms in found for key in terms)
    most = max(_LEAST_WITH_TERM, _OFTEN * len(found))
    kept = [(key, n) for key, n in having.items() if _LEAST_WITH_TERM <= n <= most]
    kept.sort(key=lambda one: (-one[1], " " not in one[0], one[0]))
    return dict(kept[:_MOST_TERMS])


def _surfaces(found: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """How each term is written most often, with its tones where as many write them."""
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for terms in found:
        for key, text in terms.items():
            written[key][text] += 1
    return {
        key: max(counted, key=lambda text: (text != key, counted[text], text))
        for key, counted in written.items()
    }


def _names(weights: Iterable[float], keys: Sequence[str]) -> Iterator[str]:
    """The weightiest terms, pairs first.

    Left out: a syllable of a pair that is named, and a pair that is the end of one and the
    beginning of another ("độ phục" of "thái độ phục vụ").
    """
    ranked = sorted(zip(weights, keys, strict=True), key=lambda one: (-one[0], one[1]))
    least = max(_WEIGHTY * ranked[0][0], _TINY)
    heavy = [key for weight, key in ranked if weight > least]
    named: list[str] = []
    held: set[str] = set()
    for key in sorted(heavy, key=lambda one: " " not in one):
        if held.isdisjoint(key.split()):
            named.append(key)
            held |= set(key.split())
    return iter(named[:_NAMED_BY])


# --- factorisation --------------------------------------------------------------------------------


def _factors(weights: Matrix, sought: int) -> tuple[Matrix, Matrix]:
    """Non-negative W (comments × themes) and H (themes × terms of length 1): W·H ≈ weights."""
    import numpy as np

    belongs, tells = _start(weights, sought)
    for _ in range(_ROUNDS):
        tells *= (belongs.T @ weights) / (belongs.T @ belongs @ tells + _TINY)
        belongs *= (weights @ tells.T) / (belongs @ (tells @ tells.T) + _TINY)
    length = np.linalg.norm(tells, axis=1)
    length[length < _TINY] = 1.0
    return belongs * length, tells / length[:, None]


def _start(weights: Matrix, sought: int) -> tuple[Matrix, Matrix]:
    """Of each singular vector pair the half that weighs more, its zeros filled with the mean."""
    import numpy as np

    values, vectors = np.linalg.eigh(weights.T @ weights)
    belongs, tells = np.empty((len(weights), sought)), np.empty((sought, weights.shape[1]))
    for theme in range(sought):
        value, right = math.sqrt(max(values[-1 - theme], _TINY)), vectors[:, -1 - theme]
        left = weights @ right / value
        halves = [
            (np.clip(sign * left, 0, None), np.clip(sign * right, 0, None)) for sign in (1, -1)
        ]
        sizes = [np.linalg.norm(one) * np.linalg.norm(two) for one, two in halves]
        half = halves[int(sizes[1] > sizes[0])]
        size = max(sizes)
        for place, part in ((belongs[:, theme], half[0]), (tells[theme], half[1])):
            place[:] = math.sqrt(value * size) * part / max(float(np.linalg.norm(part)), _TINY)
    mean = float(weights.mean())
    belongs[belongs < _TINY] = mean
    tells[tells < _TINY] = mean
    return belongs, tells
