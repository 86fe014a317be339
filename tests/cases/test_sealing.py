"""Sealed text opens with its key, in its place, unaltered, or not at all."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.sealing import KeyFileError, Sealer, SealError, Unopenable, load_or_make_key

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_in_its_own_context_only(clear: str, context: str) -> None:
    sealer = Sealer([OLD])
    sealed = sealer.seal(clear, context)
    assert sealer.open(sealed, context) == clear
    with pytest.raises(Unopenable):
        sealer.open(sealed, context + "x")


def test_any_changed_byte_keeps_it_shut() -> None:
    sealer = Sealer([OLD])
    sealed = sealer.seal("13812345678", "here")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(Unopenable):
            sealer.open(bytes(changed), "here")
    for length in range(len(sealed)):
        with pytest.raises(Unopenable):
            sealer.open(sealed[:length], "here")


def test_the_same_text_is_sealed_differently_each_time() -> None:
    sealer = Sealer([OLD])
    assert sealer.seal("same", "here") != sealer.seal("same", "here")


def test_after_a_rotation_old_things_open_and_new_ones_use_the_new_key() -> None:
    before, after = Sealer([OLD]), Sealer([NEW, OLD])
    sealed, signature = before.seal("text", "here"), before.sign("purpose", "text")
    assert after.open(sealed, "here") == "text"
    assert after.is_signed("purpose", "text", signature)
    assert after.digits("code", "x", 6, like=signature) == before.digits("code", "x", 6)
    with pytest.raises(Unopenable, match="key file"):
        before.open(after.seal("text", "here"), "here")


def test_a_signature_is_for_one_purpose_and_one_text() -> None:
    sealer = Sealer([OLD])
    signature = sealer.sign("purpose", "text")
    assert not sealer.is_signed("other", "text", signature)
    assert not sealer.is_signed("purpose", "texts", signature)
    assert not sealer.is_signed("purpose", "text", "")
    assert not sealer.is_signed("purpose", "text", "zz:zz")
    assert not Sealer([NEW]).is_signed("purpose", "text", signature)


@pytest.mark.parametrize("keys", [[], [b"short"], [OLD, b""]])
def test_a_sealer_needs_whole_keys(keys: list[bytes]) -> None:
    with pytest.raises(SealError, match="32 bytes"):
        Sealer(keys)


def test_the_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secret.key"
    made = load_or_make_key(file)
    assert load_or_make_key(file) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_processes_that_start_together_get_the_same_key(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: load_or_make_key(file), range(8)))) == 1
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("content", [b"", b"not base64!", b"c2hvcnQ=\n", b"\xff\xfe", os.urandom(3000)])
def test_a_damaged_key_file_is_never_replaced(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.write_bytes(content)
    with pytest.raises(KeyFileError, match="restore it from a backup"):
        load_or_make_key(file)
    assert file.read_bytes() == content
