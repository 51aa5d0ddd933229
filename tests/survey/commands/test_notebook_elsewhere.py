"""The notebook on another machine: moved with its data, run by papermill and by Jupyter."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from survey.notebook import in_one_language
from tests.postgres import free_port
from tests.survey.commands.test_notebook_pages import ROOT, answers, hailong

pytestmark = pytest.mark.slow

LIMIT = 240  # seconds of any wait
TOKEN = "a-token-of-this-test"


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """A notebook with its data in a folder of another name; what it was made from is gone."""
    made, elsewhere = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("elsewhere")
    out = made / "thang-10.ipynb"
    done = hailong(*answers(made), "--out", out, "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "thang-10-data" in done.stderr
    for entry in ("thang-10.ipynb", "thang-10-data"):
        shutil.move(made / entry, elsewhere / entry)
    shutil.rmtree(made)
    return elsewhere


def environment(home):
    """No folder of this machine but the program's own."""
    return os.environ | {"PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT)), "HOME": str(home)}


def test_it_has_one_language_and_names_no_folder_of_this_machine(moved):
    text = (moved / "thang-10.ipynb").read_text(encoding="utf-8")
    cells = json.loads(text)["cells"]
    tags = {tag for cell in cells for tag in cell["metadata"].get("tags", [])}
    assert tags == {"parameters", "en", "jupyter"}
    assert str(moved.parent) not in text and str(ROOT) not in text
    first = "".join(cells[0]["source"])
    assert "responses = 'thang-10-data/responses.csv'" in first
    assert "interactive = True" in first
    names = {path.name for path in (moved / "thang-10-data").iterdir()}
    assert names == {"responses.csv", "population.csv"}


def test_papermill_runs_it_in_its_folder(moved, tmp_path):
    command = (
        "import papermill; papermill.execute_notebook("
        "'thang-10.ipynb', 'again.ipynb', progress_bar=False, kernel_name='python3')"
    )
    done = subprocess.run(
        [sys.executable, "-c", command],
        cwd=moved, env=environment(tmp_path), capture_output=True, encoding="utf-8",
        timeout=LIMIT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    again = (moved / "again.ipynb").read_text(encoding="utf-8")
    assert "60 answers about procedures, of 125 completed dossiers." in again


def test_the_server_of_jupyterlab_runs_it(moved, tmp_path):
    cells = json.loads((moved / "thang-10.ipynb").read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    with jupyter(moved, tmp_path) as address:
        told = run_apart(lambda: asyncio.wait_for(run_cells(address, code), LIMIT))
    assert [reply["status"] for reply, _ in told] == ["ok"] * len(code)
    shown = json.dumps([outputs for _, outputs in told])
    assert "60 answers about procedures, of 125 completed dossiers." in shown


def run_apart(begin):
    """What a coroutine gives, in a thread: that of the test may have Playwright's loop running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(begin())).result(LIMIT + 60)


@contextmanager
def jupyter(folder: Path, home: Path):
    """A server of this folder; its address. It ends with the block."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    options = {
        "ServerApp.ip": "127.0.0.1", "ServerApp.port": port, "ServerApp.root_dir": folder,
        "ServerApp.open_browser": False, "ServerApp.allow_root": True, "ServerApp.port_retries": 0,
        "IdentityProvider.token": TOKEN,
    }  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", *(f"--{k}={v}" for k, v in options.items())],
        cwd=folder, env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + LIMIT
        while not _answers(address):
            assert server.poll() is None and time.monotonic() < end, "the server does not answer"
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(30)


def _answers(address):
    try:
        return bool(_asked(address, "GET", "/api"))
    except (URLError, OSError):
        return False


def _asked(address, method, path, body=None):
    request = Request(
        f"http://{address}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
        method=method,
    )
    with urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


async def run_cells(address, code):
    """Every cell as the notebook's page sends it: a session, then messages over its socket."""
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    asked = {
        "path": "thang-10.ipynb",
        "name": "",
        "type": "notebook",
        "kernel": {"name": "python3"},
    }
    session = await asyncio.to_thread(_asked, address, "POST", "/api/sessions", asked)
    kernel, own = session["kernel"]["id"], uuid.uuid4().hex
    url = f"ws://{address}/api/kernels/{kernel}/channels?session_id={own}"
    request = HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"})
    socket = await websocket_connect(request)
    told = []
    for text in code:
        message = _message("execute_request", own, {"code": text, "silent": False,
                           "store_history": True, "user_expressions": {}, "allow_stdin": False,
                           "stop_on_error": True})  # fmt: skip
        await socket.write_message(json.dumps(message))
        told.append(await _told(socket, message["header"]["msg_id"]))
    socket.close()
    await asyncio.to_thread(_asked, address, "DELETE", f"/api/sessions/{session['id']}")
    return told


def _message(kind, session, content):
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "username": "", "session": session,
              "version": "5.3", "date": ""}  # fmt: skip
    return {"header": header, "parent_header": {}, "metadata": {}, "content": content,
            "channel": "shell", "buffers": []}  # fmt: skip


async def _told(socket, asked):
    """The reply to a cell and what it showed, once the kernel is idle again."""
    reply, idle, outputs = None, False, []
    while reply is None or not idle:
        text = await socket.read_message()
        assert text is not None, "the server closed the socket"
        message = json.loads(text)
        if message["parent_header"].get("msg_id") != asked:
            continue
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "execute_reply":
            reply = content
        elif kind == "status":
            idle = content["execution_state"] == "idle"
        elif kind in ("execute_result", "display_data", "error"):
            outputs.append(content)
    return reply, outputs


def test_what_was_not_given_stays_as_it_is_shipped():
    import nbformat

    source = 'responses = "responses.csv"  # where\nlevel = 0.95  # of intervals'
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})]
    shown = in_one_language(nbformat.v4.new_notebook(cells=cells), "vi", {"level": 0.9})
    assert shown.cells[0].source == source.replace("0.95", "0.9")
