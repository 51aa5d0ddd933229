"""A survey as it is seen from outside: parts that are withheld count as one part of their total.

Owns that merging. A total weighs its sectors by their dossiers, and dossiers are known: weighed one
by one, a few withheld answers could be worked out from it by trying. Weighed together, everything
about a total follows from sums that may be known: the published parts, and what is left.
"""

from __future__ import annotations

from analysis.design.scopes import ALL, Place, Scope, Survey
from analysis.formulas.strata import Stratum
from analysis.suppression.publishable import Publishable

_Piece = tuple[str, ...]


class Pieces(Survey):
    """The same moments and dossiers; `strata` and `domain` merge what is withheld."""

    def __init__(self, survey: Survey, allowed: Publishable) -> None:
        vars(self).update(vars(survey))  # all that was arranged and counted already
        self._allowed = allowed
        self._shown: dict[tuple[str, str], frozenset[Place]] = {}

    def strata(self, scope: Scope, measure: str) -> list[Stratum]:
        """The scope's strata, withheld ones with answers merged."""
        found: dict[_Piece, Stratum] = {}
        for place in scope.places:
            stratum = self.stratum(place, measure)
            piece = self._piece(scope, place, measure, ALL) if stratum.moments.answered else place
            found[piece] = _merged(found.get(piece), stratum)
        return [part for part in found.values() if part.moments.n or part.population]

    def domain(self, scope: Scope, measure: str, channel: str) -> list[Stratum]:
        """The answers of one channel; strata that withhold it are merged."""
        item = self.measures(scope).get(measure) == "item"
        found: dict[_Piece, Stratum] = {}
        for place in scope.places:
            inside = self.moments(place, measure, channel)
            if inside.n:
                whole = self.stratum(place, measure)
                size = whole.moments.answered if item else whole.moments.n
                piece = self._piece(scope, place, measure, channel) if inside.answered else place
                stratum = Stratum(inside, whole.population, size)
                found[piece] = _merged(found.get(piece), stratum)
        return list(found.values())

    def merges(self, scope: Scope, measure: str, channel: str = ALL) -> bool:
        """Whether some strata of the scope are merged."""
        met = set()
        for place in scope.places:
            if self.moments(place, measure, channel).answered:
                piece = self._piece(scope, place, measure, channel)
                if piece in met:
                    return True
                met.add(piece)
        return False

    def _piece(self, scope: Scope, place: Place, measure: str, channel: str) -> _Piece:
        """A published place by itself, else what is left of its office's row, or of the total."""
        if place in self._shown_places(measure, channel):
            return place
        if self._allowed.allows(place[0], scope.sector, measure, channel):
            return (place[0],)
        return ()

    def _shown_places(self, measure: str, channel: str) -> frozenset[Place]:
        """The strata whose own rows may leave; every total that holds them asks."""
        key = measure, channel
        if key not in self._shown:
            allows = self._allowed.allows
            shown = (place for place in self.places if allows(*place, measure, channel))
            self._shown[key] = frozenset(shown)
        return self._shown[key]


def _merged(one: Stratum | None, other: Stratum) -> Stratum:
    if one is None:
        return other
    known = one.population is not None and other.population is not None
    population = (one.population or 0) + (other.population or 0) if known else None
    sizes = (one.responses, other.responses)
    responses = None if None in sizes else sum(size or 0 for size in sizes)
    return Stratum(one.moments + other.moments, population, responses)
