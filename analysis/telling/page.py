"""A page of results that needs no other file and no network.

Owns the frame and the style around what reports and notebooks say. Says nothing itself.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template


def page(body: str, *, title: str, lang: str = "vi") -> str:
    """HTML around `body`, which is HTML already; title and language are escaped here."""
    folder = files("analysis") / "data" / "page"
    frame = Template((folder / "page.html").read_text(encoding="utf-8"))
    style = (folder / "page.css").read_text(encoding="utf-8")
    return frame.substitute(lang=escape(lang), title=escape(title), style=style, body=body)
