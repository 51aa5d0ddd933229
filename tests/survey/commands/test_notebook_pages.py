"""`hailong notebook` from end to end: on a demonstration, an office's database, files."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import uuid
from datetime import date
from pathlib import Path

import pytest

from questionnaires import pack, shipped
from survey.dossiers import PopulationCount
from survey.intake import Response
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many
from tests.axe import in_both_colours
from tests.postgres import free_port
from tests.waiting import PATIENCE

SECRET = "bi-mat-7351"
ROOT = Path(__file__).parents[3]
OUTSIDE = re.compile(
    r"""(?:src|href|srcset|action|data|poster)\s*=\s*["']?\s*(?:https?:)?//"""
    r"""|url\(\s*["']?\s*(?:https?:)?//|@import|<script|<link|<iframe|<object|<embed""",
    re.IGNORECASE,
)
SECTIONS = (
    *("Kết luận", "Từng lĩnh vực", "Vì sao chưa hài lòng", "Các yếu tố"),
    *("Những người chưa trả lời", "Mười hai tháng gần nhất", "Các kênh trả lời"),
    *("Cần thêm bao nhiêu phiếu", "Có gì đáng xem thêm", "Toàn bộ hồ sơ"),
    "Các con số nghĩa là gì",
)


def hailong(*words, **environment):
    """Run the product's command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "survey", "notebook", *map(str, words)],
        cwd=ROOT, env=os.environ | environment, capture_output=True, encoding="utf-8",
        timeout=300, check=False,
    )  # fmt: skip


def answers(folder, **changes):
    """Sixty answers of two sectors in October, two channels, and the dossiers of both."""
    rows = [
        "response_id,questionnaire,office,sector,procedure,channel,answered_on,late,flag,overall"
    ]
    for n in range(60):
        sector, channel = ("land", "civil-status")[n % 2], ("poster", "kiosk")[n // 30]
        score = changes.get("score", "5" if n % 10 else "2")
        rows.append(f"r{n},mine@1,xa-a,{sector},,{channel},2026-10-{n % 28 + 1:02d},false,,{score}")
    responses, population = folder / "phiếu.csv", folder / "hồ sơ.csv"
    responses.write_text("\n".join(rows) + "\n", encoding="utf-8")
    population.write_text(
        "period,office,sector,completed\n2026-10,xa-a,land,80\n2026-10,xa-a,civil-status,45\n",
        encoding="utf-8",
    )
    return ("--responses", responses, "--population", population, "--period", "2026-10")


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    """A demonstration office, filled by `hailong demo`, and its last month."""
    folder = tmp_path_factory.mktemp("demo") / "office"
    command = [sys.executable, "-m", "survey", "demo", "--data", str(folder)]
    demo = subprocess.Popen(
        [*command, "--port", str(free_port()), "--responses", "600"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
    )  # fmt: skip
    try:
        said = next(line for line in demo.stdout if line.startswith("sign-in:"))
    finally:
        demo.terminate()
        demo.stdout.close()
        demo.wait(PATIENCE)
    assert said
    database = sqlite3.connect(folder / "hailong.sqlite3")
    (month,) = database.execute("SELECT max(period) FROM population").fetchone()
    database.close()
    return folder, month


@pytest.fixture(scope="module")
def page(demonstration, tmp_path_factory):
    """The page of the demonstration office, made with no kernel of the machine at hand."""
    folder, month = demonstration
    wrong = tmp_path_factory.mktemp("jupyter")
    (wrong / "kernels" / "python3").mkdir(parents=True)
    spec = {"argv": ["no-such-program"], "display_name": "wrong", "language": "python"}
    (wrong / "kernels" / "python3" / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    home = tmp_path_factory.mktemp("home")
    out = home / "tháng.html"
    made = hailong(
        "--data", folder, "--period", month, "--out", out,
        JUPYTER_PATH=str(wrong), HOME=str(home), USERPROFILE=str(home),
    )  # fmt: skip
    return made, out, home


@pytest.mark.slow
def test_it_runs_from_top_to_bottom_on_the_demonstration_office(page):
    made, out, _ = page
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.strip() == str(out)
    text = out.read_text(encoding="utf-8")
    assert all(f">{title}</h2>" in text for title in SECTIONS)
    assert re.search(r"Tháng \d+/\d{4}, UBND xã Triệu Sơn: tất cả lĩnh vực \d+,\d% \(", text)
    assert '<html lang="vi">' in text
    assert "UBND xã Triệu Sơn" in text
    assert "Đất đai, xây dựng, đầu tư" in text
    assert text.count('<figure class="chart">') == 6
    assert text.count('<table class="figures"') >= 7


@pytest.mark.slow
def test_a_demonstration_says_so_on_its_page(page):
    assert "Dữ liệu mô phỏng: không phải ý kiến thật" in page[1].read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_page_refers_to_nothing_outside(page):
    text = page[1].read_text(encoding="utf-8")
    assert OUTSIDE.findall(text) == []
    assert "default-src 'none'" in text


@pytest.mark.slow
def test_nothing_is_left_in_the_home_of_who_ran_it(page):
    _, out, home = page
    found = {entry.name for entry in home.iterdir()}
    assert out.name in found
    assert found.isdisjoint({".ipython", ".jupyter", ".local", f".{out.name}.part"})


@pytest.mark.slow
@pytest.mark.browser
def test_the_page_is_readable_at_any_width_and_by_anyone(page, new_context):
    tab = new_context().new_page()
    asked = []
    tab.on("request", lambda request: asked.append(request.url.split(":", 1)[0]))
    tab.goto(page[1].as_uri())
    assert set(asked) <= {"file", "data"}
    assert tab.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    for width in (360, 1100):
        tab.set_viewport_size({"width": width, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert in_both_colours(tab, {"resultTypes": ["violations"]}) == []


@pytest.mark.slow
def test_a_notebook_of_the_results_can_be_gone_on_with(demonstration, tmp_path):
    folder, month = demonstration
    out = tmp_path / "month.ipynb"
    made = hailong("--data", folder, "--period", month, "--lang", "en", "--out", out)
    assert made.returncode == 0, made.stderr
    assert "month-data: the notebook's data" in made.stderr
    import nbformat

    notebook = nbformat.read(out, as_version=4)
    nbformat.validate(notebook)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    kinds = {output.output_type for output in outputs}
    assert kinds == {"execute_result", "display_data"}  # no warning, no print
    assert any("Simulated data" in output.data["text/html"] for output in outputs)
    assert "papermill" not in json.dumps(notebook)


@pytest.mark.slow
def test_it_runs_on_files_alone_and_follows_the_office_asked_for(tmp_path):
    out = tmp_path / "page.html"
    made = hailong(*answers(tmp_path), "--office", "xa-a", "--out", out)
    assert (made.returncode, made.stderr) == (0, "")
    text = out.read_text(encoding="utf-8")
    assert "60 phiếu về thủ tục, trên 125 hồ sơ đã giải quyết." in text
    assert "<title>xa-a – Tháng 10/2026</title>" in text
    assert "mô phỏng" not in text
    assert "Triệu Sơn" not in text


@pytest.mark.slow
def test_a_part_of_the_answers_is_not_published(tmp_path):
    out = tmp_path / "mine.html"
    done = hailong(*answers(tmp_path), "--out", out, "--questionnaire", "mine@1", "--published")
    assert done.returncode == 1
    assert "answers were left out by choice" in done.stderr
    assert not out.exists()


@pytest.mark.slow
def test_a_period_without_answers_gives_a_page_that_says_so(tmp_path):
    out = tmp_path / "page.html"
    made = hailong(*answers(tmp_path)[:-1], "2020-01", "--out", out)
    assert (made.returncode, made.stderr) == (0, "")
    assert "Chưa có câu trả lời nào trong kỳ này." in out.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_broken_file_is_refused_in_its_own_words_and_leaves_the_old_page(tmp_path):
    out = tmp_path / "page.html"
    out.write_text("before", encoding="utf-8")
    made = hailong(*answers(tmp_path, score="9"), "--out", out)
    assert made.returncode == 1
    assert made.stderr.startswith("hailong: phiếu.csv, row 2, column 'overall'")
    assert "Traceback" not in made.stderr
    assert out.read_text(encoding="utf-8") == "before"
    assert {entry.name for entry in tmp_path.iterdir()} == {"page.html", "phiếu.csv", "hồ sơ.csv"}


@pytest.fixture
def filled(config, engine, monkeypatch):
    """The shipped commune with twelve answers about land in October, of thirty dossiers."""
    october, desk = date(2026, 10, 20), shipped()["desk@1"]
    answers = [
        Response(
            response_id=str(uuid.uuid4()),
            questionnaire=desk.key,
            office="trieu-son",
            sector="land",
            channel="poster",
            answered_on=october,
            scores=pack(desk, dict.fromkeys(desk.item_ids, 5 if n < 9 else 2)),
            choices=() if n < 9 else (("went_wrong", "waiting"),),
        )
        for n in range(12)
    ]
    add_many(engine, answers)
    count = PopulationCount("2026-10", "trieu-son", "land", 30, None, None)
    save_counts(engine, [count], log=CountSource(october, "dossiers.csv", "0" * 64))
    url = config.database_url.replace("://hailong@", f"://hailong:{SECRET}@")
    monkeypatch.setenv("HAILONG_DATABASE_URL", url)
    return config.data


@pytest.mark.sqlite_is_enough
def test_an_office_that_is_not_there_is_told_with_those_that_are(filled, tmp_path):
    out = tmp_path / "a.html"
    words = ("--data", filled, "--period", "2026-10", "--office", "nowhere", "--out", out)
    made = hailong(*words)
    assert made.returncode == 1
    assert "there is no office 'nowhere'; use one of trieu-son" in made.stderr


@pytest.mark.slow
def test_an_office_reads_its_own_database_and_shows_no_password(filled, tmp_path):
    out = tmp_path / "month.ipynb"
    made = hailong("--data", filled, "--period", "2026-10", "--out", out)
    assert made.returncode == 0, made.stderr
    text = out.read_text(encoding="utf-8")
    assert "12 phiếu về thủ tục, trên 30 hồ sơ đã giải quyết." in text
    assert "mô phỏng: không phải" not in text
    (cell,) = (c for c in json.loads(text)["cells"] if 'table("reasons")' in "".join(c["source"]))
    shown = "".join(cell["outputs"][0]["data"]["text/html"])
    waiting = next(one for one in shipped()["desk@1"].choices[0].options if one.id == "waiting")
    assert f"{waiting.text.vi} 3<" in shown
    assert SECRET not in text
