"""Every action of bot/domain.yml, made once with the rooms it opens onto."""

from __future__ import annotations

from pathlib import Path

from rasa_sdk.executor import ActionExecutor

from actions.questions import ActionAnswer, ActionAnswerHall, ActionBrowse, ActionChoose, ActionDecline
from actions.requests import ActionFileRequest, AskRequestField, ValidateRequestForm
from actions.rooms import HallAction, Rooms
from actions.status import ActionShowStatus, AskStatusField, ValidateStatusForm
from actions.talk import ActionCancel, ActionHandOver, ActionPassOn, ActionSmalltalk, ActionSwitch
from cases.request_form import Field
from cases.status import LookUpField

TEXTS = Path(__file__).with_name("texts.yml")


def make_actions(rooms: Rooms) -> list[HallAction]:
    """Return all actions; a test holds their names against the domain's."""
    return [
        ActionAnswer("action_answer", rooms),
        ActionAnswerHall("action_answer_hall", rooms),
        ActionChoose("action_choose", rooms),
        ActionDecline("action_decline", rooms),
        ActionSmalltalk("action_smalltalk", rooms),
        ActionHandOver("action_hand_over", rooms),
        ActionBrowse("action_browse", rooms),
        ActionPassOn("action_pass_on", rooms),
        ActionCancel("action_cancel", rooms),
        ActionSwitch("action_switch", rooms),
        ValidateRequestForm("validate_request_form", rooms),
        *(AskRequestField(field, rooms) for field in Field),
        ActionFileRequest("action_file_request", rooms),
        ValidateStatusForm("validate_status_form", rooms),
        *(AskStatusField(field, rooms) for field in LookUpField),
        ActionShowStatus("action_show_status", rooms),
    ]


def make_executor(rooms: Rooms) -> ActionExecutor:
    """Return rasa_sdk's executor with every action of the hall."""
    executor = ActionExecutor()
    for action in make_actions(rooms):
        executor.register_action(action)
    return executor
