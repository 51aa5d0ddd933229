"""The locks: a server holds what serves, and everybody the same versions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-notebook.lock", "requirements-dev.lock")
NOT_FOR_A_SERVER = re.compile(
    r"ipykernel|ipython|debugpy|jupyter|nb(convert|client|format)|papermill"
)


def locked(name: str) -> dict[str, set[str]]:
    """The packages of a lock and their versions, which may differ by system."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


def test_a_server_holds_no_notebook_and_no_debugger():
    assert [name for name in locked(LOCKS[0]) if NOT_FOR_A_SERVER.match(name)] == []
    assert {"flask", "waitress", "gunicorn", "psycopg"} <= locked(LOCKS[0]).keys()


def test_the_notebook_s_lock_holds_what_the_notebook_needs():
    assert {"papermill", "nbconvert", "ipykernel", "flask"} <= locked(LOCKS[1]).keys()


@pytest.mark.parametrize("name", LOCKS[1:])
def test_nobody_has_another_version_than_the_server(name):
    server, other = locked(LOCKS[0]), locked(name)
    shared = server.keys() & other.keys()
    assert len(shared) > 30
    assert [one for one in sorted(shared) if server[one] != other[one]] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_held_by_its_hash_and_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9.-]+==)", text, flags=re.MULTILINE)[1:]
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_every_package_that_checks_the_javascript_is_held_by_its_hash_and_no_address():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 30
    assert [name for name, package in packages.items() if "resolved" in package] == []
    hashes = {package["integrity"].partition("-")[0] for package in packages.values()}
    assert hashes == {"sha512"}
    assert all(package["dev"] for package in packages.values())
