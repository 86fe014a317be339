"""The card of an answer: the guide's facts, what to be careful about, and where it all comes from."""

from __future__ import annotations

from knowledge.guide import Agent, Aspect, Completeness, Guide, GuideStatus, Material, Source
from knowledge.wording import Setting, amount_line, phone_of, phones_line
from language.reply import Block, BlockKind, Item


def card(guide: Guide, aspects: tuple[Aspect, ...], setting: Setting) -> list[Block]:
    """Return the blocks with the facts: all for the overview, else only those of the aspects."""
    whole = Aspect.OVERVIEW in aspects
    blocks = []
    if (whole or Aspect.ELIGIBILITY in aspects) and guide.conditions:
        blocks.append(_listing("card_conditions", guide.conditions, setting))
    if (whole or Aspect.MATERIALS in aspects) and guide.materials:
        items = tuple(_material(material, setting) for material in guide.materials)
        blocks.append(Block(BlockKind.MATERIALS, title=setting.say("card_materials"), items=items))
    if (whole or Aspect.PROCESS in aspects) and guide.steps:
        blocks.append(_listing("card_steps", guide.steps, setting))
    facts = _facts(guide, aspects, setting)
    if facts:
        blocks.append(Block(BlockKind.FACTS, title=setting.say("card_facts"), items=facts))
    return blocks


def notices(guide: Guide, setting: Setting) -> list[Block]:
    """Return what to be careful about: out of force, incomplete, not checked by the hall's staff."""
    said: list[str] = [setting.say("notice_chinese", title=guide.title)] if setting.locale != "zh" else []
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
        said.append(setting.say("notice_pointer", phone=phone_of(guide, setting)))
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


def _facts(guide: Guide, aspects: tuple[Aspect, ...], setting: Setting) -> tuple[Item, ...]:
    """Return the label and value pairs of the aspects, or all of them for the overview."""
    whole = Aspect.OVERVIEW in aspects
    wanted: list[tuple[str, Aspect, list[str]]] = [
        ("audience", Aspect.ELIGIBILITY, [guide.audience or ""]),
        ("where", Aspect.WHERE, list(guide.where)),
        ("hours", Aspect.HOURS, [guide.hours or ""]),
        ("time_limit", Aspect.TIME_LIMIT, [guide.time_limit.text if guide.time_limit else ""]),
        ("fee", Aspect.FEE, [guide.fee or ""]),
        ("amount", Aspect.FEE, [amount_line(amount, setting) for amount in guide.amounts]),
        ("result", Aspect.OVERVIEW, [guide.result or ""]),
        ("phone", Aspect.PHONE, [phones_line((phone,)) for phone in guide.phones]),
        ("online", Aspect.ONLINE, list(guide.online)),
        ("agent", Aspect.AGENT, [_agent_line(guide.agent, setting)]),
    ]
    items = [
        Item(value, label=setting.say(f"card_{label}"))
        for label, of, values in wanted
        if whole or of in aspects
        for value in values
        if value
    ]
    if Aspect.BASIS in aspects:
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


def _agent_line(agent: Agent | None, setting: Setting) -> str:
    if agent is None:
        return ""
    return "：".join(filter(None, (setting.say(f"agent_{agent.allowed}"), agent.text or "")))


def _dated(source: Source, setting: Setting) -> str:
    if source.date:
        return source.date
    if source.date_note:
        return setting.say("date_unknown_note", note=source.date_note)
    return setting.say("date_unknown")
