"""The words around the body of a report, as Nghị định 30/2020/NĐ-CP has them."""

from __future__ import annotations

from collections.abc import Iterator

from survey.reports.letterhead import written_day
from survey.reports.parts import Frame
from survey.reports.writer import Writer


def make_frame(writer: Writer) -> Frame:
    """What stands around the body; number and day are left free where they are not known."""
    given = writer.wanted.letterhead
    return Frame(
        nation=writer.say("frame.nation"),
        motto=writer.say("frame.motto"),
        number=writer.say("frame.number", symbol=given.symbol),
        day=_day(writer),
        kind=writer.say("frame.kind"),
        # On one line: "tháng 10/2026".
        subject=writer.say(
            "title.subject", period=writer.period.replace(" ", "\N{NO-BREAK SPACE}")
        ),
        to=given.to,
        to_word=writer.say("frame.to"),
        received=writer.say("frame.received"),
        recipients=tuple(_recipients(writer)),
    )


def _day(writer: Writer) -> str:
    place, day = writer.wanted.letterhead.place or "…", writer.wanted.day
    if day is None:
        return writer.say("frame.day_left", place=place, year="20…")
    written = dict(zip(("day", "month", "year"), written_day(day), strict=True))
    return writer.say("frame.on_day", place=place, **written)


def _recipients(writer: Writer) -> Iterator[str]:
    given = writer.wanted.letterhead
    if given.to:
        yield f"- {writer.say('frame.as_above')};"
    yield from (f"- {name};" for name in given.copies)
    drafter = f", {given.drafter}" if given.drafter else ""
    yield f"- {writer.say('frame.kept', drafter=drafter)}"
