"""Templates compiled once a run: every test makes an app, which would compile all that it shows."""

from __future__ import annotations

from types import CodeType
from typing import Any

from flask import templating
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledOnce(BytecodeCache):
    """Keeps in this process what a template of this source was compiled to."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


class Environment(templating.Environment):
    """What Flask makes for an app; the apps of a process share what is compiled."""

    compiled = CompiledOnce()

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options, bytecode_cache=self.compiled)
