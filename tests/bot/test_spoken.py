"""What is said of every fixed text: two sentences that an ear can keep."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot import emergencies
from language.brevity import fits, is_chinese, said_briefly

ROOT = Path(__file__).parents[2]
FILES = ("bot/texts.yml", "cases/texts.yml", "knowledge/texts.yml", "kiosk/texts.yml")
_PLACE = re.compile(r"\{(\w+)(?::[^}]*)?\}")
_FILLED = {"phone": "12345", "hotline": "12345", "number": "260611-0042", "code": "482913", "minutes": "15"}


def texts() -> list[tuple[str, str]]:
    return [
        (key, _PLACE.sub(lambda place: _FILLED.get(place[1], "3"), text[locale]))
        for file in FILES
        for key, text in yaml.safe_load((ROOT / file).read_text("utf-8")).items()
        for locale in ("zh", "en")
        if locale in text
    ]


def test_every_fixed_text_is_said_in_two_short_sentences() -> None:
    long = {key for key, text in texts() if not fits(said_briefly(text))}
    assert long == set()


def test_a_fixed_text_that_asks_is_said_with_its_question() -> None:
    for key, text in texts():
        if text.rstrip().endswith(("？", "?")):
            assert said_briefly(text).endswith(("？", "?")), key


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("kind", list(emergencies.EmergencyKind))
def test_an_emergency_is_said_with_its_number(kind: emergencies.EmergencyKind, locale: str) -> None:
    said = said_briefly(emergencies.reply(emergencies.Emergency(kind), locale).speech)
    number = r"幺[幺一二]|幺二[零二]|九六幺幺零|幺二三" if is_chinese(said) else r"\d(?: \d)+"
    assert fits(said), said
    # What saves at once may go before it: out of the gas, the alarm button of the lift.
    assert re.search(number, said), said
