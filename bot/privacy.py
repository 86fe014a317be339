"""Takes personal data out of a text before Rasa sees it: tokens go on, the values are sealed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cases.field_rules import Refusal, accept_confirmed
from cases.vault import TOKEN, Vault
from language import personal

# Whoever is asked whether a contact may be kept often just gives it.
_NAME_FIELDS = ("consent", "contact_name")
_READ_BACK = "confirmed"


@dataclass(frozen=True)
class Sealed:
    """A text with tokens in place of what is personal, and whether there was any."""

    text: str
    has_personal_data: bool


def seal_personal_data(vault: Vault, key: str, text: str, asks: str | None) -> Sealed:
    """Replace every phone, ID, plate, address and name by a token of this talk.

    `asks` is the form field asked last: a bare "王小明" is a name when a name was asked for.
    """
    if _is_bare_name(text, asks):
        return Sealed(vault.keep(key, "name", text), True)
    pieces: list[str] = []
    end = 0
    spans = personal.find(text)
    for span in spans:
        pieces += [text[end : span.start], vault.keep(key, str(span.kind), text[span.start : span.end])]
        end = span.end
    pieces.append(text[end:])
    return Sealed("".join(pieces), bool(spans))


def has_personal_data(text: str, asks: str | None) -> bool:
    """Return whether `seal_personal_data` would put a token into the text."""
    return _is_bare_name(text, asks) or bool(personal.find(text))


def _is_bare_name(text: str, asks: str | None) -> bool:
    if asks == _READ_BACK:
        # 好 and 成 are family names too.
        return (
            isinstance(accept_confirmed(text), Refusal) and len(text) > 1 and personal.looks_like_name(text)
        )
    return asks in _NAME_FIELDS and personal.looks_like_name(text)


# 我的电话是[[phone:…]] says nothing of the matter, so the words around a token go with it.
_INTRODUCED = re.compile(
    r"(?:我|本人|我的|我家)?(?:的)?(?:联系)?(?:电话|手机号?码?|号码|身份证号?码?|银行卡号?|车牌号?|邮箱|地址|名字|姓名|家)?"
    r"(?:号码?)?(?:是|叫|姓|为|住在?|在|[:：])?\s*" + TOKEN.pattern
)


def without_personal_data(text: str) -> str:
    """Return a text with tokens without them: what a guide is looked for by."""
    return " ".join(_INTRODUCED.sub(" ", text).strip(" ,，。.、;；").split()) if "[[" in text else text
