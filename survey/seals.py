"""Seals: digests by which a change of stored answers shows. Pure: no database, no clock.

Owns what a seal covers, how seals hang together, and what is said where they do not fit. The format
is docs/seals.md, word for word: whoever reads it needs nothing of this file.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Final, Literal, NamedTuple

FORMAT: Final = "hailong.seals/1"
START: Final = "0" * 64
"""What the first seal has for the one before."""

SealKind = Literal["day", "month", "period", "restore", "records", "targets"]
SealReason = Literal["", "late", "renamed", "purged", "changed", "accepted"]
"""Why there is another seal of the same: what came late, or what staff did."""

BY_STAFF: Final = ("renamed", "purged", "changed", "accepted")
"""Reasons that stand in the log of staff actions as well."""

_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class SealedAnswer(NamedTuple):
    """A response as its leaf has it, in this order.

    `choices`: (question, option) in order. `comment`: the digest of the comment as it was sealed,
    or None: so a comment can be deleted, and the leaf stays. `origin`: in leaves since version 2.
    """

    response_id: str
    questionnaire: str
    office: str
    sector: str
    procedure: str
    channel: str
    answered_on: str
    late: bool
    flag: str
    scores: str
    choices: tuple[tuple[str, str], ...]
    comment: str | None
    origin: str | None


def is_day(about: str) -> bool:
    """Whether this names a day, and not a month."""
    return len(about) == len("2026-10-05")


LEAF: Final = 2
"""The version of a leaf: 1 had no origin. New seals have the newest."""


def leaf(answer: SealedAnswer, version: int = LEAF) -> bytes:
    """The digest of one response, 32 bytes."""
    parts = answer[:-1] if version == 1 else answer
    return sha256(_write([f"hailong.leaf/{version}", *parts]).encode()).digest()


def rows_digest(key: str, answers: Iterable[SealedAnswer], version: int = LEAF) -> str:
    """The digest of the responses of a day or month, whatever their order.

    `key`: 64 random hex digits of this seal alone, which are never published. Who knows the
    responses, by an export for example, could else try which of them make up the digest of a day.
    """
    leaves = sorted(leaf(one, version) for one in answers)
    return sha256(f"{key} {len(leaves)}\n".encode() + b"".join(leaves)).hexdigest()


def fits(rows: str, key: str, answers: Sequence[SealedAnswer]) -> bool:
    """Whether these are the responses of a seal, which may be older than the newest leaves.

    A digest over leaves of one version is none over those of another, so that nothing is gained by
    passing a seal off as an old one.
    """
    return any(rows_digest(key, answers, version) == rows for version in range(LEAF, 0, -1))


def comment_digest(salt: str, text: str) -> str:
    """The digest of a comment; without the salt (32 random hex digits) it tells nothing of it."""
    return sha256(f"{salt} {text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Seal:
    """A link of the chain, as it is published.

    about
        A day ("2026-10-05") or month ("2026-10"); of a restore the day of the backup; of a period
        "2026-Q4", "2026-H2" or "2026", whose document alone is sealed, before its answers go; of
        records their month; of targets the day on which they were sealed.
    rows, days, document
        Digests: of the responses; of a month the seals of its days, and its published verdict
        document (None where it has no answers); of records and targets these (`survey.records`).
    before, seal
        The seal before this one, and this one.
    """

    number: int
    kind: SealKind
    about: str
    revision: int
    reason: SealReason
    rows: str | None
    days: str | None
    document: str | None
    before: str
    seal: str

    @property
    def month(self) -> str:
        """The month that it is about."""
        return self.about[:7]


def seal_digest(parts: Sequence[Any]) -> str:
    """The digest of a seal from all its parts but itself, in their order."""
    return sha256(_write([FORMAT, *parts]).encode()).hexdigest()


def digest_of(seal: Seal) -> str:
    """What `seal.seal` has to be."""
    return seal_digest(list(asdict(seal).values())[:-1])


def next_seal(
    chain: Sequence[Seal],
    kind: SealKind,
    about: str,
    reason: SealReason = "",
    *,
    rows: str | None = None,
    document: str | None = None,
) -> Seal:
    """The seal that follows a chain, with the next revision of what it is about."""
    last = chain[-1] if chain else None
    revision = 1 + sum((one.kind, one.about) == (kind, about) for one in chain)
    days = days_digest(chain, about) if kind == "month" else None
    parts: tuple[int, SealKind, str, int, SealReason]
    parts = (1 if last is None else last.number + 1, kind, about, revision, reason)
    digests = (rows, days, document, START if last is None else last.seal)
    return Seal(*parts, *digests, seal_digest([*parts, *digests]))


def days_digest(chain: Iterable[Seal], month: str) -> str:
    """The digest of the seals of all days of a month, each revision, in the order of the chain."""
    found = [one.seal for one in chain if one.kind == "day" and one.month == month]
    return sha256("\n".join(found).encode()).hexdigest()


ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs without 0 and O, 1 and I."""


def short_code(seal: str) -> str:
    """The first 80 bits of a seal for print: "7K2M 9QXP …", four groups of four."""
    bits = int(seal[:20], 16)
    signs = "".join(ALPHABET[bits >> shift & 31] for shift in range(75, -1, -5))
    return " ".join(signs[at : at + 4] for at in range(0, 16, 4))


FaultKind = Literal[
    "removed",
    "added",
    "altered",
    "comment",
    "comments_unlogged",
    "document",
    "record",
    "target",
    "targets_file",
    "questionnaire",
    "schema",
    "seal",
    "chain",
    "unlogged",
    "unpurged",
    "cut",
    "file",
    "rewritten",
    "older",
    "restored",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not fit: of a day or month, or of a seal by its number.

    `told`: what the sentence of its kind names beside.
    """

    kind: FaultKind
    about: str
    told: Mapping[str, object] = field(default_factory=dict)


def compare_rows(about: str, sealed: int, found: int, *, same: bool) -> Iterator[Fault]:
    """How the responses of a day or month differ from those that were sealed."""
    if found < sealed:
        yield Fault("removed", about, {"count": sealed - found})
    elif found > sealed:
        yield Fault("added", about, {"count": found - sealed})
    elif not same:
        yield Fault("altered", about)


def check_chain(chain: Sequence[Seal]) -> Iterator[Fault]:
    """Whether each seal is its own digest, follows the one before and binds what it must."""
    revisions: defaultdict[tuple[str, str], int] = defaultdict(int)
    newest = ""
    for place, seal in enumerate(chain):
        revisions[seal.kind, seal.about] += 1
        if seal.seal != digest_of(seal):
            yield Fault("seal", seal.about, {"number": seal.number})
        elif not (
            _in_order(seal, place, revisions[seal.kind, seal.about], newest)
            and seal.before == (chain[place - 1].seal if place else START)
            and seal.days == _days(chain[:place], seal)
        ):
            yield Fault("chain", seal.about, {"number": seal.number})
        if seal.kind == "day":
            newest = max(newest, seal.about)


def _days(earlier: Sequence[Seal], seal: Seal) -> str | None:
    return days_digest(earlier, seal.about) if seal.kind == "month" else None


def _in_order(seal: Seal, place: int, revision: int, newest: str) -> bool:
    """Numbers and revisions count up; a day that comes after a later one says why."""
    backwards = seal.kind == "day" and seal.about < newest
    again = seal.kind != "restore" and revision > 1
    explained = bool(seal.reason) or not (backwards or again)
    return seal.number == place + 1 and seal.revision == revision and explained


@dataclass(frozen=True, slots=True)
class Beside:
    """How a chain has what stands beside answers.

    `months`: whose records are sealed; `since`: of these the ones that were not sealed along with
    their month but later, by the day that was sealed last before; `waiting`: sealed months whose
    records are not. `changed`: months whose records staff changed. `targets`: every seal of these.
    """

    months: tuple[str, ...]
    since: Mapping[str, Sequence[str]]
    waiting: tuple[str, ...]
    changed: tuple[str, ...]
    targets: tuple[Seal, ...]


def beside(chain: Sequence[Seal]) -> Beside | None:
    """How records and targets are sealed; None where nothing is sealed at all."""
    if not chain:
        return None
    months, changed = dict[str, None](), dict[str, None]()
    since: defaultdict[str, list[str]] = defaultdict(list)
    day = ""
    for one, after in zip(chain, [*chain[1:], None], strict=True):
        if one.kind == "day":
            day = max(day, one.about)
        if one.kind == "records":
            along = after and (after.kind, after.about) == ("month", one.about)
            if one.about not in months and not along:
                since[day].append(one.about)
            months[one.about] = None
            if one.reason in BY_STAFF:
                changed[one.about] = None
    sealed = sorted({one.about for one in chain if one.kind == "month"} - months.keys())
    targets = tuple(one for one in chain if one.kind == "targets")
    return Beside(tuple(sorted(months)), since, tuple(sealed), tuple(sorted(changed)), targets)


def compare_chains(ours: Sequence[Seal], theirs: Sequence[Seal]) -> Iterator[Fault]:
    """Whether an earlier download is the beginning of the chain that is there now.

    A chain that ends before the download does is that of an older backup; one that goes another way
    from a restore on says so itself; any other was written anew.
    """
    wrong = next(check_chain(theirs), None)
    if wrong is not None:
        yield Fault("file", wrong.about, wrong.told)
        return
    for mine, its in zip(ours, theirs, strict=False):
        if mine.seal != its.seal:
            lost: dict[str, str | int]
            lost = {"number": its.number, "last": theirs[-1].number, "day": theirs[-1].about}
            kind: FaultKind = "restored" if mine.kind == "restore" else "rewritten"
            yield Fault(kind, mine.about, lost)
            return
    if len(ours) < len(theirs):
        first = theirs[len(ours)]
        yield Fault(
            "older",
            ours[-1].about if ours else "",
            {"number": first.number, "last": theirs[-1].number, "day": theirs[-1].about},
        )


def as_document(
    chain: Sequence[Seal],
    *,
    amended: Sequence[Mapping[str, object]] = (),
    simulated: bool = False,
) -> str:
    """The published file of a chain, a seal a line; `amended` tells of those of staff."""
    head = f'{{"format":"{FORMAT}",' + ('"simulated":true,' if simulated else "")
    lines = ",\n".join(_write(asdict(seal)) for seal in chain)
    told = ",\n".join(map(_write, amended))
    beside = f',"amended":[\n{told}\n]' if told else ""
    return f'{head}"seals":[\n{lines}\n]{beside}}}\n'


class NoSeals(ValueError):
    """A file is none of seals."""


def read_document(text: str) -> tuple[Seal, ...]:
    """Read a published file back. Raises NoSeals where it is none."""
    try:
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise NoSeals(found["format"])
        return tuple(Seal(**one) for one in found["seals"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NoSeals(str(error)) from error
