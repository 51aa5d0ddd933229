"""What is wrong with the office's tablets and what to do, in the words of the staff pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kiosk.devices import Heartbeat, Trouble
from survey.tablets import Watched
from survey.web.desk.frame import staff_sentences

HOUR, DAY = 3600, 86_400  # seconds


def tell(watched: tuple[Watched, ...], lang: str, now: datetime) -> tuple[str, ...]:
    """One paragraph a trouble, with every tablet that has it, or one that all is well.

    None where the office has no tablet. `now` is the moment in the office's zone.
    """
    found: dict[str, list[str]] = {}
    for one in watched:
        for key, sentence in _troubles(one, lang, now):
            found.setdefault(key, []).append(sentence)
    told = staff_sentences()
    if watched and not found:
        return (told.get("kiosks.well", lang, count=len(watched)),)
    return tuple(
        f"{'; '.join(tablets)}. {told.get(f'{key}_do', lang)}" for key, tablets in found.items()
    )


def _troubles(watched: Watched, lang: str, now: datetime) -> Iterator[tuple[str, str]]:
    """The key of each trouble of a tablet, and what is so of it."""
    device, contact = watched.enrolled.device, watched.enrolled.contact
    words = {
        "id": device.id,
        "counter": watched.enrolled.counter.get(lang),
        "since": _moment(contact.seen_at.astimezone(now.tzinfo), now),
        **(_figures(contact.heartbeat) if contact.heartbeat else {}),
    }
    for trouble in watched.troubles:
        key = _key(trouble, contact.heartbeat)
        yield key, staff_sentences().get(key, lang, **words)


def _moment(seen: datetime, now: datetime) -> str:
    """As people write it here; the year where it is another one."""
    return f"{seen:%H:%M %d/%m}" if seen.year == now.year else f"{seen:%H:%M %d/%m/%Y}"


def _key(trouble: Trouble, told: Heartbeat | None) -> str:
    kept = f"_{told.storage}" if trouble == "storage" and told else ""
    return f"kiosks.{trouble}{kept}"


def _figures(told: Heartbeat) -> dict[str, int]:
    return {
        "unsent": told.unsent,
        "quarantined": told.quarantined,
        "hours": told.oldest_s // HOUR,
        "days": abs(told.clock_offset_s) // DAY,
    }
