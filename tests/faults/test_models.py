"""Models that Rasa cannot use: it ends and says so, instead of running on without one."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from hall.plan import MODEL_UNUSABLE
from hall.ports import free_loopback_port

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.rasa


def serve(model: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "LINLI_ENGINE_TOKEN": "token",
        "LINLI_ACTIONS_URL": "http://127.0.0.1:1/webhook",
        "LINLI_TRACKER_URL": f"sqlite:///{folder / 'rasa.db'}",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    command = [ROOT / ".rasa-venv/bin/python", "-m", "bot.engine", "serve", "--model", model]
    return subprocess.run(
        [*map(str, command), "--port", str(free_loopback_port())],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.mark.parametrize("kind", ["no archive", "another archive"])
def test_rasa_ends_with_a_code_of_its_own_when_its_model_cannot_be_used(tmp_path: Path, kind: str) -> None:
    model = tmp_path / "model.tar.gz"
    if kind == "no archive":
        model.write_bytes(b"\x1f\x8b" + os.urandom(5000))
    else:
        (tmp_path / "notes.txt").write_text("no model")
        with tarfile.open(model, "w:gz") as archive:
            archive.add(tmp_path / "notes.txt", "notes.txt")
    done = serve(model, tmp_path)
    assert done.returncode == MODEL_UNUSABLE, done.stderr[-2000:]
    assert "the model cannot be used" in done.stderr
