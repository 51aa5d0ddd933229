"""Holds every refusal that a test meets to both languages."""

from __future__ import annotations

import re

from survey.errors import HailongError

# Values of the file, and the reasons of parsers.
_GIVEN = re.compile(r"'[^']*'|\((?:[^()]|\([^()]*\))*\)")
_ENGLISH = re.compile(
    r"\b(?:the|is|are|it|its|not|and|or|of|with|than|row|rows|sheet|save|export|open|write|use|"
    r"keep|add|remove|correct|check|once|more|known)\b"
)


def told_in_both(error: HailongError) -> str:
    """The English of a refusal, of which each line was found to have a Vietnamese one."""
    english, vietnamese = error.said("en").splitlines(), error.said("vi").splitlines()
    assert len(english) == len(vietnamese)
    for here, there in zip(english, vietnamese, strict=True):
        assert here != there, here
        found = _ENGLISH.search(_GIVEN.sub("", there))
        assert found is None, f"{found[0]!r} in {there}"
    return "\n".join(english)
