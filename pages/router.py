"""The script behind every visit: who is it, which page, may they; then the frame and the page."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from geodata.errors import SaferWalksError
from pages.components import address, concerns, frame, messages, session, sign_in
from pages.server.turns import turns

with turns.one():
    pages, page = frame.navigation()
    frame.page_config(page.title)
    frame.dress()
    try:
        sign_in.enter()
        frame.menu(sign_in.allowed_pages(pages))
        sign_in.standing()
        if not sign_in.allowed("page", sign_in.address(page)):
            sign_in.refuse(page)
            st.stop()
        workspace = session.open_workspace()
        top, at_once = st.container(), concerns.at_hand()
        if at_once:
            with top:
                concerns.alert(workspace)
    except SaferWalksError as error:
        st.title("The workspace cannot be opened", anchor=False)
        messages.fault(error)
        st.stop()
    frame.demo_mark(workspace)
    frame.standing(workspace)
    address.enter(page.title)
    try:
        with suppress(messages.PageEnd):
            page.run()
    finally:  # a server's first look into its records takes longer than its first map
        if not at_once:
            with top, suppress(messages.PageEnd), messages.faults_in_a_box():
                concerns.alert(workspace)
