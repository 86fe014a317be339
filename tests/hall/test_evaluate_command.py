"""`linli evaluate` on files, with peers, and what it says where something is missing."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import pytest

from hall.commands import evaluate
from hall.diet_peer import DietFailed, DietPeer, engine_python
from hall.progress import Progress
from knowledge.forms import Entry
from knowledge.library import Library

ENTRIES = [
    ("permit", "居住证申领", ["办居住证"]),
    ("lost", "居住证补办", ["居住证丢了"]),
    ("job", "失业登记", []),
]
QUESTIONS = [
    ("居住证申领怎么办", "permit"),
    ("居住证丢了补一张", "lost"),
    ("失业登记", "job"),
    ("讲个笑话", None),
]


def no_library() -> Library:
    raise AssertionError("files are measured without the library")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    entries = [{"id": one, "canonical": name, "known": known} for one, name, known in ENTRIES]
    questions = [
        {"qid": str(n), "text": text, "gold": gold, "kind": "in" if gold else "oos_far"}
        for n, (text, gold) in enumerate(QUESTIONS)
    ]
    for name, lines in (("kb.jsonl", entries), ("queries.jsonl", questions)):
        (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return tmp_path


def run(*arguments: str, engine: Path | None = None) -> int:
    parser = argparse.ArgumentParser()
    evaluate.register(parser.add_subparsers(), no_library, lambda: engine)
    parsed = parser.parse_args(["evaluate", *arguments])
    code: int = parsed.run(parsed)
    return code


def test_figures_predictions_and_page_are_written(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = [str(files / name) for name in ("out.json", "out.jsonl", "out.html")]
    options = zip(("--json", "--predictions", "--html"), written, strict=True)
    code = run(
        "--guides", str(files), "--questions", str(files), "--baseline", "bm25", "--baseline", "wratio",
        "--baseline-sample", "2", *(text for option in options for text in option),
    )  # fmt: skip
    assert code == 0
    figures = json.loads(Path(written[0]).read_text("utf-8"))
    assert figures["top_1"] == 1
    assert figures["by_kind"]["oos_far"]["questions"] == 1
    assert figures["baselines"]["wratio"]["questions"] == 2
    assert len(figures["reliability"]) == 10
    assert len(Path(written[1]).read_text("utf-8").splitlines()) == len(QUESTIONS)
    assert "<svg" in Path(written[2]).read_text("utf-8")
    assert "wratio" in capsys.readouterr().out


def test_a_place_that_cannot_be_written_is_named(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--guides", str(files), "--questions", str(files), "--html", str(files / "no" / "out.html"))
    assert run(*arguments) == 1
    assert "Name another place" in capsys.readouterr().err


def test_guides_without_questions_say_what_is_needed(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--guides", str(files)) == 2
    assert "--questions" in capsys.readouterr().err


def test_without_rasa_the_diet_baseline_is_left_out_with_a_word(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert engine_python(files) is None
    assert run("--guides", str(files), "--questions", str(files), "--baseline", "rasa-diet") == 0
    assert "make install" in capsys.readouterr().out


def test_a_process_of_rasa_that_ends_early_says_why(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'no module named rasa' >&2\nexit 3\n", "utf-8")
    python.chmod(0o755)
    with DietPeer(python) as peer, pytest.raises(DietFailed, match=r"code 3(.|\n)*no module named rasa"):
        peer.build([Entry("a", ("居住证",))])


@pytest.mark.rasa
@pytest.mark.skipif(engine_python() is None, reason="Rasa's environment is absent")
def test_the_diet_baseline_learns_and_ranks() -> None:
    python = engine_python()
    assert python is not None
    entries = [Entry(one, (name,), (*known, f"{name}怎么办")) for one, name, known in ENTRIES]
    with DietPeer(python, epochs=15) as peer:
        judge = peer.build(entries)
        assert judge("居住证丢了").matches[0].guide_id == "lost"
        assert len(judge("失业登记").matches) == len(entries)


def test_progress_in_a_log_is_a_line_now_and_then() -> None:
    clock = iter([0.0, 1.0, 11.0, 12.0])
    out = io.StringIO()
    with Progress(out, lambda: next(clock)) as progress:
        for share in (0.1, 0.5, 0.9):
            progress.tell("asking", share)
    assert out.getvalue() == "asking: 50%\n"
