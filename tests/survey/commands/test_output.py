"""Files that commands write: whole or not at all, and in no folder that nobody made."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.errors import install
from survey.cli import cli
from survey.files import write_whole

SOURCE = ["--responses", "nowhere.csv", "--period", "2026-10"]


@pytest.mark.parametrize(
    "words",
    [
        ["analyze", *SOURCE, "--out"],
        ["notebook", *SOURCE, "--out"],
        ["export", "responses", "--period", "2026-10", "--out"],
    ],
)
def test_a_folder_that_is_not_there_is_told_before_the_work_and_never_made(
    tmp_path: Path, words: list[str]
) -> None:
    result = CliRunner().invoke(cli, [*words, str(tmp_path / "thnag-10" / "x.html")])
    assert result.exit_code == 2
    assert "there is no folder" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "x.html"
    write_whole(file, "trước")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "sau \ud800")
    assert file.read_text(encoding="utf-8") == "trước"
    assert list(tmp_path.iterdir()) == [file]


def test_the_remedy_for_a_missing_package_names_packages_that_a_registry_has() -> None:
    assert "-m pip install" in install("spss")
    assert '"pyreadstat' in install("spss")
    assert '"psycopg[binary]' in install("postgres")
    assert "hailong[" not in install("notebook")
