"""Council files for the tests of pages: an invented case system's export, month by month."""

from __future__ import annotations

HEADER = "Ref,Incident date,Complainant name,Type,Easting,Northing"

Upload = tuple[str, bytes, str]


def council_file(month: int = 4, *, header: str = HEADER, name: str = "") -> Upload:
    """Eight rows of one month: six usable (four in West, one in East, one without a place).

    One date is no date, and one row repeats another's reference. "Gong farming" is on no list.
    """
    rows = {
        "Ref": ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A1"],
        "Incident date": [
            *(f"0{day}/0{month}/2026 21:15" for day in (3, 4, 5, 6, 7, 8)),
            f"31/0{month}/2026x", f"09/0{month}/2026",
        ],
        "Complainant name": ["Ann Example", "Bob Example", "Cat Example", "Dan Example",
                             "Eve Example", "Fay Example", "Guy Example", "Ann Example"],
        "Type": ["Noise", "Noise", "Gong farming", "Begging", "Noise", "Noise", "Noise", "Noise"],
        "Easting": ["530500", "530510", "530520", "530530", "531500", "", "530500", "530500"],
        "Northing": ["180500", "180500", "180500", "180500", "180500", "", "180500", "180500"],
        "Batch": ["7"] * 8,
    }  # fmt: skip
    rows["Ref"] = [f"{month}{ref}" for ref in rows["Ref"]]
    names = header.split(",")
    lines = [header, *(",".join(rows[n][i] for n in names) for i in range(8))]
    return (name or f"asb-0{month}.csv", ("\n".join(lines) + "\n").encode(), "text/csv")
