"""The formats that are read, one record each, and how to save a file of any other so that it can be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from python_calamine import CalamineWorkbook

from estimation.errors import InputError, refusal
from estimation.ingest.formats.arff import read_arff
from estimation.ingest.formats.delimited import read_delimited
from estimation.ingest.formats.excel import open_workbook, read_excel, read_fullest
from estimation.ingest.formats.jira import is_jira, read_jira
from estimation.ingest.formats.msproject import SAVE_AS_XML, read_msproject
from estimation.ingest.formats.protrack import is_protrack, read_protrack
from estimation.ingest.formats.protrack_status import read_protrack_status
from estimation.ingest.mapping import NO_MAPPING, TableMapping
from estimation.ingest.raw_table import RawTable


@dataclass(frozen=True)
class SourceFile:
    """A file and its mapping; what several formats look at is opened once."""

    path: Path
    mapping: TableMapping

    @cached_property
    def workbook(self) -> CalamineWorkbook:
        """The file as a workbook."""
        return open_workbook(self.path)

    @cached_property
    def text_table(self) -> RawTable:
        """The file as delimited text."""
        return read_delimited(self.path, columns=self.mapping.columns)


@dataclass(frozen=True)
class Format:
    """A format of files: how a file of it is known and read, and what its tables have of their own.

    Parameters
    ----------
    name : str
    suffixes : tuple of str
        How its files end.
    read : function of a file and "history", "plan" or "status"
        Its reader.
    recognised : function of a file
        Whether a file that ends so is of this format; the first that says yes reads it.
    work_packages : bool
        Whether its phases are names of work packages: taken as they are written, rare ones pooled.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[SourceFile, str], RawTable]
    recognised: Callable[[SourceFile], bool] = lambda file: True
    work_packages: bool = False


_DELIMITED, _EXCEL = (".csv", ".tsv", ".txt"), (".xlsx", ".xlsm")
FORMATS = (
    Format(
        "export of Jira",
        _DELIMITED,
        lambda file, kind: read_jira(file.text_table, file.mapping),
        recognised=lambda file: not file.mapping.columns and is_jira(file.text_table),
    ),
    Format("delimited text", _DELIMITED, lambda file, kind: file.text_table),
    Format(
        "ProTrack workbook",
        _EXCEL,
        lambda file, kind: (read_protrack_status if kind == "status" else read_protrack)(file.path),
        recognised=lambda file: is_protrack(file.workbook.sheet_names),
        work_packages=True,
    ),
    Format(
        "Excel workbook",
        _EXCEL,
        lambda file, kind: read_excel(
            file.path, sheet=file.mapping.sheet, columns=file.mapping.columns, workbook=file.workbook
        ),
    ),
    Format("MS Project XML", (".xml",), lambda file, kind: read_msproject(file.path, kind=kind)),
    Format("ARFF", (".arff",), lambda file, kind: read_arff(file.path)),
)
READABLE = tuple(dict.fromkeys(suffix for each in FORMATS for suffix in each.suffixes))
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


def tables_in(folder: Path) -> list[Path]:
    """List the files of a folder that are meant as tables, each read or refused with the way to save it."""
    known = (*READABLE, ".mpp", ".xer", ".xls", ".xlsb", ".ods")
    files = (path for path in sorted(folder.iterdir()) if path.is_file())
    return [path for path in files if path.suffix.lower() in known and not path.name.startswith(("~$", "."))]


def read_raw(path: Path, mapping: TableMapping, *, kind: str = "history") -> RawTable:
    """Read a file by the reader of its format, for a "history", a "plan" or a "status"."""
    file, suffix = SourceFile(path, mapping), path.suffix.lower()
    form = next((each for each in FORMATS if suffix in each.suffixes and each.recognised(file)), None)
    if form is None:
        raise _unreadable(path)
    return replace(form.read(file, kind), form=form)


def read_any_table(path: Path) -> RawTable:
    """Read a file; of a workbook without any known header take the row that looks most like one."""
    try:
        return read_raw(path, NO_MAPPING, kind="plan")
    except InputError:
        if path.suffix.lower() not in _EXCEL:
            raise
    return read_fullest(path)


def _unreadable(path: Path) -> InputError:
    suffix, remedy = path.suffix.lower(), _AS_WORKBOOK
    found = f"files ending in '{suffix}' cannot be read" if suffix else "a file without an ending came"
    if suffix in SAVE_AS:
        what, _, remedy = SAVE_AS[suffix].partition(". ")
        found = f"files ending in '{suffix}' cannot be read; this {what}"
    return refusal(path.name, found, f"wanted {', '.join(READABLE)}", remedy)
