"""Holds every refusal that a test meets to both languages."""

from __future__ import annotations

import re

from survey.told import in_language

# Values of the file, the reasons of parsers, and names of files.
_GIVEN = re.compile(r"'[^']*'|\((?:[^()]|\([^()]*\))*\)|\S+\.\w+,")
_ENGLISH = re.compile(
    r"\b(?:the|is|are|it|its|not|and|or|of|with|than|row|rows|sheet|save|export|open|write|use|"
    r"keep|add|remove|correct|check|once|more|known)\b"
)


def told_in_both(error: BaseException) -> str:
    """The English of a refusal, of which each line was found to have a Vietnamese one."""
    english, vietnamese = (in_language(error.args[0], lang).splitlines() for lang in ("en", "vi"))
    assert len(english) == len(vietnamese)
    for here, there in zip(english, vietnamese, strict=True):
        assert here != there, here
        found = _ENGLISH.search(_GIVEN.sub("", there))
        assert found is None, f"{found[0]!r} in {there}"
    return "\n".join(english)
