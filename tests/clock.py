"""The office's clock, standing where a test puts it.

Only in the process of the test: servers and commands in processes of their own go by the machine's.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from survey.config import Config

OFFICE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
NOW: Final = datetime(2026, 10, 15, 9, tzinfo=OFFICE)
"""A Thursday morning in the middle of a month, far from all that begins and ends."""
TODAY: Final = NOW.date()


def day_here() -> date:
    """The day at the office, as the product of this process reads it."""
    return Config(Path(), "", "").today()


def stand_at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let it be this moment at every office until the test is over."""
    monkeypatch.setattr(Config, "now", lambda config: moment.astimezone(config.zone))
