"""Colours for maps and charts, and the arithmetic that shows they can be told apart.

The blues are those of the Government Analysis Function (#12436D, #2073BC, #6BACE6), with lighter
steps beside them. On a light ground more is darker; on
a dark ground more is lighter, so that more always stands out. Print uses the light set.

Five steps between white and navy cannot each differ 3 to 1, so every area has an outline that
differs at least 3 to 1 from the lighter of any two neighbours, and classes also carry a number:
colour is never the only cue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Theme = Literal["light", "dark"]
Sight = Literal["full", "protan", "deutan", "tritan", "none"]


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, as #RRGGBB.

    Attributes
    ----------
    shades : tuple of str
        Fill of an area: position 0 means none at all, 1 to 5 rising.
    outline : str
        Line around every area.
    ground : str
        What lies under the map.
    land : str
        Fill of a ward where no area is drawn over it.
    text, halo : str
        Names on the map, and the rim around their letters.
    muted : str
        Hatching for "no data" and "withheld", and places.
    accent : str
        The chosen area.
    water : str
        Rivers, docks and canals, where no area is drawn over them.
    """

    shades: tuple[str, str, str, str, str, str]
    outline: str
    ground: str
    land: str
    text: str
    halo: str
    muted: str
    accent: str
    water: str


LIGHT = Palette(
    shades=("#FFFFFF", "#CDE3F7", "#9CC9F0", "#6BACE6", "#2073BC", "#12436D"),
    outline="#14212E",
    ground="#EEF1F4",
    land="#FAFBFC",
    text="#0B0C0C",
    halo="#FFFFFF",
    muted="#5A6672",
    accent="#F46A25",
    water="#D3E0E9",
)
DARK = Palette(
    shades=("#1B232B", "#215F9A", "#2F86D1", "#6BACE6", "#AFD3F3", "#F0F7FD"),
    outline="#000000",
    ground="#10151A",
    land="#171E25",
    text="#FFFFFF",
    halo="#05080B",
    muted="#9AA7B4",
    accent="#F79A66",
    water="#22323F",
)
PALETTES: dict[Theme, Palette] = {"light": LIGHT, "dark": DARK}

# Which of the five shades are used when there are fewer classes: the ends stay recognisable.
SPREAD: dict[int, tuple[int, ...]] = {
    **{0: (), 1: (3,), 2: (2, 4), 3: (1, 3, 5), 4: (1, 2, 4, 5), 5: (1, 2, 3, 4, 5)},
}

# Machado, Oliveira and Fernandes (2009), severity 1: what linear light becomes.
_SIGHT: dict[Sight, list[list[float]]] = {
    "full": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "none": [[0.2126, 0.7152, 0.0722]] * 3,
}


def luminance(colour: str) -> float:
    """Relative luminance of a colour, 0 (black) to 1 (white), as WCAG 2.2 defines it.

    Examples
    --------
    >>> luminance("#FFFFFF"), luminance("#000000"), round(luminance("#12436D"), 4)
    (1.0, 0.0, 0.0525)
    """
    return float(_linear(colour) @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours, 1 to 21: (L1 + 0.05) / (L2 + 0.05), lighter first.

    Examples
    --------
    >>> round(contrast("#000000", "#FFFFFF"), 3), contrast("#123456", "#123456")
    (21.0, 1.0)
    """
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def ink_on(fill: str) -> str:
    """Choose black or white for text on a fill, whichever contrasts more.

    Examples
    --------
    >>> ink_on("#CDE3F7"), ink_on("#12436D")
    ('#0B0C0C', '#FFFFFF')
    """
    return max(("#0B0C0C", "#FFFFFF"), key=lambda ink: contrast(ink, fill))


def difference(a: str, b: str, sight: Sight = "full") -> float:
    """Perceived difference of two colours for a kind of colour vision.

    The distance in OKLab (Ottosson 2020), times 100; about 2 is the least that can be seen side
    by side. Colour blindness is simulated after Machado and others (2009); `none` sees only light
    and dark.

    Examples
    --------
    >>> difference("#FF0000", "#FF0000")
    0.0
    >>> difference("#D00000", "#008000", "deutan") < difference("#D00000", "#008000")
    True
    """
    return float(100 * np.linalg.norm(_oklab(a, sight) - _oklab(b, sight)))


def _linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def _oklab(colour: str, sight: Sight) -> np.ndarray:
    seen = np.clip(np.array(_SIGHT[sight]) @ _linear(colour), 0, 1)
    to_cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return to_lab @ np.cbrt(to_cones @ seen)
