"""What is asked about a service, read apart from which service is meant.

The wordings are data (aspects.yml). Reading a question gives its aspect, whether it concerns the hall itself,
and its topic: what remains when the words that only carry a question are taken away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.english import EnglishWordings
from knowledge.guide import Aspect
from language.normalise import normalise
from language.script import is_english

SHIPPED = Path(__file__).with_name("aspects.yml")

# Stands where words were taken out, so that what stood apart does not grow together.
_GAP = "\0"
_GAPS = re.compile(_GAP + "+")


@dataclass(frozen=True)
class Reading:
    """A question taken apart. `topic` is normalised text without question words, gaps closed."""

    aspects: tuple[Aspect, ...]  # what is asked, in the order of the asking
    topic: str
    is_bare: bool  # asks something without naming a subject

    @property
    def aspect(self) -> Aspect | None:
        """What is asked first; None where nothing is."""
        return self.aspects[0] if self.aspects else None

    @property
    def also(self) -> Aspect | None:
        """What is asked besides."""
        return self.aspects[1] if len(self.aspects) > 1 else None


class Wordings:
    """The patterns of aspects.yml, compiled."""

    def __init__(self, path: Path = SHIPPED) -> None:
        data = yaml.safe_load(path.read_text("utf-8"))
        self._asking = {Aspect(name): _any_of(lines) for name, lines in data["asking"].items()}
        self._hinting = {Aspect(name): _any_of(lines) for name, lines in data["hinting"].items()}
        self._outright = {Aspect(name): _any_of(words) for name, words in data["outright"].items()}
        self._unasked = {Aspect(name): _any_of(lines) for name, lines in data["unasked"].items()}
        self._hall = {name: _any_of(_expanded(lines, data["asking"])) for name, lines in data["hall"].items()}
        self._beside = {name: _any_of(words) for name, words in data["hall_beside"].items()}
        self._never_hall = _any_of(data["hall_never"])
        self._details = {
            name: {detail: re.compile(pattern) for detail, pattern in details.items()}
            for name, details in data["hall_details"].items()
        }
        self._of_a_guide = {name: _any_of(lines) for name, lines in data["hall_or_guide"].items() if lines}
        self._hall_words = _any_of(data["hall_words"])
        self._courtesies = _any_of(data["courtesies"])
        self._frames = _any_of(data["frames"])
        self._particles = _any_of(data["particles"])
        self._fillers = _any_of(data["fillers"])
        self._acts = re.compile("(" + "|".join(data["acts"]) + ")")
        self._kinds = [re.compile("|".join(words)) for words in data["kinds"].values()]
        self._english = EnglishWordings()
        self._read_once = lru_cache(maxsize=4096)(self._read)

    def read(self, text: str) -> Reading:
        """Take a question apart; any text will do."""
        if is_english(text):
            in_english = self._english.read(text)
            return Reading(in_english.aspects, normalise(text), in_english.is_bare)
        return self._read_once(normalise(text))

    def topic(self, text: str) -> str:
        """Return the normalised text without its question words; all of it where nothing would remain."""
        return self._read_once(normalise(text)).topic

    def _emptied(self, match: re.Match[str]) -> str:
        """Return the words taken out, all but an act that may be the subject: 去哪里领 keeps 领."""
        return "".join(
            part if self._acts.fullmatch(part) else _GAP * len(part)
            for part in self._acts.split(match.group())
            if part
        )

    def kinds(self, text: str) -> int:
        """Return the kinds of question that a normalised text asks, one bit a kind of aspects.yml."""
        return sum(1 << place for place, kind in enumerate(self._kinds) if kind.search(text))

    def _read(self, whole: str) -> Reading:
        rest = whole
        asked: list[tuple[int, Aspect]] = []
        for aspect, pattern in self._asking.items():
            found = pattern.search(rest)
            if found:
                asked.append((found.start(), aspect))
                rest = pattern.sub(self._emptied if aspect in _KEEPS_ACTS else _blank, rest)
        asked.sort(key=lambda hit: (hit[1] in _WEAK, hit[0]))
        rest = self._courtesies.sub(_GAP, rest)
        framed = self._frames.search(rest) is not None
        rest = self._particles.sub(_GAP, self._frames.sub(_GAP, rest))
        topic = _GAPS.sub("", rest)
        is_bare = bool(whole) and not self._remains(rest) and bool(asked or framed)
        aspects = self._meant([aspect for _, aspect in asked], whole)
        if is_bare and not aspects:
            aspects = (Aspect.OVERVIEW,)
        return Reading(aspects, topic or whole, is_bare)

    def _meant(self, asked: list[Aspect], whole: str) -> tuple[Aspect, ...]:
        """Return what is asked, first things first: a hint goes before what is only asked in passing."""
        asked = [aspect for aspect in asked if not self._is_unasked(aspect, whole)]
        if all(aspect in _WEAK for aspect in asked):
            hinted = (aspect for aspect, pattern in self._hinting.items() if pattern.search(whole))
            hint = next((aspect for aspect in hinted if not self._is_unasked(aspect, whole)), None)
            if hint is not None and not (asked and hint in _WEAK):
                return (hint,)
            return tuple(asked[:1])
        outright = [a for a in asked if a in self._outright and self._outright[a].search(whole)]
        return tuple([aspect for aspect in asked if aspect not in _WEAK] + outright)

    def _is_unasked(self, aspect: Aspect, whole: str) -> bool:
        pattern = self._unasked.get(aspect)
        return pattern is not None and pattern.search(whole) is not None

    def about_hall(self, text: str) -> str | None:
        """Return what is asked about the hall itself: hours, address, phone or windows; None for all else.

        What it singles out follows a colon: "hours:5" is Saturday, "address:parking".
        """
        if is_english(text):
            return self._english.read(text).about_hall
        whole = normalise(text)
        if self._never_hall.search(whole):
            return None
        is_named = self._hall_words.search(whole) is not None
        name: str
        for name, pattern in self._hall.items():
            asked = [found.group() for found in pattern.finditer(whole)]
            of_a_guide = self._of_a_guide.get(name)
            if of_a_guide and not is_named:
                asked = [words for words in asked if not of_a_guide.search(words)]
            if asked and self._names_no_more(pattern.sub(_GAP, whole), name):
                return ":".join(filter(None, (name, self._detail(name, whole))))
        return None

    def _names_no_more(self, rest: str, hall_aspect: str) -> bool:
        """Say whether only the hall, times and small words remain beside what is asked of the hall."""
        for words in (
            self._hall_words,
            self._courtesies,
            self._frames,
            self._beside[hall_aspect],
            self._particles,
        ):
            rest = words.sub(_GAP, rest)
        return not self._remains(rest)

    def _detail(self, hall_aspect: str, whole: str) -> str:
        details = self._details.get(hall_aspect, {})
        return next((detail for detail, pattern in details.items() if pattern.search(whole)), "")

    def _remains(self, rest: str) -> bool:
        """Say whether `rest` holds more than small words."""
        return self._fillers.sub("", _GAPS.sub("", rest)) != ""


# Asked in passing more often than meant: another aspect in the same question goes first.
_WEAK = frozenset({Aspect.ELIGIBILITY, Aspect.PROCESS})


# 敬老卡去哪里领 is about collecting the card; 低保能领多少 is not.
_KEEPS_ACTS = frozenset({Aspect.WHERE, Aspect.ONLINE, Aspect.AGENT, Aspect.TIME_LIMIT})


def _blank(match: re.Match[str]) -> str:
    # Same length, so that positions of later finds stay comparable.
    return _GAP * len(match.group())


def _any_of(lines: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{line})" for line in lines))


def _expanded(lines: Sequence[str], asking: dict[str, list[str]]) -> list[str]:
    """Replace `__asking_NAME__` by the wordings of that aspect."""
    expanded: list[str] = []
    for line in lines:
        named = re.fullmatch(r"__asking_(\w+)__", line)
        expanded.extend(asking[named.group(1)] if named else [line])
    return expanded
