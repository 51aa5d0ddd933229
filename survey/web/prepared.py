"""A page drawn once, with places to fill in for each visitor. Knows nothing of what it says."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # RFC 1952: deflate, no name, no time
_LAST_BLOCK = b"\x03\x00"  # RFC 1951: an empty block that ends the data


class PreparedPage:
    """A page as text and as gzip whose fixed parts were compressed once, when it was drawn.

    A full flush ends a compressed part at a whole byte and lets nothing look back across it
    (RFC 1951), so parts may be joined with the visitor's own words between them, stored plain.
    """

    def __init__(self, html: str, places: tuple[str, ...]) -> None:
        """Cut ``html`` at every occurrence of the ``places``."""
        pieces = re.split("|".join(f"({re.escape(place)})" for place in places), html)
        self._pieces = [piece for piece in pieces if piece]
        self._places = frozenset(places)
        self._plain = {piece: piece.encode() for piece in self._pieces}
        self._packed = {piece: _pack(text) for piece, text in self._plain.items()}

    def text(self, words: Mapping[str, str]) -> bytes:
        """Return the page in UTF-8 with the ``words`` for each place. They are not escaped."""
        return b"".join(
            words[piece].encode() if piece in self._places else self._plain[piece]
            for piece in self._pieces
        )

    def gzip(self, words: Mapping[str, str]) -> bytes:
        """Return the same page compressed."""
        text = self.text(words)
        packed = [
            _store(words[piece].encode()) if piece in self._places else self._packed[piece]
            for piece in self._pieces
        ]
        check = zlib.crc32(text).to_bytes(4, "little") + len(text).to_bytes(4, "little")
        return b"".join((_HEADER, *packed, _LAST_BLOCK, check))


def _pack(text: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)


def _store(text: bytes) -> bytes:
    """Return a block that holds ``text`` (under 64 KiB) as it is."""
    length = len(text)
    return b"\x00" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + text
