"""`make bench`: measures, prints the figures as a table, and writes them as JSON."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure, table
from benchmarks.rows import creating, crowd, exporting, opening, painting, starting
from benchmarks.stage import SIZES, Stage, stage

ROWS: dict[str, Callable[[Stage], Iterator[Figure]]] = {
    "start": starting.measure,
    "open": opening.measure,
    "create": creating.measure,
    "crowd": crowd.measure,
    "export": exporting.measure,
    "browser": painting.measure,
}


def main() -> int:
    """Measures what is asked for. Returns the exit status, which tells nothing of the figures."""
    options = _options()
    began = time.perf_counter()
    figures: list[Figure] = []
    with stage(quick=options.quick, sizes=SIZES) as built:
        for name in options.only:
            for figure in ROWS[name](built):
                figures.append(figure)
                print(" · ".join(filter(None, figure.cells())), file=sys.stderr, flush=True)
    print(table(figures))
    print(f"\nMeasured in {time.perf_counter() - began:.0f} s.", file=sys.stderr)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(
            json.dumps([figure.as_json() for figure in figures], indent=1) + "\n", "utf-8"
        )
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=_names, default=list(ROWS), help=f"some of: {','.join(ROWS)}")
    parser.add_argument(
        "--quick", action="store_true", help="fewer rounds: for working on it, not for quoting"
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    return parser.parse_args()


def _names(value: str) -> list[str]:
    names = value.split(",")
    if unknown := [name for name in names if name not in ROWS]:
        raise argparse.ArgumentTypeError(f"there is no {unknown[0]}")
    return names


if __name__ == "__main__":
    sys.exit(main())
