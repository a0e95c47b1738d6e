"""Everything that the product promises of its speed, measured in one run: ``python -m benchmarks [--short]``.

Exit status 1 if a target is missed. The short form shows that all of it runs; its figures are
too few to judge.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks import (
    dashboard,
    long_recordings,
    many_files,
    measuring,
    memory,
    paint,
    printing,
    service,
    viewer,
    zero_crossings,
)
from benchmarks.rows import print_table

PARTS = {
    "service": service.measure,
    "zero_crossings": zero_crossings.measure,
    "memory": memory.measure,
    "dashboard": dashboard.measure,
    "paint": paint.measure,
    "viewer": viewer.measure,
    "printing": printing.measure,
    "long_recordings": long_recordings.measure,
    "many_files": many_files.measure,
    "measuring": measuring.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true", help="few repetitions")
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; may be given several times")
    chosen = parser.parse_args()
    rows = [row for name in chosen.only or PARTS for row in PARTS[name](chosen.short)]
    print_table(rows)
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
