"""Only items count: those of a known questionnaire, and those that are named; the rest is said."""

from __future__ import annotations

import pytest

import analysis
from tests.analysis.verbs.office import sheets

SIPAS = {"questionnaire": "sipas-22@1", "c01": "5", "c02": "4"}


def shares(data, **options):
    return {row.key: row[5:] for row in analysis.estimate(data, "2026-10", **options)}


def test_a_column_of_ones_that_is_no_item_changes_no_figure(read_rows):
    rows = sheets("land", 18, 20, **SIPAS)
    plain = read_rows(rows, {"land": 40})
    before = shares(plain)
    plain.close()
    data = read_rows([row | {"gender": "1"} for row in rows], {"land": 40})
    assert shares(data) == before
    assert ("all", "all", "index", "all") in before
    assert "Được tính: overall, c01, c02;" in repr(data)
    assert "Không tính vào con số (biến kèm theo): gender" in repr(data)
    assert "gender" in data._repr_html_()


def test_items_of_a_questionnaire_that_is_not_known_are_named(read_rows):
    rows = [row | {"c01": "5", "gender": "1"} for row in sheets("land", 18, 20)]
    data = read_rows(rows)
    assert data.responses.items == ("overall",)
    assert data.responses.covariates == ("c01", "gender")
    data.close()
    data = read_rows(rows, items=["c01"])
    assert data.responses.items == ("overall", "c01")
    assert analysis.estimate(data, "2026-10").pick(measure="index").satisfied == 20


def test_a_name_of_an_item_makes_none_of_a_column_of_another_questionnaire(read_rows):
    """desk@1 asks `feedback`; a column of this name in answers to another one may be anything."""
    data = read_rows([row | {"feedback": "2"} for row in sheets("land", 18, 20)])
    assert data.responses.covariates == ("feedback",)


def test_a_covariate_may_hold_anything(read_rows):
    rows = [row | {"x_age": "từ 18 đến 35", "x_note": ""} for row in sheets("land", 18, 20)]
    assert read_rows(rows).responses.covariates == ("x_age", "x_note")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"items": ["ovrall"]}, "column 'ovrall': there is no such column; is 'overall' meant?"),
        ({"covariates": ["zzz"]}, "column 'zzz': there is no such column; name a column"),
        ({"items": ["x"], "covariates": ["x"]}, "column 'x': it is an item and named as a"),
        ({"covariates": ["overall"], "items": ["overall"]}, "column 'overall': it is an item and"),
    ],
)
def test_names_that_cannot_be_meant_are_refused(read_rows, options, told):
    with pytest.raises(analysis.LayoutError) as caught:
        read_rows([row | {"x": "1"} for row in sheets("land", 1, 2)], **options)
    assert told in str(caught.value)


def test_an_item_of_the_questionnaire_is_no_covariate(read_rows):
    with pytest.raises(analysis.LayoutError, match="column 'c01': it is an item and named as a"):
        read_rows(sheets("land", 1, 2, **SIPAS), covariates=["c01"])


def test_where_nothing_counts_the_columns_are_named(read_rows):
    rows = [
        {("o1" if key == "overall" else key): value for key, value in row.items()}
        for row in sheets("land", 1, 2)
    ]
    with pytest.raises(analysis.LayoutError) as caught:
        read_rows(rows)
    assert "the questionnaire mine@1 is not known, and no item is named; name those of o1" in str(
        caught.value
    )


# --- By covariates ------------------------------------------------------------------------------


@pytest.mark.parametrize("sector", ["all", "land"])
def test_a_covariate_that_says_the_channel_gives_the_figures_of_the_channels(read_rows, sector):
    rows = [*sheets("land", 45, 50), *sheets("civil-status", 20, 40)]
    rows = [row | {"x_way": row["channel"]} for row in rows]
    data = read_rows(rows, {"land": 120, "civil-status": 60})
    by_channel = analysis.estimate(data, "2026-10")
    found = analysis.estimate(data, "2026-10", by="x_way")
    for way in ("poster", "kiosk"):
        row = by_channel.pick(sector=sector, channel=way)
        assert found.pick(way, sector=sector)._replace(channel=way) == row


def test_domains_add_up_to_the_whole_and_text_may_be_anything(read_rows):
    ages = ["18–35", "36–60", ""]
    rows = [
        row | {"x_age": ages[number % 3], "procedure": "1.012753" if number % 2 else ""}
        for number, row in enumerate(sheets("land", 40, 50))
    ]
    data = read_rows(rows, {"land": 100})
    found = analysis.estimate(data, "2026-10", by="x_age")
    total = [row for row in found if row.estimate[:3] == ("all", "all", "overall")]
    assert [row.value for row in total] == [None, "18–35", "36–60"]
    assert sum(row.estimate.respondents for row in total) == 50
    assert all(row.estimate.channel == "all" for row in found)
    frame = found.to_frame()
    assert list(frame.columns[:3]) == ["x_age", "office", "sector"]
    assert {*frame["x_age"]} == {None, "18–35", "36–60"}
    assert "(để trống)" in str(found.table()) and "Nội bộ cơ quan" in found._repr_html_()
    with pytest.raises(LookupError, match=r"value, '60\+'.*give one of .18–35"):
        found.pick("60+")
    by_procedure = analysis.estimate(data, "2026-10", by="procedure")
    assert by_procedure.pick("1.012753").respondents == 25
    assert by_procedure.pick(None).respondents == 25


def test_one_value_for_all_is_one_domain(read_rows):
    data = read_rows([row | {"x_age": "36–60"} for row in sheets("land", 4, 5)])
    assert analysis.estimate(data, "2026-10", by="x_age").pick("36–60").satisfied == 4


def test_figures_by_a_covariate_are_never_published(read_rows):
    data = read_rows([row | {"x_age": "36–60"} for row in sheets("land", 40, 50)], {"land": 90})
    found = analysis.estimate(data, "2026-10", by="x_age")
    with pytest.raises(analysis.Refusal, match="figures by 'x_age' are not published: the rule"):
        found.published()
    shown = analysis.estimate(data, "2026-10").published()
    assert "x_age" not in str(shown.document.as_json())


def test_a_covariate_that_names_single_people_is_refused(read_rows):
    data = read_rows([row | {"x_id": str(n)} for n, row in enumerate(sheets("land", 40, 60))])
    with pytest.raises(analysis.Refusal, match="it has more than 50 values; put them into fewer"):
        analysis.estimate(data, "2026-10", by="x_id")
    with pytest.raises(analysis.Refusal, match="argument by, 'x_age': it is none of the choices"):
        analysis.estimate(data, "2026-10", by="x_age")
