"""Which program wrote a file: the reader for it, or how to save it so that one can read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from estimation.errors import InputError, Problem
from estimation.ingest.formats.arff import read_arff
from estimation.ingest.formats.delimited import read_delimited
from estimation.ingest.formats.excel import open_workbook, read_excel
from estimation.ingest.formats.jira import is_jira, read_jira
from estimation.ingest.formats.msproject import SAVE_AS_XML, read_msproject
from estimation.ingest.formats.protrack import is_protrack, read_protrack
from estimation.ingest.mapping import TableMapping
from estimation.ingest.raw_table import RawTable

DELIMITED = (".csv", ".tsv", ".txt")
EXCEL = (".xlsx", ".xlsm")
OTHERS = (".xml", ".arff")
READABLE = DELIMITED + EXCEL + OTHERS
_AS_WORKBOOK = "Save the table as an Excel workbook (.xlsx) or as CSV."
SAVE_AS = {
    ".mpp": f"is a plan of MS Project in its own format. {SAVE_AS_XML}",
    ".mpt": f"is a template of MS Project. {SAVE_AS_XML}",
    ".xer": (
        "is an export of Primavera P6. In P6 choose File, Export, and the type 'Microsoft Project XML', "
        "or 'Spreadsheet (XLSX)' with the activities."
    ),
    ".xls": f"is a workbook of Excel 97. {_AS_WORKBOOK}",
    ".xlsb": f"is a binary workbook. {_AS_WORKBOOK}",
    ".ods": f"is a sheet of LibreOffice. {_AS_WORKBOOK}",
    ".pdf": f"is a page to look at. {_AS_WORKBOOK}",
    ".json": f"is no table. {_AS_WORKBOOK}",
    ".numbers": f"is a sheet of Numbers. {_AS_WORKBOOK}",
}
"""What files that are not read are, and how their owner saves them as one that is."""

ReadProtrack = Callable[[Path], RawTable]


def is_table(path: Path) -> bool:
    """Tell whether a file of a folder is meant as a table, read or refused with the way to save it."""
    known = (*READABLE, ".mpp", ".xer", ".xls", ".xlsb", ".ods")
    return path.suffix.lower() in known and not path.name.startswith(("~$", "."))


def read_raw(
    path: Path, mapping: TableMapping, *, kind: str = "history", protrack: ReadProtrack = read_protrack
) -> RawTable:
    """Read a file by the reader of the program that wrote it.

    Parameters
    ----------
    path : Path
    mapping : TableMapping
    kind : "history", "plan" or "status"
        What the file is read for.
    protrack : function
        Reader of ProTrack workbooks; for statuses it is another one.

    Raises
    ------
    InputError
        If no reader knows the file, or its reader refuses it.
    """
    suffix = path.suffix.lower()
    if suffix in DELIMITED:
        raw = read_delimited(path, columns=mapping.columns)
        return read_jira(raw, mapping) if is_jira(raw) and not mapping.columns else raw
    if suffix == ".xml":
        return read_msproject(path, kind=kind)
    if suffix == ".arff":
        return read_arff(path)
    if suffix not in EXCEL:
        came = f"files ending in '{suffix}' cannot be read" if suffix else "a file without an ending came"
        wanted, remedy = f"wanted {', '.join(READABLE)}", _AS_WORKBOOK
        if suffix in SAVE_AS:
            what, _, remedy = SAVE_AS[suffix].partition(". ")
            came = f"files ending in '{suffix}' cannot be read; this {what}"
        raise InputError(problems=[Problem(path.name, None, "", came, wanted, remedy)])
    workbook = open_workbook(path)
    if is_protrack(workbook.sheet_names):
        return protrack(path)
    return read_excel(path, sheet=mapping.sheet or None, columns=mapping.columns, workbook=workbook)
