"""Results stay what they are: nothing of them can be changed, also after the data are closed."""

from __future__ import annotations

from collections.abc import MutableMapping, MutableSequence, MutableSet
from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest

import analysis


def each_kind(data):
    """A result of each kind, by its name."""
    found = analysis.estimate(data, "2026-10")
    verdicts = analysis.judge(found)
    return {
        "data": data,
        "estimates": found,
        "verdicts": verdicts,
        "months": found.by_month(2),
        "parts": found.by("sector"),
        "differences": found.between("sector"),
        "weighted": found.weighted(),
        "trends": found.trend(),
        "plan": verdicts.plan("0.9"),
        "domains": analysis.estimate(data, "2026-10", by="procedure"),
        "screening": analysis.screening(found),
    }


@pytest.fixture(scope="module")
def results(data):
    return each_kind(data)


def open_to_change(thing, name, seen):
    """Where something that is offered can be changed in place."""
    if id(thing) in seen or isinstance(thing, str | bytes | int | float | type(None)):
        return
    seen.add(id(thing))
    if isinstance(thing, MutableSequence | MutableMapping | MutableSet):
        yield name
    elif isinstance(thing, np.ndarray):
        if thing.flags.writeable:
            yield name
    elif isinstance(thing, tuple):
        for number, part in enumerate(thing[:50]):
            yield from open_to_change(part, f"{name}[{number}]", seen)
    elif is_dataclass(thing):
        for field in fields(thing):
            if field.name not in ("responses", "population", "surveys", "told", "closed"):
                value = getattr(thing, field.name)
                yield from open_to_change(value, f"{name}.{field.name}", seen)


def test_nothing_of_a_result_can_be_changed(results):
    found = [where for name, one in results.items() for where in open_to_change(one, name, set())]
    assert not found


def test_no_field_can_be_set_and_no_name_added(results):
    for name, result in results.items():
        for field in fields(result):
            with pytest.raises((FrozenInstanceError, AttributeError)):
                setattr(result, field.name, None)
        with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
            result.figures_of_my_own = name


def test_what_a_user_should_not_touch_is_not_offered(results):
    for result in results.values():
        offered = dir(result)
        assert offered and not [name for name in offered if name.startswith("_")]
        assert not {"row_type", "inner", "short", "asked", "setting", "scores"} & set(offered)
        assert all(hasattr(result, name) for name in offered)
    assert {"by", "pick", "to_frame", "published", "between"} <= set(dir(results["estimates"]))


def test_results_serve_after_the_data_are_closed(own_data):
    results, before = each_kind(own_data), analysis.estimate(own_data, "2026-09")
    own_data.close()
    for name, result in results.items():
        if name != "data":
            assert len(result.to_frame()) == len(result) == len(result.to_frame("vi", full=True))
            assert "<" in result._repr_html_()
            assert repr(result)
    found = results["estimates"]
    assert found.between("sector").rows == results["differences"].rows
    assert len(found.since(before)) == 0
    assert found.by("measure").rows and found.table("silence").rows
    assert "land" in analysis.plot(found).words
    assert found.trend() == results["trends"]
    with pytest.raises(analysis.Refusal, match="closed"):
        before.trend()


MADE_OF_ANSWERS = {
    "published": lambda found: found.published(),
    "by_month": lambda found: found.by_month(2),
    "published months": lambda found: found.by_month(2).published(),
    "weighted": lambda found: found.weighted(),
    "weighted by channel": lambda found: found.weighted({"poster": 60, "kiosk": 120}),
    "trend": lambda found: found.trend(),
    "insights": lambda found: found.insights(),
    "screening": analysis.screening,
}


def test_what_was_asked_once_is_there_after_the_data_are_closed(own_data):
    found = analysis.estimate(own_data, "2026-10")
    made = {name: ask(found) for name, ask in MADE_OF_ANSWERS.items()}
    own_data.close()
    for name, ask in MADE_OF_ANSWERS.items():
        assert str(ask(found)) == str(made[name]), name


def test_what_was_not_asked_before_is_refused_in_one_sentence_with_its_remedy(own_data, tmp_path):
    found = analysis.estimate(own_data, "2026-10")
    own_data.close()
    asked = MADE_OF_ANSWERS | {"report": lambda found: analysis.report(found, tmp_path / "a.html")}
    for name, ask in asked.items():
        with pytest.raises(analysis.Refusal) as refused:
            ask(found)
        (problem,) = refused.value.problems
        assert "this was not computed before" in problem.what, name
        assert "analysis.read(…)" in problem.remedy and "data.close()" in problem.remedy
    assert analysis.report(found, tmp_path / "a.json").exists()  # the figures themselves are there
