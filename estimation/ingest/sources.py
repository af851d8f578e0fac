"""A file or a folder, whatever its format, becomes one raw table; then it goes through the gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from estimation.errors import InputError, Problem
from estimation.ingest.answers import unknown_projects, with_answers
from estimation.ingest.decisions_file import DECISIONS_FILE
from estimation.ingest.formats.registry import READABLE, read_raw, tables_in
from estimation.ingest.gate import HISTORY_NEED, PLAN_NEED, STATUS_NEED, Reject, pass_gate
from estimation.ingest.joining import join_tables
from estimation.ingest.mapping import MappingSource, TableMapping, read_mapping
from estimation.ingest.phases import pool_rare_phases
from estimation.ingest.raw_table import RawTable
from estimation.ingest.spelling import Match
from estimation.project.amounts import list_few
from estimation.project.plan import Plan, build_plan, refuse_contradictions
from estimation.tables import ESTIMATE, HISTORY, PLAN, STATUS, empty_table, fold_phase


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


_KINDS = {"history": (HISTORY, HISTORY_NEED), "plan": (PLAN, PLAN_NEED), "status": (STATUS, STATUS_NEED)}


def check_source(
    source: str | Path,
    *,
    mapping: MappingSource = None,
    kind: str = "history",
    strict_phases: bool = False,
    set_aside: bool = False,
) -> Checked:
    """Read a file or a folder through the gate as "history", "plan" or "status", and tell how it was understood.

    Everything that is wrong with any of the files is raised at once. ``strict_phases`` refuses phases that neither
    the framework nor the mapping file knows; ``set_aside`` leaves out rows that cannot be used instead of refusing
    the file.
    """
    table_mapping = read_mapping(mapping)
    found = _read_source(Path(source), table_mapping, kind)
    forms = [raw.form for raw in found.raws if raw.form]
    how = {"mapping": table_mapping, "strict_phases": strict_phases, "set_aside": set_aside}
    passed = []
    for raw in found.raws:
        with found.errors_kept():
            passed.append(pass_gate(raw, *_KINDS[kind], **how))
    tables = [one.table for one in passed]
    if kind == "history":
        tables = [with_answers(_finished_by_effort(table), table_mapping) for table in tables]
        found.problems += unknown_projects({*pd.concat(tables)["project"]}, table_mapping) if tables else []
    found.problems += _projects_in_two_files(tables)
    found.refuse()
    return Checked(
        pd.concat(tables, ignore_index=True),
        tuple(raw.file for raw in found.raws),
        tuple(dict.fromkeys(match for one in passed for match in one.matches)),
        tuple(warning for one in passed for warning in one.warnings),
        tuple(reject for one in passed for reject in one.rejects),
        all(form.work_packages for form in forms),
    )


def read_history(
    source: str | Path, *, mapping: MappingSource = None, baseline: str | int = "first"
) -> pd.DataFrame:
    """Read closed and running projects from a file, or all files of a folder that can be read: a row per milestone.

    ``baseline`` is "first", "last" or a number: which one counts where a milestone has several.
    """
    return history_of(check_source(source, mapping=mapping), baseline)


def history_of(checked: Checked, baseline: str | int = "first") -> pd.DataFrame:
    """Keep one baseline of each milestone and one spelling of each phase of what came through the gate."""
    history = one_spelling_per_phase(choose_baseline(checked.table, baseline))
    return pool_rare_phases(history) if checked.pools_phases else history


def read_plan(source: str | Path, *, mapping: MappingSource = None) -> Plan:
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


def read_plan_table(source: str | Path, *, mapping: MappingSource = None) -> pd.DataFrame:
    """Read the plan of one project from a file: one row per milestone, the latest baseline where there are several."""
    path = _one_file(source, read_mapping(mapping))
    plan = choose_baseline(check_source(path, mapping=mapping, kind="plan").table, "last")
    projects = list(plan["project"].unique())
    if len(projects) > 1:
        raise InputError(
            f"{Path(source).name}: holds {len(projects)} projects ({list_few(list(projects), 5)}); a plan is one "
            "project. Save the one you want to forecast in a file of its own."
        )
    return plan


def read_status(source: str | Path, *, mapping: MappingSource = None) -> pd.DataFrame:
    """Read the status updates of projects: one row per milestone and status date.

    An empty source means that there are none, and gives an empty table. A ProTrack workbook gives the status dates
    of all its tracking periods, a folder what all its files tell.
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
    *ESTIMATE,
)


def one_spelling_per_phase(table: pd.DataFrame) -> pd.DataFrame:
    """Write each phase as it was written first: "Data preparation" and "data_preparation" are one."""
    first: dict[str, str] = {}
    spelled = {phase: first.setdefault(fold_phase(phase), phase) for phase in table["phase"].unique()}
    return table.assign(phase=table["phase"].map(spelled).astype("str"))


def choose_baseline(table: pd.DataFrame, baseline: str | int) -> pd.DataFrame:
    """Keep one row per milestone: the baseline asked for ("first", "last" or its number), all else from its latest row.

    A cell that the latest row leaves empty is taken from the row before it, so that an actual date written beside
    the first baseline is not lost when a second one is added. Rows without a version count as the first. A
    milestone that has no baseline of that number keeps its latest one before it, else its first.
    """
    whole = isinstance(baseline, int) and not isinstance(baseline, bool)
    if baseline not in ("first", "last") and not whole:
        raise InputError(f"baseline '{baseline}' is unknown; wanted 'first', 'last' or a number such as 2.")
    key = ["project", "milestone"]
    if not table.duplicated(key).any():
        return table
    ordered = table.assign(baseline_version=table["baseline_version"].fillna(1))
    ordered = ordered.sort_values("baseline_version", kind="stable")
    if baseline == "first" and "added_after_baseline" in table:
        ordered = _without_later_work(ordered, key)
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


def _without_later_work(ordered: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Mark milestones as added that came with a later baseline than the first of their project.

    Only where the table has rows of both. The first baseline is the project's:
    what it did not know has no plan to be measured against.
    """
    first = ordered.groupby(key)["baseline_version"].transform("min")
    of_project = first.groupby(ordered["project"]).transform("min")
    several = ordered.duplicated(key).groupby(ordered["project"]).transform("any")
    later = several & (first > of_project)
    return ordered.assign(added_after_baseline=ordered["added_after_baseline"].mask(later, True))


def _one_file(source: str | Path, mapping: TableMapping) -> Path:
    path = Path(source)
    if path.is_dir() and not mapping.files:
        raise InputError(f"{path}: is a folder; wanted one plan file. Name the file.")
    return path


@dataclass
class _ReadTables:
    """What reading a source gave: tables, and everything that was wrong."""

    raws: list[RawTable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    @contextmanager
    def errors_kept(self) -> Iterator[None]:
        """Keep what an error says until everything has been looked at."""
        try:
            yield
        except InputError as error:
            self.problems += error.problems
            self.messages += [error.lead] if error.lead else []

    def refuse(self) -> None:
        """Say everything that was wrong, if anything was."""
        if self.problems or self.messages:
            raise InputError("\n".join(self.messages), self.problems)


def _read_source(path: Path, mapping: TableMapping, kind: str) -> _ReadTables:
    if not path.exists():
        raise InputError(f"{path}: no such file or folder. Check the path.")
    found = _ReadTables()
    for group in _groups(path, mapping):
        raws = []
        for file in group:
            with found.errors_kept():
                raws.append(read_raw(file, mapping, kind=kind))
        if len(raws) == len(group):
            with found.errors_kept():
                found.raws.append(join_tables(raws, mapping))
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
    files = [[file] for file in tables_in(path) if file.name != DECISIONS_FILE]
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
    remedy = "Remove one of the files, or give the projects different ids."
    for table in tables:
        for project, source in table.groupby("project", sort=False)["source"].first().items():
            file = source.rsplit(", row", 1)[0]
            if project in seen:
                found, expected = f"project '{project}' came again", f"{seen[project]} has it already"
                problems.append(Problem(file, None, "project", found, expected, remedy))
            seen.setdefault(project, file)
    return problems
