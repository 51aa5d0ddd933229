"""`hailong doctor` opens the address of the posters as a phone does."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from survey.doctor import visit


@contextmanager
def answering(status: int, page: str) -> Iterator[str]:
    """A server of another kind, that gives this page for every address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/r/k7m49qxp"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_form_of_the_office_is_recognised(served) -> None:
    url = served.address("quay-1")
    assert visit(url, expected=f"/r/{url.rpartition('/')[2]}") is None


def test_another_page_at_the_address_is_an_error() -> None:
    with answering(200, "<h1>Cổng thông tin</h1>") as url:
        found = visit(url, expected="/r/k7m49qxp")
    assert found is not None
    assert found.mark == "error"
    assert "base_url" in found.said


def test_an_address_that_answers_with_an_error_is_an_error() -> None:
    with answering(404, "nothing") as url:
        found = visit(url, expected="/r/k7m49qxp")
    assert found is not None
    assert (found.mark, "404" in found.text) == ("error", True)


def test_an_address_where_nothing_listens_is_a_warning_for_the_server_may_be_stopped() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    found = visit(f"http://127.0.0.1:{port}/r/k7m49qxp", expected="/r/k7m49qxp")
    assert found is not None
    assert found.mark == "warning"
    assert "cannot be opened from here" in found.text
