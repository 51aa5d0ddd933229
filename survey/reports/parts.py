"""What a report is made of, whatever it is written as: headings, sentences, tables, pictures.

Owns the shapes that `body` makes and the writers of formats take. Holds no words and no layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

from analysis.document import Document
from analysis.reporting.pictures import Picture
from analysis.reporting.table import Table
from survey.reports.letterhead import Letterhead

ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI")
"""The numbers of sections and of appendices."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a section, numbered already; level 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences.

    `note`: they belong beneath what they are about, in smaller letters. `appended`: they tell where
    the appendices are, which a workbook does not have: its figures stand in sheets.
    """

    text: str
    note: bool = False
    appended: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """Sentences in a list, each with its dash."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart: its rows, its caption, and the same in words for whoever cannot see it."""

    shown: Picture
    caption: str
    words: str


Part: TypeAlias = Heading | Paragraph | Items | Table | Drawing


@dataclass(frozen=True, slots=True)
class Appendix:
    """Figures behind the report: "I", "Phụ lục I", its title, where it belongs."""

    number: str
    label: str
    title: str
    belongs: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """The words around the body, as the decree has them; each line by itself.

    `number` and `day` leave free what the office fills in when it registers and signs.
    """

    nation: str
    motto: str
    number: str
    day: str
    kind: str
    subject: str
    to: tuple[str, ...]
    to_word: str
    received: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandedOut:
    """One-time slips of the period: issued, answered, and issued in the period before."""

    slips: int
    answered: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the verdict document; None where an office has none of it."""

    handed_out: HandedOut | None = None


NOTHING: Final = Beside()


@dataclass(frozen=True, slots=True)
class RevisionMark:
    """Which kept report this is: `content` names its figures and words, `seal` the day's seal.

    `why` and `changes` of one that takes the place of another.
    """

    number: int
    content: str
    why: str = ""
    changes: tuple[str, ...] = ()
    seal: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report in one language, ready to be written.

    `warnings`: that its data are simulated, or that it must not leave. `document`: the figures that
    all of it rests on, of this office alone; `total_of`: the office above others whose total
    `office` "all" is, "" where that is everything.
    """

    lang: str
    document: Document
    office: str
    names: Mapping[str, str] = field(repr=False)
    letterhead: Letterhead
    frame: Frame
    warnings: tuple[str, ...]
    body: tuple[Part, ...]
    appendices: tuple[Appendix, ...]
    beside: Beside = NOTHING
    revision: RevisionMark | None = None
    total_of: str = ""

    @property
    def title(self) -> str:
        """Kind and subject on one line."""
        return f"{self.frame.kind} {self.frame.subject}"

    @property
    def made_on(self) -> date:
        """The day in its properties: the last of its period, whenever it is made."""
        return self.document.period.last
