"""`hailong serve` in an empty folder, and what a browser does there first."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from playwright.sync_api import Page

from survey.config import load_config
from survey.store import open_engine
from survey.store.places import load_places
from tests.waiting import PATIENCE

PASSWORD = "bốn từ không dính nhau"


@dataclass
class Started:
    """`hailong serve` in a folder, and what it said."""

    folder: Path
    port: int
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def code(self) -> str:
        """The newest code on the terminal."""
        return re.findall(r"nhập: (\w{4} \w{4})", self.said())[-1]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)

    def places(self) -> list[str]:
        config = load_config(self.folder, self.environment)
        engine = open_engine(config.database_url)
        try:
            return [one.name.vi for one in load_places(engine).office]
        finally:
            engine.dispose()


Start = Callable[..., Started]


def asked(host: str, port: int, path: str, method: str = "GET", length: int = 0) -> int:
    """The status of an answer; of `length` bytes that are announced none is sent."""
    connection = HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request(method, path, headers={"Content-Length": str(length)})
        return connection.getresponse().status
    finally:
        connection.close()


def fill_office(page: Page, name: str = "UBND xã Đồng Tâm", account: str = "lan.nguyen") -> None:
    page.get_by_label("Tên cơ quan").fill(name)
    page.get_by_label("Tên đăng nhập").fill(account)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)


def sign_in(page: Page, name: str = "lan.nguyen") -> None:
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("button", name=re.compile("Đăng xuất")).wait_for()
