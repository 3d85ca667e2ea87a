"""What a place is scored by: presets, and under Advanced their weights, scale, window and draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analysis.components import COMPONENTS
from analysis.jobs.candidates import CATCHMENT_M, CATCHMENTS
from analysis.jobs.presets import preset_of, retire_preset, save_preset
from analysis.normalise import NORMALISERS
from analysis.robustness import DRAWS
from analysis.score import WINDOWS
from geodata.hexagons import DEFAULT_SIDE
from geodata.records.kinds import kind_of
from geodata.records.vocabularies import NORMALISERS as SCALES
from geodata.records.vocabularies import SCORE_PURPOSES
from geodata.workspace import Workspace
from pages.components import address, filters, frame, sign_in, tables
from pages.record import saving

PLACES = {"hexagons": "Areas of the map", "sites": "Named places"}
OFFERED_DRAWS = {str(n): f"{n:,}" for n in (200, 500, DRAWS, 5000)}
SAVED_COLUMNS = {
    "label": "Preset",
    "base_name": "Made from",
    "weights": "Weights",
    "scale": "Scale",
    "window": "Months",
    "reason": "Reason",
    "by": "By",
    "on": "On",
}
SCALE_HELP = (
    "Percentile rank: the share of places with less, blind to extreme values. Least to most: where "
    "between the least and the most. Distance from the average: in standard deviations, cut at 3; "
    "here a rise at one place also changes what the others are measured in. Average is 100: so "
    "many times the average."
)
ASKED = kind_of("presets").labels


@dataclass(frozen=True)
class Picked:
    """What a person picked to score by.

    Attributes
    ----------
    preset : str
        Code of a built-in preset, or id of a saved one.
    row : pandas.Series
        What is known of it (`analysis.jobs.presets.presets`).
    how : mapping
        Everything else that `analysis.jobs.score.score` is asked for, by its own words.
    """

    preset: str
    row: pd.Series
    how: Mapping[str, Any]

    @property
    def purpose(self) -> str:
        """Code of the built-in preset it stands for."""
        return str(self.row["base"])


def choose_preset(known: pd.DataFrame) -> pd.Series:
    """Offer the kinds of walk, and beside them the presets people saved."""
    labels = dict(zip(known["preset_id"], known["label"], strict=True))
    chosen = address.choose(
        "Kind of walk", labels, key="preset", default="walkabout", widget=st.segmented_control
    )
    return known[known["preset_id"].eq(chosen)].iloc[0]


def choose_places() -> tuple[str, int, int]:
    """Offer areas of the map or named places, and how large or how far round."""
    kind = address.choose("Compare", PLACES, key="places", default="hexagons")
    if kind == "hexagons":
        return kind, filters.side("Size of place"), CATCHMENT_M
    metres = address.choose(
        "How far round a place counts", {str(n): f"{n} m" for n in CATCHMENTS}, key="catchment",
        default=str(CATCHMENT_M),
        help="What lies near two places counts at both, so places must not be added up.",
    )  # fmt: skip
    return kind, DEFAULT_SIDE, int(metres)


def show(here: Workspace, known: pd.DataFrame, row: pd.Series) -> dict[str, Any]:
    """Offer weights, scale, window and draws; give those that are not the preset's own."""
    with st.expander("Advanced: weights, scale and months"):
        weights = _weights(row)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            how = address.choose(
                "Scale", {n: SCALES[n] for n in NORMALISERS}, key="scale",
                default=str(row["normaliser"]), help=SCALE_HELP,
            )  # fmt: skip
            window = address.choose(
                "Months of reports counted", {str(n): f"{n} months" for n in WINDOWS},
                key="window", default=str(row["window"]),
            )  # fmt: skip
            draws = address.choose(
                "Draws behind the ranges", OFFERED_DRAWS, key="draws", default=str(DRAWS)
            )
        changes = {
            "weights": weights if weights != _own(row) else None,
            "normaliser": how if how != row["normaliser"] else None,
            "window": int(window) if int(window) != row["window"] else None,
        }
        _listed(known)
        if sign_in.allowed("action", "choose a site"):
            _save(here, row, changes)
    return {**changes, "draws": int(draws)}


def _own(row: pd.Series) -> dict[str, float]:
    return {c.code: float(row[c.code]) for c in COMPONENTS}


def _weights(row: pd.Series) -> dict[str, float]:
    """Offer a number for each part; what counts is how they stand to each other."""
    frame.small("A weight says how much a part counts beside the others; 0 leaves it out.")
    weights, columns = {}, st.columns(5)
    for number, part in enumerate(COMPONENTS):
        weights[part.code] = columns[number % 5].number_input(
            part.label, 0.0, 100.0, float(row[part.code]), step=5.0, format="%g",
            key=f"weight-{row['preset_id']}-{row['version']}-{part.code}",
        )  # fmt: skip
    if not any(weights.values()):
        frame.say(["At least one weight must be above 0: the preset's own are used."])
        return _own(row)
    return weights


def _listed(known: pd.DataFrame) -> None:
    """List the presets people saved, beside those built in, with what they are made of."""
    if not known["version"].gt(0).any():
        return
    parts = {c.code: c.label for c in COMPONENTS}
    said = [
        ", ".join(f"{label} {row[code]:g}" for code, label in parts.items() if row[code])
        for row in known.to_dict("records")
    ]
    shown = known.assign(
        weights=said, scale=known["normaliser"].map(SCALES),
        base_name=known["base"].map(SCORE_PURPOSES),
    )  # fmt: skip
    tables.show(shown, SAVED_COLUMNS, caption=f"{len(known)} presets", tall=True)


def _save(here: Workspace, row: pd.Series, changes: Mapping[str, Any]) -> None:
    """Offer to save what is set under a name, with the reason, and to take a saved one away."""
    is_saved = int(row["version"]) > 0
    with st.form("save-preset"):
        name = st.text_input(ASKED["name"], value=row["label"] if is_saved else "", max_chars=60)
        reason = st.text_input(ASKED["reason"], max_chars=500)
        sent = st.form_submit_button("Save as preset")
    if sent:
        weights = preset_of(here, row["preset_id"], **changes)
        same = name.strip().casefold() == str(row["label"]).casefold()
        version = int(row["version"]) if is_saved and same else 0
        job = partial(save_preset, here, name, weights, reason=reason, version=version)
        saving.store("choose a site", job, _saved)
    if is_saved and st.button(f"Remove the preset {row['label']}"):
        job = partial(retire_preset, here, row["preset_id"], reason="")
        saving.store("choose a site", job, lambda gone: f"{gone['name']} is offered no more.")


def _saved(made: Any) -> str:  # noqa: ANN401 - a record
    return f"The preset {made['name']} is saved, version {made.version}."
