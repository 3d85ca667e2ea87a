"""The jobs as pages ask for them: each is there under its name, and is worked out by one visit."""

from __future__ import annotations

import threading
from importlib import import_module

import pytest

from pages.components import cached, downloads
from pages.components.cached import Shelf, later


def test_every_job_that_pages_name_is_there() -> None:
    """They are named in words, to be loaded late: a wrong one would be found by a person."""
    named = {
        getattr(found, "__qualname__", "")
        for part in (cached, downloads)
        for found in vars(part).values()
    }
    jobs = {name for name in named if name.count(".") == 1 and name.islower()}
    assert {"areas.area_table", "trends.trends", "handing_out.map_for"} <= jobs
    assert len(jobs) >= 17
    for job in jobs:
        module, _, function = job.partition(".")
        assert callable(getattr(import_module(f"analysis.jobs.{module}"), function)), job


def test_a_job_that_is_named_wrongly_says_so_when_it_is_asked() -> None:
    with pytest.raises(AttributeError, match="area_tables"):
        later("areas.area_tables")()


def test_of_visits_that_want_the_same_one_works_it_out() -> None:
    shelf, worked, waited = Shelf(), [], threading.Event()
    begun, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with shelf.alone("key", meanwhile=pytest.fail):
            begun.set()
            go_on.wait(10)
            worked.append("first")
            shelf.put("key", 42)

    def second() -> None:
        with shelf.alone("key", meanwhile=waited.set):
            if shelf.get("key") is None:
                worked.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    assert waited.wait(10)  # it draws something while it waits
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert worked == ["first"]
    assert shelf.get("key") == 42


def test_a_visit_that_leaves_while_it_waits_or_works_lets_the_next_one_in() -> None:
    shelf = Shelf()

    def leave() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), shelf.alone("key", meanwhile=leave):
        raise KeyboardInterrupt  # left while it worked
    with shelf.alone("key", meanwhile=leave):
        with pytest.raises(KeyboardInterrupt), shelf.alone("key", meanwhile=leave):
            pass  # left while it waited: the one that works still holds its turn
        with shelf.alone("other", meanwhile=leave):
            pass
    with shelf.alone("key", meanwhile=leave):
        pass
