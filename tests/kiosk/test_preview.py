"""What staff see beside their writing: the kiosk's own pages, that lead nowhere and run nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from kiosk.needs import HallFacts
from kiosk.preview import Preview
from language.reply import Block, BlockKind, Choice, Decision, GuideRef, Item, Reply, text_block

HOSTILE = '<script>alert(1)</script><a href="/x">x</a>'


@pytest.fixture
def preview() -> Preview:
    return Preview(
        lambda locale: HallFacts("幸福路街道"),
        lambda: datetime(2026, 1, 31, 4, tzinfo=UTC),
        ZoneInfo("Asia/Shanghai"),
    )


def reply(text: str) -> Reply:
    return Reply(
        Decision.ANSWER,
        (text_block(text), Block(BlockKind.MATERIALS, items=(Item(text),)), Block(BlockKind.SOURCE, text)),
        choices=(Choice(text, guide=text, payload={"intent": "choose", "guide": "a", "aspect": None}),),
        guide=GuideRef("a", text, 1, None, None),
        aspect="overview",
    )


def test_screen_and_page_show_the_reply(preview: Preview) -> None:
    for page in (preview.screen(reply("带上身份证。"), "怎么办"), preview.page(reply("带上身份证。"))):
        assert "带上身份证。" in page
        assert "/kiosk/static/" in page
    assert "怎么办" in preview.screen(reply("带"), "怎么办")


def test_nothing_in_it_runs_or_leads_away(preview: Preview) -> None:
    for page in (preview.screen(reply(HOSTILE), HOSTILE), preview.page(reply(HOSTILE))):
        assert "<script" not in page
        assert not re.search(r"<a\b[^>]*\shref", page)
        assert "&lt;script&gt;alert(1)" in page


def test_a_guide_that_is_taken_away_shows_what_residents_are_told(preview: Preview) -> None:
    declined = Reply(Decision.DECLINE, (text_block("这里不知道。"),))
    assert "这里不知道。" in preview.screen(declined, "怎么办")
    assert "这里不知道。" in preview.page(declined)
