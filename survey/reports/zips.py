"""Office files are ZIP archives: written anew without the clock, so that equal is equal bytes."""

from __future__ import annotations

import io
import zipfile
from typing import Final

_DAY: Final = (1980, 1, 1, 0, 0, 0)  # the first that the format knows


def steady(content: bytes) -> bytes:
    """The same archive with its entries in order, each of one fixed day."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as found,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for entry in found.infolist():
            info = zipfile.ZipInfo(entry.filename, _DAY)
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, found.read(entry))
    return out.getvalue()
