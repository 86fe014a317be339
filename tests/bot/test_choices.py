"""Choice ids are good for one person, in one conversation, for ten minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.choices import Choices, ChoiceUnknown
from cases.sealing import Sealer
from language.reply import Choice, Decision, Reply

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
CHOICES = Choices(Sealer([bytes(range(32))]))
REPLY = Reply(Decision.CLARIFY, choices=(Choice("居住证", payload={"intent": "choose", "guide": "g"}),))


def issued(key: str = "mine") -> str:
    return CHOICES.issue(REPLY, key, NOW).choices[0].id


def test_a_choice_opens_to_what_it_means() -> None:
    assert CHOICES.open(issued(), "mine", NOW) == {"intent": "choose", "guide": "g", "label": "居住证"}


def test_another_conversations_choice_is_unknown() -> None:
    with pytest.raises(ChoiceUnknown):
        CHOICES.open(issued(), "yours", NOW)


def test_a_choice_is_unknown_after_ten_minutes() -> None:
    with pytest.raises(ChoiceUnknown):
        CHOICES.open(issued(), "mine", NOW + timedelta(minutes=11))


@pytest.mark.parametrize("forged", ["", "x", "1", "居住证", "=" * 20, "A" * 200, "-_-_"])
def test_a_forged_choice_is_unknown(forged: str) -> None:
    with pytest.raises(ChoiceUnknown):
        CHOICES.open(forged, "mine", NOW)


def test_an_id_shows_nothing_of_what_it_means() -> None:
    assert "guide" not in issued()
    assert issued() != issued()
