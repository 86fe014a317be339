"""What was learned beforehand is of the guides as they are shipped, and is learned well enough."""

from __future__ import annotations

from knowledge.beforehand import learned_beforehand
from knowledge.entries import entries_of
from knowledge.learned import digest_of
from knowledge.library import load_shipped


def test_the_shipped_numbers_were_learned_from_the_shipped_guides() -> None:
    learned = learned_beforehand(digest_of(entries_of(load_shipped())))
    assert learned is not None, "make them anew: .venv/bin/python -m knowledge.beforehand"
    figures = learned.trust.figures
    assert figures["first_right"] >= 0.90
    assert figures["answered_wrongly"] <= 0.03
    assert figures["near_refused"] >= 0.89


def test_other_guides_are_learned_from_as_ever() -> None:
    assert learned_beforehand(digest_of(entries_of(load_shipped()[:-1]))) is None


def test_the_order_of_the_guides_makes_no_difference() -> None:
    entries = entries_of(load_shipped())
    assert digest_of(entries) == digest_of(entries[::-1])
