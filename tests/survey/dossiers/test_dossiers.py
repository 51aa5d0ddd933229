"""What counts of a one-stop export and of a population file, and everything that is refused."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.dossiers import Counted, PopulationCount
from survey.dossiers.columns import Columns, parse_columns, shipped_columns
from survey.dossiers.count import Judgeable, judgeable
from survey.dossiers.reading import CountRequest, count_file
from survey.errors import DossiersError
from survey.places import Places, parse_places, shipped_places
from tests.vietnamese import told_in_both

TODAY = date(2026, 11, 2)
DAYS_1, DAYS_2, DAYS_3 = (
    {"timed": timed, "days_allowed": allowed, "days_taken": taken}
    for timed, allowed, taken in ((1, 10, 10), (1, 0, 0), (2, 14, 12))
)
HEAD = "Mã hồ sơ,Mã thủ tục,Lĩnh vực,Ngày tiếp nhận,Ngày hẹn trả,Ngày trả kết quả,Hình thức nộp\n"
TWO_OFFICES = parse_places(
    """
    office = [
      {id = "a", name = {vi = "Xã A", en = "A"}}, {id = "b", name = {vi = "Xã B", en = "B"}},
    ]
    sector = [{id = "land", name = {vi = "Đất đai", en = "Land"}}]
    """,
    "two.toml",
)


def count(
    text: str | bytes,
    *,
    columns: Columns | None = None,
    places: Places | None = None,
    office: str | None = None,
    periods: frozenset[str] = frozenset(),
) -> Counted:
    content = text.encode() if isinstance(text, str) else text
    question = CountRequest(
        places or shipped_places(), columns or shipped_columns(), TODAY, office, periods
    )
    return count_file(content, "thang-10.csv", question)


def refusal(text: str | bytes, **options: object) -> list[str]:
    with pytest.raises(DossiersError) as caught:
        count(text, **options)  # type: ignore[arg-type]
    return told_in_both(caught.value).splitlines()


def test_dossiers_are_counted_by_the_month_of_returning_and_sector() -> None:
    counted = count(
        HEAD
        + "A-1,,Đất đai,28/09/2026,08/10/2026,05/10/2026,Trực tuyến\n"
        + "A-2,,Đất đai,01/10/2026,05/10/2026,06/10/2026,Trực tiếp\n"
        + "A-3,,Đất đai,20/09/2026,30/09/2026,30/09/2026,Trực tiếp\n"
        + "A-4,,Hộ tịch,05/10/2026,05/10/2026,05/10/2026,Nộp trực tuyến\n"
        + "A-5,,Hộ tịch,30/10/2026,09/11/2026,,Trực tiếp\n"
    )
    assert counted.counts == (
        PopulationCount("2026-09", "trieu-son", "land", 1, 1, 0, **DAYS_1),
        PopulationCount("2026-10", "trieu-son", "civil-status", 1, 1, 1, **DAYS_2),
        PopulationCount("2026-10", "trieu-son", "land", 2, 1, 1, **DAYS_3),
    )
    assert (counted.rows, counted.not_returned) == (5, 1)
    assert counted.offline == {"Trực tiếp": 2}
    assert counted.columns["returned"] == "Ngày trả kết quả"


def test_on_the_due_day_is_on_time_and_the_day_after_is_not() -> None:
    counted = count(
        HEAD
        + "A-1,,Đất đai,01/10/2026,05/10/2026 08:00,05/10/2026 16:59,x\n"
        + "A-2,,Đất đai,01/10/2026,05/10/2026 23:59,06/10/2026 00:00,x\n"
    )
    assert counted.counts[0].on_time == 1


def test_a_dossier_that_does_not_say_is_known_as_unknown_and_is_no_late_one() -> None:
    counted = count(
        HEAD
        + "A-1,,Đất đai,01/10/2026,05/10/2026,05/10/2026,\n"
        + "A-2,,Đất đai,01/10/2026,,06/10/2026,Trực tuyến\n"
        + "A-3,,Hộ tịch,01/10/2026,07/10/2026,06/10/2026,Trực tuyến\n"
    )
    civil, land = counted.counts
    assert (land.completed, land.on_time, land.online) == (2, 1, 1)
    assert (land.due_known, land.filing_known, land.timed) == (1, 1, 1)
    assert (civil.completed, civil.on_time, civil.online) == (1, 1, 1)


def test_days_from_receiving_to_the_due_day_and_to_returning_are_summed() -> None:
    (land,) = count(
        HEAD
        + "A-1,,Đất đai,01/10/2026,11/10/2026,05/10/2026,x\n"
        + "A-2,,Đất đai,01/10/2026,05/10/2026,08/10/2026,x\n"
        + "A-3,,Đất đai,,05/10/2026,05/10/2026,x\n"
    ).counts
    assert (land.completed, land.due_known, land.on_time) == (3, 3, 2)
    assert (land.timed, land.days_allowed, land.days_taken) == (2, 10 + 4, 4 + 7)


def test_of_how_many_dossiers_each_census_figure_can_be_told() -> None:
    found = count(
        HEAD
        + "A-1,,Đất đai,01/10/2026,11/10/2026,05/10/2026,x\n"
        + "A-2,,Đất đai,,05/10/2026,08/10/2026,\n"
        + "A-3,,Hộ tịch,01/10/2026,,05/10/2026,x\n"
    ).counts
    assert judgeable(found) == (
        Judgeable("on_time", known=2, unknown=1),
        Judgeable("online", known=2, unknown=1),
        Judgeable("timed", known=1, unknown=2),
    )
    bare = count("Mã hồ sơ,Lĩnh vực,Ngày trả\nA-1,Đất đai,05/10/2026\n").counts
    assert [(one.known, one.unknown) for one in judgeable(bare)] == [(0, 1)] * 3


def test_columns_that_the_export_does_not_have_are_unknown() -> None:
    counted = count("Mã hồ sơ,Lĩnh vực,Ngày trả\nA-1,Đất đai,05/10/2026\n")
    assert counted.counts == (PopulationCount("2026-10", "trieu-son", "land", 1, None, None),)


@pytest.mark.parametrize(
    ("procedure", "sector"),
    [
        ("1.001193", "civil-status"),
        ("1.001193.000.00.00.H56", "civil-status"),
        ("Đăng ký khai sinh", "civil-status"),
        (" CẤP GIẤY PHÉP  XÂY DỰNG ", "construction"),
    ],
)
def test_a_sector_is_found_by_its_procedure(procedure: str, sector: str) -> None:
    counted = count(f"Mã hồ sơ,Mã thủ tục,Ngày trả\nA-1,{procedure},05/10/2026\n")
    assert counted.counts[0].sector == sector


@pytest.mark.parametrize("word", ["Đất đai", "ĐẤT  ĐAI", "land", "Land", "Quản lý đất đai"])
def test_a_sector_is_found_by_name_id_or_a_word_of_the_columns_file(word: str) -> None:
    counted = count(f"Mã hồ sơ,Lĩnh vực,Ngày trả\nA-1,{word},05/10/2026\n")
    assert counted.counts[0].sector == "land"


def test_an_unknown_sector_with_a_known_procedure_is_counted_by_the_procedure() -> None:
    head = "Mã hồ sơ,Lĩnh vực,Mã thủ tục,Ngày trả\n"
    assert count(head + "A-1,Tư pháp,1.001193,05/10/2026\n").counts[0].sector == "civil-status"


def test_the_sector_column_goes_before_the_procedure() -> None:
    head = "Mã hồ sơ,Lĩnh vực,Mã thủ tục,Ngày trả\n"
    assert count(head + "A-1,Đất đai,1.001193,05/10/2026\n").counts[0].sector == "land"


def test_everything_that_is_wrong_is_told_at_once_with_its_rows() -> None:
    lines = refusal(
        HEAD
        + "A-1,,Địa chính,01/10/2026,05/10/2026,05/10/2026,x\n"  # row 2
        + "A-2,,Đất đai,01/10/2026,05/10/2026,31/09/2026,x\n"  # row 3
        + "A-3,,Đất đai,06/10/2026,09/10/2026,05/10/2026,x\n"  # row 4
        + "A-2,,Đất đai,01/10/2026,05/10/2026,05/10/2026,x\n"  # row 5
        + "A-4,,Địa chính,01/10/2026,05/10/2026,05/12/2026,x\n"  # row 6
        + ",,Đất đai,01/10/2026,05/10/2026,05/10/2026,x\n"  # row 7
        + "A-5,9.999999,,01/10/2026,30/09/2026,05/10/2026,x\n"  # row 8
        + "A-6,,,ngày mai,05/10/2026,05/10/2026,x\n"  # row 9
        + " a-6 ,,Đất đai,01/10/2026,05/10/2026,05/10/2026,x\n"  # row 10
    )
    expected = [
        (
            "rows 2, 6: sector 'Địa chính' is not known; choose what it is on the page of "
            "dossiers, or add it to [sectors]",
            "land, construction",
        ),
        ("row 3: returned '31/09/2026' is not a date; write it as 31/10/2026", ""),
        ("rows 3, 5: the same dossier code; keep one of them", ""),
        ("row 4: returned on 05/10/2026, before it was received (06/10/2026)", ""),
        ("row 6: returned on 05/12/2026, after today (02/11/2026)", ""),
        ("row 7: no dossier code", "delete the row if it is no dossier"),
        ("row 8: due on 30/09/2026, before it was received (01/10/2026)", ""),
        ("row 8: procedure '9.999999' is not known and no sector is given", "places file"),
        ("row 9: received 'ngày mai' is not a date", ""),
        ("row 9: neither sector nor procedure", ""),
        ("rows 9-10: the same dossier code", ""),
    ]
    for beginning, remedy in expected:
        assert any(
            line.startswith(f"thang-10.csv, {beginning}") and remedy in line for line in lines
        ), beginning
    assert len(lines) == len(expected)


def test_no_refusal_shows_a_dossier_code() -> None:
    code = "H26.12-261005-0007"
    files = [
        f"{HEAD}{code},,?,x,x,x,x\n{code},,Đất đai,1,1,1,1\n",
        f"{code},,Đất đai,01/10/2026\n",  # no headings: the first row is a dossier
        f"Mã hồ sơ,Lĩnh vực,Ngày trả\n,{code},05/10/2026\n",  # moved by one cell
        f"Mã hồ sơ,Lĩnh vực\n{code},Đất đai\n",
    ]
    for text in files:
        assert not any(code in line or "0007" in line for line in refusal(text))


def test_the_same_mistake_in_thousands_of_rows_is_one_line() -> None:
    rows = "".join(f"A-{n},Địa chính,05/10/2026\n" for n in range(5000))
    (line,) = refusal("Mã hồ sơ,Lĩnh vực,Ngày trả\n" + rows)
    assert "rows 2-5001: sector 'Địa chính'" in line


def test_hundreds_of_different_mistakes_end_with_how_many_are_left() -> None:
    rows = "".join(f"A-{n},Đất đai,ngày {n}\n" for n in range(250))
    lines = refusal("Mã hồ sơ,Lĩnh vực,Ngày trả\n" + rows)
    assert len(lines) == 101
    assert lines[-1] == "thang-10.csv: and 150 more problems of this kind"


def test_a_comma_that_moves_the_cells_of_a_row_is_told() -> None:
    lines = refusal("Mã hồ sơ,Lĩnh vực,Ngày trả\nA-1,Bảo trợ xã hội, người có công,05/10/2026\n")
    assert any("row 2: more cells than headings; put texts" in line for line in lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("\n \n", "it is empty"),
        (HEAD, "there are headings but no rows beneath them"),
        (HEAD + "A-1,,Đất đai,01/10/2026,05/10/2026,,x\n", "of 1 rows 1 have no day of returning"),
        ("x,y,z\n1,2,3\n", "row 1: no known headings among 'x', 'y', 'z'; a population file has"),
        ("Mã hồ sơ,Lĩnh vực\nA-1,x\n", "row 1: the column for returned ('Ngày trả kết quả' or"),
        ("Lĩnh vực,Ngày trả\nĐất đai,x\n", "the column for code ('Mã hồ sơ' or"),
        ("Mã hồ sơ,Ngày trả\nA-1,x\n", "the column for sector or procedure is missing among"),
        (HEAD.replace("Lĩnh vực", "mã  HỒ SƠ"), "heading 'mã hồ sơ' stands 2 times; keep one"),
    ],
)
def test_a_file_without_what_is_needed_is_refused_with_what_is_missing(
    text: str, message: str
) -> None:
    assert message in "\n".join(refusal(text))


def test_every_missing_column_is_told_at_once() -> None:
    lines = refusal("Ngày tiếp nhận,Ngày hẹn trả\n01/10/2026,05/10/2026\n")
    assert [line.split(" is missing")[0].split("the column for ")[1][:6] for line in lines] == [
        "code (",
        "return",
        "sector",
    ]
    assert all("[columns] of the columns file" in line for line in lines)


def test_a_title_above_the_headings_and_empty_rows_are_passed_over() -> None:
    counted = count(
        "UBND XÃ TRIỆU SƠN,,\n,,\nDANH SÁCH HỒ SƠ,,\nMã hồ sơ,Lĩnh vực,Ngày trả\n"
        "A-1,Đất đai,05/10/2026\n,,\nA-2,Đất đai,06/10/2026\n"
    )
    assert counted.counts[0].completed == 2


def test_rows_are_numbered_as_the_spreadsheet_shows_them() -> None:
    lines = refusal(
        'TIÊU ĐỀ,,\n\nMã hồ sơ,"Lĩnh\nvực",Ngày trả\nA-1,Đất đai,05/10/2026\nA-2,?,05/10/2026\n'
    )
    assert lines[0].startswith("thang-10.csv, row 5: sector '?'")


def test_the_preferred_heading_is_read_where_two_mean_the_same() -> None:
    text = "Mã hồ sơ,Lĩnh vực,Ngày trả,Ngày trả kết quả\nA-1,Đất đai,01/09/2026,05/10/2026\n"
    assert count(text).counts[0].period == "2026-10"


def test_months_that_were_not_asked_for_are_left_out_and_told() -> None:
    text = HEAD + (
        "A-1,,Đất đai,20/09/2026,30/09/2026,30/09/2026,x\n"
        "A-2,,Đất đai,20/09/2026,30/09/2026,01/10/2026,x\n"
    )
    counted = count(text, periods=frozenset({"2026-10"}))
    assert [each.period for each in counted.counts] == ["2026-10"]
    assert counted.outside == 1
    assert "and 2 are of other months" in refusal(text, periods=frozenset({"2026-01"}))[0]


def test_the_office_of_an_export_is_given_fixed_or_in_a_column() -> None:
    export = "Mã hồ sơ,Lĩnh vực,Ngày trả,Đơn vị\nA-1,Đất đai,05/10/2026,Xã B\n"
    fixed = shipped_columns().model_copy(update={"office": "a"})
    column = parse_columns(
        '[columns]\ncode = "Mã hồ sơ"\nsector = "Lĩnh vực"\nreturned = "Ngày trả"\n'
        'office = "Đơn vị"\n[offices]\n"UBND A" = "a"',
        "own.toml",
    )
    in_two = {"places": TWO_OFFICES}
    assert count(export, office="b", places=TWO_OFFICES).counts[0].office == "b"
    assert count(export, columns=fixed, places=TWO_OFFICES).counts[0].office == "a"
    assert count(export, columns=column, places=TWO_OFFICES).counts[0].office == "b"
    by_word = export.replace("Xã B", "ubnd a")
    assert count(by_word, columns=column, places=TWO_OFFICES).counts[0].office == "a"
    unsaid = refusal(export, **in_two)[0]
    assert "its heading as office below [columns] of the columns file" in unsaid
    assert unsaid.endswith("of one office, use --office with one of: a, b")
    assert "office 'c' is not known; use one of: a, b" in refusal(export, office="c", **in_two)[0]
    unknown = refusal(export.replace("Xã B", "Xã C"), columns=column, **in_two)
    assert "row 2: office 'Xã C' is not known; choose what it is on" in unknown[0]
    assert "or add it to [offices]" in unknown[0]


def test_a_sector_mapped_to_one_that_the_places_do_not_have_is_refused() -> None:
    (line,) = refusal(
        "Mã hồ sơ,Lĩnh vực,Ngày trả\nA-1,Y tế,05/10/2026\n", places=TWO_OFFICES, office="a"
    )
    assert "sector 'Y tế' is mapped to 'education-culture', which the places file does not" in line


LAYOUT = "period,office,sector,completed,on_time,online\n"


def test_a_population_file_is_taken_over_as_it_is() -> None:
    counted = count(
        LAYOUT
        + "2026-10,trieu-son,land,60,50,20\n"
        + "2026-10,trieu-son,general,0,,\n"
        + "2026-09,trieu-son,civil-status,240,,12\n"
    )
    assert counted.counts == (
        PopulationCount("2026-09", "trieu-son", "civil-status", 240, None, 12),
        PopulationCount("2026-10", "trieu-son", "general", 0),
        PopulationCount("2026-10", "trieu-son", "land", 60, 50, 20),
    )


def test_the_optional_columns_may_be_left_out() -> None:
    counted = count("period;office;sector;completed\n2026-10;trieu-son;land;60\n")
    assert counted.counts == (PopulationCount("2026-10", "trieu-son", "land", 60),)


def test_a_population_file_may_say_of_how_many_dossiers_it_is_known() -> None:
    head = "period,office,sector,completed,on_time,due_known,timed,days_allowed,days_taken\n"
    (land,) = count(head + "2026-10,trieu-son,land,60,50,55,54,700,560\n").counts
    assert (land.on_time, land.due_known, land.online, land.filing_known) == (50, 55, None, None)
    assert (land.timed, land.days_allowed, land.days_taken) == (54, 700, 560)
    text = "\n".join(
        refusal(
            head
            + "2026-10,trieu-son,land,60,56,55,54,700,560\n"
            + "2026-09,trieu-son,land,60,,55,54,700,\n"
        )
    )
    assert "row 2: on_time is 56, more than due_known (55)" in text
    assert "row 3: on_time is empty, although due_known is given" in text
    assert "row 3: days_taken is empty, although timed is given" in text


def test_everything_wrong_with_a_population_file_is_told_at_once() -> None:
    lines = refusal(
        LAYOUT
        + "10/2026,trieu-son,land,60,50,20\n"
        + "2026-12,trieu-son,land,60,50,20\n"
        + "2026-10,ai-tu,land,60,50,20\n"
        + "2026-10,trieu-son,fishing,60,50,20\n"
        + "2026-10,trieu-son,land,-1,,\n"
        + "2026-10,trieu-son,land,1.5,,\n"
        + "2026-10,trieu-son,land,,,\n"
        + "2026-10,trieu-son,land,60,61,20\n"
        + "2026-10,trieu-son,land,60,60,x\n"
        + "2026-13,trieu-son,land,60,60,60\n"
    )
    text = "\n".join(lines)
    for expected in (
        "row 2: period '10/2026' is not a month; write it as 2026-10",
        "row 3: period 2026-12 is in the future (today is 02/11/2026)",
        "row 4: office 'ai-tu' is not known; use one of: trieu-son",
        "row 5: sector 'fishing' is not known; use one of: land",
        "row 6: completed '-1' is not a whole number",
        "row 7: completed '1.5' is not a whole number",
        "row 8: completed '' is not a whole number",
        "row 9: on_time is 61, more than completed (60)",
        "row 10: online 'x' is not a whole number",
        "rows 9-10: 2026-10, trieu-son, land: given more than once; keep one row",
        "row 11: period '2026-13' is not a month",
    ):
        assert expected in text
    assert len(lines) == 11


def test_the_running_month_may_be_imported() -> None:
    assert count(LAYOUT + "2026-11,trieu-son,land,3,3,3\n").counts[0].period == "2026-11"


def test_a_column_that_the_layout_does_not_have_is_refused() -> None:
    lines = refusal("period,office,sector,completed,onlin\n2026-10,trieu-son,land,60,5\n")
    assert lines == [
        "thang-10.csv, row 1: column 'onlin' is not part of the population layout; remove it or "
        "correct its spelling (period, office, sector, completed, on_time, online, due_known, "
        "filing_known, timed, days_allowed, days_taken)"
    ]


def test_a_missing_column_of_the_layout_is_named() -> None:
    lines = refusal("period,office,completed\n2026-10,trieu-son,60\n")
    assert "row 1: the column 'sector' is missing among 'period', 'office', 'completed'" in lines[0]


def test_a_population_file_of_another_office_than_the_one_named_is_refused() -> None:
    rows = LAYOUT + "2026-10,a,land,60,50,20\n2026-10,b,land,60,50,20\n"
    (line,) = refusal(rows, places=TWO_OFFICES, office="a")
    assert "row 3: office 'b' is not 'a', for which this import is" in line


_DAYS = st.dates(date(2026, 1, 1), TODAY)
_DOSSIERS = st.lists(
    st.tuples(
        st.sampled_from(["Đất đai", "Xây dựng", "Hộ tịch"]),
        _DAYS,
        st.integers(0, 40),
        st.integers(0, 60),
        st.sampled_from(["Trực tuyến", "Trực tiếp"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(
    _DOSSIERS, st.sampled_from(",;\t"), st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d/%m/%Y %H:%M"])
)
def test_counts_agree_with_a_count_by_hand_however_the_file_is_written(
    dossiers: list[tuple[str, date, int, int, str, bool]], delimiter: str, style: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(HEAD.strip().split(","))
    completed: Counter[tuple[str, str]] = Counter()
    on_time: Counter[tuple[str, str]] = Counter()
    online: Counter[tuple[str, str]] = Counter()
    for number, (sector, received, days_due, days_taken, filing, open_) in enumerate(dossiers):
        due, returned = received + timedelta(days_due), received + timedelta(days_taken)
        is_open = open_ or returned > TODAY
        shown = "" if is_open else returned.strftime(style)
        writer.writerow(
            [
                f"A-{number}",
                "",
                sector,
                received.strftime(style),
                due.strftime(style),
                shown,
                filing,
            ]
        )
        if not is_open:
            key = (f"{returned.year}-{returned.month:02}", sector)
            completed[key] += 1
            on_time[key] += days_taken <= days_due
            online[key] += filing == "Trực tuyến"
    names = {"Đất đai": "land", "Xây dựng": "construction", "Hộ tịch": "civil-status"}
    if not completed:
        assert "nothing to count" in refusal(out.getvalue())[0]
        return
    assert {
        (each.period, each.sector): (each.completed, each.on_time, each.online)
        for each in count(out.getvalue()).counts
    } == {
        (period, names[sector]): (number, on_time[period, sector], online[period, sector])
        for (period, sector), number in completed.items()
    }


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: HEAD + text)))
def test_whatever_a_file_holds_it_is_counted_or_refused_with_a_sentence(text: str | bytes) -> None:
    try:
        counted = count(text)
    except DossiersError as error:
        assert str(error).startswith("thang-10.csv")
    else:
        assert sum(each.completed for each in counted.counts) <= counted.rows
