"""A notebook's cells run in this process: for tests of what a report says, where how it is run is not the point.

Starting a kernel and loading everything into it again takes longer than most reports.
"""

import ast
import contextlib

import matplotlib as mpl
import nbformat
from IPython.core.formatters import DisplayFormatter
from nbformat.v4 import new_output

from estimation.publishing import runner


@contextlib.contextmanager
def kernels_replaced():
    """Let the runner run the cells here for a while; warnings in them are errors then, as in all tests."""
    real, runner._run_cells = runner._run_cells, run_cells
    try:
        yield
    finally:
        runner._run_cells = real


def run_cells(notebook, values, place, _half, _limits, progress):
    """What the runner does with a kernel: the values follow the parameters, and the last value of a cell is shown."""
    executed = nbformat.read(notebook.path, as_version=4)
    names = {"__name__": "__main__"}
    cells = [cell for cell in executed.cells if cell.cell_type == "code" and cell.source.strip()]
    with contextlib.chdir(place), mpl.rc_context():
        for count, cell in enumerate(cells, start=1):
            progress.start(cell, count)
            shown = last_value(cell.source, names)
            if "parameters" in cell.metadata.get("tags", []):
                names |= values
            cell.execution_count = count
            if shown is not None:
                data, metadata = DisplayFormatter().format(shown)
                cell.outputs = [new_output("execute_result", data, metadata=metadata, execution_count=count)]
    return executed


def last_value(source, names):
    """Run a cell; give the value of its last line, unless a semicolon keeps it back."""
    *lines, last = ast.parse(source).body
    if not isinstance(last, ast.Expr) or source.rstrip().endswith(";"):
        exec(compile(source, "a cell", "exec"), names)
        return None
    exec(compile(ast.Module(lines, []), "a cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "a cell", "eval"), names)
