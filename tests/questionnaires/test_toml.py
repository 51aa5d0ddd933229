"""One reader for every TOML file: what is wrong is told with its line, in both languages."""

from __future__ import annotations

from decimal import Decimal

import pytest

from questionnaires.toml import NotTOML, read_toml

REFUSED = {
    "syntax": (
        b"a = 1\nb = [1,\nc = 2\n",
        "f.toml, line 3, column 1: Invalid value; correct that line",
        "f.toml, dòng 3, cột 1: không đọc được (Invalid value); hãy sửa dòng đó",
    ),
    "end": (
        b"[a",
        "f.toml, end of the file: Expected ']' at the end of a table declaration;"
        " correct the last line",
        "f.toml, cuối tệp: không đọc được (Expected ']' at the end of a table declaration);"
        " hãy sửa dòng cuối",
    ),
    "decimal comma, after Windows line ends": (
        b"[[target]]\r\nthreshold = 0,9\r\n",
        "f.toml, line 2, column 14: Expected newline or end of document after a statement;"
        " write the number with a point: 0.9",
        "f.toml, dòng 2, cột 14: không đọc được (Expected newline or end of document after a"
        " statement); hãy viết số với dấu chấm: 0.9",
    ),
    "encoding": (
        "vi = 'tốt'\nvi = 'kém'".encode().replace("é".encode(), b"\xe9"),
        "f.toml, line 2: it is not UTF-8 text; save the file as UTF-8",
        "f.toml, dòng 2: không phải văn bản UTF-8; hãy lưu tệp dạng UTF-8",
    ),
    "brackets without end": (
        b"x = " + b"[" * 5000,
        "f.toml, somewhere: it is nested too deeply; write fewer brackets in brackets",
        "f.toml, trong tệp: lồng quá nhiều lớp; hãy viết ít ngoặc trong ngoặc hơn",
    ),
    "whole number without end": (
        b"x = " + b"9" * 5000,
        "f.toml, somewhere: a number is too large; write a smaller one",
        "f.toml, trong tệp: có số quá lớn; hãy viết số nhỏ hơn",
    ),
    "exponent without end": (
        b"x = 1e99999999999999999999",
        "f.toml, somewhere: a number is too large; write a smaller one",
        "f.toml, trong tệp: có số quá lớn; hãy viết số nhỏ hơn",
    ),
}


@pytest.mark.parametrize(("content", "en", "vi"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_toml_is_refused_with_its_line_and_a_remedy(
    content: bytes, en: str, vi: str
) -> None:
    with pytest.raises(NotTOML) as caught:
        read_toml(content, parse_float=Decimal)
    told = caught.value.problem("f.toml").told
    assert (told, told.vi) == (en, vi)


def test_the_mark_of_windows_and_its_line_ends_are_no_part_of_the_tables() -> None:
    assert read_toml(b"\xef\xbb\xbfa = '''1\r\n2'''\r\n") == {"a": "1\n2"}
    assert read_toml("x = 0.90", parse_float=Decimal) == {"x": Decimal("0.90")}
