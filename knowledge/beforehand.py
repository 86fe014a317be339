"""Numbers learned from the shipped guides beforehand: `python -m knowledge.beforehand` (half a minute).

A first start would otherwise answer for half a minute with numbers that were learned from other texts. They
hold only while the guides are as shipped: each set of texts has a digest, and any other set is learned from
as ever. To be made anew whenever the guides change; a test says when.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from knowledge.entries import entries_of
from knowledge.learned import Learned, digest_of

FILE = Path(__file__).with_name("guides_learned.json")


def learned_beforehand(digest: str) -> Learned | None:
    """Return what was learned from the texts with this digest; None unless they are the shipped guides'."""
    known, learned = _shipped()
    return learned if known == digest else None


@cache
def _shipped() -> tuple[str, Learned]:
    shipped = json.loads(FILE.read_text("utf-8"))
    return str(shipped["digest"]), Learned.from_mapping(shipped["numbers"])


def main() -> None:
    """Learn from the shipped guides and write the file next to this module."""
    # Imported here: a hall at its start needs the file alone.
    from knowledge.library import load_shipped
    from knowledge.matching import Matcher

    guides = load_shipped()
    numbers = Matcher.build(guides).learned.to_mapping()
    rounded = {name: _rounded(value) for name, value in numbers.items()}
    shipped = {"digest": digest_of(entries_of(guides)), "numbers": rounded}
    FILE.write_text(json.dumps(shipped, ensure_ascii=False, indent=0) + "\n", "utf-8")
    print(f"learned from {len(guides)} guides: {numbers['figures']}")  # noqa: T201


def _rounded(value: object) -> object:
    return [round(number, 6) for number in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
