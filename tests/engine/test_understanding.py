"""What kind of turn a text is: the classifier on unseen texts, and arbitration with the hall's findings."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.hints import hints
from bot.wishes import understand
from language.script import simplified
from tests.knowledge.shipped import answering

ROOT = Path(__file__).resolve().parents[2]
CASES: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests/utterances/arbitration.yml").read_text("utf-8"))
# The least that was promised for texts that were not learned from.
LEAST_MACRO_F1 = 0.92

pytestmark = pytest.mark.rasa


def found_by_the_hall(case: dict[str, Any]) -> dict[str, Any]:
    """Return what goes to Rasa with a text, as bot/rasa_turn.py sends it."""
    text = simplified(case["say"])
    if case.get("pending") is None:
        understood = understand(text, answering().consider)
        text, finding = understood.text, understood.finding
    else:
        finding = answering().consider(text)
    hall = {
        **hints(text),
        "pending": case.get("pending"),
        "match": finding.to_wire(),
        "offered": case.get("offered", False),
        "clarifying": case.get("clarifying", False),
    }
    return {"say": text, "hall": hall}


@pytest.fixture(scope="module")
def outcome() -> dict[str, Any]:
    done = subprocess.run(
        [
            str(ROOT / ".rasa-venv/bin/python"),
            "-W",
            "ignore",
            str(Path(__file__).with_name("understanding.py")),
        ],
        input=json.dumps([found_by_the_hall(case) for case in CASES]),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def test_kinds_of_turn_are_told_apart_on_texts_that_were_not_learned_from(outcome: dict[str, Any]) -> None:
    held_aside = outcome["held_aside"]
    assert held_aside["macro_f1"] >= LEAST_MACRO_F1, held_aside["intents"]


def _param(place: int) -> Any:
    case = CASES[place]
    where = f" [{case['pending']}]" if "pending" in case else " [offered]" if case.get("offered") else ""
    marks = [pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else []
    return pytest.param(place, id=case["say"] + where, marks=marks)


@pytest.mark.parametrize("place", [_param(place) for place in range(len(CASES))])
def test_the_kind_of_a_turn(outcome: dict[str, Any], place: int) -> None:
    wanted = CASES[place]["kind"]
    kind, ranking = outcome["kinds"][place]
    assert kind in (wanted if isinstance(wanted, list) else [wanted]), ranking
