"""Fits the numbers that come with Linli: `python -m knowledge.fitting BENCH` (for developers, minutes).

BENCH is a folder with train_clusters.jsonl (`{"questions": [...]}`, questions that mean the same) and, under
intent/, JSON lines with a "text" that has nothing to do with them. Only numbers are written: weights of
features, and for single characters how often they survive a paraphrase. No text of BENCH is kept.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz

from knowledge import weights
from knowledge.aspects import Wordings
from knowledge.concepts import Concepts
from knowledge.features import COLUMN, FEATURES
from knowledge.forms import Entry, Forms
from knowledge.learning import Calibration, Lesson, Vector, fit_ranker
from knowledge.ranking import Index
from knowledge.rehearsal import Targets, chances, fit_belonging, fit_confidence, thresholds
from knowledge.scoring import DEFAULTS, SIGNALS, Ranking, Scorer
from knowledge.weights import count_survival, shipped_survival, survival_shares
from language.normalise import normalise

# The clusters are dealt out so often, each time into other titles and questions; questions of each deal.
DEALS = 3
LESSONS = 5000
SHARE_HARD = 0.5
ELSEWHERE_QUESTIONS = 600
# Of 1 to 100, by what was right on clusters that were not dealt out.
RANKER_STRENGTH = 30.0
CONFIDENCE_STRENGTH = 2.0
# The sets know nothing of how often an entry is asked: a small say for what is asked often, and its spread.
POPULARITY_WEIGHT, POPULARITY_SCALE = 0.1, 0.25
MOST_CHARACTERS = 10_000

_SEED = 5


@dataclass(frozen=True)
class Deal:
    """A knowledge base made of clusters, and questions with the number of their entry."""

    index: Index
    questions: list[tuple[str, int]]


def deal(clusters: Iterable[Sequence[str]], rng: random.Random) -> Deal:
    """Deal clusters out into entries and questions.

    Half of the entries have a title alone, and are asked for by the text that resembles it least.
    """
    entries: list[Entry] = []
    questions: list[tuple[str, int]] = []
    for cluster in clusters:
        title, *others = rng.sample(list(cluster), len(cluster))
        if not others:
            continue
        known: list[str] = []
        if len(others) == 1 or rng.random() < SHARE_HARD:
            asked = [min(others, key=lambda text: fuzz.ratio(title, text))]
        else:
            known, asked = others[: len(others) // 2], others[len(others) // 2 :][:2]
        questions += [(text, len(entries)) for text in asked]
        entries.append(Entry(str(len(entries)), (title,), tuple(known)))
    rng.shuffle(questions)
    return Deal(Index(entries, Forms(Wordings(), Concepts()), shipped_survival()), questions[:LESSONS])


def fit(
    clusters: Sequence[Sequence[str]], far: Sequence[str], tell: Callable[[str], None]
) -> dict[str, object]:
    """Return what matching_defaults.json holds."""
    rng = random.Random(_SEED)
    deals = [deal(clusters, rng) for _ in range(DEALS)]
    lessons = [lesson for dealt in deals for lesson in _lessons(dealt)]
    asked = sum(len(dealt.questions) for dealt in deals)
    tell(f"{len(lessons)} of {asked} questions have their entry among the candidates")
    scales = _spread(np.concatenate([lesson.features for lesson in lessons]))
    scales[COLUMN["popularity"]] = POPULARITY_SCALE
    scaled = [Lesson(lesson.features / scales, lesson.right) for lesson in lessons]
    ranker = fit_ranker(scaled, np.zeros(len(FEATURES)), RANKER_STRENGTH)
    hits = np.mean([np.argmax(lesson.features @ ranker) == lesson.right for lesson in scaled])
    tell(f"first right, of those: {hits:.4f}")
    ranker[COLUMN["popularity"]] = POPULARITY_WEIGHT
    return {
        "origin": f"{len(lessons):,} development questions about law; half of the entries with a title alone",
        "scales": _named(FEATURES, scales),
        "ranker": _named(FEATURES, ranker),
        **_trust([(Scorer(dealt.index, ranker, scales), dealt.questions) for dealt in deals], far, tell),
    }


def _lessons(dealt: Deal) -> Iterator[Lesson]:
    for text, entry in dealt.questions:
        found = dealt.index.candidates(dealt.index.forms.of(text))
        right = np.flatnonzero(found.entries == entry)
        if len(right):
            yield Lesson(found.features.astype(np.float64), int(right[0]))


def _trust(
    dealt: Sequence[tuple[Scorer, list[tuple[str, int]]]], far: Sequence[str], tell: Callable[[str], None]
) -> dict[str, object]:
    rows: list[Vector] = []
    kinds: list[str] = []
    rights: list[bool] = []

    def add(ranking: Ranking, kind: str, entry: int = -1) -> None:
        if len(ranking):
            rows.append(scorer.signals(ranking))
            kinds.append(kind)
            rights.append(int(ranking.entries[0]) == entry)

    for scorer, questions in dealt:
        for text, entry in questions:
            form = scorer.index.forms.of(text)
            found = scorer.index.candidates(form)
            add(scorer.order(found, form.topic), "in", entry)
            add(scorer.order(found.without([entry]), form.topic), "near")
        for text in far:
            add(scorer.rank(text), "far")
    raw, kind_of, right = np.array(rows), np.array(kinds), np.array(rights)
    scales = _spread(raw)
    signals, blank = raw / scales, Calibration(np.zeros(len(SIGNALS) + 1))
    presence, calibration = fit_confidence(signals, kind_of, right, (blank, blank), CONFIDENCE_STRENGTH)
    belonging = fit_belonging(signals, kind_of, blank.weights)
    sure = chances(signals, presence) * chances(signals, calibration)
    belongs = chances(signals, belonging)
    answer_from, clarify_from = thresholds(sure, belongs, kind_of, right, Targets())
    tell(f"answers from {answer_from:.3f}, asks back from {clarify_from:.3f}")
    named = (*SIGNALS, "constant")
    return {
        "signal_scales": _named(SIGNALS, scales),
        "presence": _named(named, presence.weights),
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
