"""How well kinds of turn are told apart on examples that were not learned from.

`python -m bot.engine.measure_nlu` trains the classifier of config.yml on nine tenths of bot/data/nlu and
writes one line of JSON about the tenth that is held aside.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from bot.engine.features import sounds
from bot.engine.held_aside import Example, Split, split, without_alike
from bot.engine.linear import LinearModel, Options
from bot.engine.tokens import tokens_of

ROOT = Path(__file__).resolve().parents[2]
CLASSIFIER = "bot.engine.classifier.LinearIntentClassifier"
# Of the characters of a text, as many are replaced by others of the same sound: what a listener mishears.
MISHEARD = 0.15


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot.engine.measure_nlu")
    parser.add_argument("--folds", type=int, default=0, help="cross validate with so many folds as well")
    arguments = parser.parse_args()
    examples, lookups = written()
    found = measure(split(examples), lookups)
    if arguments.folds:
        found["folds"] = cross_validated(examples, lookups, arguments.folds)
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    return 0


def written() -> tuple[list[Example], dict[str, list[list[str]]]]:
    """Return the examples and the word lists of bot/data/nlu."""
    examples: list[Example] = []
    lookups: dict[str, list[list[str]]] = {}
    for file in sorted((ROOT / "bot/data/nlu").glob("*.yml")):
        for part in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            lines = [line[2:].strip() for line in part["examples"].splitlines() if line.startswith("- ")]
            if "lookup" in part:
                lookups[part["lookup"]] = [tokens_of(word) for word in lines]
            else:
                examples += [Example(text, part["intent"]) for text in lines]
    return examples, lookups


def measure(parts: Split, lookups: dict[str, list[list[str]]]) -> dict[str, Any]:
    """Train on one part and return scores on the other, as it is written and as it might be misheard."""
    started = time.process_time()
    classifier = trained(parts.learned, lookups)
    seconds = time.process_time() - started
    truth = [example.intent for example in parts.unseen]
    began = time.perf_counter()
    said = [classifier.rank(example.text)[0]["name"] for example in parts.unseen]
    each = (time.perf_counter() - began) * 1000 / max(1, len(said))
    misheard = [classifier.rank(text)[0]["name"] for text in _misheard(parts)]
    intents = f1_by_intent(truth, said)
    return {
        "learned": len(parts.learned),
        "unseen": len(parts.unseen),
        "too_alike": parts.too_alike,
        "macro_f1": _mean(intents.values()),
        "accuracy": _mean([float(one == other) for one, other in zip(truth, said, strict=True)]),
        "misheard_macro_f1": _mean(f1_by_intent(truth, misheard).values()),
        "training_cpu_seconds": seconds,
        "milliseconds": each,
        "intents": {name: [score, truth.count(name)] for name, score in intents.items()},
    }


def cross_validated(
    examples: Sequence[Example], lookups: dict[str, list[list[str]]], folds: int
) -> dict[str, float]:
    """Return mean and least macro-F1 over folds; what is too like a fold's unseen texts is not learned."""
    shuffled: dict[str, list[Example]] = defaultdict(list)
    for example in sorted(examples, key=lambda one: (one.intent, one.text)):
        shuffled[example.intent].append(example)
    chance = random.Random(0)
    for group in shuffled.values():
        chance.shuffle(group)
    scores = []
    for fold in range(folds):
        unseen = [one for group in shuffled.values() for one in group[fold::folds]]
        outside = [one for group in shuffled.values() for at, one in enumerate(group) if at % folds != fold]
        classifier = trained(without_alike(outside, unseen), lookups)
        said = [classifier.rank(one.text)[0]["name"] for one in unseen]
        scores.append(_mean(f1_by_intent([one.intent for one in unseen], said).values()))
    return {"folds": folds, "mean": _mean(scores), "least": min(scores)}


def trained(examples: Sequence[Example], lookups: dict[str, list[list[str]]]) -> LinearModel:
    """Return the model that config.yml describes, trained on these examples."""
    steps = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"]
    step = next(step for step in steps if step["name"] == CLASSIFIER)
    return LinearModel.learn(
        [one.text for one in examples],
        [one.intent for one in examples],
        lookups,
        Options(step["strength"], step["balance"]),
    )


def f1_by_intent(truth: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    """Return each intent's F1: the harmonic mean of precision and recall."""
    right = Counter(one for one, other in zip(truth, said, strict=True) if one == other)
    true, told = Counter(truth), Counter(said)
    return {name: 2 * right[name] / (true[name] + told[name]) for name in sorted(true)}


def _misheard(parts: Split) -> Iterator[str]:
    """Yield the unseen texts with characters replaced by ones of the same sound met elsewhere in the data."""
    by_sound: dict[str, list[str]] = defaultdict(list)
    for character, _ in Counter("".join(one.text for one in parts.learned)).most_common():
        if "\u4e00" <= character <= "\u9fff":
            by_sound[sounds([character])[0]].append(character)
    for example in parts.unseen:
        chance = random.Random(example.text)
        shown = list(example.text)
        able = [
            at
            for at, character in enumerate(shown)
            if len(by_sound.get(sounds([character])[0], ())) > 1 and "\u4e00" <= character <= "\u9fff"
        ]
        count = max(1, round(len(able) * MISHEARD)) if able else 0
        for at in chance.sample(able, count):
            others = [one for one in by_sound[sounds([shown[at]])[0]] if one != shown[at]]
            shown[at] = chance.choice(others or [shown[at]])
        yield "".join(shown)


def _mean(values: Any) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


if __name__ == "__main__":
    sys.exit(main())
