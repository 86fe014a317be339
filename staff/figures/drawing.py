"""Draws charts as SVG on the server. Colours are classes of figures.css; no style stands in the drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

WIDTH = 920
_LEFT = 52
_RIGHT = 12
_TOP = 14
_HEIGHT = 220
_LABEL = 250
_NUMBER = 96
_ROW = 34
_MOST_TICKS = 5
_LABEL_EACH = 56  # px that a day's label needs
_ONE_CHAR = 14


@dataclass(frozen=True)
class Part:
    """One coloured part of a bar: a class, what it means, and how many."""

    kind: str
    words: str
    count: int


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its parts, and what stands at its end."""

    label: str
    parts: tuple[Part, ...]
    end: str = ""

    @property
    def total(self) -> int:
        """All parts together."""
        return sum(part.count for part in self.parts)


@dataclass(frozen=True)
class Curve:
    """One line of shares over time: a class, what it means, and a share (0 to 1) for each label, or None."""

    kind: str
    words: str
    shares: tuple[float | None, ...]


def columns(bars: Sequence[Bar], title: str) -> Markup:
    """Draw upright stacked bars, one a day; heights are counts, from zero."""
    top = ticks(max((bar.total for bar in bars), default=0))
    most = top[-1] or 1
    wide = (WIDTH - _LEFT - _RIGHT) / max(1, len(bars))
    drawn: list[Markup] = []
    for tick in top:
        y = _TOP + _HEIGHT * (1 - tick / most)
        drawn += [_line(_LEFT, y, WIDTH - _RIGHT, y), _text(_LEFT - 8, y + 4, f"{tick}", "end")]
    every = max(1, -(-_LABEL_EACH // max(1, int(wide))))
    for place, bar in enumerate(bars):
        left, y = _LEFT + place * wide, float(_TOP + _HEIGHT)
        for part in bar.parts:
            height = _HEIGHT * part.count / most
            y -= height
            if part.count:
                told = f"{bar.label} {part.words} {part.count}"
                drawn.append(_rect(left + wide * 0.14, y, wide * 0.72, height, part.kind, told))
        if place % every == 0:
            drawn.append(_text(left + wide / 2, _TOP + _HEIGHT + 20, bar.label, "middle"))
    drawn.append(_line(_LEFT, _TOP + _HEIGHT, WIDTH - _RIGHT, _TOP + _HEIGHT, "base"))
    return _svg(_TOP + _HEIGHT + 30, title, drawn)


def rows(bars: Sequence[Bar], title: str, *, as_shares: bool = False) -> Markup:
    """Draw lying stacked bars. `as_shares`: each is as long as the others and shows its own parts' shares."""
    most = max((bar.total for bar in bars), default=0) or 1
    room = WIDTH - _LABEL - _NUMBER
    drawn: list[Markup] = []
    for place, bar in enumerate(bars):
        y, left = place * _ROW + 4.0, float(_LABEL)
        drawn.append(_text(_LABEL - 12, y + 18, _short(bar.label), "end label"))
        whole = (bar.total if as_shares else most) or 1
        for part in bar.parts:
            width = room * part.count / whole
            if not part.count:
                continue
            share = f"{part.count / bar.total:.0%}"
            told = f"{bar.label} {part.words} {part.count}" + (f"（{share}）" if as_shares else "")
            drawn.append(_rect(left, y, width, _ROW - 10, part.kind, told))
            if as_shares and width > 40:
                drawn.append(_text(left + width / 2, y + 17, share, f"middle on-{part.kind}"))
            left += width
        drawn.append(_text(left + 8, y + 17, bar.end or f"{bar.total}", ""))
    return _svg(len(bars) * _ROW + 4, title, drawn)


def curves(lines: Sequence[Curve], labels: Sequence[str], title: str) -> Markup:
    """Draw shares over time, from 0 to 100 %. Where there is nothing to count a line is broken, not zero."""
    wide = (WIDTH - _LEFT - _RIGHT) / max(1, len(labels))
    drawn: list[Markup] = []
    for tick in range(0, 101, 25):
        y = _share_height(tick / 100)
        drawn += [
            _line(_LEFT, y, WIDTH - _RIGHT, y, "grid" if tick else "base"),
            _text(_LEFT - 8, y + 4, f"{tick}%", "end"),
        ]
    every = max(1, -(-_LABEL_EACH // max(1, int(wide))))
    across = [_LEFT + (place + 0.5) * wide for place in range(len(labels))]
    drawn += [
        _text(x, _TOP + _HEIGHT + 20, label, "middle")
        for place, (x, label) in enumerate(zip(across, labels, strict=True))
        if place % every == 0
    ]
    for line in lines:
        points = list(zip(across, labels, line.shares, strict=True))
        for (x1, _, before), (x2, _, after) in pairwise(points):
            if before is not None and after is not None:
                drawn.append(_line(x1, _share_height(before), x2, _share_height(after), f"curve {line.kind}"))
        for x, label, share in points:
            if share is not None:
                told = f"{label} {line.words} {share:.0%}"
                drawn.append(_dot(x, _share_height(share), line.kind, told))
    return _svg(_TOP + _HEIGHT + 30, title, drawn)


def ticks(most: int) -> list[int]:
    """Return whole round numbers from zero to at least `most`, a handful of them."""
    step = 1
    while most > step * _MOST_TICKS:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return list(range(0, max(most, 1) + step, step))


def _short(text: str) -> str:
    most = (_LABEL - 12) // _ONE_CHAR
    return text if len(text) <= most else text[: most - 1] + "…"


def _line(x1: float, y1: float, x2: float, y2: float, kind: str = "grid") -> Markup:
    line = '<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>'
    return Markup(line).format(kind, x1, y1, x2, y2)


def _share_height(share: float) -> float:
    return _TOP + _HEIGHT * (1 - share)


def _dot(x: float, y: float, kind: str, told: str) -> Markup:
    dot = '<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="4.5"><title>{}</title></circle>'
    return Markup(dot).format(kind, x, y, told)


def _rect(x: float, y: float, width: float, height: float, kind: str, told: str) -> Markup:
    bar = (
        '<rect class="part {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
    )
    return Markup(bar).format(kind, x, y, width, height, told)


def _text(x: float, y: float, text: str, kind: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(kind, x, y, text)


def _svg(height: float, title: str, drawn: Iterable[Markup]) -> Markup:
    head = '<svg viewBox="0 0 {} {:.0f}" role="img" aria-label="{}">{}</svg>'
    return Markup(head).format(WIDTH, height, escape(title), Markup("").join(drawn))
