"""What residents read, kept as data: one YAML file a package, each sentence in Chinese and English."""

from __future__ import annotations

from pathlib import Path

import yaml


class MissingText(KeyError):
    """A sentence that code asks for and the YAML file lacks. Add it there, under `zh` and `en`."""


class Texts:
    """Sentences by key and locale, read once from a YAML file `key: {zh: ..., en: ...}`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sentences: dict[str, dict[str, str]] = yaml.safe_load(path.read_text("utf-8"))

    def say(self, key: str, locale: str = "zh", /, **values: object) -> str:
        """Return the sentence `key` with `{name}` places filled; Chinese where `locale` has none.

        Raises MissingText when the file has no such key.
        """
        try:
            sentence = self._sentences[key]
        except KeyError:
            raise MissingText(f"{self._path.name} has no text '{key}': add it under zh and en") from None
        return sentence.get(locale, sentence["zh"]).format(**values).strip()
