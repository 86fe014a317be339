"""Turns replies and sessions into pages: templates, icons, QR codes, and the order of a reply's blocks."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from language.reply import Block, BlockKind, Choice, Decision, Item, Reply
from language.texts import Texts

FOLDER = Path(__file__).resolve().parent
VENDORED = FOLDER / "static" / "vendor"

THEME_ICONS = {
    "生育收养": "baby",
    "入学教育": "graduation-cap",
    "就业创业": "briefcase-business",
    "社保医保": "shield-plus",
    "住房物业": "house",
    "户籍证件": "id-card",
    "养老助残": "heart-handshake",
    "救助补贴": "hand-coins",
    "档案查询": "archive",
    "便民服务": "store",
}

# Fact labels are words of the knowledge room; a card shows the icon of the first word that its label holds.
_FACT_ICONS = (
    ("map-pin", ("哪", "地点", "地址", "where", "place", "address")),
    ("clock", ("多久", "时限", "时间", "几点", "周", "假日", "how long", "hours", "time", "day")),
    ("wallet", ("费", "钱", "金额", "fee", "cost", "amount", "much")),
    ("phone", ("电话", "phone", "call")),
    ("user-round", ("代办", "谁", "someone", "whom", "who")),
    ("file-text", ("拿到", "结果", "receive", "result")),
)
_SHORT_FACT_CHARS = 14
_ROW_FACT_CHARS = 32  # four lines of a third of the screen
_CARDS_MOST = 4
_CARD_ICONS = ("map-pin", "clock", "wallet")
# A full stop ends a Chinese sentence wherever it stands, an English one before a space and a capital.
_SENTENCE_END = re.compile(r"[。！？](?!$|[”」）)])|[.!?](?=\s+[A-Z“])")
_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?|\d+(?:-\d+)+")


@dataclass(frozen=True)
class Arranged:
    """A reply in the order in which a screen shows it."""

    lead: str  # its first sentence
    rest: str  # what the direct answer says after that
    cautions: tuple[Block, ...]
    sources: tuple[Block, ...]
    cards: tuple[Item, ...]  # facts to be seen at a glance
    body: tuple[Block, ...]
    more: tuple[tuple[str, tuple[Item, ...]], ...]  # the other facts, by label
    choices: tuple[Choice, ...]


def arrange(reply: Reply) -> Arranged:
    """Put the direct answer first with its cautions and sources, then key facts, materials, the rest."""
    blocks = list(reply.blocks)
    lead = rest = ""
    if blocks and blocks[0].kind is BlockKind.TEXT:
        lead, rest = _first_sentence(blocks.pop(0).text)
    beside = (BlockKind.NOTICE, BlockKind.SOURCE, BlockKind.FACTS)
    body = [block for block in blocks if block.kind not in beside]
    cards, more = _split_facts([item for b in blocks if b.kind is BlockKind.FACTS for item in b.items])
    return Arranged(
        lead=lead,
        rest=rest,
        cautions=tuple(block for block in blocks if block.kind is BlockKind.NOTICE),
        sources=tuple(block for block in blocks if block.kind is BlockKind.SOURCE),
        cards=cards,
        body=tuple(sorted(body, key=lambda block: block.kind is not BlockKind.MATERIALS)),
        more=more,
        choices=_worth_offering(reply),
    )


def _split_facts(facts: list[Item]) -> tuple[tuple[Item, ...], tuple[tuple[str, tuple[Item, ...]], ...]]:
    """Return the facts for the cards (all of a few; of many, where, how long and how much), and the rest."""
    if len(facts) <= _CARDS_MOST:
        return tuple(facts), ()
    cards: dict[str, Item] = {}
    more: dict[str, list[Item]] = {}
    for fact in facts:
        picture = fact_icon(fact.label)
        if picture in _CARD_ICONS and picture not in cards:
            cards[picture] = fact
        else:
            more.setdefault(fact.label, []).append(fact)
    in_order = tuple(cards[picture] for picture in _CARD_ICONS if picture in cards)
    return in_order, tuple((label, tuple(items)) for label, items in more.items())


def _first_sentence(text: str) -> tuple[str, str]:
    match = _SENTENCE_END.search(text)
    if match is None:
        return text.strip(), ""
    return text[: match.end()].strip(), text[match.end() :].strip()


def kind_of_screen(reply: Reply) -> str:
    """Return the look that a reply gets; decisions without one of their own look like an answer."""
    own = {
        Decision.CLARIFY,
        Decision.DECLINE,
        Decision.EMERGENCY,
        Decision.HANDOFF,
        Decision.CASE,
        Decision.STATUS,
        Decision.FORM,
    }
    return str(reply.decision) if reply.decision in own else "answer"


def fact_icon(label: str) -> str:
    """Return the icon's name for a fact's label."""
    lowered = label.lower()
    return next((icon for icon, words in _FACT_ICONS if any(word in lowered for word in words)), "info")


def keep_dates_whole(text: str) -> Markup:
    """Return `text`, escaped, with its dates and numbers kept from breaking at their hyphens."""
    parts = Markup()
    end = 0
    for match in _DATE.finditer(text):
        parts += Markup("{}<span class='whole'>{}</span>").format(text[end : match.start()], match.group())
        end = match.end()
    return parts + text[end:]


def _worth_offering(reply: Reply) -> tuple[Choice, ...]:
    """Return the choices without the one for the materials that the screen lists already."""
    lists_materials = any(block.kind is BlockKind.MATERIALS for block in reply.blocks)
    if reply.guide is None or not lists_materials:
        return reply.choices
    shown = (reply.guide.id, "materials")
    return tuple(c for c in reply.choices if (c.payload.get("guide"), c.payload.get("aspect")) != shown)


def fit_side_by_side(items: Sequence[Item]) -> bool:
    """Return whether three facts are short enough to stand in one row."""
    return len(items) == 3 and all(len(item.text) + len(item.note) <= _ROW_FACT_CHARS for item in items)


def is_short_fact(text: str) -> bool:
    """Return whether a fact is short enough to be set large."""
    return len(text) <= _SHORT_FACT_CHARS


@lru_cache(maxsize=256)
def icon(name: str) -> Markup:
    """Return an icon as inline SVG, hidden from screen readers; nothing when its file is missing."""
    file = VENDORED / "icons" / f"{name}.svg"
    if not file.is_file():
        return Markup("")
    drawing = file.read_text("utf-8")
    start = drawing.index("<svg")
    # The file is ours to trust: it was copied from a pinned package.
    return Markup(drawing[start:].replace("<svg", '<svg aria-hidden="true" focusable="false"', 1))


def qr_code(address: str, label: str) -> Markup:
    """Return `address` as a QR code in inline SVG."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, svgclass="qr", lineclass=None
    )
    drawing = out.getvalue().decode()
    return Markup(drawing.replace("<svg", Markup('<svg role="img" aria-label="{}"').format(label), 1))


def say_opening(at: datetime, now: datetime, locale: str) -> str:
    """Return when the hall opens next, as one would say it; both instants in the hall's zone."""
    days = (at.date() - now.date()).days
    time = f"{at.hour}:{at.minute:02}"
    if days < 2:
        return sayer(locale)("open_tomorrow" if days else "open_today", time=time)
    day = f"{at:%a} {at.day} {at:%b}" if locale == "en" else f"{at.month}月{at.day}日"
    return f"{day} {time}"


def say_clock(at: datetime, locale: str) -> tuple[str, str]:
    """Return the time and the day as the header shows them; `at` is in the hall's zone."""
    if locale == "en":
        return at.strftime("%H:%M"), at.strftime("%a %-d %b")
    weekday = "一二三四五六日"[at.weekday()]
    return at.strftime("%H:%M"), f"{at.month}月{at.day}日 星期{weekday}"


@cache
def _texts() -> Texts:
    return Texts(FOLDER / "texts.yml")


def texts() -> Texts:
    """Return the kiosk's sentences."""
    return _texts()


def sayer(locale: str) -> Callable[..., str]:
    """Return `t(key, **values)` for one locale, as templates call it."""

    def say(key: str, /, **values: object) -> str:
        return texts().say(key, locale, **values)

    return say


def make_environment() -> Environment:
    """Return the templates: everything is escaped, and a name that is missing is an error."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names: dict[str, Any] = {
        "icon": icon,
        "fact_icon": fact_icon,
        "is_short_fact": is_short_fact,
        "fit_side_by_side": fit_side_by_side,
        "theme_icons": THEME_ICONS,
        "kinds": {str(kind): kind for kind in BlockKind},
    }
    environment.globals.update(names)
    environment.filters["whole_dates"] = keep_dates_whole
    return environment
