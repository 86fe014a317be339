"""What a text means by what was said before: corrections, and the way back to an earlier service."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.talk import Talk
from knowledge.answering import Answering, Finding, GuideUnknown
from knowledge.guide import Aspect
from language.normalise import fold, normalise
from language.reply import Decision

_WORDS = Path(__file__).with_name("references.yml")
# Where only the overview was told, another service starts with its overview as well.
_OVERVIEW = (None, "overview")


@dataclass(frozen=True)
class Meant:
    """The same with its reference resolved: a text and what it means, or a guide picked outright."""

    text: str
    finding: Finding
    guide: str | None = None
    aspect: str | None = None


class Misunderstood:
    """The last answer missed the point, and nothing says which point."""


def resolve(text: str, talk: Talk, answering: Answering) -> Meant | Misunderstood | None:
    """Return what a text refers to, None where it refers to nothing. Takes part outside of forms only."""
    words, said = _patterns(), fold(text).strip(" ,，。.!！~…")
    has_talked = talk.guide is not None or bool(talk.offered.choices)
    for pattern in words["corrected"]:
        match = pattern.match(said)
        if match and (meant := _instead(match["rest"], talk, answering)):
            return meant
    if has_talked and (words["misunderstood"][0].match(said) or words["denied"][0].match(said)):
        return Misunderstood()
    for pattern in (*words["returned"], *words["returned_english"]):
        match = pattern.match(said)
        if match and talk.guide is not None:
            return _back(said, match["rest"], talk, answering)
    match = words["likewise"][0].match(said)
    return _instead(match["rest"], talk, answering) if match and talk.aspect not in _OVERVIEW else None


def without_opener(text: str) -> str:
    """Return a text without what only draws breath before it; all of it where nothing else is said."""
    (opener,) = _patterns()["opener"]
    match = opener.match(fold(text))
    # Folding keeps the length of what is folded already (screened text), so that places agree.
    return text[match.end() :] if match and len(fold(text)) == len(text) else text


def _instead(rest: str, talk: Talk, answering: Answering) -> Meant | None:
    """Return what is meant instead; what was asked about the wrong service is asked about the right one."""
    rest = rest.strip(" ,，。.!！?？的")
    finding = answering.consider(rest)
    if finding.about_hall or finding.bare_aspect:
        return Meant(rest, finding)
    if finding.decision is Decision.DECLINE or not finding.matches:
        return None
    if finding.aspect is None and talk.aspect not in _OVERVIEW and talk.guide is not None:
        finding = replace(finding, aspect=Aspect(str(talk.aspect)))
    return Meant(rest, finding)


def _back(said: str, rest: str, talk: Talk, answering: Answering) -> Meant | None:
    """Return the earlier service that is meant: the one that is named, else the one before this."""
    if _patterns()["returns_say_so"][0].search(said) is None:
        return None
    rest = rest.strip(" ,，。.!！?？吧呢")
    known = [guide for guide in (talk.guide, *talk.before) if guide is not None]
    named = [guide for guide in known if _names(guide, rest, answering)] if rest else []
    finding = answering.consider(rest or said)
    if named:
        return Meant(rest, finding, named[0], finding.aspect)
    if not rest or finding.bare_aspect:
        guide = talk.before[0] if talk.before and talk.is_on_guide else known[0]
        return Meant(rest or said, finding, guide, finding.aspect if finding.bare_aspect else None)
    return None


def _names(guide_id: str, text: str, answering: Answering) -> bool:
    """Return whether a text speaks of a guide by a name or part of a name."""
    try:
        guide = answering.guide(guide_id)
    except GuideUnknown:
        return False
    names = [normalise(name) for name in (guide.title, guide.plain_name, *guide.aliases)]
    finding = answering.consider(text)
    if any(match.guide_id == guide_id for match in finding.matches):
        return True
    said = normalise(text)
    return len(said) >= 2 and any(said in name or name in said for name in names)


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    raw: dict[str, Any] = yaml.safe_load(_WORDS.read_text("utf-8"))
    return {
        name: tuple(re.compile(part) for part in (parts if isinstance(parts, list) else [parts]))
        for name, parts in raw.items()
    }
