"""A Spark standalone cluster of a run's own: a master and two workers, each a process.

Owns starting, watching and ending these processes. Knows no table of the product.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.postgres import free_port
from tests.waiting import PATIENCE

WORKERS = 2


class NoSpark(Exception):
    """This machine cannot run Spark; the text says what is missing."""


@dataclass
class Cluster:
    """The running processes. `url` is where a session finds the master."""

    url: str
    status: str
    master: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def living(self) -> int:
        """How many workers the master believes in."""
        with urllib.request.urlopen(self.status, timeout=PATIENCE) as answer:
            workers = json.load(answer)["workers"]
        return sum(worker["state"] == "ALIVE" for worker in workers)

    def executors(self, worker: subprocess.Popen[bytes]) -> list[int]:
        """Process ids of the executors that this worker started."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = stat.read_text(encoding="utf-8", errors="replace")
                command = (stat.parent / "cmdline").read_bytes()
            except OSError:  # it ended meanwhile
                continue
            # A worker has other children too, for moments: what it runs to start an executor.
            if _parent(text) == worker.pid and b"ExecutorBackend" in command:
                found.append(int(stat.parent.name))
        return found

    def kill(self, number: int) -> list[int]:
        """SIGKILL a worker and its executors, as when a machine falls out; their process ids."""
        worker = self.workers[number]
        ended = [worker.pid, *self.executors(worker)]
        for process in ended:
            os.kill(process, signal.SIGKILL)
        worker.wait(PATIENCE)
        return ended

    def stop(self) -> None:
        """End every process that is left."""
        for worker in self.workers:
            for process in self.executors(worker):
                os.kill(process, signal.SIGKILL)
        for process in (*self.workers, self.master):
            process.kill()
            process.wait(PATIENCE)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Run a master and two workers of one core each on loopback. Raises NoSpark."""
    program, folder = _program(), Path(tempfile.mkdtemp(prefix="hailong-spark-"))
    port, page = free_port(), free_port()
    ours = ("--host", "127.0.0.1", "--webui-port")
    master = ("org.apache.spark.deploy.master.Master", *ours, str(page), "--port", str(port))
    url = f"spark://127.0.0.1:{port}"
    running = Cluster(url, f"http://127.0.0.1:{page}/json/", _start(program, folder, *master))
    try:
        _until(lambda: _living(running) == 0, "the master to answer", folder)
        for number in range(WORKERS):
            worker = ("org.apache.spark.deploy.worker.Worker", *ours, str(free_port()))
            size = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"work{number}"))
            running.workers.append(_start(program, folder, *worker, *size, url))
        _until(lambda: _living(running) == WORKERS, "both workers to register", folder)
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def session(running: Cluster) -> Iterator[None]:
    """Open the one session of a run, as the product opens it; sources on this master share it."""
    from analysis.input.spark import session_on

    host, port = running.url.removeprefix("spark://").split(":")
    _, stop = session_on(host, int(port))
    try:
        yield
    finally:
        stop()
        _end_driver()


@contextmanager
def many_tasks() -> Iterator[Callable[[], None]]:
    """Meanwhile a file is a task, however small, so that a job of many files lasts.

    Yields what ends it sooner, for jobs from then on.
    """
    from pyspark.sql import SparkSession

    opened = SparkSession.getActiveSession()
    if opened is None:
        raise RuntimeError("no session is open")
    sizes = ("spark.sql.files.maxPartitionBytes", "spark.sql.files.openCostInBytes")

    def end() -> None:
        for size in sizes:
            opened.conf.unset(size)

    for size in sizes:
        opened.conf.set(size, "1024")
    try:
        yield end
    finally:
        end()


def _end_driver() -> None:
    """End the driver's JVM, which otherwise lives as long as this process."""
    from pyspark import SparkContext

    gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(PATIENCE)


def _program() -> Path:
    """Return `spark-class` of the pyspark wheel, or say what is missing."""
    if not Path("/proc/self/stat").exists():
        raise NoSpark("the processes of the cluster are watched through Linux's /proc")
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None:
        raise NoSpark("pyspark is not installed; install it with: pip install -e '.[spark]'")
    java = Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    if shutil.which(java) is None:
        raise NoSpark(
            "no Java on this machine; Spark needs Java 17: apt-get install openjdk-17-jre-headless"
        )
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < 17:
        raise NoSpark(f"Spark needs Java 17 or later; this is {said.splitlines()[:1]}")
    return Path(found.origin).parent / "bin" / "spark-class"


def _start(program: Path, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    memory = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [str(program), *arguments],
            env={**os.environ, **memory, "SPARK_LOCAL_DIRS": str(folder)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _parent(stat: str) -> int:
    """The parent's process id in a line of /proc; the program's name may hold spaces."""
    return int(stat.rpartition(")")[2].split()[1])


def _living(running: Cluster) -> int | None:
    try:
        return running.living()
    except OSError:
        return None


def _until(holds: Callable[[], bool], what: str, folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            log = (folder / "log").read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"waited {PATIENCE} s for {what}\n{log[-3000:]}")
        time.sleep(0.2)
