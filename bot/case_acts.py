"""What a resident does in a talk with a filed case: rates it, has it opened again, withdraws it.

The hallway does it by itself, so that it works the same while Rasa is away. A choice names its case by tokens
of number and code; a notice's choice by its number alone, which counts only in the talk that filed the case.
"""

from __future__ import annotations

from dataclasses import replace

from bot.acts import Done, Said, stars_in
from bot.case_words import INTENTS, act_in_words, held_by, leaves_as_it_is
from bot.talk import Awaits
from cases.lookups import find_number_and_code
from cases.masks import mask_text
from cases.resident_replies import ASKS_REASON, KEEP, ResidentReplies, Who, in_form_reply
from cases.residents import Act, Rating, Residents
from cases.vault import TOKEN, Vault
from language.reply import HandledBy, Reply, text_block
from language.texts import Texts


class CaseActs:
    """Carries out acts on cases."""

    def __init__(self, residents: Residents, vault: Vault, texts: Texts) -> None:
        self._replies = ResidentReplies(residents)
        self._vault = vault
        self._texts = texts

    def is_one(self, said: Said) -> bool:
        """Return whether what was picked, or said of the case shown last, is an act on a case."""
        return said.choice.get("intent") in INTENTS

    def carry_out(self, said: Said) -> Done:
        """Do what was picked; `said.choice` names it and its case."""
        intent, talk = said.choice["intent"], replace(said.talk, case=None)
        if intent in (Act.REOPEN, Act.WITHDRAW) and talk.asks is not None:
            return Done(_by_screen(in_form_reply(said.locale), said), talk)
        who = self._who(said)
        leaves = intent == KEEP
        done = self._done(self._replies.leave(who), said) if leaves else self._act(said, Act(intent), who)
        if talk.asks is not None:
            kept = text_block(self._texts.say("form_kept", said.locale))
            done = replace(done, reply=replace(done.reply, blocks=(*done.reply.blocks, kept), choices=()))
        return done

    def take_reason(self, said: Said, sealed: str) -> Done:
        """Open the case again for which a reason was asked; `sealed` is what was said, with tokens."""
        said = replace(said, choice=said.talk.case or {})
        if leaves_as_it_is(sealed):
            return self._done(self._replies.leave(self._who(said)), said)
        reason = mask_text(self._vault.reveal_all(said.key, sealed))
        reply = self._replies.reopen(self._who(said), reason)
        return self._done(reply, said)

    def told(self, said: Said, sealed: str) -> Done | None:
        """Do what a text wants of the case that it names by number and code; None where it does not."""
        act, held = act_in_words(sealed), self._held(said.key, sealed)
        if act is None or held is None:
            return None
        stars = stars_in(sealed) if act is Act.RATE else None
        said = replace(said, choice={**held, "intent": act.value, "stars": stars})
        return self._act(said, act, self._who(said))

    def look_up(self, key: str, sealed: str, locale: str) -> Reply | None:
        """Look up the case that a text names by number and code; None where it does not name both."""
        held = self._held(key, sealed)
        return self._replies.look_up(self._named(key, held, locale)) if held is not None else None

    def _act(self, said: Said, act: Act, who: Who) -> Done:
        if act is Act.REOPEN:
            return self._done(self._replies.ask_reason(who), said)
        if act is Act.WITHDRAW:
            is_sure = bool(said.choice.get("sure"))
            reply = self._replies.withdraw(who) if is_sure else self._replies.ask_sure(who)
            return self._done(reply, said)
        stars = said.choice.get("stars")
        reply = self._replies.rate(who, Rating(stars)) if stars else self._replies.ask_rating(who)
        return self._done(reply, said)

    def _done(self, reply: Reply, said: Said) -> Done:
        asks = reply.act == ASKS_REASON
        talk = replace(said.talk, case=held_by(said.choice) if asks else None)
        return Done(_by_screen(reply, said), talk, Awaits.CASE_REASON if asks else None)

    def _held(self, key: str, sealed: str) -> dict[str, str] | None:
        number, code = find_number_and_code(self._vault.reveal_all(key, sealed))
        if number is None or code is None:
            return None
        kept = self._vault.keep_each(key, "field", [number, code])
        return dict(zip(("number", "code"), kept, strict=True))

    def _who(self, said: Said) -> Who:
        return self._named(said.key, held_by(said.choice), said.locale)

    def _named(self, key: str, held: dict[str, str], locale: str) -> Who:
        tokens = [value for value in held.values() if TOKEN.fullmatch(value)]
        opened = self._vault.reveal_each(key, tokens) if tokens else {}
        # A token that has expired opens nothing: then neither does the look-up.
        clear = {name: opened.get(value, "") if value in tokens else value for name, value in held.items()}
        return Who(clear.get("number", ""), clear.get("code"), key, locale, held)


def _by_screen(reply: Reply, said: Said) -> Reply:
    return replace(reply, handled_by=HandledBy.SCREEN, asks=said.talk.asks)
