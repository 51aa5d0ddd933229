"""A chart's SVG file as a part of an HTML page: smaller, and coloured by the page's style sheet.

Owns the way from matplotlib's file to this part. Draws nothing, and changes nothing that is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Final
from xml.etree import ElementTree

_SVG: Final = "http://www.w3.org/2000/svg"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_LONG: Final = re.compile(r"-?\d+\.\d{2,}")
_SPACED: Final = re.compile(r" ?\b([MLCz]) ?(?=[-\d]|$|[MLCz ])")
_COMMAND: Final = re.compile(r"([MLCz])([^MLCz]*)")
_LINE: Final = re.compile(r"M(\S+) (\S+)L(\S+) (\S+)")
_ROUND: Final = 0.2  # points by which a circle is as high as wide
_STILL: Final = re.compile(r"rotate\(-?0 [^)]*\)")
_PLAIN: Final = {"font-family", "stroke-linejoin"}  # those of the page; those of every line
_USUAL: Final = (("text-anchor", "start"), ("stroke-dashoffset", "0"))
_OWN: Final = ("d", "x", "y", "href", "id", "transform")  # where and what, not how it looks
_LOOKS: Final = ("fill", "stroke", "stroke-width")
_OF_AN_AXIS: Final = "defs path use text"
"""Its lines, marks and words, each together, which `_join` and `_gather` then say once."""
_REFERENCE: Final = re.compile(r"url\(#([^)]+)\)")


def inline_svg(file: bytes, name: str) -> str:
    """The drawing of an SVG file of `chart_bytes` as an element of a page.

    Parameters
    ----------
    file
        As matplotlib writes it, with text as text.
    name
        What its own ids begin with: no two drawings of a page may share them.

    Returns
    -------
    str
        An `svg` element without size, which its style sheet gives. Styles are attributes, as a
        strict policy of the page allows no others and a style sheet may overrule them: in the dark,
        say. It is hidden from screen readers, which are given the table beside it.
    """
    root = ElementTree.fromstring(file)  # noqa: S314  our own file
    used = {found: f"{name}{number}" for number, found in enumerate(_references(root))}
    drawn = ElementTree.Element("svg", {"viewBox": _short(root.get("viewBox", ""))})
    drawn.attrib |= {"aria-hidden": "true", "focusable": "false", "stroke-linejoin": "round"}
    for child in root:
        if child.tag in (f"{{{_SVG}}}title", f"{{{_SVG}}}metadata"):
            continue
        drawn.extend(_kept(child, used))
    _round(drawn)
    _place(drawn)
    _join(drawn)
    for one in drawn.iter("path"):
        one.set("d", _along(one.get("d", "")))
    _gather(drawn)
    return ElementTree.tostring(drawn, encoding="unicode").replace(" />", "/>")


def _references(root: ElementTree.Element) -> list[str]:
    """The ids that something in the drawing refers to, in their order."""
    found: dict[str, None] = {}
    for one in root.iter():
        link = one.get(_LINK)
        if link:
            found[link.removeprefix("#")] = None
        for value in one.attrib.values():
            found |= dict.fromkeys(_REFERENCE.findall(value))
    return list(found)


def _kept(one: ElementTree.Element, used: dict[str, str]) -> Iterator[ElementTree.Element]:
    """The element by itself; of a group that says nothing, its parts; of a style sheet nothing."""
    tag = one.tag.removeprefix(f"{{{_SVG}}}")
    parts = [part for child in one for part in _kept(child, used)]
    if one.get("id", "").startswith("matplotlib.axis_"):
        parts.sort(key=lambda part: _OF_AN_AXIS.find(part.tag))
    known = dict(_attributes(one, used))
    if tag == "style" or (tag in ("g", "defs") and not parts) or _unseen(tag, known):
        return
    if tag == "g" and not known:
        yield from parts
        return
    made = ElementTree.Element(tag, known)
    made.text = one.text if tag in ("text", "tspan") else None
    made.extend(parts)
    yield made


def _unseen(tag: str, known: Mapping[str, str]) -> bool:
    """A line without colour: matplotlib writes one wherever its width is nought."""
    return tag == "path" and known.get("fill") == "none" and "stroke" not in known


def _round(drawn: ElementTree.Element) -> None:
    """Name a circle as one: matplotlib writes eight curves."""
    for one in drawn.iter("path"):
        path = one.get("d", "")
        if _COMMAND.sub(r"\1", path) != "MCCCCCCCCz":
            continue
        ends = [numbers.split()[-2:] for _, numbers in _COMMAND.findall(path)[:-1]]
        across, down = zip(*((float(x), float(y)) for x, y in ends), strict=True)
        wide, high = max(across) - min(across), max(down) - min(down)
        if abs(wide - high) > _ROUND:
            continue
        one.tag = "circle"
        del one.attrib["d"]
        middle = {"cx": min(across) + wide / 2, "cy": min(down) + high / 2}
        one.attrib |= {key: _tenth(value) for key, value in middle.items() if abs(value) >= 0.05}
        one.set("r", _tenth(wide / 2))


def _place(drawn: ElementTree.Element) -> None:
    """Draw each mark that is one line where it stands, so that `_join` makes one path of them."""
    shapes = ((one.get("id"), _LINE.fullmatch(one.get("d", ""))) for one in drawn.iter("path"))
    lines = {name: [*map(float, found.groups())] for name, found in shapes if name and found}
    for one in drawn.iter("use"):
        line = lines.get(one.get("href", "").removeprefix("#"))
        if line is None:
            continue
        one.tag = "path"
        del one.attrib["href"]
        x, y = (float(one.attrib.pop(key, "0")) for key in ("x", "y"))
        start, end = ((_tenth(x + line[n]), _tenth(y + line[n + 1])) for n in (0, 2))
        one.attrib |= {"d": f"M{' '.join(start)}L{' '.join(end)}", "fill": "none"}
    for one in list(drawn.iter()):
        for child in list(one):
            if child.tag == "defs" and all(shape.get("id") in lines for shape in child):
                one.remove(child)


def _join(drawn: ElementTree.Element) -> None:
    """Make one path of neighbouring lines that look the same; let a mark's shape say no colour.

    The colours of a shape are those of where it is used, which a style sheet can reach. Lines
    alone: of two areas one can cut a hole into the other.
    """
    shapes = {one.get("id"): one for one in drawn.iter() if one.get("id")}
    for one in drawn.iter("use"):
        shape = shapes.get(one.get("href", "").removeprefix("#"))
        for key in _LOOKS:
            if shape is not None and key in one.attrib:
                shape.attrib.pop(key, None)
    last: ElementTree.Element | None = None
    for one in list(drawn):
        if last is not None and one.get("fill") == "none" and _looks(one) == _looks(last):
            last.set("d", f"{last.get('d')}{one.get('d')}")
            drawn.remove(one)
        else:
            last = one if one.tag == "path" else None


def _looks(one: ElementTree.Element) -> dict[str, str]:
    return {key: value for key, value in one.attrib.items() if key not in _OWN}


def _gather(drawn: ElementTree.Element) -> None:
    """Say once what neighbouring words, or marks, have in common: in a group around them."""
    parts = [list(run) for _, run in groupby(drawn, lambda one: (one.tag, _looks(one)))]
    for one in list(drawn):
        drawn.remove(one)
    for run in parts:
        common = _looks(run[0])
        if len(run) == 1 or run[0].tag not in ("text", "use"):
            drawn.extend(run)
            continue
        group = ElementTree.SubElement(drawn, "g", common)
        for one in run:
            for key in common:
                del one.attrib[key]
        group.extend(run)


def _attributes(one: ElementTree.Element, used: dict[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in one.attrib.items():
        if key == "id":
            if value in used:
                yield "id", used[value]
        elif key == _LINK:
            yield "href", f"#{used[value.removeprefix('#')]}"
        elif key == "style":
            yield from _styles(value, used)
        elif not _STILL.fullmatch(value):
            yield key, _short(_renamed(value, used))


def _styles(style: str, used: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each property as an attribute; `font`, which is none, as those that it is short for."""
    for part in filter(None, map(str.strip, style.split(";"))):
        key, value = (text.strip() for text in part.split(":", 1))
        if key == "font":
            size = re.search(r"([\d.]+px)", value)
            weight = re.search(r"\b(bold|[1-9]00)\b", value)
            yield from (("font-size", size[1]),) if size else ()
            yield from (("font-weight", weight[1]),) if weight else ()
        elif key not in _PLAIN and (key, value) not in _USUAL:
            yield key, _short(_renamed(value, used))


def _renamed(value: str, used: dict[str, str]) -> str:
    return _REFERENCE.sub(lambda found: f"url(#{used[found[1]]})", value)


def _short(value: str) -> str:
    """Numbers to a tenth of a point, and one space between them."""
    short = _LONG.sub(lambda found: _tenth(float(found[0])), value)
    return _SPACED.sub(r"\1", " ".join(short.split()))


def _tenth(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _along(path: str) -> str:
    """Lines across and down with the one number that changes."""
    found, x, y = [], "", ""
    for command, numbers in _COMMAND.findall(path):
        *_, right, down = numbers.split() or (x, y)
        if command == "L" and (right == x or down == y):
            found.append(f"H{right}" if down == y else f"V{down}")
        else:
            found.append(f"{command}{numbers}")
        x, y = right, down
    return "".join(found)
