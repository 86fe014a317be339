"""All guides at a glance: where each stands."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.overview import Overview, Standing, card_of
from knowledge.revisions import NoSuchRevision
from tests.knowledge.curation import Room, plain, small

TODAY = date(2026, 1, 31)


def standings(room: Room) -> dict[str, list[str]]:
    entries = Overview(room.sessions).entries()
    return {entry.guide_id: [str(one) for one in entry.standings(TODAY)] for entry in entries}


def test_every_guide_is_listed_with_where_it_stands(room: Room) -> None:
    room.library.import_guides([small(name) for name in ("a", "b", "c", "d", "e")], "lin")
    room.editorial.save_draft("a", 0, plain("a", notes="1"), "li")
    room.edit("b", notes="2")
    room.approve("c", notes="3")
    revision = room.edit("d", notes="4")
    room.editorial.send_back("d", revision, "wang", "不对")
    room.editorial.start_draft("new", {"title": "新"}, "li")
    assert standings(room) == {
        "a": ["live", "draft"],
        "b": ["live", "review"],
        "c": ["live", "approved"],
        "d": ["live", "sent_back"],
        "e": ["live"],
        "new": ["draft", "proposed"],
    }


def test_a_withdrawn_guide_stays_in_the_list(room: Room) -> None:
    room.library.import_guides([small("a"), small("b")], "lin")
    revision = room.editorial.withdraw("a", "li", "不办了")
    room.editorial.approve("a", revision, "wang")
    room.releases.publish(_built(room), "chen")
    assert standings(room)["a"] == ["withdrawn"]
    (entry, _) = Overview(room.sessions).entries()
    assert entry.card.title == "事项a"
    room.editorial.restore("a", 1, "li", "又办了")
    assert standings(room)["a"] == ["review", "withdrawn"]


def test_one_guide_is_told_alone(room: Room) -> None:
    room.library.import_guides([small("a"), small("b")], "lin")
    room.edit("a", notes="1")
    overview = Overview(room.sessions)
    assert overview.entry("a") == overview.entries()[0]
    assert overview.entry("c") is None


def test_dates_that_have_come_are_told(room: Room) -> None:
    room.library.import_guides(
        [
            small("a", review_by="2026-01-31"),
            small("b", expires_on="2026-01-30"),
            small("c", effective_on="2026-02-01"),
        ],
        "lin",
    )
    assert standings(room) == {
        "a": ["live", "overdue"],
        "b": ["live", "expired"],
        "c": ["live", "not_yet"],
    }


def test_the_list_shows_what_residents_see_until_something_else_is_live(room: Room) -> None:
    room.library.import_guides([small("a", "旧名")], "lin")
    overview = Overview(room.sessions)
    room.wait(hours=1)
    revision = room.edit("a", title="新名")
    (entry,) = overview.entries()
    assert (entry.card.title, entry.live_revision, entry.changed_by) == ("旧名", 1, "editor")
    assert entry.open is not None
    assert entry.open.revision == revision
    room.editorial.approve("a", revision, "wang")
    room.releases.publish(_built(room), "chen")
    (entry,) = overview.entries()
    assert (entry.card.title, entry.live_revision, entry.open) == ("新名", 2, None)


def test_a_revision_tells_its_content_and_everyone_who_wrote_on_it(room: Room) -> None:
    room.library.import_guides([small("a")], "lin")
    overview = Overview(room.sessions)
    saved = room.editorial.save_draft("a", 0, plain("a", notes="1"), "li")
    saved = room.editorial.save_draft("a", saved.version, plain("a", notes="2"), "wang")
    room.editorial.submit("a", saved.version, "wang", "改")
    assert overview.content("a", 2)["notes"] == "2"
    assert overview.editors("a", 2) == ["li", "wang"]
    assert overview.editors("a", 9) == []
    with pytest.raises(NoSuchRevision):
        overview.content("a", 9)


def test_whatever_a_draft_holds_has_a_card() -> None:
    card = card_of(
        {
            "title": 3,
            "phrasings": "x",
            "aliases": [1, "a"],
            "sources": ["x", {"date": 2020}],
            "popularity": "many",
        }
    )
    assert (card.title, card.phrasings, card.aliases, card.source_date, card.popularity) == (
        "",
        (),
        ("a",),
        "2020",
        50,
    )
    assert card_of({}).verified_on is None
    assert Standing.LIVE in Standing


def _built(room: Room) -> int:
    room.releases.propose("chen", "发布")
    return room.build()
