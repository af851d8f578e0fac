"""A file or a folder, whatever its format, becomes one raw table; then it goes through the gate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from estimation.errors import InputError, Problem
from estimation.ingest.delimited import read_delimited
from estimation.ingest.excel import open_workbook, read_excel
from estimation.ingest.gate import HISTORY_NEED, PLAN_NEED, STATUS_NEED, validate
from estimation.ingest.joining import join_tables
from estimation.ingest.mapping import TableMapping, read_mapping
from estimation.ingest.protrack import is_protrack, pool_rare_phases, read_protrack
from estimation.ingest.raw import RawTable
from estimation.tables import HISTORY, PLAN, STATUS, keep_contract

DELIMITED = (".csv", ".tsv", ".txt")
EXCEL = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def read_milestone_history(
    source: str | Path, *, mapping=None, baseline: str | int = "first"
) -> pd.DataFrame:
    """Read closed and running projects from a file or a folder of files.

    Parameters
    ----------
    source : path of a file or a folder
        In a folder every CSV, text and Excel file is read, unless the mapping file names some.
    mapping : path, dict or None
        How the table is to be read; see ``TableMapping``.
    baseline : "first", "last" or int
        Which baseline counts where a milestone has several.

    Returns
    -------
    DataFrame keeping the HISTORY contract, one row per milestone

    Raises
    ------
    InputError
        Everything that is wrong with any of the files, at once.
    """
    said = read_mapping(mapping)
    raws, from_protrack = _raw_tables(Path(source), said)
    tables, problems = [], []
    for raw in raws:
        try:
            tables.append(_finished_by_effort(validate(raw, HISTORY, HISTORY_NEED, said)))
        except InputError as error:
            problems += error.problems or (Problem(raw.file, None, "", str(error), "", ""),)
    problems += _projects_in_two_files(tables)
    if problems:
        raise InputError(problems=problems)
    history = choose_baseline(pd.concat(tables, ignore_index=True), baseline)
    return pool_rare_phases(history) if from_protrack else history


def read_milestone_plan(source: str | Path, *, mapping=None) -> pd.DataFrame:
    """Read the plan of one project from a file.

    Returns
    -------
    DataFrame keeping the PLAN contract, one row per milestone, the latest baseline where there are several

    Raises
    ------
    InputError
        If the file is not usable or holds more than one project.
    """
    said = read_mapping(mapping)
    raws, _ = _raw_tables(_one_file(source, "plan"), said)
    plan = choose_baseline(validate(raws[0], PLAN, PLAN_NEED, said), "last")
    projects = list(plan["project"].unique())
    if len(projects) > 1:
        raise InputError(
            f"{Path(source).name}: holds {len(projects)} projects ({', '.join(projects[:5])}); a plan is one "
            "project. Save the one you want to forecast in a file of its own."
        )
    return plan


def read_status(source: str | Path, *, mapping=None) -> pd.DataFrame:
    """Read the status updates of projects: one row per milestone and status date.

    An empty source means that there are none, and gives an empty table.

    Returns
    -------
    DataFrame keeping the STATUS contract

    Raises
    ------
    InputError
        If the file is not usable.
    """
    if source == "":
        return keep_contract(pd.DataFrame(), STATUS)
    said = read_mapping(mapping)
    raws, _ = _raw_tables(_one_file(source, "status"), said)
    return validate(raws[0], STATUS, STATUS_NEED, said)


def choose_baseline(table: pd.DataFrame, baseline: str | int) -> pd.DataFrame:
    """Keep one row per milestone: the baseline asked for, everything else from its latest row.

    Parameters
    ----------
    table : DataFrame with ``baseline_version``
    baseline : "first", "last" or int
        A milestone that has no baseline of that number keeps its latest one before it, else its first.

    Raises
    ------
    InputError
        If ``baseline`` is none of these.
    """
    if baseline not in ("first", "last") and not isinstance(baseline, int):
        raise InputError(f"baseline '{baseline}' is unknown; wanted 'first', 'last' or a number such as 2.")
    versions = table["baseline_version"].fillna(1).astype("int64")
    key = [table["project"], table["milestone"]]
    if not pd.concat([table["project"], table["milestone"]], axis=1).duplicated().any():
        return table
    ordered = table.assign(baseline_version=versions.astype("Int64")).sort_values(
        "baseline_version", kind="stable"
    )
    latest = ordered.drop_duplicates(["project", "milestone"], keep="last")
    if isinstance(baseline, int):
        fits = ordered[ordered["baseline_version"] <= baseline]
        pick = pd.concat([ordered.drop_duplicates(["project", "milestone"]), fits])
        pick = pick.drop_duplicates(["project", "milestone"], keep="last")
    else:
        pick = ordered.drop_duplicates(["project", "milestone"], keep=baseline)
    columns = [
        "project_start",
        "baseline_start",
        "baseline_finish",
        "baseline_days",
        "baseline_version",
        "budget_cost",
    ]
    merged = latest.drop(columns=columns).merge(
        pick[["project", "milestone", *columns]], on=["project", "milestone"], validate="1:1"
    )
    order = pd.concat(key, axis=1).drop_duplicates()
    return order.merge(merged, on=["project", "milestone"], validate="1:1")[list(table.columns)]


def _one_file(source: str | Path, what: str) -> Path:
    path = Path(source)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; wanted one {what} file. Name the file.")
    return path


def _raw_tables(path: Path, mapping: TableMapping) -> tuple[list[RawTable], bool]:
    """Read everything a source holds; tell whether all of it are ProTrack workbooks."""
    if not path.exists():
        raise InputError(f"{path}: no such file or folder. Check the path.")
    if mapping.files:
        folder = path if path.is_dir() else path.parent
        missing = [name for name in mapping.files if not (folder / name).is_file()]
        if missing:
            raise InputError(f"{folder}: the mapping file names {', '.join(missing)}, which is not there.")
        return [join_tables([_one_raw(folder / name, mapping)[0] for name in mapping.files], mapping)], False
    if path.is_file():
        raw, protrack = _one_raw(path, mapping)
        return [join_tables([raw], mapping)], protrack
    files = sorted(
        item
        for item in path.iterdir()
        if item.is_file()
        and item.suffix.lower() in DELIMITED + EXCEL
        and not item.name.startswith(("~$", "."))
    )
    if not files:
        raise InputError(
            f"{path}: holds no file to read; wanted {', '.join(DELIMITED + EXCEL)}. Check the folder."
        )
    raws, kinds, problems = [], set(), []
    for item in files:
        try:
            raw, protrack = _one_raw(item, mapping)
            raws.append(join_tables([raw], mapping))
            kinds.add(protrack)
        except InputError as error:
            problems += error.problems or (Problem(item.name, None, "", str(error), "", ""),)
    if problems:
        raise InputError(problems=problems)
    return raws, kinds == {True}


def _one_raw(path: Path, mapping: TableMapping) -> tuple[RawTable, bool]:
    suffix = path.suffix.lower()
    if suffix in DELIMITED:
        return read_delimited(path), False
    if suffix not in EXCEL:
        raise InputError(
            f"{path.name}: files ending in '{suffix}' cannot be read. Save the table as CSV or as an Excel "
            "workbook (.xlsx)."
        )
    workbook = open_workbook(path)
    if is_protrack(workbook.sheet_names):
        return read_protrack(path), True
    return read_excel(path, sheet=mapping.sheet or None, columns=mapping.columns, workbook=workbook), False


def _finished_by_effort(history: pd.DataFrame) -> pd.DataFrame:
    """Where a file knows efforts but no finish dates and no progress, its efforts are final."""
    if history["actual_finish"].notna().any() or history["percent_complete"].notna().any():
        return history
    final = history["actual_days"].notna() & history["closed_as"].isna()
    return history.assign(closed_as=history["closed_as"].mask(final, "delivered"))


def _projects_in_two_files(tables: Sequence[pd.DataFrame]) -> list[Problem]:
    problems, seen = [], {}
    for table in tables:
        for project, source in table.groupby("project", sort=False)["source"].first().items():
            if project in seen:
                problems.append(
                    Problem(
                        source.rsplit(", row", 1)[0],
                        None,
                        "project",
                        f"project '{project}' came again",
                        f"{seen[project]} has it already",
                        "Remove one of the files, or give the projects different ids.",
                    )
                )
            seen.setdefault(project, source.rsplit(", row", 1)[0])
    return problems
