"""The tables of the ledger, alike in SQLite and PostgreSQL, and the triggers that let nobody change a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from estimation.tables import BASELINE, COURSE, IDENTITY, LOGIC, MOVES, Contract

SCHEMA_VERSION = 2
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


def _whole(name: str) -> sa.Column:
    return sa.Column(name, _WHOLE, nullable=False)


def _texts(*names: str, nullable: bool = False) -> list[sa.Column]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _entry() -> sa.Column:
    return sa.Column("entry", _WHOLE, sa.ForeignKey("entries.number"), nullable=False)


SCHEMA_VERSIONS = _table("schema_versions", _key("version"))
ENTRIES = _table(
    "entries",
    _key("number"),
    *_texts("kind", "made_at", "made_by"),
    *_texts("reason", nullable=True),
)
SEALS = _table("seals", _key("entry", "entries.number"), *_texts("rows_hash", "content_hash"))
IMPORTS = _table(
    "imports",
    _key("entry", "entries.number"),
    *_texts("contents", "file", "file_hash"),
    _whole("n_rows"),
    _whole("n_new"),
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
IMPORT_ROWS = _table("import_rows", _key("milestone_id", "milestones.id"), _key("fingerprint"), _entry())
DESCRIPTIONS = _table(
    "descriptions", _key("milestone_id", "milestones.id"), _key("revision"), _entry(), *_cells(DESCRIPTION)
)
BASELINES = _table(
    "baselines",
    _key("milestone_id", "milestones.id"),
    _key("version"),
    _key("revision"),
    _entry(),
    *_cells(PLANNED),
    *_texts("source"),
)
STATUS_UPDATES = _table(
    "status_updates",
    _key("milestone_id", "milestones.id"),
    sa.Column("as_of", sa.Text(), primary_key=True),
    _key("revision"),
    _entry(),
    _whole("dated"),
    *_cells(REPORTED),
    *_texts("source"),
)
FORECAST_MOVES = _table(
    "forecast_moves",
    _key("milestone_id", "milestones.id"),
    _key("revision"),
    _entry(),
    *_texts("moved_on", "moved_by", "old_finish", "new_finish"),
    *_texts("reason", "told_client_on", nullable=True),
    _whole("silent"),
)
CAUSES = _table("causes", _key("milestone_id", "milestones.id"), _key("revision"), _entry(), *_cells(CAUSE))
RECOVERY_PLANS = _table(
    "recovery_plans", _key("milestone_id", "milestones.id"), _key("revision"), _entry(), *_cells(RECOVERY)
)
PUBLISHED_FORECASTS = _table(
    "published_forecasts",
    _key("entry", "entries.number"),
    *_texts("project", "as_of", "plan_hash", "model_hash"),
    _whole("seed"),
    _whole("iterations"),
    *_texts("versions"),
)
FORECAST_QUANTILES = _table(
    "forecast_quantiles",
    _key("entry", "published_forecasts.entry"),
    sa.Column("milestone", sa.Text(), primary_key=True),
    sa.Column("level", _REAL, primary_key=True),
    *_texts("finish"),
)

CELLS_OF: Mapping[sa.Table, Contract] = {
    DESCRIPTIONS: DESCRIPTION,
    BASELINES: PLANNED,
    STATUS_UPDATES: REPORTED,
    CAUSES: CAUSE,
    RECOVERY_PLANS: RECOVERY,
}
"""What each of these tables takes from a row of a history, a plan or a status."""

KEPT: tuple[sa.Table, ...] = (
    ENTRIES,
    IMPORTS,
    PROJECTS,
    MILESTONES,
    IMPORT_ROWS,
    DESCRIPTIONS,
    BASELINES,
    STATUS_UPDATES,
    FORECAST_MOVES,
    CAUSES,
    RECOVERY_PLANS,
    PUBLISHED_FORECASTS,
    FORECAST_QUANTILES,
    SEALS,
)
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
