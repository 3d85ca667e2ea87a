"""The Method page: how every number is worked out, with the settings the program runs with."""

from __future__ import annotations

import streamlit as st

from analysis.jobs import settings, transparency
from analysis.jobs.releases import minimum
from analysis.score import PRESETS
from pages.about import accounting, data_log, words
from pages.components import frame, tables
from pages.components.session import workspace

WEIGHT_COLUMNS = {
    "label": "Part of the score",
    "evidence": "Made from",
    "months": "Months needed",
    **{preset.label: f"{preset.label}: weight" for preset in PRESETS.values()},
}

here = workspace()
frame.heading(
    "Method",
    "How every number is worked out, with the settings this program really runs with, and what it "
    "does not know.",
)
st.header("What is counted", anchor=False)
st.markdown(words.COUNTING)
st.header("Has it changed?", anchor=False)
st.markdown(words.CHANGE)
st.header("Hot spots beyond chance", anchor=False)
st.markdown(words.HOTSPOTS)
st.header("Trends, hours and wards", anchor=False)
st.markdown(words.TRENDS)
st.header("The score behind Where next", anchor=False)
st.markdown(words.SCORE)
tables.show(settings.weights(), WEIGHT_COLUMNS, caption="Weights of the two kinds of walk")
st.header("Settings", anchor=False)
tables.show(
    settings.settings(), {"setting": "Setting", "value": "Value", "part": "Part"},
    caption="Read from the program as it runs",
)  # fmt: skip
st.header("What is not known", anchor=False)
st.markdown(words.NOT_KNOWN)
data_log.show(here)
st.header("What is published", anchor=False)
st.markdown(accounting.PUBLISHED)
st.header("Held to account", anchor=False)
st.markdown(accounting.HELD_TO_ACCOUNT)
for name, label in transparency.DOCUMENTS.items():
    with st.expander(label):
        st.markdown(transparency.below(transparency.document(name, minimum(here).count)))
