"""Forecasts on record: what was promised with which plan, model and seed, to be scored when the project is over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from estimation.errors import InputError
from estimation.ingest.published_forecasts import PUBLISHED
from estimation.ledger.cells import table_of_rows
from estimation.ledger.database import insert_rows
from estimation.ledger.schema import FORECAST_QUANTILES, PUBLISHED_FORECASTS

_FACTS = [column.name for column in PUBLISHED_FORECASTS.c if column.name != "entry"]


@dataclass(frozen=True)
class Forecast:
    """A forecast as it is published; ``quantiles`` holds milestone, level and ISO date."""

    project: str
    as_of: str
    plan_hash: str
    model_hash: str
    seed: int
    iterations: int
    versions: str
    quantiles: tuple[tuple[str, float, str], ...]


def forecast_from_results(
    folder: str, inputs: Mapping, report: Mapping, versions: object, table: pd.DataFrame
) -> Forecast:
    """Take a forecast from the results of a kickoff report; refuse one that does not say what a record must say.

    ``versions`` is the part ``written_by`` of the results, ``table`` their table ``forecast``; ``folder`` names them.
    """
    wanted = ("project", "plan_hash", "model_hash", "seed", "iterations")
    missing = [name for name in wanted if inputs.get(name) in (None, "")]
    missing += [] if report.get("as_of") else ["as_of"]
    if missing:
        raise InputError(
            f"{folder}: its results do not say {', '.join(missing)}. Run the kickoff report anew with this "
            "toolkit, then publish it."
        )
    quantiles = tuple(
        (milestone, level, f"{finish:%Y-%m-%d}")
        for name in table.columns
        if (level := _level(name)) is not None
        for milestone, finish in zip(table["milestone"], table[name], strict=True)
        if pd.notna(finish)
    )
    return Forecast(
        project=str(inputs["project"]),
        as_of=str(report["as_of"])[:10],
        plan_hash=str(inputs["plan_hash"]),
        model_hash=str(inputs["model_hash"]),
        seed=int(inputs["seed"]),
        iterations=int(inputs["iterations"]),
        versions=json.dumps(versions, sort_keys=True),
        quantiles=quantiles,
    )


def _level(column: str) -> float | None:
    """Read the level of a column such as ``p80_finish``."""
    percent = column.removeprefix("p").removesuffix("_finish")
    if f"p{percent}_finish" != column or not percent.replace(".", "", 1).isdigit():
        return None
    return round(float(percent) / 100, 6)


def is_published(connection: Connection, forecast: Forecast) -> bool:
    """Whether the ledger has this very forecast."""
    table, quantile = PUBLISHED_FORECASTS.c, FORECAST_QUANTILES.c
    same = sa.select(table.entry).where(*(table[name] == getattr(forecast, name) for name in _FACTS))
    held = sa.select(quantile.milestone, quantile.level, quantile.finish)
    return any(
        set(map(tuple, connection.execute(held.where(quantile.entry == entry)))) == set(forecast.quantiles)
        for entry in connection.execute(same).scalars().all()
    )


def publish(connection: Connection, entry: int, forecast: Forecast) -> list[str]:
    """Put a forecast on record; give what it says, for the seal of its entry."""
    facts = {name: getattr(forecast, name) for name in _FACTS}
    connection.execute(PUBLISHED_FORECASTS.insert(), {"entry": entry, **facts})
    insert_rows(connection, FORECAST_QUANTILES, [(entry, *quantile) for quantile in forecast.quantiles])
    return [json.dumps(asdict(forecast), sort_keys=True)]


def published_rows(connection: Connection, entry: int) -> pd.DataFrame:
    """Give the forecasts on record up to an entry, one row per forecast, milestone and level."""
    wanted = [PUBLISHED_FORECASTS.c.get(name, FORECAST_QUANTILES.c.get(name)) for name in PUBLISHED]
    query = sa.select(*wanted).select_from(PUBLISHED_FORECASTS.join(FORECAST_QUANTILES))
    query = query.where(PUBLISHED_FORECASTS.c.entry <= entry).order_by(*FORECAST_QUANTILES.primary_key)
    return table_of_rows(connection.execute(query).all(), PUBLISHED)
