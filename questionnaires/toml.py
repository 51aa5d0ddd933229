"""Tables of TOML, read or refused in one way whoever asks.

Owns what keeps a file from being TOML: its encoding, its syntax, its depth, its numbers. What the
tables must hold is for their readers to say.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any, Final

from questionnaires.bilingual import Told
from questionnaires.problems import Problem


class NotTOML(ValueError):
    """What was read is no TOML: where, what is wrong and what helps, for the owner of the file."""

    def __init__(self, place: Told, what: Told, remedy: Told) -> None:
        super().__init__(place, what, remedy)
        self.place, self.what, self.remedy = place, what, remedy

    def problem(self, file: str) -> Problem:
        """The same as the problem of a file of this name."""
        return Problem(file, self.place, self.what, self.remedy)


def read_toml(source: bytes | str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Return the tables of a file's bytes in UTF-8, or of its text. Raises NotTOML.

    `parse_float`: what makes a number of the digits of one with a point.
    """
    try:
        # Windows may begin a file with a mark that says it is UTF-8.
        text = source if isinstance(source, str) else source.decode("utf-8-sig")
        return tomllib.loads(text, parse_float=parse_float)
    except UnicodeDecodeError as error:
        raise _not_utf8(error) from error
    except tomllib.TOMLDecodeError as error:
        raise _of_syntax(text, str(error)) from error
    except RecursionError as error:
        raise NotTOML(_SOMEWHERE, _TOO_DEEP, _NEST_LESS) from error
    except (ValueError, ArithmeticError) as error:  # of int and Decimal, of more than they take
        raise NotTOML(_SOMEWHERE, _TOO_LARGE, _WRITE_SMALLER) from error


# Not in data/problems.toml, which is itself read here.
_SOMEWHERE: Final = Told("somewhere", "trong tệp")
_TOO_DEEP: Final = Told("it is nested too deeply", "lồng quá nhiều lớp")
_NEST_LESS: Final = Told("write fewer brackets in brackets", "hãy viết ít ngoặc trong ngoặc hơn")
_TOO_LARGE: Final = Told("a number is too large", "có số quá lớn")
_WRITE_SMALLER: Final = Told("write a smaller one", "hãy viết số nhỏ hơn")


def _not_utf8(error: UnicodeDecodeError) -> NotTOML:
    line = error.object.count(b"\n", 0, error.start) + 1
    return NotTOML(
        Told(f"line {line}", f"dòng {line}"),
        Told("it is not UTF-8 text", "không phải văn bản UTF-8"),
        Told("save the file as UTF-8", "hãy lưu tệp dạng UTF-8"),
    )


_SYNTAX: Final = re.compile(r"(?P<why>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)", re.S)
_END: Final = " (at end of document)"


def _of_syntax(text: str, said: str) -> NotTOML:
    """The refusal of what Python said, whose own words stay English."""
    found = _SYNTAX.fullmatch(said)
    if found is None:
        why = said.removesuffix(_END)
        place = Told("end of the file", "cuối tệp")
        remedy = Told("correct the last line", "hãy sửa dòng cuối")
    else:
        why, line, column = found["why"], found["line"], found["column"]
        place = Told(f"line {line}, column {column}", f"dòng {line}, cột {column}")
        remedy = _of_line(text.split("\n")[int(line) - 1])
    return NotTOML(place, Told(why, f"không đọc được ({why})"), remedy)


def _of_line(line: str) -> Told:
    """What to do about a line that is no TOML: above all, a decimal comma."""
    number = re.search(r"=\s*([0-9]+),([0-9]+)", line)
    if number is None:
        return Told("correct that line", "hãy sửa dòng đó")
    meant = f"{number[1]}.{number[2]}"
    return Told(f"write the number with a point: {meant}", f"hãy viết số với dấu chấm: {meant}")
