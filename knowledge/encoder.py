"""An optional sentence encoder: a folder with an ONNX model turns texts into vectors of what they mean.

Its packages (the extra `encoder`) are imported on first use: a hall without an encoder never needs them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.terms import Floats

MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
# Questions and phrasings are one or two sentences; what is longer is cut, lest one message takes a second.
MAX_TOKENS = 128
BATCH_TEXTS = 32
# A hall answers several people at once, and its machine may have two cores.
THREADS = 2
INSTALL = "uv sync --frozen --inexact --no-dev --extra encoder --python .venv/bin/python"
# What sentence models ask for; the ids alone are not optional.
_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
_INTEGERS = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
_FLOATS = ("tensor(float)", "tensor(float16)", "tensor(double)")
_SENTENCE = "sentence_embedding"
# Asked once when it is loaded, the last as long as any may be: what fails then fails nobody's question.
_TRIAL = ("居住证", "老年人优待证怎么办", "居住证" * MAX_TOKENS)


class EncoderUnavailable(Exception):
    """The encoder cannot be used; the message says what is missing and what to do."""


class Encoder:
    """A loaded sentence encoder. `digest` names the model: vectors of two models do not compare."""

    def __init__(self, session: Any, tokenizer: Any, digest: str) -> None:
        # Any: the packages are optional, so no type of theirs can be named here.
        self.digest = digest
        self._session = session
        self._tokenizer = tokenizer
        self._inputs = {one.name: _INTEGERS[one.type] for one in session.get_inputs()}
        self._output, self._is_pooled = _output_of(session)

    @classmethod
    def load(cls, folder: Path) -> Encoder:
        """Load the encoder of a folder with `model.onnx` and `tokenizer.json`. Raises EncoderUnavailable."""
        for name in (MODEL, TOKENIZER):
            if not (folder / name).is_file():
                what = f"{name} is missing in it" if folder.is_dir() else "there is no such folder"
                raise EncoderUnavailable(
                    f"The sentence encoder {folder} cannot be used: {what}."
                    f" Name a folder that holds {MODEL} and {TOKENIZER}."
                )
        session, tokenizer = _open(folder)
        _require_inputs(folder, session)
        encoder = cls(session, tokenizer, _digest(folder))
        try:
            vectors = encoder.encode(_TRIAL)
        except Exception as problem:  # whatever the model's own code raises
            raise _unfit(folder, f"it fails on a first text ({type(problem).__name__})") from problem
        if not np.isfinite(vectors).all():
            raise _unfit(folder, "its vectors are not numbers")
        return encoder

    def encode(self, texts: Sequence[str], progress: Callable[[float], None] = lambda share: None) -> Floats:
        """Return one row a text, of length 1; `progress` is told the share done."""
        # Texts of like length together: a batch is as long as its longest.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        rows: list[Floats] = []
        for start in range(0, len(order), BATCH_TEXTS):
            batch = [texts[place] for place in order[start : start + BATCH_TEXTS]]
            # One by one: the tokenizer's own batches take every core.
            rows.append(self._encode([self._tokenizer.encode(text) for text in batch]))
            progress(min(1.0, (start + BATCH_TEXTS) / len(order)))
        if not rows:
            return np.zeros((0, 0), np.float32)
        vectors = np.empty((len(texts), rows[0].shape[1]), np.float32)
        vectors[order] = np.concatenate(rows)
        return vectors

    def _encode(self, tokens: Sequence[Any]) -> Floats:
        shape = (len(tokens), max(1, *(len(one.ids) for one in tokens)))
        columns = {name: np.zeros(shape, np.int64) for name in _INPUTS}
        columns["position_ids"] += np.arange(shape[1])
        for row, one in enumerate(tokens):
            columns["input_ids"][row, : len(one.ids)] = one.ids
            columns["attention_mask"][row, : len(one.ids)] = one.attention_mask
            columns["token_type_ids"][row, : len(one.ids)] = one.type_ids
        given = {name: columns[name].astype(kind) for name, kind in self._inputs.items()}
        (found,) = self._session.run([self._output], given)
        if found.shape[:-1] != (shape[:1] if self._is_pooled else shape):
            raise ValueError(f"the model's output has the shape {found.shape}")
        vectors = found.astype(np.float32)
        if not self._is_pooled:
            mask = columns["attention_mask"][:, :, np.newaxis].astype(np.float32)
            vectors = (vectors * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Floats = vectors / np.maximum(lengths, np.float32(1e-9))
        return unit


def _open(folder: Path) -> tuple[Any, Any]:
    """Return the model's session and its tokenizer."""
    try:
        import onnxruntime
        import tokenizers
    except ImportError as problem:
        raise EncoderUnavailable(
            f"The sentence encoder {folder} cannot be used: the package {problem.name} is not installed."
            f" Install the optional packages where Linli lies: `{INSTALL}`."
        ) from problem
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    # Threads that wait for work by spinning take the core from who is being answered.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
    except Exception as problem:  # the package raises bare Exception
        raise _unfit(folder, f"{TOKENIZER} cannot be read") from problem
    try:
        session = onnxruntime.InferenceSession(
            str(folder / MODEL), options, providers=["CPUExecutionProvider"]
        )
    except Exception as problem:  # the package has a dozen kinds
        raise _unfit(folder, f"{MODEL} cannot be loaded ({type(problem).__name__})") from problem
    return session, tokenizer


def _require_inputs(folder: Path, session: Any) -> None:
    inputs = {one.name: one.type for one in session.get_inputs()}
    strange = sorted(name for name, kind in inputs.items() if name not in _INPUTS or kind not in _INTEGERS)
    if "input_ids" not in inputs or strange:
        raise _unfit(folder, f"it takes {', '.join(sorted(inputs))}, not whole numbers named {_INPUTS[0]}")
    if _output_of(session)[0] == "":
        raise _unfit(folder, "it has no output of one vector a text or a token")


def _output_of(session: Any) -> tuple[str, bool]:
    """Return the output to read, and whether it is a vector a text; an empty name where there is none.

    A model's own sentence output first, then vectors of tokens. What else is one vector a text (BERT's
    pooler) was trained for another purpose and is taken only where nothing else is there.
    """
    outputs = [one for one in session.get_outputs() if one.type in _FLOATS]
    named = [one.name for one in outputs if one.name == _SENTENCE and len(one.shape) == 2]
    of_tokens = [one.name for one in outputs if len(one.shape) == 3]
    of_texts = [one.name for one in outputs if len(one.shape) == 2]
    if named or not of_tokens:
        return (named or of_texts or [""])[0], True
    return of_tokens[0], False


def _unfit(folder: Path, why: str) -> EncoderUnavailable:
    return EncoderUnavailable(
        f"The sentence encoder {folder} cannot be used: {why}. Export a sentence-embedding model as ONNX with"
        f" its {TOKENIZER}, or leave LINLI_ENCODER empty."
    )


def _digest(folder: Path) -> str:
    """Return what changes with the model; large ones keep their numbers in files beside `model.onnx`."""
    digest = hashlib.sha256(f"{MAX_TOKENS}".encode())
    for file in (*sorted(folder.glob(f"{MODEL}*")), folder / TOKENIZER):
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
