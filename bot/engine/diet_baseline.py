"""A peer to measure against: Rasa's DIETClassifier, one intent a guide. `python -m bot.engine.diet_baseline`.

Speaks JSON lines: reads `{"entries": [{"id", "texts"}], "epochs": n}`, trains, writes `{"ready": true}`; then
for each `{"text": ...}` that it reads it writes `{"ranked": [[id, confidence], ...]}`, up to ten. Ends with
its input.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

import yaml

# Rasa reads these as the marks of entities, and a line break as the next example.
_MARKS = re.compile(r"[\[\]{}()|\n]")


def main() -> int:
    """Train on the first line and answer the others; return the exit code."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Whatever Rasa prints goes to standard error: standard output is for our lines alone.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    task = json.loads(sys.stdin.readline())
    ids = [entry["id"] for entry in task["entries"]]
    with tempfile.TemporaryDirectory(prefix="linli-diet-") as folder:
        # Nothing is trained twice: the cache of the hall's own model is not ours to fill.
        os.environ["RASA_CACHE_DIRECTORY"] = str(Path(folder) / "cache")
        # Rasa reads its settings when it is imported.
        from bot.engine.__main__ import _quiet

        _quiet()
        agent = _train(task["entries"], int(task["epochs"]), Path(folder))
        _say(answers, {"ready": True})
        asyncio.run(_answer(agent, ids, sys.stdin, answers))
    return 0


def _train(entries: list[dict[str, Any]], epochs: int, folder: Path) -> Any:
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    (folder / "config.yml").write_text(yaml.safe_dump(_config(epochs)), "utf-8")
    (folder / "nlu.yml").write_text(yaml.safe_dump(_examples(entries), allow_unicode=True), "utf-8")
    model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder / "models"))
    if model is None:
        raise SystemExit("Rasa could not train the baseline: see the lines above")
    return Agent.load(model)


def _config(epochs: int) -> dict[str, Any]:
    """Return Rasa's suggested pipeline for a language without spaces, with our tokenizer and few epochs."""
    grams = {"name": "CountVectorsFeaturizer", "analyzer": "word", "min_ngram": 1, "max_ngram": 2}
    diet = {
        "name": "DIETClassifier",
        "epochs": epochs,
        "entity_recognition": False,
        "constrain_similarities": True,
        "ranking_length": 10,
        "random_seed": 7,
    }
    pipeline = [{"name": "bot.engine.tokenizer.CharacterTokenizer"}, grams, diet]
    return {"recipe": "default.v1", "language": "zh", "assistant_id": "baseline", "pipeline": pipeline}


def _examples(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "version": "3.1",
        "nlu": [
            {"intent": f"i{number}", "examples": _lines(entry["texts"])}
            for number, entry in enumerate(entries)
        ],
    }


def _lines(texts: Iterable[str]) -> str:
    kept = dict.fromkeys(_MARKS.sub(" ", text).strip() for text in texts)
    return "".join(f"- {text}\n" for text in kept if text)


async def _answer(agent: Any, ids: list[str], questions: TextIO, answers: TextIO) -> None:
    for line in questions:
        parsed = await agent.parse_message(json.loads(line)["text"])
        ranking = parsed.get("intent_ranking") or []
        ranked = [[ids[int(one["name"][1:])], float(one["confidence"])] for one in ranking[:10]]
        _say(answers, {"ranked": ranked})


def _say(answers: TextIO, line: dict[str, Any]) -> None:
    answers.write(json.dumps(line, ensure_ascii=False) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
