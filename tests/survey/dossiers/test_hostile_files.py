"""Hostile files: never a traceback, never counts that break a rule, always a sentence."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.hostile_files import hostile_files, judge


def test_every_hostile_file_is_counted_by_the_rules_or_refused_with_a_sentence() -> None:
    """The large ones, and each in a process of its own: python -m benchmarks.hostile_files."""
    became: Counter[str] = Counter()
    for number, (kind, content) in enumerate(hostile_files(mutations=20, large=False)):
        try:
            became[judge(content, f"tep-{number}", apart=False)] += 1
        except Exception as fault:
            pytest.fail(f"file {number}, {kind}: {type(fault).__name__}: {fault}")
    assert became.total() >= 190
    assert became["refused"] > 80
    assert became["counted"] > 20  # the check is no refusal of everything


@pytest.mark.parametrize("number", [0, 3, 17, 18])
def test_a_hostile_file_is_read_in_a_process_of_its_own(number: int) -> None:
    files = list(hostile_files(mutations=0, large=False))
    assert judge(files[number][1], "tep.xlsx", apart=True) in ("refused", "counted")
