"""What the public page says of an office and period: a published document told for citizens.

Pure: a document in, words out. Whose words they are: figures and verdicts those of
`analysis.reporting`, the rest `data/public.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.document import Document
from analysis.document_rows import EstimateRow, VerdictRow
from analysis.reporting import wording
from analysis.reporting.census_section import census_section
from analysis.reporting.indicator_section import indicator_section
from analysis.reporting.recheck_section import recheck_section
from analysis.reporting.teller import Teller
from analysis.reporting.verdicts import Judged, verdict_list
from analysis.strata.survey import ALL
from analysis.words import number
from survey.public.kept import PublicBeside, PublicPage, PublicRow, PublicVerdict
from survey.public.picture import Picture
from survey.public.words import public_word

_WITHHELD = ("withheld", "none")


@dataclass(frozen=True, slots=True)
class Fixed:
    """What else is fixed of a period: the code of its seal, and which edition of it this is.

    `changed`: why a later edition took the place of the first, in `changed_lang`; "" for the first.
    `report`: number and code of the kept report whose figures these are, or None.
    """

    seal: str
    edition: int = 1
    changed: str = ""
    changed_lang: str = ""
    report: tuple[int, str] | None = None


def make_page(
    document: Document,
    names: Mapping[str, str],
    whose: str,
    lang: str,
    fixed: Fixed,
    *,
    total: bool = False,
) -> tuple[PublicPage, Picture]:
    """The page of an office and its picture.

    `names`: of sectors, offices and measures, by their ids. `document` has the office in it; where
    the office is above others (`total`), the total of these is its own.
    """
    office, called = ALL if total else whose, names.get(whose, whose)
    tell = Teller.of(document, names, None, lang)
    judged = verdict_list(document, names=names, lang=lang, office=office).entries
    row = _total(document, office)
    picture = _picture(tell, row, called)
    return (
        PublicPage(
            office=whose,
            period=document.period.text,
            lang=lang,
            name=called,
            label=document.period.called(lang),
            finding=picture.finding,
            alt=picture.alt,
            share=""
            if row is None or tell.instead(row)
            else wording.share_text(row, lang, tell.found.thresholds),
            interval="" if row is None else _limits(tell, row),
            answers=_answers(row, lang),
            rate=_rate(row, lang),
            verdicts=tuple(_verdict(entry) for entry in _about_all(tell, judged, office)),
            rows=tuple(_rows(tell, office)),
            notes=_notes(tell, office),
            recheck=_recheck(tell, office),
            beside=tuple(_beside(tell, office)),
            method=_method(tell),
            level=tell.level,
            seal=fixed.seal,
            revision=_revision(fixed, lang),
            revision_lang=fixed.changed_lang or lang,
            report=_report(fixed, lang),
            simulated=document.simulated,
            total=total,
        ),
        picture,
    )


def _total(document: Document, office: str) -> EstimateRow | None:
    """The row that stands for the office: of all its sectors, else of the agency itself."""
    sector = ALL if ALL in wording.sections(document) else "general"
    return document.pick(office=office, sector=sector)


def _limits(tell: Teller, row: EstimateRow) -> str:
    limits = tell.limits(row)
    return "" if limits == "–" else limits


def _answers(row: EstimateRow | None, lang: str) -> str:
    if row is None or row.population is None:
        return number(0 if row is None else row.n, lang)
    counts = {"n": number(row.n, lang), "N": number(row.population, lang)}
    return public_word("page.answered_of", lang, **counts)


def _rate(row: EstimateRow | None, lang: str) -> str:
    if row is None or row.response_rate is None or row.population is None:
        return public_word("page.no_dossiers", lang)
    return wording.percent(row.response_rate, row.population, lang)


def _verdicts_on(tell: Teller, row: EstimateRow | None) -> list[VerdictRow]:
    """What was judged of a row's share, in the order of the deadlines."""
    if row is None:
        return []
    measures = {one.id: one.measure for one in tell.targets.target}
    found = [
        one
        for one in wording.told_verdicts(tell.found, row.office)
        if one.sector == row.sector and measures[one.target] == row.measure
    ]
    return sorted(found, key=lambda one: one.deadline)


def _told(verdicts: Sequence[VerdictRow]) -> list[VerdictRow]:
    return [one for one in verdicts if (one.evidence or "none") not in _WITHHELD]


# --- the picture --------------------------------------------------------------------------------


def _picture(tell: Teller, row: EstimateRow | None, called: str) -> Picture:
    lang = tell.lang
    finding = _finding(tell, row)
    counts = _counts(row, lang)
    interval = "" if row is None else _limits(tell, row)
    told = {
        "office": called,
        "period": tell.found.period.called(lang),
        "finding": finding,
        "counts": counts,
    }
    between = public_word("picture.interval", lang, level=tell.level, interval=interval)
    alt = public_word("picture.alt", lang, **told, interval=between)
    if not interval:
        between, alt = "", public_word("picture.alt_bare", lang, **told)
    simulated = public_word("picture.simulated", lang) if tell.found.simulated else ""
    shown = row is not None and tell.instead(row) is None
    return Picture(
        head=f"{told['office']} · {told['period']}",
        finding=finding,
        counts=counts,
        interval=between,
        alt=". ".join(filter(None, (simulated, alt))),
        share=_middle(row) if shown else None,
        low=row.low if shown and row is not None else None,
        high=row.high if shown and row is not None else None,
        aims=tuple(
            (one.threshold, wording.threshold(one.threshold, lang))
            for one in (_verdicts_on(tell, row) if shown else ())
        ),
        simulated=simulated,
    )


def _middle(row: EstimateRow | None) -> float | None:
    """Where the dot stands: the share, of one published in steps the middle of its step."""
    if row is None or row.share is None:
        return None
    return row.share + (row.step or 0) / 2 if (row.step or 0) > wording.EXACT else row.share


def _finding(tell: Teller, row: EstimateRow | None) -> str:
    """The title of the picture: the share, and what follows of it for each deadline."""
    lang = tell.lang
    if row is None or not row.received:
        return public_word("picture.none", lang)
    if tell.instead(row):
        enough = row.respondents >= tell.found.minimum
        return public_word("picture.withheld_more" if enough else "picture.withheld", lang)
    share = wording.share_text(row, lang, tell.found.thresholds)
    aims = [
        public_word(
            f"picture.{one.evidence}",
            lang,
            aim=wording.threshold(one.threshold, lang),
            deadline=one.deadline,
        )
        for one in _told(_verdicts_on(tell, row))
    ]
    said = wording.capital(public_word("picture.all", lang, share=share))
    return "; ".join((said, *aims))


def _counts(row: EstimateRow | None, lang: str) -> str:
    answers = wording.answers(0 if row is None else row.n, lang)
    if row is None or row.response_rate is None or row.population is None:
        return public_word("picture.counts_alone", lang, answers=answers)
    rate = wording.percent(row.response_rate, row.population, lang)
    return public_word("picture.counts", lang, answers=answers, rate=rate)


# --- verdicts and sectors -----------------------------------------------------------------------


def _about_all(tell: Teller, judged: Sequence[Judged], office: str) -> Iterator[Judged]:
    """Verdicts that are told and about more than one sector; those on one stand in its row."""
    alone = {
        tell.sector(one.sector) + tell.beside(one)
        for one in tell.found.verdicts
        if one.office == office and wording.section_of(one.sector) == "sector"
    }
    return (
        one
        for one in judged
        if one.scope not in alone
        and any(judgement.evidence not in _WITHHELD for judgement in one.judgements)
    )


def _verdict(entry: Judged) -> PublicVerdict:
    judgements = tuple(
        (one.evidence, f"{one.word} · {one.aim}", " ".join(one.more)) for one in entry.judgements
    )
    return PublicVerdict(entry.scope, entry.title, entry.reading, judgements, entry.notes)


def _rows(tell: Teller, office: str) -> Iterator[PublicRow]:
    """A row a sector that is published, the total last; what is withheld is said once below."""
    for row in wording.sector_rows(tell.found, office, "overall"):
        if tell.instead(row) is None:
            yield PublicRow(
                name=tell.sector(row.sector) + tell.beside(row),
                share=tell.share(row, beside=row.n),
                interval=tell.limits(row),
                rate=wording.rate_phrase(row, tell.lang),
                verdict=_words(tell, row),
                strong=wording.section_of(row.sector) != "sector",
            )


def _words(tell: Teller, row: EstimateRow) -> str:
    """The verdict words on a sector: "90%: Đạt; 95%: Chưa đủ căn cứ"."""
    told = (
        f"{wording.threshold(one.threshold, tell.lang)}: {wording.verdict_word(one, tell.lang)}"
        for one in _told(_verdicts_on(tell, row))
    )
    return "; ".join(told) or public_word("page.no_verdict", tell.lang)


def _notes(tell: Teller, office: str) -> tuple[str, ...]:
    rows = wording.sector_rows(tell.found, office, "overall")
    shown = [row for row in rows if tell.instead(row) is None]
    judged = wording.told_verdicts(tell.found, office)
    hidden = len(shown) < len(rows) or any(one.evidence == "withheld" for one in judged)
    return (
        *tell.caution(shown),
        *((public_word("page.unpublished", tell.lang),) if hidden else ()),
    )


def _recheck(tell: Teller, office: str) -> tuple[str, ...]:
    """What those drawn by lot say, where they are published."""
    section = recheck_section(tell, office)
    return () if section is None else section.sentences


def _beside(tell: Teller, office: str) -> Iterator[PublicBeside]:
    """What is counted of all dossiers, and the nine indicators where the office entered any.

    Neither is of single people, so the rule of publication leaves both as they are.
    """
    census = census_section(tell, office)
    if census is not None:
        yield PublicBeside(census.title, census.sentences, (), census.basis)
    points = indicator_section(tell, office)
    if points is not None:
        scores = tuple((row[0], row[-1]) for row in points.tables[0].rows[:-1])
        yield PublicBeside(points.title, points.sentences, scores, points.basis)


def _method(tell: Teller) -> tuple[str, ...]:
    values = {"level": tell.level, "minimum": tell.found.minimum}
    return tuple(public_word(f"page.method_{n}", tell.lang, **values) for n in (1, 2))


def _revision(fixed: Fixed, lang: str) -> str:
    if not fixed.changed:
        return ""
    return public_word("page.revision", lang, number=fixed.edition - 1, why=fixed.changed)


def _report(fixed: Fixed, lang: str) -> str:
    if fixed.report is None:
        return ""
    number_, code = fixed.report
    return public_word("page.report", lang, number=number_, code=code)
