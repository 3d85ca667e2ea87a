"""`python -m analysis` does what `safer-walks` does, where scripts are not on the path."""

import sys

from analysis.cli import main

if __name__ == "__main__":
    sys.exit(main())
