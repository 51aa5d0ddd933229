"""Text that only this installation can read: encrypted with a key made of its secret key.

Pure. Fernet (AES-128-CBC and HMAC-SHA256): what was changed, or was encrypted for another purpose
or with another installation's key, does not open.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def encrypt(secret_key: str, purpose: str, text: str, at: datetime) -> str:
    """Return the text encrypted at a moment, in letters, digits, '-', '_' and '='."""
    return _cipher(secret_key, purpose).encrypt_at_time(text.encode(), _seconds(at)).decode()


def decrypt(
    secret_key: str, purpose: str, encrypted: str, at: datetime, within: int | None = None
) -> str | None:
    """Return the text, or None where it does not open, or is older than `within` seconds."""
    from cryptography.fernet import InvalidToken

    cipher = _cipher(secret_key, purpose)
    try:
        if within is None:
            return cipher.decrypt(encrypted.encode()).decode()
        return cipher.decrypt_at_time(encrypted.encode(), within, _seconds(at)).decode()
    except InvalidToken:
        return None


def _cipher(secret_key: str, purpose: str) -> Fernet:
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"hailong {purpose}".encode())
    return Fernet(urlsafe_b64encode(made.derive(secret_key.encode())))


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
