"""What is wrong with the office's tablets and what to do, in the words of the staff pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kiosk.devices import Heartbeat, Trouble
from survey.tablets import Watched
from survey.web.desk.frame import staff_sentences

HOUR, DAY = 3600, 86_400  # seconds


def tell(watched: tuple[Watched, ...], lang: str, now: datetime) -> tuple[str, ...]:
    """One sentence a trouble, or one that all is well; none where the office has no tablet.

    `now` is the moment in the office's zone.
    """
    told = tuple(sentence for one in watched for sentence in _troubles(one, lang, now))
    if watched and not told:
        return (staff_sentences().get("kiosks.well", lang, count=len(watched)),)
    return told


def _troubles(watched: Watched, lang: str, now: datetime) -> Iterator[str]:
    device, contact = watched.enrolled.device, watched.enrolled.contact
    words = {
        "id": device.id,
        "counter": watched.enrolled.counter.get(lang),
        "since": f"{contact.seen_at.astimezone(now.tzinfo):%H:%M %d/%m/%Y}",
        **(_figures(contact.heartbeat) if contact.heartbeat else {}),
    }
    for trouble in watched.troubles:
        yield staff_sentences().get(_key(trouble, contact.heartbeat), lang, **words)


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
