"""Filters that live in the address, by their codes: `?category=noise_domestic&side=350`.

Streamlit can tie a widget to the address by itself, but then the address holds the words people
see, and rewording a label would break every bookmark. Here the address holds codes; a value that
is on no list is replaced by the default and said so, never an error.

Address and widget can both change. What was written to the address last is remembered: an address
that differs from it was changed by a person (a link, a bookmark, the back button) and wins.

Each page calls `enter` first and `show_faults` last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

_WRITTEN = "_address_written"
_FAULTS = "_address_faults"
_PAGE = "_address_page"
_DRAWN = "_address_drawn"


def choose(
    label: str,
    options: Mapping[str, str],
    *,
    key: str,
    default: str,
    widget: Callable[..., Any] = st.selectbox,
    **extra: Any,  # noqa: ANN401 - passed to the widget as it is
) -> str:
    """Offer one of several codes and keep the choice in the address.

    Parameters
    ----------
    label : str
        What people see above the widget.
    options : mapping of str to str
        Code to words; `default` is among them.
    key : str
        Name in the address.
    default : str
        Code chosen when the address names none; it is then left out of the address.
    widget : callable, default streamlit.selectbox
        A widget that takes options, `format_func` and `key`.
    **extra
        Passed to the widget.

    Returns
    -------
    str
        The chosen code.
    """
    _seed(key, label, options, [default])
    widget(label, list(options), format_func=lambda code: options[code], key=key, **extra)
    value = str(default if st.session_state[key] is None else st.session_state[key])
    _write(key, [] if value == default else [value])
    return value


def choose_several(
    label: str,
    options: Mapping[str, str],
    *,
    key: str,
    **extra: Any,  # noqa: ANN401 - passed to the widget as it is
) -> tuple[str, ...]:
    """Offer any number of codes, none by default, and keep the choice in the address.

    Parameters
    ----------
    label, options, key, **extra
        As `choose`.

    Returns
    -------
    tuple of str
        The chosen codes, in the order they were chosen.
    """
    _seed(key, label, options, [], many=True)
    st.multiselect(label, list(options), format_func=lambda code: options[code], key=key, **extra)
    values = list(st.session_state[key])
    _write(key, values)
    return tuple(values)


def show_faults() -> None:
    """Say which parts of the address were not understood, until that filter is changed."""
    for text, _ in st.session_state[_FAULTS].values():
        st.warning(text)


def enter(page: str) -> None:
    """Say which page the filters that follow belong to; each page remembers its own."""
    if st.session_state.get(_PAGE) != page:
        st.session_state.update({_PAGE: page, _FAULTS: {}, _DRAWN: {}})


def kept_for(page: str) -> dict[str, list[str]]:
    """Give what the address last held on a page, so that a link there brings it back."""
    written = st.session_state.get(_WRITTEN, {}).get(page, {})
    return {key: values for key, values in written.items() if values}


def _written() -> dict[str, list[str]]:
    return st.session_state.setdefault(_WRITTEN, {}).setdefault(st.session_state[_PAGE], {})


def _seed(
    key: str, label: str, options: Mapping[str, str], default: list[str], *, many: bool = False
) -> None:
    """Give the widget its value before it is drawn, from the address where that is newer."""
    said = [code for code in st.query_params.get_all(key) if code]
    drawn, look = st.session_state[_DRAWN], (label, *options)
    is_newer = key not in drawn or said != _written().get(key, [])
    asked = said if is_newer else _as_list(st.session_state.get(key))
    known = list(dict.fromkeys(code for code in asked if code in options)) or default
    if is_newer:
        unknown = [code for code in asked if code not in options]
        _note_fault(key, unknown, label, [options[code] for code in known], known)
    # A widget whose words or list changed is a new widget to Streamlit, and begins empty.
    if is_newer or asked != known or drawn[key] != look:
        st.session_state[key] = known if many else known[0]
    drawn[key] = look


def _note_fault(
    key: str, unknown: list[str], label: str, shown: list[str], value: list[str]
) -> None:
    faults = st.session_state[_FAULTS]
    faults.pop(key, None)
    if unknown:
        text = f"The address asks for “{_short(unknown[0])}” under “{label}”, which is not offered."
        faults[key] = (f"{text} Shown instead: {', '.join(shown) or 'the usual choice'}.", value)


def _write(key: str, wanted: list[str]) -> None:
    """Put the value in the address, or take it out where it is the default."""
    faults = st.session_state[_FAULTS]
    if key in faults and _as_list(st.session_state[key]) != faults[key][1]:
        del faults[key]
    _written()[key] = wanted
    if st.query_params.get_all(key) == wanted:
        return
    if wanted:
        st.query_params[key] = wanted
    else:
        del st.query_params[key]


def _as_list(value: str | list[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _short(text: str, length: int = 40) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
