"""Taking texts out of foreign records by rules: which fields, what to leave out, where to split."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.reading import MAX_CHARS, MAX_ITEMS

_SPACE = re.compile(r"\s+")


class BadRule(ValueError):
    """A rule of a mapping file says something that rules cannot say. The message names it."""


@dataclass(frozen=True)
class Rule:
    """Where texts come from: the first filled field of `names`, or all of them."""

    names: tuple[str, ...]
    every: bool
    join: str
    prefix: str
    label: str | None
    strip: re.Pattern[str] | None
    split: re.Pattern[str] | None
    find: re.Pattern[str] | None
    drop: re.Pattern[str] | None

    def texts(self, record: Mapping[str, Any], blank: frozenset[str]) -> list[str]:
        """Return the texts that the rule finds in a record, each once, none of them blank."""
        found: dict[str, None] = {}
        for name in self.names:
            for text in _texts(record.get(name)):
                found |= dict.fromkeys(self._parts(text, blank))
            if found and not self.every:
                break
        return list(found)[:MAX_ITEMS]

    def text(self, record: Mapping[str, Any], blank: frozenset[str], most: int = MAX_CHARS) -> str | None:
        """Return the texts as one, None where there is none."""
        return shortened(self.join.join(self.texts(record, blank)), most) or None

    def _parts(self, text: str, blank: frozenset[str]) -> Iterator[str]:
        if text.strip() in blank:
            return
        if self.strip:
            text = self.strip.sub("", text)
        pieces = self.find.findall(text) if self.find else self.split.split(text) if self.split else [text]
        for piece in pieces:
            told = _SPACE.sub(" ", piece).strip()
            if told and told not in blank and not (self.drop and self.drop.search(told)):
                yield told


def read_rule(plain: object, where: str) -> Rule:
    """Return the rule that a mapping file writes down. Raises BadRule naming `where`."""
    keys = {"from", "all", "join", "prefix", "label", "strip", "split", "find", "drop"}
    if not isinstance(plain, Mapping) or not plain.keys() <= keys | {"otherwise", "table"}:
        raise BadRule(f"{where}: a rule has the keys {', '.join(sorted(keys))}")
    names = plain.get("all", plain.get("from"))
    if not isinstance(names, list) or not names or ("all" in plain) is ("from" in plain):
        raise BadRule(f"{where}: name the fields in a list under `from` (the first filled one) or `all`")
    try:
        patterns = {
            key: re.compile(str(plain[key])) if key in plain else None
            for key in ("strip", "split", "find", "drop")
        }
    except re.error as problem:
        raise BadRule(f"{where}: not a regular expression ({problem})") from None
    return Rule(
        tuple(map(str, names)),
        "all" in plain,
        str(plain.get("join", "；")),
        str(plain.get("prefix", "")),
        plain.get("label"),
        **patterns,
    )


def shortened(text: str, most: int) -> str:
    """Return the text, its end left out where it is longer than `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
