"""The tablet app's own files, read once, with their types and one version for all of them.

Owns `static/`. Must not know HTTP.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

# Given here, not guessed: Windows takes the type of .js from its registry, where it may be text.
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the app."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """Every file of the app by name. `build` changes when any of them does."""

    build: str
    files: Mapping[str, Asset]


@cache
def load_assets() -> Assets:
    """Read the files once; a few dozen kB."""
    found = {file.name: file.read_bytes() for file in (files("kiosk") / "static").iterdir()}
    digest = hashlib.sha256()
    assets: dict[str, Asset] = {}
    for name, content in sorted(found.items()):
        kind = TYPES.get(name[name.rfind(".") :])
        if kind is None:
            continue
        digest.update(name.encode() + b"\0" + content + b"\0")
        assets[name] = Asset(content, kind)
    return Assets(digest.hexdigest()[:12], assets)
