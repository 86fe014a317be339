"""How well turns are understood: kinds of turn on texts never learned from, emergencies, false alarms."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from bot.emergencies import detect
from hall.bench.programs import NotReady
from hall.setup.checkout import Checkout

LEAST_MACRO_F1, LEAST_RECALL, MOST_FALSE_ALARMS = 0.92, 1.0, 2
_TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Understanding:
    """F1 from 0 to 1. `intents` maps each kind to its F1 and how many unseen texts it had."""

    intents: Mapping[str, tuple[float, int]]
    macro_f1: float
    misheard_macro_f1: float
    learned: int
    unseen: int
    too_alike: int
    milliseconds: float
    emergencies: int
    recall: float
    look_alikes: int
    false_alarms: int


def measure_understanding(checkout: Checkout) -> Understanding:
    """Train on nine tenths of the examples in the engine's environment, and try the tenth that is held aside.

    Raises NotReady where the engine cannot.
    """
    command = [str(checkout.engine_python), "-m", "bot.engine.measure_nlu"]
    done = subprocess.run(
        command, cwd=checkout.root, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
    )
    if done.returncode != 0:
        raise NotReady(f"The kinds of turn could not be measured:\n{done.stderr[-1000:]}")
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    dangers, ordinary = _written(checkout)
    return Understanding(
        intents={name: (float(score), int(count)) for name, (score, count) in told["intents"].items()},
        macro_f1=told["macro_f1"],
        misheard_macro_f1=told["misheard_macro_f1"],
        learned=told["learned"],
        unseen=told["unseen"],
        too_alike=told["too_alike"],
        milliseconds=told["milliseconds"],
        emergencies=len(dangers),
        recall=sum(detect(text) is not None for text in dangers) / len(dangers),
        look_alikes=len(ordinary),
        false_alarms=sum(detect(text) is not None for text in ordinary),
    )


def _written(checkout: Checkout) -> tuple[list[str], list[str]]:
    """Return what is an emergency and what only looks like one, as the tests know them."""
    dangers: list[str] = []
    ordinary: list[str] = []
    for file in sorted((checkout.root / "tests/utterances").glob("emergencies*.yml")):
        read: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
        dangers += [text for texts in read["emergencies"].values() for text in texts]
        ordinary += read["ordinary"]
    return dangers, ordinary
