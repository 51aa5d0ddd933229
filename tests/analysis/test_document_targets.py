"""Targets are data: the plan's own, checked whole, each problem with its place and remedy."""

from __future__ import annotations

from decimal import Decimal

import pytest

from analysis.errors import TargetsError
from analysis.targets import json_schema, load_targets, parse_targets, shipped_targets

SOUND = """
[[target]]
id = "land-2030"
title.vi = "Đất đai"
title.en = "Land"
measure = "overall"
sectors = ["land"]
pool = false
threshold = 0.90
deadline = 2030
source = "a plan"
"""


def test_the_shipped_targets_are_the_plans_own():
    """Quyết định 109/QĐ-UBND, II.2a and II.3a."""
    found = {
        (t.id, t.measure, t.sectors, t.pool, t.threshold, t.deadline)
        for t in shipped_targets().target
    }
    group = ("land", "construction", "investment")
    assert found == {
        ("procedures-2025", "overall", "all", True, Decimal("0.90"), 2025),
        ("procedures-2030", "overall", "all", True, Decimal("0.95"), 2030),
        ("group-2025", "overall", group, True, Decimal("0.85"), 2025),
        ("group-2030", "overall", group, True, Decimal("0.90"), 2030),
        ("each-2025", "overall", group, False, Decimal("0.85"), 2025),
        ("each-2030", "overall", group, False, Decimal("0.90"), 2030),
        ("agency-2025", "overall", ("general",), False, Decimal("0.90"), 2025),
        ("agency-2030", "overall", ("general",), False, Decimal("0.95"), 2030),
    }


def test_a_threshold_is_exact():
    (target,) = parse_targets(SOUND, "targets.toml").target
    assert target.threshold == Decimal("0.90")
    assert isinstance(target.threshold, Decimal)


def test_a_pooled_list_is_the_named_group_of_the_same_sectors():
    found = shipped_targets()
    group = "group:land-construction-investment"
    assert found.groups == {group: ("land", "construction", "investment")}
    assert {found.scopes(t) for t in found.target if t.id.startswith("group")} == {(group,)}


def test_a_pooled_list_without_a_name_is_named_after_its_target():
    text = SOUND.replace('["land"]', '["land", "social"]').replace("pool = false", "pool = true")
    found = parse_targets(text, "targets.toml")
    assert found.groups == {"group:land-2030": ("land", "social")}
    assert found.scopes(found.target[0]) == ("group:land-2030",)


@pytest.mark.parametrize(
    ("sectors", "pool", "scopes"),
    [
        ('"all"', "true", ("all",)),
        ('"all"', "false", None),
        ('["land"]', "true", ("land",)),
        ('["land", "social"]', "false", ("land", "social")),
    ],
)
def test_what_a_target_speaks_of(sectors, pool, scopes):
    text = SOUND.replace('["land"]', sectors).replace("pool = false", f"pool = {pool}")
    found = parse_targets(text, "targets.toml")
    assert found.scopes(found.target[0]) == scopes


WRONG = {
    "threshold in percent": ("threshold = 0.90", "threshold = 90", "threshold is '90': input"),
    "threshold as text": ("threshold = 0.90", 'threshold = "viel"', "threshold is 'viel': input"),
    "deadline as text": ("deadline = 2030", 'deadline = "2030"', "deadline is '2030': input"),
    "pool as number": ("pool = false", "pool = 0", "pool is '0': input should be a valid boolean"),
    "no source": ('source = "a plan"', "", "source is missing; add it"),
    "no english": ('title.en = "Land"', "", "title.en is missing; add it"),
    "misspelt": ("deadline", "deadlin", "deadlin is not known; remove it or correct"),
    "sectors as number": ('["land"]', "5", "sectors is '5': input should be 'all'; write"),
    "no sectors": ('["land"]', "[]", 'sectors is empty; write "all" or a list'),
    "a sector twice": ('["land"]', '["land", "land"]', "sector 'land' is given 2 times; keep one"),
    "a total": ('["land"]', '["all"]', "'all' is no sector; write sectors = \"all\""),
    "bad measure": ('"overall"', '"Overall %"', "measure is 'Overall %': string should match"),
    "twice": (SOUND, SOUND * 2, "target 'land-2030': it is given 2 times; keep one"),
    "pooled with the agency": (
        '["land"]\npool = false',
        '["land", "general"]\npool = true',
        "'general' is pooled with sectors; give it a target of its own",
    ),
    "no TOML": ("[[target]]", "[target", "line 2, column 8: "),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_target_is_named_with_its_remedy(name):
    old, new, expected = WRONG[name]
    assert old in SOUND
    with pytest.raises(TargetsError) as caught:
        parse_targets(SOUND.replace(old, new), "targets.toml")
    text = str(caught.value)
    assert text.startswith("targets.toml, ")
    assert expected in text


def test_all_problems_of_a_file_are_told_at_once():
    text = SOUND.replace("0.90", "9").replace('"land-2030"', '"Land 2030"').replace("false", "0")
    with pytest.raises(TargetsError) as caught:
        parse_targets(text, "targets.toml")
    assert len(caught.value.problems) == 3


def test_a_file_is_read_with_its_name_in_problems(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text(SOUND, encoding="utf-8-sig")
    assert load_targets(path).target[0].title.get("vi") == "Đất đai"
    path.write_bytes(SOUND.encode("utf-16"))
    with pytest.raises(TargetsError, match=r"ours\.toml, line 1: it is not UTF-8 text; save"):
        load_targets(path)
    with pytest.raises(TargetsError, match="there is no such file; check the name"):
        load_targets(tmp_path / "no.toml")


def test_the_schema_names_every_key():
    schema = json_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    assert set(schema["$defs"]["Target"]["required"]) == {
        *("id", "title", "measure", "sectors", "pool", "threshold", "deadline", "source")
    }
