"""Trying out: one question, draft against live; and which known questions an edit would win or lose."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from sanic import Blueprint, HTTPResponse
from sanic.response import ResponseStream

from knowledge.answering import Answering
from knowledge.comparison import Comparison
from knowledge.gold import first_of
from language.reply import Reply
from staff.console import Console
from staff.guard import log_fault
from staff.guide_names import names_of
from staff.guides.subjects import DRAFT, LIVE, Matter, entry_of, read_matter
from staff.guides.telling import tells
from staff.means import StaffMeans
from staff.roles import EVERY_ROLE
from staff.visit import Visit

MOST_QUESTION_CHARS = 200
# The unanswered questions that are asked too: enough to see what an edit moves, few enough to wait for.
_UNANSWERED_ASKED = 300
_LINES = "application/x-ndjson"
_STEP = 0.02


@dataclass(frozen=True)
class Heard:
    """What one side makes of a question."""

    decision: str
    guide: str  # the official name of the guide that comes first; empty where there is none
    aspect: str
    confidence: float | None
    reply: Reply


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/guides/<guide_id:str>/try", allow=EVERY_ROLE)(tells(show_trial))
    desk.page("GET", "/guides/<guide_id:str>/weigh", allow=EVERY_ROLE)(tells(weigh))


async def show_trial(visit: Visit, guide_id: str) -> HTTPResponse:
    """Ask `?q=` of the live guides, and of the same with `?of=` in them."""
    means = visit.means
    entry = await visit.do(entry_of, means, guide_id)
    of = visit.arg("of") or _usual(entry.drafted_by, entry.open.revision if entry.open else None)
    matter = await visit.do(read_matter, means, guide_id, of)
    asked = " ".join(visit.arg("q").split())[:MOST_QUESTION_CHARS]
    sides = await visit.do_slow(_ask_both, means, matter, asked) if asked else None
    return visit.show(
        "guides/try.html",
        entry=entry,
        matter=matter,
        history=await visit.do(means.editorial.history, guide_id),
        asked=asked,
        sides=sides,
        examples=_examples(matter),
    )


async def weigh(visit: Visit, guide_id: str) -> HTTPResponse:
    """Ask the gold set and recent unanswered questions; a script is told line by line how far it has come."""
    means = visit.means
    matter = await visit.do(read_matter, means, guide_id, visit.arg("of") or DRAFT)

    def run(progress: Callable[[float], None]) -> dict[str, Any]:
        asked = means.gold.questions()
        unanswered = [question.text for question in means.unanswered.waiting(_UNANSWERED_ASKED)]
        compared = means.trials.compare(matter.subject, asked, unanswered, progress)
        return {"compared": compared, "names": _names(means, matter, compared)}

    if _LINES in visit.request.headers.get("accept", ""):
        return cast("HTTPResponse", _in_lines(visit, run))
    found = await visit.do_slow(run, lambda share: None)
    entry = await visit.do(entry_of, means, guide_id)
    return visit.show("guides/weighed_page.html", entry=entry, matter=matter, **found)


def _usual(drafted_by: str | None, waiting: int | None) -> str:
    if drafted_by is not None:
        return DRAFT
    return str(waiting) if waiting is not None else LIVE


def _ask_both(means: StaffMeans, matter: Matter, asked: str) -> tuple[Heard, Heard]:
    return (
        _ask(means.trials.live(), asked),
        _ask(means.trials.trial(matter.subject), asked),
    )


def _ask(answering: Answering, asked: str) -> Heard:
    finding = answering.consider(asked)
    reply = answering.reply(finding)
    first = first_of(finding)
    return Heard(
        decision=str(reply.decision),
        guide=answering.guide(first).title if first is not None else "",
        aspect=str(reply.aspect or finding.aspect or ""),
        confidence=finding.matches[0].confidence if finding.matches else None,
        reply=reply,
    )


def _examples(matter: Matter) -> list[str]:
    phrasings = matter.content.get("phrasings")
    return [str(one) for one in phrasings[:4]] if isinstance(phrasings, list) else []


def _names(means: StaffMeans, matter: Matter, compared: Comparison) -> dict[str, str]:
    changes = (*compared.gold.lost, *compared.gold.won, *compared.moved)
    ids = {one for change in changes for one in (change.expected, change.new, change.live)}
    ids |= {record.guide_id for record in compared.gold.set_aside}
    names = names_of(means, ids - {matter.subject.guide_id})
    return {**names, matter.subject.guide_id: matter.title}


def _in_lines(visit: Visit, run: Callable[[Callable[[float], None]], dict[str, Any]]) -> ResponseStream:
    """Return an answer that tells the share done, and at the end what was found as HTML."""
    loop = asyncio.get_running_loop()
    shares: asyncio.Queue[float | None] = asyncio.Queue()
    told = [0.0]

    def progress(share: float) -> None:
        if share - told[0] >= _STEP:
            told[0] = share
            loop.call_soon_threadsafe(shares.put_nowait, share)

    async def write(response: Any) -> None:
        working = asyncio.ensure_future(visit.do_slow(run, progress))
        working.add_done_callback(lambda _: shares.put_nowait(None))
        while (share := await shares.get()) is not None:
            await response.write(json.dumps({"share": round(share, 3)}) + "\n")
        try:
            page = visit.show("guides/weighed.html", **working.result())
            last = {"html": (page.body or b"").decode()}
        except Exception as fault:  # noqa: BLE001  the edge: said on the page, logged without what was asked
            log_fault("weighing a guide", fault)
            last = {"failed": visit.say("guide_weigh_failed")}
        await response.write(json.dumps(last) + "\n")

    return ResponseStream(write, content_type=_LINES)
