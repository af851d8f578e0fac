"""Where a running project stands: the laws, and a recursion written apart, on random running projects.

Plans of three to ten milestones with all kinds of links, half days, teams, dates from outside; begun early, late and
out of sequence, cut, revived, reopened, corrected, added; with starts, with shares of the work only, with neither. The
projects and the laws are those of the tests.

    python -m benchmarks.standing_laws 2000
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from random_standings import SEED, random_projects
from standing_laws import LAWS

CHUNK = 25


def chunk_breaches(first: int, last: int) -> dict[str, list[str]]:
    """What some of the projects break, by law."""
    projects = list(islice(random_projects(last), first, last))
    return {
        law.__name__: [
            f"project {first + k} of seed {SEED}: {each}"
            for k, project in enumerate(projects)
            for each in law(project, np.random.default_rng([SEED, first + k]))
        ]
        for law in LAWS
    }


def main(n: int) -> None:
    """Check ``n`` projects in two processes and print what is broken."""
    begun, found = time.perf_counter(), {law.__name__: [] for law in LAWS}
    firsts = range(0, n, CHUNK)
    with ProcessPoolExecutor(2) as pool:
        lasts = [min(first + CHUNK, n) for first in firsts]
        for done, part in enumerate(pool.map(chunk_breaches, firsts, lasts), start=1):
            for law, breaches in part.items():
                found[law] += breaches
                print(
                    *(f"{law}: {each}" for each in breaches),
                    sep="\n",
                    end="\n" * bool(breaches),
                    file=sys.stderr,
                )
            n_found = sum(map(len, found.values()))
            print(
                f"{lasts[done - 1]} projects, {n_found} breaches, {time.perf_counter() - begun:.0f} s",
                file=sys.stderr,
            )
    for law, breaches in found.items():
        print(f"{law}: {len(breaches)} breaches", *breaches[:20], sep="\n    ")
    print(f"{n} random running projects, seed {SEED}: {sum(map(len, found.values()))} breaches")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
