"""Turns a guide into what a resident reads and hears: the answer, then the card, the cautions, the source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from knowledge.guide import Agent, Amount, Aspect, Completeness, Guide, GuideStatus, Material, Phone, Source
from language.reply import Block, BlockKind, Item
from language.texts import Texts

# More than three things in a row are not remembered when they are read aloud.
SPOKEN_THINGS = 3
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


def direct_answer(guide: Guide, aspect: Aspect, setting: Setting) -> str:
    """Return what was asked, in at most two short sentences; a caution goes before it where it must."""
    if guide.status is GuideStatus.ABOLISHED:
        return setting.say("answer_abolished", name=guide.title, note=guide.status_note or "").strip()
    return " ".join(filter(None, (_caution(guide, setting), _answer(guide, aspect, setting)))).replace(
        "。 ", "。"
    )


def card(guide: Guide, aspect: Aspect, setting: Setting) -> list[Block]:
    """Return the blocks with the facts: all for the overview, else only those of the aspect."""
    whole = aspect is Aspect.OVERVIEW
    blocks = []
    if (whole or aspect is Aspect.ELIGIBILITY) and guide.conditions:
        blocks.append(_listing("card_conditions", guide.conditions, setting))
    if (whole or aspect is Aspect.MATERIALS) and guide.materials:
        items = tuple(_material(material, setting) for material in guide.materials)
        blocks.append(Block(BlockKind.MATERIALS, title=setting.say("card_materials"), items=items))
    if (whole or aspect is Aspect.PROCESS) and guide.steps:
        blocks.append(_listing("card_steps", guide.steps, setting))
    facts = _facts(guide, aspect, setting)
    if facts:
        blocks.append(Block(BlockKind.FACTS, title=setting.say("card_facts"), items=facts))
    return blocks


def notices(guide: Guide, setting: Setting) -> list[Block]:
    """Return what to be careful about: out of force, incomplete, not checked by the hall's staff."""
    said: list[str] = []
    note = guide.status_note or ""
    if guide.status is GuideStatus.ABOLISHED:
        said.append(setting.say("notice_abolished", note=note))
    elif guide.status is GuideStatus.RENAMED:
        said.append(setting.say("notice_renamed", note=note))
    if guide.is_expired(setting.today):
        said.append(setting.say("notice_expired", date=guide.expires_on))
    if not guide.is_effective(setting.today):
        said.append(setting.say("notice_not_yet", date=guide.effective_on))
    if guide.completeness is Completeness.POINTER:
        said.append(setting.say("notice_pointer", phone=_phone_of(guide, setting)))
    elif guide.completeness is Completeness.PARTIAL:
        said.append(setting.say("notice_partial"))
    if guide.verified_on is None:
        said.append(setting.say("notice_unverified"))
    elif guide.review_due(setting.today):
        said.append(setting.say("notice_review_due"))
    return [Block(BlockKind.NOTICE, text=sentence) for sentence in said]


def source_block(guide: Guide, aspect: Aspect, setting: Setting) -> Block:
    """Return where the answer comes from: its newest source first, up to two more as items."""
    sources = guide.sources_for(aspect) or guide.sources
    title = setting.say("source_title")
    if not sources:
        return Block(
            BlockKind.SOURCE, title=title, text=setting.say("source_none"), date=setting.say("date_unknown")
        )
    first, *others = sources
    key = "source_verified" if guide.verified_on else "source_line"
    return Block(
        BlockKind.SOURCE,
        title=title,
        text=setting.say(key, title=first.title, date=_dated(first, setting), verified=guide.verified_on),
        url=first.url or "",
        date=first.date or setting.say("date_unknown"),
        items=tuple(
            Item(setting.say("source_line", title=source.title, date=_dated(source, setting)))
            for source in others[:2]
        ),
    )


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


def plain(guide: Guide) -> str:
    """Return the guide's plain name without its bracketed aside: what fits inside a sentence."""
    return re.sub(r"[（(][^（）()]*[)）]", "", guide.plain_name).strip() or guide.plain_name


def _caution(guide: Guide, setting: Setting) -> str:
    if guide.is_expired(setting.today):
        return setting.say("answer_expired", date=guide.expires_on)
    if not guide.is_effective(setting.today):
        return setting.say("answer_not_yet", date=guide.effective_on)
    if guide.status is GuideStatus.RENAMED:
        return setting.say("answer_renamed", name=plain(guide))
    return ""


def _answer(guide: Guide, aspect: Aspect, setting: Setting) -> str:
    name, say = plain(guide), setting.say
    if aspect is Aspect.OVERVIEW:
        return _overview(guide, setting)
    if aspect is Aspect.HOURS:
        if guide.hours:
            return say("answer_hours", name=name, text=short(guide.hours))
        return say("answer_hours_hall", name=name, today=setting.hours_today)
    if not guide.knows(aspect):
        return say("answer_blank", name=name, aspect=say(f"aspect_{aspect}"), phone=_phone_of(guide, setting))
    return _ANSWERS[aspect](guide, name, setting)


def _overview(guide: Guide, setting: Setting) -> str:
    name, say = plain(guide), setting.say
    if guide.completeness is Completeness.POINTER:
        return say("answer_pointer", name=name, phone=_phone_of(guide, setting))
    sentences = []
    brought = _always_brought(guide)
    if brought:
        things = "、".join(short(material.name, 20) for material in brought[:SPOKEN_THINGS])
        sentences.append(say("answer_overview_materials", name=name, things=things))
    elif guide.audience:
        sentences.append(say("answer_overview_conditions", name=name, who=short(guide.audience)))
    if guide.where:
        sentences.append(say("answer_overview_where", place=short(guide.where[0], 40)))
    elif guide.online:
        sentences.append(say("answer_overview_online", channel=short(guide.online[0], 40)))
    if not sentences or (len(sentences) == 1 and not brought and not guide.audience):
        sentences.insert(0, say("answer_overview_known", name=name))
    return _joined(sentences, setting)


def _materials(guide: Guide, name: str, setting: Setting) -> str:
    brought = _always_brought(guide)
    things = "、".join(short(material.name, 20) for material in brought[:SPOKEN_THINGS])
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
        amounts = "、".join(_amount(amount, setting) for amount in guide.amounts[:SPOKEN_THINGS])
        if guide.fee:
            sentences.append(setting.say("answer_amounts", amounts=amounts))
        else:
            sentences.append(setting.say("answer_fee", name=name, fee=amounts))
    return _joined(sentences, setting)


def _where(guide: Guide, name: str, setting: Setting) -> str:
    sentences = [setting.say("answer_where", name=name, place=short(guide.where[0], 50))]
    if len(guide.where) > 1:
        sentences.append(setting.say("answer_where_more"))
    return _joined(sentences, setting)


def _time_limit(guide: Guide, name: str, setting: Setting) -> str:
    assert guide.time_limit is not None
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
    return setting.say("answer_phone", name=name, phones=_phones(guide.phones[:2]))


def _online(guide: Guide, name: str, setting: Setting) -> str:
    return setting.say("answer_online", name=name, channel=short(guide.online[0], 60))


def _agent(guide: Guide, name: str, setting: Setting) -> str:
    assert guide.agent is not None
    text = short(guide.agent.text) + "。" if guide.agent.text else ""
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


def _facts(guide: Guide, aspect: Aspect, setting: Setting) -> tuple[Item, ...]:
    """Return the label and value pairs of the aspect, or all of them for the overview."""
    whole = aspect is Aspect.OVERVIEW
    wanted: list[tuple[str, Aspect, list[str]]] = [
        ("audience", Aspect.ELIGIBILITY, [guide.audience or ""]),
        ("where", Aspect.WHERE, list(guide.where)),
        ("hours", Aspect.HOURS, [guide.hours or ""]),
        ("time_limit", Aspect.TIME_LIMIT, [guide.time_limit.text if guide.time_limit else ""]),
        ("fee", Aspect.FEE, [guide.fee or ""]),
        ("amount", Aspect.FEE, [_amount(amount, setting) for amount in guide.amounts]),
        ("result", Aspect.OVERVIEW, [guide.result or ""]),
        ("phone", Aspect.PHONE, [_phones((phone,)) for phone in guide.phones]),
        ("online", Aspect.ONLINE, list(guide.online)),
        ("agent", Aspect.AGENT, [_agent_line(guide.agent, setting)]),
    ]
    items = [
        Item(value, label=setting.say(f"card_{label}"))
        for label, of, values in wanted
        if whole or of is aspect
        for value in values
        if value
    ]
    if aspect is Aspect.BASIS:
        items += [Item(line, label=setting.say("card_basis")) for line in guide.basis]
    return tuple(items)


def _material(material: Material, setting: Setting) -> Item:
    badge = [setting.say(f"form_{material.form}")] if material.form else []
    if material.count:
        badge.append(setting.say("material_count", count=material.count))
    notes = [setting.say("material_when", when=material.when)] if material.when else []
    if material.fetched_by_window:
        notes.append(setting.say("material_fetched"))
    elif not material.required:
        notes.append(setting.say("material_optional"))
    if material.note:
        notes.append(material.note)
    return Item(
        material.name, badge=" ".join(badge), note="；".join(notes), tick=not material.fetched_by_window
    )


def _listing(title: str, lines: tuple[str, ...], setting: Setting) -> Block:
    return Block(BlockKind.LIST, title=setting.say(title), items=tuple(Item(line) for line in lines))


def _always_brought(guide: Guide) -> list[Material]:
    """Return the materials that everyone has to bring."""
    return [m for m in guide.materials if m.required and not m.when and not m.fetched_by_window]


def _amount(amount: Amount, setting: Setting) -> str:
    if not amount.year:
        return setting.say("amount_no_year", what=amount.what, value=amount.value)
    year = setting.say("year_plain", year=amount.year) if amount.year.isdigit() else amount.year
    return setting.say("amount_year", what=amount.what, value=amount.value, year=year)


def _agent_line(agent: Agent | None, setting: Setting) -> str:
    if agent is None:
        return ""
    return "：".join(filter(None, (setting.say(f"agent_{agent.allowed}"), agent.text or "")))


def _phones(phones: tuple[Phone, ...]) -> str:
    return "、".join(f"{phone.number}（{phone.label}）" if phone.label else phone.number for phone in phones)


def _phone_of(guide: Guide, setting: Setting) -> str:
    """Return the guide's own number, or the hall's where it has none."""
    return _phones(guide.phones[:1]) if guide.phones else setting.phone


def _dated(source: Source, setting: Setting) -> str:
    if source.date:
        return source.date
    if source.date_note:
        return setting.say("date_unknown_note", note=source.date_note)
    return setting.say("date_unknown")


def _joined(sentences: list[str], setting: Setting) -> str:
    return ("" if setting.locale == "zh" else " ").join(sentences)
