"""The jobs, remembered, so that a page that runs again does not work again.

Results are kept by the workspace's folder and version, which changes with every import, and by
small values; a frame is never part of a key. What comes back is shared by all visits: never change
it, and never put it in the session.
"""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import streamlit as st

from geodata.workspace import Workspace

if TYPE_CHECKING:
    from analysis.jobs.concern import ConcernResult
    from analysis.jobs.need import NeedResult
    from analysis.jobs.score import ScoreResult


def _key(workspace: Workspace) -> tuple[str, str]:
    return str(workspace.path.resolve()), workspace.version


def later(name: str) -> Callable[..., Any]:
    """Give a job that is loaded when it is called: no page waits for the libraries of another's.

    Parameters
    ----------
    name : str
        Module of `analysis.jobs` and function: "areas.area_table".
    """
    module, _, function = name.partition(".")

    def work(*asked: Any, **picked: Any) -> Any:  # noqa: ANN401 - as the job has them
        return getattr(import_module(f"analysis.jobs.{module}"), function)(*asked, **picked)

    work.__qualname__ = name  # Streamlit tells functions apart by their names
    return work


def _remember(work: Callable[..., Any]) -> Any:  # noqa: ANN401 - as Streamlit gives it
    keep = st.cache_resource(max_entries=48, show_spinner="Counting…", hash_funcs={Workspace: _key})
    return keep(work)


def _remembered(name: str) -> Any:  # noqa: ANN401 - the job, or anything like it
    return _remember(later(name))


area_months = _remembered("areas.area_months")
area_table = _remembered("areas.area_table")
backtest = _remembered("backtest.backtest")
bearings = _remembered("bearings.bearings")
choices = _remembered("choices.choices")
compare_wards = _remembered("wards_compared.compare_wards")
concentrated = _remembered("concentration.concentrated")
evaluate_place = _remembered("evaluate.evaluate_place")
hours = _remembered("hours.hours")
near_repeat_test = _remembered("concentration.near_repeat_test")
overview = _remembered("overview.overview")
quality = _remembered("quality.quality")
reporting_by_ward = _remembered("reporting.reporting_by_ward")
source_table = _remembered("overview.source_table")
trends = _remembered("trends.trends")
waiting = _remembered("repair.waiting")
ward_context = _remembered("context.ward_context")


class Shelf:
    """Results that take seconds, worked out where progress can be shown and a person can leave.

    What Streamlit remembers by itself cannot be asked for without being worked out, nor show its
    progress. Here a page asks first, draws what it has, and works the rest out at its end.
    """

    def __init__(self, most: int = 32) -> None:
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._most, self._lock = most, Lock()
        self._turns: WeakValueDictionary[Hashable, Lock] = WeakValueDictionary()

    def get(self, key: Hashable) -> Any | None:  # noqa: ANN401 - whatever was put there
        """Give what is kept under a key, or None."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, result: Any) -> None:  # noqa: ANN401 - whatever is to be kept
        """Keep a result; the one not asked for longest gives way."""
        with self._lock:
            self._kept[key] = result
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    @contextmanager
    def alone(self, key: Hashable, meanwhile: Callable[[], object]) -> Iterator[None]:
        """Work out one result in one visit: others that ask for the same wait, then find it here.

        Parameters
        ----------
        key : hashable
            What is to be worked out. Ask `get` again once inside.
        meanwhile : callable
            Called a few times a second while waiting: it draws something, since that is where
            Streamlit leaves when a person has changed anything.
        """
        with self._lock:
            turn = self._turns.setdefault(key, Lock())
        while not turn.acquire(timeout=0.25):
            meanwhile()
        try:
            yield
        finally:
            turn.release()


@st.cache_resource(show_spinner=False)
def shelf() -> Shelf:
    """Share one shelf between all visits."""
    return Shelf()


@cache
def _written() -> Shelf:
    return Shelf(384)


def written(write: Callable[..., str], *said: Any, **more: Any) -> str:  # noqa: ANN401
    """Write something from small tables and words, or give it as it was written of the same before.

    For what a page draws anew with every click, though hardly any of it has changed. The key is
    all that `write` is given, so this is for tables of a few thousand cells.

    Parameters
    ----------
    write : callable
        A function of a module, which looks at nothing but what it is given.
    *said, **more
        What it is given.

    Examples
    --------
    >>> written(str.join, ", ", ["a", "b"])
    'a, b'
    """
    key = hashlib.sha256(pickle.dumps((write, said, more))).digest()
    text: str | None = _written().get(key)
    if text is None:
        text = write(*said, **more)
        _written().put(key, text)
    return text


def key_of(workspace: Workspace, *parts: Hashable) -> Hashable:
    """Name a result by the workspace's state and what was asked."""
    return (*_key(workspace), *parts)


# What is also made from the records people write is kept by their state too.
@_remember
def _of_records(workspace: Workspace, records: str, name: str, picked: dict[str, Any]) -> Any:  # noqa: ANN401, ARG001
    return later(name)(workspace, **picked)


def _with_records(name: str, workspace: Workspace, picked: dict[str, Any]) -> Any:  # noqa: ANN401
    return _of_records(workspace, later("voices.records_stamp")(workspace), name, picked)


def score(workspace: Workspace, **picked: Any) -> ScoreResult:  # noqa: ANN401 - as the job has it
    """Give `analysis.jobs.score.score`, remembered."""
    found: ScoreResult = _with_records("score.score", workspace, picked)
    return found


def map_file(workspace: Workspace, **picked: Any) -> str:  # noqa: ANN401 - as the job has it
    """Give `analysis.jobs.maps.map_file`, remembered."""
    return str(_with_records("maps.map_file", workspace, picked))


def need(workspace: Workspace, **picked: Any) -> NeedResult:  # noqa: ANN401 - as the job has it
    """Give `analysis.jobs.need.need`, remembered."""
    found: NeedResult = _with_records("need.need", workspace, picked)
    return found


def concern(workspace: Workspace, **picked: Any) -> ConcernResult:  # noqa: ANN401 - as the job has it
    """Give `analysis.jobs.concern.concern`, remembered."""
    found: ConcernResult = _with_records("concern.concern", workspace, picked)
    return found
