"""How right the measurements are: ``python -m benchmarks.accuracy FOLDER … [--only beats] [--no-peers]``.

Each folder holds WFDB records of one database, or files of carts with their own numbers. Exit status 1 if a
target is missed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.accuracy import af, beats, carts, kinds, waves
from benchmarks.accuracy.rows import print_rows

#: What is scored, by name: each takes the folder and whether peers are wanted, and gives rows (none where
#: the folder has no experts' marks of its kind).
SCORERS = {
    "beats": beats.score,
    "ventricular": kinds.score,
    "waves": waves.score,
    "fibrillation": af.accuracy_rows,
    "carts": carts.score,
}


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--only", choices=SCORERS, action="append", help="may be given several times")
    parser.add_argument("--no-peers", action="store_true", help="ours alone, which is much quicker")
    parser.add_argument(
        "--records", action="store_true", help="each record's beats missed and false, or numbers, too"
    )
    chosen = parser.parse_args()
    beats.print_records = kinds.print_records = carts.print_records = chosen.records
    rows = [
        row
        for folder in chosen.folder
        for name in chosen.only or SCORERS
        for row in SCORERS[name](folder, not chosen.no_peers)
    ]
    print_rows(rows)
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
