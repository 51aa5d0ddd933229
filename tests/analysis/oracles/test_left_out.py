"""Figures that the product leaves out on purpose: skipped by name, with the reason."""

from __future__ import annotations

import pytest

REASONS = "tests/analysis/oracles/conftest.py, NOT_OFFERED"


def test_left_out_on_purpose(left_out: str, request: pytest.FixtureRequest) -> None:
    conftest = request.config.pluginmanager.getplugin(str(request.path.parent / "conftest.py"))
    reasons = conftest.NOT_OFFERED if conftest else {}
    pytest.skip(f"{left_out}: {reasons.get(left_out, f'see {REASONS}')}")
