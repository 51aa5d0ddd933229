"""Totals of a tree: nothing that is shown, added and subtracted, tells of few people."""

from __future__ import annotations

import numpy as np

from analysis.disclosure.totals import shown_totals

TREE = {
    "all": set("abcdefg"),
    "north": set("abc"),
    "south": set("defg"),
    "coast": set("de"),
}


def test_where_every_office_is_shown_every_total_is():
    people = dict.fromkeys("abcdefg", 40)
    assert shown_totals(TREE, people, set("abcdefg")) == frozenset(TREE)


def test_a_total_that_less_its_shown_offices_is_one_office_is_not_shown():
    people = dict.fromkeys("abcdefg", 40) | {"c": 4}
    assert "north" not in shown_totals(TREE, people, set("abdefg"))


def test_another_total_goes_with_it_where_the_total_above_would_tell_the_difference():
    # Everything less the south and less a and b would be c: so the south is not shown either.
    people = dict.fromkeys("abcdefg", 40) | {"c": 4}
    found = shown_totals(TREE, people, set("abdefg"))
    assert found == {"all"}
    assert not _tells(found, people, set("abdefg"))


def test_two_small_offices_with_enough_people_between_them_hide_each_other():
    people = dict.fromkeys("abcdefg", 40) | {"b": 6, "c": 7}
    assert "north" in shown_totals(TREE, people, set("adefg"))
    people["b"] = 2
    assert "north" not in shown_totals(TREE, people, set("adefg"))


def test_an_office_without_answers_hides_nobody():
    people = dict.fromkeys("abcdefg", 40) | {"b": 0, "c": 40}
    assert "north" not in shown_totals(TREE, people, set("adefg"))


def test_a_higher_minimum_shows_some_of_the_totals_and_no_other():
    people = dict.fromkeys("abcdefg", 40) | {"b": 6, "c": 7}
    assert "north" in shown_totals(TREE, people, set("adefg"))
    assert "north" not in shown_totals(TREE, people, set("adefg"), 30)
    for seed in range(100):
        rng = np.random.default_rng(seed)
        people = {office: int(rng.choice([0, 3, 8, 12, 40])) for office in "abcdefg"}
        shown = {office for office in people if people[office] >= 30}
        assert shown_totals(TREE, people, shown, 30) <= shown_totals(TREE, people, shown)


def test_no_sum_or_difference_of_what_is_shown_tells_of_few_people():
    for seed in range(300):
        rng = np.random.default_rng(seed)
        people = {office: int(rng.choice([0, 3, 8, 12, 40])) for office in "abcdefg"}
        shown = {office for office in people if people[office] >= 10 and rng.random() < 0.8}
        found = shown_totals(TREE, people, shown)
        assert "all" in found
        assert not _tells(found, people, shown), seed
        for name in found if len(found) > 1 else ():
            inside = set().union(*(TREE[one] for one in found if TREE[one] < TREE[name]))
            left = [one for one in TREE[name] - inside - shown if people[one]]
            assert not left or (len(left) > 1 and sum(people[one] for one in left) >= 10), seed


def _tells(found, people, shown):
    """Whether the shown totals tell of an office more than the total of everything does alone."""
    hidden = [office for office in people if office not in shown and people[office]]
    if not hidden:
        return ""
    rows = [[float(office in TREE[name]) for office in hidden] for name in found]
    inside = np.array([row for row in rows if any(row)]).reshape(-1, len(hidden))
    alone = np.ones((1, len(hidden)))
    for place, office in enumerate(hidden):
        unit = np.zeros(len(hidden))
        unit[place] = 1
        if _spans(inside, unit) and not _spans(alone, unit):
            return office
    return ""


def _spans(rows, wanted):
    if not len(rows):
        return False
    return np.linalg.matrix_rank(np.vstack([rows, wanted])) == np.linalg.matrix_rank(rows)
