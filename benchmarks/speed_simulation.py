"""How fast the simulation is, beside three public packages and beside the bare cost of its random numbers.

``python -m benchmarks.speed_simulation`` (under ten minutes; ``--quick`` under one); ``--write`` puts the tables into
``docs/benchmarks.md``. The peers are optional: ``pip install -e '.[bench]'`` brings pmcontrols and trueppm-scheduler,
``--set-up-mcprojsim`` makes an environment for mcprojsim. What is not installed is left out and said to be.

Everyone plays the same seeded network through, with the same number of iterations, in turn, in the same run. A ratio is
the median of the ratios of the rounds, so that a machine that slows down slows both sides. Seconds are those of the
processor, on one core. The plan is made outside the clock. Peak memory comes from a process per measurement. A run that
would pass ``--limit`` seconds or ``--memory`` GiB, judged by a smaller run, is skipped and says so.

What each gives (all run finish-to-start links without lag; durations differ, each has its own distribution):

- ours: dates and starts and finishes of every milestone, criticality; overruns learned from history, with a project
  effect that all milestones share, so that its forecast is several times as wide;
- trueppm-scheduler: P50, P80, P95 dates and the sorted finish dates of the project, correlation of the duration of 20
  tasks with the finish; no criticality, no dates of single tasks; PERT betas, independent;
- pmcontrols: P50, P80, P95 of the finish in days (no dates), criticality; PERT betas, independent;
- mcprojsim: percentiles, dates, criticality, slack, durations of every task, the most frequent critical paths;
  triangular, independent (it knows risks and resources, too; not used here); a Python loop over the iterations.

Everyone else's low, likely and high days are the P5, P50 and P95 of our model for the same activity.

Floors, timed in the same rounds: (1) one normal and one exponential per activity and iteration; (2) the model's own
variates (``benchmarks.floors``).
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
import pandas as pd

from benchmarks.floors import draw_normals_and_exponentials, draw_variates
from benchmarks.machine import peak_mebibytes, timed
from benchmarks.networks import Network, chain, layered, plan_of
from benchmarks.page import PAGE, fill_markers, markdown
from benchmarks.same_error import same_error_table
from benchmarks.simulators import (
    MCPROJSIM,
    OURS,
    PMCONTROLS,
    TRUEPPM,
    McprojsimWorker,
    installed,
    mcprojsim_python,
    ours,
    parts_of_ours,
    set_up_mcprojsim,
)
from estimation import OverrunModel, load_model

MODEL = PAGE.parent.parent / "data" / "example" / "model.json"
SEED = 20260302
FLOORS = ("floor 1", "floor 2")
FASTER = {TRUEPPM: 4, PMCONTROLS: 3, MCPROJSIM: 150}
"""How many times faster than each peer we want to be."""
WITHIN = {"forward pass with criticality": 1.6, "everything": 2.2}
"""How many times the second floor each may take."""
EXPONENT, SHARE_OF_TIME = 1.05, 0.1
ABSOLUTE = ((500, 0.3, None), (10_000, 3.0, 700))
"""Activities, and what 10,000 iterations of them may take: seconds and MiB."""
HEADLINE = 500
PROBE = 100


@dataclass(frozen=True)
class Size:
    """How much to measure; one for the whole run, one for a quick look.

    Parameters
    ----------
    layers : tuple of int
        Activities of the layered networks, beside the chain of 20.
    iterations : tuple of int
    cell_seconds : float
        What the rounds of one network and number of iterations may take together, three rounds at least.
    growth : tuple of int
        Activities over which the growth of our time is fitted.
    seeds : int
        Repetitions behind a standard error.
    limit : float
        Seconds that one run may take.
    """

    layers: tuple[int, ...]
    iterations: tuple[int, ...]
    cell_seconds: float
    growth: tuple[int, ...]
    seeds: int
    limit: float


WHOLE = Size((200, 500, 2000), (1000, 10_000, 100_000), 12, (20, 100, 500, 2000, 10_000), 50, 10)
QUICK = Size((500,), (1000, 10_000), 1, (20, 100, 500), 6, 2)


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    if options.set_up_mcprojsim:
        set_up_mcprojsim()
    size = QUICK if options.quick else WHOLE
    model = load_model(MODEL)
    absent = [name for name in FASTER if name not in installed()]
    memory = memory_table(size)
    cells = measured_cells(model, size, memory, options.limit or size.limit, options.memory)
    growth, exponent = growth_table(model, size, memory)
    same = same_error_table(model, layered(HEADLINE, SEED, scale=4), size.seeds, SEED)
    tables = {
        "Wanted": verdicts(cells, growth, exponent, same),
        "Nanoseconds per activity and iteration, for the others after their time in multiples of ours": cell_table(
            cells
        ),
        "Peak memory": memory.round({"seconds": 2}).astype({"peak MiB": int, "before the run": int}),
        "Our time by size, 10,000 iterations": growth.round({"seconds": 4, "ns": 1}),
        "Same standard error of P80": same,
    }
    text = "\n\n".join(f"{title}:\n\n{markdown(table)}" for title, table in tables.items() if len(table))
    if absent:
        text = f"Not installed, so left out: {', '.join(absent)}.\n\n{text}"
    print(text)
    if options.write:
        page = fill_markers(PAGE.read_text(encoding="utf-8"), {"simulation-speed": text})
        PAGE.write_text(page, encoding="utf-8")


def networks(size: Size) -> list[Network]:
    return [chain(20, SEED), *(layered(n, SEED) for n in size.layers)]


def memory_table(size: Size) -> pd.DataFrame:
    """Run everyone once in a process of its own; one row per simulator and network, all at 10,000 iterations."""
    wanted = [(name, HEADLINE) for name in installed()] + [(OURS, n) for n in size.growth if n > HEADLINE]
    rows = []
    for name, n in wanted:
        iterations = 10_000 if name != MCPROJSIM else 300
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            seconds, before, peak = alone.submit(run_alone, name, n, iterations).result()
        _say(f"{name}, {n} x {iterations}: {seconds:.2f} s, {peak:.0f} MiB")
        rows.append((name, n, iterations, seconds, before, peak))
    columns = ["simulator", "activities", "iterations", "seconds", "before the run", "peak MiB"]
    return pd.DataFrame(rows, columns=columns)


def run_alone(name: str, n: int, iterations: int) -> tuple[float, float, float]:
    """Play one layered network through: seconds, MiB before, MiB at the peak."""
    model, network = load_model(MODEL), layered(n, SEED)
    if name == MCPROJSIM:
        worker = McprojsimWorker(network, model, mcprojsim_python())
        answer = worker.answer(iterations, SEED)
        worker.close()
        return answer["seconds"], answer["before"], answer["peak"]
    run = installed()[name](network, model)
    before = peak_mebibytes()
    return run(iterations, SEED).seconds, before, peak_mebibytes()


def measured_cells(
    model: OverrunModel, size: Size, memory: pd.DataFrame, limit: float, gibibytes: float
) -> pd.DataFrame:
    """Time everyone on every network; one row per network, iterations, simulator and round, or a reason to skip."""
    held = memory[memory["activities"] == HEADLINE].set_index("simulator")
    grows = (held["peak MiB"] - held["before the run"]) / (held["activities"] * held["iterations"])
    rows = []
    for network in networks(size):
        runs = {name: make(network, model) for name, make in installed().items()}
        clocks = {
            **{name: _clock(run) for name, run in runs.items()},
            FLOORS[0]: _floor(partial(draw_normals_and_exponentials, len(network))),
            FLOORS[1]: _floor(partial(draw_variates, model, len(network))),
        }
        last = {name: (PROBE, clock(PROBE, SEED)) for name, clock in clocks.items()}  # warms up, too
        for iterations in size.iterations:
            expected = {name: seconds * iterations / k for name, (k, seconds) in last.items()}
            needs = {name: grows.get(name, 0.0) * len(network) * iterations / 1024 for name in clocks}
            why = {name: _reason(expected[name], needs[name], limit, gibibytes) for name in clocks}
            stays = [name for name in clocks if not why[name]]
            rounds = _rounds(sum(expected[name] for name in stays), size.cell_seconds)
            cell = {"network": network.name, "activities": len(network), "iterations": iterations}
            for number in range(rounds):
                for name in stays if number % 2 else stays[::-1]:
                    seconds = clocks[name](iterations, SEED + number)
                    last[name] = (iterations, seconds)
                    rows.append({**cell, "simulator": name, "round": number, "seconds": seconds, "why": ""})
            skipped = {"round": -1, "seconds": np.nan}
            rows += [{**cell, "simulator": name, **skipped, "why": why[name]} for name in clocks if why[name]]
            _say(f"{network.name} x {iterations}: {', '.join(stays) or 'nobody'}, {rounds} rounds")
        if MCPROJSIM in runs:
            runs[MCPROJSIM].close()
    return pd.DataFrame(rows)


def _clock(run):
    return lambda iterations, seed: run(iterations, seed).seconds


def _floor(draw):
    return lambda iterations, seed: timed(lambda: draw(iterations, seed))[0]


def _reason(seconds: float, gibibytes: float, limit: float, most: float) -> str:
    if seconds > limit:
        return f"skipped, would take {seconds / 60:.1f} min"
    return f"skipped, would take {gibibytes:.1f} GiB" if gibibytes > most else ""


def _rounds(seconds: float, budget: float, least: int = 3) -> int:
    return int(np.clip(budget / max(seconds, 1e-9), least, 9))


def ratios_to_ours(cells: pd.DataFrame) -> pd.DataFrame:
    """Median over rounds of a simulator's seconds by ours; one row per network, iterations and simulator."""
    key = ["network", "iterations", "round"]
    timed_rows = cells[cells["why"] == ""]
    own = timed_rows.loc[timed_rows["simulator"] == OURS, [*key, "seconds"]].rename(
        columns={"seconds": "own"}
    )
    joined = timed_rows.merge(own, on=key, validate="m:1")
    joined = joined.assign(ratio=joined["seconds"] / joined["own"])
    return joined.groupby(["network", "iterations", "simulator"], sort=False)["ratio"].median().reset_index()


def cell_table(cells: pd.DataFrame) -> pd.DataFrame:
    """One row per network and iterations: our ns, and what each other takes in ns and as a multiple of ours."""
    ratio = ratios_to_ours(cells).set_index(["network", "iterations", "simulator"])["ratio"]
    table = []
    for (network, n, iterations), rows in cells.groupby(["network", "activities", "iterations"], sort=False):
        line = {"network": network, "iterations": f"{iterations:,}"}
        for name, of_it in rows.groupby("simulator", sort=False):
            nanoseconds = f"{of_it['seconds'].median() / n / iterations * 1e9:.0f} ns"
            beside = ratio.get((network, iterations, name))
            times = "" if name == OURS or beside is None else f"{beside:.2f}: "
            line[name] = of_it["why"].iloc[0] or times + nanoseconds
        table.append(line)
    first = ["network", "iterations", *(name for name in (OURS, *FASTER, *FLOORS) if name in table[0])]
    return pd.DataFrame(table)[first]


def growth_table(model: OverrunModel, size: Size, memory: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Time us at 10,000 iterations by size, with parts, floor and memory; and the exponent of the growth."""
    rows = []
    for n in size.growth:
        network = layered(n, SEED)
        run, plan = ours(network, model), plan_of(network, model)
        run(PROBE, SEED)
        rounds = _rounds(n * 1e4 * 3e-7, size.cell_seconds, 2)
        whole, floor, parts = [], [], []
        for number in range(rounds):
            floor.append(timed(lambda n=n, k=number: draw_variates(model, n, 10_000, SEED + k))[0])
            whole.append(run(10_000, SEED + number).seconds)
            parts.append(parts_of_ours(plan, model, 10_000, SEED + number))
        beside = pd.DataFrame(parts).assign(everything=whole).div(floor, axis=0).median()
        seconds = float(np.median(whole))
        peak = memory.loc[(memory["simulator"] == OURS) & (memory["activities"] == n), "peak MiB"]
        rows.append(
            {
                "activities": n,
                "seconds": seconds,
                "ns": seconds / n / 1e4 * 1e9,
                "peak MiB": f"{peak.iloc[0]:.0f}" if len(peak) else "",
                **{f"{part} / floor 2": round(times, 2) for part, times in beside.items()},
            }
        )
        _say(f"ours, {n} x 10000: {seconds:.3f} s")
    table = pd.DataFrame(rows)
    exponent = np.polyfit(np.log(table["activities"]), np.log(table["seconds"]), 1)[0]
    return table, float(exponent)


def verdicts(cells: pd.DataFrame, growth: pd.DataFrame, exponent: float, same: pd.DataFrame) -> pd.DataFrame:
    """One row per figure that was wanted: what was measured, and whether it is met."""
    rows = []
    ratio = ratios_to_ours(cells)
    for name, least in FASTER.items():
        found = ratio[(ratio["simulator"] == name) & (ratio["network"] == f"layered, {HEADLINE}")]
        if found.empty:
            continue
        at = found[found["iterations"] <= 10_000].iloc[-1]
        all_of_it = ratio.loc[ratio["simulator"] == name, "ratio"]
        says = f"{at['ratio']:.2f} (all cells {all_of_it.min():.2f} to {all_of_it.max():.2f})"
        what = f"times faster than {name}, {HEADLINE} x {at['iterations']:,}"
        rows.append((what, says, f"at least {least}", at["ratio"] >= least))
    beside = growth.set_index("activities")
    for part, most in WITHIN.items():
        times = beside.loc[HEADLINE, f"{part} / floor 2"]
        rows.append(
            (f"{part} / floor 2, {HEADLINE} x 10,000", f"{times:.2f}", f"at most {most}", times <= most)
        )
    span = f"{growth['activities'].iloc[0]} to {growth['activities'].iloc[-1]:,}"
    rows.append(
        (f"exponent of our time, {span}", f"{exponent:.3f}", f"at most {EXPONENT}", exponent <= EXPONENT)
    )
    for n, seconds, mebibytes in ABSOLUTE:
        if n in beside.index:
            took, peak = beside.loc[n, "seconds"], beside.loc[n, "peak MiB"]
            rows.append((f"seconds, {n:,} x 10,000", f"{took:.2f}", f"at most {seconds:g}", took <= seconds))
            if mebibytes:
                rows.append(
                    (f"peak MiB, {n:,} x 10,000", peak, f"at most {mebibytes}", int(peak) <= mebibytes)
                )
    for row in same.to_dict("records"):
        share = row["share of its time"]
        what = f"time to trueppm's P80 error ({row['error measured']}) / its time"
        rows.append((what, f"{share}", f"at most {SHARE_OF_TIME}", share <= SHARE_OF_TIME))
    table = pd.DataFrame(rows, columns=["figure", "measured", "wanted", "met"])
    return table.assign(met=np.where(table["met"].astype(bool), "met", "NOT met"))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a look in less than a minute")
    parser.add_argument("--limit", type=float, help="seconds that one run may take, 10 by default")
    parser.add_argument("--memory", type=float, default=4, help="GiB that one run may take")
    parser.add_argument(
        "--set-up-mcprojsim", action="store_true", help="install it into an environment of its own"
    )
    parser.add_argument("--write", action="store_true", help=f"rewrite the tables of docs/{PAGE.name}")
    return parser


if __name__ == "__main__":
    main()
