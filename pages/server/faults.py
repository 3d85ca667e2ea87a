"""What people see when the fault is ours: one box, no traceback. The log has the rest."""

from __future__ import annotations

from pages.components import messages


def show_fault(_error: Exception) -> bool:
    """Tell that something broke; Streamlit has logged it already.

    Returns
    -------
    bool
        True: Streamlit shows nothing of its own.
    """
    messages.box(
        "problem",
        "Something went wrong in the program, not in what you did",
        {
            "What to do": "load the page again. If it happens again, tell whoever runs this "
            "server: its log says what broke and where.",
            "": "Your data are as they were.",
        },
    )
    return True
