"""Room 2: what the hall was asked to do. Filing, working, measuring and forgetting requests.

How a page uses the room. Everything starts from `Desk` (made once by the hall); its `store` opens the rest:

- file: `desk.file_case(Request)` -> Receipt, idempotent by the request key, from every door; before it,
  `arrivals.duplicates.already_reported`; after it, `arrivals.photos.Photos(store).add`.
- move: `desk.move(number, Move(wanted, Actor(login, role, department), note, ...))`. `work.moves` is the
  one table of who may move what where; a page offers `who_may(present, wanted)` and shows what is raised,
  each message in words: IllegalMove names who was faster, NotYours whose case it is, Incomplete what is
  missing.
- work together: `work.working.Working(store)`: call_in, accept_part, finish_part, release, whistle, come,
  link, note, take_over.
- lists: `work.queues.Queues(store)`: `mine(actor)`, `find(Filter)`, `count(Filter)`, `overdue(Purpose)`.
  They are right at any second: a deadline is a stored instant, and nothing has to be swept for it.
- urgent: `work.alarms.Alarms(store)`: `of(actor)`, `count(actor)`, `know(clocks, actor, seen_at)`: whom a
  warning, an overdue deadline or a no-show concerns, read from the running clocks.
- one case: `work.dossier`; its contact fields in clear only by `privacy.reading.read_clear`, for a reason.
- residents, by number and code: `desk.look_up`, `residents.Residents(desk)`: rate, reopen, withdraw.
- notices: each move owes one, in the same transaction; `notices.outbox.Outbox(store, worker).send(deliver)`
  sends them, `notices.left.LeftNotices` reads and gives up those left in talks; `notices.book.NoticeBook` is
  for staff: whom to call, ticking off, dead letters.
- by itself: `desk.keep_time()` every few seconds, `desk.tick()` and `desk.purge_expired()` now and then,
  by any number of workers.
- results: `figures.rates.Figures(store)`: report, rates, series, each rate with its denominator;
  `figures.behind.Cases(store)` lists the cases behind a number; `figures.exclusions.Exclusions(store)`
  leaves a case out by decision; `figures.snapshots.Snapshots(store)` keeps the three lists as they stood.
  What a page says of a number is in `figures.measures.definitions()`.
- the map: `figures.heat.Heat(store).of(Span(2026, 6))`; what it may tell stands in `figures.hiding`.
- proposals: `figures.proposals.Proposals(store)`: what looks like one matter, merged or dismissed;
  `figures.gaps.Gaps(store)`: categories that keep coming.
- rights: `privacy.erasing` (preview, erase), `privacy.handing_out`, `privacy.rotation`.

A module that changes cases does it inside `store.writing()`: from its start to its end no other writer
changes a case, and `Writing.tell` chains what was done into the history; at its end the sums of the figures
follow (`figures.tallies`).
"""
