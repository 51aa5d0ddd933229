"""Backups that only the office's printed key opens: files of the format age, for X25519 keys.

The machine keeps the public half of the key, to which backups are encrypted, so that a backup of
every night needs no secret. The secret half is on paper alone. Every other age program opens the
files too (age-encryption.org/v1).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Final

from survey.errors import BackupError
from survey.told import sentence

SUFFIX: Final = ".age"
RECIPIENT: Final = re.compile(r"age1[02-9ac-hj-np-z]{58}")
GROUPS: Final = 12
"""In so many groups of letters the key is printed."""

_MAGIC: Final = b"age-encryption.org/v1\n"
_PREFIX: Final = "AGE-SECRET-KEY-1"
_LETTERS: Final = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"  # of Bech32
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_LENGTH: Final = 58
_MEANT: Final = str.maketrans("OI1", "0LL")  # letters that a key does not have, and what they are


@dataclass(frozen=True, slots=True)
class Key:
    """The key of an office's backups. ``secret``: its letters without what every key begins with.

    ``recipient`` is the public half, which encrypts and opens nothing.
    """

    secret: str = field(repr=False)
    recipient: str

    @property
    def identity(self) -> str:
        """The key as other age programs take it."""
        return _PREFIX + self.secret

    @property
    def groups(self) -> tuple[str, ...]:
        """The letters in groups of five or four, as they are printed and typed."""
        return tuple(self.secret[start:end] for start, end in _bounds())

    @property
    def number(self) -> str:
        """What tells the sheet of this key from another one's."""
        return sheet_number(self.recipient)


def sheet_number(recipient: str) -> str:
    """Return the last letters of the public half, by which people tell sheets apart."""
    return recipient[-4:].upper()


def make_key() -> Key:
    """Return a new key, which is stored nowhere."""
    import pyrage

    return _key(str(pyrage.x25519.Identity.generate()))


def _key(identity: str) -> Key:
    import pyrage

    found = pyrage.x25519.Identity.from_str(identity)
    return Key(identity.removeprefix(_PREFIX), str(found.to_public()))


def typed_key(text: str) -> Key:
    """Read a key as people type it: in groups or not, upper or lower case, from paper or a QR.

    Raises BackupError that says how many letters there are, or in which group one is wrong.
    """
    letters = _letters(text)
    if len(letters) != _LENGTH:
        raise BackupError(sentence("key.length", found=len(letters), length=_LENGTH, groups=GROUPS))
    strange = sorted({_group(at) for at, one in enumerate(letters) if one not in _LETTERS})
    wrong = strange or (_misread(letters) if _rest(letters) else [])
    if wrong:
        listed = ", ".join(str(number) for number in wrong)
        raise BackupError(sentence("key.group", numbers=listed))
    if _rest(letters):
        raise BackupError(sentence("key.letters"))
    return _key(_PREFIX + letters)


def in_groups(text: str) -> str:
    """A typed key as it stands on paper, four groups a line, where it has as many letters."""
    letters = _letters(text)
    if len(letters) != _LENGTH:
        return text
    groups = [letters[start:end] for start, end in _bounds()]
    return "\n".join(" ".join(groups[row : row + 4]) for row in range(0, GROUPS, 4))


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).upper()
    letters = "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
    return letters.removeprefix(re.sub(r"\W", "", _PREFIX)).translate(_MEANT)


def is_last_group(key: Key, text: str) -> bool:
    """Whether this is how the key ends: whoever types it has the sheet on paper."""
    return "".join(text.upper().translate(_MEANT).split()) == key.groups[-1]


def _bounds() -> list[tuple[int, int]]:
    size, longer = divmod(_LENGTH, GROUPS)
    ends = [0]
    for number in range(GROUPS):
        ends.append(ends[-1] + size + (number < longer))
    return list(pairwise(ends))


def _group(place: int) -> int:
    """The number of the group, from 1, in which a letter stands."""
    return next(number for number, (_, end) in enumerate(_bounds(), 1) if place < end)


def _misread(letters: str) -> list[int]:
    """The group in which one other letter would make it a key; none where more are wrong.

    The check is linear: one wrong letter leaves the same rest in whichever key it stands.
    """
    rest, found = _rest(letters), set()
    for difference in range(1, len(_LETTERS)):
        left = difference
        for place in reversed(range(_LENGTH)):
            if left == rest:
                found.add(_group(place))
            left = _step(left, 0)
    return sorted(found)


def _rest(letters: str) -> int:
    """Nought where the last six letters are the check of the others (Bech32, BIP 173)."""
    name = _PREFIX[:-1].lower()
    check = 1
    for value in (*(ord(one) >> 5 for one in name), 0, *(ord(one) & 31 for one in name)):
        check = _step(check, value)
    for letter in letters:
        check = _step(check, _LETTERS.index(letter))
    return check ^ 1


def _step(check: int, value: int) -> int:
    top = check >> 25
    check = (check & 0x1FFFFFF) << 5 ^ value
    for place, one in enumerate(_GENERATOR):
        check ^= one if top >> place & 1 else 0
    return check


def is_encrypted(file: Path) -> bool:
    """Whether a file is of this format, whatever its name."""
    with file.open("rb") as content:
        return content.read(len(_MAGIC)) == _MAGIC


def encrypt(file: Path, to: Path, recipient: str) -> None:
    """Encrypt a file, open what was written and compare it with what it was made of.

    It is opened by a second key of this one file, which nobody else ever sees: the office's own is
    not on this machine. Raises OSError where it cannot be written, BackupError where it differs.
    """
    import pyrage

    witness = pyrage.x25519.Identity.generate()
    recipients = [pyrage.x25519.Recipient.from_str(recipient), witness.to_public()]
    with file.open("rb") as source, to.open("wb") as target:
        put = _Sink(target)
        try:
            pyrage.encrypt_io(source, put, recipients)
        except pyrage.EncryptError:
            if put.failed is not None:
                raise put.failed from None
            raise
    read = _Sink(None)
    _open(to, read, witness)
    with file.open("rb") as source:
        written = hashlib.file_digest(source, "sha256").digest()
    if read.digest.digest() != written:
        raise BackupError(sentence("backup.altered", file=to, name=file.name))


def decrypt(file: Path, to: Path, key: Key) -> None:
    """Write what an encrypted file holds into another one.

    Raises BackupError where the key is of another sheet, or the file is damaged: what stands in
    `to` then is not to be used. OSError where it cannot be written.
    """
    import pyrage

    with to.open("wb") as target:
        _open(file, _Sink(target), pyrage.x25519.Identity.from_str(key.identity))


def _open(file: Path, put: _Sink, identity: Any) -> None:
    import pyrage

    with file.open("rb") as source:
        try:
            pyrage.decrypt_io(source, put, [identity])
        except pyrage.DecryptError as error:
            key = "key.other" if "key" in str(error).lower() else "key.damaged"
            raise BackupError(sentence(key, file=file)) from error
        except OSError as error:
            if put.failed is not None or error.errno is not None:
                raise put.failed or error from None
            raise BackupError(sentence("key.damaged", file=file)) from error


class _Sink:
    """Where decrypted or encrypted bytes go; keeps their digest, and why one was not taken."""

    def __init__(self, file: IO[bytes] | None) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.failed: OSError | None = None

    def write(self, content: bytes) -> int:
        """Take a part."""
        self.digest.update(content)
        try:
            return len(content) if self._file is None else self._file.write(content)
        except OSError as error:
            self.failed = error
            raise

    def flush(self) -> None:
        """Nothing waits here."""
