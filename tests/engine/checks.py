"""Checks of bot/engine, run in Rasa's own environment (Python 3.10): `python checks.py` prints JSON.

Rasa's environment has no pytest; test_engine.py runs this once and shows each check as a test.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import jsonschema  # noqa: E402
from rasa.core.actions.action import RemoteAction  # noqa: E402
from rasa.engine.graph import GraphSchema, SchemaNode  # noqa: E402
from rasa.engine.runner.dask import DaskGraphRunner  # noqa: E402
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.core.events import (  # noqa: E402
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402
from rasa.utils.endpoints import EndpointConfig  # noqa: E402

from bot.engine import action_call, graph_run  # noqa: E402
from bot.engine.arbiter import TurnArbiter  # noqa: E402
from bot.engine.tokenizer import CharacterTokenizer  # noqa: E402
from bot.engine.tracker_store import TURNS_BEFORE_FOLDING, FoldingTrackerStore  # noqa: E402

DOMAIN = Domain.load(str(ROOT / "bot/domain.yml"))
STOCK_RUN = DaskGraphRunner.run
STOCK_VALIDATE = RemoteAction._validate_action_result
SECRET = "张江路的水管炸了"


def conversation(turns: int) -> DialogueStateTracker:
    """Return a tracker in the middle of the request form after so many turns."""
    tracker = DialogueStateTracker("someone", DOMAIN.slots)
    tracker.update_with_events(
        [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")], DOMAIN
    )
    said = UserUttered(
        SECRET, {"name": "file_request", "confidence": 0.9}, metadata={"hall": {"text": SECRET}}
    )
    tracker.update_with_events(
        [
            said,
            ActionExecuted("request_form"),
            ActiveLoop("request_form"),
            SlotSet("request_key", "k1"),
            SlotSet("requested_slot", "place"),
            BotUttered(SECRET),
            ActionExecuted("action_listen"),
        ],
        DOMAIN,
    )
    for _ in range(turns):
        question = UserUttered(SECRET, {"name": "ask_guide", "confidence": 0.9}, metadata={"hall": SECRET})
        tracker.update_with_events(
            [
                question,
                ActionExecuted("action_answer"),
                BotUttered(SECRET),
                ActionExecuted("request_form"),
                ActionExecuted("action_listen"),
            ],
            DOMAIN,
        )
    return tracker


def stored(tracker: DialogueStateTracker) -> tuple[DialogueStateTracker, bytes]:
    """Return a tracker as it comes back from the store, and every byte that the store wrote."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/tracker.db"
        store = FoldingTrackerStore(DOMAIN, url=url)
        asyncio.run(store.save(tracker))
        asyncio.run(store.save(tracker))
        back = asyncio.run(FoldingTrackerStore(DOMAIN, url=url).retrieve(tracker.sender_id))
        written = b"".join(file.read_bytes() for file in Path(folder).iterdir())
        assert asyncio.run(store.retrieve("nobody")) is None
        assert list(asyncio.run(store.keys())) == ["someone"]
        assert back is not None
        return back, written


def check_a_long_conversation_comes_back_short_and_in_the_same_state() -> None:
    tracker = conversation(200)
    back, _ = stored(tracker)
    assert back.current_slot_values() == tracker.current_slot_values()
    assert back.active_loop_name == "request_form"
    assert back.latest_action_name == "action_listen"
    assert len(back.events) < 60, len(back.events)


def check_a_short_conversation_is_not_folded() -> None:
    tracker = conversation(TURNS_BEFORE_FOLDING - 2)
    back, _ = stored(tracker)
    kept = [event for event in tracker.events if not isinstance(event, BotUttered)]
    assert [type(event) for event in back.events] == [type(event) for event in kept]


def check_folding_again_and_again_does_not_grow() -> None:
    tracker = conversation(20)
    sizes = []
    for _ in range(10):
        tracker, _ = stored(tracker)
        tracker.update_with_events(
            [
                UserUttered(SECRET, {"name": "thank"}),
                ActionExecuted("action_smalltalk"),
                ActionExecuted("action_listen"),
            ],
            DOMAIN,
        )
        sizes.append(len(tracker.events))
    assert max(sizes[3:]) <= max(sizes[:4]) + 30, sizes
    assert tracker.get_slot("request_key") == "k1"


def check_a_conversation_of_last_week_is_forgotten() -> None:
    tracker = conversation(0)
    for event in tracker.events:
        event.timestamp -= 7 * 24 * 3600
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/tracker.db"
        asyncio.run(FoldingTrackerStore(DOMAIN, url=url).save(tracker))
        other = DialogueStateTracker.from_events("another", list(conversation(0).events), DOMAIN.slots)
        # The first write of a process clears up.
        store = FoldingTrackerStore(DOMAIN, url=url)
        asyncio.run(store.save(other))
        assert list(asyncio.run(store.keys())) == ["another"]


def check_the_store_holds_no_word_that_a_person_wrote() -> None:
    for turns in (0, 3, 50):
        _, written = stored(conversation(turns))
        assert SECRET.encode() not in written
        assert json.dumps(SECRET).encode().strip(b'"') not in written


def check_an_answer_of_an_action_is_validated_as_stock_does() -> None:
    action = RemoteAction("action_answer", None)
    good = {
        "events": [{"event": "slot", "name": "place", "value": "x", "timestamp": None}],
        "responses": [{}],
    }
    bad = [
        {"events": [{"event": "nonsense"}]},
        {"events": [{"name": "x"}]},
        {"events": {}},
        {"responses": [5]},
    ]
    assert STOCK_VALIDATE(action, good)
    assert action_call._validate_action_result(action, good)
    for answer in bad:
        for validate in (STOCK_VALIDATE, action_call._validate_action_result):
            try:
                validate(action, answer)
            except jsonschema.ValidationError:
                continue
            raise AssertionError(f"{validate.__module__} accepted {answer}")


def check_the_call_of_an_action_is_small_and_complete() -> None:
    action = RemoteAction("action_answer", EndpointConfig("http://127.0.0.1:1"))
    body = action_call._action_call_format(action, conversation(100), DOMAIN)
    assert body["next_action"] == "action_answer"
    assert body["tracker"]["slots"]["request_key"] == "k1"
    assert body["tracker"]["active_loop"] == {"name": "request_form"}
    assert body["tracker"]["latest_message"]["metadata"] == {"hall": SECRET}
    assert len(json.dumps(body)) < 3000, len(json.dumps(body))


def check_installing_replaces_both_methods() -> None:
    action_call.install()
    assert RemoteAction._validate_action_result is action_call._validate_action_result
    assert RemoteAction._action_call_format is action_call._action_call_format


def check_the_graph_runs_in_order_and_gives_what_dask_gives() -> None:
    runs: list[str] = []

    class Node:
        def __init__(self, name: str) -> None:
            self.name = name

        def __call__(self, *given: object) -> tuple[str, object]:
            runs.append(self.name)
            return self.name, [value if isinstance(value, str) else value[1] for value in given]  # type: ignore[index]

    def schema_node(needs: dict[str, str], target: bool = False) -> SchemaNode:
        return SchemaNode(needs, Node, "create", "run", {}, is_target=target)

    schema = GraphSchema(
        {
            "last": schema_node({"a": "middle", "b": "first", "c": "nowhere"}, target=True),
            "middle": schema_node({"a": "first", "b": "given"}),
            "first": schema_node({"a": "given"}),
            "unneeded": schema_node({}),
        }
    )
    runner = DaskGraphRunner.__new__(DaskGraphRunner)
    runner._graph_schema = schema
    runner._instantiated_nodes = {name: Node(name) for name in schema.nodes}
    runner._execution_context = None
    for targets in (None, ["middle"], ["last", "first"]):
        runs.clear()
        plain = graph_run._run(runner, {"given": [5]}, targets)
        assert "unneeded" not in runs
        assert sorted(runs) == sorted(set(runs)), runs
        assert plain == STOCK_RUN(runner, {"given": [5]}, targets)
    assert graph_run._run(runner, {"first": [7], "given": [5]}, ["middle"]) == {"middle": [[7], [5]]}


def check_calls_of_actions_share_a_connection_and_survive_a_restart_of_the_hall() -> None:
    from aiohttp import web

    peers: list[object] = []

    async def answer(request: web.Request) -> web.Response:
        peers.append(request.transport.get_extra_info("peername"))  # type: ignore[union-attr]
        return web.json_response({"token": request.headers["x-linli-token"], "body": await request.json()})

    async def serve(port: int) -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/webhook", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return runner

    async def act() -> None:
        runner = await serve(0)
        port = runner.addresses[0][1]
        url = f"http://127.0.0.1:{port}/webhook"
        endpoint = action_call.KeptOpen.like(EndpointConfig(url, headers={"x-linli-token": "secret"}))
        for number in (1, 2):
            assert await endpoint.request(json={"n": number}, method="post") == {
                "token": "secret",
                "body": {"n": number},
            }
        assert len(set(peers)) == 1
        await runner.cleanup()
        runner = await serve(port)
        assert (await endpoint.request(json={"n": 3}, method="post"))["body"] == {"n": 3}
        endpoint.link.close()
        await runner.cleanup()

    asyncio.run(act())


def check_characters_are_tokens_and_sealed_values_are_one() -> None:
    from rasa.shared.nlu.training_data.message import Message

    tokenizer = CharacterTokenizer(CharacterTokenizer.get_default_config())
    text = "我妈办 IC卡，[[phone:kfbamcdpeo]] 3号"
    tokens = tokenizer.tokenize(Message({"text": text}), "text")
    assert [token.text for token in tokens] == ["我", "妈", "办", "IC", "卡", "sealed_phone", "0", "号"]
    assert len(tokenizer.tokenize(Message({"text": "？！"}), "text")) == 1


def verdict(intent: str, sureness: float, **hall: object) -> str:
    arbiter = TurnArbiter(TurnArbiter.get_default_config())
    best = hall.pop("best", None)
    match = {
        "decision": hall.pop("decision", "decline"),
        "matches": [best] if best else [],
        "aspect": hall.pop("aspect", None),
        "bare_aspect": hall.pop("bare_aspect", False),
        "about_hall": hall.pop("about_hall", None),
    }
    return arbiter.judge(
        intent, sureness, {"pending": None, "question": False, "letters": True, "match": match, **hall}
    )


def check_the_arbiter_weighs_classifier_and_match() -> None:
    sure = {"guide_id": "g", "confidence": 0.9, "exact": False}
    exact = {"guide_id": "g", "confidence": 1.0, "exact": True}
    weak = {"guide_id": "g", "confidence": 0.4, "exact": False}
    assert verdict("out_of_scope", 0.9, best=sure, decision="answer") == "ask_guide"
    assert verdict("file_request", 0.9, best=sure, decision="answer") == "file_request"
    assert verdict("file_request", 0.75, best=sure, decision="answer") == "ask_guide"
    assert verdict("file_request", 0.75, best=weak, decision="clarify") == "file_request"
    assert verdict("greet", 0.9, best=exact, decision="answer") == "ask_guide"
    assert verdict("ask_guide", 0.9, bare_aspect=True) == "ask_aspect"
    assert verdict("ask_guide", 0.9, about_hall="hours") == "ask_hall"
    assert verdict("ask_guide", 0.9) == "out_of_scope"
    assert verdict("greet", 0.0) == "out_of_scope"


def check_an_answer_to_a_form_is_never_taken_for_a_question() -> None:
    sure = {"guide_id": "g", "confidence": 0.9, "exact": False}
    exact = {"guide_id": "g", "confidence": 1.0, "exact": True}
    assert verdict("ask_guide", 0.9, pending="description", best=sure, decision="answer") == "inform"
    assert verdict("ask_guide", 0.9, pending="description", best=exact, decision="answer") == "inform"
    assert (
        verdict("ask_guide", 0.9, pending="place", best=sure, decision="answer", question=True) == "ask_guide"
    )
    assert verdict("ask_guide", 0.9, pending="place", best=exact, decision="answer") == "inform"
    assert verdict("ask_guide", 0.9, pending="contact_name", best=exact, decision="answer") == "ask_guide"
    assert verdict("ask_guide", 0.9, pending="contact_phone", best=exact, letters=False) == "inform"
    assert verdict("cancel", 0.9, pending="place") == "cancel"
    assert verdict("cancel", 0.6, pending="description") == "inform"
    # What is filed cannot be taken back: a half-heard yes goes to the form, which knows plain ones.
    assert verdict("affirm", 0.6, pending="confirmed") == "inform"
    assert verdict("affirm", 0.8, pending="confirmed") == "affirm"
    assert verdict("affirm", 0.8, pending="confirmed", question=True) == "out_of_scope"


def check_a_remark_in_a_form_is_no_answer_to_it() -> None:
    assert verdict("thank", 0.99, pending="contact_name") == "thank"
    assert verdict("affirm", 0.9, pending="place") == "acknowledge"
    assert verdict("greet", 0.9, pending="description", is_short=False) == "inform"
    assert verdict("change_field", 0.9, pending="contact_phone") == "change_field"
    assert verdict("cancel", 0.9, pending="contact_phone", skips=True) == "skip"
    assert verdict("deny", 0.9, pending="contact_name") == "skip"
    bare = {"question": True, "bare_aspect": True}
    assert verdict("ask_aspect", 0.9, pending="contact_name", **bare) == "ask_aspect"
    assert verdict("inform", 0.9, pending="contact_phone", question=True) == "out_of_scope"
    assert verdict("inform", 0.9, pending="contact_phone", question=True, personal=True) == "inform"
    assert verdict("check_case", 0.9, pending="place") == "check_case"
    assert verdict("inform", 0.9, pending="case_number", request="named") == "file_request"


def check_a_trouble_told_is_a_request_and_one_asked_about_is_not() -> None:
    exact = {"guide_id": "g", "confidence": 1.0, "exact": True}
    sure = {"guide_id": "g", "confidence": 0.9, "exact": False}
    weak = {"guide_id": "g", "confidence": 0.1, "exact": False}
    assert verdict("file_request", 0.75, request="told", best=exact, decision="answer") == "file_request"
    assert verdict("ask_guide", 0.9, request="told", best=exact, decision="answer") == "ask_guide"
    assert verdict("out_of_scope", 0.9, request="told", best=weak, decision="clarify") == "file_request"
    told = {"request": "told", "best": sure, "decision": "answer"}
    assert verdict("inform", 0.9, personal=True, **told) == "file_request"
    assert verdict("file_request", 0.9, question=True, request="told", best=exact, decision="answer") == (
        "ask_guide"
    )
    assert verdict("file_request", 0.6, question=True, request="told") == "file_request"
    assert verdict("ask_guide", 0.9, request="named") == "file_request"
    assert verdict("out_of_scope", 0.9, case_number=True) == "check_case"


def check_a_reaction_to_nothing_must_be_unmistakable() -> None:
    weak = {"guide_id": "g", "confidence": 0.4, "exact": False}
    sure = {"guide_id": "g", "confidence": 0.9, "exact": False}
    assert verdict("cancel", 0.9, best=weak, decision="clarify") == "ask_guide"
    assert verdict("cancel", 0.9) == "cancel"
    assert verdict("affirm", 0.6, best=sure, decision="answer", reacts=True) == "affirm"
    assert verdict("thank", 0.99, best=sure, decision="answer") == "ask_guide"
    faint = {"guide_id": "g", "confidence": 0.2, "exact": False}
    none = {"guide_id": "g", "confidence": 0.03, "exact": False}
    assert verdict("inform", 0.9, best=none, decision="clarify") == "out_of_scope"
    assert verdict("ask_guide", 0.9, best=none, decision="clarify") == "ask_guide"
    assert verdict("out_of_scope", 0.9, best=faint, decision="clarify") == "out_of_scope"
    assert verdict("ask_guide", 0.9, best=weak, decision="clarify", letters=False) == "out_of_scope"


def run_checks(names: dict[str, Any]) -> None:
    """Run every check of a module and print what came of each."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    outcomes = {}
    for name, check in list(names.items()):
        if name.startswith("check_"):
            try:
                check()
                outcomes[name] = ""
            except Exception:  # reported as the test's failure
                outcomes[name] = traceback.format_exc()
    print("\n" + json.dumps(outcomes))


if __name__ == "__main__":
    run_checks(globals())
