"""Totals of a tree: nothing that is shown, added and subtracted, tells of few people."""

from __future__ import annotations

import numpy as np

from analysis.disclosure.rule import People
from analysis.disclosure.totals import Totals, shown_totals
from analysis.period import parse_period

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
    people = dict.fromkeys("abcdefg", 40) | {"c": 4, "f": 7, "g": 8}
    shown = set("abde")
    found = shown_totals(TREE, people, shown)
    assert found == {"all", "coast"}
    assert not _tells(found, people, shown)


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
        hidden = {office for office in people if people[office]} - shown
        for name in found:
            inside = set().union(*(TREE[one] for one in found if TREE[one] < TREE[name]))
            if name == "all" and not inside & hidden:
                continue  # the publication rule's own
            left = TREE[name] & hidden - inside
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


def test_a_total_whose_offices_are_all_shown_stays_beside_a_small_office_elsewhere():
    """It tells nothing that its offices do not."""
    people = dict.fromkeys("abcdefg", 40) | {"c": 4}
    assert shown_totals(TREE, people, set("abdefg")) == {"all", "south", "coast"}


MONTH = parse_period("2026-03")


def headcounts(**sectors: dict[str, int]) -> People:
    """People who answered in March about each sector, by office; every dossier is counted."""
    counted = {
        (office, sector, MONTH.text, "poster"): n
        for sector, offices in sectors.items()
        for office, n in offices.items()
    }
    return People(counted, {cell[:3]: 5 * n for cell, n in counted.items()})


def rows_of_all(people: People, name: str) -> set[str]:
    decision = Totals(people, TREE, MONTH, {}).decision(name)
    return {row.sector for row in decision.steps if (row.office, row.channel) == ("all", "all")}


def test_a_total_has_every_row_or_its_own_alone_or_none():
    many = headcounts(land=dict.fromkeys("abcdefg", 40), tax=dict.fromkeys("abcdefg", 30))
    assert rows_of_all(many, "north") == {"all", "land", "tax"}
    # Of the tax only c is withheld, so that of the north it would be the difference.
    tax = {**dict.fromkeys("abdefg", 30), "c": 4}
    few = headcounts(land=dict.fromkeys("abcdefg", 40), tax=tax)
    everything, north = rows_of_all(few, "all"), rows_of_all(few, "north")
    assert "tax" not in everything | north
    alone = headcounts(land={**dict.fromkeys("abdefg", 40), "c": 4})
    assert rows_of_all(alone, "north") == set()
    assert rows_of_all(alone, "south") == {"all", "land"}


def test_an_office_s_own_rows_are_the_same_in_every_total():
    people = headcounts(land={**dict.fromkeys("abdefg", 40), "c": 4}, tax=dict.fromkeys("abcd", 12))
    whole = Totals(people, TREE, MONTH, {}).decision("all")
    for name, offices in TREE.items():
        found = Totals(people, TREE, MONTH, {}).decision(name)
        for office in offices:
            own, same = (
                {row: step for row, step in one.steps.items() if row.office == office}
                for one in (found, whole)
            )
            assert own == same
            assert found.rest.get(office) == whole.rest.get(office)


def test_where_a_sector_of_one_total_would_tell_of_few_its_parts_go_and_its_own_row_stays():
    # The tax of everything less that of the south and of a and b would be c's.
    tax = {**dict.fromkeys("abde", 30), "c": 6, "f": 7, "g": 8}
    people = headcounts(land=dict.fromkeys("abcdefg", 40), tax=tax)
    assert rows_of_all(people, "all") == {"all", "land", "tax"}
    assert "tax" not in rows_of_all(people, "north")
    assert rows_of_all(people, "south") == {"all"}
