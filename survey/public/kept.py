"""The files of the public page: what was made of each office and period, in each language.

`public/OFFICE/PERIOD/LANG.json` is what the page says, `LANG.svg` and `LANG.png` its picture;
`public/made.json` tells what each period was made of. They are made of what is kept elsewhere, and
may be deleted at any time: the server makes them again.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from questionnaires.wording import LANGUAGES
from survey.files import make_folder, write_whole

FOLDER: Final = "public"
_MADE: Final = "made.json"
_OFFICE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_MONTH: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_PERIOD: Final = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]|Q[1-4]|H[12]))?")

PictureForm = Literal["svg", "png"]
PICTURE_FORMS: Final[tuple[PictureForm, ...]] = get_args(PictureForm)


@dataclass(frozen=True, slots=True)
class PublicVerdict:
    """A verdict: what was judged, its reading, and for each deadline its word and what settles it.

    `judgements`: (evidence, "word · aim", more).
    """

    scope: str
    title: str
    reading: str
    judgements: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublicRow:
    """A sector: share, interval, answers of dossiers, its verdict words."""

    name: str
    share: str
    interval: str
    rate: str
    verdict: str
    strong: bool


@dataclass(frozen=True, slots=True)
class PublicBeside:
    """What is told of dossiers or of the desk beside the survey and never mixed with it.

    `rows`: (what, figure), one below the other.
    """

    title: str
    sentences: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublicPage:
    """What the page of an office and period says in one language; words and figures alone.

    `name`: of the office; `total`: it is above others, and the figures are of all of them together.
    `finding`: the title of the picture, `alt` the picture in words.
    `revision`: "" for the first edition. `report`: which kept report the figures are of; "" where
    they are those of the sealed document.
    """

    office: str
    period: str
    lang: str
    name: str
    label: str
    finding: str
    alt: str
    share: str
    interval: str
    answers: str
    rate: str
    verdicts: tuple[PublicVerdict, ...]
    rows: tuple[PublicRow, ...]
    notes: tuple[str, ...]
    recheck: tuple[str, ...]
    beside: tuple[PublicBeside, ...]
    method: tuple[str, ...]
    level: str
    seal: str
    revision: str
    revision_lang: str
    report: str
    simulated: bool
    total: bool = False


def read_page(data: Path, office: str, period: str, lang: str) -> PublicPage | None:
    """The page of an office and period; None where there is none, or no longer in this shape."""
    content = _read(data, office, period, f"{lang}.json")
    if content is None:
        return None
    try:
        found: dict[str, Any] = json.loads(content)
        verdicts = tuple(
            PublicVerdict(
                **{
                    **one,
                    "judgements": tuple(map(tuple, one["judgements"])),
                    "notes": tuple(one["notes"]),
                }
            )
            for one in found.pop("verdicts")
        )
        rows = tuple(PublicRow(**one) for one in found.pop("rows"))
        beside = tuple(
            PublicBeside(
                one["title"],
                tuple(one["sentences"]),
                tuple((what, figure) for what, figure in one["rows"]),
                tuple(one["notes"]),
            )
            for one in found.pop("beside")
        )
        found |= {name: tuple(found[name]) for name in ("notes", "recheck", "method")}
        return PublicPage(verdicts=verdicts, rows=rows, beside=beside, **found)
    except (ValueError, TypeError, KeyError):  # of another version: it is being made anew
        return None


def read_picture(
    data: Path, office: str, period: str, lang: str, form: PictureForm
) -> bytes | None:
    """The picture of an office and period; None where there is none."""
    return _read(data, office, period, f"{lang}.{form}")


def published_periods(data: Path, office: str) -> tuple[str, ...]:
    """The periods of an office that have a page: months first, of each kind the newest first."""
    if not _OFFICE.fullmatch(office):
        return ()
    with suppress(OSError):
        names = [one.name for one in (data / FOLDER / office).iterdir()]
        found = sorted(filter(_PERIOD.fullmatch, names), reverse=True)
        return tuple(sorted(found, key=lambda one: len(months_of(one))))
    return ()


def published_months(data: Path, office: str) -> tuple[str, ...]:
    """The months of an office that have a page, the newest first."""
    return tuple(filter(_MONTH.fullmatch, published_periods(data, office)))


def months_of(period: str) -> tuple[str, ...]:
    """The months of a calendar period, by their notation: "2026-Q4" has "2026-10" and so on."""
    year, _, part = period.partition("-")
    if part.isdigit():
        return (period,)
    many = {"Q": 3, "H": 6}.get(part[:1], 12)
    first = (int(part[1:] or 1) - 1) * many + 1
    return tuple(f"{year}-{month:02}" for month in range(first, first + many))


def published_offices(data: Path) -> tuple[str, ...]:
    """The offices that have a page, also those of former times, by their ids in order."""
    with suppress(OSError):
        names = [one.name for one in (data / FOLDER).iterdir()]
        return tuple(sorted(name for name in names if published_periods(data, name)))
    return ()


def keep_period(
    data: Path,
    period: str,
    key: str,
    pages: Collection[PublicPage],
    pictures: Mapping[tuple[str, str, PictureForm], bytes],
) -> None:
    """Keep the pages of a period, and their pictures by office, language and form.

    What is there stays until the new file takes its place; offices that are not in it any more
    go. `key`: of what it was made.
    """
    for (office, lang, form), content in pictures.items():
        write_whole(_place(data, office, period) / f"{lang}.{form}", content)
    for page in pages:
        text = json.dumps(asdict(page), ensure_ascii=False, separators=(",", ":"))
        write_whole(_place(data, page.office, period) / f"{page.lang}.json", text)
    offices = {page.office for page in pages}
    _forget(data, period, but=offices)
    _note(data, {**made_of(data), period: key})


def drop_periods(data: Path, but: Collection[str]) -> None:
    """Remove the pages of periods that are no longer published: another backup was restored."""
    for period in set(made_of(data)) - set(but):
        _forget(data, period, but=())
        _note(data, {one: key for one, key in made_of(data).items() if one != period})


def made_of(data: Path) -> Mapping[str, str]:
    """What the pages of each period were made of."""
    try:
        found: dict[str, str] = json.loads((data / FOLDER / _MADE).read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        return {}


def _note(data: Path, made: Mapping[str, str]) -> None:
    make_folder(data / FOLDER)
    write_whole(data / FOLDER / _MADE, json.dumps(made))


def _forget(data: Path, period: str, but: Collection[str]) -> None:
    for place in (data / FOLDER).glob(f"*/{period}"):
        if place.parent.name not in but:
            shutil.rmtree(place, ignore_errors=True)


def _place(data: Path, office: str, period: str) -> Path:
    place = data / FOLDER / office / period
    make_folder(place)
    return place


def _read(data: Path, office: str, period: str, name: str) -> bytes | None:
    """A file, by parts of an address that anybody may have typed."""
    lang = name.partition(".")[0]
    if not (_OFFICE.fullmatch(office) and _PERIOD.fullmatch(period) and lang in LANGUAGES):
        return None
    try:
        return (data / FOLDER / office / period / name).read_bytes()
    except OSError:
        return None
