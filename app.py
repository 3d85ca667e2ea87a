"""The server: which screens, which extra routes, and what guards them. Nothing else.

Start it with `streamlit run app.py`, or with `safer-walks serve` once installed.
"""

from __future__ import annotations

import streamlit as st

from pages.server.faults import show_fault
from pages.server.operating import lifespan
from pages.server.routes import ROUTES
from pages.server.security import MIDDLEWARE

app = st.App(
    "pages/router.py",
    routes=ROUTES,
    middleware=MIDDLEWARE,
    lifespan=lifespan,
    on_script_error=show_fault,
)
