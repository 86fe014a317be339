"""How the request form ends: with a receipt and perhaps the offer of a second one, or with nothing filed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cases.case import Receipt
from cases.masks import mask_text
from cases.troubles import asks
from language.reply import Block, BlockKind, CaseRef, Choice, Decision, Item, Reply, text_block
from language.texts import Texts

_SECOND_CHARS = 24  # as many as fit on a button


def filed(receipt: Receipt, locale: str = "zh", *, in_group: bool = False) -> Reply:
    """Return the receipt: number, code, and how to look the case up. The code is shown, not spoken.

    In a group the code stays out of the text: whoever holds both may read the case.
    """
    texts = _texts()
    code = texts.say("code_in_private", locale) if in_group else receipt.code
    items = (
        Item(receipt.number, label=texts.say("label_number", locale)),
        Item(code, label=texts.say("label_code", locale)),
    )
    return Reply(
        Decision.CASE,
        blocks=(
            text_block(texts.say("filed", locale)),
            Block(BlockKind.RECEIPT, title=texts.say("receipt_title", locale), items=items),
            text_block(texts.say("receipt_help", locale)),
        ),
        speech=texts.say("filed_speech", locale),
        case=CaseRef(receipt.number, receipt.code),
        private=True,
    )


def offer_second(second: str, shown: str, locale: str = "zh") -> Reply:
    """Return the offer to file what else was told; `second` is what touching it says, `shown` its words."""
    texts = _texts()
    label = mask_text(shown)[:_SECOND_CHARS] or texts.say("another_matter", locale)
    what, intent = ("question", "ask_guide") if asks(second) else ("second", "file_request")
    sentence = texts.say(f"offer_{what}", locale, second=label)
    choice = Choice(
        texts.say(f"choice_{what}", locale, second=label), payload={"intent": intent, "asks": second}
    )
    speech = texts.say("filed_speech", locale) + texts.say(f"speak_{what}", locale)
    return Reply(Decision.CASE, blocks=(text_block(sentence),), speech=speech, choices=(choice,))


def cancelled(locale: str = "zh") -> Reply:
    """Return the word that nothing was submitted."""
    sentence = _texts().say("cancelled", locale)
    return Reply(Decision.SMALLTALK, blocks=(text_block(sentence),), speech=sentence)


@cache
def _texts() -> Texts:
    return Texts(Path(__file__).with_name("texts.yml"))
