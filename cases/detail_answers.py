"""Answers to a category's own question, as a conversation takes them."""

from __future__ import annotations

from collections.abc import Mapping

from cases import questions, request_form
from cases.early import description_alone, tells_only_besides, told_early
from cases.field_rules import is_plain_no
from cases.request_form import CONTACT, SKIPPED, Field, Refusal

Changes = dict[str, str | None]


def take_details(values: Mapping[str, str | None], text: str, *, is_skip: bool) -> Changes | Refusal:
    """Return the answer to the open question, and who speaks where that was told with it."""
    early = told_early(text)
    # 3号 is a lift here and no building, and the place is known.
    fresh: Changes = {name: early[name] for name in CONTACT if name in early and not values.get(name)}
    if fresh and tells_only_besides(text):
        return {**fresh, Field.DETAILS.value: values.get(Field.DETAILS)}
    accepted = request_form.validate(Field.DETAILS, description_alone(text, early))
    if is_skip and not is_plain_no(text):
        accepted = SKIPPED
    if isinstance(accepted, Refusal):
        return accepted
    return {**fresh, Field.DETAILS.value: questions.with_answer(values, accepted)}
