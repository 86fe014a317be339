"""Spells out the characters that a voice would misread: 银行 with hang2, 重新 with chong2."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("readings.yml")


def with_readings(text: str) -> str:
    """Return `text` with misread characters as pinyin, for a voice that reads Latin letters as pinyin."""
    pattern, spelled = _table()
    said = pattern.sub(lambda word: spelled[word.group()], text)
    return re.sub(r" {2,}", " ", said).strip()


@cache
def _table() -> tuple[re.Pattern[str], dict[str, str]]:
    characters: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text("utf-8"))
    spelled: dict[str, str] = {}
    for character, readings in characters.items():
        for reading, words in readings.items():
            for word in words.split():
                spelled[word] = spelled.get(word, word).replace(character, f" {reading} ")
    longest_first = sorted(spelled, key=len, reverse=True)
    return re.compile("|".join(longest_first)), spelled
