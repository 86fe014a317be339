"""One matcher and one answering over the shipped guides, built once for all tests that ask them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from knowledge.answering import TEXTS, Answering
from knowledge.beforehand import learned_beforehand
from knowledge.entries import entries_of
from knowledge.hall_profile_file import load_profile
from knowledge.learned import digest_of
from knowledge.library import load_shipped
from knowledge.matching import Matcher
from language.texts import Texts

# A Wednesday, 10:00 in Shanghai.
WEDNESDAY = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


@cache
def matcher() -> Matcher:
    """The matcher over the shipped guides, as a hall has it: learned beforehand unless the guides changed."""
    guides = load_shipped()
    return Matcher.build(guides, learned=learned_beforehand(digest_of(entries_of(guides))))


@cache
def answering(at: datetime = WEDNESDAY) -> Answering:
    """The shipped guides, ready to answer, at a fixed instant."""
    published = [(guide, 1) for guide in load_shipped()]
    return Answering(published, load_profile(), matcher(), Texts(TEXTS), lambda: at)
