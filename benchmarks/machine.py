"""What a run costs the machine: seconds of the processor and the most memory its process ever held."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

_UNIT = 1024 if sys.platform != "darwin" else 1024**2
_STATUS = Path("/proc/self/status")


def timed(run: Callable[[], object]) -> tuple[float, object]:
    """Give the seconds of the processor that a call took, and what it returned."""
    begun = time.process_time()
    result = run()
    return time.process_time() - begun, result


def peak_mebibytes() -> float:
    """Give the most memory this process held so far, in MiB.

    Linux keeps the figure per program; elsewhere it is that of ``getrusage``, which may count what the process that
    started this one held.
    """
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _UNIT
