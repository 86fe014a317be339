"""Two troubles in one message: the first is filed, the second offered afterwards (灯坏了，还有楼上太吵)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from cases.case import CaseKind
from cases.kinds import detect_kind

_WORDS = Path(__file__).with_name("intake_words.yml")
_LEAST_CHARS = 3


def split_troubles(text: str) -> tuple[str, str | None]:
    """Return the first trouble and the second, or the whole text and None where it tells of one.

    Each half has to tell of a trouble of its own: 电梯坏了，还有怪声音 is one.
    """
    for pattern in _joints():
        for joint in pattern.finditer(text):
            first, second = (
                text[: joint.start()].strip(" ,，。;；、"),
                text[joint.end() :].strip(" ,，。;；、"),
            )
            if _is_trouble(first) and stands_alone(second):
                return first, second
    return text, None


def stands_alone(text: str) -> bool:
    """Return whether what was told besides is a trouble or a question of its own; 还有怪声音 is neither."""
    return _is_trouble(text) or asks(text)


def asks(text: str) -> bool:
    """Return whether the second of two things is a question: it is answered, not filed."""
    return len(text) >= _LEAST_CHARS and not _is_trouble(text) and _asking().search(text) is not None


def _is_trouble(text: str) -> bool:
    return len(text) >= _LEAST_CHARS and detect_kind(text) is not CaseKind.OTHER


@cache
def _asking() -> re.Pattern[str]:
    return re.compile(yaml.safe_load(_WORDS.read_text("utf-8"))["asks"], re.IGNORECASE)


@cache
def _joints() -> tuple[re.Pattern[str], ...]:
    words = yaml.safe_load(_WORDS.read_text("utf-8"))["joints"]
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in words)
