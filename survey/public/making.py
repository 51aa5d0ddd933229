"""Makes the pages and pictures of the periods that are published, where something of them is new.

Takes a second a period and office, so no server thread does it: a process of its own does, once a
month is sealed, a report is kept, or a name has changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine

from questionnaires.wording import LANGUAGES
from survey.apart import run_apart
from survey.config import Config
from survey.errors import HailongError
from survey.figures.asking import program_digest
from survey.figures.office import office_tree
from survey.overview import ALL
from survey.places import Places, place_names
from survey.public.kept import (
    PictureForm,
    PublicPage,
    drop_periods,
    keep_period,
    made_of,
    months_of,
)
from survey.public.words import public_word
from survey.reports.kept import Revision, file_of, list_revisions
from survey.seals import Seal, short_code
from survey.store.places import load_places
from survey.store.seals import list_seals, published_document
from survey.told import sentence

if TYPE_CHECKING:
    from analysis.document import Document
    from analysis.targets import Targets

PUBLIC_TURN: Final = "public.turn"
Progress = Callable[[str], None]
"""Told each period that was made."""


@dataclass(frozen=True, slots=True)
class Told:
    """A page to be made: whose it is, and of which document.

    `total`: the office is above others, and the figures are of all of these together. `report`: the
    kept one that the document is of.
    """

    office: str
    document: Document
    report: Revision | None
    total: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """A period of which figures are published: a sealed month, or a longer one of which a report
    was kept once all its months were sealed, or whose answers were purged.

    `seals`: those of its document, the newest last, without that of a purge; none where reports are
    all there is. `reports`: kept reports that were made of it since, by office ("all": of the only
    one).
    """

    period: str
    seals: tuple[Seal, ...]
    reports: Mapping[str, Revision]
    key: str

    @property
    def edition(self) -> int:
        """1, and one more each time that the sealed document became another."""
        documents = [one.document for one in self.seals]
        return 1 + sum(before != after for before, after in pairwise(documents))

    def report_of(self, office: str, *, alone: bool) -> Revision | None:
        """The report whose figures the page of an office tells; `alone`: it is the only one, or the
        one above all others."""
        return self.reports.get(office) or (self.reports.get("all") if alone else None)


def periods_due(config: Config, engine: Engine) -> list[Published]:
    """The periods whose pages are still to be made, the newest first; pages of no period go.

    Raises HailongError where a kept report is damaged.
    """
    made, published = made_of(config.data), _published(config, engine)
    drop_periods(config.data, but=[one.period for one in published])
    return [one for one in published if made.get(one.period) != one.key]


def _published(config: Config, engine: Engine) -> list[Published]:
    """Every period that is published, the newest first, with what it is made of."""
    seals: dict[str, list[Seal]] = {}
    for seal in list_seals(engine):
        if seal.kind in ("month", "period") and seal.reason != "purged":  # it changes nothing
            seals.setdefault(seal.about, []).append(seal)
    sealed = {about: found for about, found in seals.items() if found[-1].document is not None}
    kept = [one for one in list_revisions(config.data) if one.seal is not None]
    longer = {one.period for one in kept if len(months_of(one.period)) > 1}
    rest = _beside(config, load_places(engine, gone_too=True))
    found = []
    for period in sorted({*sealed, *longer}, reverse=True):
        mine = sealed.get(period, [])
        newest = _newest(kept, period, mine)
        content = sorted((office, one.content, one.lang) for office, one in newest.items())
        facts = repr(([one.seal for one in mine], content, rest))
        key = sha256(facts.encode()).hexdigest()
        found.append(Published(period, tuple(mine), newest, key))
    return found


def _newest(reports: Sequence[Revision], period: str, seals: Sequence[Seal]) -> dict[str, Revision]:
    """The reports that stand for a period: of a month those that were kept since its newest seal,
    as they hold what came later; of a longer period the newest.

    In Vietnamese, or in English where there is none: each language is numbered by itself.
    """
    mine = [one for one in reports if one.period == period]
    if len(months_of(period)) == 1:
        code = short_code(seals[-1].seal)
        mine = [one for one in mine if one.seal == code]
    return {one.office: one for one in sorted(mine, key=lambda one: (one.lang == "vi", one.number))}


def _beside(config: Config, places: Places) -> str:
    """What else a page rests on: names, who is above whom, targets, the program."""
    names = [place_names(places, lang) for lang in LANGUAGES]
    above = sorted((one.id, one.parent) for one in places.office if one.parent)
    targets = config.targets_file.read_bytes() if config.targets_file.exists() else b""
    return repr((names, above, targets, program_digest()))


def make_due(config: Config, engine: Engine, told: Progress = lambda _period: None) -> int:
    """Make the pages that are due; return how many periods there were. Raises HailongError."""
    due = periods_due(config, engine)
    for one in due:
        _make(config, engine, one)
        told(one.period)
    return len(due)


def _make(config: Config, engine: Engine, published: Published) -> None:
    from analysis.kept import NoDocument
    from analysis.reporting.wording import measure_names
    from survey.figures.office import office_targets
    from survey.public.picture import picture_files
    from survey.public.view import Fixed, make_page
    from survey.store.questionnaires import published_questionnaires

    targets, places = office_targets(config), load_places(engine, gone_too=True)
    known = published_questionnaires(engine)
    pages: list[PublicPage] = []
    pictures: dict[tuple[str, str, PictureForm], bytes] = {}
    try:
        for told in _told(config, engine, published, targets):
            for lang in LANGUAGES:
                fixed = Fixed(**_fixed(published, told.report, lang))
                names = place_names(places, lang) | measure_names(known, lang)
                about = told.document, names, told.office, lang, fixed
                page, picture = make_page(*about, total=told.total)
                pages.append(page)
                for form, content in picture_files(picture):
                    pictures[told.office, lang, form] = content
    except NoDocument as error:
        why = sentence("public.bad_document", month=published.period, why=error)
        raise HailongError(why) from error
    keep_period(config.data, published.period, published.key, pages, pictures)


def _told(config: Config, engine: Engine, published: Published, targets: Targets) -> Iterator[Told]:
    """Every office of a period: those with answers of their own, and those above others."""
    from analysis.kept import read_document

    def of_report(report: Revision) -> Document:
        return read_document(_verdicts(config, report), targets)

    reports, top = published.reports, office_tree(engine).top
    if not published.seals:
        for office, report in reports.items():
            document = of_report(report)
            of = document.offices
            whose = office if office != ALL else of[0] if len(of) == 1 else top
            if whose in of and (office != ALL or len(of) == 1):
                yield Told(whose, document, report)
            elif whose not in (*of, ALL):
                yield Told(whose, document, report, total=True)
        return
    text = published_document(engine, published.period)
    if text is None:
        raise HailongError(sentence("public.no_document", month=published.period))
    kept = json.loads(text)
    sealed = read_document(kept, targets)
    totals = {one: read_document(found, targets) for one, found in kept.get("totals", {}).items()}
    if "totals" not in kept and top != ALL and len(sealed.offices) > 1:
        totals[top] = sealed
    alone = len(sealed.offices) == 1
    for office in sealed.offices:
        found = published.report_of(office, alone=alone)
        yield Told(office, sealed if found is None else of_report(found), found)
    for office, report in reports.items():  # of months that were sealed without it
        if office != ALL and office not in sealed.offices:
            totals.setdefault(office, of_report(report))
    for office, document in totals.items():
        row = document.pick()
        if office not in sealed.offices and row is not None and row.received:
            found = published.report_of(office, alone=office == top)
            yield Told(office, document if found is None else of_report(found), found, total=True)


def _verdicts(config: Config, report: Revision) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file_of(config.data, report, "json"))["verdicts"]
    return found


def _fixed(published: Published, report: Revision | None, lang: str) -> dict[str, Any]:
    """The code of the seal, which edition this is, and why there is a later one."""
    if report is not None:
        return {
            "seal": short_code(published.seals[-1].seal) if published.seals else report.seal,
            "edition": report.number,
            "changed": " ".join((report.why, *report.changes)) if report.number > 1 else "",
            "changed_lang": report.lang,
            "report": (report.number, report.code),
        }
    late = public_word("page.late", lang) if published.edition > 1 else ""
    seal = short_code(published.seals[-1].seal)
    return {"seal": seal, "edition": published.edition, "changed": late}


def make_apart(config: Config) -> None:
    """Make the pages in a process of its own. Raises HailongError."""
    run_apart(config.data, "public.apart", "public", "make")
