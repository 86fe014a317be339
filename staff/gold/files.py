"""The gold set as files: handed out, and taken in with every wrong row named."""

from __future__ import annotations

from collections.abc import Sequence

from sanic import Blueprint, HTTPResponse

from knowledge.gold import GoldError
from knowledge.gold_files import read_gold, write_gold
from knowledge.problems import GuideErrors
from staff.console import SHEET_BYTES, Console
from staff.roles import EVERY_ROLE, Role
from staff.visit import Visit

MOST_ERRORS = 50


def add_pages(routes: Blueprint, desk: Console, changers: Sequence[Role]) -> None:
    """Declare the pages."""
    desk.page("GET", "/gold.xlsx", allow=EVERY_ROLE)(hand_out_xlsx)
    desk.page("GET", "/gold.jsonl", allow=EVERY_ROLE)(hand_out_jsonl)
    take = desk.page("POST", "/gold/import", allow=changers, act="gold.import", body_limit=SHEET_BYTES)
    take(take_in)


async def hand_out_xlsx(visit: Visit) -> HTTPResponse:
    """Hand the set over as a workbook."""
    return await _hand_out(visit, "xlsx")


async def hand_out_jsonl(visit: Visit) -> HTTPResponse:
    """Hand the set over, one question a line."""
    return await _hand_out(visit, "jsonl")


async def take_in(visit: Visit) -> HTTPResponse:
    """Add and change the questions of a file, all or none."""
    file = visit.file("sheet")
    if file is None:
        return visit.show("gold/import.html", 422, lines=[visit.say("gold_no_file")], more=0)
    try:
        records = await visit.do(read_gold, file.body, file.name, visit.means.guides())
        done = await visit.do(visit.means.gold.import_records, records, visit.member.login)
    except GuideErrors as wrong:
        lines = [
            visit.say("gold_row", row=one.field, problem=one.problem + one.remedy) for one in wrong.errors
        ]
        more = max(0, len(lines) - MOST_ERRORS)
        return visit.show("gold/import.html", 422, lines=lines[:MOST_ERRORS], more=more)
    except GoldError:
        return visit.show("gold/import.html", 422, lines=[visit.say("gold_text_wrong")], more=0)
    visit.note("gold", "", after={"new": done.new, "changed": done.changed, "same": done.same})
    visit.flash("gold_imported", new=done.new, changed=done.changed, same=done.same)
    return visit.go("/gold")


async def _hand_out(visit: Visit, kind: str) -> HTTPResponse:
    records = await visit.do(visit.means.gold.records)
    body = await visit.do(write_gold, records, f"gold.{kind}", visit.means.guides())
    today = visit.means.clock().astimezone(visit.means.zone)
    return visit.sheet(body, visit.say("gold_file", day=f"{today:%Y-%m-%d}", kind=kind), kind)
