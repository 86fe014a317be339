"""One matcher and one answering over the shipped guides, built once for all tests that ask them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from knowledge.answering import TEXTS, Answering
from knowledge.hall_profile_file import load_profile
from knowledge.library import load_shipped
from knowledge.matching import Matcher
from language.texts import Texts

# A Wednesday, 10:00 in Shanghai.
WEDNESDAY = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


@cache
def matcher() -> Matcher:
    """The matcher over the shipped guides."""
    return Matcher.build(load_shipped())


@cache
def answering(at: datetime = WEDNESDAY) -> Answering:
    """The shipped guides, ready to answer, at a fixed instant."""
    published = [(guide, 1) for guide in load_shipped()]
    return Answering(published, load_profile(), matcher(), Texts(TEXTS), lambda: at)
