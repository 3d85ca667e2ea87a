"""The script behind every visit: open the workspace, draw the frame, run the page asked for."""

from __future__ import annotations

import streamlit as st

from geodata.errors import SaferWalksError
from pages.components import address, frame, messages, session

pages, page = frame.navigation()
frame.page_config(page.title)
frame.dress()
frame.menu(pages)
try:
    workspace = session.open_workspace()
except SaferWalksError as error:
    st.title("The workspace cannot be opened", anchor=False)
    messages.fault(error)
    st.stop()
frame.demo_mark(workspace)
frame.standing(workspace)
address.enter(page.title)
page.run()
