"""The product's own server with one more page, which lists the modules that a worker imported.

Serves an office as `hailong serve` does:  python -m benchmarks.watched DATA_FOLDER PORT
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from survey.commands.serve import serve
from survey.config import load_config

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MODULES = "/modules"


def watched(app: WSGIApplication) -> WSGIApplication:
    """Return the application with the page of modules before it."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != MODULES:
            return app(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"worker": os.getpid(), "modules": sorted(sys.modules)}).encode()]

    return answer


def main(folder: Path, port: int) -> None:
    """Serve until stopped."""
    config = replace(load_config(folder), port=port)

    def load() -> WSGIApplication:
        from survey.app import create_app

        return watched(create_app(config))

    serve(load, config)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
