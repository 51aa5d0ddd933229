"""Draws the citizen's form and thanks page: once, with places to fill in for each visitor.

Knows no database and takes no answer.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Literal

from flask import Response, render_template
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from questionnaires import Item, Questionnaire, Sentences, Text
from survey.places import Sector
from survey.slips import SlipState
from survey.store.places import AnyDesk, Desk, SlipDesk
from survey.store.questionnaires import Published
from survey.web.security import allow_inline, inline_hash, takes_gzip

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # RFC 1952: deflate, no name, no time
_LAST_BLOCK = b"\x03\x00"  # RFC 1951: an empty block that ends the data


class PreparedPage:
    """A page as text and as gzip whose fixed parts were compressed once, when it was drawn.

    A full flush ends a compressed part at a whole byte and lets nothing look back across it
    (RFC 1951), so parts may be joined with the visitor's own words between them, stored plain.
    """

    def __init__(self, html: str, places: tuple[str, ...]) -> None:
        """Cut ``html`` at every occurrence of the ``places``."""
        pieces = re.split("|".join(f"({re.escape(place)})" for place in places), html)
        self._pieces = [piece for piece in pieces if piece]
        self._places = frozenset(places)
        self._plain = {piece: piece.encode() for piece in self._pieces}
        self._packed = {piece: _pack(text) for piece, text in self._plain.items()}

    def text(self, words: Mapping[str, str]) -> bytes:
        """Return the page in UTF-8 with the ``words`` for each place. They are not escaped."""
        return b"".join(
            words[piece].encode() if piece in self._places else self._plain[piece]
            for piece in self._pieces
        )

    def gzip(self, words: Mapping[str, str]) -> bytes:
        """Return the same page compressed."""
        text = self.text(words)
        packed = [
            _store(words[piece].encode()) if piece in self._places else self._packed[piece]
            for piece in self._pieces
        ]
        check = zlib.crc32(text).to_bytes(4, "little") + len(text).to_bytes(4, "little")
        return b"".join((_HEADER, *packed, _LAST_BLOCK, check))


def _pack(text: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)


def _store(text: bytes) -> bytes:
    """Return a block that holds ``text`` (under 64 KiB) as it is."""
    length = len(text)
    return b"\x00" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + text


# Filled in after the page was drawn, so that a form is drawn and compressed once.
_ID_MARK = "%response_id%"
_TOKEN_MARK = "%token%"  # noqa: S105  a place to fill in, not a secret
_STATIC = Path(__file__).parent / "static"


SECONDS_A_QUESTION = 4  # one touch, and reading before it
LONGEST_WITHOUT_PARTS = 2  # questions of an element


@dataclass(frozen=True, slots=True)
class FormPart:
    """Questions that stand together; the number of each among all (0: not numbered)."""

    title: Text | None
    items: tuple[tuple[int, Item], ...]


@dataclass(frozen=True, slots=True)
class More:
    """What is asked below the overall question."""

    parts: tuple[FormPart, ...]
    total: int
    required: bool

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> More:
        """Lay out a questionnaire: many questions to an element make numbered parts of elements."""
        items = [item for item in questionnaire.items if item is not questionnaire.overall]
        titles = {element.id: element.title for element in questionnaire.elements}
        longest = max(map(len, questionnaire.elements_of().values()), default=0)
        if longest <= LONGEST_WITHOUT_PARTS:
            parts = [FormPart(None, tuple((0, item) for item in items))] if items else []
        else:
            numbered = groupby(enumerate(items, start=1), key=lambda one: one[1].element)
            parts = [FormPart(titles.get(name or ""), tuple(part)) for name, part in numbered]
        return cls(tuple(parts), len(items), any(item.required for item in items))

    @property
    def seconds(self) -> int:
        """About how long it takes, in tens of seconds."""
        return -(-SECONDS_A_QUESTION * self.total // 10) * 10


FORM = "form"  # where a problem is the whole form's, not a question's


Asks = Literal["answers", "comment"]
"""What a page asks for: answers, or a comment alone."""

_ANOTHER: dict[Asks, str] = {"answers": "done.another", "comment": "comment.another"}


def address_of(desk: AnyDesk, what: Asks = "answers") -> str:
    """Return the path of the page that asks for this; "" for a slip's, which no page may hold."""
    if not isinstance(desk, Desk):
        return ""
    return f"/r/{desk.link.code}{'/comment' if what == 'comment' else ''}"


class FormAgain(Exception):
    """The form was not taken; ``html`` shows it again with the answers kept."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html


class AlreadyCounted(Exception):
    """It was sent before with other content; what came first is kept."""

    def __init__(self, desk: AnyDesk, what: Asks = "answers") -> None:
        super().__init__()
        self.desk = desk
        self.what = what


class NoSlip(Exception):
    """A slip that cannot be answered with; ``poster`` is the code of its counter's poster."""

    def __init__(
        self,
        state: SlipState | Literal["unknown"],
        desk: SlipDesk | None = None,
        poster: str | None = None,
    ) -> None:
        super().__init__()
        self.state, self.desk, self.poster = state, desk, poster


class FormPage:
    """The citizen's pages of one installation.

    Style and script stand inside the page: the first visit is one request that fits the first
    network flight, and the policy allows exactly these two by their hashes.
    """

    def __init__(self, questionnaires: Published, sentences: Sentences, simulated: bool) -> None:
        self._questionnaires = questionnaires
        self._sentences = sentences
        self._simulated = simulated
        self._style = _close((_STATIC / "respond.css").read_text(encoding="utf-8"))
        self._script = _lean((_STATIC / "respond.js").read_text(encoding="utf-8"))
        self._hashes = inline_hash(self._style), inline_hash(self._script)
        self._prepared = lru_cache(maxsize=1024)(self._prepare)

    def blank(
        self, desk: AnyDesk, lang: str, response_id: str, token: str, *, sent: bool = False
    ) -> Response:
        """Return the empty form, compressed where the browser takes it.

        ``sent``: this browser sent it a moment ago; it says so before anything is asked.
        """
        allow_inline(*self._hashes)
        page, words = self._prepared(desk, lang, sent), {_ID_MARK: response_id, _TOKEN_MARK: token}
        headers = {"Vary": "Accept-Encoding"}
        if not takes_gzip():
            return Response(page.text(words), mimetype="text/html", headers=headers)
        headers["Content-Encoding"] = "gzip"
        return Response(page.gzip(words), mimetype="text/html", headers=headers)

    def _prepare(self, desk: AnyDesk, lang: str, sent: bool) -> PreparedPage:
        page, script, rest = self._draw_form(desk, lang, sent=sent).partition("<script>")
        return PreparedPage(_close(page) + script + rest, (_ID_MARK, _TOKEN_MARK))

    def filled(
        self,
        desk: AnyDesk,
        lang: str,
        response_id: str,
        token: str,
        values: MultiDict[str, str],
        problems: Mapping[str, str],
    ) -> str:
        """Return the form with the answers that were sent and the problems beside them."""
        allow_inline(*self._hashes)
        return self._draw_form(desk, lang, response_id, token, values, problems)

    def comment(
        self,
        desk: AnyDesk,
        lang: str,
        response_id: str,
        token: str,
        values: MultiDict[str, str] | None = None,
        problems: Mapping[str, str] | None = None,
        *,
        sent: bool = False,
    ) -> str:
        """Return the page that asks for a comment alone; as `blank` and `filled`."""
        allow_inline(*self._hashes)
        questionnaire = self._questionnaires[desk.counter.questionnaire]
        return render_template(
            "respond/comment.html",
            **self._frame(desk, lang, "comment"),
            questionnaire=questionnaire,
            sectors=_asked_sectors(desk, questionnaire),
            response_id=response_id,
            token=token,
            values=values if values is not None else MultiDict(),
            again=values is not None,
            problems=problems or {},
            sent=sent,
        )

    def preview(self, desk: AnyDesk, lang: str, questionnaire: Questionnaire, bar: Markup) -> str:
        """Return the form that a questionnaire would make. It cannot be sent.

        ``bar``: what its maker reads above it.
        """
        allow_inline(*self._hashes)
        token = f"{questionnaire.fingerprint}."  # answers tried on other words are not put back
        form = self._form(desk, lang, questionnaire)
        return render_template(
            "respond/form.html", **form, token=token, values=MultiDict(), problems={}, preview=bar
        )

    def thanks(self, desk: AnyDesk, lang: str, *, answered: bool, what: Asks = "answers") -> str:
        """Return the page after sending; to who comes there without an answer it says so."""
        if not answered:
            return self.message(lang, "done.nothing", desk=desk, what=what)
        allow_inline(*self._hashes)
        then = "comment.next" if what == "comment" else "done.next"
        return render_template("respond/thanks.html", **self._frame(desk, lang, what), next=then)

    def start(self, lang: str, given: str, *, unknown: bool = False) -> str:
        """Return the page that asks for the code on the poster."""
        allow_inline(*self._hashes)
        frame = self._frame(None, lang)
        return render_template("respond/start.html", **frame, given=given, unknown=unknown)

    def message(
        self,
        lang: str,
        key: str,
        words: Mapping[str, object] | None = None,
        desk: AnyDesk | None = None,
        poster: str | None = None,
        what: Asks = "answers",
    ) -> str:
        """Return a page that says one thing: code gone, already counted, our fault.

        ``poster``: the code by which one can answer instead.
        """
        allow_inline(*self._hashes)
        frame = self._frame(desk, lang, what)
        given = {"key": key, "words": words or {}, "poster": poster}
        return render_template("respond/message.html", **frame, **given)

    def _draw_form(
        self,
        desk: AnyDesk,
        lang: str,
        response_id: str = _ID_MARK,
        token: str = _TOKEN_MARK,
        values: MultiDict[str, str] | None = None,
        problems: Mapping[str, str] | None = None,
        *,
        sent: bool = False,
    ) -> str:
        questionnaire = self._questionnaires[desk.counter.questionnaire]
        return render_template(
            "respond/form.html",
            **self._form(desk, lang, questionnaire),
            response_id=response_id,
            token=token,
            values=values if values is not None else MultiDict(),
            again=values is not None,
            problems=problems or {},
            sent=sent,
        )

    def _form(self, desk: AnyDesk, lang: str, questionnaire: Questionnaire) -> dict[str, object]:
        return self._frame(desk, lang) | {
            "questionnaire": questionnaire,
            "sectors": _asked_sectors(desk, questionnaire),
            "more": More.of(questionnaire),
        }

    def _frame(self, desk: AnyDesk | None, lang: str, what: Asks = "answers") -> dict[str, object]:
        def say(key: str, **words: object) -> str:
            return self._sentences.get(key, lang, **words)

        return {
            "desk": desk,
            "address": desk and address_of(desk, what),
            "another": _ANOTHER[what],
            "lang": lang,
            "say": say,
            "simulated": self._simulated,
            # Our own files, read at start: safe to stand in the page as they are.
            "style": Markup(self._style),  # noqa: S704
            "script": Markup(self._script),  # noqa: S704
        }


def _close(page: str) -> str:
    """Style and markup without their layout. Not for what a person wrote in lines of their own."""
    return re.sub(r"\s+", " ", page)


def _lean(script: str) -> str:
    """The script without what only its readers need: a tenth of the page."""
    return re.sub(r"^\s*(//.*)?\n?", "", script, flags=re.MULTILINE)


def _asked_sectors(desk: AnyDesk, questionnaire: Questionnaire) -> tuple[Sector, ...]:
    """The sectors to choose from: asked only where the counter serves several."""
    return desk.sectors if questionnaire.about_sector and len(desk.sectors) > 1 else ()
