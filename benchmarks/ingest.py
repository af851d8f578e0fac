"""Speed and memory of the gate: a million rows of CSV, 20,000 of Excel, bombs; each also against a plain read.

Each case runs in a process of its own. Seconds depend on the machine, so each is also given as a multiple of what the
standard library's csv module (or calamine) takes to read the same file in the same run.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

SEED = 7
HEADERS = ["project", "milestone", "phase", "owner", "baseline_start", "baseline_finish", "actual_start"]
HEADERS += ["actual_finish", "depends_on"]
PHASES = ["discovery", "data_preparation", "model_development", "deployment", "validation"]
PER_PROJECT = 20
CASES = {"csv": ("million.csv", "plain_csv"), "excel": ("twenty_thousand.xlsx", "plain_excel")}
BOMBS = ("bomb.xlsx", "far.xlsx", "dense.xlsx")


def rows(n_rows: int):
    rng = random.Random(SEED)
    for n in range(n_rows):
        project, m = divmod(n, PER_PROJECT)
        start = dt.date(2020, 1, 6) + dt.timedelta(days=project % 1500 + 7 * m)
        finish = start + dt.timedelta(days=4)
        late = finish + dt.timedelta(days=rng.randrange(9))
        yield [
            f"p{project}",
            str(m + 1),
            PHASES[m // 4],
            "Ann",
            start,
            finish,
            start,
            late,
            str(m) if m else "",
        ]


def make(folder: Path) -> None:
    import openpyxl

    with (folder / "million.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADERS, *rows(1_000_000)])
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Plan")
    for row in [HEADERS, *rows(20_000)]:
        sheet.append(row)
    book.save(folder / "twenty_thousand.xlsx")
    small = openpyxl.Workbook()
    for row in [HEADERS, *rows(40)]:
        small.active.append([cell or None for cell in row])
    content = io.BytesIO()
    small.save(content)
    small.active["XFD1048576"] = "x"
    small.save(folder / "far.xlsx")
    for name, size in (("bomb.xlsx", 2_000_000_000), ("dense.xlsx", 150_000_000)):
        with (
            zipfile.ZipFile(content) as old,
            zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for part in old.namelist():
                if part == "xl/worksheets/sheet1.xml":
                    with new.open(part, "w", force_zip64=True) as file:
                        for _ in range(size // 1_000_000):
                            file.write(b" " * 1_000_000)
                else:
                    new.writestr(part, old.read(part))


def run(how: str, path: str) -> None:
    """Read one file in this process and print seconds, peak memory above the imports, and what came of it."""
    from python_calamine import CalamineWorkbook

    from estimation.errors import InputError
    from estimation.ingest.sources import check_source

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun, worked = time.perf_counter(), time.process_time()
    if how == "plain_csv":
        with open(path, newline="") as file:
            came = len(list(csv.reader(file)))
    elif how == "plain_excel":
        came = len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python())
    else:
        try:
            came = len(check_source(path).table)
        except InputError as error:
            came = str(error.problems[0].came)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu": cpu,
                "mb": peak / 1024,
                "mb_more": (peak - before) / 1024,
                "came": came,
            }
        )
    )


def measured(how: str, path: Path) -> dict:
    done = subprocess.run(
        [sys.executable, __file__, how, str(path)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own: a child's peak memory counts from that of its parent.
        subprocess.run([sys.executable, __file__, "make", str(folder)], check=True)
        for case, (file, plain) in CASES.items():
            ours, floor = measured("gate", folder / file), measured(plain, folder / file)
            times = ours["cpu"] / floor["cpu"]
            print(
                f"{case}: {ours['came']} rows in {ours['seconds']:.1f} s ({ours['cpu']:.1f} s of work), "
                f"{times:.1f} x {plain}, {ours['mb']:.0f} MB"
            )
        for file in BOMBS:
            ours = measured("gate", folder / file)
            print(
                f"{file}: refused in {ours['seconds']:.2f} s, {ours['mb']:.0f} MB ({ours['mb_more']:.0f} MB more "
                f"than before): {ours['came']}"
            )


if __name__ == "__main__":
    if len(sys.argv) < 3:
        main()
    elif sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        run(*sys.argv[1:])
