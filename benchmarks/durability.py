"""Kill -9 at random moments: what a ledger has acknowledged must be there, and a report must be whole.

    python -m benchmarks.durability --runs 200 --postgres [--write]

``--postgres`` starts a server of its own, as the tests do. The two timings can be taken again on a quiet machine:
``--only million_rows --write``, ``--only read_back --write``.

Children are forked from this process, so that a run is killed at its work and not while it imports. ``--write`` puts
the figures into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from itertools import count
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import sqlalchemy as sa
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from benchmarks.machine import peak_mebibytes
from benchmarks.page import PAGE, fill_markers, markdown
from estimation.ingest.sources import read_history
from estimation.ledger.ledger import Ledger, open_ledger
from estimation.publishing.results import load_results
from estimation.publishing.runner import run_notebook
from estimation.tables import HISTORY, file_hash, keep_contract

MILESTONES = 30
WHO = {"made_by": "benchmark", "made_at": dt.datetime(2026, 11, 24)}
TIMINGS = {
    "million_rows": "a million rows from CSV into SQLite",
    "read_back": "10,000 projects read back",
}
CELLS = (
    'n = 0\noutput_dir: "Path" = ""',
    "import pandas as pd\nfrom estimation import save_results\ntable = pd.DataFrame({'n': [n] * 5000})",
    'save_results(output_dir, inputs={"n": n}, headline={"n": n}, tables={"first": table, "second": table})\nprint(n)',
)


def kill_ingests(url: str, runs: int, seed: int) -> dict[str, int]:
    """Kill a process that adds file after file; count what was acknowledged, lost, or kept by half.

    Parameters
    ----------
    url : str
        Address of an empty ledger.
    runs : int
        Each is killed within the time that about four files take.
    seed : int

    Returns
    -------
    dict with ``n_killed``, ``n_acknowledged``, ``n_lost``, ``n_half`` and ``n_kept``
    """
    moments = random.Random(seed)
    ledger = open_ledger(url, create=True)
    begun = time.monotonic()
    for name in ("first", "second"):
        ledger.add(file_of(name), file=name, file_hash="0" * 64, **WHO)
    longest = 2 * (time.monotonic() - begun)
    acknowledged = {"first", "second"}
    killed = 0
    for run in range(runs):
        heard, said = os.pipe()

        def add_files(run: int = run, said: int = said) -> None:
            os.write(said, b"first\n")
            for number in range(10_000):
                name = f"{run}-{number}"
                ledger.add(file_of(name), file=name, file_hash="0" * 64, **WHO)
                os.write(said, f"{name}\n".encode())

        killed += _killed(add_files, moments.uniform(0, longest), heard)
        os.close(said)
        with os.fdopen(heard) as words:
            acknowledged |= {line.strip() for line in words}
    kept, half = files_in(ledger)
    return {
        "n_killed": killed,
        "n_acknowledged": len(acknowledged),
        "n_lost": len(acknowledged - kept),
        "n_half": half,
        "n_kept": len(kept),
    }


def file_of(name: str) -> pd.DataFrame:
    """Make a project of its own per file, each milestone with a baseline and a status."""
    days = pd.bdate_range("2026-01-05", periods=MILESTONES).as_unit("s")
    rows = {
        "project": name,
        "milestone": [f"{n}" for n in range(MILESTONES)],
        "phase": "work",
        "baseline_finish": days,
        "actual_finish": days + pd.Timedelta(days=3),
        "source": [f"{name}, row {n + 2}" for n in range(MILESTONES)],
    }
    return keep_contract(pd.DataFrame(rows), HISTORY)


def files_in(ledger: Ledger) -> tuple[set[str], int]:
    """Name the files that are there, and how many of them are there by half."""
    tables = ("milestones", "import_rows", "descriptions", "baselines", "status_updates")
    with ledger._database.reading() as connection:
        files = dict(connection.execute(sa.text("SELECT entry, file FROM imports")).all())
        counts = [
            dict(connection.execute(sa.text(f"SELECT entry, count(*) FROM {table} GROUP BY entry")).all())
            for table in tables
        ]
        sealed = set(connection.execute(sa.text("SELECT entry FROM seals")).scalars())
        numbers = set(connection.execute(sa.text("SELECT number FROM entries")).scalars())
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    every = numbers | set(files) | set().union(*counts)
    whole = {
        entry
        for entry in every
        if entry in files and entry in sealed and all(count.get(entry) == MILESTONES for count in counts)
    }
    return {files[entry] for entry in whole}, len(every - whole)


def kill_reports(folder: Path, runs: int, seed: int) -> dict[str, int]:
    """Kill a process that makes a report; look whether the report there is the last one or a new one, whole.

    Returns
    -------
    dict with ``n_killed``, ``n_finished``, ``n_new`` (of the killed ones) and ``n_broken``
    """
    moments = random.Random(seed)
    notebooks, out = toy_notebook(folder), folder / "out"
    begun = time.monotonic()
    run_notebook("toy", {"n": 0}, output_dir=out, notebooks=notebooks)
    longest = 1.15 * (time.monotonic() - begun)
    good, counts = 0, {"n_killed": 0, "n_finished": 0, "n_new": 0, "n_broken": 0}
    run = 0
    while counts["n_killed"] < runs:
        run += 1

        def make(run: int = run) -> None:
            run_notebook("toy", {"n": run}, output_dir=out, notebooks=notebooks)

        was_killed = _killed(make, moments.uniform(0, longest))
        counts["n_killed" if was_killed else "n_finished"] += 1
        page = (out / "report.html").read_text(encoding="utf-8")  # what a person sees at once
        results = load_results(out)  # and what a program reads
        numbers = {int(results.headline["n"]), *results.tables["first"]["n"], *results.tables["second"]["n"]}
        page_after = (out / "report.html").read_text(encoding="utf-8")
        shown = {n for n in (good, run) if f">{n}</pre>" in page_after}
        whole = page.rstrip().endswith("</html>") and page_after.rstrip().endswith("</html>")
        if (
            not whole
            or numbers not in ({good}, {run})
            or shown != numbers
            or (not was_killed and numbers != {run})
        ):
            counts["n_broken"] += 1
        counts["n_new"] += was_killed and numbers == {run}
        good = int(results.headline["n"])
    return counts


def toy_notebook(folder: Path) -> Path:
    """Write a small notebook with results and give the folder that it is in."""
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    cells = [new_markdown_cell("# Toy\n\nIs it whole?")]
    cells += [new_code_cell(CELLS[0], metadata={"tags": ["parameters"]}), *map(new_code_cell, CELLS[1:])]
    nbformat.write(new_notebook(cells=cells), notebooks / "07_toy_run.ipynb")
    return notebooks


def _killed(work: Callable[[], None], after: float, begins: int | None = None) -> bool:
    """Do some work in a process of its own and kill it after a while; say whether it was still at work.

    With ``begins`` the while is counted from the first word that the process writes there.
    """
    child = os.fork()
    if child == 0:
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if begins is not None:
        os.read(begins, len(b"first\n"))
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def million_rows(folder: Path) -> dict[str, float]:
    """Read a million rows from CSV into SQLite, in this process."""
    file = folder / "million.csv"
    _portfolio(50_000, 20).to_csv(file, index=False)
    begun = time.monotonic()
    history = read_history(file)
    read = time.monotonic()
    ledger = open_ledger(f"sqlite:///{folder}/million.db", create=True)
    added = ledger.add(history, file=file.name, file_hash=file_hash(file), **WHO)
    return {
        "n_rows": added.n_new,
        "seconds": round(time.monotonic() - begun, 1),
        "seconds_reading": round(read - begun, 1),
        "cpu_seconds": round(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]), 1),
        "peak_mib": round(peak_mebibytes()),
    }


def read_back(folder: Path) -> dict[str, float]:
    """Read a history of ten thousand projects back from SQLite."""
    ledger = open_ledger(f"sqlite:///{folder}/portfolio.db", create=True)
    table = _portfolio(10_000, 19)
    for name in table.columns:
        if name.endswith(("_start", "_finish")):
            table[name] = table[name].astype("datetime64[s]")
    ledger.add(keep_contract(table, HISTORY), file="portfolio.csv", file_hash="0" * 64, **WHO)
    ledger.history()
    begun, used = time.monotonic(), time.process_time()
    n_rows = len(ledger.history())
    return {
        "n_rows": n_rows,
        "seconds": round(time.monotonic() - begun, 2),
        "cpu_seconds": round(time.process_time() - used, 2),
    }


def _portfolio(projects: int, milestones: int) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    n = projects * milestones
    project, place = np.arange(n) // milestones, np.arange(n) % milestones
    start = np.datetime64("2015-01-05") + rng.integers(0, 3000, projects)[project]
    planned = np.busday_offset(start, 5 * place, roll="forward")
    real = np.busday_offset(start, 6 * place, roll="forward")
    days = np.maximum(1, np.round(5 * rng.lognormal(0.2, 0.4, n))).astype(int)
    phases = np.array(["discovery", "data_preparation", "model_development", "deployment", "validation"])
    return pd.DataFrame(
        {
            "project": [f"project-{one:05d}" for one in project],
            "milestone": [f"{one // 4 + 1}.{one % 4 + 1}" for one in place],
            "phase": phases[place * 5 // milestones],
            "client": [f"Client {one % 40}" for one in project],
            "project_start": start,
            "baseline_start": planned,
            "baseline_finish": np.busday_offset(planned, 4),
            "actual_start": real,
            "actual_finish": np.busday_offset(real, days - 1),
            "closed_as": "delivered",
        }
    )


def _measured(name: str) -> dict[str, float]:
    """Take one measurement in a fresh process, whose memory is its own."""
    words = [sys.executable, "-m", "benchmarks.durability", "--only", name]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _rounds(folder: Path, runs: int, seed: int, postgres: bool) -> dict[str, dict]:
    """Kill, and let several work at once; on each database."""
    from benchmarks.at_once import add_at_once, report_at_once

    rows: dict[str, dict] = {}

    def on(name: str, new_url: Callable[[], str]) -> None:
        rows[f"ingest into {name}, killed"] = kill_ingests(new_url(), runs, seed)
        rows[f"four processes adding to {name} at once"] = add_at_once(new_url(), runs // 4)

    places = (f"sqlite:///{folder}/ledger{n}.db" for n in count())
    on("SQLite", lambda: next(places))
    if postgres:
        sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
        import postgres_server

        if reason := postgres_server.why_not():
            sys.exit(reason)
        with postgres_server.server() as server:
            on("PostgreSQL", lambda: postgres_server.new_database(server.address))
    for name, measure in (
        ("report, killed", kill_reports),
        ("a report run twice at once, read meanwhile", None),
    ):
        place = folder / name
        place.mkdir()
        rows[name] = measure(place, runs, seed) if measure else report_at_once(place, runs // 10)
    return rows


def _shown(figures: dict[str, float]) -> str:
    return ", ".join(f"{key} {value}" for key, value in figures.items())


def _write_again(what: str, figures: dict[str, float]) -> None:
    """Replace one row of the table on the page."""
    print(_shown(figures))
    page = PAGE.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(n for n, line in enumerate(page) if line.startswith(f"| {what} |"))
    page[place] = f"| {what} | {_shown(figures)} |\n"
    PAGE.write_text("".join(page), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument(
        "--postgres", action="store_true", help="the same on a PostgreSQL server that is started"
    )
    parser.add_argument("--only", choices=list(TIMINGS))
    parser.add_argument("--write", action="store_true")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if told.only and told.write:
            _write_again(TIMINGS[told.only], _measured(told.only))
            return
        if told.only:
            print(json.dumps({"million_rows": million_rows, "read_back": read_back}[told.only](Path(name))))
            return
        rows = _rounds(Path(name), told.runs, told.seed, told.postgres)
    rows |= {what: _measured(name) for name, what in TIMINGS.items()}
    table = markdown(pd.DataFrame({"what": list(rows), "measured": list(map(_shown, rows.values()))}))
    print(table)
    if told.write:
        PAGE.write_text(
            fill_markers(PAGE.read_text(encoding="utf-8"), {"durability": table}), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
