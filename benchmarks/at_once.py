"""Several at once: four processes that add to one ledger, two runs of one report and a reader; part of durability."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pandas as pd

from benchmarks.durability import WHO, file_of, files_in, toy_notebook
from estimation.errors import EstimationError
from estimation.ledger.ledger import open_ledger
from estimation.publishing.results import load_results
from estimation.publishing.runner import run_notebook

DONE, BUSY, REFUSED = 0, 4, 5


def add_at_once(url: str, rounds: int) -> dict[str, int]:
    """Let four processes add at once: the same file twice, one of its own, and one that contradicts the ledger.

    Parameters
    ----------
    url : str
        Address of an empty ledger.
    rounds : int

    Returns
    -------
    dict with ``n_rounds``, ``n_added`` (files), ``n_refused``, ``n_twice`` (rows that are there twice), ``n_half``
        and ``n_wrong`` (files that are missing, or there although they were refused)
    """
    ledger = open_ledger(url, create=True)
    ledger.add(file_of("first"), file="first", file_hash="0" * 64, **WHO)
    wanted = {"first"}
    n_refused = n_wrong = 0
    for number in range(rounds):
        same, own, wrong = (f"{number}-{name}" for name in ("same", "own", "wrong"))
        contradiction = file_of("first").head(1).assign(baseline_finish=pd.Timestamp("2026-02-02"))
        contradiction["baseline_finish"] = contradiction["baseline_finish"].astype("datetime64[s]")
        tables = {
            same: file_of(same),
            own: file_of(own),
            wrong: pd.concat([file_of(wrong), contradiction], ignore_index=True),
        }

        def add(name: str, tables: dict = tables) -> None:
            opened = open_ledger(url)
            opened.add(tables[name], file=name, file_hash="0" * 64, **WHO)

        codes = _at_once(*(lambda name=name: add(name) for name in (same, own, wrong, same)))
        n_refused += codes.count(REFUSED)
        n_wrong += codes != [DONE, DONE, REFUSED, DONE]
        wanted |= {same, own}
    kept, n_half = files_in(ledger)
    table = ledger.baselines()
    return {
        "n_rounds": rounds,
        "n_added": len(kept),
        "n_refused": n_refused,
        "n_twice": int(table.duplicated(["project", "milestone"]).sum()),
        "n_half": n_half,
        "n_wrong": n_wrong + len(kept ^ wanted) + (ledger.head().number != len(wanted)),
    }


def report_at_once(folder: Path, rounds: int) -> dict[str, int]:
    """Let two processes make the same report at once, and read it all the while.

    Returns
    -------
    dict with ``n_rounds``, ``n_won``, ``n_busy``, ``n_read`` and ``n_broken`` (readings of half a file or of two runs)
    """
    notebooks, out = toy_notebook(folder), folder / "out"
    run_notebook("toy", {"n": 0}, output_dir=out, notebooks=notebooks)
    counts = dict.fromkeys(("n_rounds", "n_won", "n_busy", "n_read", "n_broken"), 0)
    for number in range(1, rounds + 1):

        def make(number: int = number) -> None:
            run_notebook("toy", {"n": number}, output_dir=out, notebooks=notebooks)

        children = [_forked(make) for _ in range(2)]
        codes: list[int] = []
        while len(codes) < len(children):
            page = (out / "report.html").read_text(encoding="utf-8")
            results = load_results(out)
            numbers = {results.headline["n"], *results.tables["first"]["n"], *results.tables["second"]["n"]}
            shown = any(f">{n}</pre>" in page for n in (number - 1, number))
            whole = page.rstrip().endswith("</html>") and shown and numbers in ({number - 1}, {number})
            counts["n_read"] += 1
            counts["n_broken"] += not whole
            for child in children:
                with suppress(ChildProcessError):  # it has been waited for
                    ended, status = os.waitpid(child, os.WNOHANG)
                    codes += [os.waitstatus_to_exitcode(status)] if ended else []
            time.sleep(0.01)
        counts["n_rounds"] += 1
        counts["n_won"] += codes.count(DONE)
        counts["n_busy"] += codes.count(BUSY)
    return counts


def _at_once(*works: Callable[[], None]) -> list[int]:
    """Do several works in processes of their own; give their exit codes."""
    children = [_forked(work) for work in works]
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def _forked(work: Callable[[], None]) -> int:
    """Start a work in a process of its own, which ends with the exit code that the command would have."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = DONE
        except EstimationError as error:
            code = error.exit_code
        finally:
            os._exit(code)
    return child
