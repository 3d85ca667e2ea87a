"""Open data: ward boundaries, reports, residents, streets and names, fetched from publishers."""

from __future__ import annotations

from pages.components import frame
from pages.components.session import workspace
from pages.data import fetching

here = workspace()
frame.heading(
    "Open data",
    "Bring in what is published: ward boundaries, police reports, residents, streets and "
    "postcodes, each with its source, its licence and its date.",
)
fetching.show_result()
if not fetching.show_task():
    if here.kind == "demo":
        fetching.start_own()
        fetching.origins(here)
    else:
        fetching.show(here)
