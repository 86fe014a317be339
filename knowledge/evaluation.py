"""Measures a matcher on labelled questions: what it finds, what it dares to answer, how fast it is."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.forms import Entry
from knowledge.matching import Match, Verdict
from language.reply import Decision

Judge = Callable[[str], Verdict]
Build = Callable[[Sequence[Entry]], Judge]

Figures = dict[str, float | int | None]
Progress = Callable[[float], None]

# How often a long run says how far it is.
_TELL_EVERY = 50


class UnreadableLines(ValueError):
    """A file of entries or questions is not the JSON lines it should be. Says file, line and remedy."""


@dataclass(frozen=True)
class Question:
    """A labelled question.

    `gold` is the right entry's id or None; `kind` is in, oos_sibling, oos_near or oos_far.
    """

    qid: str
    text: str
    gold: str | None
    kind: str


@dataclass(frozen=True)
class Prediction:
    """What a matcher made of one question."""

    question: Question
    matches: tuple[Match, ...]
    decision: Decision

    @property
    def place(self) -> float:
        """The rank of the right entry, 1 for the first; infinity when it is not among the ten, or is none."""
        ids = [match.guide_id for match in self.matches]
        gold = self.question.gold
        return ids.index(gold) + 1 if gold in ids else float("inf")

    @property
    def is_right(self) -> bool:
        """Whether the right entry stands first."""
        return self.place == 1

    @property
    def confidence(self) -> float:
        """The confidence of the first match, 0 where there is none."""
        return self.matches[0].confidence if self.matches else 0.0

    def to_wire(self) -> dict[str, Any]:
        """Return the line of a predictions file."""
        ranked = [{"id": match.guide_id, "confidence": match.confidence} for match in self.matches[:10]]
        return {"qid": self.question.qid, "ranked": ranked, "decision": str(self.decision)}


@dataclass(frozen=True)
class Run:
    """All predictions of one matcher and what they cost."""

    predictions: tuple[Prediction, ...]
    seconds: float
    build_seconds: float


def read_entries(path: Path) -> list[Entry]:
    """Return the entries of a kb.jsonl (or of a folder that holds one). Raises UnreadableLines."""
    file = path / "kb.jsonl" if path.is_dir() else path
    return [
        Entry(str(line["id"]), (str(line["canonical"]),), tuple(map(str, line.get("known", ()))))
        for line in _lines(file, ("id", "canonical"))
    ]


def read_questions(path: Path) -> list[Question]:
    """Return the questions of a queries.jsonl (or of a folder that holds one). Raises UnreadableLines."""
    file = path / "queries.jsonl" if path.is_dir() else path
    return [
        Question(
            str(line.get("qid", number)),
            str(line["text"]),
            None if line.get("gold") is None else str(line["gold"]),
            str(line.get("kind", "oos_near" if line.get("gold") is None else "in")),
        )
        for number, line in enumerate(_lines(file, ("text",)), start=1)
    ]


def run(
    judge: Judge,
    questions: Sequence[Question],
    build_seconds: float = 0.0,
    progress: Progress = lambda share: None,
) -> Run:
    """Ask every question once, one after the other, and time it."""
    begun = time.perf_counter()
    predictions = []
    for place, question in enumerate(questions):
        verdict = judge(question.text)
        predictions.append(Prediction(question, verdict.matches, verdict.decision))
        if place % _TELL_EVERY == 0:
            progress(place / len(questions))
    return Run(tuple(predictions), time.perf_counter() - begun, build_seconds)


def joined(runs: Iterable[Run]) -> Run:
    """Return several runs as one: all predictions, all seconds, the longest build."""
    listed = list(runs)
    return Run(
        tuple(prediction for one in listed for prediction in one.predictions),
        sum(one.seconds for one in listed),
        max((one.build_seconds for one in listed), default=0.0),
    )


def grouped(done: Run, group_of: Callable[[Prediction], str]) -> dict[str, Run]:
    """Return a run cut into groups by name; seconds are shared out by the number of questions."""
    groups: dict[str, list[Prediction]] = {}
    for prediction in done.predictions:
        groups.setdefault(group_of(prediction), []).append(prediction)
    each = done.seconds / max(len(done.predictions), 1)
    return {
        name: Run(tuple(members), each * len(members), done.build_seconds)
        for name, members in sorted(groups.items())
    }


def report(done: Run) -> Figures:
    """Return the figures of a run; shares are 0 to 1, None where there was nothing to measure."""
    inside = [p for p in done.predictions if p.question.gold is not None]
    outside = [p for p in done.predictions if p.question.gold is None]
    sibling, near, far = (
        [p for p in outside if p.question.kind == kind] for kind in ("oos_sibling", "oos_near", "oos_far")
    )
    places = np.array([prediction.place for prediction in inside], np.float64)
    answered = [p for p in done.predictions if p.decision is Decision.ANSWER]
    answered_right = sum(prediction.is_right for prediction in answered)
    return {
        "questions": len(done.predictions),
        "in_scope": len(inside),
        "top_1": _mean(places == 1),
        "top_4": _mean(places <= 4),
        "top_5": _mean(places <= 5),
        "mrr": _mean(1 / places),
        "answered": _share(inside, Decision.ANSWER),
        "clarified": _share(inside, Decision.CLARIFY),
        "declined": _share(inside, Decision.DECLINE),
        "answered_wrongly": _mean(
            np.array([p.decision is Decision.ANSWER and not p.is_right for p in inside], np.float64)
        ),
        "precision": answered_right / len(answered) if answered else None,
        "sibling_refused": _refused(sibling),
        "near_refused": _refused(near),
        "near_declined": _share(near, Decision.DECLINE),
        "far_refused": _refused(far),
        "far_declined": _share(far, Decision.DECLINE),
        "sibling_auroc": auroc(_confidences(inside), _confidences(sibling)),
        "near_auroc": auroc(_confidences(inside), _confidences(near)),
        "far_auroc": auroc(_confidences(inside), _confidences(far)),
        "questions_per_second": len(done.predictions) / done.seconds if done.seconds else None,
        "build_seconds": done.build_seconds,
        # Of the whole process, in MB; Linux counts it in KB.
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def auroc(higher: Sequence[float], lower: Sequence[float]) -> float | None:
    """Return the chance that one of `higher` is above one of `lower`, ties counting half.

    None if either is empty.
    """
    if not higher or not lower:
        return None
    ordered = np.sort(np.array(lower))
    below = np.searchsorted(ordered, higher, side="left")
    not_above = np.searchsorted(ordered, higher, side="right")
    return float((below + not_above).sum() / 2 / len(higher) / len(lower))


def write_predictions(done: Run, path: Path) -> None:
    """Write one JSON line a question."""
    lines = (json.dumps(prediction.to_wire(), ensure_ascii=False) for prediction in done.predictions)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _lines(file: Path, required: Sequence[str]) -> Iterator[dict[str, Any]]:
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UnreadableLines(
            f"{file}: cannot be read ({problem}). Give a JSON lines file in UTF-8"
        ) from problem
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            read = json.loads(line)
        except ValueError:
            raise UnreadableLines(f"{file}, line {number}: not JSON. Put one object on each line") from None
        if not isinstance(read, dict) or any(name not in read for name in required):
            raise UnreadableLines(f"{file}, line {number}: needs the fields {', '.join(required)}")
        yield read


def _confidences(predictions: Sequence[Prediction]) -> list[float]:
    return [prediction.confidence for prediction in predictions]


def _share(predictions: Sequence[Prediction], decision: Decision) -> float | None:
    return _mean(np.array([p.decision is decision for p in predictions], np.float64))


def _refused(predictions: Sequence[Prediction]) -> float | None:
    return _mean(np.array([p.decision is not Decision.ANSWER for p in predictions], np.float64))


def _mean(values: np.ndarray[Any, Any]) -> float | None:
    return float(values.mean()) if len(values) else None
