"""Columns that keep a contract: the kinds there are, the check that a table keeps one, the hash of its content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

DTYPES = {
    "text": "str",
    "date": "datetime64[s]",
    "number": "float64",
    "whole": "Int64",
    "flag": "boolean",
}


@dataclass(frozen=True)
class Column:
    """One column: its kind (a key of ``DTYPES``), unit and meaning."""

    kind: str
    unit: str
    meaning: str


Contract = Mapping[str, Column]


def check_table(table: pd.DataFrame, contract: Contract, title: str) -> None:
    """Hold a table to its contract; a breach is a mistake in the code, not in the data.

    Raises
    ------
    TypeError
        If columns are missing, surplus, in another order, or of another kind.
    """
    if list(table.columns) != list(contract):
        missing = [name for name in contract if name not in table.columns]
        surplus = [name for name in table.columns if name not in contract]
        raise TypeError(f"{title}: columns missing {missing}, surplus {surplus}, or out of order")
    for name, column in contract.items():
        if str(table[name].dtype) != DTYPES[column.kind]:
            raise TypeError(f"{title}: {name} is {table[name].dtype}, wanted {DTYPES[column.kind]}")


def content_hash(table: pd.DataFrame) -> str:
    """Name the content of a table: the same rows give the same hash, whatever their order.

    Parameters
    ----------
    table : DataFrame
        Where its rows came from (``source``) does not count.

    Returns
    -------
    str of 64 hexadecimal digits
    """
    counted = table.drop(columns="source", errors="ignore")
    counted = counted.assign(**counted.select_dtypes("float").round(6))
    rows = pd.util.hash_pandas_object(counted, index=False).to_numpy()
    return hashlib.sha256(",".join(counted.columns).encode() + np.sort(rows).tobytes()).hexdigest()


def file_hash(path: str | Path) -> str:
    """Name the bytes of a file.

    Returns
    -------
    str of 64 hexadecimal digits, SHA-256
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_contract(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Give a table exactly the columns, order and kinds of its contract; absent columns come empty.

    Parameters
    ----------
    table : DataFrame
        Columns outside the contract are dropped.
    contract : Contract

    Returns
    -------
    DataFrame with a fresh 0..n-1 index
    """
    columns = {
        name: (
            table[name].astype(DTYPES[column.kind]).reset_index(drop=True)
            if name in table
            else pd.Series(None, index=pd.RangeIndex(len(table)), dtype=DTYPES[column.kind])
        )
        for name, column in contract.items()
    }
    # Columns stay where they are: put side by side anew they would be in memory twice.
    return pd.DataFrame(columns, columns=list(contract), copy=False)
