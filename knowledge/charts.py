"""Pictures for the evaluation page, as SVG drawn by hand; their colours are the page's classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup, escape

from knowledge.diagnosis import Bin, Confusion, Outcome

_SIDE = 320  # of the square in which confidence meets accuracy
_LEFT = 48
_TOP = 28
_COUNTS = 70  # height of the bars that tell how many questions each point stands for

_ROW = 26
_LABEL = 190
_BAR = 430

# Name and class of what may become of a question, in the order in which the bar shows them.
OUTCOMES = (
    ("right", "answered right 答对"),
    ("asked_back_right", "asked back, right one offered 反问且含正确项"),
    ("asked_back_other", "asked back without it 反问但不含"),
    ("declined", "declined 婉拒"),
    ("wrong", "answered wrong 答错"),
)


def reliability_chart(bins: Sequence[Bin]) -> Markup:
    """Draw accuracy against confidence, the diagonal of a true one, and how many questions each bin holds."""
    most = max((one.count for one in bins), default=0) or 1
    drawn: list[Markup] = [_grid(), _line(_x(0), _y(0), _x(1), _y(1), "diagonal")]
    points = [
        (_x(b.mean_confidence), _y(b.accuracy)) for b in bins if b.accuracy is not None and b.mean_confidence
    ]
    if points:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn.append(Markup('<polyline class="curve" points="{}"/>').format(path))
    base = _TOP + _SIDE + 40 + _COUNTS
    for one in bins:
        if one.accuracy is not None and one.mean_confidence is not None:
            told = f"{one.count} questions: confidence {one.mean_confidence:.2f}, right {one.accuracy:.2f}"
            circle = '<circle class="point" cx="{:.1f}" cy="{:.1f}" r="5"><title>{}</title></circle>'
            drawn.append(Markup(circle).format(_x(one.mean_confidence), _y(one.accuracy), told))
        height = _COUNTS * one.count / most
        width = _x(one.high) - _x(one.low) - 4
        drawn.append(_bar(_x(one.low) + 2, base - height, width, height, "count", f"{one.count}"))
        drawn.append(_text((_x(one.low) + _x(one.high)) / 2, base + 14, f"{one.count}", "small middle"))
    middle = _LEFT + _SIDE / 2
    drawn.append(_text(middle, _TOP + _SIDE + 32, "confidence 把握", "middle"))
    drawn.append(_text(middle, base + 30, "number of questions 问题数", "middle"))
    drawn.append(_text(_LEFT, _TOP - 12, "share that was right 答对的比例", ""))
    return _svg(_LEFT + _SIDE + 20, base + 40, "Reliability: how often a confidence is right", drawn)


def outcome_chart(rows: Mapping[str, Outcome]) -> Markup:
    """Draw one stacked bar a row: what became of the questions."""
    drawn: list[Markup] = []
    for place, (label, outcome) in enumerate(rows.items()):
        top = place * _ROW
        drawn.append(_text(_LABEL - 8, top + 17, f"{label} ({outcome.total})", "end"))
        left = float(_LABEL)
        for name, told in OUTCOMES:
            count = getattr(outcome, name)
            width = _BAR * count / outcome.total if outcome.total else 0
            if width:
                share = f"{count / outcome.total:.0%}"
                drawn.append(_bar(left, top + 4, width, _ROW - 8, name, f"{told}: {count}, {share}"))
                if width > 34:
                    drawn.append(_text(left + width / 2, top + 17, share, "small middle on-bar"))
            left += width
    return _svg(_LABEL + _BAR + 10, len(rows) * _ROW + 4, "Shares answered, asked back and declined", drawn)


def confusion_chart(pairs: Sequence[Confusion], names: Mapping[str, str]) -> Markup:
    """Draw what is mixed up: asked for on the left, found on the right, thick lines are frequent."""
    lefts = _slots(pair.meant for pair in pairs)
    rights = _slots(pair.found for pair in pairs)
    most = max((pair.count for pair in pairs), default=1)
    begin, end = 300, 500
    drawn: list[Markup] = []
    for pair in pairs:
        y1, y2 = lefts[pair.meant] * _ROW + 32, rights[pair.found] * _ROW + 32
        curve = f"M{begin},{y1} C{(begin + end) / 2},{y1} {(begin + end) / 2},{y2} {end},{y2}"
        told = f"{_name(pair.meant, names)} → {_name(pair.found, names)}: {pair.count}"
        stroke = 1 + 7 * pair.count / most
        line = '<path class="mixed" d="{}" stroke-width="{:.1f}"><title>{}</title></path>'
        drawn.append(Markup(line).format(curve, stroke, told))
    drawn.append(_text(begin - 8, 14, "asked for 问的是", "end strong"))
    drawn.append(_text(end + 8, 14, "stood first 排在首位", "strong"))
    drawn += [_text(begin - 8, y * _ROW + 37, _short(_name(e, names)), "end") for e, y in lefts.items()]
    drawn += [_text(end + 8, y * _ROW + 37, _short(_name(e, names)), "") for e, y in rights.items()]
    height = max(len(lefts), len(rights)) * _ROW + 30
    return _svg(800, height, "Guides that are mixed up most often", drawn)


def _slots(entries: Iterable[str]) -> dict[str, int]:
    return {entry: place for place, entry in enumerate(dict.fromkeys(entries))}


def _name(entry: str, names: Mapping[str, str]) -> str:
    return names.get(entry, entry)


def _short(text: str, most: int = 20) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _grid() -> Markup:
    lines: list[Markup] = []
    for tenth in range(0, 11, 2):
        share = tenth / 10
        lines += [
            _line(_x(share), _y(0), _x(share), _y(1), "grid"),
            _line(_x(0), _y(share), _x(1), _y(share), "grid"),
            _text(_x(share), _y(0) + 14, f"{share:.1f}", "small middle"),
            _text(_x(0) - 6, _y(share) + 4, f"{share:.1f}", "small end"),
        ]
    return Markup("").join(lines)


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    line = '<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>'
    return Markup(line).format(kind, x1, y1, x2, y2)


def _bar(x: float, y: float, width: float, height: float, kind: str, told: str) -> Markup:
    bar = '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
    return Markup(bar).format(kind, x, y, width, height, told)


def _text(x: float, y: float, text: str, kind: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(kind, x, y, text)


def _svg(width: float, height: float, title: str, drawn: Iterable[Markup]) -> Markup:
    head = '<svg viewBox="0 0 {:.0f} {:.0f}" width="{:.0f}" role="img" aria-label="{}">{}</svg>'
    return Markup(head).format(width, height, width, escape(title), Markup("").join(drawn))
