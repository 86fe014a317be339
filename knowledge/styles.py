"""In which style a question is asked (keyword, story, for somebody else ...), by the rules of styles.yml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from language.normalise import normalise

_RULES = Path(__file__).with_name("styles.yml")
_CLAUSE_ENDS = re.compile(r"[,，。.;；、!！?？\s]+")


@dataclass(frozen=True)
class Rule:
    """When a question is of a style. A limit of 0 says nothing, nor does a missing pattern."""

    style: str
    zh: str
    at_least: int
    at_most: int
    clauses: int
    any: re.Pattern[str] | None
    none: re.Pattern[str] | None

    def fits(self, text: str) -> bool:
        """Say whether all that the rule says holds of the text."""
        length = len(normalise(text))
        return (
            length >= self.at_least
            and (not self.at_most or length <= self.at_most)
            and sum(bool(clause) for clause in _CLAUSE_ENDS.split(text)) >= self.clauses
            and (self.any is None or self.any.search(text) is not None)
            and (self.none is None or self.none.search(text) is None)
        )


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules in the order in which they are tried."""
    listed: list[dict[str, Any]] = yaml.safe_load(_RULES.read_text("utf-8"))
    return tuple(
        Rule(
            one["style"],
            one["zh"],
            one.get("at_least", 0),
            one.get("at_most", 0),
            one.get("clauses", 0),
            _pattern(one.get("any")),
            _pattern(one.get("none")),
        )
        for one in listed
    )


def style_of(text: str) -> str:
    """Return the name of the style in which the text asks."""
    return next(rule.style for rule in rules() if rule.fits(text))


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return re.compile(text) if text else None
