"""What goes into every answer of a minute: the day, whom to call, and whether the hall is open."""

from __future__ import annotations

from datetime import datetime

from knowledge.about_hall import hours_today, whom_to_call
from knowledge.hall_profile import HallProfile
from knowledge.wording import Setting
from language.moments import Clock
from language.texts import Texts


class Settings:
    """Gives the setting of an answer, worked out once a minute: the hall opens and closes with a minute."""

    def __init__(self, profile: HallProfile, texts: Texts, clock: Clock) -> None:
        self._profile = profile
        self._texts = texts
        self._clock = clock
        self._made: dict[tuple[str, datetime], Setting] = {}

    def of(self, locale: str) -> Setting:
        """Return the present setting in a language."""
        now = self._clock().astimezone(self._profile.timezone).replace(second=0, microsecond=0)
        setting = self._made.get((locale, now))
        if setting is None:
            setting = self._make(locale, now)
            others = {name: kept for name, kept in self._made.items() if name[1] == now}
            # A new one, not the same emptied: another thread may be reading.
            self._made = {**others, (locale, now): setting}
        return setting

    def _make(self, locale: str, now: datetime) -> Setting:
        def say(key: str, **values: object) -> str:
            return self._texts.say(key, locale, **values)

        return Setting(
            texts=self._texts,
            locale=locale,
            today=now.date(),
            phone=whom_to_call(self._profile, self._texts, locale),
            hours_today=hours_today(self._profile, say, now),
        )
