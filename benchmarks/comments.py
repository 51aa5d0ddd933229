"""What the scrubbing of comments finds, and what it takes that is harmless, on a corpus of our own.

Run:  python -m benchmarks.comments

The corpus is `tests/questionnaires/scrubbing.txt`: what must go stands between « and », of which
what cannot be found by its form between ‹ and ›. By digits, a number of which half is left counts
by half; by comment, it counts as missed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from questionnaires import scrub

CORPUS: Final = Path(__file__).parents[1] / "tests" / "questionnaires" / "scrubbing.txt"

_ESCAPE: Final = re.compile(r"\\n|\\u[0-9a-f]{4}")
_MARKS: Final = re.compile("[«»‹›]")
_WORDS: Final = re.compile(r"\[(?:email|mã hồ sơ|CCCD|SĐT|CMND|hộ chiếu|số)\]")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as typed, and its parts: those at odd places must go."""

    text: str
    parts: tuple[str, ...]
    out_of_reach: bool

    @property
    def personal(self) -> bool:
        """Whether anything of it must go."""
        return len(self.parts) > 1

    @property
    def to_go(self) -> int:
        """Digits that must go."""
        return sum(map(_digits, self.parts[1::2]))

    def mistakes(self) -> tuple[int, int]:
        """Digits left that must go, and digits gone that are harmless."""
        left = sum(map(_digits, _WORDS.split(scrub(self.text))))
        rest = sum(map(_digits, self.parts[::2]))
        return max(0, left - rest), max(0, rest - left)

    @property
    def clean(self) -> bool:
        """Whether the scrubbed comment holds nothing that must go, and all else."""
        found = scrub(self.text)
        missed = any(part in found for part in self.parts[1::2])
        return not missed and self.mistakes() == (0, 0) and (self.personal or found == self.text)


@dataclass(frozen=True, slots=True)
class Score:
    """How the corpus fares, with and without what is out of reach."""

    recall: float
    precision: float
    recall_of_all: float
    wrong: tuple[Comment, ...]


def comments() -> list[Comment]:
    """The corpus."""
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    return [_comment(line) for line in lines if not line.startswith("#")]


def _comment(line: str) -> Comment:
    whole = _ESCAPE.sub(lambda found: found[0].encode().decode("unicode_escape"), line)
    return Comment(_MARKS.sub("", whole), tuple(_MARKS.split(whole)), "‹" in whole)


def _digits(text: str) -> int:
    return sum(sign.isdecimal() for sign in text)


def score(corpus: Sequence[Comment]) -> Score:
    """By digits for what can be found; by comment where all that must go is asked for."""
    within = [one for one in corpus if not one.out_of_reach]
    to_go = sum(one.to_go for one in within)
    missed, harmed = (
        sum(column) for column in zip(*(one.mistakes() for one in within), strict=True)
    )
    personal = [one for one in corpus if one.personal]
    return Score(
        recall=1 - missed / to_go,
        precision=(to_go - missed) / (to_go - missed + harmed),
        recall_of_all=sum(one.clean for one in personal) / len(personal),
        wrong=tuple(one for one in corpus if not one.clean),
    )


def main() -> None:
    corpus = comments()
    found = score(corpus)
    personal = sum(one.personal for one in corpus)
    print(f"{len(corpus)} comments, {personal} of them with numbers of a person")
    print(f"by digits, without what is out of reach: recall {found.recall:.4f}, ", end="")
    print(f"precision {found.precision:.4f}")
    print(f"by comment, with what is out of reach: recall {found.recall_of_all:.4f}")
    for one in found.wrong:
        print(f"  not as it should be: {one.text!r} -> {scrub(one.text)!r}")


if __name__ == "__main__":
    main()
