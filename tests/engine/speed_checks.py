"""Checks that what is faster than stock Rasa decides as stock does, in Rasa's own environment like checks.py.

The same talks are held twice in one process: first with stock's functions, then with ours in their place.
"""

from __future__ import annotations

import ast
import asyncio
import json
import random
import re
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))

from checks import DOMAIN, conversation, run_checks  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage  # noqa: E402
from rasa.core.policies.rule_policy import RulePolicy  # noqa: E402
from rasa.shared.core.events import FollowupAction, Restarted  # noqa: E402
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402
from rasa.utils.endpoints import EndpointConfig  # noqa: E402

from bot.engine import action_call, graph_run, lean_turn, rules, turns  # noqa: E402
from bot.engine.lock_store import TurnLockStore  # noqa: E402
from bot.engine.tracker_store import FoldingTrackerStore  # noqa: E402

TALKS, TURNS = 60, 10
FORMS = {name: form["required_slots"] for name, form in DOMAIN.forms.items()}
REPLY = {"sealed": "c2VhbGVk"}
# What changes from one run to the next, whoever computes it.
MOMENTS = {"timestamp", "message_id", "model_id"}
EXAMPLE = re.compile(r"^\s+- (.+)$", re.MULTILINE)
ODD = [
    "",
    "？！",
    "..",
    "A",
    "[[phone:abcdefghij]]",
    "我妈办 IC卡，[[phone:kfbamcdpeo]] 3号",
    "123 号 楼",
    "ＡＢＣ" * 300,
]


class Hall(EndpointConfig):
    """Stands for the hall's actions: fills a form field by field, and answers everything else."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")
        self.calls: list[dict[str, Any]] = []

    async def request(self, *arguments: Any, **options: Any) -> Any:
        call = json.loads(json.dumps(options["json"]))
        self.calls.append(call)
        slots, name = call["tracker"]["slots"], call["next_action"]
        intent = call["tracker"]["latest_message"]["intent"]["name"]
        events = []
        if name.startswith("validate_"):
            events = self._fill(FORMS[name[len("validate_") :]], slots, intent)
        elif name in ("action_file_request", "action_show_status", "action_cancel"):
            events = [_slot(slot, None) for slot in slots]
        said = [] if name.startswith("validate_") else [{"custom": REPLY, "buttons": [], "elements": []}]
        return {"events": events, "responses": said}

    def _fill(self, fields: list[str], slots: dict[str, Any], intent: str) -> list[dict[str, Any]]:
        asked = slots.get("requested_slot")
        if asked not in fields:
            return [_slot("request_key", "k" * 32), _slot("requested_slot", fields[0])]
        if intent not in ("inform", "affirm", "deny", "skip"):
            return [_slot("requested_slot", asked)]
        following = fields[fields.index(asked) + 1 :]
        return [_slot(asked, "[[field:abcdefghij]]"), _slot("requested_slot", (following or [None])[0])]


def _slot(name: str, value: object) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value, "timestamp": None}


def _talks() -> list[list[str]]:
    """Return talks as intents; forms are opened, filled, left, and broken into often."""
    chance = random.Random(7)  # the same talks every time
    intents = sorted(DOMAIN.intents)
    likely = ["file_request", "check_case"] * 4 + ["inform"] * 24 + ["affirm", "cancel", "deny"] * 3
    filled = [["file_request"] + ["inform"] * (TURNS - 1), ["check_case"] + ["inform"] * (TURNS - 1)]
    return filled + [[chance.choice(intents + likely) for _ in range(TURNS)] for _ in range(TALKS - 2)]


async def _hold(agent: Agent, hall: Hall, talks: list[list[str]]) -> list[Any]:
    """Hold talks and return what was decided in each turn."""
    decided = []
    for number, talk in enumerate(talks):
        for intent in talk:
            said = CollectingOutputChannel()
            parsed = {"text": "x", "intent": {"name": intent, "confidence": 1.0}, "entities": []}
            metadata = {"hall": {"turn": "", "pending": None}}
            await agent.handle_message(
                UserMessage("x", said, f"t{number}", parse_data=parsed, metadata=metadata)
            )
            tracker = await agent.tracker_store.retrieve(f"t{number}")
            calls, hall.calls = hall.calls, []
            decided.append(
                (intent, calls, _bare(said.messages), [_bare(e.as_dict()) for e in tracker.events])
            )
    return decided


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bare(part) for name, part in value.items() if name not in MOMENTS}
    return [_bare(part) for part in value] if isinstance(value, (list, tuple)) else value


def _agent(folder: str, hall: Hall) -> Agent:
    store = FoldingTrackerStore(url=f"sqlite:///{folder}/tracker.db")
    turns.install()
    model = str(_model())
    return Agent.load(model, tracker_store=store, lock_store=TurnLockStore(), action_endpoint=hall)


@lru_cache(maxsize=1)
def _model() -> Path:
    current = ROOT / "var/models/current.json"
    if current.exists():
        return ROOT / "var/models" / json.loads(current.read_text("utf-8"))["file"]
    folder = Path(tempfile.mkdtemp())
    command = [sys.executable, "-m", "bot.engine", "train", "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.tar.gz"))


def _parse(agent: Agent, text: str) -> dict[str, Any]:
    found: dict[str, Any] = agent.processor._parse_message_with_graph(UserMessage(text), None)
    return found


@lru_cache(maxsize=1)
def _both() -> list[tuple[list[Any], list[dict[str, Any]], list[str]]]:
    """Return decisions and parses of stock and of ours. Once ours is in place there is no way back."""
    texts = [text for file in sorted((ROOT / "bot/data/nlu").glob("*.yml")) for text in _examples(file)][::3]
    texts += ODD
    outcomes = []
    # Of the talk with actions both have ours: what is sent and accepted is compared elsewhere.
    action_call.install()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("stock", "ours"):
            if name == "ours":
                for module in (graph_run, rules, lean_turn):
                    module.install()
            hall = Hall()
            Path(folder, name).mkdir()
            agent = _agent(f"{folder}/{name}", hall)
            decided = asyncio.run(_hold(agent, hall, _talks()))
            outcomes.append((decided, [_parse(agent, text) for text in texts], texts))
    return outcomes


def _examples(file: Path) -> list[str]:
    return EXAMPLE.findall(file.read_text("utf-8"))


def check_the_same_is_decided_in_every_turn_as_stock_decides() -> None:
    (stock, _, _), (ours, _, _) = _both()
    assert len(stock) == len(ours) == TALKS * TURNS
    for number, (before, after) in enumerate(zip(stock, ours, strict=True)):
        assert before == after, (number, before, after)
    called = {call["next_action"] for _, calls, _, _ in ours for call in calls}
    assert {"action_answer", "action_file_request", "action_show_status", "action_cancel"} <= called, called


def check_every_message_is_parsed_as_stock_parses_it() -> None:
    (_, stock, texts), (_, ours, _) = _both()
    assert len(texts) > 200
    for text, before, after in zip(texts, stock, ours, strict=True):
        assert before == after, text


def check_a_copied_tracker_is_the_one_that_its_events_make() -> None:
    for number in (0, 3, 40):
        tracker = conversation(number)
        plain, twin = lean_turn._STOCK_COPY(tracker), lean_turn._copy(tracker)
        assert list(plain.events) == list(twin.events)
        assert plain.events is not twin.events
        for name in vars(plain):
            if name not in ("events", "slots"):
                assert getattr(plain, name) == getattr(twin, name), name
        assert {n: vars(s) for n, s in plain.slots.items()} == {n: vars(s) for n, s in twin.slots.items()}
        twin.slots["place"].value = "else"
        twin.interrupt_loop(True)
        assert tracker.get_slot("place") != "else"
        assert not tracker.is_active_loop_interrupted


def check_a_tracker_that_takes_something_back_is_copied_by_stock() -> None:
    for event in (Restarted(), FollowupAction("action_answer")):
        tracker = conversation(2)
        tracker.update(event)
        assert not lean_turn._is_lasting(tracker)
        plain, twin = lean_turn._STOCK_COPY(tracker), lean_turn._copy(tracker)
        assert plain.followup_action == twin.followup_action
        assert plain.current_slot_values() == twin.current_slot_values()


def check_what_the_rules_may_not_overlook_is_left_to_stock() -> None:
    tracker = conversation(2)
    assert rules._seen(tracker, 3) is not None
    tracker.latest_message.entities = [{"entity": "colour", "value": "red"}]
    assert rules._seen(tracker, 3) is None
    tracker = DialogueStateTracker.from_events(
        "a", [*conversation(1).events, FollowupAction("action_answer")]
    )
    assert rules._seen(tracker, 3) is None


def check_the_memory_of_the_rules_is_bounded() -> None:
    _both()
    with tempfile.TemporaryDirectory() as folder:
        hall = Hall()
        agent = _agent(folder, hall)
        nodes = agent.processor.graph_runner._instantiated_nodes.values()
        policy = next(node._component for node in nodes if isinstance(node._component, RulePolicy))
        most, rules.MOST_REMEMBERED = rules.MOST_REMEMBERED, 5
        try:
            asyncio.run(_hold(agent, hall, _talks()[:3]))
            assert 0 < len(policy.__dict__["_linli_remembered"]) <= 5
        finally:
            rules.MOST_REMEMBERED = most


def check_only_lines_for_the_log_lose_their_copies() -> None:
    for module in lean_turn.LOGGING_MODULES:
        tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        logged = {
            id(node)
            for call in ast.walk(tree)
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("logger.debug")
            for node in ast.walk(call)
        }
        used = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "copy"]
        assert used, module
        assert all(id(node) in logged for node in used), module


if __name__ == "__main__":
    run_checks(globals())
