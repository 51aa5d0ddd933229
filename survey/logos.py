"""The logo of an office on posters and slips: a picture that was sent, drawn anew, kept as a file.

A picture of strangers is read by Pillow alone, in two formats, and nothing of its file is kept but
the points. What lies in the data folder by hand, an SVG too, is printed as it is.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from survey.access import Parents, way_up
from survey.errors import HailongError
from survey.files import write_whole
from survey.links import LOGO_FORMATS, Logo, find_logo
from survey.places import Office
from survey.store.staff_actions import By, noted
from survey.told import sentence

LARGEST: Final = 1_000_000
"""Bytes of a file."""
MOST_POINTS: Final = 16_000_000
SIDE: Final = 640
"""Points of the longer side as it is kept: sharp on paper at 18 mm."""


class LogoRefused(HailongError):
    """What was sent is no picture that can be a logo."""


def nearest_logo(folder: Path, office: str, parents: Parents) -> tuple[str | None, Logo | None]:
    """Return the logo of an office or of the nearest above it, and whose it is; None: of all."""
    for one in way_up(office, parents):
        if _files(folder, one):
            return one, find_logo(folder, [one])
    return None, find_logo(folder)


def set_logo(folder: Path, engine: Engine, office: Office, content: bytes | None, by: By) -> None:
    """Keep a PNG or JPEG as the logo of an office, or (None) let it have that of the one above.

    Raises LogoRefused, and leaves everything as it was.
    """
    picture = None if content is None else _drawn_anew(content)
    action: Final = "office_logo_inherited" if picture is None else "office_logo_set"
    try:
        with noted(engine, by, action, office.id, name=office.name.vi):
            kept = folder / f"logo-{office.id}.png"
            if picture is not None:
                write_whole(kept, picture)
            for file in _files(folder, office.id):
                if picture is None or file != kept:
                    file.unlink()
    except OSError as error:
        raise LogoRefused(sentence("logo.cannot", why=error.strerror or error)) from error


def _files(folder: Path, office: str) -> list[Path]:
    files = (folder / f"logo-{office}{suffix}" for suffix in LOGO_FORMATS)
    return [file for file in files if file.is_file()]


def _drawn_anew(content: bytes) -> bytes:
    """The picture as a PNG of our own making. Raises LogoRefused."""
    import warnings

    from PIL import Image

    if len(content) > LARGEST:
        raise LogoRefused(sentence("logo.large", most=LARGEST // 1_000_000))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of a bomb, or of a file that is not as it says
            with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as sent:
                if sent.width * sent.height > MOST_POINTS:
                    raise LogoRefused(sentence("logo.points", wide=sent.width, high=sent.height))
                drawn = sent.convert("RGBA")
    except LogoRefused:
        raise
    except Exception as error:
        # Pillow raises of all kinds for what is no picture; none of them is a fault of ours.
        raise LogoRefused(sentence("logo.unread")) from error
    drawn.thumbnail((SIDE, SIDE))
    bare = Image.new("RGBA", drawn.size)
    bare.paste(drawn)  # without whatever the file said beside its points
    out = BytesIO()
    bare.save(out, "PNG", optimize=True)
    return out.getvalue()
