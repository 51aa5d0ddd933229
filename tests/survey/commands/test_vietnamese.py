"""What the command line says in Vietnamese: outputs, questions, refusals and usage errors."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select, update

from analysis.errors import PeriodError
from analysis.period import written_period
from questionnaires.bilingual import Told, in_language
from survey.cli import cli
from survey.commands.saying import speaking
from survey.commands.serve import _require_set_up
from survey.config import Config, load_config
from survey.dossiers import PopulationCount
from survey.errors import ConfigError, HailongError
from survey.intake import Response
from survey.store import tables
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many

pytestmark = pytest.mark.sqlite_is_enough

Run = Callable[..., Result]

HEAD = "response_id,questionnaire,office,sector,procedure,channel,answered_on,late,flag,overall\n"
ROW = "5a1f0000-0000-4000-8000-000000000001,desk@1,o,land,,poster,2026-10-05,false,,5\n"


@pytest.fixture
def run(config: Config, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HAILONG_DATA", str(config.data))
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    return lambda *words: CliRunner().invoke(cli, ["--lang", "vi", *map(str, words)])


def refused(result: Result) -> str:
    assert isinstance(result.exception, HailongError), result.output
    return result.exception.said("vi")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW.replace(",5\n", ",9\n"), "dòng 2, cột 'overall': điểm là '9'; hãy viết số nguyên"),
        (ROW.replace("poster", "web"), "cột 'channel': 'web' không phải một kênh; dùng một trong"),
        (ROW.replace("2026-10-05", "5/10"), "ngày là '5/10'; hãy viết ngày, không kèm giờ"),
        (ROW + ROW, "có 2 lần (dòng 2; dòng 3); mỗi phiếu hãy giữ một dòng"),
    ],
)
def test_a_row_that_is_refused_is_told_in_vietnamese(
    run: Run, tmp_path: Path, row: str, said: str
) -> None:
    file = tmp_path / "tra-loi.csv"
    file.write_text(HEAD + row, encoding="utf-8")
    told = refused(run("analyze", "--responses", file, "--period", "10/2026"))
    assert said in told
    assert "; " in str(told)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("tháng,điểm\n", "dòng đầu không phải tên cột"),
        (HEAD.replace("office", "ofice"), "nếu ý là 'ofice' thì đổi tên cột đó"),
        ("", "tệp trống"),
    ],
)
def test_a_file_that_is_no_table_is_told_in_vietnamese(
    run: Run, tmp_path: Path, head: str, said: str
) -> None:
    file = tmp_path / "tra-loi.csv"
    file.write_text(head, encoding="utf-8")
    assert said in refused(run("analyze", "--responses", file, "--period", "10/2026"))


def test_targets_that_cannot_be_read_are_told_in_vietnamese(run: Run, config: Config) -> None:
    text = config.targets_file.read_text(encoding="utf-8")
    config.targets_file.write_text(text.replace("threshold = 0.90", "threshold = 90"), "utf-8")
    told = refused(run("analyze", "--period", "10/2026"))
    assert "hãy viết số thập phân từ 0 đến 1, ví dụ 0.90" in told


COMMANDS = (
    ["analyze"],
    ["comments"],
    ["export", "responses", "--out", "x.csv"],
    ["notebook", "--out", "x.html"],
    ["dossiers", "import", "x.csv"],
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_every_command_refuses_a_period_in_vietnamese(run: Run, words: list[str]) -> None:
    result = run(*words, "--period", "13/2026")
    assert result.exit_code == 2
    assert "không có tháng 13; hãy viết chẳng hạn 2026-10, 10/2026" in result.stderr


@pytest.mark.parametrize("written", ["10/2026", "tháng 10/2026", "Tháng 10 năm 2026", "2026-10"])
def test_the_command_line_takes_periods_as_people_write_them(
    run: Run, engine: Engine, tmp_path: Path, written: str
) -> None:
    counts = [PopulationCount("2026-10", "trieu-son", "land", 70)]
    save_counts(
        engine, counts, log=CountSource(datetime(2026, 11, 1, tzinfo=UTC).date(), "x", "0" * 64)
    )
    file = tmp_path / "ho-so.csv"
    shown = run("export", "population", "--period", written, "--out", file).stdout
    assert shown == f"{file}\t1 dòng\t2026-10\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "answers"], "'answers' không thuộc: 'responses', 'population'"),
        (["serve", "--port", "0"], "0 nằm ngoài khoảng 1<=x<=65535"),
        (["serve", "--port", "x"], "'x' không phải một số"),
        (["doctor", "--data"], "tùy chọn --data cần một giá trị"),
        (["doctor", "now"], "thừa: now"),
        (["export"], "hãy ghi responses hoặc population kèm --period P"),
        (["analyze", "--period", "2026-10", "--level", "2"], "nằm ngoài khoảng 0.5<=x<1"),
    ],
)
def test_a_wrong_command_line_is_told_in_vietnamese(run: Run, words: list[str], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Error" not in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "x", "dùng một số nguyên"),
        ("WORKERS", "0", "hãy viết một số từ 1 đến 64"),
        ("TIMEZONE", "Hà Nội", "dùng một tên như Asia/Ho_Chi_Minh"),
        ("METRICS_TOKEN", "ngắn", "dùng ít nhất 16 ký tự ngẫu nhiên"),
        ("OPENING_HOURS", "Mon", "không có giờ; viết chẳng hạn T2-T6"),
        ("OPENING_HOURS", "Hai 07:30-11:30", "không phải ngày trong tuần"),
        ("SIMULATED", "có", "dùng true hoặc false"),
    ],
)
def test_a_setting_that_is_wrong_is_told_in_vietnamese(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, environ={f"HAILONG_{name}": value})
    assert said in caught.value.said("vi")


def test_an_import_is_shown_and_asked_about_in_vietnamese(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "ho-so.csv"
    file.write_text("period,office,sector,completed\n2026-09,trieu-son,land,80\n", "utf-8")
    shown = run("dossiers", "import", file)
    assert "ho-so.csv: 1 dòng; cột " in shown.stdout
    assert "2026-09 trieu-son: mới, 80 hồ sơ đã giải quyết" in shown.stdout
    assert "đã lưu 2026-09 trieu-son: 80 hồ sơ đã giải quyết" in shown.stdout
    file.write_text("period,office,sector,completed\n2026-09,trieu-son,land,8\n", "utf-8")
    asked = run("dossiers", "import", file)
    assert "cần xác nhận: 2026-09 trieu-son: 8 hồ sơ chưa bằng một nửa số 80" in asked.stderr
    assert "chưa lưu gì; dùng --period" in refused(asked)
    assert "\tmới\tho-so.csv\t" in run("dossiers", "list").stdout
    assert "lại chưa có số nào, không còn 80" in run("dossiers", "undo").stdout


def test_rows_that_are_refused_and_days_that_are_doubted_are_told_in_vietnamese(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "ho-so.csv"
    head = "Mã hồ sơ,Lĩnh vực,Ngày tiếp nhận,Ngày trả kết quả\n"
    file.write_text(f"{head}H1,Thú y lạ,01/09/2026,05/09/2026\n", "utf-8")
    told = refused(run("dossiers", "import", file, "--office", "trieu-son"))
    assert told.startswith("ho-so.csv, dòng 2: không biết lĩnh vực 'Thú y lạ'")
    rows = "".join(f"H{number},Đất đai,01/09/2026,05/09/2026\n" for number in range(30))
    file.write_text(head + rows, "utf-8")
    asked = run("dossiers", "import", file, "--office", "trieu-son")
    assert "cần xác nhận: cả 30 hồ sơ đều trả ngày 05/09/2026" in asked.stderr


def test_questionnaires_are_listed_in_vietnamese(run: Run) -> None:
    shown = run("questionnaire", "list").stdout
    assert "câu chữ cần đối chiếu với quyết định" in shown
    assert " items " not in shown


def test_a_server_says_at_its_start_that_its_clock_is_far_from_the_answers(
    config: Config, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    today = datetime.now(config.zone).date()
    answer = Response(
        "0b8f7a52-4c1d-4f6e-9a3b-2d5e8c7f1a90", "desk@1", "trieu-son", "land", "poster",
        today, "5-----",
    )  # fmt: skip
    add_many(engine, [answer])
    with speaking("vi"):
        _require_set_up(config)
        assert not capsys.readouterr().err
        ahead = today + timedelta(days=40)
        with engine.begin() as connection:
            connection.execute(update(tables.response).values(answered_on=ahead))
            assert connection.execute(select(tables.response.c.flag)).scalar_one() == ""
        _require_set_up(config)
    assert f"phiếu mới nhất ngày {ahead:%d/%m/%Y}: đồng hồ đang sai" in capsys.readouterr().err


def test_a_text_in_two_languages_reaches_another_process_whole() -> None:
    with pytest.raises(PeriodError) as caught:
        written_period("mai")
    told = pickle.loads(pickle.dumps(caught.value.args[0]))
    assert isinstance(told, Told)
    assert in_language(told, "vi").startswith("kỳ, 'mai': không phải một kỳ")
    assert in_language(told, "en").startswith("period, 'mai': it is not a period")
