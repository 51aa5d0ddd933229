"""The first verb: read everything that an analysis needs, or say everything that is wrong with it.

Owns `Data`. The layouts and their checks are those of `input`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Event
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Final, TypedDict, TypeVar
from zoneinfo import ZoneInfo

from analysis.arguments import checked, day, of_kind, one_of, text
from analysis.document import MINIMUM, check_minimum
from analysis.errors import LayoutError, Problem, Refusal, no_file, said
from analysis.input.columns import Named
from analysis.input.indicators import IndicatorCounts, read_indicators
from analysis.input.population import Population, read_population
from analysis.input.questionnaires import database_of, read_questionnaires
from analysis.input.rechecks import Rechecks, read_rechecks
from analysis.input.responses import Responses, read_responses
from analysis.input.sources import Source, run
from analysis.input.tidying import alike
from analysis.reporting.render import html
from analysis.reporting.wording import (
    Names,
    measure_names,
    measure_title,
    sector_name,
)
from analysis.strata.pooling import GENERAL, blocks_of
from analysis.strata.running import believed
from analysis.strata.survey import ALL, Order, Place, sectors_named
from analysis.targets import Targets, load_targets, shipped_targets
from analysis.words import number, say
from questionnaires import Questionnaire, QuestionnaireError
from questionnaires.keys import look_alikes
from questionnaires.toml import NotTOML, read_toml
from questionnaires.wording import LANGUAGES

if TYPE_CHECKING:
    from analysis.input.mapping import FormMapping

Result = TypeVar("Result")
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Contents:
    """What there is in the responses, over all periods. `places`: offices with their sectors."""

    n: int
    first: str | None
    last: str | None
    places: tuple[Place, ...]


class Labels(TypedDict):
    """What tables, charts and sections are told beside their figures."""

    names: Names
    targets: Targets
    lang: str


@dataclass(frozen=True, slots=True)
class Data:
    """Answers, dossiers, targets and questionnaires, read and checked; from `analysis.read`.

    Answers stay in their engine: `close` it, or use `with`, when the last figure is made. Figures
    made before remain.

    `contents`: how many answers there are, of which days (`first`, `last`) and `places` (offices
    with their sectors). `questionnaires`: those asked, by id@version. `targets`: those read, or the
    plan's. `names`: id of offices and sectors -> name for people. `lang`: "vi" or "en", of tables
    and charts. `simulated`: whether the answers are made up for a demonstration. `today`: the day
    up to which a period counts as over.
    """

    responses: Responses = field(repr=False)
    population: Population = field(repr=False)
    targets: Targets = field(repr=False)
    questionnaires: Mapping[str, Questionnaire] = field(repr=False)
    names: Names = field(repr=False)
    contents: Contents = field(repr=False)
    lang: str = "vi"
    simulated: bool = False
    today: date = date.max
    rechecks: Rechecks | None = field(default=None, repr=False)
    indicators: IndicatorCounts | None = field(default=None, repr=False)
    minimum: int = field(default=MINIMUM, repr=False)
    closed: Event = field(default_factory=Event, repr=False, compare=False)

    def opened(self) -> Responses:
        """The answers in their engine; Refusal where the data are closed."""
        if self.closed.is_set():
            what, remedy = said("asked.closed"), said("asked.read_again")
            raise Refusal([Problem(self.responses.name, said("asked.data"), what, remedy)])
        return self.responses

    @property
    def order(self) -> Order:
        """Offices and sectors as `names` has them, else as the targets have; the others follow."""
        named = tuple(self.names)
        return Order(named, named or sectors_named(self.targets))

    @checked
    def labels(self, lang: str | None = None) -> Labels:
        """Names, targets and language as tables and charts are told them.

        In this language; in that of the data where left out.
        """
        lang = lang or self.lang
        names = measure_names(self.questionnaires, lang) | dict(self.names)
        return {"names": names, "targets": self.targets, "lang": lang}

    def close(self) -> None:
        """Give back the engine's connection and files; a second time does nothing."""
        self.closed.set()
        self.responses.close()

    def __dir__(self) -> list[str]:
        return [
            "close",
            "contents",
            "lang",
            "names",
            "questionnaires",
            "simulated",
            "targets",
            "today",
        ]

    def __enter__(self) -> Data:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        facts = "; ".join(f"{name}: {value}" for name, value in self._facts())
        return f"<{self.responses.name}: {facts}>"

    def _repr_html_(self) -> str:
        return html("facts", self.responses.name, list(self._facts()))

    def _facts(self) -> Iterator[tuple[str, str]]:
        found, lang = self.contents, self.lang
        facts = {
            "answers": number(found.n, lang),
            "days": f"{found.first} – {found.last}" if found.n else "–",
            "offices": self._listed(office for office, _ in found.places),
            "sectors": self._listed(sector for _, sector in found.places),
            "questionnaires": self._listed(self.responses.answers),
            "items": ", ".join(self.responses.items),
            "covariates": ", ".join(self.responses.covariates),
            "skipped": number(self.responses.skipped, lang) if self.responses.skipped else "",
            "dossiers": self._dossiers(),
            "uncounted": self._listed(self._uncounted()),
        }
        if self.simulated:
            yield say("data.simulated", lang), "✓"
        for key, value in facts.items():
            if value:
                yield say(f"data.facts.{key}", lang), value

    def _listed(self, ids: Iterable[str]) -> str:
        """Names in the order of the tables, a dozen of them."""
        rank = {name: place for place, name in enumerate(self.names)}
        ids = sorted(set(ids), key=lambda id_: (id_ == GENERAL, rank.get(id_, len(rank)), id_))
        shown = [sector_name(id_, self.targets, self.names, self.lang) for id_ in ids[:_SHOWN]]
        if len(ids) > _SHOWN:
            shown.append(say("data.more", self.lang, n=len(ids) - _SHOWN))
        return ", ".join(shown)

    def _dossiers(self) -> str:
        counts = self.population.counts
        if not counts:
            return say("data.no_dossiers", self.lang)
        months = sorted({count.period for count in counts})
        total = number(sum(count.completed for count in counts), self.lang)
        stretch = months[0] if len(months) == 1 else f"{months[0]} – {months[-1]}"
        return f"{total} ({stretch})"

    def _uncounted(self) -> tuple[str, ...]:
        """Places with answers whose dossiers are nowhere counted: often a slip in a name."""
        if not self.population.counts:
            return ()
        counted = {(count.office, count.sector) for count in self.population.counts}
        missing = (place for place in self.contents.places if place not in counted)
        return tuple(f"{office}/{sector}" for office, sector in missing if sector != GENERAL)


@checked
def read(  # noqa: PLR0913  one argument for each thing that may be said of the data
    responses: Source,
    population: Source | None = None,
    *,
    mapping: FormMapping | str | Path | None = None,
    targets: Targets | str | Path | None = None,
    items: Sequence[str] = (),
    covariates: Sequence[str] = (),
    questionnaires: Mapping[str, Questionnaire] | str | Path | None = None,
    names: Names | str | Path | None = None,
    parents: Mapping[str, str | None] | None = None,
    lang: str = "vi",
    simulated: bool = False,
    trusted: bool = False,
    today: date | str | None = None,
    rechecks: str | Path | None = None,
    indicators: str | Path | None = None,
    minimum: int = MINIMUM,
) -> Data:
    """Read answers and dossiers in the published layouts (docs/data-layouts.md).

    Parameters
    ----------
    responses
        A CSV, Parquet, XLSX or SPSS (.sav) file, a folder of Parquet, a database URL,
        spark://…, or a table in memory (pandas, Arrow): one row per answer sheet.
    population
        Completed dossiers by month, office and sector, likewise; None: not known. Without them
        there is no response rate and no finite-population correction.
    mapping
        Of an export of another tool (LimeSurvey, KoboToolbox, Google Forms): a TOML file that says
        which column holds what (docs/mapping.md). `hailong mapping guess FILE` drafts one.
    targets
        A TOML file; the plan's own where left out.
    items
        Columns that are items although no known questionnaire asks them, scored from 1 to 5. A
        column that is neither never counts: it is a covariate.
    covariates
        Columns that say something else of an answer (its age group), for `estimate(by=…)`: needed
        where their name is not of a-z, 0-9 and _.
    questionnaires
        An office's own, beside the shipped ones: a folder, or the URL of its database; or
        id@version -> questionnaire. Where left out, those of a database that is read.
    names
        Id of offices and sectors -> name for people, in the order wanted in every table and
        chart; or an office's own `places.toml`. An id stands where there is none.
    parents
        Id of an office -> the one above it, or None: what an office has of its own in the targets
        holds below it too. Where one office stands above all others, the total is its own.
    lang
        "vi" or "en": of tables, charts and reports.
    simulated
        Marks frames, charts and reports as made of simulated answers; where the files say so
        themselves, they are marked anyway.
    trusted
        Leaves out the check of every row: for an office's own database, checked on the way in.
    today
        A period that is not over by then is running: its figures are as of an earlier day, and it
        has no verdict. This machine's date where left out, or the last answer's if that is later.
    rechecks
        Draws of the random re-check, likewise, whose answers are responses of the channel
        `recheck`; None: those of the office's own database, if it is one.
    indicators
        Files with 2, 1 and 0 points of the one-stop desk's nine indicators, likewise.
    minimum
        The fewest people that a published figure may rest on, 10 to 100: that of the office's
        settings, where it is stricter than the rule of publication.

    Returns
    -------
    Data
        Frozen; its representation says what was found.

    Raises
    ------
    Refusal
        With every problem of all files at once, each with place and remedy; nothing is kept.

    Examples
    --------
    >>> import analysis
    >>> with analysis.read(RESPONSES, POPULATION, lang="en") as data:
    ...     data
    <responses.csv: Answers: 90; Answered: 2026-10-01 – 2026-10-28; Offices: xa-a; Sectors: \
civil-status, land; Questionnaires: mine@1; Counted: overall; Completed dossiers: 180 (2026-10)>
    >>> analysis.read("no-such-file.csv", "nor-this.csv")
    Traceback (most recent call last):
    ...
    analysis.errors.LayoutError: no-such-file.csv, file: there is no such file or folder; \
check the name
    nor-this.csv, file: there is no such file or folder; check the name
    """
    check_minimum(minimum)
    trouble: list[Refusal | QuestionnaireError] = []
    unknown: list[Refusal | QuestionnaireError] = []
    named = Named(tuple(items), tuple(covariates))
    if questionnaires is not None:
        whence = "analysis.input.questionnaires.read_questionnaires(FOLDER)"
        of_kind("questionnaires", questionnaires, (Mapping, str, Path), whence)
    given = questionnaires if questionnaires is not None else database_of(responses)
    known = _attempt(unknown, lambda: _questionnaires(given))
    form = _attempt(trouble, lambda: mapping_given(mapping))
    opened = None
    if form is not None or mapping is None:
        opened = _attempt(
            trouble,
            lambda: read_responses(
                responses, trusted=trusted, questionnaires=known, named=named, mapping=form
            ),
        )
    counts = _attempt(trouble, lambda: _population(population))
    goals = _attempt(trouble, lambda: targets_given(targets))
    if parents is not None:
        of_kind("parents", parents, Mapping, "dict(zip(offices, above))")
    if parents:
        goals = goals and goals.under(parents, _top(parents))
    called = _attempt(trouble, lambda: names_given(names, lang))
    draws = _attempt(trouble, lambda: None if rechecks is None else read_rechecks(rechecks))
    points = _attempt(trouble, lambda: None if indicators is None else read_indicators(indicators))
    trouble += unknown
    if opened is not None:
        with _closed_on_error(opened):
            if known is not None:
                _attempt(trouble, lambda: blocks_of(opened, known))
            if trouble:
                raise _together(trouble)
            contents = _contents(opened)
            if counts is not None and goals is not None:
                _check_alike(opened.name, contents, counts, goals, draws, points)
    if opened is None or counts is None or goals is None or known is None or called is None:
        raise _together(trouble)
    day = _today(today, contents)
    simulated = simulated or opened.simulated or counts.simulated
    asked = MappingProxyType(dict(known))
    how = lang, simulated, day, draws, points, minimum
    return Data(opened, counts, goals, asked, called, contents, *how)


def _top(parents: Mapping[str, str | None]) -> str | None:
    """The office above all others; None where several are above."""
    roots = [office for office, above in parents.items() if above not in parents]
    return roots[0] if len(roots) == 1 else None


def _check_alike(
    name: str,
    contents: Contents,
    counts: Population,
    goals: Targets,
    rechecks: Rechecks | None,
    indicators: IndicatorCounts | None,
) -> None:
    """Refusal where two sources name an office or a sector alike to the eye, but not the same."""
    offices = {office for office, _ in contents.places} | {each.office for each in counts.counts}
    sectors = {sector for _, sector in contents.places} | {each.sector for each in counts.counts}
    draws = rechecks.draws if rechecks else ()
    entered = indicators.counts if indicators else ()
    offices |= {draw.office for draw in draws} | {one.office for one in entered}
    sectors |= {draw.sector for draw in draws}
    listed = [*(goal.sectors for goal in goals.target), *(group.sectors for group in goals.group)]
    sectors |= {sector for names in listed if names != "all" for sector in names}
    named = (
        counts.name if counts.counts else "",
        rechecks.name if draws and rechecks else "",
        indicators.name if entered and indicators else "",
    )
    file = ", ".join(filter(None, (name, *named)))
    problems = [
        alike(file, f"column '{column}'", group)
        for column, names in (("office", offices), ("sector", sectors))
        for group in look_alikes(names)
    ]
    if problems:
        raise LayoutError(problems)


def this_day() -> date:
    """The date at the offices, whatever zone this machine has: here alone `analysis` looks at the
    clock, for the analyst at it."""
    from analysis.input.mapping import OFFICE_ZONE

    return datetime.now(ZoneInfo(OFFICE_ZONE)).date()


def _today(given: date | str | None, contents: Contents) -> date:
    """The day that the data are looked at."""
    if given is not None:
        return day("today", given)
    return believed(this_day(), contents.last)


def id_of(data: Data, key: str, given: str, ids: Iterable[str]) -> str:
    """The one of these ids that an office, sector, measure or channel is called by.

    Offices and sectors by name too, elements and items without the kind before them ("access" for
    "element:access"). UnknownName where there is none, with what may have been meant.
    """
    text(key, given)
    known = tuple(dict.fromkeys(ids))
    if given not in known:
        plain = given.casefold()
        for lang in LANGUAGES:
            called = _callings(data, key, known, lang)
            near = [id_ for id_, name in called if plain == name.casefold()]
            if near:
                return near[0]
        one_of(key, given, known)
    return given


def ids_of(data: Data, rows: Sequence[Any], called: Mapping[str, str]) -> dict[str, str]:
    """The keys of rows by their ids; UnknownName where one of them is in no row."""
    return {
        key: name
        if isinstance(name, str) and name == ALL
        else id_of(data, key, name, (str(getattr(row, key)) for row in rows))
        for key, name in called.items()
    }


def _callings(data: Data, key: str, ids: Sequence[str], lang: str) -> Iterator[tuple[str, str]]:
    """Ids with what else they are called."""
    names = data.labels(lang)["names"]
    for id_ in ids:
        if key in ("office", "sector"):
            yield id_, sector_name(id_, data.targets, data.names, lang)
        elif key == "measure":
            yield id_, names.get(id_) or measure_title(id_, lang)
            yield id_, id_.partition(":")[2]


def targets_given(targets: Targets | str | Path | None) -> Targets:
    """Targets as they are, from a file, or the plan's own."""
    if isinstance(targets, str | Path):
        return load_targets(targets)
    if targets is None:
        return shipped_targets()
    of_kind("targets", targets, Targets, "analysis.targets.load_targets(FILE)")
    return targets


def names_given(names: Names | str | Path | None, lang: str) -> Names:
    """Names as they are, or of the offices and sectors of a file of places, in its order."""
    if not isinstance(names, str | Path):
        return MappingProxyType(dict(names or {}))
    path = Path(names)
    try:
        places = read_toml(path.read_bytes())
        entries = [*places.get("office", ()), *places.get("sector", ())]
        return MappingProxyType({one["id"]: one["name"][lang] for one in entries})
    except OSError:
        problem = no_file(path)
    except NotTOML as error:
        problem = error.problem(str(path))
    except (LookupError, TypeError, AttributeError):
        what, remedy = said("names.unread"), said("names.write")
        problem = Problem(str(path), said("place.file"), what, remedy)
    raise LayoutError([problem])


def mapping_given(mapping: FormMapping | str | Path | None) -> FormMapping | None:
    """A mapping as it is, or from a file."""
    from analysis.input.mapping import FormMapping, load_mapping

    if isinstance(mapping, str | Path):
        return load_mapping(mapping)
    if mapping is not None:
        of_kind("mapping", mapping, FormMapping, "analysis.input.mapping.load_mapping(FILE)")
    return mapping


def _population(source: Source | None) -> Population:
    return Population("population", ()) if source is None else read_population(source)


def _questionnaires(
    given: Mapping[str, Questionnaire] | str | Path | None,
) -> Mapping[str, Questionnaire]:
    return given if isinstance(given, Mapping) else read_questionnaires(given)


def _attempt(
    trouble: list[Refusal | QuestionnaireError], step: Callable[[], Result]
) -> Result | None:
    """The result of a step; None where it refuses, and why is kept."""
    try:
        return step()
    except (Refusal, QuestionnaireError) as refusal:
        trouble.append(refusal)
        return None


def _together(trouble: list[Refusal | QuestionnaireError]) -> Refusal:
    """One refusal with all problems, of the kind that they share."""
    problems: list[Problem] = [problem for refusal in trouble for problem in refusal.problems]
    kinds = {type(refusal) for refusal in trouble if isinstance(refusal, Refusal)}
    alike = len({type(refusal) for refusal in trouble}) == 1 and kinds
    return kinds.pop()(problems) if alike else Refusal(problems)


@contextmanager
def _closed_on_error(opened: Responses) -> Iterator[None]:
    try:
        yield
    except BaseException:
        opened.close()
        raise


def _contents(opened: Responses) -> Contents:
    table = opened.table
    places = run(opened.source, table.select("office", "sector").distinct())
    day = table.answered_on
    (whole,) = run(opened.source, table.aggregate(n=table.count(), first=day.min(), last=day.max()))
    return Contents(
        n=int(whole["n"]),
        first=str(whole["first"]) if whole["n"] else None,
        last=str(whole["last"]) if whole["n"] else None,
        places=tuple(sorted((str(row["office"]), str(row["sector"])) for row in places)),
    )
