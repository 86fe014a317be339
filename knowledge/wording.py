"""Small things that answers and cards have in common: the setting of an answer, and facts put into words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from knowledge.guide import Amount, Guide, Phone
from language.texts import Texts

# A spoken sentence longer than this is cut at a comma; the card has the rest.
SPOKEN_CHARS = 70


@dataclass(frozen=True)
class Setting:
    """What an answer needs besides the guide: language, day, whom to call, and today's hours in words."""

    texts: Texts
    locale: str
    today: date
    phone: str
    hours_today: str

    def say(self, key: str, /, **values: object) -> str:
        """Return the sentence `key` in this setting's language."""
        return self.texts.say(key, self.locale, **values)


def spoken(text: str) -> str:
    """Return `text` as it is read aloud: without quotation marks and brackets."""
    said = re.sub(r"[“”「」\"]", "", text)
    # A bracketed aside is read after a pause: often it is the year that a fact holds for.
    said = re.sub(r"[（(]([^（）()]*)[)）]", r"，\1", said)
    return re.sub(r"\s+", " ", said).strip()


def short(text: str, max_chars: int = SPOKEN_CHARS) -> str:
    """Return the beginning of a fact, cut where a clause ends, without its full stop."""
    text = text.strip().rstrip("。；;.")
    if len(text) <= max_chars:
        return text
    ends = [match.start() for match in re.finditer(r"[。；;，,]", text[:max_chars])]
    return text[: ends[-1]] if ends else text[: max_chars - 1] + "…"


def bare(fact: str, max_chars: int = SPOKEN_CHARS) -> str:
    """Return a short fact without its bracketed asides: what fits inside a sentence."""
    return short(re.sub(r"[（(][^（）()]*[)）]", "", fact).strip() or fact, max_chars)


def plain(guide: Guide, locale: str) -> str:
    """Return the guide's plain name (in English its title) without its bracketed aside."""
    name = guide.plain_name_in(locale)
    return re.sub(r"\s*[（(][^（）()]*[)）]", "", name).strip() or name


def amount_line(amount: Amount, setting: Setting) -> str:
    """Return an amount with its year, or the words for "year unknown"."""
    if not amount.year:
        return setting.say("amount_no_year", what=amount.what, value=amount.value)
    year = setting.say("year_plain", year=amount.year) if amount.year.isdigit() else amount.year
    return setting.say("amount_year", what=amount.what, value=amount.value, year=year)


def phones_line(phones: tuple[Phone, ...], locale: str = "zh") -> str:
    """Return numbers with whose they are; the numbers alone where those are not read."""
    if locale != "zh":
        return ", ".join(phone.number for phone in phones)
    return "、".join(f"{phone.number}（{phone.label}）" if phone.label else phone.number for phone in phones)


def phone_of(guide: Guide, setting: Setting) -> str:
    """Return the guide's own number, or the hall's where it has none."""
    return phones_line(guide.phones[:1], setting.locale) if guide.phones else setting.phone
