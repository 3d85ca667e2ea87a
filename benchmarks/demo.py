"""How long a first start waits for the demo borough: python benchmarks/demo.py [RUNS].

Each run is a new Python process, as a first start is: imports, inventing 36 months of reports and
storing them all count. The promise is under 5 seconds.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_S = 5.0
ROOT = Path(__file__).resolve().parents[1]
SCRIPT = """
import sys, time
start = time.perf_counter()
from analysis.jobs.demo import make_demo
from geodata import demo
imported = time.perf_counter()
demo.demo()
invented = time.perf_counter()
made = make_demo(sys.argv[1])
done = time.perf_counter()
print(imported - start, invented - imported, done - invented)
"""


def run() -> tuple[float, float, float, float]:
    """Time one first start: whole process, and within it imports, inventing, the whole job."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(Path(folder) / "workspace")],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        whole = time.perf_counter() - begin
    imports, inventing, job = map(float, done.stdout.split())
    return whole - inventing, imports, inventing, job


def main() -> int:
    """Print a table; leave with 1 if the median is over the limit."""
    runs = [run() for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 3)]
    for name, seconds in zip(
        ("whole process", "imports", "inventing", "the job (inventing and storing)"),
        zip(*runs, strict=True),
        strict=True,
    ):
        print(f"{name:32} median {statistics.median(seconds):5.2f} s, worst {max(seconds):5.2f} s")
    median = statistics.median(whole for whole, *_ in runs)
    print("within" if median < LIMIT_S else "OVER", f"the {LIMIT_S:g} s promised")
    return 0 if median < LIMIT_S else 1


if __name__ == "__main__":
    raise SystemExit(main())
