"""Words of residents and words of offices brought together: 丢了 and 遗失 are one concept (synonyms.yml)."""

from __future__ import annotations

from pathlib import Path

import yaml

SHIPPED = Path(__file__).with_name("synonyms.yml")


class Concepts:
    """The synonym groups, ready to be found in normalised text."""

    def __init__(self, path: Path = SHIPPED) -> None:
        groups: dict[str, list[str]] = yaml.safe_load(path.read_text("utf-8"))
        self.names = tuple(groups)
        self._groups_of: dict[str, list[str]] = {}
        for group, words in groups.items():
            for word in words:
                self._groups_of.setdefault(str(word).lower(), []).append(group)
        self._by_first: dict[str, list[str]] = {}
        # Longest first, and at every position: 养老保险 must not also count as 养老.
        for word in sorted(self._groups_of, key=lambda word: (-len(word), word)):
            self._by_first.setdefault(word[0], []).append(word)

    def find(self, text: str) -> frozenset[str]:
        """Return the groups of which a word stands in the normalised text."""
        return self.split(text)[0]

    def split(self, text: str) -> tuple[frozenset[str], str]:
        """Return the groups of which a word stands in the normalised text, and the characters of no word."""
        found: set[str] = set()
        rest: list[str] = []
        end = 0
        for start, first in enumerate(text):
            for word in self._by_first.get(first, ()):
                if text.startswith(word, start):
                    if start + len(word) > end:  # else inside a longer word
                        end = start + len(word)
                        found.update(self._groups_of[word])
                    break
            if start >= end:
                rest.append(first)
        return frozenset(found), "".join(rest)
