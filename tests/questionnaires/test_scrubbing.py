"""Scrubbing measured on a corpus of our own: what it finds, and what it takes that is harmless."""

from __future__ import annotations

import pytest

from benchmarks.comments import comments, score
from questionnaires import scrub

CORPUS = comments()


def test_the_corpus_is_large_enough_to_tell():
    assert sum(one.personal for one in CORPUS) >= 100
    assert sum(not one.personal for one in CORPUS) >= 70


@pytest.mark.parametrize(
    "comment", [one for one in CORPUS if not one.out_of_reach], ids=lambda one: one.text
)
def test_every_number_of_a_person_is_gone_and_all_else_is_left_alone(comment):
    assert comment.clean, scrub(comment.text)


@pytest.mark.parametrize("comment", [one for one in CORPUS if one.out_of_reach])
def test_numbers_in_words_are_out_of_reach_and_counted_as_missed(comment):
    assert not comment.clean


def test_precision_and_recall_over_the_corpus():
    """As docs/MEASUREMENTS.md says; a change for the better changes both."""
    found = score(CORPUS)
    assert found.recall == 1
    assert found.precision >= 0.995
    assert len(found.wrong) == sum(one.out_of_reach for one in CORPUS)
