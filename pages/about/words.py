"""The words of the Method page; docs/method.md says the same in full."""

COUNTING = """
- **A report is something somebody told the police or the council.** It is not the same as what
  happened: many people never report, and some places are reported more readily than others.
- **Each report counts in one ward, or in none.** A point on the line between wards goes to the
  ward with the lowest code. Reports outside the wards, and reports without a place, are kept and
  counted apart, so that the totals always add up to the rows that came in.
- **Two reports that look the same are two reports.** Police.uk gives a month and a nearby point,
  never a day or an address, so equal rows are common and are never removed.
- **A month that no file covers is missing, never zero.** It is a gap in every chart and "no data"
  in every table.
- **Sources stand side by side and are never added up:** one event may be in several.
- **Hexagons are fixed to the National Grid,** so that two maps, and two boroughs, agree. Only what
  lies inside the wards is counted in them.
"""
CHANGE = """
A period is compared with the same months a year before, never with the month before:

**z = 2 × (√now − √before)**

With chance alone at work, z lies between −3 and 3 nearly always. Only beyond that is a change said
to stand out, and even then it is a reason to look, not a finding.
"""
HOTSPOTS = """
A hexagon is **certified** when it and the hexagons around it hold more reports over twelve months
than the borough's own busy and quiet hexagons would put together if they were shuffled over the
map. The hexagons are shuffled 999 times; the highest score anywhere on each shuffled map guards the
whole map, so that a map without any arrangement shows a certified hexagon at most 5 times in 100.
The usual tables of the normal distribution are not used: on counts like these they certify hot
spots on maps that have none. **New, persistent and fading** compare a certified hexagon's last six
months with the six before, after the borough's own change is taken out.
"""
TRENDS = """
Limits on a chart of months are those between which the series varies by itself, as far as one month
differs from the next (Laney's u' chart). A month is marked beyond three standard deviations, or by
the usual run rules; that is a reason to look, not a finding. From a known break on, limits start
anew. Seasons are taken out only where about three years are stored. Months are never compared with
the month before. Wards are compared by a funnel whose limits allow for their usual spread, in the
order of their names. Days and hours use reports with a time; a report known to lie between two
times is spread evenly between them, and what has no time is counted, not guessed.
"""
SCORE = """
Each part of the score is turned into 0 to 100 by rank among all places (100 is the highest; places
with equal numbers share their rank). The score is the mean of the parts a place has evidence for,
weighted as below:

**score = sum of (weight × part) ÷ sum of the weights that are known**

Evidence that is missing lowers how much is known, never the score, and never counts as zero. While
only reports are known, the walkabout list is marked provisional, and the women's safety walk is not
ranked at all: women's experience is mostly not in reports. "Stays busy" is the share of recent
three-month windows in which a place is among the busiest. "Rising" is the z above, with falls
counted as 0. "Reports received" draws small counts towards the mean of all places (empirical
Bayes), because small counts swing most.

**How sure is a rank?** Counts hold chance, and so do ranks. The rates under the counts are drawn
1,000 times from what the counts leave possible and ranked anew each time: "between 2 and 13" holds
the middle 90 per cent of those ranks. "Rank by other weights" is a different question: what other
reasonable weights would do, with the counts as they are.
"""
NOT_KNOWN = """
- What was never reported, and by whom it was not.
- The hour, from police.uk: nothing here can say what happens after dark until reports with hours,
  or walks after dark, are brought in.
- The exact place, from police.uk: a point stands for what is up to about 200 m around it, and close
  to a boundary the ward is a guess. The share of such reports is shown beside every ward.
- Why a number rose or fell. A campaign, a new way to report, or officers recording what they meet
  raise numbers too.
- What will happen. Nothing here predicts, and no data about persons are used.
"""
