"""Notebooks that must not see all data: what they need is worked out before they run and laid beside their results.

Such a notebook has a raw cell tagged ``prepared`` with what the command can be told; the notebook itself is told the
name of one prepared file and runs in the folder that holds it, so that no path of the machine stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat

from estimation.errors import RefusedError
from estimation.project.amounts import list_few
from estimation.publishing.notebooks import OUTPUT, PREPARED_TAG, Notebook, resolve_parameters
from estimation.publishing.results import write_whole
from estimation.publishing.staging import FAILED


@dataclass(frozen=True)
class Prepared:
    """What was made ready for a notebook: a file with a text, and the parameter that names it.

    ``folder`` is where its reports go below that of the notebook, one for each project; ``belongs`` says whether a file
    is an earlier one of the same project; ``warnings`` go to the terminal and into no file of the report.
    """

    parameter: str
    file: str
    text: str
    folder: str
    belongs: Callable[[Path, str], bool]
    warnings: tuple[str, ...] = ()

    def lay_into(self, folder: Path) -> dict[str, str]:
        """Write the file into a folder and say what the notebook that runs there is told."""
        write_whole(folder / self.file, self.text)
        return {self.parameter: self.file, OUTPUT: "."}

    def refuse_others(self, folder: Path, notebook: str) -> None:
        """Refuse a folder with anything but an earlier report of the same project: it would be sent along."""
        there = [path for path in folder.iterdir() if path.name[0] != "."]
        half = [path.name for path in (folder / FAILED).glob("*")]
        empty = [path.name for path in there] in ([], [FAILED])
        others = set(half) - {f"{notebook}.ipynb"}
        if others or not (empty or self.belongs(folder / self.file, self.text)):
            raise RefusedError(
                f"{folder} holds files of something else, which would be sent along with this report. Name an empty "
                "folder with --output."
            )

    def refuse_left_over(self, folder: Path, made: Path) -> None:
        """Refuse a folder in which something lies that this report does not write anew: it would be sent along."""
        anew = {path.name for path in made.iterdir()} | {FAILED}
        others = sorted({path.name for path in folder.iterdir() if path.name[0] != "."} - anew)
        if others:
            raise RefusedError(
                f"{folder} holds files that are not of this report and would be sent along with it: "
                f"{list_few(list(others), 8)}. Move them away, or name an empty folder with --output."
            )

    def forget_failure(self, folder: Path, notebook: str) -> None:
        """Remove what an earlier run that failed left in the folder: it would be sent along."""
        failed = folder / FAILED
        (failed / f"{notebook}.ipynb").unlink(missing_ok=True)
        if failed.is_dir() and not any(failed.iterdir()):
            failed.rmdir()


def prepare(notebook: Notebook, given: Mapping) -> Prepared | None:
    """Make ready what a notebook needs; None for notebooks that read for themselves."""
    if not notebook.is_prepared:
        return None
    defaults = {one.name: one.default for one in notebook.parameters if one.name not in given}
    values = resolve_parameters(notebook, defaults, base=notebook.path.parent) | dict(given)
    values.pop(OUTPUT, None)
    return PREPARATIONS[notebook.short](values)


def without_preparation(executed: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take out of an executed notebook what is for whoever ran it: the raw cell, and warnings with their paths."""
    executed.cells = [
        cell for cell in executed.cells if PREPARED_TAG not in cell.get("metadata", {}).get("tags", [])
    ]
    for cell in executed.cells:
        if "outputs" in cell:
            cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
    return executed


def _client(values: Mapping) -> Prepared:
    from estimation.publishing import client_package as made  # most of a second to load: it forecasts

    project = str(values["project"])
    text = made.prepare_client(**values)
    folder = re.sub(r"[^\w.\-]+", "-", project).strip(".-") or "project"
    warnings = made.package_warnings(text, project)
    return Prepared("package", made.CLIENT_FILE, text, folder, belongs=made.is_package_of, warnings=warnings)


PREPARATIONS: Mapping[str, Callable[[Mapping], Prepared]] = {"client": _client}
