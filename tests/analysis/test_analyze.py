"""`hailong analyze` on files alone and on the office's own database, as JSON and as text."""

from __future__ import annotations

import json
import re
import uuid
from datetime import date

import pytest

from questionnaires import pack, shipped
from survey.cli import main
from survey.dossiers import PopulationCount
from survey.intake import Response
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many
from tests.analysis.rechecked import an_office


@pytest.fixture
def hailong(capsys):
    """Run the command line; its exit code, output and errors."""

    def run(*args):
        with pytest.raises(SystemExit) as caught:
            main(args=[str(arg) for arg in args])
        written = capsys.readouterr()
        return caught.value.code, written.out, written.err

    return run


@pytest.fixture
def files(write_csv, response, tmp_path):
    """41 of 60 dossiers of land, 37 satisfied; 3 answers of construction; 9 dossiers silent."""
    rows = [response(n, overall="5" if n < 37 else "2") for n in range(41)]
    rows += [response(100 + n, sector="construction", overall=s) for n, s in enumerate("542")]
    population = tmp_path / "dossiers.csv"
    population.write_text(
        "period,office,sector,completed\n"
        "2026-10,trieu-son,land,60\n"
        "2026-10,trieu-son,construction,9\n"
        "2026-10,trieu-son,civil-status,9\n",
        encoding="utf-8",
    )
    return ("--responses", write_csv(rows), "--population", population, "--period", "2026-10")


def test_files_alone_give_the_document_as_json(hailong, files):
    code, out, err = hailong("analyze", *files, "--format", "json", "--full")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["view"], found["period"]["status"]) == ("full", "closed")
    assert found["format"] == "hailong.verdicts/2"
    (land,) = (
        row
        for row in found["estimates"]
        if (row["office"], row["sector"], row["measure"]) == ("all", "land", "overall")
    )
    assert (land["n"], land["population"], land["satisfied"]) == (41, 60, 37)


TEXT = """\
Mức độ hài lòng – Tháng 10/2026
UBND xã Triệu Sơn
Nội bộ cơ quan: có cả con số về ít người. Đừng chuyển ra ngoài; bản để gửi đi là bản công bố.
44 phiếu về thủ tục, trên 78 hồ sơ đã giải quyết.
Kỳ đã kết thúc.

Đã đạt mục tiêu chưa?
─────────────────────
Mục tiêu 85% năm 2025, 3 lĩnh vực: xét riêng từng lĩnh vực, 1 đạt và 0 chưa đạt;"""
VERDICT = """Mức độ hài lòng về giải quyết thủ tục hành chính
  Tất cả lĩnh vực: Tỷ lệ hài lòng 87,2% (44 phiếu, tính theo số hồ sơ).
    Chưa đủ căn cứ · mục tiêu 2025: 90%. Giới hạn dưới """


def test_the_text_tells_verdicts_first_then_the_table(hailong, files):
    code, out, _ = hailong("analyze", *files, "--full")
    lines = out.splitlines()
    assert code == 0
    assert out.startswith(TEXT)
    assert VERDICT in out
    land = lines.index("  Đất đai: Tỷ lệ hài lòng 90,2% (41 phiếu).")
    assert lines[land + 1] == (  # 37 and q of the 19 silent are 51 of 60: q = 14/19; the limit: 51
        "    Đạt theo những người đã trả lời (41 trên 60; chỉ đúng nếu ít nhất 74%"
        " người chưa trả lời cũng hài lòng) · mục tiêu 2025: 85%. Giới hạn dưới"
        " 85,0% ≥ 85%."
    )
    nobody = lines.index("  Đầu tư: Chưa có ai trả lời câu này.")
    assert lines[nobody + 1] == "    Chưa có câu trả lời · mục tiêu 2025: 85%."
    few = lines.index("  Xây dựng: 2 trên 3 hài lòng.")
    assert lines[few + 1].startswith("    Chưa đủ căn cứ · mục tiêu 2025: 85%.")
    (head,) = (number for number, line in enumerate(lines) if line.startswith("Lĩnh vực"))
    table = [line.split("  ") for line in lines[head + 2 : head + 7]]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in table]
    assert cells[0] == [
        "Đất đai",
        "90,2%",
        "41/60 (68,3%)",
        "83,3% – 93,4%",  # 50 to 56 of 60
        "61,6% – 93,4%",
        "4,71",
    ]
    assert cells[1][:2] == ["Xây dựng", "2 trên 3 (*)"]
    assert cells[2][:4] == ["Hộ tịch", "chưa có phiếu", "0/9 (0%)", "–"]
    assert "giả định những người chưa trả lời" in lines[-1]


def test_the_text_can_be_english(hailong, files):
    code, out, _ = hailong("analyze", *files, "--full", "--lang", "en")
    assert code == 0
    lines = out.splitlines()
    assert lines[lines.index("  Land: Share satisfied 90.2% (41 answers).") + 1] == (
        "    Met by those who answered (41 of 60; true only if at least 74% of those who"
        " did not answer are satisfied too) · target 2025: 85%. Lower limit"
        " 85.0% ≥ 85%."
    )
    assert "those who did not answer are like" in out


def test_a_percentage_never_stands_without_its_number_of_answers(hailong, files):
    _, out, _ = hailong("analyze", *files, "--full")
    told = [line for line in out.splitlines() if ": Tỷ lệ hài lòng " in line]
    assert len(told) >= 3
    assert all("phiếu)" in line or "phiếu, tính" in line for line in told)
    rows = [re.split("  +", line) for line in out.splitlines() if re.search(r"  \d+/\d+", line)]
    assert len(rows) >= 5
    assert all(row[2][0].isdigit() for row in rows if "%" in row[1])


def test_nobody_answering_is_said_with_what_to_do(hailong, files):
    code, out, _ = hailong("analyze", *files[:-1], "2026-11", "--full")
    assert code == 0
    assert "Chưa có câu trả lời nào trong kỳ này. Hãy kiểm tra mã QR" in out


def test_several_offices_are_told_together_and_one_by_name(hailong, write_csv, response):
    rows = [response(n, office=office) for n, office in enumerate(["a", "b", "b"])]
    args = ("analyze", "--responses", write_csv(rows), "--period", "2026-10", "--full")
    together, alone = hailong(*args)[1], hailong(*args, "--office", "b")[1]
    assert together.startswith("Mức độ hài lòng – Tháng 10/2026\nTất cả 2 cơ quan\n")
    assert together.endswith("Xem một cơ quan: --office MÃ\n")
    assert alone.startswith("Mức độ hài lòng – Tháng 10/2026\nb\n")
    assert "--office" not in alone


def test_the_output_can_go_to_a_file(hailong, files, tmp_path):
    target = tmp_path / "kết quả.json"
    code, out, _ = hailong("analyze", *files, "--format", "json", "--full", "--out", target)
    assert (code, out) == (0, "")
    assert json.loads(target.read_text(encoding="utf-8"))["format"] == "hailong.verdicts/2"


def test_a_file_that_cannot_be_written_is_refused(hailong, files, tmp_path):
    target = tmp_path / "no" / "x.json"
    code, _, err = hailong("analyze", *files, "--full", "--out", target)
    assert code == 2
    assert f"{target} cannot be written: there is no folder {target.parent}" in " ".join(
        err.split()
    )
    assert not target.parent.exists()


def test_other_targets_may_be_given(hailong, files, tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text(
        '[[target]]\nid = "ours"\ntitle = {vi = "Của xã", en = "Ours"}\nmeasure = "overall"\n'
        'sectors = ["land"]\npool = false\nthreshold = 0.5\ndeadline = 2026\nsource = "xã"\n',
        encoding="utf-8",
    )
    _, out, _ = hailong("analyze", *files, "--full", "--targets", path)
    # 37 of 60 are more than half, whatever the others think
    assert (
        "Của xã\n  Đất đai: Tỷ lệ hài lòng 90,2% (41 phiếu).\n"
        "    Đạt, dù những người chưa trả lời nghĩ thế nào (41 trên 60) · mục tiêu 2026: 50%.\n"
    ) in out


def test_a_broken_file_is_refused_with_every_problem(hailong, write_csv, response):
    path = write_csv([response(1, overall="7"), response(1, channel="fax")])
    code, out, err = hailong("analyze", "--responses", path, "--period", "2026-10", "--full")
    assert (code, out) == (1, "")
    lines = err.removeprefix("hailong: ").splitlines()
    assert [line.split(";")[0] for line in lines] == [
        "answers.csv, row 3, column 'channel': 'fax' is not a channel",
        "answers.csv, row 2, column 'overall': score is '7'",
        "answers.csv, column 'response_id': 'r000001' occurs 2 times (row 2",
    ]


def test_questionnaires_stand_side_by_side_until_one_is_chosen(hailong, write_csv, response):
    rows = [response(n, questionnaire=f"survey@{n // 2}") for n in (2, 3, 4)]
    args = ("analyze", "--responses", write_csv(rows), "--period", "2026-10", "--full")
    code, out, _ = hailong(*args)
    assert code == 0
    second = out.split("  Tất cả lĩnh vực · survey@2: ")[1]
    assert second.startswith("1 trên 1 hài lòng.\n    Chưa đủ căn cứ · mục tiêu 2025")
    _, both, _ = hailong(*args, "--format", "json")
    assert json.loads(both)["questionnaires"] == [["survey@1"], ["survey@2"]]
    _, out, _ = hailong(*args, "--questionnaire", "survey@2", "--format", "json")
    assert json.loads(out)["questionnaires"] == [["survey@2"]]
    assert json.loads(out)["estimates"][0]["n"] == 1


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--period", "2026-13"), "there is no month 13; write for example 2026-10"),
        ((), "Missing option '--period'"),
        (("--period", "2026-10", "--level", "95"), "Invalid value for '--level'"),
        (("--period", "2026-10", "--format", "xml"), "Invalid value for '--format'"),
    ],
)
def test_a_wrong_option_is_a_usage_error(hailong, args, told):
    code, _, err = hailong("analyze", "--responses", "x.csv", *args)
    assert code == 2
    assert told in err


def test_help_has_an_example(hailong):
    code, out, _ = hailong("analyze", "--help")
    assert code == 0
    assert "Example: hailong analyze --responses answers.csv --population dossiers.csv" in out


def stored(sector, overall, day):
    desk = shipped()["desk@1"]
    scores = dict.fromkeys(desk.item_ids, 4) | {"overall": overall, "feedback": None}
    return Response(
        response_id=str(uuid.uuid4()),
        questionnaire="desk@1",
        office="trieu-son",
        sector=sector,
        channel="poster",
        answered_on=day,
        scores=pack(desk, scores),
    )


@pytest.fixture
def filled(config, engine, monkeypatch):
    """An office with 12 answers of October about land and one of November."""
    october = date(2026, 10, 20)
    answers = [stored("land", 5 if n < 9 else 1, october) for n in range(12)]
    add_many(engine, [*answers, stored("land", 1, date(2026, 11, 1))])
    count = PopulationCount("2026-10", "trieu-son", "land", 30, None, None)
    log = CountSource(october, "dossiers.csv", "0" * 64)
    save_counts(engine, [count], log=log)
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    return config


def test_without_files_the_office_reads_its_own_database(hailong, filled):
    code, out, err = hailong(
        "analyze", "--data", filled.data, "--period", "2026-10", "--format", "json", "--full"
    )
    found = json.loads(out)
    assert (code, err) == (0, "")
    land = {
        row["measure"]: row
        for row in found["estimates"]
        if (row["office"], row["sector"]) == ("trieu-son", "land")
    }
    assert list(land)[:3] == ["overall", "index", "element:access"]
    assert (land["overall"]["n"], land["overall"]["population"]) == (12, 30)
    assert land["overall"]["share"] == 0.75
    assert (land["index"]["answered"], land["index"]["satisfied"]) == (48, 48)
    assert "item:feedback" not in land


def test_the_offices_own_targets_and_names_are_used(hailong, filled):
    file = filled.targets_file
    text = file.read_text(encoding="utf-8").replace("threshold = 0.85", "threshold = 0.25")
    file.write_text(text, encoding="utf-8")
    _, out, _ = hailong("analyze", "--data", filled.data, "--period", "2026-10", "--full")
    assert out.startswith("Mức độ hài lòng – Tháng 10/2026\nUBND xã Triệu Sơn\n")
    # 9 of 30 are more than a quarter
    assert (
        "  Đất đai: Tỷ lệ hài lòng 75% (12 phiếu).\n"
        "    Đạt, dù những người chưa trả lời nghĩ thế nào (12 trên 30) · mục tiêu 2025: 25%.\n"
    ) in out


BESIDE = (
    "Có gì thay đổi không?",
    "Điều gì đi cùng với sự hài lòng?",
    "Điều nên xem lại",
)


def test_insights_are_told_where_they_are_asked_for(hailong, filled):
    args = ("analyze", "--data", filled.data, "--period", "2026-10", "--full")
    short, (code, out, err) = hailong(*args)[1], hailong(*args, "--insights")
    assert (code, err) == (0, "")
    places = [out.index(f"{title}\n───") for title in BESIDE]
    assert places == sorted(places)
    assert not any(title in short for title in BESIDE)
    assert "Không thấy phiếu giống hệt nhau bất thường" in out
    assert len(short.splitlines()) < 60 < len(out.splitlines())
    _, english, _ = hailong(*args, "--insights", "--lang", "en")
    assert "Worth a second look\n───" in english and "{" not in english


@pytest.mark.parametrize("also", [("--published",), ("--format", "json")])
def test_insights_never_go_with_what_leaves(hailong, files, also):
    code, out, err = hailong("analyze", *files, "--insights", *also)
    assert (code, out) == (2, "")
    assert "--insights" in err and "--published" in err


def test_files_and_database_give_the_same_figures(hailong, filled, write_csv, response, tmp_path):
    rows = [
        response(
            n,
            questionnaire="desk@1",
            answered_on="2026-10-20",
            overall="5" if n < 9 else "1",
            **dict.fromkeys(("access", "procedures", "civil_servants", "results"), "4"),
        )
        for n in range(12)
    ]
    population = tmp_path / "n.csv"
    population.write_text(
        "period,office,sector,completed\n2026-10,trieu-son,land,30\n", encoding="utf-8"
    )
    rest = ("--period", "2026-10", "--format", "json", "--full")
    own = hailong("analyze", "--data", filled.data, *rest)
    files = hailong(
        *("analyze", "--responses", write_csv(rows), "--population", population),
        *rest,
    )
    assert json.loads(own[1]) == json.loads(files[1])


def test_without_files_and_without_an_office_it_says_what_to_do(hailong, tmp_path):
    code, _, err = hailong("analyze", "--data", tmp_path / "none", "--period", "2026-10")
    assert code == 1
    assert "run: hailong init" in err


def test_what_may_leave_is_asked_for_by_its_name(hailong, files):
    code, out, err = hailong("analyze", *files, "--published", "--format", "json")
    found = json.loads(out)
    assert (code, err, found["view"]) == (0, "", "published")
    rows = {(r["sector"], r["measure"], r["channel"]): r for r in found["estimates"]}
    few, total = rows["construction", "overall", "all"], rows["all", "overall", "all"]
    assert (few["n"], few["share"], few["satisfied"], few["publishable"]) == (3, None, None, False)
    assert total["publishable"]
    assert total["step"] > 0.001
    assert total["low"] <= total["share"] < total["high"]


def test_the_text_that_may_leave_tells_steps_and_what_is_withheld(hailong, files):
    code, out, err = hailong("analyze", *files, "--published")
    assert (code, err) == (0, "")
    assert "Nội bộ" not in out
    assert "từ " in out
    assert "%" in out
    assert "Không công bố" in out


def test_a_published_limit_is_never_said_to_reach_a_target_that_it_does_not(hailong, files):
    code, out, _ = hailong("analyze", *files, "--published", "--lang", "en")
    assert code == 0
    for lower, aim in re.findall(r"[Ll]ower limit ([\d.]+)% ≥ ([\d.]+)%", out):
        assert float(lower) >= float(aim)


def test_nothing_leaves_of_a_part_of_the_answers(hailong, files):
    code, out, err = hailong("analyze", *files, "--published", "--flagged", "exclude")
    assert (code, out) != (0, "")
    assert "answers were left out by choice" in err


def test_draws_of_the_recheck_are_a_file_like_the_others(hailong, tmp_path):
    paths = an_office(tmp_path).files()
    sources = [part for name, path in paths.items() for part in (f"--{name}", path)]
    code, out, err = hailong("analyze", *sources, "--period", "2026-10", "--format", "json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    (row,) = (
        row
        for row in found["recheck"]["rows"]
        if (row["office"], row["sector"], row["measure"]) == ("all", "all", "overall")
    )
    assert (row["drawn"], row["respondents"], row["satisfied"]) == (30, 26, 23)
    assert {verdict["basis"] for verdict in found["verdicts"]} == {None, "recheck"}
    code, out, _ = hailong("analyze", *sources, "--period", "2026-10", "--published")
    assert code == 0
    assert "phúc tra từ 80% đến dưới 90%" in out


def test_wrong_draws_are_refused_with_the_place(hailong, tmp_path):
    paths = an_office(tmp_path).files()
    text = paths["rechecks"].read_text(encoding="utf-8").replace(",80,10,", ",8,10,")
    paths["rechecks"].write_text(text, encoding="utf-8")
    sources = [part for name, path in paths.items() for part in (f"--{name}", path)]
    code, _, err = hailong("analyze", *sources, "--period", "2026-10")
    assert code == 1
    assert "rechecks.csv" in err and "'drawn'" in err
