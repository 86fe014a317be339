"""Traditional characters as simplified ones, for all text that is understood by its words.

OpenCC knows which of several simplified characters a word wants (乾淨 becomes 干净, 乾坤 stays); the few
words of everyday talk that it leaves are in traditional.yml.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml
from opencc import OpenCC

_LATIN = re.compile(r"[A-Za-z]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_FILE = Path(__file__).with_name("traditional.yml")
# Taiwan's standard: the only one of OpenCC's that reads 著急 and 看著 as 着, and leaves 著名.
_STANDARD = "tw2s"
# In Taiwan this one is 幺; here it ends many a question (网上好弄么).
_SIMPLIFIED = "么"


def simplified(text: str) -> str:
    """Return `text` with its traditional characters replaced; its length stays the same."""
    if text.isascii():
        return text
    converted: str = _converter().convert(text)
    if len(converted) != len(text):  # places found in the one must hold in the other
        converted = "".join(map(_character, text))
    if _SIMPLIFIED in text:
        pairs = zip(text, converted, strict=True)
        converted = "".join(before if before == _SIMPLIFIED else after for before, after in pairs)
    for written, said in _words().items():
        converted = converted.replace(written, said)
    return converted


def is_english(text: str) -> bool:
    """Say whether a text has Latin letters and no Chinese character."""
    return _LATIN.search(text) is not None and _HAN.search(text) is None


def _character(character: str) -> str:
    """Return a single character as OpenCC has it; the character itself where that is not one."""
    converted: str = _converter().convert(character)
    return converted if len(converted) == 1 else character


@cache
def _converter() -> OpenCC:
    # Made on first use: it reads its dictionaries from files.
    return OpenCC(_STANDARD)


@cache
def _words() -> dict[str, str]:
    words: dict[str, str] = yaml.safe_load(_FILE.read_text("utf-8"))["words"]
    if any(len(written) != len(said) for written, said in words.items()):
        raise ValueError(f"{_FILE.name}: a word and its replacement must be of one length")
    return words
