"""What the console's desk works with: filing, lists, one case, and every act on it."""

from __future__ import annotations

from dataclasses import dataclass

from cases.arrivals.photos import Photos
from cases.desk import Desk
from cases.notices.book import NoticeBook
from cases.work.alarms import Alarms
from cases.work.departments import Departments
from cases.work.dossier import Dossiers
from cases.work.queues import Queues
from cases.work.working import Working


@dataclass(frozen=True)
class Casework:
    """The parts of the case store that staff use."""

    desk: Desk
    queues: Queues
    dossiers: Dossiers
    working: Working
    departments: Departments
    alarms: Alarms
    photos: Photos
    notices: NoticeBook

    @classmethod
    def at(cls, desk: Desk) -> Casework:
        """Return the parts over one desk's store."""
        store = desk.store
        return cls(
            desk,
            Queues(store),
            Dossiers(store),
            Working(store),
            Departments(store),
            Alarms(store),
            Photos(store),
            NoticeBook(store),
        )
