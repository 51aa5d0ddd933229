"""The tree of offices, what each needs, and in which order they stand."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree

import pytest

from survey.overview import ALL, Needed, Tree, by_evidence, by_name, needs_of, plainly, silence
from survey.web.desk.funnel import NARROW, WIDE, Words, funnel_svg

DEEP = {"tinh": None, "xa-mot": "tinh", "thon": "xa-mot", "xa-hai": "tinh"}
TODAY = date(2026, 10, 15)


def test_a_tree_of_one_root_has_that_for_its_top():
    tree = Tree(DEEP)
    assert tree.top == "tinh"
    assert tree.groups == ["tinh", "xa-mot"]
    assert tree.below("xa-mot") == {"xa-mot", "thon"}
    assert tree.above("thon") == ["xa-mot", "tinh"]
    assert tree.above("xa-mot") == ["xa-mot", "tinh"]
    assert {one: tree.home(one) for one in DEEP} == {
        "tinh": "tinh", "xa-mot": "xa-mot", "thon": "xa-mot", "xa-hai": "tinh",
    }  # fmt: skip


def test_of_several_roots_everything_is_the_top():
    tree = Tree({"a": None, "b": None, "c": "b"})
    assert (tree.top, tree.groups) == (ALL, [ALL, "b"])
    assert tree.below(ALL) == {"a", "b", "c"}
    assert tree.above("c") == ["b", ALL]
    assert tree.home("a") == ALL


def test_one_office_alone_has_no_group():
    assert Tree({"a": None}).groups == []


def test_an_office_whose_parent_is_gone_is_a_root():
    assert Tree({"a": "gone", "b": None}).groups == [ALL]


def row(**changed):
    targets = [{"target": "t", "word": "met", "needed": None, "reason": None}]
    return {"undone": [], "targets": targets, "low": 0.8, "high": 0.9, "n": 9} | changed


def kinds(last=TODAY, **facts):
    given = {"row": row(), "silent": silence(last, TODAY)} | facts
    return [one.kind for one in needs_of(**given)]


def test_an_office_that_is_well_needs_nothing():
    assert kinds() == []


def test_what_an_office_needs_stands_the_most_urgent_first():
    words = [{"target": "a", "word": "missed", "needed": 0, "reason": None}]
    found = kinds(row=row(undone=["2026-09"], targets=words), last=date(2026, 9, 1), unlike="lower")
    assert found == ["dossiers", "silent", "missed", "unlike"]
    assert kinds(last=None) == ["silent"]


def test_two_weeks_without_answers_are_not_yet_long():
    assert kinds(last=date(2026, 10, 1)) == []
    assert kinds(last=date(2026, 9, 30)) == ["silent"]


def test_of_a_month_that_is_sealed_the_first_is_any_day_of_it():
    sealed = date(2026, 10, 1)  # the month's last answer came on any of its days
    assert silence(sealed, date(2026, 11, 14)) is None
    assert silence(sealed, date(2026, 11, 15)) == Needed("silent", ("2026-10",), 15)
    assert silence(date(2026, 10, 29), date(2026, 11, 15)) == Needed("silent", ("2026-10-29",), 17)
    assert silence(date(2026, 2, 1), date(2026, 3, 20)) == Needed("silent", ("2026-02",), 20)


def test_the_first_of_the_running_month_is_that_day():
    found = silence(date(2026, 10, 1), date(2026, 10, 20))
    assert found == Needed("silent", ("2026-10-01",), 19)


def test_evidence_lacks_only_where_nothing_is_proven_and_the_nearest_proof_is_told():
    open_ = [
        {"target": "a", "word": "not_proven", "needed": 40, "reason": None},
        {"target": "b", "word": "not_proven", "needed": 15, "reason": None},
    ]
    (found,) = needs_of(row(targets=open_))
    assert (found.kind, found.count) == ("evidence", 15)
    assert (
        kinds(
            row=row(targets=[*open_, {"target": "c", "word": "met", "needed": 0, "reason": None}])
        )
        == []
    )


def test_where_the_answers_stand_for_too_few_dossiers_no_number_of_them_is_promised():
    open_ = [{"target": "a", "word": "not_proven", "needed": 2, "reason": "coverage"}]
    assert [*needs_of(row(targets=open_))] == [Needed("evidence", ("coverage",))]
    more = {"target": "b", "word": "not_proven", "needed": 30, "reason": None}
    assert [*needs_of(row(targets=[*open_, more]))] == [Needed("evidence", count=30)]
    uncounted = [{"target": "a", "word": "not_proven", "needed": 2, "reason": "not_counted"}]
    assert [*needs_of(row(targets=uncounted))] == [Needed("evidence")]


def test_names_stand_as_vietnamese_readers_expect():
    names = ["Xã Đông", "Xã 10", "Xã Ân", "xã An", "Xã 2", "Xã Duy"]
    assert sorted(names, key=by_name) == ["Xã 2", "Xã 10", "xã An", "Xã Ân", "Xã Duy", "Xã Đông"]
    assert sorted(["â", "ắ", "b", "ă", "a", "á"], key=by_name) == ["a", "á", "ă", "ắ", "â", "b"]
    assert plainly("Xã Đặng Bình") == "xa dang binh"


def test_the_narrowest_interval_is_the_best_evidence_and_none_the_least():
    found = [(0.8, 9), (None, 3), (0.05, 9), (None, 4), (0.8, 90)]
    order = sorted(found, key=lambda one: by_evidence(*one))
    assert order == [(0.05, 9), (0.8, 90), (0.8, 9), (None, 4), (None, 3)]


@pytest.mark.parametrize("sheet", [WIDE, NARROW])
def test_the_funnel_is_a_picture_whose_shapes_tell_apart_and_whose_names_are_text(sheet):
    funnel = {
        "centre": 0.9,
        "limits": [(5, 0.3, 1.0), (50, 0.7, 1.0), (500, 0.86, 0.94)],
        "points": {
            "a": (20, 0.9, "none"),
            "b": (400, 0.6, "lower"),
            "c": (450, 0.99, "higher"),
            "hidden": (30, 0.2, "lower"),
        },
    }
    names = {"a": "Xã A", "b": "Xã <b> & C", "c": "Xã C"}
    words = Words("Ba cơ quan", "Số phiếu", "tất cả: 90,0%", "giới hạn", ".")
    drawn = ElementTree.fromstring(funnel_svg(funnel, names, words, sheet))
    texts = ["".join(one.itertext()) for one in drawn.iter() if one.tag.endswith("text")]
    assert "Xã <b> & C" in texts
    assert "Xã A" not in texts  # like the others: a dot without a name
    assert drawn[0].text == "Ba cơ quan"
    triangles = [one for one in drawn.iter() if "z" in one.get("d", "")]
    assert sorted(one.get("fill") for one in triangles) == ["#1b1f24", "#fff"]
    for one in drawn.iter():
        if one.get("x"):
            assert 0 <= float(one.get("x")) <= sheet.width
