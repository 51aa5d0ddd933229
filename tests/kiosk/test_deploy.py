"""The files in deploy/ are taken by the programs that they are for, and do what docs/kiosk says."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from tests.postgres import free_port
from tests.waiting import PATIENCE, wait_until

DEPLOY = Path(__file__).parents[2] / "deploy"

needs_caddy = pytest.mark.skipif(shutil.which("caddy") is None, reason="no Caddy on this machine")
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine"
)


def caddy(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["caddy", *words],
        env={"HOME": str(home), "XDG_DATA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


@needs_caddy
@pytest.mark.parametrize("name", ["Caddyfile", "Caddyfile.internal"])
def test_caddy_takes_the_file_and_would_write_it_the_same_way(name: str, tmp_path: Path):
    file = str(DEPLOY / name)
    done = caddy(tmp_path, "validate", "--adapter", "caddyfile", "--config", file)
    assert done.returncode == 0, done.stderr
    assert caddy(tmp_path, "fmt", file).stdout == (DEPLOY / name).read_text(encoding="utf-8")


@pytest.fixture
def internal(tmp_path: Path, address: str) -> Iterator[tuple[int, Path]]:
    """Caddyfile.internal on loopback before a kiosk: its port and the root to be trusted."""
    port, kiosk = free_port(), address.removeprefix("http://").removesuffix("/kiosk")
    text = (DEPLOY / "Caddyfile.internal").read_text(encoding="utf-8")
    text = text.replace("https://192.168.1.10 {", f"https://127.0.0.1:{port} {{")
    text = text.replace("default_sni 192.168.1.10", "default_sni 127.0.0.1\n\tadmin off")
    text = text.replace("127.0.0.1:8000", kiosk)
    text = text.replace("skip_install_trust", f"skip_install_trust\n\thttp_port {free_port()}")
    config = tmp_path / "Caddyfile"
    config.write_text(text, encoding="utf-8")
    root = tmp_path / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    server = subprocess.Popen(
        ["caddy", "run", "--adapter", "caddyfile", "--config", str(config)],
        env={"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: answers(port, root))
        yield port, root
    finally:
        server.terminate()
        server.wait(PATIENCE)


def answers(port: int, root: Path) -> bool:
    try:
        return get(port, "/kiosk/", root)[0] == 200
    except OSError:
        return False


def get(port: int, path: str, root: Path | None) -> tuple[int, str | None]:
    """Status and encoding, where the certificate is trusted; raises OSError where it is not."""
    trust = ssl.create_default_context(cafile=root)
    connection = HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, context=trust)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        reply = connection.getresponse()
        reply.read()
        return reply.status, reply.headers["Content-Encoding"]
    finally:
        connection.close()


@needs_caddy
def test_a_tablet_that_trusts_the_offices_root_reaches_the_kiosk_by_its_bare_address(internal):
    port, root = internal
    assert get(port, "/kiosk/", root)[0] == 200
    assert get(port, "/kiosk/static/any/form.js", root) == (200, "gzip")


@needs_caddy
def test_a_tablet_that_does_not_trust_it_is_not_let_in_by_accident(internal):
    port, _root = internal
    with pytest.raises(ssl.SSLCertVerificationError):
        get(port, "/kiosk/", None)


@needs_systemd
def test_systemd_takes_the_service_file(tmp_path: Path):
    program = tmp_path / "hailong"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    text = (DEPLOY / "hailong.service").read_text(encoding="utf-8")
    unit = tmp_path / "hailong.service"
    unit.write_text(text.replace("/opt/hailong/.venv/bin/hailong", str(program)), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@contextmanager
def before_nothing(home: Path, text: str) -> Iterator[tuple[int, Callable[[], str]]]:
    """Caddyfile on loopback, plain http, while the server behind it is down: port and log."""
    port, log = free_port(), home / "log"
    text = text.replace("hailong.xa-cua-toi.vn {", f"http://127.0.0.1:{port} {{")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{free_port()}")
    text = text.replace("\tlog {", "\tadmin off\n\tlog {", 1)
    config = home / "Caddyfile"
    config.write_text(text, encoding="utf-8")
    with log.open("wb") as file:
        server = subprocess.Popen(
            ["caddy", "run", "--adapter", "caddyfile", "--config", str(config)],
            env={"HOME": str(home), "XDG_DATA_HOME": str(home)},
            stderr=file,
        )
    try:
        wait_until(lambda: _listens(port))
        yield port, lambda: log.read_text(encoding="utf-8")
    finally:
        server.terminate()
        server.wait(timeout=30)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def visit(port: int, request: bytes) -> str:
    """Send this and wait for the end of the reply; return the visitor's own port."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as visitor:
        visitor.sendall(request)
        with visitor.makefile("rb") as reply:
            assert reply.readline().split()[1] in (b"400", b"502")
        return str(visitor.getsockname()[1])


@needs_caddy
@pytest.mark.parametrize("name", ["Caddyfile", "Caddyfile.internal"])
def test_caddy_writes_no_visitor_s_address_while_the_server_is_down(name: str, tmp_path: Path):
    text = (DEPLOY / name).read_text(encoding="utf-8")
    text = text.replace("https://192.168.1.10 {\n\ttls internal\n", "hailong.xa-cua-toi.vn {\n")
    good, broken = (
        b"GET /r/x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"bad\r\n\r\n",
    )
    with before_nothing(tmp_path, text) as (port, log):
        visitors = [visit(port, request) for request in (good, broken, good)]
    assert "remote" not in log()
    assert [one for one in visitors if one in log()] == []


@needs_caddy
def test_without_that_part_of_the_file_it_would(tmp_path: Path):
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8").replace("exclude http.log\n", "\n")
    text = text.replace("request delete", "none delete")
    request = b"GET /r/x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    with before_nothing(tmp_path, text) as (port, log):
        visitor = visit(port, request)
        wait_until(lambda: visitor in log())
