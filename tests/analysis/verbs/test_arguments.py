"""Whatever is given to a public verb is used or refused: nobody meets Python's own errors."""

from __future__ import annotations

import inspect
from pathlib import Path

import pandas as pd
import pytest

import analysis
from tests.analysis.verbs.conftest import TODAY

WRONG = {
    "nothing": None,
    "a number": 5,
    "an unknown text": "x",
    "a list": [],
    "a frame": pd.DataFrame({"a": [1]}),
    "not a number": float("nan"),
    "a thing": object(),
}
NEEDED = {
    "estimate": {"period": "2026-10"},
    "between": {"by": "sector"},
    "by": {"part": "sector"},
    "at_level": {"level": 0.9},
    "plan": {"true_share": 0.9},
    "table of Estimates": {"kind": "sectors"},
    "pick of Domains": {"value": None},
}


@pytest.fixture
def calls(office, data, found, tmp_path, monkeypatch):
    """Every public verb, by its name, with what it needs to work."""
    monkeypatch.chdir(tmp_path)  # a verb takes "x" for the name of a file
    verdicts, before = analysis.judge(found), analysis.estimate(data, "2026-09")
    results = (
        *(data, found, verdicts, found.by_month(2), found.between("sector"), found.trend()),
        *(found.weighted(), verdicts.plan("0.9"), found.by("sector"), analysis.drivers(found)),
        analysis.estimate(data, "2026-10", by="procedure"),
    )
    needed = {
        **NEEDED,
        "read": {"responses": office["RESPONSES"]},
        "estimate": {"data": data, "period": "2026-10"},
        "judge": {"found": found},
        "plot": {"found": found},
        "report": {"found": found, "file": Path("report.json")},
        "since": {"earlier": before},
    }
    verbs = {name: getattr(analysis, name) for name in analysis.__all__ if name.islower()}
    for result in results:
        for name in dir(result):
            if inspect.ismethod(method := getattr(result, name)) and name != "close":
                verbs[f"{name} of {type(result).__name__}"] = method
    return {
        name: (verb, needed.get(name, needed.get(name.partition(" of ")[0], {})))
        for name, verb in verbs.items()
    }


def test_every_verb_uses_what_it_is_given_or_refuses_it_in_one_sentence(calls):
    astray = []
    for name, (verb, needed) in calls.items():
        for argument in inspect.signature(verb).parameters:
            for kind, given in WRONG.items():
                try:
                    verb(**{**needed, argument: given})
                except analysis.Refusal as refusal:
                    if len(str(refusal.problems[0])) > 600:
                        astray.append((name, argument, kind, "a long story"))
                except Exception as error:
                    astray.append((name, argument, kind, repr(error)))
    assert not astray


def test_a_call_with_a_slip_in_an_arguments_name_says_which_was_meant(data, found):
    with pytest.raises(analysis.Refusal, match='did you mean "sector"'):
        found.pick(sectr="land")
    with pytest.raises(analysis.Refusal, match=r"estimate\(data, period, .*: period is missing"):
        analysis.estimate(data)


def test_every_verb_refuses_more_arguments_than_it_takes(calls):
    calls.pop("sections of Estimates")  # its `months` are those of by_month, no number
    astray = []
    for name, (verb, _) in calls.items():
        try:
            verb(*[None] * 20)
        except analysis.Refusal:
            continue
        except Exception as error:
            astray.append((name, repr(error)))
    assert not astray


def test_a_remedy_is_a_line_that_works(data, found):
    told = []
    for call in (
        lambda: found.pick("land"),
        lambda: found.to_frame("en", True),
        found.table,
        lambda: analysis.estimate(data),
        lambda: found.pick(measure=None),
    ):
        with pytest.raises(analysis.Refusal) as refused:
            call()
        told.append(str(refused.value.problems[0]).rpartition("; ")[2])
    assert told == [
        "write pick(office=…)",
        "write to_frame(…, full=…)",
        "see help(analysis.Estimates.table)",
        "see help(analysis.estimate)",
        'give a text, for example "overall"',
    ]
    assert analysis.Estimates.table.__doc__ and found.pick(measure="overall")


def test_numbers_of_a_frame_are_numbers(data, found):
    """Those that pandas holds are numpy's."""
    counts = pd.Series({"poster": 120, "kiosk": 60})
    assert len(found.by_month(counts["poster"] // 40)) == len(found.by_month(3))
    shares = [row.share for row in found.weighted(dict(counts))]
    assert shares == [row.share for row in found.weighted({"poster": 120, "kiosk": 60})]
    level = pd.Series([0.9], dtype="float32")[0]
    assert analysis.estimate(data, "2026-10", level=level).level == 0.9


def test_a_covariate_nearly_written_is_named(data):
    with pytest.raises(analysis.Refusal, match='did you mean "procedure"'):
        analysis.estimate(data, "2026-10", by="procedures")


def test_the_choice_of_channels_is_told_as_one_sentence(found):
    with pytest.raises(analysis.Refusal, match="argument channels, 5: it is not names with whole"):
        found.weighted(5)


def test_offices_sectors_and_measures_are_found_by_name_everywhere(office):
    names = {"land": "Đất đai", "civil-status": "Hộ tịch", "xa-a": "Xã A"}
    with analysis.read(office["RESPONSES"], office["POPULATION"], names=names, today=TODAY) as data:
        found = analysis.estimate(data, "2026-10", office="xã a")
        assert found.asked.office == "xa-a"
        assert len(found.between("sector", office="Xã A")) == 1
        assert "Đất đai" in str(found.table("measures", sector="đất đai"))
        assert "Đất đai" in analysis.plot(found.by_month(1), sector="Đất đai").words
        for result in (found, found.by_month(1)):
            assert "Xã A" in analysis.plot(result, office="xã A").words
        assert "Xã A" in str(analysis.judge(found).line(office="xã a"))
        with pytest.raises(LookupError, match="office, 'Xã B'"):
            found.weighted(office="Xã B")


PLACES = """
[[office]]
id = "xa-a"
name = {vi = "Xã A", en = "Commune A"}
[[sector]]
id = "civil-status"
name = {vi = "Hộ tịch", en = "Civil status"}
[[sector]]
id = "land"
name = {vi = "Đất đai", en = "Land"}
"""


def test_names_come_from_an_offices_own_file_of_places(office, tmp_path):
    file = tmp_path / "places.toml"
    file.write_text(PLACES, encoding="utf-8")
    with analysis.read(office["RESPONSES"], names=file, lang="en", today=TODAY) as data:
        assert list(data.names) == ["xa-a", "civil-status", "land"]
        assert analysis.estimate(data, "2026-10").pick(sector="Land").n == 50
    file.write_text("[[office]]\nid = 5\n", encoding="utf-8")
    with pytest.raises(analysis.LayoutError, match="names of offices and sectors cannot be read"):
        analysis.read(office["RESPONSES"], names=file)
    with pytest.raises(analysis.LayoutError, match="there is no such file"):
        analysis.read(office["RESPONSES"], names=tmp_path / "none.toml")
