"""The second verb: every figure of a period.

Owns what may be asked of `estimate`. Computes nothing: the figures are those of `analysis.results`.
"""

from __future__ import annotations

from typing import overload

from analysis.arguments import checked, of_kind
from analysis.asking import Request, choices
from analysis.data import Data
from analysis.document import Flagged
from analysis.domains import Domains, by_covariate
from analysis.period import PeriodLike
from analysis.results import Estimates, estimated


@overload
def estimate(
    data: Data,
    period: PeriodLike,
    *,
    by: None = None,
    office: str | None = None,
    questionnaire: str | None = None,
    level: float = 0.95,
    flagged: Flagged = "include",
    published: bool = False,
) -> Estimates: ...


@overload
def estimate(
    data: Data,
    period: PeriodLike,
    *,
    by: str,
    office: str | None = None,
    questionnaire: str | None = None,
    level: float = 0.95,
    flagged: Flagged = "include",
    published: bool = False,
) -> Domains: ...


@checked
def estimate(
    data: Data,
    period: PeriodLike,
    *,
    by: str | None = None,
    office: str | None = None,
    questionnaire: str | None = None,
    level: float = 0.95,
    flagged: Flagged = "include",
    published: bool = False,
) -> Estimates | Domains:
    """Every figure of a period: shares, means and indices with intervals, for every sector.

    Parameters
    ----------
    data
        From `analysis.read`, still open.
    period
        For example "2026-10", "2026-Q4", "2026-H2", "2026", "12m:2026-10", "quý IV/2026"; or 2026,
        a day of its month, a pandas Period.
    by
        A covariate (or "procedure"): the figures of each of its values instead, as `Domains`. For
        the office's own use; they are never published.
    office, questionnaire
        Only the answers of one office (its id or name), to one questionnaire (id@version).
    level
        Of the intervals, two-sided, 0 < level < 1.
    flagged
        "exclude" leaves out answers that a screening rule flagged.
    published
        Only what may be published, as `Estimates.published()`; every figure where left out.

    Returns
    -------
    Estimates
        Rows of office x sector x measure x channel, with totals and the targets' groups.
    Domains
        With `by`: rows of office x sector x measure x value.

    Raises
    ------
    Refusal
        A period, office or questionnaire that is not known, or wordings that must not be mixed.

    Notes
    -----
    One item in one sector with N dossiers: exact hypergeometric limits, without N those of
    Clopper and Pearson. Totals, indices and means: a stratified ratio with weights N_h/n_h and
    Korn and Graubard's limits at the effective number of answers. See docs/methods.en.md.

    References
    ----------
    Wright (1991), Exact Confidence Bounds when Sampling from Small Finite Universes; Clopper &
    Pearson (1934), Biometrika 26:404; Korn & Graubard (1998), Survey Methodology 24:193.

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(RESPONSES, POPULATION)
    >>> found = analysis.estimate(data, "2026-10")
    >>> land = found.pick(sector="land")
    >>> land.n, land.population, round(land.share, 3)
    (50, 120, 0.9)
    >>> list(found.to_frame(lang="en").columns[:3])
    ['Office', 'Sector', 'Measure']
    >>> analysis.estimate(data, "2026-10", office="xa-b")
    Traceback (most recent call last):
    ...
    analysis.errors.Refusal: office, 'xa-b': it occurs nowhere; use one of xa-a
    >>> data.close()
    """
    of_kind("data", data, Data, "analysis.read(…)")
    asked = Request(period, _office(data, office), questionnaire, level, flagged)
    if by is not None:
        domains = by_covariate(data, by, period, choices(data, asked))
        return domains.published() if published else domains
    found = estimated(data, asked)
    return found.published() if published else found


def _office(data: Data, called: str | None) -> str | None:
    """The id of an office that is called by its name; anything else as it is, to be refused."""
    named = {name.casefold(): id_ for id_, name in data.names.items()}
    known = {place[0] for place in data.contents.places}
    if called is None or called in known:
        return called
    return named.get(called.casefold(), called)
