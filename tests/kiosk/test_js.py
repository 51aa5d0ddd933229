"""The tablet's pure JavaScript, tried by Node.js: tests/js. What needs a browser is elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
OLDEST = 20


def _why_not() -> str | None:
    """Why these tests cannot be run here."""
    node = shutil.which("node")
    if node is None:
        return "Node.js is not installed: the tests of tests/js are left out"
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(said.lstrip("v").split(".")[0]) < OLDEST:
        return f"Node.js {said.strip()} is too old for tests/js, which need {OLDEST} or later"
    return None


WHY_NOT = _why_not()


@pytest.mark.skipif(WHY_NOT is not None, reason=WHY_NOT or "")
@pytest.mark.parametrize(
    "name", sorted(file.name for file in (ROOT / "tests/js").glob("*.test.mjs"))
)
def test_the_tablets_pure_logic_is_tried_without_a_browser(name):
    ran = subprocess.run(
        ["node", "--test", "--test-reporter=tap", f"tests/js/{name}"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "\n# fail 0\n" in ran.stdout


def test_the_types_of_the_vendored_database_are_of_its_version():
    """package.json names the package whose types `kiosk/static/vendor/idb.d.ts` stands for."""
    script = (ROOT / "kiosk/static/vendor/idb.js").read_text(encoding="utf-8")
    packages = (ROOT / "package.json").read_text(encoding="utf-8")
    (version,) = re.findall(r"\bidb (\d+\.\d+\.\d+)\b", script.splitlines()[0])
    assert f'"idb": "{version}"' in packages
