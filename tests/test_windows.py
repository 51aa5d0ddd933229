"""What would fail on Windows, as far as that can be told without Windows.

The server of an office is often a Windows machine. Each kind of fault that was found is looked for
in the whole product.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from questionnaires.drafting import free_name
from survey import files
from survey.edits import new_id
from survey.errors import PlacesError
from survey.places import parse_places, shipped_places, write_places

ROOT = Path(__file__).parents[1]
PACKAGES = ("questionnaires", "analysis", "kiosk", "survey")
POSIX_MODULES = {"fcntl", "grp", "gunicorn", "pwd", "resource", "termios"}
POSIX_CALLS = {
    *("os.chown", "os.fork", "os.getppid", "os.getuid", "os.geteuid", "os.kill", "os.killpg"),
    *("os.nice", "os.setsid", "os.statvfs", "os.sysconf", "os.uname", "time.tzset"),
    *("signal.SIGHUP", "signal.SIGKILL", "signal.alarm", "signal.pause", "socket.AF_UNIX"),
}
NEVER_THERE = {"survey/serving/workers.py"}
"""Imported only where the system is not Windows, which the test of `serve` sees to."""

SYSTEM = "sys.platform"

Fault = tuple[str, int]


@cache
def sources() -> tuple[tuple[str, tuple[ast.AST, ...]], ...]:
    """Each file of the product with all that its code is made of."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return tuple(
        (path.relative_to(ROOT).as_posix(), tuple(ast.walk(ast.parse(path.read_text("utf-8")))))
        for path in paths
    )


def dotted(node: ast.AST) -> str:
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


def looked_at(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "platform" and dotted(node) == SYSTEM


def faults(is_fault: Callable[[ast.AST], bool]) -> list[Fault]:
    return [
        (name, getattr(node, "lineno", 0))
        for name, nodes in sources()
        if name not in NEVER_THERE
        for node in nodes
        if is_fault(node)
    ]


def test_what_only_posix_has_is_used_where_the_system_was_looked_at() -> None:
    found = []
    for name, nodes in sources():
        if name in NEVER_THERE:
            continue
        guarded = {
            id(node)
            for function in nodes
            if isinstance(function, ast.FunctionDef)
            and any(looked_at(node) for node in ast.walk(function))
            for node in ast.walk(function)
        }
        for node in nodes:
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            posix = POSIX_MODULES & {one.partition(".")[0] for one in names}
            called = isinstance(node, ast.Attribute) and dotted(node) in POSIX_CALLS
            if (posix or called) and id(node) not in guarded:
                found.append((name, getattr(node, "lineno", 0)))
    assert found == []


def keywords(node: ast.Call) -> set[str]:
    return {one.arg or "" for one in node.keywords}


def test_texts_are_read_and_written_in_utf_8_whatever_the_code_page_of_the_machine() -> None:
    def is_fault(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call):
            return False
        called = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
        if called in ("read_text", "write_text"):
            encoded = "encoding" in keywords(node) or (called == "read_text" and node.args)
            return not encoded
        if called != "open" or not isinstance(node.func, ast.Name):
            return False
        modes = [one.value for one in node.args if isinstance(one, ast.Constant)]
        return "encoding" not in keywords(node) and not any("b" in str(one) for one in modes)

    assert faults(is_fault) == []


def test_what_a_program_says_is_read_in_the_encoding_in_which_it_speaks() -> None:
    def is_fault(node: ast.AST) -> bool:
        called = dotted(node.func) if isinstance(node, ast.Call) else ""
        if not isinstance(node, ast.Call) or not called.startswith("subprocess."):
            return False
        return {"text", "universal_newlines"} & keywords(node) and "encoding" not in keywords(node)

    assert faults(is_fault) == []


def test_dates_are_formatted_as_every_system_can() -> None:
    texts = [
        (name, node.lineno)
        for name, nodes in sources()
        for node in nodes
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"%[-#][dmyHMSjeI]", node.value)
    ]
    assert texts == []


def test_a_file_takes_the_place_of_another_in_the_one_way_that_waits_for_readers() -> None:
    def is_fault(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return False
        return node.func.attr == "replace" and dotted(node.func) in ("os.replace", "part.replace")

    others = {name for name, _ in faults(is_fault)} - {"survey/files.py"}
    # A folder, whose place is empty; and an analyst's own file, which a program may keep open.
    assert others == {"survey/notebook_data.py", "analysis/files.py"}


@pytest.mark.parametrize("refusals", [0, 3])
def test_where_a_reader_has_the_old_file_open_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusals: int
) -> None:
    left, pauses, real = [refusals], [], Path.replace

    def refused(part: Path, path: Path) -> Path:
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "the file is being used by another process")
        return real(part, path)

    monkeypatch.setattr(files.sys, "platform", "win32")
    monkeypatch.setattr(files.time, "sleep", pauses.append)
    monkeypatch.setattr(Path, "replace", refused)
    (tmp_path / "new").write_text("new", encoding="utf-8")
    (tmp_path / "old").write_text("old", encoding="utf-8")
    files.put_in_place(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old").read_text("utf-8") == "new"
    assert len(pauses) == refusals


def test_a_file_that_stays_open_is_told_after_two_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_part: Path, _path: Path) -> Path:
        raise PermissionError(13, "the file is being used by another process")

    pauses: list[float] = []
    monkeypatch.setattr(files.sys, "platform", "win32")
    monkeypatch.setattr(files.time, "sleep", pauses.append)
    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(PermissionError):
        files.put_in_place(tmp_path / "new", tmp_path / "old")
    assert 1 < sum(pauses) <= 2.5


def test_the_batch_file_opens_its_folder_wherever_that_lies() -> None:
    text = (ROOT / "start.bat").read_text("utf-8")
    assert 'pushd "%~dp0"' in text  # cd has no way to a folder of the network
    assert "chcp 65001" in text and "PYTHONUTF8=1" in text


IDS = {"Cồn": "con-2", "PRN": "prn-2", "Nul": "nul-2", "COM1": "com1-2", "lpt9": "lpt9-2"}
"""Names of places and questionnaires -> the ids that are made out of them."""


@pytest.mark.parametrize("kind", ["office", "counter", "sector"])
def test_no_place_has_an_id_that_no_file_can_be_called(kind: str) -> None:
    former = f'[[{kind}]]\nid = "{getattr(shipped_places(), kind)[0].id}"'
    text = write_places(shipped_places()).replace(former, f'[[{kind}]]\nid = "con"')
    with pytest.raises(PlacesError) as told:
        parse_places(text, "places.toml")
    vi, en = told.value.args[0].vi, str(told.value)
    assert f"{kind} 'con': Windows lets no file or folder have that name; choose another" in en
    assert f"{kind} 'con': Windows không cho tệp hay thư mục nào tên như vậy; hãy chọn" in vi


@pytest.mark.parametrize(("name", "id_"), IDS.items())
def test_no_id_that_is_made_out_of_a_name_is_one_that_no_file_can_be_called(
    name: str, id_: str
) -> None:
    assert new_id(name, ()) == id_
    assert free_name(name, (), "-") == id_
