"""Tokens for Chinese: a character each; Latin words, numbers and sealed values are kept whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

# A sealed value ("[[phone:k3f9]]"), a word, a number, or any single visible character.
# Words of jieba are no help here: it splits 我妈办 as 我 / 妈办.
_TOKEN = re.compile(r"\[\[(\w+):\w+\]\]|[A-Za-z]+|\d+|[^\s\W]")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class CharacterTokenizer(Tokenizer):
    """Split text so that every Chinese character is a token."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options that every Rasa tokenizer has."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CharacterTokenizer:
        """Create the component, as Rasa's graph asks."""
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the tokens of one attribute; text without any gives itself as a single token."""
        text = message.get(attribute) or ""
        tokens = [Token(shown, start, end) for shown, start, end in _found(text)]
        return tokens or [Token(text, 0, len(text))]


def tokens_of(text: str) -> list[str]:
    """Return the tokens of a text as they are shown to the classifier."""
    return [shown for shown, _, _ in _found(text)] or [text]


def _found(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each token with where it starts and ends. Every sealed phone number is the same word."""
    for found in _TOKEN.finditer(text):
        kind = found.group(1)
        shown = f"sealed_{kind}" if kind else ("0" if found.group().isdigit() else found.group())
        yield shown, found.start(), found.end()
