"""Words of residents and words of offices brought together: 丢了 and 遗失 are one concept (synonyms.yml)."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

SHIPPED = Path(__file__).with_name("synonyms.yml")


class Concepts:
    """The synonym groups, ready to be found in normalised text."""

    def __init__(self, path: Path = SHIPPED) -> None:
        groups: dict[str, list[str]] = yaml.safe_load(path.read_text("utf-8"))
        self._groups_of: dict[str, list[str]] = {}
        for group, words in groups.items():
            for word in words:
                self._groups_of.setdefault(str(word).lower(), []).append(group)
        # Longest first, and at every position: 养老保险 must not also count as 养老.
        longest_first = sorted(self._groups_of, key=lambda word: (-len(word), word))
        self._words = re.compile("(?=(" + "|".join(map(re.escape, longest_first)) + "))")

    def find(self, text: str) -> frozenset[str]:
        """Return the groups of which a word stands in the normalised text."""
        found: set[str] = set()
        end = 0
        for match in self._words.finditer(text):
            word = match.group(1)
            if match.start() + len(word) <= end:
                continue  # inside a longer word
            end = match.start() + len(word)
            found.update(self._groups_of[word])
        return frozenset(found)
