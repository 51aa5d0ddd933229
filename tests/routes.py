"""Addresses compiled once a run: every test makes an app, which would compile two hundred anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import werkzeug.routing

Build = Callable[..., tuple[str, str]]


class Rule(werkzeug.routing.Rule):
    """A route whose builder of addresses is that of every route that is written like it.

    The function is handed the route that it builds for, so that several can share it.
    """

    compiled: ClassVar[dict[tuple[Any, ...], Build]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Build:
        given = tuple(sorted((self.defaults or {}).items()))
        key = (self.rule, tuple(self._trace), given, append_unknown)
        if key not in self.compiled:
            self.compiled[key] = super()._compile_builder(append_unknown)
        return self.compiled[key]
