"""LINLI_ENCODER: without it nothing is loaded; what is amiss with it is said, and the hall goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hall import prepare
from hall.built_index import BuiltIndex
from hall.built_releases import Built, BuiltReleases
from hall.commands import evaluate
from hall.current_release import learn_release
from hall.database import migrate
from hall.encoding import load_encoding
from hall.release_build import build
from hall.settings import ROOT, Settings, read_settings
from hall.startup import is_learned, open_ready, start_digest
from hall.wiring import Wiring
from knowledge.encoder import Encoder
from knowledge.guide import Guide
from knowledge.guide_file import parse_guide
from knowledge.learned import Learned, digest_of
from knowledge.library import SHIPPED_AUTHOR
from knowledge.matching import Matcher, entries_of
from knowledge.release_builds import BuildStore
from tests.knowledge.curation import Room
from tests.knowledge.test_encoder import MATTERS, OFFICE, UNHEARD
from tests.knowledge.tiny_encoder import make_encoder

QUESTION = f"办理{MATTERS[7][UNHEARD]}"


def guide(number: int) -> Guide:
    words = MATTERS[number]
    return parse_guide(
        {
            "id": f"matter-{number}",
            "title": f"{words[OFFICE]}证",
            "plain_name": f"办{words[OFFICE]}证",
            "department": "民政",
            "theme": "便民服务",
            "completeness": "pointer",
            "phrasings": [f"办理{word}" for word in words[1:UNHEARD]],
        },
        f"matter-{number}",
    )


GUIDES = [guide(number) for number in range(30)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_encoder(tmp_path_factory.mktemp("encoder"), MATTERS)


@pytest.fixture(scope="module")
def encoder(model: Path) -> Encoder:
    return Encoder.load(model)


@pytest.fixture(scope="module")
def learned(encoder: Encoder) -> Learned:
    return Matcher.build(GUIDES, encoder=encoder).learned


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return read_settings({"LINLI_FOLDER": str(tmp_path), "LINLI_DATABASE_URL": database_url})


def first(matcher: Matcher) -> str:
    return matcher.rank(QUESTION)[0].guide_id


# The setting


def test_without_the_setting_no_package_of_an_encoder_is_loaded() -> None:
    assert read_settings({}).encoder is None
    asked = "import hall.cli, hall.startup, hall.commands.evaluate, knowledge.matching, sys;"
    asked += "print([name for name in ('onnxruntime', 'tokenizers', 'onnx') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_relative_folder_lies_under_linlis_own() -> None:
    assert read_settings({"LINLI_ENCODER": "var/encoder"}).encoder == ROOT / "var/encoder"


def test_what_is_missing_is_a_sentence_and_the_hall_goes_on(settings: Settings, tmp_path: Path) -> None:
    encoding = load_encoding(replace(settings, encoder=tmp_path / "none"))
    assert encoding.encoder is None
    assert "there is no such folder" in encoding.problem
    assert encoding.problem.endswith("Linli goes on without it.")


def test_a_start_says_it_once(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = replace(settings, encoder=tmp_path / "none")
    monkeypatch.setattr(prepare, "read_settings", lambda: lost)
    monkeypatch.setattr(prepare, "is_up_to_date", lambda settings, digest: digest == prepare.shipped_digest())
    assert prepare.main() == prepare.READY
    assert capsys.readouterr().err.count("The sentence encoder") == 1


def test_a_command_says_it_and_answers(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    migrate(settings)
    Wiring(settings).library.import_guides(GUIDES[:2], SHIPPED_AUTHOR)
    wiring = open_ready(replace(settings, encoder=tmp_path / "none"))
    assert len([line for line in caplog.records if line.levelname == "WARNING"]) == 1
    assert wiring.release.answering().matcher.rank(f"{MATTERS[1][OFFICE]}证")[0].guide_id == "matter-1"
    wiring.engine.dispose()


# What is built with it


def test_another_model_is_another_start(settings: Settings, model: Path) -> None:
    plain, asking = Wiring(settings), Wiring(replace(settings, encoder=model))
    assert start_digest(plain) != start_digest(asking)
    assert len(start_digest(asking)) == 64


def test_an_imported_release_is_answered_with_the_encoder_once_learned(
    settings: Settings, model: Path
) -> None:
    migrate(settings)
    wiring = Wiring(replace(settings, encoder=model))
    wiring.library.import_guides(GUIDES, SHIPPED_AUTHOR)
    release = wiring.release
    assert release.answering().matcher.meanings is None
    learn_release(wiring.library, encoder=wiring.encoder)
    assert is_learned(wiring.library, wiring.encoder)
    assert not is_learned(wiring.library), "what is learned with one is not what is learned without"
    assert release.refresh()
    assert first(release.answering().matcher) == "matter-7"
    again = Wiring(replace(settings, encoder=model))
    assert first(again.release.answering().matcher) == "matter-7"
    wiring.engine.dispose()
    again.engine.dispose()


def test_a_kept_index_takes_its_model_back(
    tmp_path: Path, encoder: Encoder, learned: Learned, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = digest_of(entries_of(GUIDES), encoder)
    built = BuiltIndex(tmp_path, encoder).matcher(digest, GUIDES, learned)
    monkeypatch.setattr(Matcher, "build", None)
    kept = BuiltIndex(tmp_path, encoder).matcher(digest, GUIDES, learned)
    assert kept.judge(QUESTION) == built.judge(QUESTION)
    assert first(kept) == "matter-7"


def test_a_stored_release_is_read_only_where_the_same_model_is(
    settings: Settings, encoder: Encoder, learned: Learned, tmp_path: Path
) -> None:
    migrate(settings)
    wiring = Wiring(settings)
    wiring.library.import_guides(GUIDES, SHIPPED_AUTHOR)
    published = tuple(wiring.library.published())
    store = BuildStore(wiring.sessions, wiring.clock, wiring.sealer)
    builds, digest = BuiltReleases(store, encoder), digest_of(entries_of(GUIDES), encoder)
    name = builds.name(published, digest, learned)
    builds.keep(name, Built(published, Matcher.build(GUIDES, learned=learned, encoder=encoder), digest))
    read = builds.read(name)
    assert read is not None
    assert first(read.matcher) == "matter-7"
    other = Encoder.load(make_encoder(tmp_path / "other", MATTERS[:5]))
    assert BuiltReleases(store, other).read(name) is None
    assert BuiltReleases(store).read(name) is None
    wiring.engine.dispose()


def test_a_release_is_built_and_judged_with_the_encoder(
    settings: Settings, model: Path, encoder: Encoder, learned: Learned
) -> None:
    migrate(settings)
    opened = Wiring(settings)
    room = Room(opened.sessions)
    room.library.import_guides(GUIDES, "lin")
    room.library.keep_learned(digest_of(entries_of(GUIDES), encoder), learned.to_mapping())
    wiring = Wiring(replace(settings, encoder=model), room.clock)
    wiring.gold.add(QUESTION, "matter-7", "lin")
    room.approve("matter-1", life_events=["退休"])
    number = room.releases.propose("wang", "")
    assert wiring.release_queue.claim("builder") == number
    assert build(wiring, number, "builder") == 0
    info = room.releases.get(number)
    assert info.gate is not None
    assert info.state == "ready"
    # Half: it is offered, not answered. Two characters that stand in no name are never sure enough.
    assert info.gate.right_new == 0.5
    assert info.build is not None
    assert wiring.builds.read(info.build) is not None
    assert opened.builds.read(info.build) is None, "who has no encoder builds for itself"
    wiring.engine.dispose()
    opened.engine.dispose()


# Measuring


def test_evaluate_takes_an_encoder(tmp_path: Path, model: Path) -> None:
    lines = {
        "kb.jsonl": [{"id": one.id, "canonical": one.title, "known": list(one.phrasings)} for one in GUIDES],
        "queries.jsonl": [
            {"qid": str(n), "text": f"办理{words[UNHEARD]}", "gold": f"matter-{n}", "kind": "in"}
            for n, words in enumerate(MATTERS)
        ],
    }
    for name, rows in lines.items():
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    figures = {}
    for name, more in (("without", []), ("with", ["--encoder", str(model)])):
        given = ["--guides", str(tmp_path), "--questions", str(tmp_path), "--json", str(tmp_path / name)]
        assert run_evaluate(*given, *more) == 0
        figures[name] = json.loads((tmp_path / name).read_text("utf-8"))["top_1"]
    assert figures["with"] == 1
    assert figures["without"] < 0.2


def test_evaluate_names_an_encoder_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kb.jsonl").write_text('{"id": "a", "canonical": "甲"}\n', "utf-8")
    (tmp_path / "queries.jsonl").write_text(
        '{"qid": "1", "text": "甲", "gold": "a", "kind": "in"}\n', "utf-8"
    )
    given = ["--guides", str(tmp_path), "--questions", str(tmp_path), "--encoder", str(tmp_path / "none")]
    assert run_evaluate(*given) == 2
    assert "there is no such folder" in capsys.readouterr().err


def run_evaluate(*arguments: str) -> int:
    import argparse

    def no_library() -> None:
        raise AssertionError("files are measured without the library")

    parser = argparse.ArgumentParser()
    evaluate.register(parser.add_subparsers(), no_library, lambda: None)  # type: ignore[arg-type]
    parsed = parser.parse_args(["evaluate", *arguments])
    code: int = parsed.run(parsed)
    return code
