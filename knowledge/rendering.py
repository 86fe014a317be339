"""Answers what was asked about a guide, in at most two short sentences."""

from __future__ import annotations

import re

from knowledge.guide import Aspect, Completeness, Guide, GuideStatus, Material
from knowledge.wording import Setting, amount_line, bare, phone_of, phones_line, plain, short

# More than three things in a row are not remembered when they are read aloud.
SPOKEN_THINGS = 3
# Only what is done at a hall follows this hall's hours; a legal aid office keeps its own.
_HALL = re.compile("受理(服务)?中心")


def direct_answers(guide: Guide, aspects: tuple[Aspect, ...], setting: Setting) -> list[str]:
    """Return what was asked, at most two short sentences an aspect; a caution goes before where it must."""
    if guide.status is GuideStatus.ABOLISHED:
        title = guide.title_in(setting.locale)
        return [setting.say("answer_abolished", name=title, note=guide.status_note or "").strip()]
    first, *more = (_answer(guide, aspect, setting) for aspect in aspects)
    return [" ".join(filter(None, (_caution(guide, setting), first))).replace("。 ", "。"), *more]


def _caution(guide: Guide, setting: Setting) -> str:
    if guide.is_expired(setting.today):
        return setting.say("answer_expired", date=guide.expires_on)
    if not guide.is_effective(setting.today):
        return setting.say("answer_not_yet", date=guide.effective_on)
    if guide.status is GuideStatus.RENAMED:
        return setting.say("answer_renamed", name=plain(guide, setting.locale))
    return ""


def _answer(guide: Guide, aspect: Aspect, setting: Setting) -> str:
    name, say = plain(guide, setting.locale), setting.say
    if aspect is Aspect.OVERVIEW:
        return _overview(guide, setting)
    if aspect is Aspect.HOURS:
        if guide.hours:
            return say("answer_hours", name=name, text=short(guide.hours))
        if any(_HALL.search(place) for place in guide.where):
            return say("answer_hours_hall", name=name, today=setting.hours_today)
    if not guide.knows(aspect):
        return say("answer_blank", name=name, matter=say(f"blank_{aspect}"), phone=phone_of(guide, setting))
    return _ANSWERS[aspect](guide, name, setting)


def _overview(guide: Guide, setting: Setting) -> str:
    name, say = plain(guide, setting.locale), setting.say
    if guide.completeness is Completeness.POINTER:
        return say("answer_pointer", name=name, phone=phone_of(guide, setting))
    sentences = []
    brought = _always_brought(guide)
    if brought:
        things = "、".join(bare(material.name, 20) for material in brought[:SPOKEN_THINGS])
        sentences.append(say("answer_overview_materials", name=name, things=things))
    elif guide.audience:
        sentences.append(say("answer_overview_conditions", name=name, who=short(guide.audience)))
    if guide.where:
        sentences.append(say("answer_overview_where", place=bare(guide.where[0], 40)))
    elif guide.online:
        sentences.append(say("answer_overview_online", channel=short(guide.online[0], 40)))
    if not sentences or (len(sentences) == 1 and not brought and not guide.audience):
        sentences.insert(0, say("answer_overview_known", name=name))
    return _joined(sentences, setting)


def _materials(guide: Guide, name: str, setting: Setting) -> str:
    brought = _always_brought(guide)
    things = "、".join(bare(material.name, 20) for material in brought[:SPOKEN_THINGS])
    if not brought:
        every = all(material.fetched_by_window for material in guide.materials)
        return setting.say("answer_materials_fetched" if every else "answer_materials_depends", name=name)
    if len(brought) == len(guide.materials) <= SPOKEN_THINGS:
        return setting.say("answer_materials", name=name, count=len(brought), things=things)
    count = sum(not material.fetched_by_window for material in guide.materials)
    return setting.say("answer_materials_many", name=name, count=count, things=things)


def _fee(guide: Guide, name: str, setting: Setting) -> str:
    sentences = []
    if guide.fee:
        sentences.append(setting.say("answer_fee", name=name, fee=short(guide.fee)))
    if guide.amounts:
        amounts = "；".join(amount_line(amount, setting) for amount in guide.amounts[:SPOKEN_THINGS])
        if len(guide.amounts) > SPOKEN_THINGS:
            amounts = setting.say("amounts_more", amounts=amounts)
        if guide.fee:
            sentences.append(setting.say("answer_amounts", amounts=amounts))
        else:
            sentences.append(setting.say("answer_fee", name=name, fee=amounts))
    return _joined(sentences, setting)


def _where(guide: Guide, name: str, setting: Setting) -> str:
    sentences = [setting.say("answer_where", name=name, place=bare(guide.where[0], 50))]
    if len(guide.where) > 1:
        sentences.append(setting.say("answer_where_more"))
    return _joined(sentences, setting)


def _time_limit(guide: Guide, name: str, setting: Setting) -> str:
    assert guide.time_limit is not None
    days = guide.time_limit.promised_days or guide.time_limit.statutory_days
    if days and setting.locale != "zh":  # the words around the days are Chinese
        return setting.say("answer_time_limit_days", name=name, days=days)
    return setting.say("answer_time_limit", name=name, text=short(guide.time_limit.text))


def _eligibility(guide: Guide, name: str, setting: Setting) -> str:
    who = guide.audience or guide.conditions[0]
    sentences = [setting.say("answer_eligibility", name=name, who=short(who))]
    if len(guide.conditions) > 1 or (guide.audience and guide.conditions):
        sentences.append(setting.say("answer_eligibility_conditions", count=len(guide.conditions)))
    return _joined(sentences, setting)


def _process(guide: Guide, name: str, setting: Setting) -> str:
    first = short(guide.steps[0], 40)
    if len(guide.steps) == 1:
        return setting.say("answer_process_one", name=name, first=first)
    return setting.say("answer_process", name=name, count=len(guide.steps), first=first)


def _basis(guide: Guide, name: str, setting: Setting) -> str:
    key = "answer_basis" if len(guide.basis) == 1 else "answer_basis_many"
    return setting.say(key, name=name, count=len(guide.basis), first=short(guide.basis[0], 60))


def _phone(guide: Guide, name: str, setting: Setting) -> str:
    return setting.say("answer_phone", name=name, phones=phones_line(guide.phones[:2], setting.locale))


def _online(guide: Guide, name: str, setting: Setting) -> str:
    return setting.say("answer_online", name=name, channel=short(guide.online[0], 60))


def _agent(guide: Guide, name: str, setting: Setting) -> str:
    assert guide.agent is not None
    text = short(guide.agent.text) + "。" if guide.agent.text else ""
    if text and setting.locale != "zh":
        text = setting.say("answer_agent_shown")
    return setting.say(f"answer_agent_{guide.agent.allowed}", name=name, text=text)


_ANSWERS = {
    Aspect.MATERIALS: _materials,
    Aspect.FEE: _fee,
    Aspect.WHERE: _where,
    Aspect.TIME_LIMIT: _time_limit,
    Aspect.ELIGIBILITY: _eligibility,
    Aspect.PROCESS: _process,
    Aspect.BASIS: _basis,
    Aspect.PHONE: _phone,
    Aspect.ONLINE: _online,
    Aspect.AGENT: _agent,
}


def _always_brought(guide: Guide) -> list[Material]:
    """Return the materials that everyone has to bring."""
    return [m for m in guide.materials if m.required and not m.when and not m.fetched_by_window]


def _joined(sentences: list[str], setting: Setting) -> str:
    return ("" if setting.locale == "zh" else " ").join(filter(None, sentences))
