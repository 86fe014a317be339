"""Weighs the classifier's view of a turn and the hall's own match together. Knows nothing of Rasa.

The hall matches first and sends what it found along as metadata (`hall`); the classifier never learned a
single guide. Only here do both meet, before the policies choose an action.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# Turns that are about the talk itself, or about a case: a guide that merely resembles them must not win.
_ACTS = {
    "greet", "thank", "goodbye", "affirm", "deny", "cancel", "skip", "ask_person", "check_case",
    "file_request", "who_are_you", "help", "acknowledge", "upset", "ask_privacy", "change_field",
    "rate", "say_again", "adjust_voice", "none_of_these", "leave_question", "browse",
}  # fmt: skip
# Answers to something that was just asked. Where nothing was asked they must be unmistakable: 生小孩了报销
# shares its characters with 不报了 and is no cancelling.
_REACTIONS = {"affirm", "deny", "cancel", "skip", "change_field"}
# Said in passing: 谢谢，那敬老卡呢 asks for the card.
_PLEASANTRIES = {"greet", "thank", "goodbye", "acknowledge", "affirm"}
# What may break into a form without a question being asked.
_FORM_BREAKERS = {
    "cancel", "goodbye", "ask_person", "skip", "who_are_you", "help", "greet", "thank", "acknowledge",
    "upset", "ask_privacy", "change_field", "rate", "say_again", "adjust_voice", "leave_question", "browse",
}  # fmt: skip
# What happened may be told in the words that speak of the voice, or of marks: 楼上说话声音太大.
_ASIDES = {"say_again", "adjust_voice", "rate", "browse", "leave_question"}
# What is said of the talk itself reports no trouble: 侬脑子坏脱了 means the machine.
_NO_REPORTS = {"ask_guide", "check_case", "upset", "ask_person", "ask_privacy", "say_again", "adjust_voice"}
_FREE_TEXT = {"description", "place", "details"}
# What happened, and an answer about it: 应该是2号电梯 corrects nothing.
_STORIES = {"description", "details"}
_CONTACT = {"consent", "contact_name", "contact_phone"}
_LOOK_UP = {"case_number", "case_code"}
_NODS = {"affirm", "acknowledge"}

# config.yml says where its numbers come from.
THRESHOLDS = {
    "act_probability": 0.25,
    "act_sureness": 0.7,
    "act_over_match": 0.85,
    "break_form": 0.8,
    "sure_match": 0.8,
    "act_over_exact": 0.95,
    "faint_match": 0.3,
    "no_match": 0.1,
}


class Judgement:
    """Says what kind of turn classifier and match agree on."""

    def __init__(self, thresholds: Mapping[str, Any]) -> None:
        """Keep the thresholds."""
        self._config = {**THRESHOLDS, **thresholds}

    def sureness(self, ranking: Sequence[Mapping[str, Any]]) -> float:
        """Return the best intent's share against the runner-up; 0 where its own probability is too low."""
        probabilities = [float(entry["confidence"]) for entry in ranking[:2]]
        if not probabilities or probabilities[0] < self._config["act_probability"]:
            return 0.0
        return probabilities[0] / sum(probabilities)

    def judge(self, intent: str, sureness: float, hall: dict[str, Any]) -> str:
        """Return the kind of turn.

        `sureness` is 0.5 to 1, or 0 where the classifier guesses. `hall` is what the hall found: `match`, the
        wire form of knowledge.answering's Finding, `pending` (form field asked last, or None), and what
        bot/hints.py heard in the text.
        """
        if hall["pending"]:
            return self._judge_in_form(intent, sureness, hall)
        match, best = hall["match"], _best(hall)
        if hall.get("clarifying") and intent in ("deny", "none_of_these") and sureness > 0:
            # After "which of these?" a no means all of them, unless it names what is meant.
            return "ask_guide" if best is not None and best["exact"] else "none_of_these"
        is_act = intent in _ACTS and sureness >= self._config["act_sureness"]
        if hall.get("case_number"):
            return "check_case"
        if hall.get("request") == "named" or self._is_report(intent, sureness, hall):
            return "file_request"
        is_plain_act = is_act and intent not in _PLEASANTRIES and sureness >= self._config["act_over_exact"]
        if best is not None and best["exact"] and not is_plain_act:
            return "ask_guide"
        if match["about_hall"]:
            return "ask_hall"
        if intent in _REACTIONS and hall.get("reacts"):
            return intent
        if is_act and self._outweighs(intent, sureness, match, best):
            return intent
        is_aspect = intent == "ask_aspect" and sureness >= self._config["act_over_match"] and match["aspect"]
        # 跑了三趟了到底要带啥啊 names no service, whatever the rest of it resembles.
        if match["bare_aspect"] or (is_aspect and match["decision"] == "decline"):
            return "ask_aspect"
        if match["decision"] == "decline" or not hall["letters"]:
            return "out_of_scope"
        confidence = best["confidence"] if best is not None else 0.0
        most = "sure_match" if sureness >= self._config["act_over_exact"] else "faint_match"
        is_elsewhere = intent == "out_of_scope" and sureness > 0 and confidence < self._config[most]
        is_nothing = not intent.startswith("ask_") and confidence < self._config["no_match"]
        # A name or a place, and no form that asked for it: what faintly resembles it is not meant.
        is_answer = intent == "inform" and sureness >= self._config["act_over_match"] and not hall["question"]
        is_stray = is_answer and match["decision"] != "answer"
        return "out_of_scope" if is_elsewhere or is_nothing or is_stray else "ask_guide"

    def _outweighs(
        self, intent: str, sureness: float, match: dict[str, Any], best: dict[str, Any] | None
    ) -> bool:
        """Return whether an act is surer than the guide that resembles it."""
        if best is None or match["decision"] == "decline":
            return True
        is_faint = best["confidence"] < self._config["sure_match"]
        if intent in _PLEASANTRIES and not is_faint:
            return False
        if intent in _REACTIONS:
            return sureness >= self._config["act_over_exact"]
        return sureness >= self._config["act_over_match"] or is_faint

    def _is_report(self, intent: str, sureness: float, hall: dict[str, Any]) -> bool:
        """Return whether a trouble is told, not asked about: 电梯坏了, though a guide bears these words."""
        if hall.get("request") != "told":
            return False
        if hall["question"]:
            # 水管爆了怎么办: what no guide answers is better filed than declined.
            return intent == "file_request" and sureness > 0 and hall["match"]["decision"] == "decline"
        is_sure = sureness >= self._config["act_sureness"]
        # Whoever leaves name, number or address with a trouble wants it seen to.
        leaves_contact = bool(hall.get("personal")) and not (is_sure and intent in _NO_REPORTS)
        # 我要匿名举报楼上群租: who tells a trouble and would rather not be named wants it seen to.
        if leaves_contact or (intent == "file_request" and is_sure) or (intent == "skip" and sureness > 0):
            return True
        is_matched = hall["match"]["decision"] == "answer"
        return not is_matched and not (is_sure and intent in _NO_REPORTS)

    def _judge_in_form(self, intent: str, sureness: float, hall: dict[str, Any]) -> str:
        pending = hall["pending"]
        is_sure = sureness >= self._config["break_form"]
        if not hall["letters"]:
            return "inform"  # bare digits resemble every word and mean none of them
        if hall.get("corrects") and pending not in _LOOK_UP | {"description"}:
            return "change_field"
        if pending == "consent" and hall.get("consents") and not (intent == "ask_privacy" and is_sure):
            return "inform"  # the form reads from the words what is agreed to
        if pending == "place" and hall.get("skips"):
            return "skip"
        if pending == "details" and intent == "skip" and not hall.get("skips"):
            return "inform"  # 不流了 answers; the form reads from the words what leaves it out
        if pending in _CONTACT and (hall.get("skips") or (intent == "deny" and is_sure)):
            return "skip"
        if pending == "confirmed":
            if hall.get("skips"):
                return "skip"  # 不用了, once more: what was filled in is not thrown away for it
            if hall.get("reacts") and not hall["question"]:
                return "inform"  # 可以了，谢谢: the form reads whether that is a plain yes
            if intent in ("deny", "cancel") and sureness > 0:
                return intent
            # What is filed cannot be taken back: a half-heard yes is asked again.
            if intent == "affirm" and sureness >= self._config["act_sureness"] and not hall["question"]:
                return intent
        wants_form = hall.get("request") == "named" or self._is_report(intent, sureness, hall)
        if pending in _LOOK_UP and wants_form:
            return "file_request"
        if intent == "check_case" and is_sure and pending not in _LOOK_UP and hall.get("is_short", True):
            return "check_case"
        if self._breaks(intent, sureness, hall):
            return "acknowledge" if intent in _NODS else intent
        return self._question_in_form(hall) or "inform"

    def _breaks(self, intent: str, sureness: float, hall: dict[str, Any]) -> bool:
        pending = hall["pending"]
        if sureness < self._config["break_form"] or intent not in _FORM_BREAKERS | _NODS:
            return False
        if intent in _NODS and pending in ("confirmed", "consent", "details"):
            return False
        if intent == "change_field" and pending in _STORIES:
            return False
        is_aside = intent in _ASIDES or (intent == "upset" and pending == "details")  # 又漏了，更大了
        if is_aside and pending in _FREE_TEXT and sureness < self._config["act_over_exact"]:
            return False
        # What happened may begin with a greeting, and tell of someone who cancelled something.
        return bool(hall.get("is_short", True)) or pending not in _FREE_TEXT

    def _question_in_form(self, hall: dict[str, Any]) -> str | None:
        """Return the kind of question; an answer to a form is never taken for one unless it plainly asks."""
        match, best, pending = hall["match"], _best(hall), hall["pending"]
        is_free = pending in _FREE_TEXT
        if hall["question"]:
            if match["about_hall"]:
                return "ask_hall"
            if match["bare_aspect"] and hall.get("is_short", True):
                return "ask_aspect"
            if best is not None and (best["exact"] or best["confidence"] >= self._config["sure_match"]):
                return "ask_guide"
            if pending not in _LOOK_UP | {"description"} and not hall.get("personal"):
                return "out_of_scope" if match["decision"] == "decline" else "ask_guide"
        # The bare name of a guide is no name, number or yes; but it may well be what happened, or where.
        is_named = best is not None and best["exact"] and hall["letters"]
        return "ask_guide" if is_named and not is_free and not hall.get("request") else None


def _best(hall: dict[str, Any]) -> dict[str, Any] | None:
    matches: list[dict[str, Any]] = hall["match"]["matches"]
    return matches[0] if matches else None
