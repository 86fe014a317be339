"""Learns the hunches: `python -m bot.hunch_fitting tests/utterances` (for developers, half a minute).

The folder's emergencies*.yml hold texts of danger by kind, and ordinary ones that look like it. What
residents ask of guides and say to the hall comes from knowledge/guides and bot/data. The threshold is
chosen on texts that a fold was not learned from, without those that speak of papers, of what may happen
or of what is over.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from bot.emergencies import EmergencyKind, folded, is_excused
from bot.hunches import FILE, HUNDREDTHS, ORDINARY, grams
from knowledge.guide_file import read_guides

ROOT = Path(__file__).parents[1]
CLASSES = (ORDINARY, *EmergencyKind)
# A text of danger counts as much as several ordinary ones, of which there are thousands; look-alikes too.
DANGER_COUNTS, LOOK_ALIKE_COUNTS = 6.0, 4.0
STRENGTH = 0.35  # of the pull towards 0; by recall on held-aside folds among .1, .35, 1, 3
FOLDS = 5
LOOK_ALIKES_TAKEN = 0.05
# What Chinese look-alikes alone asked for: English ones are told apart easily, which pulls it down.
LEAST_THRESHOLD = 0.32
_ENTITY = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """A folded text, its class (an index of CLASSES) and how much it counts."""

    text: str
    label: int
    weight: float


def read_examples(folder: Path) -> list[Example]:
    """Return the texts of danger and their look-alikes."""
    examples = []
    for file in sorted(folder.glob("emergencies*.yml")):
        texts: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
        for kinds, said in texts["emergencies"].items():
            label = CLASSES.index(kinds.partition("|")[0])  # illness|injury: either answer is right
            examples += [Example(folded(str(text)), label, DANGER_COUNTS) for text in said]
        examples += [Example(folded(str(text)), 0, LOOK_ALIKE_COUNTS) for text in texts["ordinary"]]
    return examples


def read_ordinary() -> list[Example]:
    """Return what residents ask and say when nobody is in danger, each text once."""
    texts = {folded(text): None for text in (*_guide_texts(), *_said_to_the_hall())}
    return [Example(text, 0, 1.0) for text in texts if text]


def _guide_texts() -> Iterator[str]:
    for guide in read_guides(sorted((ROOT / "knowledge/guides").glob("*.yml")), shipped=True):
        yield from (guide.title, *guide.aliases, *guide.phrasings)
        if guide.english is not None:
            yield from (guide.english.title, *guide.english.phrasings)


def _said_to_the_hall() -> Iterator[str]:
    for file in sorted((ROOT / "bot/data/nlu").glob("*.yml")):
        for topic in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            for line in topic.get("examples", "").splitlines():
                yield _ENTITY.sub(r"\1", line.removeprefix("- "))


@dataclass(frozen=True)
class Learned:
    """Weights, a row for each gram and a column for each class, and the bias of each class."""

    vocabulary: dict[str, int]
    rows: Numbers
    bias: Numbers

    def dangers(self, texts: Sequence[str]) -> Numbers:
        """Return how likely each text tells of danger."""
        scores = _matrix(texts, self.vocabulary) @ self.rows + self.bias
        return 1 - _softmax(np.asarray(scores))[:, 0]


def learn(examples: Sequence[Example]) -> Learned:
    """Fit the softmax by L-BFGS with a pull towards 0; only grams of danger and look-alikes count."""
    telling = sorted({gram for one in examples if one.weight > 1 for gram in grams(one.text)})
    vocabulary = {gram: number for number, gram in enumerate(telling)}
    matrix = _matrix([one.text for one in examples], vocabulary)
    labels = np.array([one.label for one in examples])
    counts = np.array([one.weight for one in examples])
    shape = (len(vocabulary) + 1, len(CLASSES))

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        weights = flat.reshape(shape)
        likely = _softmax(np.asarray(matrix @ weights[:-1]) + weights[-1])
        error = counts @ -np.log(likely[np.arange(len(labels)), labels] + 1e-12)
        likely[np.arange(len(labels)), labels] -= 1
        likely *= counts[:, None]
        slope = np.vstack([np.asarray(matrix.T @ likely), likely.sum(axis=0)])
        slope[:-1] += STRENGTH * weights[:-1]
        return float(error + STRENGTH / 2 * (weights[:-1] ** 2).sum()), slope.ravel()

    found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 150})
    weights = np.asarray(found.x).reshape(shape)
    return Learned(vocabulary, weights[:-1], weights[-1])


def choose_threshold(examples: Sequence[Example], ordinary: Sequence[Example]) -> tuple[float, float]:
    """Return the threshold, and the share of unseen texts of danger that it finds."""
    order = np.random.default_rng(5).permutation(len(examples))
    danger, alike = [], []
    for fold in range(FOLDS):
        aside = [examples[i] for i in order[fold::FOLDS]]
        kept = [examples[i] for k in range(FOLDS) if k != fold for i in order[k::FOLDS]]
        likely = learn([*kept, *ordinary]).dangers([one.text for one in aside])
        danger += [value for value, one in zip(likely, aside, strict=True) if one.label]
        alike += [
            0.0 if is_excused(one.text) else value
            for value, one in zip(likely, aside, strict=True)
            if not one.label
        ]
    threshold = max(LEAST_THRESHOLD, float(np.quantile(alike, 1 - LOOK_ALIKES_TAKEN)))
    return round(threshold, 2), float(np.mean(np.array(danger) >= threshold))


def _matrix(texts: Sequence[str], vocabulary: dict[str, int]) -> csr_matrix:
    indices, values, ends = [], [], [0]
    for text in texts:
        found = grams(text)
        known = sorted(vocabulary[gram] for gram in found if gram in vocabulary)
        indices += known
        values += [1 / np.sqrt(len(found))] * len(known)
        ends.append(len(indices))
    return csr_matrix((values, indices, ends), shape=(len(texts), len(vocabulary)))


def _softmax(scores: Numbers) -> Numbers:
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def write(learned: Learned, threshold: float, file: Path) -> None:
    """Write the weights as hundredths, a line a gram; those that say nothing are left out."""
    hundredths = np.rint(learned.rows * HUNDREDTHS).astype(int)
    kept = {
        gram: hundredths[row].tolist() for gram, row in learned.vocabulary.items() if hundredths[row].any()
    }
    head = {"classes": CLASSES, "bias": [round(float(bias), 3) for bias in learned.bias]}
    written = [(json.dumps(gram, ensure_ascii=False), json.dumps(row)) for gram, row in kept.items()]
    lines = ",\n".join(f"{gram}: {row}" for gram, row in written)
    text = f'{{"threshold": {threshold}, {json.dumps(head)[1:-1]}, "grams": {{\n{lines}\n}}}}\n'
    file.write_text(text, "utf-8")


def main(folder: str) -> None:
    """Learn, say how well it does on what it has not seen, and write."""
    examples, ordinary = read_examples(Path(folder)), read_ordinary()
    threshold, found = choose_threshold(examples, ordinary)
    seen = f"{len(examples)} texts, {len(ordinary)} ordinary; threshold {threshold}"
    print(f"{seen}: {found:.3f} of the unseen found by hunch alone")  # noqa: T201
    write(learn([*examples, *ordinary]), threshold, FILE)


if __name__ == "__main__":
    main(sys.argv[1])
