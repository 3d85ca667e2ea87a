"""One page script at a time, in the order of asking, and none kept waiting by a long one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest

from pages.server.turns import Turns

NEVER = 600.0
"""Seconds after which a script of these tests would count as long: they end before."""


def until(holds) -> None:
    """Wait for another thread."""
    end = monotonic() + 30
    while not holds():
        assert monotonic() < end, "it never came about"
        sleep(0.001)


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_than_so_many_at_once_and_everyone_has_a_turn(at_once):
    turns = Turns(at_once, NEVER)
    seen, lock = [], threading.Lock()

    def script(_number: int) -> None:
        with turns.one():
            with lock:
                seen.append(turns.running)
            sleep(0.002)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(script, range(36)))
    assert len(seen) == 36
    assert max(seen) == at_once
    assert (turns.running, turns.waiting) == (0, 0)


def test_turns_come_in_the_order_of_asking():
    turns, order, first = Turns(1, NEVER), [], threading.Event()

    def script(number: int) -> None:
        with turns.one():
            order.append(number)
            if number == 0:
                first.wait(30)

    threads = []
    for number in range(8):
        threads.append(threading.Thread(target=script, args=(number,)))
        threads[-1].start()
        until(lambda number=number: turns.running + turns.waiting == number + 1)
    first.set()
    for thread in threads:
        thread.join(30)
    assert order == list(range(8))


def test_a_long_script_keeps_nobody_waiting():
    turns, leave = Turns(1, 0.01), threading.Event()

    def long() -> None:
        with turns.one():
            leave.wait(30)

    thread = threading.Thread(target=long)
    thread.start()
    until(lambda: turns.running == 1)
    with turns.one():
        assert turns.running == 2
    leave.set()
    thread.join(30)
    assert turns.running == 0


def test_a_script_that_fails_gives_its_turn_back():
    turns = Turns(1, NEVER)
    with pytest.raises(ZeroDivisionError), turns.one():
        _ = 1 / 0
    with turns.one():
        assert turns.running == 1


def test_who_is_stopped_while_waiting_leaves_the_queue(monkeypatch):
    turns, leave = Turns(1, NEVER), threading.Event()

    def first() -> None:
        with turns.one():
            leave.wait(30)

    thread = threading.Thread(target=first)
    thread.start()
    until(lambda: turns.running == 1)

    def stopped(_event: threading.Event, _seconds: float | None = None) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(threading.Event, "wait", stopped)
        with pytest.raises(KeyboardInterrupt), turns.one():
            pytest.fail("it had no turn")
    assert turns.waiting == 0
    leave.set()
    thread.join(30)
    with turns.one():
        assert turns.running == 1
