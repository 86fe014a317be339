"""Stock's action server with the hall's actions: `python -m hall.bench.stock_actions --port N`.

Only finding the actions is ours: rasa_sdk makes each without arguments, and the hall's are given rooms.
"""

from __future__ import annotations

import argparse
import logging
import sys
from functools import lru_cache
from typing import Any

import yaml
from rasa_sdk import Tracker
from rasa_sdk.endpoint import run
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.rooms import Events, HallAction
from hall.settings import ROOT

DOMAIN = ROOT / "bot" / "domain.yml"


class Forward:
    """Stands for one action until the process that serves it has made its rooms; it can be pickled."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """Run the hall's action of this name."""
        return await _actions()[self._name].run(dispatcher, tracker, domain)


@lru_cache(maxsize=1)
def _actions() -> dict[str, HallAction]:
    from actions.registry import make_actions
    from hall.settings import read_settings
    from hall.wiring import Wiring

    return {action.name(): action for action in make_actions(Wiring(read_settings()).rooms)}


def main() -> int:
    """Serve until told to stop."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    executor = ActionExecutor()
    for name in yaml.safe_load(DOMAIN.read_text("utf-8"))["actions"]:
        executor.register_function(name, Forward(name).run)
    run(executor, parser.parse_args().port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
