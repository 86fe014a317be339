"""A thread that looks again and again, whatever happens to what it looks at."""

from __future__ import annotations

import logging
import threading

import pytest

from hall.watching import Watch

SOON = 5.0


class Looked:
    """Counts looks, and fails while told to."""

    def __init__(self) -> None:
        self.times = 0
        self.is_failing = False
        self._changed = threading.Condition()

    def __call__(self) -> None:
        with self._changed:
            self.times += 1
            self._changed.notify_all()
            if self.is_failing:
                raise ValueError("what somebody wrote")

    def wait_until(self, times: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.times >= times, SOON)


def test_it_looks_until_it_is_stopped() -> None:
    looked = Looked()
    watch = Watch("test", looked, every_seconds=0.01)
    watch.start()
    assert looked.wait_until(3)
    watch.stop()
    watch._thread.join(SOON)
    assert not watch._thread.is_alive()


def test_a_failure_is_told_once_and_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    looked = Looked()
    looked.is_failing = True
    watch = Watch("test", looked, every_seconds=0.01, rest_seconds=0.01)
    with caplog.at_level(logging.WARNING):
        watch.start()
        assert looked.wait_until(4)
        looked.is_failing = False
        assert looked.wait_until(6)
        watch.stop()
        watch._thread.join(SOON)
    assert [record.getMessage() for record in caplog.records] == [
        "test cannot be looked at (ValueError); tried again"
    ]
