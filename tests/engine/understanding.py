"""Reads utterances with what the hall found, and judges each: run in the engine's environment, without Rasa.

Standard input holds one JSON list of `{"say", "hall"}`; standard output is one line of JSON: `kinds` (what
the shipped examples and the thresholds of config.yml make of each) and `held_aside` (the classifier on its
unseen tenth).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import yaml  # noqa: E402

from bot.engine.held_aside import split  # noqa: E402
from bot.engine.judgement import Judgement  # noqa: E402
from bot.engine.measure_nlu import measure, trained, written  # noqa: E402


def main() -> None:
    """Judge every utterance and measure the classifier."""
    asked = json.loads(sys.stdin.read())
    examples, lookups = written()
    classifier = trained(examples, lookups)
    steps = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"]
    step = next(step for step in steps if step["name"] == "bot.engine.arbiter.TurnArbiter")
    judgement = Judgement({name: value for name, value in step.items() if name != "name"})
    kinds = []
    for one in asked:
        ranking = classifier.rank(one["say"])[:5]
        kind = judgement.judge(ranking[0]["name"], judgement.sureness(ranking), one["hall"])
        kinds.append([kind, [[entry["name"], round(entry["confidence"], 3)] for entry in ranking[:2]]])
    told = {"kinds": kinds, "held_aside": measure(split(examples), lookups)}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
