"""Questions that no guide answers: what other offices handle, and anything else that people say to a hall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.forms import Entry
from language.normalise import normalise

ELSEWHERE = Path(__file__).with_name("elsewhere.yml")
OTHER_OFFICES = Path(__file__).with_name("other_offices.yml")


@dataclass(frozen=True)
class Others:
    """Questions that no guide answers: what other offices handle, by matter, and anything else."""

    offices: Sequence[Entry]
    far: Sequence[str]


def read_other_offices() -> list[Entry]:
    """Return what other offices handle, a matter an entry: near misses."""
    matters: dict[str, list[str]] = yaml.safe_load(OTHER_OFFICES.read_text("utf-8"))
    return [
        Entry(f"elsewhere:{name}", (name,), tuple(map(str, lines)), is_ours=False)
        for name, lines in matters.items()
    ]


def not_ours(entries: Sequence[Entry], offices: Sequence[Entry]) -> Iterator[Entry]:
    """Yield the matters that none of our names speaks of: another hall may well handle passports."""
    names = [normalise(name) for entry in entries for name in entry.names]
    everything = "\n".join(names)
    for office in offices:
        matter, *lines = [normalise(text) for text in (*office.names, *office.phrasings)]
        if matter not in everything and not any(name in line for name in names for line in lines if name):
            yield office


def read_elsewhere() -> list[str]:
    """Return the shipped questions about other things."""
    return [str(line) for line in yaml.safe_load(ELSEWHERE.read_text("utf-8"))]
