"""Emergencies are seen and answered with the right number first; ordinary questions go on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.emergencies import Emergency, EmergencyKind, detect, reply
from bot.hunches import FILE, ORDINARY, read_weights
from language.reply import Decision, HandledBy

FILES = sorted((Path(__file__).parents[1] / "utterances").glob("emergencies*.yml"))
UTTERANCES: list[dict[str, Any]] = [yaml.safe_load(file.read_text("utf-8")) for file in FILES]
EMERGENCIES = [
    (text, kind) for file in UTTERANCES for kind, texts in file["emergencies"].items() for text in texts
]
LOOK_ALIKES = [text for file in UTTERANCES for text in file["ordinary"]]
FIRST_NUMBER = {
    "self_harm": "12356",
    "fire": "119",
    "lift": "119",
    "poisoning": "120",
    "gas": "119",
    "violence": "110",
    "illness": "120",
    "injury": "120",
    "fraud": "110",
    "lost_person": "110",
}


@pytest.mark.parametrize(("text", "kind"), EMERGENCIES)
def test_an_emergency_is_seen(text: str, kind: str) -> None:
    assert detect(text) in [Emergency(EmergencyKind(one)) for one in kind.split("|")]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_an_ordinary_question_is_no_emergency(text: str) -> None:
    assert detect(text) is None


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("kind", EmergencyKind)
def test_the_right_number_comes_first(kind: EmergencyKind, locale: str) -> None:
    answer = reply(Emergency(kind), locale)
    assert answer.decision is Decision.EMERGENCY
    assert answer.handled_by is HandledBy.SCREEN
    numbers = re.findall(r"(?<!\d)\d{3,6}(?!\d)", answer.blocks[0].text)
    assert numbers[0] == FIRST_NUMBER[kind]
    assert FIRST_NUMBER[kind] in answer.speech


def test_every_number_says_where_it_comes_from() -> None:
    file = yaml.safe_load(Path("bot/emergency_replies.yml").read_text("utf-8"))
    said = str(file["kinds"]).replace("12110021", "12110")
    numbers = set(re.findall(r"(?<!\d)\d{3,6}(?!\d)", said)) - {"021"}
    assert numbers == set(file["numbers"])
    for number, source in file["numbers"].items():
        assert source == {"source": "none"} or {"title", "url", "date"} == set(source), number


def test_every_kind_has_signs_and_words() -> None:
    assert {kind for _, kinds in EMERGENCIES for kind in kinds.split("|")} == set(EmergencyKind)


@given(st.text(max_size=80))
def test_no_text_is_too_strange(text: str) -> None:
    detect(text)


def test_what_is_known_of_the_texts_is_what_was_learned_from_them() -> None:
    learned = read_weights(FILE)
    assert set(learned.classes) == {ORDINARY, *EmergencyKind}
    assert all(len(row) == len(learned.classes) for row in learned.grams.values())
    assert 0 < learned.threshold < 1


def test_a_long_text_takes_little_time() -> None:
    detect("孩子老人被人有人突然" * 500)


ANSWERS = yaml.safe_load((FILES[0].parent / "form_answers.yml").read_text("utf-8"))


@pytest.mark.parametrize("text", ANSWERS["ordinary"])
def test_a_short_answer_to_a_form_is_no_emergency(text: str) -> None:
    assert detect(text, in_form=True) is None


@pytest.mark.parametrize("text", ANSWERS["emergencies"])
def test_danger_is_seen_in_a_form_too(text: str) -> None:
    assert detect(text, in_form=True) is not None
