"""Makes the report of a period from the office's database, and keeps it where that is asked for.

Takes seconds, so no server thread does it: the command `hailong report` does, also as a job of the
desk.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from analysis.document import Document
from analysis.document_rows import EstimateRow, VerdictRow
from analysis.period import Period, moved
from analysis.reporting import wording
from analysis.reporting.teller import Teller
from analysis.reporting.wording import measure_names
from analysis.strata.survey import ALL
from questionnaires.bilingual import Told, both
from survey.errors import HailongError
from survey.figures.office import is_total, office_tree, report_figures, told_purged
from survey.places import place_names
from survey.reports.body import make_report
from survey.reports.formats import FORMATS, ReportFormat, write_report
from survey.reports.kept import SHOWN, Revision, file_of, find_revision, keep, keeping
from survey.reports.letterhead import Letterhead, called_on, load_letterhead, of_office
from survey.reports.parts import Beside, HandedOut, Report, RevisionMark
from survey.reports.phrases import load_phrases
from survey.reports.writer import Material, Wanted
from survey.slips import SlipCounts
from survey.store.comments import Filter, list_comments
from survey.store.places import load_places
from survey.store.questionnaires import published_questionnaires
from survey.store.seals import seal_of
from survey.store.slips import count_slips
from survey.themes import MINIMUM, MOST_COMMENTS, find_themes
from survey.told import sentence

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from survey.config import Config
    from survey.places import Places

Progress = Callable[[int, int], None]
"""Told at each step how many of how many are done."""

LONGEST_WHY: Final = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """Which report: of a period, an office (None: of all together), in a language and a format.

    `day`: of its signature; None leaves the place free. `keep`: number it and keep all its formats;
    `why` is needed where it takes the place of a kept one. `sentences`: a file of sentences to be
    tried in the place of the office's; such a report is not kept.
    """

    period: Period
    form: ReportFormat
    lang: str = "vi"
    office: str | None = None
    day: date | None = None
    keep: bool = False
    why: str = ""
    sentences: Path | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """The file, and the kept report that it is of; None where it is not of one."""

    content: bytes
    revision: Revision | None = None


def make(
    config: Config,
    engine: Engine,
    asked: Asked,
    today: date,
    *,
    told: Progress | None = None,
) -> Made:
    """Make a report.

    Where nothing has changed since it was kept, the kept file is returned, byte for byte.

    Raises
    ------
    HailongError
        A period that is not over, templates or a letterhead that are broken, a later revision
        without its reason.
    """
    steps = _Steps(told, 1 + (len(FORMATS) if asked.keep else 1))
    if asked.keep and not _leaves(asked.period):
        raise HailongError(sentence("report.not_kept", period=_named(asked.period)))
    if asked.keep and asked.sentences is not None:
        raise HailongError(sentence("report.tried"))
    if len(asked.why) > LONGEST_WHY:
        raise HailongError(sentence("report.one_line", most=LONGEST_WHY))
    gone = told_purged(engine, asked.period)
    if gone is not None:
        return _kept(config, engine, asked, gone)
    maker = _Maker.of(config, engine, asked, today)
    steps.done()
    last = find_revision(config.data, maker.office, asked.period.text, asked.lang)
    if last is not None and last.content == maker.content:
        return Made(file_of(config.data, last, asked.form), last)
    if not asked.keep:
        content = write_report(maker.report, asked.form)
        steps.done()
        return Made(content)
    with keeping(config.data):
        sealed = seal_of(engine, asked.period.months)
        return maker.keep(config, today, None if sealed is None else sealed.code, steps)


def _kept(config: Config, engine: Engine, asked: Asked, gone: Told) -> Made:
    """The report that was kept of a period whose answers were purged: none is made any more."""
    places = load_places(engine, gone_too=True)
    office, period, lang = _office(places, asked.office), asked.period.text, asked.lang
    last = find_revision(config.data, office, period, lang)
    if last is None and office == office_tree(engine).top:
        last = find_revision(config.data, ALL, period, lang)  # as which its total is kept
    if last is None:
        raise HailongError(sentence("purge.no_report", told=gone))
    return Made(file_of(config.data, last, asked.form), last)


def _leaves(period: Period) -> bool:
    """Whether its figures may be published: twelve months of two years may not."""
    return period.first.year == period.last.year


def _named(period: Period) -> Told:
    """The name of a period, in each language."""
    return both(period.called)


class _Steps:
    def __init__(self, told: Progress | None, of: int) -> None:
        self._told, self._of, self._count = told, of, 0

    def done(self) -> None:
        self._count += 1
        if self._told is not None:
            self._told(self._count, self._of)


@dataclass(frozen=True, slots=True)
class _Maker:
    """A report about to be written: its figures, its words, and the hash of both.

    `office`: whose report it is and as which it is kept; "all" of the whole installation.
    """

    asked: Asked
    office: str
    material: Material
    wanted: Wanted
    report: Report
    content: str

    @classmethod
    def of(cls, config: Config, engine: Engine, asked: Asked, today: date) -> _Maker:
        places = load_places(engine, gone_too=True)
        subject = _subject(engine, _office(places, asked.office), asked.period)
        phrases = load_phrases(config.data, asked.sentences)
        letterhead = _letterhead(config, places, subject)
        questionnaires = published_questionnaires(engine)
        found = report_figures(
            config,
            places,
            questionnaires,
            asked.period,
            today,
            office=subject.rows,
            within=subject.within,
            leaves=_leaves(asked.period),
        )
        names = place_names(places, asked.lang) | measure_names(questionnaires, asked.lang)
        if subject.whose in names:
            names[wording.TOTAL] = names[subject.whose]
        material = Material(
            document=found.sent,
            office=subject.rows,
            names=names,
            full=found.own,
            insights=found.insights,
            earlier=found.earlier,
            beside=Beside(_handed_out(engine, asked.period, subject.offices, today)),
            theme=_theme(engine, asked.period, subject.offices),
            simulated=config.simulated,
            total_of=subject.within,
        )
        wanted = Wanted(asked.lang, phrases, letterhead, asked.day)
        report = make_report(material, wanted)
        return cls(asked, subject.office, material, wanted, report, _content(report))

    def keep(self, config: Config, today: date, seal: str | None, steps: _Steps) -> Made:
        """Number it and keep all formats; the one asked for is returned."""
        asked = self.asked
        last = find_revision(config.data, self.office, asked.period.text, asked.lang)
        why = " ".join(asked.why.split())
        if last is not None and not why:
            words = {"period": _named(asked.period), "number": last.number}
            raise HailongError(sentence("report.why", **words))
        number = 1 if last is None else last.number + 1
        changes = () if last is None else tuple(self._changes(config, last))
        mark = RevisionMark(number, self.content[:SHOWN], why, changes, seal)
        report = make_report(self.material, replace(self.wanted, revision=mark))
        files: dict[str, bytes] = {}
        for form in FORMATS:
            files[form] = write_report(report, form)
            steps.done()
        revision = Revision(
            office=self.office,
            period=asked.period.text,
            lang=asked.lang,
            number=number,
            content=self.content,
            made_on=today.isoformat(),
            why=why,
            changes=changes,
            seal=seal,
        )
        revision = keep(config.data, revision, files)
        return Made(files[asked.form], revision)

    def _changes(self, config: Config, last: Revision) -> Iterator[str]:
        """What differs from the kept report: shares by sector, verdicts, or its words alone."""
        kept = json.loads(file_of(config.data, last, "json"))["verdicts"]
        now = self.report.document
        if json.loads(json.dumps(now.as_json())) == kept:
            yield self.wanted.phrases.get("revision.words", self.asked.lang)
            return
        found = [*self._changed_shares(kept, now), *self._changed_verdicts(kept, now)]
        yield from found or [self.wanted.phrases.get("revision.small", self.asked.lang)]

    def _changed_shares(self, kept: dict[str, Any], now: Document) -> Iterator[str]:
        tell = Teller.of(now, self.material.names, None, self.asked.lang)
        before = {
            row.key: row
            for row in map(_estimate, kept["estimates"])
            if (row.office, row.measure, row.channel) == (self.material.office, "overall", ALL)
        }
        after = {
            row.key: row
            for row in now.estimates
            if (row.office, row.measure, row.channel) == (self.material.office, "overall", ALL)
        }
        for key in dict.fromkeys((*before, *after)):
            texts = [_told(tell, side.get(key)) for side in (before, after)]
            if texts[0] != texts[1]:
                words = {"before": texts[0], "now": texts[1]}
                yield self.wanted.phrases.get(
                    "revision.figure", self.asked.lang, sector=tell.sector(key[1]), **words
                )

    def _changed_verdicts(self, kept: dict[str, Any], now: Document) -> Iterator[str]:
        tell = Teller.of(now, self.material.names, None, self.asked.lang)
        known = {row.key: row for row in map(_verdict, kept["verdicts"])}
        for verdict in now.verdicts:
            old = known.get(verdict.key)
            if old is None or old.evidence == verdict.evidence:
                continue
            yield self.wanted.phrases.get(
                "revision.verdict",
                self.asked.lang,
                sector=tell.sector(verdict.sector),
                aim=wording.threshold(verdict.threshold, self.asked.lang),
                before=wording.verdict_word(old, self.asked.lang),
                now=wording.verdict_word(verdict, self.asked.lang),
            )


def _told(tell: Teller, row: EstimateRow | None) -> str:
    """A share with its answers and its interval, as a report tells it."""
    if row is None:
        return "–"
    words = tell.instead(row)
    if words:
        return f"{words} ({wording.answers(row.n, tell.lang)})"
    return f"{wording.share_phrase(row, tell.lang, tell.found.thresholds)}, {tell.limits(row)}"


def _estimate(kept: dict[str, Any]) -> EstimateRow:
    return EstimateRow(
        **{name: kept[name] for name in EstimateRow._fields if name != "notes"}, notes=()
    )


def _verdict(kept: dict[str, Any]) -> VerdictRow:
    names = [name for name in VerdictRow._fields if name != "notes" and name in kept]
    return VerdictRow(**{name: kept[name] for name in names}, notes=())


def _handed_out(
    engine: Engine, period: Period, offices: frozenset[str] | None, today: date
) -> HandedOut | None:
    """The slips of a period and of the one before; None where the offices hand out none."""

    def counts(months: tuple[str, ...]) -> SlipCounts:
        found = count_slips(engine, months, today, offices)
        return sum(found.values(), SlipCounts())

    now, before = counts(period.months), counts(moved(period, -len(period.months)).months)
    if not now.issued + now.used + before.issued:
        return None
    return HandedOut(now.issued, now.used, before.issued)


def _office(places: Places, asked: str | None) -> str:
    """The office that is asked for; of the only one there is, all."""
    known = [one.id for one in places.office]
    if asked is None or [asked] == known:
        return ALL
    if asked not in known:
        raise HailongError(sentence("report.no_office", office=asked, known=", ".join(known)))
    return asked


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a report is of.

    `office`: as which it is kept. `rows`: of its document, "all" for the total of several offices.
    `within`: the office that the total is of, with all below it; empty where that is everything.
    `whose`: the office whose total it is; "all" where there is none above all others. `offices`:
    all that are in it, None for everything.
    """

    office: str
    rows: str = ALL
    within: str = ""
    whose: str = ""
    offices: frozenset[str] | None = None


def _subject(engine: Engine, office: str, period: Period) -> _Subject:
    """The office by itself; where all its answers are of offices below it, their total."""
    tree = office_tree(engine)
    if office == ALL:
        return _Subject(ALL, whose=tree.top)
    if not is_total(engine, tree, office, period):
        return _Subject(office, office, offices=frozenset([office]))
    if office == tree.top:
        return _Subject(ALL, whose=office)
    return _Subject(office, within=office, whose=office, offices=tree.below(office))


def _letterhead(config: Config, places: Places, subject: _Subject) -> Letterhead:
    """The letterhead that is kept for the report; of all offices together that of the one above all
    others where they have none of their own."""
    called = called_on(places.office, subject.whose or subject.office)
    found = load_letterhead(config.data, subject.office, called)
    if subject.office == ALL and found == of_office(called):
        return load_letterhead(config.data, subject.whose, called)
    return found


def _theme(engine: Engine, period: Period, offices: frozenset[str] | None) -> tuple[str, ...]:
    """The terms of what comments speak of most.

    None where no theme is the largest, or too few comments are in it; and of its terms those alone
    that no fewer comments have than people a published figure is on: so no name is among them.
    """
    wanted = Filter(period.first, period.last, offices)
    comments = list_comments(engine, wanted, MOST_COMMENTS)
    first, second = (*find_themes([one.text for one in comments]), None, None)[:2]
    if first is None or first.count is None:
        return ()
    if second is not None and len(second.members) == len(first.members):
        return ()
    return tuple(term for term, having in first.terms if having >= MINIMUM)


def _content(report: Report) -> str:
    """The hash of all that a report says, and of nothing else: equal hashes, equal reports."""
    said = repr((report.lang, report.frame, report.letterhead, report.warnings))
    parts = repr((report.body, report.appendices, report.beside))
    figures = json.dumps(report.document.as_json(), sort_keys=True, ensure_ascii=False)
    return sha256("\n".join((said, parts, figures)).encode()).hexdigest()
