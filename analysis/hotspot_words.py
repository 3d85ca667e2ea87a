"""New, persistent, fading: what a certified hot spot has done lately, in one word.

Certification looks at twelve months as a whole and says *where*. The word says *when*, of certified
hexagons only, by one comparison that anybody can repeat: the last six months against the six before
them, for the hexagon and the six around it, after the borough's own rise or fall is taken out. The
classes of `analysis.emerging` are another question, judged over every three-month window of the
whole borough at once and so far more strictly: most certified hexagons have no class, and that is
no conflict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.change import STANDS_OUT

if TYPE_CHECKING:
    from scipy import sparse

Word = Literal["new", "persistent", "fading", ""]

WORDS: dict[str, str] = {
    "new": "clearly more reports in the last six months than in the six before, and no certified "
    "hot spot until then",
    "persistent": "no clear change in the last six months, or one that comes every year at this "
    "season, or a rise where it was a hot spot already",
    "fading": "clearly fewer reports in the last six months than in the six before",
}
"""What each word says of a certified hexagon and the six around it."""

OUTLINES: dict[str, str] = {
    "persistent": "Hot spot, persistent",
    "new": "Hot spot, new",
    "fading": "Hot spot, fading",
    "": "Hot spot",
}
"""What the line round certified hexagons is called, by their word; in the order of a legend."""

LEAST_BEFORE = 5
"""Neighbourhoods with fewer reports before do not help to tell how they usually change."""
_MEDIAN_SQUARE = 0.454936
# The median of the square of a standard normal value.


def recent_change(now: pd.Series, before: pd.Series, near: sparse.csr_array) -> pd.DataFrame:
    r"""Compare neighbourhoods' reports with an earlier period, beside how others changed.

    With c and b the reports of a place and its neighbours now and before, and r the median of c / b
    over the neighbourhoods with at least 5 reports before (of all reports where there is none),

    .. math:: z = \frac{2 (\sqrt{c} - \sqrt{r b})}{\sqrt{(1 + r)\,\varphi}}, \quad
              \varphi = \max\left(1, \frac{\operatorname{median} z_1^2}{0.455}\right)

    where :math:`z_1` is z with :math:`\varphi = 1`, over the same neighbourhoods. Square roots give
    counts an even spread, 1 + r allows for chance in both periods, and :math:`\varphi` is how much
    more than chance neighbourhoods of this borough usually change. As
    `analysis.change.poisson_z`, with the earlier count's own chance allowed for.

    Parameters
    ----------
    now, before : pandas.Series
        Reports by place over two periods, on the same index.
    near : scipy.sparse.csr_array
        Neighbourhoods in the order of the index, the place itself included.

    Returns
    -------
    pandas.DataFrame
        Index of `now`: `now`, `expected` (r times the reports before), `z`; z is NaN where nothing
        was reported before anywhere.

    Notes
    -----
    Only a z beyond 3 is called a change: hot spots are looked at because they were high, and many
    are looked at at once.

    Examples
    --------
    >>> from scipy import sparse
    >>> found = recent_change(pd.Series([36.0, 16.0, 9.0]), pd.Series([36.0, 16.0, 16.0]),
    ...                       sparse.csr_array(np.eye(3)))
    >>> found["expected"].tolist(), found["z"].round(2).tolist()
    ([36.0, 16.0, 16.0], [0.0, 0.0, -1.41])
    """
    c = near @ now.to_numpy(dtype="float64")
    b = near @ before.to_numpy(dtype="float64")
    known = b >= LEAST_BEFORE
    if known.any():
        ratio = float(np.median(c[known] / b[known]))
    else:
        ratio = float(now.sum() / before.sum()) if before.sum() else np.nan
    z = 2 * (np.sqrt(c) - np.sqrt(ratio * b)) / np.sqrt(1 + ratio)
    uneven = float(np.median(z[known] ** 2)) / _MEDIAN_SQUARE if known.any() else 1.0
    table = {"now": c, "expected": ratio * b, "z": z / np.sqrt(max(1.0, uneven))}
    return pd.DataFrame(table, index=now.index)


def hotspot_words(
    hot: pd.Series, hot_before: pd.Series, z: pd.Series, z_year_before: pd.Series | None = None
) -> pd.Series:
    """Give every certified hexagon one word.

    - fading: z below -3, unless it was below -3 at the same time a year before too: that is a
      season, not an end;
    - new: z above 3, and not certified over the months before the last six;
    - persistent: every other certified hexagon.

    Parameters
    ----------
    hot, hot_before : pandas.Series
        Whether a hexagon is certified now, and over up to a year before the last six months.
    z : pandas.Series
        From `recent_change`, on the same index; NaN gives no word.
    z_year_before : pandas.Series, optional
        The same a year earlier, where it is known.

    Returns
    -------
    pandas.Series
        'new', 'persistent', 'fading', or '' where a hexagon is not certified or z is not known.

    Examples
    --------
    >>> hot, before = pd.Series([True, True, True, False]), pd.Series([False, True, False, True])
    >>> hotspot_words(hot, before, pd.Series([4.0, 4.0, -4.0, -9.0])).tolist()
    ['new', 'persistent', 'fading', '']
    """
    known = hot & z.notna()
    falls = z < -STANDS_OUT
    if z_year_before is not None:
        falls &= ~(z_year_before < -STANDS_OUT)
    rules = [~known, falls, (z > STANDS_OUT) & ~hot_before]
    return pd.Series(np.select(rules, ["", "fading", "new"], "persistent"), hot.index, dtype="str")


def outlines(hexagons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw one line round all certified neighbours of a word.

    Parameters
    ----------
    hexagons : geopandas.GeoDataFrame
        `hot` (bool), `word`, polygons.

    Returns
    -------
    geopandas.GeoDataFrame
        `kind` (a key of `OUTLINES`) and its shape, in the same reference system; no row for a word
        that no certified hexagon has.

    Examples
    --------
    >>> cells = gpd.GeoDataFrame({"hot": [True, True, False], "word": ["new", "new", ""]},
    ...     geometry=[shapely.box(x, 0, x + 1, 1) for x in range(3)])
    >>> drawn = outlines(cells)
    >>> drawn["kind"].tolist(), drawn.area.tolist()
    (['new'], [2.0])
    """
    hot = hexagons[hexagons["hot"].eq(True)]
    kinds = [word for word in OUTLINES if hot["word"].eq(word).any()]
    shapes = [shapely.union_all(hot.loc[hot["word"] == k, "geometry"].to_numpy()) for k in kinds]
    return gpd.GeoDataFrame({"kind": kinds}, geometry=shapes, crs=hexagons.crs)
