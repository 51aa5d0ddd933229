"""Answers on a Spark cluster: read, checked and analysed as anywhere else, also when a worker dies.

Two worker processes; one of them, with its executor, is killed while a job runs.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from click.testing import CliRunner

from analysis.errors import LayoutError
from analysis.input.population import read_population
from analysis.input.responses import read_responses
from survey.cli import cli
from tests.analysis.given import read_all
from tests.postgres import free_port
from tests.spark import Cluster, many_tasks

pytestmark = pytest.mark.spark

MONTHS, FILES = 4, 30
PERIOD = "12m:2026-10"
POPULATION = "period,office,sector,completed\n" + "".join(
    f"2026-{month:02d},{office},{sector},400\n"
    for month in range(7, 11)
    for office in ("trieu-son", "nghi-son")
    for sector in ("land", "construction", "civil-status")
)


def test_a_folder_by_month_is_read_with_its_types(write_spark, response):
    rows = [response(1, c01="4"), response(2, overall="", c01="", answered_on="2026-11-30")]
    with read_all(write_spark(rows)) as found:
        assert found.items == ("overall", "c01")
        assert found.answers == {"survey@1": {"overall": 1, "c01": 1}}
        assert "month" not in found.table.columns


def test_a_single_file_is_read(spark, write_parquet, response):
    path = write_parquet([response(1), response(2)])
    with read_responses(f"{spark.url}{path.as_posix()}") as found:
        assert found.answers == {"survey@1": {"overall": 2}}


def test_population_is_read(spark, tmp_path):
    import pyarrow.csv
    import pyarrow.parquet as pq

    (tmp_path / "n.csv").write_text(POPULATION, encoding="utf-8")
    pq.write_table(pyarrow.csv.read_csv(tmp_path / "n.csv"), tmp_path / "n.parquet")
    found = read_population(f"{spark.url}{(tmp_path / 'n.parquet').as_posix()}")
    assert found.counts == read_population(tmp_path / "n.csv").counts


def test_broken_rows_are_named_with_file_row_column_and_remedy(write_spark, response):
    rows = [response(1), response(2, overall="7"), response(3, channel="email")]
    rows += [response(4, answered_on="2026-11-02", office="all")]
    with pytest.raises(LayoutError) as caught:
        read_responses(write_spark(rows))
    october, november = "month=2026-10/part-0.parquet", "month=2026-11/part-0.parquet"
    assert sorted(str(caught.value).splitlines()) == [
        f"answers, {october}, row 2, column 'overall': score is '7'; "
        "write a whole number from 1 to 5, or leave it empty",
        f"answers, {october}, row 3, column 'channel': 'email' is not a channel; "
        "use one of poster, slip, kiosk, paper, recheck",
        f"answers, {november}, row 1, column 'office': 'all' is the name of a total; "
        "use another id",
    ]


def test_a_response_that_is_there_twice_is_named(write_spark, response):
    rows = [response(1), response(2), response(1, answered_on="2026-11-02")]
    with pytest.raises(LayoutError, match=r"'r000001' occurs 2 times \(month=2026-10/part-0"):
        read_responses(write_spark(rows))


def test_a_path_that_is_not_there_is_told(spark):
    with pytest.raises(LayoutError, match=r"cannot be read as Parquet.*; name a Parquet file"):
        read_responses(f"{spark.url}/nowhere/at/all")


def test_a_master_that_does_not_answer_is_told_at_once():
    with pytest.raises(LayoutError, match=r"no master answers there .*; check host and port"):
        read_responses(f"spark://127.0.0.1:{free_port()}/answers")


@pytest.mark.parametrize("url", ["spark://127.0.0.1/answers", "spark://127.0.0.1:7077"])
def test_an_address_without_port_or_path_is_told(url):
    with pytest.raises(LayoutError, match="is missing; write spark://host:7077/path"):
        read_responses(url)


@pytest.fixture
def many_files(tmp_path, response, write_parquet) -> str:
    """A folder by month of many files, so that a job has many tasks."""
    draw = random.Random(20261126)
    scores = ["", "1", "2", "3", "4", "5", "5", "4", "5"]
    for month in range(7, 7 + MONTHS):
        folder = tmp_path / "responses" / f"month=2026-{month:02d}"
        folder.mkdir(parents=True)
        for number in range(FILES):
            rows = [
                response(
                    (month * FILES + number) * 100 + n,
                    office=draw.choice(["trieu-son", "nghi-son"]),
                    sector=draw.choice(["land", "construction", "civil-status"]),
                    channel=draw.choice(["poster", "slip", "kiosk", "paper"]),
                    answered_on=f"2026-{month:02d}-{draw.randrange(1, 29):02d}",
                    flag=draw.choice(["", "", "", "burst"]),
                    **{item: draw.choice(scores) for item in ("overall", "c01", "c02", "c03")},
                )
                for n in range(20)
            ]
            write_parquet(rows).rename(folder / f"part-{number}.parquet")
    return (tmp_path / "responses").as_posix()


@dataclass
class Killing:
    """What the killer saw: tasks done and in all when it killed, and the processes it ended."""

    done: int = 0
    tasks: int = 0
    left_after: int = 0
    ended: tuple[int, ...] = ()


def kill_during_a_job(
    spark: Cluster, seen: Killing, stop: threading.Event, end: Callable[[], None]
) -> None:
    """Wait until a stage of many tasks is under way, then kill a worker and its executor.

    The jobs after that one may have few tasks: `end`.
    """
    from pyspark import SparkContext

    tracker = SparkContext._active_spark_context.statusTracker()
    while not stop.is_set():
        for stage in tracker.getActiveStageIds():
            info = tracker.getStageInfo(stage)
            if info and info.numTasks > FILES and 3 <= info.numCompletedTasks < info.numTasks / 2:
                seen.ended = tuple(spark.kill(0))
                seen.done, seen.tasks = info.numCompletedTasks, info.numTasks
                after = tracker.getStageInfo(stage)
                seen.left_after = after.numTasks - after.numCompletedTasks if after else 0
                end()
                return
        time.sleep(0.005)


def analysed(responses: str, population: str) -> dict[str, Any]:
    options = ("--population", population, "--period", PERIOD, "--format", "json")
    result = CliRunner().invoke(cli, ["analyze", "--responses", responses, *options])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every figure of a document with its place in it."""
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in parts:
        if isinstance(part, dict | list):
            yield from leaves(part, f"{place}/{key}")
        else:
            yield f"{place}/{key}", part


def test_the_whole_analysis_is_right_although_a_worker_is_killed(spark, tmp_path, many_files):
    population = tmp_path / "dossiers.csv"
    population.write_text(POPULATION, encoding="utf-8")
    expected = dict(leaves(analysed(many_files, str(population))))
    assert spark.living() == 2
    seen, stop = Killing(), threading.Event()
    with many_tasks() as end:
        killer = threading.Thread(target=kill_during_a_job, args=(spark, seen, stop, end))
        killer.start()
        try:
            found = dict(leaves(analysed(f"{spark.url}{many_files}", str(population))))
        finally:
            stop.set()
            killer.join()
    assert 3 <= seen.done < seen.tasks / 2, "the worker was not killed while the job ran"
    assert seen.left_after > 0
    assert len(seen.ended) == 2, "a worker and its executor"
    assert spark.living() == 1
    assert found.keys() == expected.keys()
    for place, value in expected.items():
        if isinstance(value, float):
            value = pytest.approx(value, abs=1e-9)  # noqa: PLW2901
        assert found[place] == value, place


def test_missing_java_is_told_with_its_remedy():
    """In a process of its own: here, Java runs already."""
    with socket.create_server(("127.0.0.1", 0)) as master:
        url = f"spark://127.0.0.1:{master.getsockname()[1]}/answers"
        command = [sys.executable, "-m", "survey", "analyze", "--period", "2026-10"]
        environ = {**os.environ, "JAVA_HOME": "/nowhere", "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [*command, "--responses", url], env=environ, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert "Spark does not start here" in done.stderr
    assert "install Java 17 or later" in done.stderr
    assert "Traceback" not in done.stderr
