"""Answers looked at together: the same on every engine as a loop over the rows."""

from __future__ import annotations

import random

import pytest

from analysis.input.aggregates import Only
from analysis.input.counts import Joint, PairCounts, Sheets, read_joint
from analysis.period import parse_period
from analysis.strata.pooling import blocks_asked
from questionnaires import shipped
from tests.analysis.given import read_all

OCTOBER = parse_period("2026-10")
ITEMS = ("overall", "c01", "c02", "full")
BLOCKS = {
    "survey@1": {
        "overall": ("overall",),
        "index": ("c01", "c02", "full"),
        "element:access": ("c01", "c02"),
        "item:c01": ("c01",),
        "item:c02": ("c02",),
        "item:full": ("full",),
    },
    "survey@2": {"overall": ("overall",), "index": ("c01",), "item:c01": ("c01",)},
}
ENGINES = ["csv", "parquet", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture
def rows(response):
    """300 answers with gaps; the second questionnaire asks one item beside overall."""
    draw = random.Random(11)
    made = [
        response(
            n,
            questionnaire=draw.choice(["survey@1", "survey@2"]),
            office=draw.choice(["xã A", "xã B"]),
            sector=draw.choice(["land", "general"]),
            answered_on=draw.choice(["2026-10-02", "2026-10-30", "2026-11-01"]),
            flag=draw.choice(["", "burst"]),
            **{item: draw.choice(["", "1", "3", "4", "5", "5"]) for item in ITEMS},
        )
        for n in range(300)
    ]
    for row in made:
        if row["questionnaire"] == "survey@2":
            row |= {"c02": "", "full": ""}
    return made


@pytest.fixture(params=ENGINES)
def source(request, rows):
    return request.getfixturevalue(f"write_{request.param}")(rows)


def scores(row, block):
    return [int(row[item]) for item in block if row[item] != ""]


def pair_of(rows, block):
    pair = PairCounts()
    for row in rows:
        overall, given = scores(row, ["overall"]), scores(row, block)
        if overall and given:
            liked = sum(score >= 4 for score in given) > len(given) / 2
            happy = overall[0] >= 4
            pair += PairCounts(1, int(liked), int(happy), int(liked and happy))
    return pair


def sheets_of(rows, block):
    full = [scores(row, block) for row in rows if len(scores(row, block)) == len(block)]
    return Sheets(
        len(full),
        tuple(sum(sheet[k] for sheet in full) for k in range(len(block))),
        tuple(sum(sheet[k] ** 2 for sheet in full) for k in range(len(block))),
        sum(sum(sheet) ** 2 for sheet in full),
    )


def by_hand(rows):
    found = {}
    places = {(r["questionnaire"], r["office"], r["sector"]) for r in rows}
    for key, office, sector in places:
        here = [
            row
            for row in rows
            if (row["questionnaire"], row["office"], row["sector"]) == (key, office, sector)
            and row["answered_on"] < "2026-11"
        ]
        measures = {m: block for m, block in BLOCKS[key].items() if m != "overall"}
        found.setdefault(key, {})[office, sector] = Joint(
            {m: pair_of(here, block) for m, block in measures.items()},
            {m: sheets_of(here, block) for m, block in measures.items() if len(block) > 1},
        )
    return found


def test_every_engine_gives_what_a_loop_over_the_rows_gives(source, rows):
    with read_all(source) as responses:
        assert read_joint(responses, OCTOBER, BLOCKS) == by_hand(rows)


def test_one_questionnaire_can_be_asked_for(source, rows):
    with read_all(source) as responses:
        found = read_joint(responses, OCTOBER, BLOCKS, Only("survey@1"))
    assert found == {"survey@1": by_hand(rows)["survey@1"]}


def test_one_office_can_be_asked_for(source, rows):
    with read_all(source) as responses:
        found = read_joint(responses, OCTOBER, BLOCKS, Only(office="xã B"))
    wanted = [row for row in rows if row["office"] == "xã B"]
    assert found == by_hand(wanted)


def test_joint_sums_add_up():
    assert PairCounts(4, 3, 2, 1) + PairCounts(1, 1, 1, 1) == PairCounts(5, 4, 3, 2)
    assert Sheets(1, (2, 3), (4, 9), 25) + Sheets(1, (1, 1), (1, 1), 4) == Sheets(
        2, (3, 4), (5, 10), 29
    )


def test_without_the_overall_question_there_are_no_pairs(write_csv, response):
    rows = [response(n, c01="4", c02="5") for n in range(3)]
    for row in rows:
        del row["overall"]
    blocks = {"survey@1": {"index": ("c01", "c02")}}
    with read_all(write_csv(rows)) as responses:
        found = read_joint(responses, OCTOBER, blocks)["survey@1"]["trieu-son", "land"]
    assert found == Joint({}, {"index": Sheets(3, (12, 15), (48, 75), 243)})


def test_each_questionnaire_has_its_own_blocks(write_csv, response):
    """An element that two questionnaires share has, in each, the items that it asks."""
    own = {key: shipped()[key].item_ids for key in ("desk@1", "sipas-22@1")}
    items = dict.fromkeys([*own["desk@1"], *own["sipas-22@1"]], "")
    rows = [
        response(n, **items | dict.fromkeys(own[key], "4"), questionnaire=key)
        for n, key in enumerate(own)
    ]
    with read_all(write_csv(rows)) as responses:
        found = blocks_asked(responses, shipped())
    for key, asked in own.items():
        assert set(found[key]["index"]) == set(asked) - {"overall"}
        assert found[key]["element:access"] == tuple(shipped()[key].elements_of()["access"])
