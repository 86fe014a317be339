"""The form of a guide: whatever a guide holds comes back from its form unchanged."""

from __future__ import annotations

import pytest

from knowledge.guide import FACT_FIELDS
from knowledge.guide_file import GUIDE_FIELDS, guide_to_mapping
from knowledge.library import load_shipped
from staff.guides.fields import all_fields, label_of, sections
from staff.guides.form_reading import Typed, in_order_of, move_row, read_form, value_of
from staff.guides.touched import fingerprint, touched


def form_of(content: dict[str, object]) -> dict[str, list[str]]:
    """What a browser sends of a form that shows this content."""
    sent: dict[str, list[str]] = {}
    for name, field in all_fields().items():
        value = value_of(content, name)
        if field.kind != "rows":
            sent[name] = [value.replace("\n", "\r\n")]
            continue
        for at, row in enumerate(value):
            for column in field.columns:
                held = row.get(column.name)
                key = f"{name}.{at}.{column.name}"
                if column.kind == "flag":
                    sent.update({key: ["yes"]} if held else {})
                elif column.kind == "ticks":
                    sent[key] = list(held or [])
                else:
                    sent[key] = ["" if held is None else str(held)]
    return sent


def read(sent: dict[str, list[str]]) -> Typed:
    return read_form(sent, lambda name: sent.get(name, []))


def test_every_field_of_a_guide_is_in_the_form_and_has_a_name_that_staff_know() -> None:
    assert {field.group for field in all_fields().values()} | {"id"} == set(GUIDE_FIELDS)
    for field in all_fields().values():
        assert field.label != field.name
        assert all(column.label != column.name for column in field.columns)
    assert all(label_of(name) != name for name in GUIDE_FIELDS)
    assert len({section.key for section in sections()}) == len(sections())


def test_every_shipped_guide_comes_back_from_its_form_as_it_was() -> None:
    for guide in load_shipped():
        content = guide_to_mapping(guide)
        assert {**read(form_of(content)).content, "id": guide.id} == content, guide.id


def test_empty_rows_are_left_out_and_the_others_keep_their_place() -> None:
    sent = {
        "materials.0.name": [""],
        "materials.0.required": ["yes"],
        "materials.3.name": ["身份证"],
        "materials.7.name": [""],
        "materials.7.note": ["原件"],
    }
    typed = read(sent)
    assert [row["name"] for row in typed.content["materials"]] == ["身份证", None]
    assert typed.control("materials[0].count") == "materials.3.count"
    assert typed.control("materials[1]") == "materials.7.name"
    assert typed.control("phrasings[4]") == "phrasings"
    assert typed.control("agent.allowed") == "agent.allowed"
    assert typed.control("sources[0].fields[2]") == "sources.0.fields"
    assert typed.control("nonsense") == "nonsense"


def test_what_is_no_number_stays_as_it_was_typed() -> None:
    content = read({"popularity": ["很多"], "time_limit.statutory_days": [" 20 "]}).content
    assert content["popularity"] == "很多"
    assert content["time_limit"] == {"text": None, "statutory_days": 20, "promised_days": None}
    assert content["agent"] is None


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("steps.0.up", "abc"),
        ("materials.1.up", "bac"),
        ("materials.1.down", "acb"),
        ("materials.0.up", "abc"),
        ("materials.2.down", "abc"),
        ("materials.1.remove", "ac"),
        ("materials.9.remove", "abc"),
        ("materials.x.up", "abc"),
        ("", "abc"),
    ],
)
def test_rows_move_and_go(order: str, names: str) -> None:
    content = {"materials": [{"name": name} for name in "abc"], "steps": []}
    assert "".join(row["name"] for row in move_row(content, order)["materials"]) == names


def test_ticks_do_not_change_the_order_in_which_a_source_names_its_fields() -> None:
    before = {"sources": [{"title": "a", "fields": ["steps", "fee"]}, {"title": "b", "fields": ["fee"]}]}
    now = {
        "sources": [{"title": "b", "fields": ["fee", "where"]}, {"title": "a", "fields": ["fee", "steps"]}]
    }
    ordered = in_order_of(now, before)["sources"]
    assert [source["fields"] for source in ordered] == [["fee", "where"], ["steps", "fee"]]
    assert in_order_of({"sources": []}, {"sources": "broken"}) == {"sources": []}
    odd = {"sources": [3, {"fields": [1]}, {"title": "a", "fields": "x"}]}
    assert in_order_of(odd, odd) == odd


def test_what_a_draft_holds_in_the_wrong_shape_is_shown_and_breaks_nothing() -> None:
    broken = {"steps": "one", "materials": ["x", {"name": 3}], "agent": "me", "time_limit": [1], "fee": ["a"]}
    assert value_of(broken, "steps") == "one"
    assert value_of(broken, "materials") == [{"name": 3}]
    assert value_of(broken, "agent.text") == ""
    assert value_of(broken, "fee") == "['a']"


def test_the_fields_an_editor_touched_are_told_apart() -> None:
    before = {"title": "甲", "fee": None, "steps": ["a"], "materials": []}
    after = {"title": "乙", "fee": "", "steps": ["a"], "materials": None, "where": ["x"]}
    assert touched(fingerprint(before), after) == {"title", "where"}
    assert touched("broken", after) == set(GUIDE_FIELDS)


def test_a_source_can_be_ticked_for_every_field_that_needs_one() -> None:
    ticks = next(column for column in all_fields()["sources"].columns if column.name == "fields")
    assert tuple(name for name, _ in ticks.options) == FACT_FIELDS
