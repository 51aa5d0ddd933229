"""The sentences of a report: templates in both languages, which an office may word its own way.

The shipped ones are `survey/data/report.toml`; those in `report.toml` of the data folder stand
instead. One that is broken is refused with its place: a template keeps every {place} of the shipped
one, so that no figure loses the interval beside it.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

from questionnaires import Sentences, Text, load_sentences
from questionnaires.bilingual import Told, joined
from questionnaires.problems import Problem, QuestionnaireError
from questionnaires.sentences import find_sentences, place_of
from questionnaires.wording import LANGUAGES
from survey.errors import HailongError, unreadable
from survey.files import write_whole
from survey.told import sentence

FILE: Final = "report.toml"
LARGEST: Final = 256 * 1024
"""Bytes of the file; the shipped one has 20 KB."""
_FIXED: Final = "frame."
"""The words of the frame are the decree's and no matter of style."""


_FORMATTER: Final = string.Formatter()
_HEAD: Final = """\
# Câu chữ của báo cáo. Sửa câu trong dấu nháy kép, giữ đủ những {chỗ} trong ngoặc nhọn và cả hai thứ
# tiếng; câu nào không sửa thì để nguyên hoặc xóa đi.
# The sentences of the report. Edit what stands in quotation marks; keep every {place} in its
# brackets, and both languages. A sentence that you do not change may stay, or be deleted.
"""


@cache
def shipped_phrases() -> Sentences:
    """The sentences as they are shipped."""
    return load_sentences(files("survey") / "data" / "report.toml")


def load_phrases(folder: Path, tried: Path | None = None) -> Sentences:
    """Return the sentences with those of the office. Raises HailongError listing every problem.

    `tried`: a file that is looked at in the place of the office's.
    """
    return _with_shipped(own_phrases(folder) if tried is None else _read(tried))


def own_phrases(folder: Path) -> Sentences:
    """The sentences that the office words its own way. Raises HailongError as `load_phrases`."""
    file = folder / FILE
    return _read(file) if file.exists() else Sentences(MappingProxyType({}))


def read_phrases(content: bytes, name: str) -> Sentences:
    """The sentences of a sent file that are worded otherwise than the shipped ones.

    Raises HailongError listing every problem, each with its line.
    """
    if len(content) > LARGEST:
        raise HailongError(sentence("report.large", file=name, most=LARGEST // 1024))
    shipped = shipped_phrases()
    try:
        own, broken = find_sentences(content, name)
    except QuestionnaireError as error:
        raise HailongError(error.args[0]) from error
    text, problems = content.decode("utf-8-sig"), list(broken)
    for key in own.texts:
        if wrong := tuple(_wrong(own, key)):
            place = place_of(text, key)  # which reads the whole file
            problems.extend(Problem(name, place, what, remedy) for what, remedy in wrong)
    if problems:
        raise HailongError(joined(problem.told for problem in problems))
    changed = {key: text for key, text in own.texts.items() if text != shipped.texts[key]}
    return Sentences(MappingProxyType(changed))


def keep_phrases(folder: Path, own: Sentences) -> None:
    """Use these sentences in the place of the shipped ones. Raises OSError."""
    write_whole(folder / FILE, written(own))


def drop_phrases(folder: Path) -> None:
    """Go back to the shipped sentences. Raises OSError."""
    (folder / FILE).unlink(missing_ok=True)


def template(folder: Path) -> str:
    """Every sentence that may be worded otherwise, as it is now: a TOML file to be edited."""
    return written(load_phrases(folder))


def written(found: Sentences) -> str:
    """Sentences as a TOML file: a table each, so that a line holds one text."""
    # A JSON string is one of TOML too.
    return _HEAD + "".join(
        f"\n[{key}]\n"
        + "".join(
            f"{lang} = {json.dumps(text.get(lang), ensure_ascii=False)}\n" for lang in LANGUAGES
        )
        for key, text in found.texts.items()
        if not key.startswith(_FIXED)
    )


def _with_shipped(own: Sentences) -> Sentences:
    texts: Mapping[str, Text] = {**shipped_phrases().texts, **own.texts}
    return Sentences(MappingProxyType(texts))


def _read(file: Path) -> Sentences:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise HailongError(unreadable(file, error)) from error
    return read_phrases(content, file.name)


def _wrong(own: Sentences, key: str) -> Iterator[tuple[Told, Told]]:
    """What is wrong with a sentence, and what to write."""
    shipped = shipped_phrases()
    if key not in shipped or key.startswith(_FIXED):
        what = sentence("report.no_sentence" if key not in shipped else "report.fixed")
        yield what, sentence("report.take_out")
        return
    for lang in LANGUAGES:
        text = own.texts[key].get(lang)
        if any(form or turned for _, _, form, turned in _FORMATTER.parse(text)):
            what = sentence("report.not_plain", lang=lang)
            yield what, sentence("report.plain")
    has, needs = _places(own, key), _places(shipped, key)
    if has != needs:
        odd = ", ".join(f"{{{name}}}" for name in sorted(has ^ needs))
        kept = ", ".join(f"{{{name}}}" for name in sorted(needs)) or "–"
        what = sentence("report.places", places=odd)
        yield what, sentence("report.use", places=kept)


def _places(found: Sentences, key: str) -> set[str]:
    text = found.texts[key].get("vi")
    return {name for _, name, _, _ in _FORMATTER.parse(text) if name is not None}
