"""The jobs, remembered, so that a page that runs again does not work again.

Results are kept by the workspace's folder and version, which changes with every import, and by
small values; a frame is never part of a key. What comes back is shared by all visits: never change
it, and never put it in the session.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from functools import partial
from threading import Lock
from typing import Any

import streamlit as st

from analysis.jobs.areas import area_months as _area_months
from analysis.jobs.areas import area_table as _area_table
from analysis.jobs.backtest import backtest as _backtest
from analysis.jobs.bearings import bearings as _bearings
from analysis.jobs.choices import choices as _choices
from analysis.jobs.concentration import concentrated as _concentrated
from analysis.jobs.concentration import near_repeat_test as _near_repeat_test
from analysis.jobs.concern import ConcernResult
from analysis.jobs.concern import concern as _concern
from analysis.jobs.context import ward_context as _ward_context
from analysis.jobs.evaluate import evaluate_place as _evaluate_place
from analysis.jobs.hours import hours as _hours
from analysis.jobs.maps import map_file as _map_file
from analysis.jobs.need import NeedResult
from analysis.jobs.need import need as _need
from analysis.jobs.overview import overview as _overview
from analysis.jobs.overview import source_table as _source_table
from analysis.jobs.quality import quality as _quality
from analysis.jobs.repair import waiting as _waiting
from analysis.jobs.reporting import reporting_by_ward as _reporting_by_ward
from analysis.jobs.score import ScoreResult
from analysis.jobs.score import score as _score
from analysis.jobs.trends import trends as _trends
from analysis.jobs.voices import records_stamp
from analysis.jobs.wards_compared import compare_wards as _compare_wards
from geodata.workspace import Workspace


def _key(workspace: Workspace) -> tuple[str, str]:
    return str(workspace.path.resolve()), workspace.version


_remember = partial(
    st.cache_resource, max_entries=48, show_spinner="Counting…", hash_funcs={Workspace: _key}
)

area_months = _remember(_area_months)
area_table = _remember(_area_table)
backtest = _remember(_backtest)
bearings = _remember(_bearings)
choices = _remember(_choices)
compare_wards = _remember(_compare_wards)
concentrated = _remember(_concentrated)
evaluate_place = _remember(_evaluate_place)
hours = _remember(_hours)
near_repeat_test = _remember(_near_repeat_test)
overview = _remember(_overview)
quality = _remember(_quality)
reporting_by_ward = _remember(_reporting_by_ward)
source_table = _remember(_source_table)
trends = _remember(_trends)
waiting = _remember(_waiting)
ward_context = _remember(_ward_context)


class Shelf:
    """Results that take seconds, worked out where progress can be shown and a person can leave.

    What Streamlit remembers by itself cannot be asked for without being worked out, nor show its
    progress. Here a page asks first, draws what it has, and works the rest out at its end.
    """

    def __init__(self, most: int = 32) -> None:
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._most, self._lock = most, Lock()

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


@st.cache_resource(show_spinner=False)
def shelf() -> Shelf:
    """Share one shelf between all visits."""
    return Shelf()


def key_of(workspace: Workspace, *parts: Hashable) -> Hashable:
    """Name a result by the workspace's state and what was asked."""
    return (*_key(workspace), *parts)


# What is also made from the records people write is kept by their state too.
@_remember
def _score_of(workspace: Workspace, records: str, picked: dict[str, Any]) -> ScoreResult:  # noqa: ARG001
    return _score(workspace, **picked)


@_remember
def _map_file_of(workspace: Workspace, records: str, picked: dict[str, Any]) -> str:  # noqa: ARG001
    return _map_file(workspace, **picked)


def score(workspace: Workspace, **picked: Any) -> ScoreResult:  # noqa: ANN401 - as the job has it
    """Give `analysis.jobs.score.score`, remembered."""
    return _score_of(workspace, records_stamp(workspace), picked)


def map_file(workspace: Workspace, **picked: Any) -> str:  # noqa: ANN401 - as the job has it
    """Give `analysis.jobs.maps.map_file`, remembered."""
    return _map_file_of(workspace, records_stamp(workspace), picked)


@_remember
def _need_of(workspace: Workspace, records: str, picked: dict[str, Any]) -> NeedResult:  # noqa: ARG001
    return _need(workspace, **picked)


def need(workspace: Workspace, **picked: Any) -> NeedResult:  # noqa: ANN401 - as the job has it
    """Give `analysis.jobs.need.need`, remembered."""
    return _need_of(workspace, records_stamp(workspace), picked)


@_remember
def _concern_of(workspace: Workspace, records: str, picked: dict[str, Any]) -> ConcernResult:  # noqa: ARG001
    return _concern(workspace, **picked)


def concern(workspace: Workspace, **picked: Any) -> ConcernResult:  # noqa: ANN401 - as the job has it
    """Give `analysis.jobs.concern.concern`, remembered."""
    return _concern_of(workspace, records_stamp(workspace), picked)
