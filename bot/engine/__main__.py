"""Rasa's process: `python -m bot.engine train --out FOLDER`, or `serve --model FILE --port N`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOT = ROOT / "bot"


def main() -> int:
    """Run the command line and return the exit code."""
    # On by default in Rasa; a hall calls nobody.
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    parser = argparse.ArgumentParser(prog="python -m bot.engine")
    commands = parser.add_subparsers(dest="command", required=True)
    train_command = commands.add_parser("train", help="train the model")
    train_command.add_argument("--out", type=Path, required=True, help="folder for the model file")
    serve_command = commands.add_parser("serve", help="serve the model on loopback")
    serve_command.add_argument("--model", type=Path, required=True)
    serve_command.add_argument("--port", type=int, required=True)
    serve_command.add_argument("--endpoints", type=Path, default=BOT / "endpoints.yml")
    arguments = parser.parse_args()
    _quiet()
    if arguments.command == "train":
        return _train(arguments.out)
    return _serve(arguments.model, arguments.port, arguments.endpoints)


def _quiet() -> None:
    """Keep both of Rasa's loggers at warnings: its debug lines hold the text of turns."""
    import sanic.app  # noqa: F401  it turns deprecation warnings on when it is imported
    from rasa.utils.log_utils import configure_structlog

    # Rasa 3.6 and its libraries of 2023 warn of themselves by the dozen at each start.
    warnings.filterwarnings("ignore")

    logging.basicConfig(
        level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    configure_structlog(logging.WARNING)


def _train(folder: Path) -> int:
    from rasa.model_training import train

    folder.mkdir(parents=True, exist_ok=True)
    result = train(
        domain=str(BOT / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=str(BOT / "data"),
        output=str(folder),
        force_training=True,
        fixed_model_name="linli",
    )
    if result.model is None or result.code != 0:
        print(
            "Training failed: see the lines above, mend bot/data or config.yml, and start again.",
            file=sys.stderr,
        )
        return 1
    print(result.model)
    return 0


def _serve(model: Path, port: int, endpoints: Path) -> int:
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints

    from bot.engine import action_call, graph_run, lean_turn, rules, turns

    for module in (action_call, graph_run, lean_turn, rules, turns):
        module.install()
    found = AvailableEndpoints.read_endpoints(str(endpoints))
    found.action = action_call.KeptOpen.like(found.action)
    serve_application(
        model_path=str(model),
        interface="127.0.0.1",
        port=port,
        credentials=str(BOT / "credentials.yml"),
        endpoints=found,
        enable_api=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
