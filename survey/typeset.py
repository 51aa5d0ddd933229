"""Paper as PDF to be archived and read aloud (PDF/A-2a with PDF/UA-1), set by typst.

Owns the fonts, which are ours so that every machine makes the same bytes, and the standards. Knows
no layout.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final, cast

FONTS: Final = Path(__file__).parent / "fonts"
STANDARDS: Final = ("a-2a", "ua-1")


class NotTypeset(Exception):
    """What cannot be printed, in typst's words: a letter that our fonts do not have, a picture."""


def typeset(layout: Path, name: str, given: Any, made_on: date) -> bytes:
    """Return a layout as PDF, with JSON of what is given as its input `name`.

    Equal input gives equal bytes. Raises NotTypeset.
    """
    import typst

    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )
    try:
        made = typst.Compiler(str(layout), font_paths=fonts).compile(
            format="pdf",
            sys_inputs={name: json.dumps(given, ensure_ascii=False)},
            pdf_standards=list(STANDARDS),
            timestamp=datetime.combine(made_on, time.min, UTC),
        )
    except typst.TypstError as error:
        raise NotTypeset(error.message) from error
    return cast(bytes, made)
