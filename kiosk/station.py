"""What a tablet stands for: one counter with its questionnaire, and how long it waits for people.

Pure data. Must not know HTTP or how stations are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from questionnaires import Questionnaire, Text


@dataclass(frozen=True, slots=True)
class Station:
    """The counter at which a tablet stands.

    `sectors` are (id, name) in the order of the office; empty where the questionnaire is not about
    one sector. `simulated` marks a demonstration. `timezone` is the office's, by its IANA name.
    """

    counter_id: str
    office_id: str
    office: Text
    counter: Text
    sectors: tuple[tuple[str, Text], ...]
    questionnaire: Questionnaire
    simulated: bool = False
    timezone: str = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. WCAG 2.2.1 asks for at least 20 s of warning that one action extends.

    After `idle` without a touch the tablet asks whether someone is there, for `countdown`; then
    all of the last person's form is gone. `thanks` is how long the last screen stays. `refresh`
    is how often a waiting tablet tells the server how it is, and hears of what is new.
    """

    idle: int = 45
    countdown: int = 20
    thanks: int = 4
    refresh: int = 300
