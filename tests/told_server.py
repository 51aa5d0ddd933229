"""The product served by one process or several; writes a line when a form begins to be taken.

python -m tests.told_server several|one DATA_FOLDER PORT
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from survey.app import create_app
from survey.commands.serve import serve_in_one_process, serve_in_several
from survey.config import load_config

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BEGUN = "begun"
SERVERS = {"several": serve_in_several, "one": serve_in_one_process}


def telling(app: WSGIApplication) -> WSGIApplication:
    """Return the application, preceded by the line."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            print(BEGUN, flush=True)  # noqa: T201  it is what this program is for
        return app(environ, start_response)

    return answer


def main(kind: str, folder: str, port: str) -> None:
    """Serve until stopped."""
    config = load_config(Path(folder), environ={}, port=int(port))
    SERVERS[kind](lambda: telling(create_app(config)), config)


if __name__ == "__main__":
    main(*sys.argv[1:])
