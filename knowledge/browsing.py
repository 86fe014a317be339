"""Looking through the services without a question: themes, then the services of one, most asked first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from knowledge.guide import Guide, Theme
from knowledge.wording import Setting, plain, spoken
from language.reply import Choice, Decision, Reply, text_block

# With "more" and the way back a list stays within what is read aloud and remembered.
GUIDES_A_PAGE = 5


def browse(shelves: Mapping[Theme, Sequence[Guide]], choice: Mapping[str, Any], setting: Setting) -> Reply:
    """Return the themes as choices, or the services of the theme that was picked.

    `choice` is the payload `{"theme": name, "page": number from 0}`, empty at the start; a theme that holds
    nothing any more leads back to the themes.
    """
    theme = next((theme for theme in shelves if theme == choice.get("theme")), None)
    if theme is None:
        return _themes(shelves, setting)
    return _guides(theme, shelves[theme], int(choice.get("page") or 0), setting)


def _themes(shelves: Mapping[Theme, Sequence[Guide]], setting: Setting) -> Reply:
    choices = tuple(
        Choice(
            setting.say(f"theme_{theme.name.lower()}"),
            note=setting.say("browse_count", count=len(guides)),
            payload={"intent": "browse", "theme": str(theme)},
        )
        for theme, guides in shelves.items()
    )
    return _menu(setting.say("browse_themes", count=sum(map(len, shelves.values()))), choices)


def _guides(theme: Theme, guides: Sequence[Guide], page: int, setting: Setting) -> Reply:
    first = page * GUIDES_A_PAGE
    shown = guides[first : first + GUIDES_A_PAGE] or guides[:GUIDES_A_PAGE]
    choices = [
        Choice(
            plain(guide, setting.locale), guide=guide.title, payload={"intent": "choose", "guide": guide.id}
        )
        for guide in shown
    ]
    left = len(guides) - first - len(shown)
    payload = {"intent": "browse", "theme": str(theme), "page": page + 1}
    if left > 0:
        choices.append(Choice(setting.say("browse_more", count=left), payload=payload))
    else:
        choices.append(Choice(setting.say("browse_other_themes"), payload={"intent": "browse"}))
    name = setting.say(f"theme_{theme.name.lower()}")
    key = "browse_guides_more" if page else "browse_guides"
    return _menu(setting.say(key, theme=name, count=len(guides)), tuple(choices))


def _menu(text: str, choices: tuple[Choice, ...]) -> Reply:
    # Not a clarification: nobody asked anything that was not understood.
    return Reply(Decision.SMALLTALK, (text_block(text),), spoken(text), choices, act="browse")
