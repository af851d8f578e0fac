"""The tables of the ledger, alike in SQLite and PostgreSQL, and the triggers that let nobody change a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from estimation.project.decisions import DECISIONS, NEEDED
from estimation.tables import BASELINE, COURSE, ESTIMATE, IDENTITY, LOGIC, MOVES, Contract

SCHEMA_VERSION = 4
"""Goes up with every change of a table or a trigger; a recorded layout in the tests holds it to that."""

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REAL = sa.Double().with_variant(sa.REAL(), "sqlite")
_TYPES = {"text": sa.Text(), "date": sa.Text(), "number": _REAL, "whole": _WHOLE, "flag": _WHOLE}

DESCRIPTION: Contract = {
    **{name: column for name, column in IDENTITY.items() if name not in ("project", "milestone")},
    "waiting_on": LOGIC["waiting_on"],
}
PLANNED: Contract = {
    **{name: column for name, column in BASELINE.items() if name != "baseline_version"},
    "depends_on": LOGIC["depends_on"],
    "calendar": LOGIC["calendar"],
    **ESTIMATE,
}
REPORTED: Contract = {**COURSE, **{name: MOVES[name] for name in ("reason", "told_client_on", "updated_on")}}
CAUSE: Contract = {name: MOVES[name] for name in ("cause", "cause_note", "acknowledged_on")}
RECOVERY: Contract = {
    name: MOVES[name] for name in ("recovery_plan", "recovery_kind", "recovery_owner", "recovery_finish")
}

METADATA = sa.MetaData()


def _table(name: str, *parts: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, METADATA, *parts, sqlite_strict=True, sqlite_with_rowid=False)


def _cells(contract: Contract) -> list[sa.Column]:
    return [sa.Column(name, _TYPES[column.kind]) for name, column in contract.items()]


def _key(name: str, of: str = "") -> sa.Column:
    references = [sa.ForeignKey(of)] if of else []
    return sa.Column(name, _WHOLE, *references, primary_key=True, autoincrement=False)


def _wholes(*names: str) -> list[sa.Column]:
    return [sa.Column(name, _WHOLE, nullable=False) for name in names]


def _texts(*names: str, nullable: bool = False) -> list[sa.Column]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _entry() -> sa.Column:
    return sa.Column("entry", _WHOLE, sa.ForeignKey("entries.number"), nullable=False)


def _of_milestone(name: str, keys: Sequence[sa.Column], *parts: sa.schema.SchemaItem) -> sa.Table:
    return _table(name, _key("milestone_id", "milestones.id"), *keys, _entry(), *parts)


def _revised(name: str, contract: Contract) -> sa.Table:
    return _of_milestone(name, [_key("revision")], *_cells(contract))


SCHEMA_VERSIONS = _table("schema_versions", _key("version"))
ENTRIES = _table(
    "entries", _key("number"), *_texts("kind", "made_at", "made_by"), *_texts("reason", nullable=True)
)
IMPORTS = _table(
    "imports",
    _key("entry", "entries.number"),
    *_texts("contents", "file", "file_hash"),
    *_wholes("n_rows", "n_new"),
    *_texts("warnings"),
)
PROJECTS = _table(
    "projects", _key("id"), _entry(), sa.Column("project", sa.Text(), nullable=False, unique=True)
)
MILESTONES = _table(
    "milestones",
    _key("id"),
    _entry(),
    sa.Column("project_id", _WHOLE, sa.ForeignKey("projects.id"), nullable=False),
    *_texts("milestone"),
    sa.UniqueConstraint("project_id", "milestone"),
)
IMPORT_ROWS = _of_milestone("import_rows", [_key("fingerprint")])
DESCRIPTIONS = _revised("descriptions", DESCRIPTION)
BASELINES = _of_milestone(
    "baselines", [_key("version"), _key("revision")], *_cells(PLANNED), *_texts("source")
)
STATUS_UPDATES = _of_milestone(
    "status_updates",
    [sa.Column("as_of", sa.Text(), primary_key=True), _key("revision")],
    *_wholes("dated"),
    *_cells(REPORTED),
    *_texts("source"),
)
FORECAST_MOVES = _of_milestone(
    "forecast_moves",
    [_key("revision")],
    *_texts("moved_on", "moved_by", "old_finish", "new_finish"),
    *_texts("reason", "told_client_on", nullable=True),
    *_wholes("silent"),
)
CAUSES = _revised("causes", CAUSE)
RECOVERY_PLANS = _revised("recovery_plans", RECOVERY)
PUBLISHED_FORECASTS = _table(
    "published_forecasts",
    _key("entry", "entries.number"),
    *_texts("project", "as_of", "plan_hash", "model_hash"),
    *_wholes("seed", "iterations"),
    *_texts("versions"),
)
FORECAST_QUANTILES = _table(
    "forecast_quantiles",
    _key("entry", "published_forecasts.entry"),
    sa.Column("milestone", sa.Text(), primary_key=True),
    sa.Column("level", _REAL, primary_key=True),
    *_texts("finish"),
)
DECIDED = _table(
    "decisions",
    _key("entry", "entries.number"),
    *[sa.Column(name, sa.Text(), nullable=name not in NEEDED) for name in DECISIONS],
)
SEALS = _table("seals", _key("entry", "entries.number"), *_texts("rows_hash", "content_hash"))

CELLS_OF: Mapping[sa.Table, Contract] = {
    DESCRIPTIONS: DESCRIPTION,
    BASELINES: PLANNED,
    STATUS_UPDATES: REPORTED,
    CAUSES: CAUSE,
    RECOVERY_PLANS: RECOVERY,
}
"""What each of these tables takes from a row of a history, a plan or a status."""

KEPT = tuple(table for table in METADATA.tables.values() if table is not SCHEMA_VERSIONS)
"""Every table that an export carries, each after those it refers to."""

_NEVER = "The ledger only ever adds rows"


def append_only(dialect: str) -> Iterator[str]:
    """Give the statements after which no row of the ledger can be changed, removed or replaced by anybody."""
    if dialect == "postgresql":
        yield (
            "CREATE FUNCTION ledger_adds_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_NEVER}'; END $$"
        )
    for table in METADATA.sorted_tables:
        name = table.name
        if dialect == "postgresql":
            yield (
                f"CREATE TRIGGER {name}_adds_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
                "FOR EACH STATEMENT EXECUTE FUNCTION ledger_adds_only()"
            )
            continue
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END"
        yield f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} {refuse}"
        yield f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} {refuse}"
        # INSERT OR REPLACE removes the row that is there; the trigger above sees it only in programs that ask for that.
        yield f"CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {name} WHEN {_is_there(table)} {refuse}"


def _is_there(table: sa.Table) -> str:
    """Write the condition that a row with a key of the new one is there."""
    unique = [one for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
    same = (
        " AND ".join(f"{column.name} = NEW.{column.name}" for column in key.columns)
        for key in (table.primary_key, *unique)
    )
    return " OR ".join(f"EXISTS (SELECT 1 FROM {table.name} WHERE {key})" for key in same)
