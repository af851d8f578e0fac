"""A file or a folder, whatever its format, becomes one raw table; then it goes through the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from estimation.errors import InputError, Problem
from estimation.ingest.formats.protrack import pool_rare_phases, read_protrack
from estimation.ingest.formats.protrack_status import read_protrack_status
from estimation.ingest.formats.registry import READABLE, ReadProtrack, is_table, read_raw
from estimation.ingest.gate import HISTORY_NEED, PLAN_NEED, STATUS_NEED, Reject, pass_gate
from estimation.ingest.joining import join_tables
from estimation.ingest.mapping import TableMapping, read_mapping
from estimation.ingest.raw_table import RawTable
from estimation.ingest.spelling import Match
from estimation.project.plan import Plan, build_plan, refuse_contradictions
from estimation.tables import HISTORY, PLAN, STATUS, empty_table, fold_phase


@dataclass(frozen=True)
class Checked:
    """A source that went through the gate: its rows, how it was understood, and what is to be known about it.

    Parameters
    ----------
    table : DataFrame
        Rows as they came, all baselines; keeps the contract of its kind.
    files : tuple of str
        Names of the files it came from.
    matches : tuple of Match
        How headers and phases were understood.
    warnings : tuple of Problem
        What is not wrong but should be known; stored with the import.
    rejects : tuple of Reject
        Rows set aside.
    pools_phases : bool
        Whether its phases are names of work packages, of which rare ones are pooled.
    """

    table: pd.DataFrame
    files: tuple[str, ...]
    matches: tuple[Match, ...]
    warnings: tuple[Problem, ...]
    rejects: tuple[Reject, ...]
    pools_phases: bool = False


_KINDS = {
    "history": (HISTORY, HISTORY_NEED),
    "plan": (PLAN, PLAN_NEED),
    "status": (STATUS, STATUS_NEED),
}


def check_source(
    source: str | Path,
    *,
    mapping=None,
    kind: str = "history",
    strict_phases: bool = False,
    set_aside: bool = False,
) -> Checked:
    """Read a file or a folder through the gate, and tell how it was understood.

    Parameters
    ----------
    source : path of a file or a folder
    mapping : path, dict or None
        How the table is to be read; see ``TableMapping``.
    kind : "history", "plan" or "status"
    strict_phases : bool
        Refuse phases that neither the framework nor the mapping file knows.
    set_aside : bool
        Leave out rows that cannot be used instead of refusing the file.

    Returns
    -------
    Checked

    Raises
    ------
    InputError
        Everything that is wrong with any of the files, at once.
    """
    said = read_mapping(mapping)
    protrack = read_protrack_status if kind == "status" else read_protrack
    found = _read_source(Path(source), said, kind, protrack)
    if kind == "status" and Path(source).is_dir() and not all(raw.form == "protrack" for raw in found.raws):
        _one_file(source, "status", said)
    contract, need = _KINDS[kind]
    passed = []
    for raw in found.raws:
        try:
            passed.append(
                pass_gate(raw, contract, need, said, strict_phases=strict_phases, set_aside=set_aside)
            )
        except InputError as error:
            found.add_error(error)
    tables = [one.table if kind != "history" else _finished_by_effort(one.table) for one in passed]
    found.problems += _projects_in_two_files(tables)
    found.refuse()
    return Checked(
        pd.concat(tables, ignore_index=True),
        tuple(raw.file for raw in found.raws),
        tuple(dict.fromkeys(match for one in passed for match in one.matches)),
        tuple(warning for one in passed for warning in one.warnings),
        tuple(reject for one in passed for reject in one.rejects),
        all(raw.form == "protrack" for raw in found.raws),
    )


def read_history(source: str | Path, *, mapping=None, baseline: str | int = "first") -> pd.DataFrame:
    """Read closed and running projects from a file or a folder of files.

    Parameters
    ----------
    source : path of a file or a folder
        In a folder every file that can be read is, unless the mapping file names some.
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
    return history_of(check_source(source, mapping=mapping), baseline)


def history_of(checked: Checked, baseline: str | int = "first") -> pd.DataFrame:
    """Keep one baseline of each milestone and one spelling of each phase of what came through the gate."""
    history = one_spelling_per_phase(choose_baseline(checked.table, baseline))
    return pool_rare_phases(history) if checked.pools_phases else history


def read_plan(source: str | Path, *, mapping=None) -> Plan:
    """Read the plan of one project from a file.

    Parameters
    ----------
    source : path of a file
    mapping : path, dict or None
        How the table is to be read; see ``TableMapping``.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        Everything that is wrong with the file, at once; or what keeps its table from being a plan.
    """
    plan = build_plan(read_plan_table(source, mapping=mapping))
    refuse_contradictions(plan)
    return plan


def read_plan_table(source: str | Path, *, mapping=None) -> pd.DataFrame:
    """Read the plan of one project from a file.

    Returns
    -------
    DataFrame keeping the PLAN contract, one row per milestone, the latest baseline where there are several

    Raises
    ------
    InputError
        If the file is not usable or holds more than one project.
    """
    path = _one_file(source, "plan", read_mapping(mapping))
    plan = choose_baseline(check_source(path, mapping=mapping, kind="plan").table, "last")
    projects = list(plan["project"].unique())
    if len(projects) > 1:
        raise InputError(
            f"{Path(source).name}: holds {len(projects)} projects ({', '.join(projects[:5])}); a plan is one "
            "project. Save the one you want to forecast in a file of its own."
        )
    return plan


def read_status(source: str | Path, *, mapping=None) -> pd.DataFrame:
    """Read the status updates of projects: one row per milestone and status date.

    An empty source means that there are none, and gives an empty table. A ProTrack workbook gives the status
    dates of all its tracking periods.

    Parameters
    ----------
    source : path of a file, or of a folder of ProTrack workbooks
    mapping : path, dict or None
        How the table is to be read; see ``TableMapping``.

    Returns
    -------
    DataFrame keeping the STATUS contract

    Raises
    ------
    InputError
        If the file is not usable.
    """
    if source == "":
        return empty_table(STATUS)
    return check_source(source, mapping=mapping, kind="status").table


BASELINE_COLUMNS = (
    "project_start",
    "baseline_start",
    "baseline_finish",
    "baseline_days",
    "baseline_version",
    "budget_cost",
)


def one_spelling_per_phase(table: pd.DataFrame) -> pd.DataFrame:
    """Write each phase as it was written first: "Data preparation" and "data_preparation" are one.

    Parameters
    ----------
    table : DataFrame with ``phase``
    """
    first: dict[str, str] = {}
    spelled = {phase: first.setdefault(fold_phase(phase), phase) for phase in table["phase"].unique()}
    return table.assign(phase=table["phase"].map(spelled).astype("str"))


def choose_baseline(table: pd.DataFrame, baseline: str | int) -> pd.DataFrame:
    """Keep one row per milestone: the baseline asked for, everything else from its latest row.

    A cell that the latest row leaves empty is taken from the row before it, so that an actual date written
    beside the first baseline is not lost when a second one is added.

    Parameters
    ----------
    table : DataFrame with ``baseline_version``
        Rows without a version count as the first.
    baseline : "first", "last" or int
        A milestone that has no baseline of that number keeps its latest one before it, else its first.

    Returns
    -------
    DataFrame with the same columns, milestones in the order in which they came

    Raises
    ------
    InputError
        If ``baseline`` is none of these.
    """
    whole = isinstance(baseline, int) and not isinstance(baseline, bool)
    if baseline not in ("first", "last") and not whole:
        raise InputError(f"baseline '{baseline}' is unknown; wanted 'first', 'last' or a number such as 2.")
    key = ["project", "milestone"]
    if not table.duplicated(key).any():
        return table
    ordered = table.assign(baseline_version=table["baseline_version"].fillna(1)).sort_values(
        "baseline_version", kind="stable"
    )
    if whole:
        up_to = ordered[ordered["baseline_version"] <= baseline]
        picked = pd.concat([ordered.drop_duplicates(key), up_to]).drop_duplicates(key, keep="last")
    else:
        picked = ordered.drop_duplicates(key, keep=baseline)
    others = [name for name in table.columns if name not in (*key, *BASELINE_COLUMNS)]
    latest = ordered.groupby(key, sort=False)[others].last().reset_index()
    return (
        table[key]
        .drop_duplicates()
        .merge(latest, on=key, validate="1:1")
        .merge(picked[[*key, *BASELINE_COLUMNS]], on=key, validate="1:1")[list(table.columns)]
    )


def _one_file(source: str | Path, what: str, mapping: TableMapping) -> Path:
    path = Path(source)
    if path.is_dir() and not mapping.files:
        raise InputError(f"{path}: is a folder; wanted one {what} file. Name the file.")
    return path


@dataclass
class _Found:
    """What reading a source gave: tables, and everything that was wrong."""

    raws: list[RawTable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def add_error(self, error: InputError) -> None:
        """Keep what an error says until everything has been looked at."""
        self.problems += error.problems
        if error.lead:
            self.messages.append(error.lead)

    def refuse(self) -> None:
        """Say everything that was wrong, if anything was."""
        if self.problems or self.messages:
            raise InputError("\n".join(self.messages), self.problems)


def _read_source(path: Path, mapping: TableMapping, kind: str, protrack: ReadProtrack) -> _Found:
    if not path.exists():
        raise InputError(f"{path}: no such file or folder. Check the path.")
    found = _Found()
    for group in _groups(path, mapping):
        raws = []
        for file in group:
            try:
                raws.append(read_raw(file, mapping, kind=kind, protrack=protrack))
            except InputError as error:
                found.add_error(error)
        if len(raws) == len(group):
            try:
                found.raws.append(join_tables(raws, mapping))
            except InputError as error:
                found.add_error(error)
    return found


def _groups(path: Path, mapping: TableMapping) -> list[list[Path]]:
    """Tell which files make one table: those the mapping file names, else each by itself."""
    if mapping.files:
        folder = path if path.is_dir() else path.parent
        missing = [name for name in mapping.files if not (folder / name).is_file()]
        if missing:
            raise InputError(
                f"{folder}: the mapping file names {', '.join(missing)}, which is not there. Correct 'files:' in "
                "the mapping file, or name the folder that holds them."
            )
        return [[folder / name for name in mapping.files]]
    if path.is_file():
        return [[path]]
    files = [[item] for item in sorted(path.iterdir()) if item.is_file() and is_table(item)]
    if not files:
        raise InputError(
            f"{path}: holds no file to read; wanted files ending in {', '.join(READABLE)}. Check the folder."
        )
    return files


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
