"""Fits the numbers that come with Linli: `python -m knowledge.fitting BENCH` (for developers, minutes).

BENCH is a folder with train_clusters.jsonl (`{"questions": [...]}`, questions that mean the same) and, under
intent/, JSON lines with a "text" that has nothing to do with them. Only numbers are written: weights of
features, and for single characters how often they survive a paraphrase. No text of BENCH is kept.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from knowledge import weights
from knowledge.aspects import Wordings
from knowledge.concepts import Concepts
from knowledge.features import COLUMN, FEATURES
from knowledge.forms import Entry, Forms
from knowledge.learning import Lesson, Vector, fit_calibration, fit_ranker
from knowledge.ranking import Index
from knowledge.rehearsal import Targets, fit_belonging, importance_of, thresholds
from knowledge.scoring import DEFAULTS, SIGNALS, Ranking, Scorer
from knowledge.weights import count_survival, shipped_survival, survival_shares
from language.normalise import normalise

# Questions asked; of these so many also calibrate the confidence.
LESSONS = 5000
CALIBRATION_QUESTIONS = 2500
ELSEWHERE_QUESTIONS = 600
RANKER_STRENGTH = 3.0
# The sets know nothing of how often an entry is asked: a small say for what is asked often, and its spread.
POPULARITY_WEIGHT, POPULARITY_SCALE = 0.1, 0.25
MOST_CHARACTERS = 10_000

_SEED = 5


def deal(clusters: Iterable[Sequence[str]], rng: random.Random) -> tuple[list[Entry], list[tuple[str, int]]]:
    """Return entries made of clusters, half of them with a title alone, and questions for them."""
    entries: list[Entry] = []
    questions: list[tuple[str, int]] = []
    for cluster in clusters:
        texts = list(cluster)
        rng.shuffle(texts)
        if len(texts) < 2:
            continue
        cut = 1 if len(texts) == 2 or rng.random() < 0.5 else len(texts) // 2 + 1
        questions += [(text, len(entries)) for text in texts[cut : cut + 2]]
        entries.append(Entry(str(len(entries)), (texts[0],), tuple(texts[1:cut])))
    rng.shuffle(questions)
    return entries, questions[:LESSONS]


def fit(
    clusters: Sequence[Sequence[str]], far: Sequence[str], tell: Callable[[str], None]
) -> dict[str, object]:
    """Return what matching_defaults.json holds."""
    rng = random.Random(_SEED)
    entries, questions = deal(clusters, rng)
    index = Index(entries, Forms(Wordings(), Concepts()), shipped_survival())
    lessons = []
    for text, entry in questions:
        found = index.candidates(index.forms.of(text))
        right = np.flatnonzero(found.entries == entry)
        if len(right):
            lessons.append(Lesson(found.features.astype(np.float64), int(right[0])))
    tell(f"{len(lessons)} of {len(questions)} questions have their entry among the candidates")
    scales = _spread(np.concatenate([lesson.features for lesson in lessons]))
    scales[COLUMN["popularity"]] = POPULARITY_SCALE
    scaled = [Lesson(lesson.features / scales, lesson.right) for lesson in lessons]
    blank = np.zeros(len(FEATURES))
    fifth = len(scaled) // 5
    tried = fit_ranker(scaled[fifth:], blank, RANKER_STRENGTH)
    hits = np.mean([np.argmax(lesson.features @ tried) == lesson.right for lesson in scaled[:fifth]])
    tell(f"first right on a fifth held aside: {hits:.4f}")
    ranker = fit_ranker(scaled, blank, RANKER_STRENGTH)
    ranker[COLUMN["popularity"]] = POPULARITY_WEIGHT
    scorer = Scorer(index, ranker, scales)
    return {
        "origin": f"{len(questions):,} development questions about law, half the entries with a title alone",
        "scales": _named(FEATURES, scales),
        "ranker": _named(FEATURES, ranker),
        **_trust(scorer, questions[:CALIBRATION_QUESTIONS], far, tell),
    }


def _trust(
    scorer: Scorer, questions: Sequence[tuple[str, int]], far: Sequence[str], tell: Callable[[str], None]
) -> dict[str, object]:
    rows: list[Vector] = []
    kinds: list[str] = []
    rights: list[bool] = []

    def add(ranking: Ranking, kind: str, entry: int = -1) -> None:
        if len(ranking):
            rows.append(scorer.signals(ranking))
            kinds.append(kind)
            rights.append(int(ranking.entries[0]) == entry)

    for text, entry in questions:
        form = scorer.index.forms.of(text)
        found = scorer.index.candidates(form)
        add(scorer.order(found, form.topic), "in", entry)
        add(scorer.order(found.without([entry]), form.topic), "near")
    for text in far:
        add(scorer.rank(text), "far")
    raw, kind_of, right = np.array(rows), np.array(kinds), np.array(rights)
    scales = _spread(raw)
    signals, blank = raw / scales, np.zeros(len(SIGNALS) + 1)
    calibration = fit_calibration(signals, right, importance_of(kind_of), blank, 1.0)
    belonging = fit_belonging(signals, kind_of, blank)
    sure = np.array([calibration.confidence(row) for row in signals])
    belongs = np.array([belonging.confidence(row) for row in signals])
    answer_from, clarify_from = thresholds(sure, belongs, kind_of, right, Targets())
    tell(f"answers from {answer_from:.3f}, asks back from {clarify_from:.3f}")
    named = (*SIGNALS, "constant")
    return {
        "signal_scales": _named(SIGNALS, scales),
        "calibration": _named(named, calibration.weights),
        "belonging": _named(named, belonging.weights),
        "answer_from": round(answer_from, 4),
        "clarify_from": round(clarify_from, 4),
    }


def fit_survival(clusters: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return what character_survival.json holds: single characters and one number each."""
    counts = count_survival([normalise(text) for text in cluster] for cluster in clusters)
    kept = sorted(counts, key=lambda character: -counts[character][0])[:MOST_CHARACTERS]
    shares = survival_shares({character: counts[character] for character in kept})
    return {character: round(share, 3) for character, share in sorted(shares.items())}


def main() -> None:
    """Read a bench folder and write the two files of numbers next to this module."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.fitting", description=__doc__)
    parser.add_argument("bench", type=Path, help="folder with train_clusters.jsonl and intent/")
    parser.add_argument(
        "--survival", action="store_true", help="also fit how characters survive a paraphrase"
    )
    arguments = parser.parse_args()
    clusters = [line["questions"] for line in _lines(arguments.bench / "train_clusters.jsonl")]
    if arguments.survival:
        text = json.dumps(fit_survival(clusters), ensure_ascii=False, separators=(",", ":"))
        weights.SHIPPED.write_text(text + "\n", "utf-8")
        shipped_survival.cache_clear()
    sources = sorted(arguments.bench.glob("intent/smp2019/*.jsonl")) + sorted(
        arguments.bench.glob("intent/cais/*.jsonl")
    )
    far = [str(line["text"]) for path in sources for line in _lines(path)]
    random.Random(_SEED).shuffle(far)
    fitted = fit(clusters, far[:ELSEWHERE_QUESTIONS], print)
    DEFAULTS.write_text(json.dumps(fitted, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _lines(path: Path) -> list[dict[str, list[str]]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _spread(rows: Vector) -> Vector:
    """Return the standard deviation of each column, 1 for a column that never changes."""
    spread: Vector = rows.std(axis=0)
    spread[spread < 1e-6] = 1.0
    return spread


def _named(names: Sequence[str], numbers: Vector) -> dict[str, float]:
    return {name: round(float(number), 4) for name, number in zip(names, numbers, strict=True)}


if __name__ == "__main__":
    main()
