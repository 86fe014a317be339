"""What differs between two states of a guide, as pages show it."""

from __future__ import annotations

from typing import Any

from knowledge.revisions import FieldChange
from staff.guides.differences import Piece, differences, lines_of


def shown(field: str, before: Any, after: Any) -> list[tuple[str, str]]:
    """Each line on both sides, what changed in brackets."""
    (difference,) = differences([FieldChange(field, before, after)])
    return [(_marked(line.before), _marked(line.after)) for line in difference.lines]


def _marked(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.changed else piece.text for piece in pieces)


def test_only_the_words_that_changed_are_marked_and_years_change_whole() -> None:
    assert shown("fee", "工本费20元，2024年起", "工本费30元，2025年起") == [
        ("工本费[20]元，[2024]年起", "工本费[30]元，[2025]年起")
    ]


def test_a_line_that_was_changed_stands_beside_the_old_one_and_others_alone() -> None:
    before = ["取号", "到窗口交材料", "等通知"]
    after = ["取号", "到二楼窗口交材料", "领证"]
    assert shown("steps", before, after) == [("到窗口交材料", "到[二楼]窗口交材料"), ("[等通知]", "[领证]")]
    (difference,) = differences([FieldChange("steps", before, after)])
    assert (difference.label, difference.same) == ("办理步骤", 1)


def test_a_field_that_was_empty_shows_nothing_on_that_side() -> None:
    assert shown("fee", None, "免费") == [("", "[免费]")]
    assert shown("where", ["一楼"], None) == [("[一楼]", "")]


def test_rows_and_fixed_values_read_as_staff_know_them() -> None:
    material = {
        "name": "身份证",
        "form": "original",
        "count": 2,
        "required": True,
        "fetched_by_window": False,
    }
    assert lines_of("materials", [material]) == ["材料名称：身份证 · 形式：原件 · 份数：2 · 必交：是"]
    assert lines_of("agent", {"allowed": "yes", "text": None}) == ["能否代办：可以"]
    assert lines_of("completeness", "partial") == ["部分"]
    assert lines_of("sources", [{"title": "网页", "fields": ["fee", "steps"]}]) == [
        "标题：网页 · 支持的栏目：收费、办理步骤"
    ]
    assert lines_of("notes", "一\n\n二") == ["一", "二"]
    assert lines_of("popularity", 50) == ["50"]
