"""Who waits longest writes next, and nobody waits for themselves."""

from __future__ import annotations

import threading

import pytest

from cases.turns import InTurn


def test_threads_come_in_one_by_one_in_the_order_in_which_they_came() -> None:
    turn, order, inside = InTurn(), [], threading.Semaphore()

    def come(name: int) -> None:
        with turn:
            assert inside.acquire(blocking=False), "another one is inside"
            order.append(name)
            inside.release()

    threads = [threading.Thread(target=come, args=(name,)) for name in range(16)]
    with turn:
        for count, thread in enumerate(threads, start=1):
            thread.start()
            while turn.waiting < count:
                assert thread.is_alive()
    for thread in threads:
        thread.join(30)
    assert order == list(range(16))
    assert turn.waiting == 0


def test_a_turn_that_ends_in_an_error_is_over_and_none_is_taken_within_one() -> None:
    turn = InTurn()
    with pytest.raises(ValueError, match="mine"), turn:
        raise ValueError("mine")
    with turn, pytest.raises(RuntimeError, match="already"), turn:
        pass
    with turn:
        pass
