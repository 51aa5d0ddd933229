"""Reads a file in a process of its own, bounded in memory and time: a hostile one ends only that.

It answers for each report of progress, and at last with the counts or the refusal
(`survey.bounded`). Knows no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from survey.bounded import LARGEST, answer_of, asked, bound, say
from survey.dossiers.count import Counted
from survey.dossiers.files import check_size
from survey.dossiers.look import Look, look_of, packed, told_of
from survey.dossiers.reading import CountRequest, RowProgress, look_at
from survey.errors import DossiersError
from survey.told import sentence

LONGEST: Final = 120.0  # seconds; a year of a large town takes about ten


def count_apart(
    content: bytes,
    name: str,
    question: CountRequest,
    progress: RowProgress | None = None,
    *,
    seconds: float = LONGEST,
    memory: int = LARGEST,
) -> Counted:
    """Count the dossiers of a file as `count_file` does, in another process.

    Raises DossiersError also where that process took too long, too much memory, or was ended.
    """
    look = look_apart(content, name, question, progress, seconds=seconds, memory=memory)
    return look.require()


def look_apart(
    content: bytes,
    name: str,
    question: CountRequest,
    progress: RowProgress | None = None,
    *,
    seconds: float = LONGEST,
    memory: int = LARGEST,
) -> Look:
    """Look at a file as `look_at` does, in another process. Raises as `count_apart` does.

    But for what is wrong within a file that can be opened: that stands in the look.
    """
    check_size(len(content), name)

    def heard(said: Mapping[str, Any]) -> bool:
        if "row" in said and progress is not None:
            progress(said["row"], said["expected"])
        return "row" in said

    asked = (name, question, memory, seconds)
    answer, in_time = answer_of(__name__, asked, content, seconds=seconds, heard=heard)
    return _understood(answer, name, in_time=in_time)


def _understood(answer: dict[str, Any], name: str, *, in_time: bool) -> Look:
    if "refused" in answer:
        raise DossiersError(told_of(answer["refused"]))
    if "columns" not in answer:
        what = "dossiers.ended" if in_time else "dossiers.too_long"
        raise DossiersError(sentence(what, file=name, remedy=sentence("dossiers.copy_table")))
    return look_of(answer)


def main() -> None:
    """Read what comes through the standard input, and answer."""
    (name, question, memory, seconds), source = asked()
    bound(memory, seconds)
    try:
        say(packed(look_at(source.read(), name, question, _say_progress)))
    except DossiersError as error:
        say({"refused": packed(error.args[0])})
    except MemoryError:
        told = sentence("dossiers.memory", file=name, most=memory >> 20)
        say({"refused": packed(told)})


def _say_progress(row: int, expected: int | None) -> None:
    say({"row": row, "expected": expected})


if __name__ == "__main__":
    main()
