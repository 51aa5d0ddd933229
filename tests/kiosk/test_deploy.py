"""The files in deploy/ are taken by the programs that they are for, and do what docs/kiosk says."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
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
