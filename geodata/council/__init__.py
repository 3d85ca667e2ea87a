"""Council files: any table in, every row accounted for, nobody's name let in."""

from geodata.council.columns import Guess, guess_columns
from geodata.council.profiles import Profile, guess_profile
from geodata.council.reader import CouncilFile, open_council, preview, read_all, read_council
from geodata.council.table import Table
from geodata.council.tables import open_table

__all__ = [
    "CouncilFile",
    "Guess",
    "Profile",
    "Table",
    "guess_columns",
    "guess_profile",
    "open_council",
    "open_table",
    "preview",
    "read_all",
    "read_council",
]
