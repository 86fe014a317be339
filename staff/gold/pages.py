"""The pages of the gold set: the list, one question, running it against the live guides."""

from __future__ import annotations

from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse

from knowledge.gold import GoldError, GoldQuestion
from language.normalise import normalise
from staff.console import Console
from staff.gold import files
from staff.gold.view import KINDS, PAGE_ROWS, Wanted, list_questions, run
from staff.guide_names import names_of, offer, resolve
from staff.means import StaffMeans
from staff.roles import EVERY_ROLE, Role
from staff.visit import Visit

ADDERS = (Role.EDITOR, Role.REVIEWER, Role.ADMIN)
# Who writes a guide must not lower the bar that it has to clear.
CHANGERS = (Role.REVIEWER, Role.ADMIN)
MOST_ID = 2**31 - 1


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    pages = _GoldPages(desk.means)
    desk.page("GET", "/gold", allow=EVERY_ROLE, nav="gold")(pages.show)
    desk.page("GET", "/gold/guides", allow=EVERY_ROLE)(pages.guides)
    desk.page("GET", "/gold/run", allow=EVERY_ROLE)(pages.ask_run)
    desk.page("GET", "/gold/run/result", allow=EVERY_ROLE)(pages.result)
    desk.page("POST", "/gold/add", allow=ADDERS, act="gold.add")(pages.add)
    desk.page("GET", "/gold/<number:int>", allow=EVERY_ROLE)(pages.one)
    desk.page("POST", "/gold/<number:int>/change", allow=CHANGERS, act="gold.change")(pages.change)
    desk.page("POST", "/gold/<number:int>/remove", allow=CHANGERS, act="gold.remove")(pages.remove)
    files.add_pages(routes, desk, CHANGERS)


class _GoldPages:
    def __init__(self, means: StaffMeans) -> None:
        self._means = means

    async def show(self, visit: Visit) -> HTTPResponse:
        """List the questions, the newest first."""
        return await self._list(visit, {})

    async def guides(self, visit: Visit) -> HTTPResponse:
        """Offer guides for what is being typed."""
        typed = (visit.arg("guide") or visit.arg("other_guide"))[:100]
        likely = await visit.do(self._likely, typed)
        found = await visit.do(offer, self._means.guides(), typed, likely)
        return visit.show("gold/guide_options.html", guides=found)

    async def ask_run(self, visit: Visit) -> HTTPResponse:
        """Show the page that waits for the result."""
        count = len(await visit.do(self._means.gold.questions))
        return visit.show("gold/run.html", count=count)

    async def result(self, visit: Visit) -> HTTPResponse:
        """Ask all questions of the live guides."""
        return visit.show("gold/result.html", run=await visit.do_slow(run, self._means))

    async def add(self, visit: Visit) -> HTTPResponse:
        """Keep a question; one that is there already is changed by who may."""
        text, errors = visit.field("text"), {}
        guide_id = await visit.do(self._expected, visit)
        if guide_id == "":
            errors["guide"] = visit.say("gold_no_guide")
        there = await visit.do(self._find_text, text)
        if there is not None and not visit.member.may(CHANGERS):
            errors["text"] = visit.say("gold_there_already")
        if not errors:
            try:
                kept = await visit.do(self._means.gold.add, text, guide_id, visit.member.login)
            except GoldError:
                errors["text"] = visit.say("gold_text_wrong")
        if errors:
            return await self._list(visit, errors, 422)
        visit.note(
            "gold",
            kept.id,
            before={"guide": there.guide_id or ""} if there else {},
            after={"guide": guide_id or ""},
        )
        visit.flash("gold_changed" if there else "gold_added")
        return visit.go("/gold?" + urlencode({"q": kept.text}))

    async def one(self, visit: Visit, number: int) -> HTTPResponse:
        """Show one question."""
        return await self._show_one(visit, number, {})

    async def change(self, visit: Visit, number: int) -> HTTPResponse:
        """Write a question anew, or give it another guide."""
        before = await visit.do(self._find, number)
        if before is None:
            return visit.problem(404, "no_gold")
        visit.note("gold", number)
        text, guide_id = visit.field("text"), await visit.do(self._expected, visit)
        other = await visit.do(self._find_text, text)
        errors = {}
        if guide_id == "":
            errors["guide"] = visit.say("gold_no_guide")
        if other is not None and other.id != number:
            errors["text"] = visit.say("gold_there_already")
        if not errors:
            try:
                kept = await visit.do(self._means.gold.add, text, guide_id, visit.member.login)
            except GoldError:
                errors["text"] = visit.say("gold_text_wrong")
        if errors:
            return await self._show_one(visit, number, errors, 422)
        if kept.id != number:
            await visit.do(self._means.gold.remove, number, visit.member.login)
        visit.note("gold", kept.id, before={"guide": before.guide_id or ""}, after={"guide": guide_id or ""})
        visit.flash("gold_changed")
        return visit.go("/gold?" + urlencode({"q": kept.text}))

    async def remove(self, visit: Visit, number: int) -> HTTPResponse:
        """Take a question out."""
        before = await visit.do(self._find, number)
        if before is None or not await visit.do(self._means.gold.remove, number, visit.member.login):
            return visit.problem(404, "no_gold")
        visit.note("gold", number, before={"guide": before.guide_id or ""})
        visit.flash("gold_removed", "info")
        return visit.go("/gold")

    async def _list(self, visit: Visit, errors: dict[str, str], status: int = 200) -> HTTPResponse:
        kind = visit.arg("kind") if visit.arg("kind") in KINDS else ""
        wanted, page = Wanted(visit.arg("q")[:100].strip(), kind), visit.number("page")
        listed = await visit.do(list_questions, self._means, wanted, page)
        return visit.show(
            "gold/list.html",
            status,
            listed=listed,
            wanted=wanted,
            kinds=[(one, visit.say(f"gold_kind_{one}")) for one in KINDS],
            page=page,
            pages=max(1, -(-listed.found // PAGE_ROWS)),
            query=urlencode({"q": wanted.words, "kind": wanted.kind}),
            errors=errors,
            typed={name: visit.field(name) for name in ("text", "guide", "decline")},
            may_add=visit.member.may(ADDERS),
            may_change=visit.member.may(CHANGERS),
        )

    async def _show_one(
        self, visit: Visit, number: int, errors: dict[str, str], status: int = 200
    ) -> HTTPResponse:
        found = await visit.do(self._find, number)
        if found is None:
            return visit.problem(404, "no_gold")
        names = await visit.do(names_of, self._means, [found.guide_id])
        typed = {
            "text": found.text,
            "guide": names.get(found.guide_id or "", ""),
            "decline": "" if found.guide_id else "yes",
        }
        if visit.page.method == "POST":
            typed = {name: visit.field(name) for name in typed}
        return visit.show(
            "gold/one.html",
            status,
            one=found,
            names=names,
            typed=typed,
            errors=errors,
            may_change=visit.member.may(CHANGERS),
        )

    def _expected(self, visit: Visit) -> str | None:
        """Return the guide of the form, None where the question must be declined, empty where neither."""
        if visit.field("decline"):
            return None
        guide = resolve(self._means.guides(), visit.field("guide"))
        return guide.id if guide else ""

    def _find(self, number: int) -> GoldQuestion | None:
        return next((one for one in self._means.gold.questions() if one.id == number), None)

    def _find_text(self, text: str) -> GoldQuestion | None:
        wanted = normalise(text)
        return next((one for one in self._means.gold.questions() if normalise(one.text) == wanted), None)

    def _likely(self, typed: str) -> list[str]:
        return [match.guide_id for match in self._means.judge(typed).matches] if typed.strip() else []
