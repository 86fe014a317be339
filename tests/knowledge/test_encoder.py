"""A sentence encoder beside the matcher: loaded from real files, trusted as far as it helps, or left out."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge.encoder import BATCH_TEXTS, Encoder, EncoderUnavailable
from knowledge.features import FEATURES
from knowledge.forms import Entry
from knowledge.learned import Learned, digest_of, shipped_learning
from knowledge.matching import Matcher
from knowledge.meanings import Meanings
from language.script import simplified
from tests.knowledge.tiny_encoder import SENTENCE, make_encoder

# Characters that stay as they are when traditional ones are simplified.
CHARACTERS = [one for one in map(chr, range(0x5100, 0x5900)) if simplified(one * 2) == one * 2]
# Thirty matters, each with an office's word and eight of the residents' that share no character with it.
MATTERS = [[CHARACTERS[32 * matter + word] * 2 for word in range(9)] for matter in range(30)]
OFFICE, UNHEARD = 0, 8  # the word of the name; a resident's that stands in no text
ENTRIES = [
    Entry(f"matter-{number}", (f"{words[OFFICE]}证",), tuple(f"办理{word}" for word in words[1:UNHEARD]))
    for number, words in enumerate(MATTERS)
]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return Encoder.load(make_encoder(tmp_path_factory.mktemp("encoder"), MATTERS))


@pytest.fixture(scope="module")
def with_encoder(encoder: Encoder) -> Matcher:
    return Matcher.from_entries(ENTRIES, encoder=encoder)


def right(matcher: Matcher) -> int:
    asked = [f"办理{words[UNHEARD]}" for words in MATTERS]
    firsts = [(matcher.rank(text) or [None])[0] for text in asked]
    return sum(first is not None and first.guide_id == f"matter-{n}" for n, first in enumerate(firsts))


# The encoder


def test_words_that_mean_one_thing_are_one_direction(encoder: Encoder) -> None:
    same, also, other, nothing = encoder.encode([MATTERS[0][0], f"办理{MATTERS[0][1]}", MATTERS[1][0], "好"])
    assert same.dtype == np.float32
    assert same @ also == pytest.approx(1)
    assert np.linalg.norm(also) == pytest.approx(1)
    assert same @ other == 0
    assert not nothing.any()


def test_many_texts_come_back_in_their_order_and_say_how_far_they_are(encoder: Encoder) -> None:
    texts = [MATTERS[n % 30][0] * (1 + n % 5) for n in range(3 * BATCH_TEXTS + 1)]
    told: list[float] = []
    vectors = encoder.encode(texts, told.append)
    assert vectors.argmax(axis=1).tolist() == [n % 30 for n in range(len(texts))]
    assert told == sorted(told)
    assert told[-1] == 1
    assert encoder.encode([]).shape[0] == 0


def test_a_model_may_pool_by_itself_and_take_a_mask(tmp_path: Path) -> None:
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    pooled = Encoder.load(make_encoder(tmp_path, MATTERS, inputs=inputs, output=SENTENCE))
    (vector,) = pooled.encode([MATTERS[3][2] * 2])
    assert vector.tolist() == [float(n == 3) for n in range(30)]


def test_an_overlong_message_is_cut(encoder: Encoder) -> None:
    (vector,) = encoder.encode([MATTERS[0][0] + "好" * 5000 + MATTERS[1][0] * 2])
    assert vector[0] == pytest.approx(1)
    assert vector[1] == 0


def test_what_is_missing_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match=r"no such folder.*Name a folder that holds model\.onnx"):
        Encoder.load(tmp_path / "none")
    with pytest.raises(EncoderUnavailable, match=r"model\.onnx is missing"):
        Encoder.load(tmp_path)
    make_encoder(tmp_path, MATTERS)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(EncoderUnavailable, match=r"tokenizer\.json is missing"):
        Encoder.load(tmp_path)


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_an_absent_package_is_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    make_encoder(tmp_path, MATTERS)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EncoderUnavailable, match=f"{package} is not installed.*--extra encoder"):
        Encoder.load(tmp_path)


@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json"])
def test_a_damaged_file_is_named(tmp_path: Path, file: str) -> None:
    make_encoder(tmp_path, MATTERS)
    (tmp_path / file).write_bytes(b"not this")
    with pytest.raises(EncoderUnavailable, match=file):
        Encoder.load(tmp_path)


def test_a_model_that_takes_something_else_is_refused(tmp_path: Path) -> None:
    make_encoder(tmp_path, MATTERS, inputs=("pixels",))
    with pytest.raises(EncoderUnavailable, match="it takes pixels"):
        Encoder.load(tmp_path)


def test_a_model_with_another_output_is_refused(tmp_path: Path) -> None:
    make_encoder(tmp_path, [["好", "坏", "多", "少"]], output="table")
    with pytest.raises(EncoderUnavailable, match="cannot be used"):
        Encoder.load(tmp_path)


# Beside the matcher


def test_a_word_that_stands_in_no_text_finds_its_guide_by_what_it_means(with_encoder: Matcher) -> None:
    assert right(Matcher.from_entries(ENTRIES)) <= 3, "without an encoder it is one of thirty"
    assert right(with_encoder) == 30


def test_two_builds_rank_alike(encoder: Encoder, with_encoder: Matcher) -> None:
    again = Matcher.from_entries(ENTRIES, encoder=encoder)
    for words in MATTERS:
        assert again.judge(f"办理{words[UNHEARD]}") == with_encoder.judge(f"办理{words[UNHEARD]}")


def test_the_confidence_is_learned_on_the_new_order(with_encoder: Matcher) -> None:
    figures = with_encoder.trust.figures
    assert figures["first_right"] > 0.9
    assert figures["first_right"] > Matcher.from_entries(ENTRIES).trust.figures["first_right"] + 0.5


def test_an_encoder_that_tells_nothing_apart_changes_no_order(tmp_path: Path) -> None:
    blind = Encoder.load(make_encoder(tmp_path, [["某个别的词"]]))
    plain, blinded = Matcher.from_entries(ENTRIES), Matcher.from_entries(ENTRIES, encoder=blind)
    for entry in ENTRIES:
        question = f"我想问问{entry.phrasings[0]}"
        assert blinded.rank(question)[0].guide_id == plain.rank(question)[0].guide_id


def test_with_numbers_learned_without_it_no_encoder_is_asked(encoder: Encoder) -> None:
    matcher = Matcher.from_entries(ENTRIES, learned=shipped_learning(), encoder=encoder)
    assert matcher.meanings is None
    assert matcher.judge("办理居住证") == Matcher.from_entries(ENTRIES, learned=shipped_learning()).judge(
        "办理居住证"
    )


def test_too_few_texts_to_learn_from_give_it_no_say(encoder: Encoder) -> None:
    assert Matcher.from_entries(ENTRIES[:3], encoder=encoder).meanings is None


def test_what_was_learned_comes_back_and_needs_the_encoder(with_encoder: Matcher) -> None:
    learned = Learned.from_mapping(with_encoder.learned.to_mapping())
    assert learned.asks_encoder
    assert len(learned.ranker) > len(FEATURES)
    again = Matcher.from_entries(ENTRIES, learned=learned, encoder=with_encoder.meanings)
    assert right(again) == 30


def test_the_digest_of_the_texts_changes_with_the_model(encoder: Encoder, tmp_path: Path) -> None:
    other = Encoder.load(make_encoder(tmp_path, MATTERS[:5]))
    assert len({digest_of(ENTRIES), digest_of(ENTRIES, encoder), digest_of(ENTRIES, other)}) == 3


def test_a_stored_matcher_holds_the_vectors_and_takes_the_model_back(
    encoder: Encoder, with_encoder: Matcher
) -> None:
    meanings: Meanings = pickle.loads(pickle.dumps(with_encoder.meanings))
    known, place = f"办理{MATTERS[4][1]}", meanings.places([f"{MATTERS[4][OFFICE]}证"])
    assert meanings.cosines(known, place) == pytest.approx(1)
    with pytest.raises(ValueError, match="attach"):
        meanings.cosines("没有见过", place)
    meanings.attach(encoder)
    assert meanings.cosines(MATTERS[4][UNHEARD], place) == pytest.approx(1)


def test_the_model_of_another_index_is_refused(with_encoder: Matcher, tmp_path: Path) -> None:
    meanings: Meanings = pickle.loads(pickle.dumps(with_encoder.meanings))
    with pytest.raises(ValueError, match="another sentence encoder"):
        meanings.attach(Encoder.load(make_encoder(tmp_path, MATTERS[:5])))


def test_only_texts_that_are_not_known_yet_are_encoded(encoder: Encoder) -> None:
    known = Meanings(encoder).of_texts([MATTERS[0][0], MATTERS[1][0]])
    more = known.of_texts([MATTERS[2][0], MATTERS[1][0]])
    places = more.places([MATTERS[1][0], MATTERS[2][0]])
    assert more.cosines(MATTERS[2][1], places).tolist() == [0, 1]
