"""Train Rasa's model where it is missing, stale or damaged, and know which model is the one to serve."""

from __future__ import annotations

import hashlib
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from hall.setup import stamps
from hall.setup.checkout import Checkout
from hall.setup.commands import SetupFailed, failure
from hall.setup.environments import ENGINE_QUIET, GIGABYTE, FreeBytes, free_bytes

TRAINING_BYTES = GIGABYTE // 2
KEPT_MODELS = 2


@dataclass(frozen=True)
class Model:
    """A trained model and the digest of what it was trained from."""

    file: Path
    trained_from: str


def sources(root: Path) -> list[Path]:
    """Return the files that a model is made from: change one, and the model is stale."""
    files = [root / "config.yml", root / "bot/domain.yml", root / "bot/engine/uv.lock"]
    files += (root / "bot/data").rglob("*")
    files += (root / "bot/engine").glob("*.py")
    return [file for file in files if file.is_file()]


def current_model(checkout: Checkout) -> Model | None:
    """Return the model to serve, stale or not; None when there is none, or it is not as it was trained."""
    said = stamps.read(checkout.models / "current.json")
    file = checkout.models / str(said.get("file", ""))
    if not file.is_file() or _digest(file) != said.get("sha256", _digest(file)):
        return None
    return Model(file, str(said.get("trained from", "")))


def is_damaged(checkout: Checkout) -> bool:
    """True when there is a model file that has changed since it was trained."""
    said = stamps.read(checkout.models / "current.json")
    return (checkout.models / str(said.get("file", ""))).is_file() and current_model(checkout) is None


def reject_model(checkout: Checkout) -> None:
    """Serve the current model no more: Rasa could not use it. The file stays, under another name."""
    model = current_model(checkout)
    if model is not None:
        model.file.replace(model.file.with_name(f"{model.file.name}.unusable"))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def model_is_current(checkout: Checkout) -> bool:
    """True when there is a model and nothing that it was trained from has changed."""
    model = current_model(checkout)
    return model is not None and model.trained_from == stamps.digest(sources(checkout.root), checkout.root)


def train(checkout: Checkout, free: FreeBytes = free_bytes) -> None:
    """Train a model and make it the one to serve. Raises SetupFailed and leaves the old one in place."""
    kept = " The conversation goes on with the model trained before." if current_model(checkout) else ""
    if free(checkout.root) < TRAINING_BYTES:
        raise SetupFailed(f"The disk is full: training needs {TRAINING_BYTES / GIGABYTE:.1f} GB free.{kept}")
    digest = stamps.digest(sources(checkout.root), checkout.root)
    # In a folder of its own: a half-written model must never be taken for a finished one.
    workshop = checkout.models / f"training-{digest[:12]}"
    shutil.rmtree(workshop, ignore_errors=True)
    with checkout.screen.step("Training the conversation model") as step:
        command = (checkout.engine_python, "-m", "bot.engine", "train", "--out", workshop)
        outcome = checkout.run(*command, step=step, extra=ENGINE_QUIET)
        trained = sorted(workshop.glob("*.tar.gz"))
        if not outcome.succeeded or not trained:
            shutil.rmtree(workshop, ignore_errors=True)
            problem = failure(
                "The conversation model could not be trained",
                outcome,
                checkout.log,
                f"mend it and {checkout.again}",
            )
            raise SetupFailed(f"{problem}{kept}")
        file = checkout.models / f"{time.strftime('%Y%m%d-%H%M%S')}-{digest[:12]}.tar.gz"
        trained[-1].replace(file)
        said = {"file": file.name, "trained from": digest, "sha256": _digest(file)}
        stamps.write(checkout.models / "current.json", said)
    shutil.rmtree(workshop, ignore_errors=True)
    for old in sorted(checkout.models.glob("*.tar.gz"))[:-KEPT_MODELS]:
        old.unlink()
    for unusable in sorted(checkout.models.glob("*.unusable"))[:-1]:
        unusable.unlink()
