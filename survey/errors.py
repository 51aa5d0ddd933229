"""Mistakes that a person can make with the product; each says where, what and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from survey.told import in_language, sentence

if TYPE_CHECKING:
    from questionnaires.bilingual import Told


class HailongError(Exception):
    """Something was refused; the text is for the person who asked, in both languages."""

    def __init__(self, text: Told) -> None:
        super().__init__(text)

    def said(self, lang: str) -> str:
        """The text in this language."""
        return in_language(self.args[0], lang)


class ConfigError(HailongError):
    """A setting is wrong."""


class NotSetUp(HailongError):
    """The data folder or the database has not been set up."""


class PlacesError(HailongError):
    """A places file is wrong; the text lists every problem."""


class DossiersError(HailongError):
    """A dossier or population file is wrong; the text lists every problem."""


class StoreError(HailongError):
    """The database refuses: unknown counter, taken name, changed published questionnaire."""


class ProviderError(HailongError):
    """The answer of the identity provider does not hold; `why` is for who administers it."""

    def __init__(self, text: Told, why: Told | str = "") -> None:
        super().__init__(text)
        self.why = why


class ProviderAway(ProviderError):
    """The identity provider cannot be asked."""


class BackupError(HailongError):
    """A backup cannot be written, read or restored."""


class ExportError(HailongError):
    """A file or folder cannot be exported to."""


_UNREAD: Final = {
    FileNotFoundError: "missing",
    IsADirectoryError: "folder",
    PermissionError: "denied",
}


def unreadable(path: Path, error: OSError) -> Told:
    """Say why a file could not be read, and what to do."""
    for kind, key in _UNREAD.items():
        if isinstance(error, kind):
            return sentence(f"read.{key}", file=path)
    return sentence("read.cannot", file=path, why=error.strerror or error)


def unwritable(path: Path, error: OSError) -> Told:
    """Say why a file could not be written, and what to do."""
    if not path.parent.is_dir():
        return sentence("out.no_folder", file=path, folder=path.parent)
    return sentence("out.cannot", file=path, why=error.strerror or error)
