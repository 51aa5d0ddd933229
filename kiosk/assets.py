"""The tablet app's own files, read once, with their types and one version for all of them.

Owns `static/`. Must not know HTTP.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from kiosk.sentences import sentences

# Given here, not guessed: Windows takes the type of .js from its registry, where it may be text.
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
WORKER: Final = "sw.js"
MANIFEST: Final = "manifest.webmanifest"
APART: Final = (WORKER, MANIFEST)
"""Served under addresses of their own, filled in."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the app."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """Every file of the app by its path. `build` changes when any of them, or the page, does."""

    build: str
    files: Mapping[str, Asset]
    worker: str
    manifest: str


@cache
def load_assets() -> Assets:
    """Read the files once; a few dozen kB."""
    found = dict(_found(files("kiosk") / "static"))
    page = (files("kiosk") / "templates" / "kiosk" / "page.html").read_bytes()
    said = "".join(f"{key}\0{text.vi}\0{text.en}\0" for key, text in sentences().items())
    digest = hashlib.sha256(page + said.encode("utf-8"))
    for name, content in sorted(found.items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return Assets(
        build=digest.hexdigest()[:12],
        files={
            name: Asset(content, TYPES[_suffix(name)])
            for name, content in sorted(found.items())
            if name not in APART
        },
        worker=found[WORKER].decode("utf-8"),
        manifest=found[MANIFEST].decode("utf-8"),
    )


def _found(folder: Traversable, above: str = "") -> Iterator[tuple[str, bytes]]:
    """Path and content of every file of a known kind, folders within folders included."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _found(entry, f"{above}{entry.name}/")
        elif _suffix(entry.name) in TYPES:
            yield above + entry.name, entry.read_bytes()


def _suffix(name: str) -> str:
    return name[name.rfind(".") :]
