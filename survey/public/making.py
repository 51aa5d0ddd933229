"""Makes the pages and pictures of the months that are sealed, where something of them is new.

Takes a second a month and office, so no server thread does it: a process of its own does, once a
month is sealed, a report of it is kept, or a name has changed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Engine

from questionnaires.wording import LANGUAGES
from survey.config import Config
from survey.errors import HailongError
from survey.figures.asking import program_digest
from survey.places import Places, place_names
from survey.public.kept import PictureForm, PublicPage, drop_months, keep_month, made_of
from survey.public.words import public_word
from survey.reports.kept import Revision, file_of, list_revisions
from survey.seals import Seal, short_code
from survey.store.places import load_places
from survey.store.seals import list_seals, published_document
from survey.told import sentence

PUBLIC_TURN: Final = "public.turn"
Progress = Callable[[str], None]
"""Told each month that was made."""


@dataclass(frozen=True, slots=True)
class Month:
    """A sealed month that has a published document. `seals`: all of it, the newest last, without
    that of a purge.

    `reports`: kept reports that were made of it since, by office ("all": of the only one).
    """

    month: str
    seals: tuple[Seal, ...]
    reports: Mapping[str, Revision]
    key: str

    @property
    def code(self) -> str:
        """What is printed of its newest seal."""
        return short_code(self.seals[-1].seal)

    @property
    def edition(self) -> int:
        """1, and one more each time that the sealed document became another."""
        documents = [one.document for one in self.seals]
        return 1 + sum(before != after for before, after in pairwise(documents))


def months_due(config: Config, engine: Engine) -> list[Month]:
    """The months whose pages are still to be made, the newest first; pages of no month go.

    Raises HailongError where a kept report is damaged.
    """
    made, published = made_of(config.data), _published(config, engine)
    drop_months(config.data, but=[one.month for one in published])
    return [one for one in published if made.get(one.month) != one.key]


def _published(config: Config, engine: Engine) -> list[Month]:
    """Every sealed month that has a document, the newest first, with what it is made of."""
    seals: dict[str, list[Seal]] = {}
    for seal in list_seals(engine):
        if seal.kind == "month" and seal.reason != "purged":  # which changes nothing published
            seals.setdefault(seal.about, []).append(seal)
    reports = list_revisions(config.data)
    rest = _beside(config, load_places(engine, gone_too=True))
    found = []
    for month, of_month in sorted(seals.items(), reverse=True):
        if of_month[-1].document is not None:
            newest = _newest(reports, month, short_code(of_month[-1].seal))
            content = sorted((office, one.content, one.lang) for office, one in newest.items())
            facts = repr(([one.seal for one in of_month], content, rest))
            key = sha256(facts.encode()).hexdigest()
            found.append(Month(month, tuple(of_month), newest, key))
    return found


def _newest(reports: Sequence[Revision], month: str, code: str) -> dict[str, Revision]:
    """The reports of a month that were kept since its newest seal: they hold what came later.

    In Vietnamese, or in English where there is none: each language is numbered by itself.
    """
    mine = [one for one in reports if one.period == month and one.seal == code]
    return {one.office: one for one in sorted(mine, key=lambda one: (one.lang == "vi", one.number))}


def _beside(config: Config, places: Places) -> str:
    """What else the words of a page rest on: names, targets, the program."""
    names = [place_names(places, lang) for lang in LANGUAGES]
    targets = config.targets_file.read_bytes() if config.targets_file.exists() else b""
    return repr((names, targets, program_digest()))


def make_due(config: Config, engine: Engine, told: Progress = lambda _month: None) -> int:
    """Make the pages that are due; return how many months there were. Raises HailongError."""
    due = months_due(config, engine)
    for month in due:
        _make(config, engine, month)
        told(month.month)
    return len(due)


def _make(config: Config, engine: Engine, month: Month) -> None:
    from analysis.kept import NoDocument, read_document
    from analysis.reporting.wording import measure_names
    from survey.figures.office import office_targets
    from survey.public.picture import picture_files
    from survey.public.view import Fixed, make_page
    from survey.store.questionnaires import published_questionnaires

    text = published_document(engine, month.month)
    if text is None:
        raise HailongError(sentence("public.no_document", month=month.month))
    targets, places = office_targets(config), load_places(engine, gone_too=True)
    known = published_questionnaires(engine)
    pages: list[PublicPage] = []
    pictures: dict[tuple[str, str, PictureForm], bytes] = {}
    try:
        sealed = read_document(json.loads(text), targets)
        for office in sealed.offices:
            report = month.reports.get(office) or (
                month.reports.get("all") if len(sealed.offices) == 1 else None
            )
            document = sealed
            if report is not None:
                document = read_document(_verdicts(config, report), targets)
            for lang in LANGUAGES:
                fixed = Fixed(month.code, **_fixed(month, report, lang))
                names = place_names(places, lang) | measure_names(known, lang)
                page, picture = make_page(document, names, office, lang, fixed)
                pages.append(page)
                for form, content in picture_files(picture):
                    pictures[office, lang, form] = content
    except NoDocument as error:
        told = sentence("public.bad_document", month=month.month, why=error)
        raise HailongError(told) from error
    keep_month(config.data, month.month, month.key, pages, pictures)


def _verdicts(config: Config, report: Revision) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file_of(config.data, report, "json"))["verdicts"]
    return found


def _fixed(month: Month, report: Revision | None, lang: str) -> dict[str, Any]:
    """Which edition this is, and why there is a later one."""
    if report is not None:
        return {
            "edition": report.number,
            "changed": " ".join((report.why, *report.changes)) if report.number > 1 else "",
            "changed_lang": report.lang,
            "report": (report.number, report.code),
        }
    late = public_word("page.late", lang) if month.edition > 1 else ""
    return {"edition": month.edition, "changed": late}


def make_apart(config: Config) -> None:
    """Make the pages in a process of its own. Raises HailongError."""
    data = str(config.data.absolute())
    command = [sys.executable, "-P", "-m", "survey", "public", "make", "--data", data]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  ours
    if done.returncode:
        why = done.stderr.strip() or done.stdout.strip()
        raise HailongError(sentence("public.apart", why=why))
