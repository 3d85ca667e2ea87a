"""The transparency record and the accessibility statement, filled in from the program itself.

Whatever is a number or a list comes from the code that uses it, so that the documents cannot say
what the program does not do. What only the council knows stands in square brackets.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from typing import Literal

import pandas as pd

from analysis import components, robustness, score
from analysis.disclosure import NEVER, OPEN_SOURCES, THRESHOLD, Rules
from analysis.disclosure.linked import BANDS, SENSITIVE, THRESHOLDS
from analysis.jobs import prompts, settings
from analysis.report.palette import PALETTES, contrast, difference
from analysis.report.tables import write_bytes
from geodata.roles import LABELS
from geodata.vocabularies import SOURCES

DocumentName = Literal["transparency", "accessibility", "dpia", "equality"]

DOCUMENTS: dict[DocumentName, str] = {
    "transparency": "Algorithmic transparency record",
    "accessibility": "Accessibility statement",
    "dpia": "Data protection: prompts",
    "equality": "Equality: prompts",
}
"""The documents there are, by the name of their file in docs/."""

_TO_FILL = "[to be filled in by the council: {}]"


def document(name: DocumentName, minimum: int = THRESHOLD) -> str:
    """Write one of the documents.

    Parameters
    ----------
    name : {'transparency', 'accessibility', 'dpia', 'equality'}
        Which.
    minimum : int
        The smallest count the workspace publishes.

    Returns
    -------
    str
        Markdown.

    Examples
    --------
    >>> document("transparency").splitlines()[0]
    '# Algorithmic transparency record: where walks are held'
    """
    if name == "transparency":
        return transparency_record(minimum)
    if name == "accessibility":
        return accessibility_statement()
    return {"dpia": prompts.DPIA, "equality": prompts.EQUALITY}[name]


def below(text: str) -> str:
    r"""Give a document for a page that has its heading already: one level of headings lower.

    Examples
    --------
    >>> below("# Title\n\nText\n\n## Part")
    'Text\n\n### Part'
    """
    lines = text.splitlines()[1:]
    return "\n".join(f"#{line}" if line.startswith("##") else line for line in lines).strip()


def write_document(name: DocumentName, path: Path, minimum: int = THRESHOLD) -> None:
    """Write one of the documents to a file, an existing one replaced.

    Raises
    ------
    SaferWalksError
        If the file cannot be written.
    """
    write_bytes(document(name, minimum).encode(), path)


def transparency_record(minimum: int = THRESHOLD) -> str:
    """Write the record after the Algorithmic Transparency Recording Standard (version 3 fields)."""
    parts = [
        "# Algorithmic transparency record: where walks are held",
        "A draft in the fields of the Algorithmic Transparency Recording Standard. Numbers and "
        "lists come from the program (`safer-walks transparency`); the council fills in the rest.",
        _tier_one(), _owner(), _description(), _deciding(), _data(minimum), _risks(),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _fill(what: str) -> str:
    return _TO_FILL.format(what)


def _tier_one() -> str:
    presets = ", ".join(f"*{p.label}*" for p in score.PRESETS.values())
    return f"""## Tier 1: in short

- **Name:** Safer Walks, the list *Where next*.
- **What it does:** it puts places in an order in which they might be looked at when walkabouts
  and women's safety walks are planned. It counts reports of anti-social behaviour and what people
  said on walks, and adds them up with weights that anybody can read and change.
- **How and why it is used:** to turn "location to be confirmed" into a named place with a reason
  that can be said aloud in a public meeting. People choose; the list proposes.
- **Kinds of walk it knows:** {presets}.
- **What it is not:** it predicts nothing, uses no data about single persons, and learns from
  nothing by itself. There is no machine learning in it.
- **Contact:** {_fill("team, address, and how to ask for a decision to be looked at again")}"""


def _owner() -> str:
    roles = ", ".join(label.lower() for label in LABELS.values())
    return f"""## Tier 2.1: owner and responsibility

- **Organisation and team:** {_fill("name of the council and of the team")}
- **Senior responsible owner:** {_fill("post")}
- **Supplier:** none; the program is open source and runs on the council's own machine.
- **Who has access:** {len(LABELS)} roles ({roles}), each with a list of what it may see and do."""


def _description() -> str:
    weights = settings.weights()
    columns = ["label", *(p.label for p in score.PRESETS.values())]
    table = _table(weights[columns].rename(columns={"label": "Part"}))
    return f"""## Tier 2.2: description and rationale

Each part is turned into 0 to 100 by rank among all places. The score is the mean of the parts that
are known, weighted as below. Missing evidence lowers how much is known, never the score.

{table}

- A place is ranked with evidence for at least {score.LEAST_COVERAGE:g} % of the weight.
- From reports alone there is a ranking only if they carry at least
  {score.LEAST_REPORT_WEIGHT:g} % of the weight; it is marked provisional.
- How sure a rank is stands beside it: the middle 90 per cent of ranks of
  {robustness.DRAWS:,} draws of the rates that could lie under the counts.
- **Alternatives considered:** the busiest places by count alone (favours places that report much,
  and last year's places); a model trained on past walks (would learn where walks were held, not
  where they were wanted)."""


def _deciding() -> str:
    return f"""## Tier 2.3: decisions and people

- **What the list decides by itself:** nothing.
- **Who decides:** a manager chooses a place and writes down why; the choice, the rank it had then
  and the reason are kept. A place may be chosen from anywhere in the list, or from outside it.
- **What people see when they decide:** every part of the score, its weight, how sure the rank is,
  how much is known, and what is not.
- **Training:** {_fill("who was shown what, and when")}
- **Appeal:** {_fill("how a resident asks for another place, and who answers")}"""


def _data(minimum: int) -> str:
    rows = pd.DataFrame(
        {
            "Source": list(SOURCES.values()),
            "Published already": ["yes" if s in OPEN_SOURCES else "no" for s in SOURCES],
        }
    )
    used = pd.DataFrame(
        [(part.label, part.evidence) for part in components.COMPONENTS],
        columns=["Part of the score", "Made from"],
    )
    rules, strict = Rules(threshold=minimum), Rules(threshold=THRESHOLDS[1])
    starts = ", ".join(str(b) for b in (rules.threshold, *BANDS))
    return f"""## Tier 2.4: data

{_table(rows)}

{_table(used)}

What is published of sources that are not open:

- counts below {rules.threshold} are masked (a workspace may raise this to {strict.threshold}; a
  lower number later loosens nothing of the months published under a higher);
- further counts are withheld until every masked one could still be at least {rules.need + 1}
  numbers ({strict.need + 1} at a minimum of {strict.threshold}), from all tables of all
  releases together, packs, sheets and maps and tables handed out one by one; which are withheld
  hangs on no count;
- the counts of a quarter are settled when they are first published: later corrections are in no
  public number, so that none is the difference of two;
- a year of which a month is not all stored is not published;
- drafts are for the council only;
- places are wards; no hexagon or point of such a source is published;
- periods are 12 whole months that end with a calendar quarter; all kinds of anti-social behaviour
  together, or one;
- {len(SENSITIVE)} sensitive kinds are published by ward or borough for 12 months only, in bands
  from {starts};
- open and other sources are never added up;
- these columns are in no file: {", ".join(f"`{c}`" for c in sorted(NEVER))}."""


def _risks() -> str:
    return f"""## Tier 2.5: risks and what is done about them

| Risk | What is done |
|---|---|
| Places that report much look worse than places that do not | rates per resident beside counts; \
what people say on walks weighs; the page says what was never reported |
| A few reports move a rank | ranks have ranges; small counts are drawn towards the mean |
| Attention breeds reports, and reports attention | visits are recorded; places not visited for \
long gain; an evaluation compares with places that were not chosen |
| Somebody is recognised | masking, secondary withholding, a register of releases, and a search \
through the bytes of every file, and its name, before it leaves |
| Words harm a place | texts say "where people told us they feel unsafe"; no ward league table |
| The list is taken for the truth | provisional lists say so; evidence that is missing is named |

- **Impact assessments:** data protection ([dpia.md](dpia.md)) and equality
  ([equality.md](equality.md)); {_fill("dates and outcomes")}
- **Reviewed:** {_fill("when, by whom, next review")}"""


def accessibility_statement() -> str:
    """Write the accessibility statement: what is built, measured and known not to work."""
    rows = []
    for theme, palette in PALETTES.items():
        shades = palette.shades
        least = {
            sight: min(difference(a, b, sight) for a, b in pairwise(shades))
            for sight in ("full", "protan", "deutan", "tritan", "none")
        }
        parted = min(
            max(contrast(palette.outline, a), contrast(palette.outline, b), contrast(a, b))
            for a, b in combinations(shades, 2)
        )
        rows.append(
            {
                "Theme": theme,
                "Text on map": f"{contrast(palette.text, palette.land):.1f} : 1",
                "Classes and their outline": f"{parted:.1f} : 1",
                **{_SIGHTS[sight]: f"{value:.0f}" for sight, value in least.items()},
            }
        )
    return f"""# Accessibility

The aim is WCAG 2.2, level AA, for the app and for every file it makes.

{_CONFORMANCE}

## What was measured

Least contrast, and least difference of neighbouring classes of a map (100 times the distance in
OKLab; about 2 can just be seen side by side), for full colour vision and as people without one kind
of cone, or any colour, see it:

{_table(pd.DataFrame(rows))}

The line round certified hot spots differs by at least 15 from every class, from the line round the
chosen place and from the land, with all cones and without any one kind of them; it has a light rim,
and its dashes say what the place has done lately. Every colour that is written anywhere in the
program is listed in a test with what it must do: words stand out from their ground by 4.5 to 1,
signs by 3 to 1.

The browser tests run axe, which must find nothing, on pages of the app and on the files it makes.

## Tell us

{_fill("address and telephone number for reporting a barrier, and the enforcement procedure")}

## When this was prepared

{_fill("date of the statement, and of the last test with people who use assistive technology")}
"""


_SIGHTS = {
    "full": "All colours",
    "protan": "No red cones",
    "deutan": "No green cones",
    "tritan": "No blue cones",
    "none": "No colour",
}

_CONFORMANCE = """## What is done

- Every map and chart has its table beside it, with the same numbers, and a sentence that sums it
  up. Nothing needs a tooltip, a hover or a colour to be understood.
- Classes of a map differ in colour, carry a number, and are outlined; *no data* and *withheld* are
  patterns of their own. Colours are those of the Government Analysis Function, and the contrast
  arithmetic is tested (`analysis.report.palette`).
- Tables are HTML, not Streamlit's grid, which is drawn on a canvas and says nothing to a screen
  reader. Messages say in words what kind they are.
- The pages work at 360 pixels wide and at 200 % zoom, in light and dark, with no icon, font or
  script from outside.
- Pages have one main heading, ordered headings below it, and labels on every control. The main
  tasks are done with the keyboard alone in browser tests.
- An exported map is one HTML file with a language, a title, headings, a legend in words and the
  table inside it; it can be used with the keyboard alone, and opens with no internet.
- A panel pack is a page, a tagged PDF and tables; its figures have a description and a table.

## What is not

- The areas of a map cannot be reached one by one with the keyboard. Beside every map is a list of
  the same places that can, and below it a table.
- Streamlit draws the frame of the pages. What it leaves out is mended in `pages/assets/mend.js` and
  `app.css`: the menu becomes a navigation landmark that says where you are, frames get names, and
  small targets grow. The mending follows Streamlit's own marks and is checked at every upgrade by
  the tests.
- PDF/UA is declared and its structure is tested; no assistive technology was tried on it.
- No audit by people who use assistive technology has been made yet. Until then this page is a
  statement of what was built and tested, not of conformance."""


def _table(frame: pd.DataFrame) -> str:
    rows: list[list[object]] = [list(frame.columns), ["---"] * len(frame.columns)]
    rows += frame.to_numpy().tolist()
    return "\n".join(f"| {' | '.join(_word(v) for v in row)} |" for row in rows)


def _word(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
