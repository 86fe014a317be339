"""Two wishes in one message: the first is answered, the second offered (居住证怎么办，另外你们几点下班)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml

from bot.screening import asks_something
from knowledge.answering import Finding
from language.reply import Decision

_WORDS = Path(__file__).with_name("wishes.yml")
_PAUSE = r"[,，。.;；、?？!！\s]+"
_CLAUSE_END = re.compile(r"[,，。;；?？!！\s]+")
_LEAST_CHARS, _MOST_CHARS = 3, 40


@dataclass(frozen=True)
class Wishes:
    """What to answer now, what it was taken to mean, and what was asked besides."""

    text: str
    finding: Finding
    second: str | None = None


def split(text: str) -> tuple[str, str] | None:
    """Return the two wishes that a text joins by 另外, 还有 or 还想问, or None; it knows no guides."""
    joint = _joint().search(text)
    return _fitting(text[: joint.start()], text[joint.end() :]) if joint else None


def understand(text: str, consider: Callable[[str], Finding]) -> Wishes:
    """Take a text for one wish or two; `consider` says what a wish means.

    我爸走了，还有个妹妹 is one story: it is two wishes only where each can be answered or plainly asks.
    """
    both = split(text)
    if both is not None:
        first, second = (consider(wish) for wish in both)
        if first.aspect is not None and second.bare_aspect and _is_met(first):
            # 居住证多少钱，还有要带什么材料: two things of one service, answered together.
            return Wishes(text, replace(first, also=second.aspect))
        if _is_met(first) and (_is_met(second) or second.bare_aspect):
            return Wishes(both[0], first, both[1])
        if _asks(both[0], first) and _asks(both[1], second):
            return Wishes(both[0], first, both[1])
    return _unjoined(text, consider) or Wishes(text, consider(text))


@cache
def _words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = yaml.safe_load(_WORDS.read_text("utf-8"))
    return words


@cache
def _prelude() -> re.Pattern[str]:
    return re.compile(rf"^\s*(?:{'|'.join(_words()['preludes'])})(?:{_PAUSE})")


@cache
def _joint() -> re.Pattern[str]:
    words = _words()
    paused, unpaused, carriers = ("|".join(words[k]) for k in ("joints", "joints_unpaused", "carriers"))
    return re.compile(
        rf"(?:{_PAUSE}(?:{paused}|(?=我?(?:还|再)(?:想|要)?问))|(?<=.)(?:{unpaused}))(?:{carriers}|[,，、\s])*"
    )


def _unjoined(text: str, consider: Callable[[str], Finding]) -> Wishes | None:
    """Return two questions that stand side by side, about different things: 居住证怎么办，敬老卡在哪领."""
    text = _prelude().sub("", text, count=1)
    end = _CLAUSE_END.search(text)
    both = _fitting(text[: end.start()], text[end.end() :]) if end else None
    if both is None or not all(asks_something(wish) for wish in both):
        return None
    first, second = (consider(wish) for wish in both)
    if not (_is_met(first) and _is_met(second)) or _subject(first) == _subject(second):
        return None
    return Wishes(both[0], first, both[1])


def _fitting(first: str, second: str) -> tuple[str, str] | None:
    first, second = first.strip(), second.strip()
    is_fit = len(first) >= _LEAST_CHARS and _LEAST_CHARS <= len(second) <= _MOST_CHARS
    return (first, second) if is_fit else None


def _is_met(finding: Finding) -> bool:
    """Say whether a wish can be answered outright."""
    return finding.about_hall is not None or finding.decision is Decision.ANSWER


def _asks(wish: str, finding: Finding) -> bool:
    """Say whether a wish can be answered, or is a question about something of ours."""
    return _is_met(finding) or (asks_something(wish) and finding.decision is not Decision.DECLINE)


def _subject(finding: Finding) -> str:
    return f"hall {finding.about_hall}" if finding.about_hall else finding.matches[0].guide_id
