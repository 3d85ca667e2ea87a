"""The words of the Method page on what is published, and on being held to account."""

PUBLISHED = """
- **Police reports are open data** and are shown as they are. A fault, such as a light that is
  out, is shown however few told us of it.
- **All other numbers are about people.** Small ones are masked, and others with them, so that no
  masked number can be worked out from everything that was published, now or before. Reports that
  are not open data are counted by ward, over 12 months that end with a calendar quarter.
- **What was published is written down,** packs as well as single maps and tables, and every file is
  searched for e-mail addresses, telephone numbers, references, names and the points of persons
  before it leaves.
- Nothing of a Walk and Talk is published, nor the exact route or time of a women-only walk, nor
  anybody's words without their consent.
- Words matter: we write of a place where people told us they feel unsafe. Wards stand in the order
  of their names.
"""
HELD_TO_ACCOUNT = """
What the program does, in the forms that councils use. What only the council knows stands in square
brackets. The method in full lies in the program's folder `docs`.
"""
