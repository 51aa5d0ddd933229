"""The funnel of offices as a picture: SVG from figures that are computed and kept. Computes none.

Shapes tell apart before shades do: a dot is like the others, a triangle points to where an office
lies.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

_INK, _FAINT, _LINE, _DOT = "#1b1f24", "#57606a", "#c9ced4", "#7b8590"
_LABELLED: Final = 8
"""As many offices that are unlike the others have their name beside them."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Width, height, and what is left at the edges, in pixels."""

    width: int
    height: int
    left: int = 58
    right: int = 16
    top: int = 14
    bottom: int = 52


WIDE: Final = Sheet(900, 400)
NARROW: Final = Sheet(360, 360)


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in the picture, in the reader's language; `thousand` parts large numbers."""

    title: str
    across: str
    centre: str
    limits: str
    thousand: str

    def percent(self, share: float) -> str:
        """A share in whole percent."""
        return f"{100 * share:.0f}%"

    def number(self, value: int) -> str:
        """A count."""
        return f"{value:,}".replace(",", self.thousand)


class _Axes:
    """From answers (by their logarithm) and shares to pixels."""

    def __init__(self, sheet: Sheet, funnel: Mapping[str, Any]) -> None:
        sizes = [n for n, _, _ in funnel["limits"]]
        self.sheet, self.least, self.most = sheet, max(1, min(sizes)), max(2, *sizes)
        shares = [share for _, share, _ in funnel["points"].values()]
        big = [low for n, low, _ in funnel["limits"] if n >= 10]
        self.low = max(0.0, math.floor(10 * min([*shares, *big, 0.9]) - 1e-9) / 10)

    def x(self, answered: int) -> float:
        sheet, wide = self.sheet, math.log(self.most / self.least) or 1.0
        part = math.log(max(answered, self.least) / self.least) / wide
        return float(round(sheet.left + part * (sheet.width - sheet.left - sheet.right), 1))

    def y(self, share: float) -> float:
        sheet, part = self.sheet, (1 - max(share, self.low)) / (1 - self.low)
        return float(round(sheet.top + part * (sheet.height - sheet.top - sheet.bottom), 1))


def funnel_svg(
    funnel: Mapping[str, Any], names: Mapping[str, str], words: Words, sheet: Sheet
) -> str:
    """Draw kept figures (`survey.figures.overviews`); `names` of the offices in them."""
    axes = _Axes(sheet, funnel)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {sheet.width} {sheet.height}" '
        f'role="img" font-family="system-ui,sans-serif" font-size="13" fill="{_INK}">',
        f"<title>{escape(words.title)}</title>",
        f'<rect width="{sheet.width}" height="{sheet.height}" fill="#fff"/>',
        *_grid(axes, words),
        *_limits(axes, funnel, words),
        *_points(axes, funnel, names),
        "</svg>",
    ]
    return "\n".join(parts)


def _grid(axes: _Axes, words: Words) -> Iterator[str]:
    sheet, right = axes.sheet, axes.sheet.width - axes.sheet.right
    steps = max(1, round((1 - axes.low) * 10))
    for step in range(0, steps + 1, 2 if steps > 6 else 1):
        share = 1 - step / 10
        y = axes.y(share)
        yield f'<path d="M{sheet.left} {y}H{right}" stroke="{_LINE}" stroke-width="1"/>'
        where = f'x="{sheet.left - 6}" y="{y + 4}" text-anchor="end"'
        yield f"<text {where}>{words.percent(share)}</text>"
    bottom = sheet.height - sheet.bottom
    for answered in _ticks(axes.least, axes.most):
        x = axes.x(answered)
        yield f'<path d="M{x} {bottom}v5" stroke="{_FAINT}"/>'
        where = f'x="{x}" y="{bottom + 19}" text-anchor="middle"'
        yield f"<text {where}>{words.number(answered)}</text>"
    middle = (sheet.left + right) / 2
    yield (
        f'<text x="{middle}" y="{sheet.height - 10}" text-anchor="middle" fill="{_FAINT}">'
        f"{escape(words.across)}</text>"
    )


def _ticks(least: int, most: int) -> Sequence[int]:
    found = [
        digit * 10**power
        for power in range(7)
        for digit in (1, 2, 5)
        if least <= digit * 10**power <= most
    ]
    return found[:: max(1, len(found) // 6 + (len(found) % 6 > 0))] or [least, most]


def _limits(axes: _Axes, funnel: Mapping[str, Any], words: Words) -> Iterator[str]:
    y, right = axes.y(funnel["centre"]), axes.sheet.width - axes.sheet.right
    third = funnel["limits"][len(funnel["limits"]) // 3]  # to the right of it nothing lies below
    low = min(axes.y(third[1]) + 22, axes.sheet.height - axes.sheet.bottom - 6)
    for x, at, text in (
        (axes.sheet.left + 8, y - 6, words.centre),
        (axes.x(third[0]) + 10, low, words.limits),
    ):
        yield f'<text x="{x}" y="{round(at, 1)}" fill="{_FAINT}">{escape(text)}</text>'
    for side in (1, 2):
        line = " ".join(f"{axes.x(one[0])},{axes.y(one[side])}" for one in funnel["limits"])
        yield f'<polyline points="{line}" fill="none" stroke="{_FAINT}" stroke-dasharray="5 4"/>'
    yield f'<path d="M{axes.sheet.left} {y}H{right}" stroke="{_INK}" stroke-width="1.5"/>'


def _points(axes: _Axes, funnel: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    alike: list[tuple[str, float, float, str]] = []
    apart: list[tuple[str, float, float, str]] = []
    for office, (answered, share, signal) in funnel["points"].items():
        if office in names:
            at = axes.x(answered), axes.y(share)
            (apart if signal in ("higher", "lower") else alike).append((office, *at, signal))
    dots = "".join(f"M{x} {y}h0" for _, x, y, _ in alike)
    if dots:
        size = 6 if len(alike) < 300 else 3.5
        yield f'<path d="{dots}" stroke="{_DOT}" stroke-width="{size}" stroke-linecap="round"/>'
    taken: list[float] = []
    for number, (office, x, y, signal) in enumerate(sorted(apart, key=lambda one: one[2])):
        turned = -1 if signal == "higher" else 1
        yield (
            f'<path d="M{x - 6} {round(y - turned * 5, 1)}h12l-6 {turned * 10}z" '
            f'fill="{_INK if signal == "lower" else "#fff"}" stroke="{_INK}" stroke-width="1.5"/>'
        )
        if number < _LABELLED:
            line = max([y, *(one + 15 for one in taken if abs(one - y) < 15)])
            taken.append(line)
            yield _name(axes, names[office], x, line)


def _name(axes: _Axes, name: str, x: float, y: float) -> str:
    ends = x > axes.sheet.width * 0.6
    where = f'x="{x - 10}" text-anchor="end"' if ends else f'x="{x + 10}"'
    return f'<text {where} y="{y + 4}">{escape(name)}</text>'
