"""The monthly notebook: as it is shipped, and `hailong notebook` from end to end."""

from __future__ import annotations

import ast
import json
import re
import sys
from importlib.resources import files

import pytest

import analysis
from analysis.errors import install
from survey.cli import main
from survey.commands.notebook import without_password
from survey.errors import HailongError
from survey.notebook import run_notebook

SECRET = "bi-mat-7351"
SECTIONS = (
    *("Kết luận", "Từng lĩnh vực", "Vì sao chưa hài lòng", "Các yếu tố"),
    *("Những người chưa trả lời", "Mười hai tháng gần nhất", "Các kênh trả lời"),
    *("Cần thêm bao nhiêu phiếu", "Có gì đáng xem thêm", "Toàn bộ hồ sơ"),
    "Các con số nghĩa là gì",
)


def shipped_notebook():
    return json.loads((files("analysis") / "monthly.ipynb").read_text(encoding="utf-8"))


def code_of(notebook):
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_it_is_shipped_without_results_and_with_a_cell_of_parameters():
    cells = shipped_notebook()["cells"]
    assert all(not cell.get("outputs") for cell in cells)
    assert all(cell.get("execution_count") is None for cell in cells)
    assert [c["id"] for c in cells if "parameters" in c["metadata"].get("tags", [])] == [
        "parameters"
    ]


def test_it_takes_the_road_of_public_verbs_and_nothing_else():
    trees = [ast.parse(text) for text in code_of(shipped_notebook())]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    assert not [node for node in nodes if isinstance(node, ast.ImportFrom)]
    imported = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    assert imported == ["analysis"]
    used = {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "analysis"
    }
    assert used == {"read", "estimate", "judge", "plot", "explore", "reliability", "screening"}
    assert used <= set(analysis.__all__)


def test_every_part_has_its_heading_in_both_languages_and_the_contents_lead_to_it():
    cells = shipped_notebook()["cells"]
    texts = [cell for cell in cells if cell["cell_type"] == "markdown"]
    tags = [cell["metadata"]["tags"][0] for cell in texts]
    assert tags == ["vi", "en"] * (len(texts) // 2)
    for lang in (0, 1):
        told = ["".join(cell["source"]) for cell in texts[lang::2]]
        (contents,) = (text for text in told if "](#" in text)
        titles = [text[3:].split("\n")[0] for text in told if text.startswith("## ")]
        links = re.findall(r"\[([^\]]+)\]\(#([^)]+)\)", contents)
        assert [title for title, _ in links] == titles[:-1]
        assert all(title.replace(" ", "-") == target for title, target in links)
    vietnamese = "\n".join("".join(cell["source"]) for cell in texts[::2])
    assert all(f"## {title}" in vietnamese for title in SECTIONS)
    english = "\n".join("".join(cell["source"]) for cell in texts[1::2])
    assert english.count("\n## ") + english.startswith("## ") == len(SECTIONS) + 1  # and by choice


def test_every_parameter_that_the_command_gives_is_one_of_the_notebook():
    tree = ast.parse(code_of(shipped_notebook())[0])
    known = {node.targets[0].id for node in tree.body if isinstance(node, ast.Assign)}
    assert known == {
        *("responses", "population", "period", "office", "questionnaire", "targets", "level"),
        *("lang", "simulated", "names", "questionnaires", "font_files", "trusted", "true_share"),
        *("today", "published", "seal", "mapping", "items", "indicators", "interactive", "parents"),
        "minimum",
    }


@pytest.mark.parametrize(
    ("url", "clean", "password"),
    [
        ("postgresql://u:p%40ss@h:5432/d", "postgresql://u@h:5432/d", "p@ss"),
        ("postgresql+psycopg://u:p@h/d?x=1", "postgresql+psycopg://u@h/d?x=1", "p"),
        ("postgresql://u@h/d?password=p&x=1", "postgresql://u@h/d?x=1", "p"),
        ("postgresql://u@h/d", "postgresql://u@h/d", None),
        ("sqlite:////srv/a.sqlite3", "sqlite:////srv/a.sqlite3", None),
        ("sqlite:///C:/office/a.sqlite3", "sqlite:///C:/office/a.sqlite3", None),
    ],
)
def test_a_password_is_kept_out_of_what_the_notebook_shows(url, clean, password):
    assert without_password(url) == (clean, password)


@pytest.fixture
def refused(capsys):
    """Run a command that is refused; its exit code and what it says."""

    def run(*words):
        with pytest.raises(SystemExit) as caught:
            main(args=["notebook", *map(str, words)])
        return caught.value.code, capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--period", "2026-13", "--out", "a.html"), "there is no month 13"),
        (("--period", "2026-10", "--out", "a.txt"), "ends in neither .html nor .ipynb"),
        (("--period", "2026-10"), "--out"),
        (("--period", "2026-10", "--out", "no-such-folder/a.html"), "there is no folder"),
    ],
)
def test_wrong_options_are_told_before_anything_runs(refused, words, message):
    code, said = refused(*words)
    assert code == 2
    assert message in said


def test_without_the_notebook_extra_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "papermill", None)
    with pytest.raises(HailongError) as refused:
        run_notebook({})
    for lang in ("vi", "en"):
        assert refused.value.said(lang).endswith(install("notebook"))
    assert "papermill" in install("notebook")


@pytest.mark.slow
def test_what_must_not_be_written_down_reaches_the_kernel_all_the_same(monkeypatch):
    import nbformat

    cell = nbformat.v4.new_code_cell("import os\nlen(os.environ['PGPASSWORD'])")
    small = nbformat.v4.new_notebook(cells=[cell])
    monkeypatch.setattr("survey.notebook._blank_notebook", lambda: small)
    told = []
    found = run_notebook(
        {}, environment={"PGPASSWORD": SECRET}, progress=lambda *step: told.append(step)
    )
    assert told == [(0, 1)]
    assert found.cells[-1].outputs[0].data["text/plain"] == str(len(SECRET))
    assert SECRET not in json.dumps(found)


@pytest.mark.slow
def test_a_mistake_of_ours_is_told_with_its_cell(monkeypatch):
    import nbformat

    small = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    monkeypatch.setattr("survey.notebook._blank_notebook", lambda: small)
    with pytest.raises(HailongError, match="stopped in cell 1: ZeroDivisionError: division by"):
        run_notebook({})


@pytest.mark.slow
def test_a_kernel_that_dies_is_told_with_its_last_words(monkeypatch):
    import nbformat

    text = "import os\nos.write(2, b'out of memory\\n')\nos._exit(1)"
    small = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text)])
    monkeypatch.setattr("survey.notebook._blank_notebook", lambda: small)
    with pytest.raises(HailongError, match="the notebook was stopped: out of memory"):
        run_notebook({})
