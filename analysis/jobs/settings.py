"""The settings the program really runs with, read from the modules that use them."""

from __future__ import annotations

import pandas as pd

from analysis import change, components, disclosure, score
from geodata import corrections, crs, hexagons, ward_join


def settings() -> pd.DataFrame:
    """List every number that a result hangs on.

    Returns
    -------
    pandas.DataFrame
        `part` (of the work), `setting`, `value`, in words for people, in the order of the work.

    Examples
    --------
    >>> table = settings().set_index("setting")["value"]
    >>> table["A report is near a boundary within"]
    '25 m of the edge of its ward'
    """
    sides = ", ".join(str(side) for side in hexagons.SIDES)
    rows = [
        ("Places", "Everything is worked out in", "British National Grid, metres"),
        ("Places", "Longitude and latitude to metres", f"within about {crs.GRID_ACCURACY_M:g} m"),
        (
            "Places",
            "A report is near a boundary within",
            f"{ward_join.NEAR_BOUNDARY_M:g} m of the edge of its ward",
        ),
        (
            "Places",
            "Reports outside are kept for their neighbours within",
            f"{ward_join.COLLAR_M:g} m of the wards",
        ),
        ("Places", "Side of a hexagon", f"{sides} m; {hexagons.DEFAULT_SIDE} m unless chosen"),
        (
            "Places",
            f"Area of a hexagon of {hexagons.DEFAULT_SIDE} m",
            f"{hexagons.hexagon_area_km2(hexagons.DEFAULT_SIDE):.3f} km²",
        ),
        (
            "Imports",
            "A file corrects a stored month if it holds at least",
            f"{corrections.HELD_SHARE:.0%} of its distinct points",
        ),
        ("Change", "A change stands out beyond", f"a Poisson z of {change.STANDS_OUT:g}"),
        ("Score", "Reports received: months counted", f"{components.VOLUME_MONTHS}"),
        (
            "Score",
            "Stays busy: looks at",
            f"{components.PERSISTENCE_WINDOWS} windows of {components.PERSISTENCE_LENGTH} months, "
            f"at least {components.PERSISTENCE_LEAST}",
        ),
        ("Score", "Stays busy: busy means among the top", f"{components.TOP_SHARE:.0%} of places"),
        (
            "Score",
            "Rising: compares",
            f"{components.TREND_MONTHS} months with the same ones a year before",
        ),
        (
            "Score",
            "A place is ranked with evidence for at least",
            f"{score.LEAST_COVERAGE:g} % of the weight",
        ),
        (
            "Score",
            "Reports alone may rank if they carry at least",
            f"{score.LEAST_REPORT_WEIGHT:g} % of the weight",
        ),
        (
            "Publishing",
            "Counts masked for the public, police reports apart",
            f"1 to {disclosure.THRESHOLD - 1}",
        ),
    ]
    return pd.DataFrame(rows, columns=["part", "setting", "value"])


def weights() -> pd.DataFrame:
    """List the parts of the score with their weights in each preset.

    Returns
    -------
    pandas.DataFrame
        `label`, `evidence`, `months` (in a row that are needed, in words), and one column a preset,
        named by its label.

    Examples
    --------
    >>> weights()[["Walkabout", "Women's safety walk"]].sum().tolist()
    [100.0, 100.0]
    """
    needed = components.months_needed()
    rows = [
        {
            "label": part.label,
            "evidence": part.evidence,
            "months": str(needed.get(part.code, "not from reports")),
            **{preset.label: preset.of(part.code) for preset in score.PRESETS.values()},
        }
        for part in components.COMPONENTS
    ]
    return pd.DataFrame(rows)
