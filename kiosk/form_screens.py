"""The touch form: what it is about, then the fields of cases.request_form one by one, then the receipt.

It works without the conversation engine, and it accepts exactly what the form in a conversation accepts.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from sanic import HTTPResponse, Request

from cases import questions, request_form
from cases.arrivals.categories import load_categories
from cases.arrivals.duplicates import already_reported
from cases.case import CaseKind, Receipt
from cases.request_form import CONTACT, NO, SKIPPED, YES, Field, Refusal, shown
from kiosk import rendering
from kiosk.door import Door, field, go, log_fault
from kiosk.session import Draft, Visit
from language.reply import Reply

PATH = "/kiosk/form"
MOST_TYPED_CHARS = 1000
KIND = "kind"
KINDS = {
    "repair": (CaseKind.REPAIR, CaseKind.HELP, CaseKind.OTHER),
    "complaint": (CaseKind.COMPLAINT, CaseKind.SUGGESTION, CaseKind.OTHER),
}


class FormScreens:
    """Screens of one request."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._needs = door.needs

    async def show(self, request: Request, visit: Visit) -> HTTPResponse:
        """Show the form where it stands; `?kind=` (a tile) or `?new=1` opens a fresh one."""
        session = visit.session
        asked = request.args.get("kind", "")
        if asked or "new" in request.args or session.draft is None:
            session.draft = Draft(secrets.token_hex(16), group=asked if asked in KINDS else "")
            session.visit(PATH)
            return go(PATH)
        session.visit(PATH)
        draft, locale = session.draft, session.locale
        if draft.receipt is not None:
            reply = request_form.filed(_receipt(draft.receipt), locale)
            return self._door.render(visit, "filed.html", reply=reply, parts=rendering.arrange(reply))
        step = current_step(draft)
        values: dict[str, Any] = {
            "step": step,
            "number": steps(draft).index(step) + 1,
            "steps": len(steps(draft)),
            "draft": draft,
            "fields": reviewed(draft),
            "entered": [],
        }
        if step == KIND:
            return self._door.render(
                visit, "form_kind.html", kinds=KINDS.get(draft.group, tuple(CaseKind)), **values
            )
        if step == Field.CONFIRMED:
            draft.reported = await self._reported(draft)
        reply = question(draft, step, locale)
        values["entered"] = [item for block in reply.blocks for item in block.items]
        templates = {Field.CONFIRMED.value: "form_confirm.html", Field.CONSENT.value: "form_consent.html"}
        template = templates.get(step, "form_field.html")
        return self._door.render(visit, template, reply=reply, parts=rendering.arrange(reply), **values)

    async def take(self, request: Request, visit: Visit) -> HTTPResponse:
        """Take one step: next, skip, back, change, submit or cancel."""
        draft = visit.session.draft
        action = field(request, "action") or "next"
        if draft is None or draft.receipt is not None:
            return go(PATH)
        if action == "cancel":
            visit.session.draft = None
            visit.session.trail = ["/"]
            return go("/")
        step = current_step(draft)
        # A second tap on the same button arrives when the form has moved on: it changes nothing.
        if field(request, "step") != step:
            return go(PATH)
        draft.refusal = draft.typed = ""
        # More than any field takes is refused as too long all the same, and read in no time.
        value = field(request, "value")[:MOST_TYPED_CHARS]
        danger = await self._door.danger(visit, value)
        if danger is not None:
            return go(f"/kiosk/answer/{danger}")
        if action == "back":
            ask_again(draft, step_before(draft, step))
        elif action == "change":
            ask_again(draft, field(request, "field"))
        elif step == Field.CONFIRMED:
            await self._submit(visit, draft)
        elif step == Field.CONSENT:
            take_consent(draft, action, value)
        else:
            take_value(draft, step, value, skipped=action == "skip", locale=visit.session.locale)
        return go(PATH)

    async def _reported(self, draft: Draft) -> str:
        category, place = questions.category_of(draft.values), draft.values.get(Field.PLACE, "")
        is_known = await asyncio.to_thread(already_reported, self._needs.desk.store, category, place)
        return category.id if category is not None and is_known else ""

    async def _submit(self, visit: Visit, draft: Draft) -> None:
        session = visit.session
        try:
            filing = request_form.request_from(
                draft.values, draft.request_key, "kiosk", session.conversation, session.locale
            )
            receipt = await asyncio.to_thread(self._needs.desk.file_case, filing)
        except Exception as fault:  # noqa: BLE001  logged without what was typed, and the screen goes on
            log_fault("filing a touch form", fault)
            session.notice = "form_not_filed"
            return
        draft.receipt = {"number": receipt.number, "code": receipt.code}
        draft.values = {}


def steps(draft: Draft) -> tuple[str, ...]:
    """Return the steps of a request in order; what its category asks of its own only where it asks that."""
    asked = bool(questions.asked(draft.values))
    return (KIND, *(field.value for field in Field if asked or field is not Field.DETAILS))


def reviewed(draft: Draft) -> tuple[str, ...]:
    """Return the fields that the review shows and changes."""
    return (KIND, *(field.value for field in shown(draft.values)))


def ask_again(draft: Draft, step: str) -> None:
    """Put a field of the review, or the consent, on the screen again; answers to questions are given anew."""
    draft.step = step if step in (*reviewed(draft), Field.CONSENT) else ""
    if draft.step == Field.DETAILS:
        draft.values.pop(Field.DETAILS, None)


def current_step(draft: Draft) -> str:
    """Return the field that the screen asks for now."""
    if draft.step:
        return draft.step
    if KIND not in draft.values:
        return KIND
    missing = request_form.next_field(draft.values)
    return missing.value if missing else Field.CONFIRMED.value


def step_before(draft: Draft, step: str) -> str:
    """Return the step before `step`; what was left out with the consent is not gone through."""
    in_order = steps(draft)
    before = in_order[max(in_order.index(step) - 1, 0)]
    return Field.CONSENT.value if before in CONTACT and draft.values.get(Field.CONSENT) == NO else before


def question(draft: Draft, step: str, locale: str) -> Reply:
    """Return what the screen of `step` says."""
    if step == Field.CONSENT:
        return request_form.ask_consent(draft.values, locale)
    if step == Field.CONFIRMED:
        return request_form.confirm(draft.values, locale, reported=load_categories().get(draft.reported))
    if step == Field.DETAILS:
        return request_form.ask_details(draft.values, locale)
    return request_form.ask(step, locale, CaseKind(draft.values[KIND]))


def take_consent(draft: Draft, action: str, left_out: str) -> None:
    """Note what was touched: both, only a number (`left_out` names the other field), or neither."""
    if action not in ("affirm", "skip"):
        return  # a tap that came with no answer
    is_agreed = action == "affirm" or left_out == Field.CONTACT_NAME
    draft.values[Field.CONSENT] = YES if is_agreed else NO
    for contact in CONTACT:
        if draft.values.get(contact) == SKIPPED:
            del draft.values[contact]  # left out before, and thought better of
    if left_out == Field.CONTACT_NAME:
        draft.values[Field.CONTACT_NAME] = SKIPPED
    draft.values |= request_form.settle(draft.values)
    draft.step = ""


def take_value(draft: Draft, step: str, value: str, *, skipped: bool, locale: str) -> None:
    """Put an accepted value into the draft; note why and what to type instead where it is refused."""
    if step == KIND:
        if value in set(CaseKind):
            draft.values[KIND] = value
            draft.step = ""
        return
    kind = CaseKind(draft.values[KIND])
    taken = request_form.skip(step, kind) if skipped else request_form.validate(step, value, kind)
    if isinstance(taken, Refusal):
        draft.refusal = request_form.refuse(step, taken, locale, kind).text
        draft.typed = value[:500]
        return
    draft.values[step] = questions.with_answer(draft.values, taken) if step == Field.DETAILS else taken
    if step in CONTACT and taken != SKIPPED:
        draft.values[Field.CONSENT] = YES
    draft.step = ""


def _receipt(kept: dict[str, str]) -> Receipt:
    return Receipt(kept["number"], kept["code"], is_new=False)
