"""Answers about the hall itself, from its profile and the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import groupby

from knowledge.guide import Phone, newest_first
from knowledge.hall_profile import Closure, Day, DayKind, HallProfile, Span
from knowledge.wording import Setting, spoken
from language.reply import Block, BlockKind, Decision, Item, Reply, text_block
from language.texts import Texts

_DAYS_AHEAD = {"tomorrow": 1, "day_after": 2, "in_three": 3}
_NOON = (time(12), time(13))

HALL_ASPECTS = ("hours", "address", "phone", "windows")


def whom_to_call(profile: HallProfile, texts: Texts, locale: str) -> str:
    """Return, inside a sentence, the hall's number and the citizens' hotline."""
    hotline = profile.hotline.number
    if not profile.phones:
        return texts.say("phone_hotline", locale, hotline=hotline)
    return texts.say("phone_hall_and_hotline", locale, hall=profile.phones[0].number, hotline=hotline)


def hours_today(profile: HallProfile, say: Callable[..., str], now: datetime) -> str:
    """Return one sentence on whether the hall is open now, and on today's hours; `now` is aware."""
    opening = profile.opening(now)
    local = now.astimezone(profile.timezone)
    spans = opening.today.spans
    hours = _spans(spans, say)
    if opening.is_open:
        return say("hall_open_now", hours=hours)
    if spans and local.time() < spans[0].opens:
        return say("hall_opens_later", hours=hours)
    if spans and local.time() < spans[-1].opens:
        return say("hall_between", hours=hours)
    if opening.next_opening is None:
        return say("hall_closed_long", phone=profile.hotline.number)
    return say("hall_closed_now" if spans else "hall_closed_today", next=_moment(opening.next_opening, say))


def hall_reply(profile: HallProfile, hall_aspect: str, setting: Setting, now: datetime) -> Reply:
    """Answer one of HALL_ASPECTS; after a colon may stand one of aspects.yml's hall_details.

    Raises KeyError for anything else: pass an aspect from a Finding.
    """
    hall_aspect, _, detail = hall_aspect.partition(":")
    text, cards = _ANSWERS[hall_aspect](profile, setting, now)
    if detail and hall_aspect == "hours":
        text = _hours_on(profile, detail, setting, now)
    elif detail and not profile.directions:
        unknown = setting.say(f"hall_{detail}_unknown", phone=setting.phone)
        text = _joined((text, unknown), setting)
    blocks = (text_block(text), *cards, *_cautions(profile, setting), _source(profile, hall_aspect, setting))
    said = text
    if hall_aspect == "address" and setting.locale != "zh":  # no English voice reads a Chinese address
        said = text.replace(_address(profile, setting, now)[0], setting.say("hall_address_spoken"))
    return Reply(Decision.ANSWER, blocks, spoken(said), aspect=hall_aspect, confidence=1.0)


def _hours(profile: HallProfile, setting: Setting, now: datetime) -> tuple[str, list[Block]]:
    say = setting.say
    today = profile.opening(now).today
    text = _joined((_because(today, setting), hours_today(profile, say, now)), setting)
    items = []
    numbered = list(enumerate(profile.week))
    for spans, days in groupby(numbered, key=lambda pair: pair[1]):
        numbers = [number for number, _ in days]
        items.append(Item(_spans(spans, say), label=_days(numbers, say)))
    items.append(Item(_spans(profile.public_holiday, say), label=say("hall_holiday")))
    cards = [Block(BlockKind.FACTS, title=say("hall_week_title"), items=tuple(items))]
    if profile.hours_note:
        cards.append(Block(BlockKind.NOTICE, text=profile.hours_note))
    closures = [closure for closure in profile.closures if closure.last >= today.on]
    if closures:
        lines = tuple(_closure(closure, say) for closure in closures)
        cards.append(Block(BlockKind.FACTS, title=say("hall_closures_title"), items=lines))
    if not today.calendar_known:
        cards.append(Block(BlockKind.NOTICE, text=say("hall_calendar_unknown")))
    return text, cards


def _hours_on(profile: HallProfile, day: str, setting: Setting, now: datetime) -> str:
    """Return one or two sentences on the hours of the named day, the next such day counted from today."""
    say = setting.say
    today = now.astimezone(profile.timezone).date()
    if day == "holiday":
        return _on_day(say("hall_holiday"), profile.public_holiday, say)
    if day == "noon":
        working = [spans for spans in profile.week[:5] if spans]
        is_open = bool(working) and all(
            any(span.opens <= _NOON[0] and span.closes >= _NOON[1] for span in spans) for spans in working
        )
        return say("hall_noon_open", answer=say("hall_noon_yes" if is_open else "hall_noon_no"))
    if day in _DAYS_AHEAD:
        dates = [today + timedelta(days=_DAYS_AHEAD[day])]
    elif day.startswith("next"):
        dates = [today + timedelta(days=7 - today.weekday() + int(day.removeprefix("next")))]
    else:
        weekdays = (5, 6) if day == "weekend" else (int(day),)
        dates = [today + timedelta(days=(weekday - today.weekday()) % 7) for weekday in weekdays]
    sentences = []
    for date in dates:
        weekday_name = say(f"weekday_{date.weekday()}")
        name = say(
            "hall_date",
            weekday=weekday_name,
            month=date.month,
            day=date.day,
            month_name=say(f"month_{date.month}"),
        )
        sentences.append(_on_day(name, profile.day(date).spans, say))
    return _joined(tuple(sentences), setting)


def _closure(closure: Closure, say: Callable[..., str]) -> Item:
    first, last = (
        say("hall_day", month=day.month, day=day.day, month_name=say(f"month_{day.month}"))
        for day in (closure.first, closure.last)
    )
    when = first if first == last else say("hall_days_range", first=first, last=last)
    return Item(_spans(closure.hours, say), label=when, note=closure.reason)


def _on_day(name: str, spans: tuple[Span, ...], say: Callable[..., str]) -> str:
    return (
        say("hall_on_day", day=name, hours=_spans(spans, say))
        if spans
        else say("hall_closed_on_day", day=name)
    )


def _address(profile: HallProfile, setting: Setting, now: datetime) -> tuple[str, list[Block]]:
    text = setting.say("hall_address", name=profile.name, address=profile.address.rstrip("。"))
    return text, [text_block(profile.directions)] if profile.directions else []


def _phone(profile: HallProfile, setting: Setting, now: datetime) -> tuple[str, list[Block]]:
    hotline = profile.hotline.number
    if not profile.phones:
        return setting.say("hall_phone_unknown", hotline=hotline), []
    phones = "、".join(_number(phone) for phone in profile.phones)
    return setting.say("hall_phone", name=profile.name, phones=phones, hotline=hotline), []


def _windows(profile: HallProfile, setting: Setting, now: datetime) -> tuple[str, list[Block]]:
    if not profile.windows:
        return setting.say("hall_windows_unknown"), []
    items = tuple(Item(window.name, label=window.number) for window in profile.windows)
    title = setting.say("hall_windows_title")
    return setting.say("hall_windows"), [Block(BlockKind.FACTS, title=title, items=items)]


_ANSWERS = {"hours": _hours, "address": _address, "phone": _phone, "windows": _windows}


def _because(today: Day, setting: Setting) -> str:
    """Return why today differs from an ordinary day of the week; empty where it does not."""
    if today.kind is DayKind.CLOSURE and today.closure:
        return setting.say("hall_because_closure", reason=today.closure.reason)
    if today.kind is DayKind.PUBLIC_HOLIDAY and today.holiday:
        name = today.holiday.zh if setting.locale == "zh" else today.holiday.en
        return setting.say("hall_because_holiday", name=name)
    if today.kind is DayKind.ADJUSTED_WORKDAY:
        return setting.say("hall_because_workday")
    return ""


def _cautions(profile: HallProfile, setting: Setting) -> list[Block]:
    if profile.sample:
        return [Block(BlockKind.NOTICE, text=setting.say("hall_sample"))]
    if profile.verified_on is None:
        return [Block(BlockKind.NOTICE, text=setting.say("hall_unverified"))]
    return []


def _source(profile: HallProfile, hall_aspect: str, setting: Setting) -> Block:
    """Return the hall's profile as source: the page a fact was read on, or the day staff checked it."""
    title = setting.say("source_title")
    bearing = newest_first(s for s in profile.sources if hall_aspect in s.fields)
    own = setting.say("hall_source")
    if profile.verified_on:
        own = setting.say("hall_source_checked", title=own, date=profile.verified_on)
    if not bearing:
        date = profile.verified_on.isoformat() if profile.verified_on else setting.say("date_unknown")
        return Block(BlockKind.SOURCE, title=title, text=own, date=date)
    first = bearing[0]
    date = first.date or setting.say("date_unknown")
    line = setting.say("source_line", title=first.title, date=date)
    return Block(BlockKind.SOURCE, title=title, text=line, url=first.url or "", date=date, items=(Item(own),))


def _number(phone: Phone) -> str:
    return f"{phone.number}（{phone.label}）" if phone.label else phone.number


def _spans(spans: tuple[Span, ...], say: Callable[..., str]) -> str:
    if not spans:
        return say("hall_day_closed")
    said = [say("hall_span", opens=f"{span.opens:%-H:%M}", closes=f"{span.closes:%-H:%M}") for span in spans]
    return say("hall_span_join").join(said)


def _days(numbers: list[int], say: Callable[..., str]) -> str:
    first, last = (say(f"weekday_{number}") for number in (numbers[0], numbers[-1]))
    return first if first == last else say("hall_days_range", first=first, last=last)


def _moment(at: datetime, say: Callable[..., str]) -> str:
    weekday = say(f"weekday_{at.weekday()}")
    month_name, time = say(f"month_{at.month}"), f"{at:%-H:%M}"
    return say("hall_moment", month=at.month, month_name=month_name, day=at.day, weekday=weekday, time=time)


def _joined(sentences: tuple[str, ...], setting: Setting) -> str:
    return ("" if setting.locale == "zh" else " ").join(filter(None, sentences))
