"""A sentence encoder of a few kilobytes, made on the spot: real files, read by the real packages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

TOKENS = "last_hidden_state"
SENTENCE = "sentence_embedding"


def make_encoder(
    folder: Path,
    alike: Sequence[Sequence[str]],
    *,
    inputs: Sequence[str] = ("input_ids",),
    output: str = TOKENS,
) -> Path:
    """Write a model to which the words of each group mean one thing, and all other text nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [word for group in alike for word in group]
    vocabulary = {"[UNK]": 0, **{word: number for number, word in enumerate(words, start=1)}}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    pattern = Regex("|".join([*sorted(words, key=len, reverse=True), "."]))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(pattern, behavior="isolated")  # type: ignore[assignment]
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.zeros((len(vocabulary), len(alike)), np.float32)
    for number, group in enumerate(alike):
        table[[vocabulary[word] for word in group], number] = 1.0
    onnx.save(_model(table, inputs, output), str(folder / "model.onnx"))
    return folder


def _model(table: np.ndarray, inputs: Sequence[str], output: str) -> onnx.ModelProto:
    nodes = [helper.make_node("Gather", ["table", inputs[0]], [TOKENS])]
    shape: list[str | int] = ["batch", "tokens", table.shape[1]]
    if output == SENTENCE:
        nodes.append(helper.make_node("ReduceSum", [TOKENS, "axis"], [SENTENCE], keepdims=0))
        shape = ["batch", table.shape[1]]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in inputs],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(table, "table"), numpy_helper.from_array(np.array([1]), "axis")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
