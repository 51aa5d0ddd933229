"""Public addresses of counters as people meet them: URL, QR, readable code, printed poster.

Pure apart from reading the layout and fonts that come with the product; stores and fetches nothing.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from questionnaires import Text
from questionnaires.toml import read_toml
from survey.address import parse_address
from survey.errors import HailongError
from survey.told import sentence
from survey.typeset import NotTypeset, typeset

Size = Literal["a4", "a5"]
Lang = Literal["vi", "en", "both"]

LAYOUT = Path(__file__).parent / "data" / "poster"

# No 0/o, 1/l/i: a code must survive being read aloud and typed. 31**8 codes cannot be guessed.
ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH: Final = 8

_APPENDED = re.compile(r"[&?#;]")  # what follows is no part of a code


class PosterError(HailongError):
    """A poster cannot be printed as asked."""


LOGO_FORMATS: Final = {".svg": "svg", ".png": "png", ".jpg": "jpg", ".jpeg": "jpg"}


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture file of the office; ``format`` is one of LOGO_FORMATS."""

    content: bytes
    format: str


def find_logo(folder: Path, offices: Iterable[str] = ()) -> Logo | None:
    """Return the first logo that is there: logo-ID.svg, .png or .jpg of these offices in the data
    folder, else the logo.svg, .png or .jpg of all."""
    for stem in (*(f"logo-{office}" for office in offices), "logo"):
        for suffix, name in LOGO_FORMATS.items():
            file = folder / f"{stem}{suffix}"
            if file.is_file():
                return Logo(file.read_bytes(), name)
    return None


@dataclass(frozen=True, slots=True)
class Poster:
    """What one poster says. ``made_on`` is the day the code was made, the date of the file.

    ``sectors``: what the counter serves, empty where that is no matter; ``minutes``: how long its
    questionnaire takes; ``logo``: the office's own, where it has one.
    """

    url: str
    code: str
    office: Text
    counter: Text
    made_on: date
    sectors: tuple[Text, ...] = ()
    minutes: int = 1
    logo: Logo | None = None
    simulated: bool = False


def respond_url(base_url: str, code: str) -> str:
    """Return the address that a poster's QR carries."""
    return f"{base_url.rstrip('/')}/r/{code}"


def slip_url(base_url: str, token: str) -> str:
    """Return the address that a slip's QR carries."""
    return f"{base_url.rstrip('/')}/s/{token}"


def comment_url(base_url: str, code: str) -> str:
    """Return the address of the page for a comment alone."""
    return f"{respond_url(base_url, code)}/comment"


def kiosk_url(base_url: str, code: str) -> str:
    """Return the address that pairs a tablet by opening it.

    The code is its fragment, which a browser sends to nobody: no log on the way holds it.
    """
    return f"{base_url.rstrip('/')}/kiosk/#{code}"


def readable(code: str) -> str:
    """Return a code in groups of four, to be read aloud: 'k7m4 9qxp'."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def random_code(length: int = CODE_LENGTH) -> str:
    """Return a code that nobody guesses: each character holds almost five random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def typed_code(text: str) -> str:
    """Return the code that a person meant: only its letters and digits count.

    Capitals, full-width forms, spaces, hyphens, a final stop and characters that cannot be seen do
    not; nor does what a messenger hung on the address after '&' or '?'.
    """
    code = _APPENDED.split(unicodedata.normalize("NFKC", text), maxsplit=1)[0]
    return "".join(each for each in code.lower() if each.isalnum())


def typed_path(path: str) -> str:
    """Return the path that a person meant who typed this one: small letters, no slash at the end.

    >>> typed_path("/R/K7M49QXP/.")
    '/r/k7m49qxp'
    """
    plain = unicodedata.normalize("NFKC", path).lower()
    seen = "".join(each for each in plain if unicodedata.category(each)[0] not in "CZ")
    return seen.rstrip("/.,;:!?\"'”’)") or "/"


def render_poster(poster: Poster, size: Size, lang: Lang = "both") -> bytes:
    """Return the poster as PDF; the same poster gives the same bytes.

    Raises PosterError where a name holds letters that the printed font does not have.
    """
    return render_posters([poster], size, lang)


def render_posters(posters: Sequence[Poster], size: Size, lang: Lang = "both") -> bytes:
    """Return posters, at least one, as one PDF of a page each; as `render_poster`."""
    day = max(poster.made_on for poster in posters)
    printed = [_printed(poster, size, lang) for poster in posters]
    try:
        return typeset(LAYOUT / "poster.typ", "posters", printed, day)
    except NotTypeset as error:
        if any(poster.logo for poster in posters):
            # Where a name is at fault too, that is said instead.
            render_posters([replace(poster, logo=None) for poster in posters], size, lang)
            raise PosterError(sentence("poster.bad_logo", why=str(error))) from error
        names = ", ".join(poster.counter.vi for poster in posters)
        given = {"counter": names, "why": str(error)}
        raise PosterError(sentence("poster.not_printed", **given)) from error


def _printed(poster: Poster, size: Size, lang: Lang) -> dict[str, Any]:
    """Return everything the layout shows: lists hold one text a language, the large one first."""
    from survey.qr import qr_svg

    langs = ("vi", "en") if lang == "both" else (lang,)
    fill = {"minutes": poster.minutes}
    words = {key: [texts[each].format(**fill) for each in langs] for key, texts in _words().items()}
    office, counter = (
        _once([name.get(each) for each in langs]) for name in (poster.office, poster.counter)
    )
    sectors = _once([" · ".join(name.get(each) for name in poster.sectors) for each in langs])
    return {
        "size": size,
        "lang": langs[0],
        "title": f"{words['invitation'][0]}: {office[0]}, {counter[0]}",
        "office": office,
        "counter": counter,
        "sectors": [names for names in sectors if names],
        "beside": ["", " · ".join([counter[-1], *filter(None, sectors[1:])])] if langs[1:] else [],
        "logo": drawn_logo(poster.logo, words["logo"][0]),
        "words": words,
        "simulated": words["simulated"] if poster.simulated else [],
        "reach": words.get(parse_address(_base(poster.url)).reach, []),
        "url": poster.url,
        "address": typed_address(poster.url),
        "code": readable(poster.code),
        "qr": qr_svg(poster.url),
        "alt": f"QR: {poster.url}",
    }


def drawn_logo(logo: Logo | None, alt: str) -> dict[str, Any] | None:
    """A logo as layouts take it."""
    if logo is None:
        return None
    return {"data": list(logo.content), "format": logo.format, "alt": alt}


def _base(url: str) -> str:
    return url.rpartition("/r/")[0]


def typed_address(url: str) -> str:
    """Return a counter's address as people type it: a name in its own letters, without https."""
    shown = url.replace(_base(url), parse_address(_base(url)).shown, 1)
    return shown.removeprefix("https://")


def _once(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(texts))


@cache
def _words() -> dict[str, dict[str, str]]:
    return read_toml((LAYOUT / "words.toml").read_bytes())


def password_address(base_url: str, token: str) -> str:
    """Return the address of the page on which the holder of a one-time link chooses a password."""
    return f"{base_url.rstrip('/')}/password/{token}"
