"""Replies as screens: every kind of block shows, in its place, and as text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pytest

from kiosk import rendering
from kiosk.door import Door
from kiosk.session import KioskSession, Shown, Visit
from language.reply import Block, BlockKind, Choice, Decision, Item, Reply, text_block
from tests.kiosk.fakes import HOSTILE, SHANGHAI, answer, make_hall


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    return Door(make_hall(tmp_path_factory.mktemp("rendering")).needs)


def show(door: Door, reply: Reply, locale: str = "zh") -> str:
    visit = Visit("t" * 32, KioskSession("c", locale=locale), None)
    response = door.render(
        visit,
        "answer.html",
        shown=Shown("问题", reply.to_wire()),
        number="1",
        reply=reply,
        look=rendering.kind_of_screen(reply),
        parts=rendering.arrange(reply),
        qr=None,
    )
    assert response.body is not None
    return response.body.decode()


@pytest.mark.parametrize("kind", BlockKind)
def test_every_kind_of_block_shows_all_that_it_holds(kind: BlockKind, door: Door) -> None:
    items = (
        () if kind in (BlockKind.TEXT, BlockKind.SOURCE) else (Item("项目甲", label="标签甲", note="备注甲"),)
    )
    block = Block(kind, text="正文甲", title="题目甲", items=items, date="2022-03-08")
    page = show(door, Reply(Decision.ANSWER, (text_block("先说答案。"), block)))
    assert "先说答案。" in page
    assert items == () or "项目甲" in page
    assert "正文甲" in page or kind is BlockKind.FACTS
    assert "2022-03-08" in page or kind is not BlockKind.SOURCE


@pytest.mark.parametrize("kind", BlockKind)
@pytest.mark.parametrize("decision", Decision)
def test_hostile_text_stays_text_wherever_it_stands(kind: BlockKind, decision: Decision, door: Door) -> None:
    item = Item(HOSTILE, label=HOSTILE, note=HOSTILE, badge=HOSTILE)
    block = Block(kind, text=HOSTILE, title=HOSTILE, items=(item,), url="javascript:alert(1)", date=HOSTILE)
    choices = (
        Choice(HOSTILE, id=HOSTILE, note=HOSTILE),
        Choice("去", payload={"guide": "../x?a=" + HOSTILE, "aspect": HOSTILE}),
    )
    reply = replace(answer(), decision=decision, blocks=(text_block(HOSTILE), block), choices=choices)
    page = show(door, reply)
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "javascript:" not in page
    assert "49" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL), "a template in a guide was run"


def test_the_direct_answer_comes_first_and_its_first_sentence_is_marked() -> None:
    parts = rendering.arrange(answer())
    assert parts.lead == "带上身份证和居住证明，到一楼 3 号窗口办理。"
    assert parts.rest.startswith("材料齐全")
    assert [block.kind for block in parts.cautions] == [BlockKind.NOTICE]
    assert [block.kind for block in parts.sources] == [BlockKind.SOURCE]
    assert [item.label for item in parts.cards] == ["在哪办", "多久", "费用"]
    assert [block.kind for block in parts.body] == [BlockKind.MATERIALS, BlockKind.LIST]


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("只有一句。", "只有一句。"),
        ("没有句号", "没有句号"),
        ("打12345。再来。", "打12345。"),
        ("See 3.5 km. Then go.", "See 3.5 km."),
        ("他说“好。”再走。", "他说“好。”再走。"),
        ("", ""),
    ],
)
def test_a_sentence_ends_where_a_reader_would_end_it(text: str, lead: str) -> None:
    assert rendering.arrange(Reply(Decision.ANSWER, (text_block(text),))).lead == lead


def test_of_many_facts_three_are_cards_and_the_rest_follows_by_label() -> None:
    labels = ("办给谁", "在哪办", "在哪办", "多久", "费用", "金额", "金额", "电话")
    facts = Block(BlockKind.FACTS, items=tuple(Item(f"{n}", label=label) for n, label in enumerate(labels)))
    parts = rendering.arrange(Reply(Decision.ANSWER, (text_block("答。"), facts)))
    assert [(item.label, item.text) for item in parts.cards] == [
        ("在哪办", "1"),
        ("多久", "3"),
        ("费用", "4"),
    ]
    assert [(label, len(items)) for label, items in parts.more] == [
        ("办给谁", 1),
        ("在哪办", 1),
        ("金额", 2),
        ("电话", 1),
    ]


def test_no_check_is_made_up(door: Door) -> None:
    assert "待工作人员核对" in show(door, answer())
    checked = show(door, answer(verified_on="2026-11-18"))
    assert "待工作人员核对" not in checked
    assert "2026-11-18" in checked


def test_what_the_window_fetches_has_no_box_to_tick(door: Door) -> None:
    page = show(door, answer())
    assert page.count('<input type="checkbox">') == 3
    assert "窗口代查，不用带" in page


def test_pages_have_no_inline_script_or_style(door: Door) -> None:
    page = show(door, answer())
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=|<style", page)


def test_a_date_does_not_break_at_its_hyphens() -> None:
    assert rendering.keep_dates_whole("办事指南（2022-03-08）<b>") == (
        "办事指南（<span class='whole'>2022-03-08</span>）&lt;b&gt;"
    )


def test_what_the_screen_lists_already_is_not_offered_once_more() -> None:
    offered = {choice.label for choice in rendering.arrange(answer()).choices}
    assert offered == {"来沪人员居住登记"}
    fee_only = replace(answer(), blocks=(text_block("免费。"),))
    assert "要带什么材料" in {choice.label for choice in rendering.arrange(fee_only).choices}


@pytest.mark.parametrize(
    ("day", "locale", "said"),
    [
        (21, "zh", "今天 8:30 "),
        (22, "zh", "明天 8:30 "),
        (24, "zh", "11月24日 8:30"),
        (21, "en", "today at 8:30"),
        (24, "en", "Tue 24 Nov 8:30"),
    ],
)
def test_the_next_opening_is_said_as_one_would_say_it(day: int, locale: str, said: str) -> None:
    opening = datetime(2026, 11, day, 8, 30, tzinfo=SHANGHAI)
    now = datetime(2026, 11, 21, 3, 0, tzinfo=SHANGHAI)
    assert rendering.say_opening(opening, now, locale).strip() == said.strip()


def test_a_missing_icon_leaves_the_words() -> None:
    assert rendering.icon("no-such-icon") == ""


@pytest.mark.parametrize(
    ("label", "icon"),
    [
        ("在哪办", "map-pin"),
        ("多久", "clock"),
        ("费用", "wallet"),
        ("电话", "phone"),
        ("How long", "clock"),
        ("？", "info"),
    ],
)
def test_a_fact_gets_the_icon_of_its_label(label: str, icon: str) -> None:
    assert rendering.fact_icon(label) == icon


def test_a_code_for_phones_holds_the_address_and_nothing_else() -> None:
    drawing = rendering.qr_code("https://hall.example/guide/guide-0", 'a "label"')
    assert "<svg" in drawing
    assert "style=" not in drawing
    assert 'a "label"' not in drawing


def test_every_sentence_of_the_screens_has_both_languages() -> None:
    import yaml

    sentences = yaml.safe_load((rendering.FOLDER / "texts.yml").read_text("utf-8"))
    assert [key for key, said in sentences.items() if not (said.get("zh") and said.get("en"))] == []
