"""The key of an office's backups: as it is printed and typed, and what it opens."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from survey.encryption import (
    GROUPS,
    RECIPIENT,
    Key,
    decrypt,
    encrypt,
    in_groups,
    is_encrypted,
    is_last_group,
    make_key,
    typed_key,
)
from survey.errors import BackupError

KEY = make_key()
LETTERS = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"


def test_a_key_is_printed_in_groups_and_its_public_half_is_another():
    assert "".join(KEY.groups) == KEY.secret
    assert len(KEY.groups) == GROUPS
    assert {len(group) for group in KEY.groups} == {4, 5}
    assert RECIPIENT.fullmatch(KEY.recipient)
    assert KEY.secret not in repr(KEY)
    assert make_key() != KEY


def test_a_key_is_read_however_it_is_typed():
    for typed in (
        KEY.identity,
        KEY.secret,
        " ".join(KEY.groups),
        "-".join(KEY.groups).lower(),
        "\n".join(KEY.groups),
        KEY.secret.replace("0", "o").replace("L", "1").lower(),
        f"  {KEY.identity.lower()}  ",
    ):
        assert typed_key(typed) == KEY


@settings(deadline=None)
@given(some.integers(0, 57), some.sampled_from(LETTERS + "B"))
def test_one_wrong_letter_is_told_with_its_group(place, other):
    typed = KEY.secret[:place] + other + KEY.secret[place + 1 :]
    if other == KEY.secret[place]:
        return
    group = next(n for n in range(1, GROUPS + 1) if place < sum(map(len, KEY.groups[:n])))
    with pytest.raises(BackupError) as refused:
        typed_key(typed)
    assert f"ở nhóm {group};" in refused.value.said("vi")
    assert f"in group {group};" in refused.value.said("en")


@settings(deadline=None)
@given(some.text(max_size=80))
def test_whatever_else_is_typed_is_refused_and_says_why(text):
    with pytest.raises(BackupError, match="emergency sheet"):
        typed_key(text)


def test_what_was_typed_is_shown_as_it_stands_on_paper():
    shown = in_groups(KEY.identity.lower())
    assert shown.split() == list(KEY.groups)
    assert shown.count("\n") == 2
    assert in_groups("nửa khóa") == "nửa khóa"


def test_the_last_group_is_taken_from_the_paper_as_it_is_typed():
    last = KEY.groups[-1]
    assert is_last_group(KEY, f" {last.lower()} ")
    assert not is_last_group(KEY, last[:-1])
    assert not is_last_group(KEY, "")
    assert not is_last_group(KEY, KEY.groups[0])


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    (tmp_path / "plain").write_bytes(b"answers" * 100_000)
    encrypt(tmp_path / "plain", tmp_path / "locked", KEY.recipient)
    return tmp_path / "locked"


def test_only_the_key_opens_a_file(locked, tmp_path):
    assert is_encrypted(locked)
    assert not is_encrypted(tmp_path / "plain")
    assert b"answers" not in locked.read_bytes()
    decrypt(locked, tmp_path / "again", KEY)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "plain").read_bytes()
    with pytest.raises(BackupError, match="of another emergency sheet"):
        decrypt(locked, tmp_path / "again", make_key())


@pytest.mark.parametrize("keep", [30, 300, 70_000, -1])
def test_a_file_that_was_cut_short_is_told(locked, tmp_path, keep):
    locked.write_bytes(locked.read_bytes()[:keep])
    with pytest.raises(BackupError, match="damaged or cut short"):
        decrypt(locked, tmp_path / "again", KEY)


def test_a_file_in_which_one_bit_is_wrong_is_told(locked, tmp_path):
    content = bytearray(locked.read_bytes())
    content[-1000] ^= 1
    locked.write_bytes(content)
    with pytest.raises(BackupError, match="damaged or cut short"):
        decrypt(locked, tmp_path / "again", KEY)


def test_a_full_disk_is_told_as_one(locked, tmp_path):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no full disk to try")
    for attempt in (
        lambda: decrypt(locked, full, KEY),
        lambda: encrypt(tmp_path / "plain", full, KEY.recipient),
    ):
        with pytest.raises(OSError) as refused:
            attempt()
        assert refused.value.errno == errno.ENOSPC


def test_what_was_not_written_as_it_is_is_seen_at_once(tmp_path, monkeypatch):
    """A disk that says it wrote and did not: here it swallows the end."""
    (tmp_path / "plain").write_bytes(b"x" * 200_000)
    really = Path.open

    class Lossy:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, content):
            self.file.write(content if self.file.tell() < 100_000 else b"")
            return len(content)

    def opened(path, mode="r", *rest, **more):
        file = really(path, mode, *rest, **more)
        return Lossy(file) if mode == "wb" else file

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(BackupError, match="damaged or cut short"):
        encrypt(tmp_path / "plain", tmp_path / "locked", KEY.recipient)


def test_a_key_opens_what_any_age_program_encrypted_to_it(tmp_path):
    import pyrage

    recipient = pyrage.x25519.Recipient.from_str(KEY.recipient)
    (tmp_path / "locked").write_bytes(pyrage.encrypt(b"of elsewhere", [recipient]))
    decrypt(tmp_path / "locked", tmp_path / "again", Key(KEY.secret, KEY.recipient))
    assert (tmp_path / "again").read_bytes() == b"of elsewhere"
