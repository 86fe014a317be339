"""The vault gives a token for a value, and the value for its token, in one conversation and for a while."""

from __future__ import annotations

import json
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from cases.vault import TOKEN, Vault

PHONE = "13812345678"
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
on_one_vault = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None
)


def test_a_value_comes_back_for_its_token(vault: Vault) -> None:
    token = vault.keep("a", "phone", PHONE)
    assert vault.reveal("a", token) == PHONE


@on_one_vault
@given(value=values)
def test_any_text_can_be_kept(value: str, vault: Vault) -> None:
    assert vault.reveal("a", vault.keep("a", "name", value)) == value


@on_one_vault
@given(
    value=values, kind=st.sampled_from(["phone", "id_card", "bank_card", "plate", "email", "address", "name"])
)
def test_a_token_survives_what_is_done_to_text(value: str, kind: str, vault: Vault) -> None:
    token = vault.keep("a", kind, value)
    assert TOKEN.fullmatch(token)
    assert unicodedata.normalize("NFKC", token).lower() == token
    assert json.loads(json.dumps(token)) == token
    assert "".join(list(token)) == token
    assert token.isascii()
    assert not any(character.isdigit() for character in token)


def test_the_same_value_has_the_same_token_in_one_conversation_and_another_one_elsewhere(
    vault: Vault,
) -> None:
    assert vault.keep("a", "phone", PHONE) == vault.keep("a", "phone", PHONE)
    assert vault.keep("a", "phone", PHONE) != vault.keep("b", "phone", PHONE)
    assert vault.keep("a", "phone", PHONE) != vault.keep("a", "name", PHONE)


def test_a_token_does_not_open_in_another_conversation(vault: Vault) -> None:
    token = vault.keep("a", "phone", PHONE)
    vault.keep("b", "phone", "13900000000")
    assert vault.reveal("b", token) is None
    assert vault.reveal_all("b", f"打{token}") == f"打{token}"
    assert vault.mask_all("b", f"打{token}") == "打***"


def test_a_row_copied_into_another_conversation_does_not_open_there(vault: Vault, engine: Engine) -> None:
    token = vault.keep("a", "phone", PHONE)
    with engine.begin() as connection:
        connection.execute(text("UPDATE sealed_value SET conversation = 'b'"))
    assert vault.reveal("b", token) is None


def test_all_tokens_of_a_text_are_replaced(vault: Vault) -> None:
    phone, name = vault.keep("a", "phone", PHONE), vault.keep("a", "name", "王建国")
    said = f"我叫{name}，电话{phone}，再说一遍{phone}，还有[[phone:abcdefghij]]"
    assert (
        vault.reveal_all("a", said) == f"我叫王建国，电话{PHONE}，再说一遍{PHONE}，还有[[phone:abcdefghij]]"
    )
    assert vault.mask_all("a", said) == "我叫王**，电话138****5678，再说一遍138****5678，还有***"


def test_a_value_that_contains_a_token_is_not_opened_twice(vault: Vault) -> None:
    inner = vault.keep("a", "phone", PHONE)
    outer = vault.keep("a", "address", inner)
    assert vault.reveal_all("a", outer) == inner


def test_values_expire_and_keeping_one_again_prolongs_it(vault: Vault, clock: object) -> None:
    kept, left = vault.keep("a", "phone", PHONE), vault.keep("a", "name", "王")
    clock.turn(hours=23)  # type: ignore[attr-defined]
    vault.keep("a", "phone", PHONE)
    clock.turn(hours=1)  # type: ignore[attr-defined]
    assert vault.reveal("a", left) is None
    assert vault.reveal("a", kept) == PHONE
    assert vault.purge_expired() == 1
    assert vault.purge_expired() == 0


def test_the_database_holds_no_clear_value(vault: Vault, engine: Engine, tmp_path: Path) -> None:
    vault.keep("a", "phone", PHONE)
    with engine.connect() as connection:
        rows = str([tuple(row) for row in connection.execute(text("SELECT * FROM sealed_value"))])
    engine.dispose()
    raw = rows.encode() + b"".join(file.read_bytes() for file in tmp_path.glob("*.db*"))
    assert PHONE.encode() not in raw


def test_threads_that_keep_one_value_share_one_token(vault: Vault, engine: Engine) -> None:
    with ThreadPoolExecutor(8) as threads:
        tokens = set(threads.map(lambda _: vault.keep("a", "phone", PHONE), range(8)))
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT count(*) FROM sealed_value")).scalar_one()
    assert (len(tokens), rows) == (1, 1)


def test_a_kind_that_would_break_a_token_is_refused(vault: Vault) -> None:
    for kind in ("", "Phone", "电话", "a:b", "x" * 21):
        with pytest.raises(ValueError, match="kind of a token"):
            vault.keep("a", kind, PHONE)
