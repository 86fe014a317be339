"""The console door, for the people who keep the knowledge right and work the cases.

How a page is added
-------------------
1. A module beside the others, `staff/guide_pages.py`, with one function, and a line for it in
   PAGE_MODULES of staff/door.py (before home_pages, whose last routes catch what nobody else answers):

       def add_pages(routes: Blueprint, desk: Console) -> None:
           @desk.page("GET", "/guides", allow=EVERY_ROLE, nav="guides")
           async def guides(visit: Visit) -> HTTPResponse:
               rows = await visit.do(desk.means.library.published)
               return visit.show("guides/list.html", rows=rows, page=visit.number("page"))

           @desk.page("POST", "/guides/<guide_id:str>/submit", allow=(Role.EDITOR,), act="guide.submit")
           async def submit(visit: Visit, guide_id: str) -> HTTPResponse:
               note = visit.field("note")
               revision = await visit.do(editorial.submit, guide_id, version, visit.member.login, note)
               visit.note("guide", guide_id, before={"revision": 3}, after={"revision": revision})
               visit.flash("guide_submitted", title=title)
               return visit.go(f"/guides/{guide_id}")

   Paths are without /staff. `allow` names roles (staff/roles.py); the guard turns away everybody else.
   A room's call always goes through `visit.do`: it runs in a thread. A form that is refused is shown
   again: `visit.show(template, 422, errors={...}, typed={...})`; `visit.problem(404, "not_found")` says
   what is wrong on a page of its own (texts `<key>_title`, `<key>_text`).
2. Every POST has, without your doing: the check of where it came from, the CSRF token, the role, and a row
   in the audit trail, begun before and finished after with what `visit.note` said (short facts; never
   residents' words). Its body holds 1 MB; `body_limit=SHEET_BYTES` allows 20 MB (`visit.file("sheet")`).
   A page that a screen asks again and again is `quiet=True`: it does not keep the session alive.
   One that is shown in an <iframe> of the console is `framed=True`.
3. Templates: staff/templates/<subject>/*.html begin with

       {% extends "base.html" %}{% import "macros.html" as ui with context %}
       {% block title %}指南{% endblock %}{% block main %}<h1>…</h1>…{% endblock %}

   Macros: ui.csrf_field() in every form; field, select, ticks, badge, table, pager, tabs, chart, progress,
   act (a button that posts, with a confirmation). `t(key)` says a text, `icon(name)` draws one of lucide's
   (listed in kiosk/vendor.py), `at | when` and `at | day` show instants. `<form data-keep="guide/ID">`
   is saved in the browser while it is typed in; what is sent after the session has ended comes back by
   itself after signing in. Undefined names are errors: `errors.name | default('')`.
   No inline script or style, no style attributes: the policy refuses them. More CSS and JS: files under
   staff/static/, named in the blocks `styles` and `scripts`.
4. Sentences that code says: staff/<subject>/texts.yml or staff/texts.yml, `key: {zh: 文字}`.
   Navigation: an entry in staff/navigation.yml, and `nav="key"` on the page.
5. What a page needs from hall/ is a field of StaffMeans (staff/means.py), filled in hall/staff_wiring.py.
6. Tests: tests/staff/served.py gives `ServedConsole.start(database(tmp_path), "name", **means)`,
   `.signed_in("li", Role.EDITOR)` -> Browser with get and post. tests/staff/test_every_route.py tries
   every page in the table with every role: it needs nothing from you.
"""
