"""Why people were not satisfied: what they chose beside their scores, the most frequent first.

Owns these words. Counts are the document's; names of questions and options the questionnaires'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from analysis.design.scopes import ALL
from analysis.document import Document
from analysis.document_rows import ReasonRow
from analysis.targets import Targets
from analysis.telling.labels import Names
from analysis.telling.result_tables import Pair, Teller
from analysis.telling.section import Section
from analysis.telling.tables import Table
from analysis.telling.wording import number

_TITLE: Final = ("Vì sao chưa hài lòng?", "What went wrong?")
_CAPTION: Final = ("Lý do người dân chọn", "Reasons that people chose")
_HEADS: Final[tuple[Pair, ...]] = (
    ("Lĩnh vực", "Sector"),
    ("Số người nêu lý do", "People who gave reasons"),
    ("Lý do và số người chọn", "Reasons and how many chose each"),
)
_SEVERAL: Final = (
    "Một người có thể chọn nhiều lý do. Chỉ người chưa hài lòng được hỏi câu này.",
    "One person may choose several. Only people who were not satisfied are asked.",
)
_PEOPLE: Final = ("{n} người nêu lý do", "Reasons given by {n}")
_NOBODY: Final = ("Không ai nêu lý do.", "Nobody gave a reason.")
_SHOWN: Final = 3  # reasons in the sentence; the table has all


def reason_section(tell: Teller, office: str = ALL) -> Section | None:
    """A sentence on all sectors together, the table by sector; None where nobody gave a reason."""
    rows = [row for row in tell.found.reasons if row.office == office]
    if not rows:
        return None
    totals = [group for (_, _, sector), group in _groups(rows) if sector == ALL]
    several = len(totals) > 1
    sentences = tuple(
        f"{_question(group, tell) + ' ' if several else ''}{_people(group, tell)}: "
        f"{_listed(group[:_SHOWN], tell)}."
        for group in totals
    )
    table = reason_table(
        tell.found, names=tell.names, targets=tell.targets, lang=tell.lang, office=office
    )
    return Section(tell.say(_TITLE), sentences, (table,), (tell.say(_SEVERAL),))


def reason_table(
    found: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
) -> Table:
    """One row a sector and the total, one questionnaire after the other. Arguments as for `plot`.

    No rows where nobody gave a reason, where the answers come from files (which hold none), and
    in a published document.
    """
    tell = Teller.of(found, names, targets, lang)
    groups = list(_groups([row for row in found.reasons if row.office == office]))
    questions = {key[:2] for key, _ in groups}
    rows = []
    for (questionnaire, _, sector), group in groups:
        whose = f" ({questionnaire})" if len(questions) > 1 else ""
        rows.append(
            (tell.sector(sector) + whose, number(group[0].people, lang), _listed(group, tell))
        )
    return Table(
        caption=tell.say(_CAPTION),
        head=tuple(tell.say(head) for head in _HEADS),
        rows=tuple(rows),
        strong=frozenset(place for place, (key, _) in enumerate(groups) if key[2] == ALL),
        words=frozenset({2}),
        empty=tell.say(_NOBODY),
    )


def _groups(rows: Sequence[ReasonRow]) -> Iterator[tuple[tuple[str, str, str], list[ReasonRow]]]:
    """The options of each questionnaire, question and sector; a lone sector needs no total."""
    grouped = [
        (key, list(group))
        for key, group in groupby(rows, lambda row: (row.questionnaire, row.question, row.sector))
    ]
    return iter(grouped)


def _question(group: Sequence[ReasonRow], tell: Teller) -> str:
    row = group[0]
    return tell.names.get(f"reason:{row.questionnaire}:{row.question}", row.question)


def _people(group: Sequence[ReasonRow], tell: Teller) -> str:
    return tell.say(_PEOPLE, n=number(group[0].people, tell.lang))


def _listed(group: Sequence[ReasonRow], tell: Teller) -> str:
    return " · ".join(f"{_option(row, tell)} {number(row.chosen, tell.lang)}" for row in group)


def _option(row: ReasonRow, tell: Teller) -> str:
    return tell.names.get(f"reason:{row.questionnaire}:{row.question}:{row.option}", row.option)
