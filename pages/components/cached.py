"""The jobs, remembered, so that a page that runs again does not work again.

Results are kept by the workspace's folder and version, which changes with every import, and by
small values; a frame is never part of a key. What comes back is shared by all visits: never change
it, and never put it in the session.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.jobs.areas import area_months as _area_months
from analysis.jobs.areas import area_table as _area_table
from analysis.jobs.choices import choices as _choices
from analysis.jobs.maps import map_file as _map_file
from analysis.jobs.overview import overview as _overview
from analysis.jobs.overview import source_table as _source_table
from analysis.jobs.quality import quality as _quality
from analysis.jobs.score import score as _score
from geodata.workspace import Workspace


def _key(workspace: Workspace) -> tuple[str, str]:
    return str(workspace.path.resolve()), workspace.version


_remember = partial(
    st.cache_resource, max_entries=48, show_spinner="Counting…", hash_funcs={Workspace: _key}
)

area_months = _remember(_area_months)
area_table = _remember(_area_table)
choices = _remember(_choices)
map_file = _remember(_map_file)
overview = _remember(_overview)
quality = _remember(_quality)
score = _remember(_score)
source_table = _remember(_source_table)
