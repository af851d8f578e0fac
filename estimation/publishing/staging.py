"""One run at a time in a folder, and what it makes appears there when it is whole: staged, flushed, moved in place."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from estimation.errors import BusyError
from estimation.ledger.disk import flush

STAGED = ".staged-"
READY = ".ready"
FAILED = "failed"
_WAITS = 50
_WAIT_SECONDS = 0.1


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder for this run, or be busy; the system lets go of it when the run ends, however it ends."""
    path = folder / ".running"
    try:
        lock = FileLock(path).acquire(timeout=0)
    except Timeout:
        raise BusyError(
            f"Another run is writing to {folder}. Wait for it, or name another folder with --output."
        ) from None
    with lock:
        try:
            yield
        finally:
            if os.name != "nt":  # Windows does not remove a file that is open; there it stays, empty
                path.unlink(missing_ok=True)


@contextmanager
def stage(folder: Path) -> Iterator[Path]:
    """Give an empty folder to work in; what is in it at the end takes its place in ``folder``, which must be held.

    Until then ``folder`` stays as it was, and so it does when the work fails. From the moment at which everything
    is flushed to the disk the new files count: a move that was cut short is finished by whoever comes next.
    """
    _finish(folder)
    for left in folder.glob(f"{STAGED}*"):
        shutil.rmtree(left, ignore_errors=True)
    # A name of its own: what a run that was killed has left running must not write among our files.
    work = Path(tempfile.mkdtemp(prefix=STAGED, dir=folder))
    try:
        yield work
        for path in sorted(work.rglob("*")):
            flush(path)
        flush(work)
        os.rename(work, folder / READY)
        flush(folder)
        _finish(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def finish_move(folder: Path) -> None:
    """Finish a move that was cut short, or wait for the run that is in the midst of it; readers call this first."""
    for _ in range(_WAITS):
        if not (folder / READY).is_dir():
            return
        try:
            with alone_in(folder):
                return _finish(folder)
        except BusyError:
            time.sleep(_WAIT_SECONDS)
        except OSError:  # whoever may only read gets file by file what is there
            return


def _finish(folder: Path) -> None:
    """Move what is ready to its places, each file at once."""
    ready = folder / READY
    if not ready.is_dir():
        return
    for path in sorted(ready.rglob("*")):
        if path.is_file():
            place = folder / path.relative_to(ready)
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, place)
            flush(place.parent)
    shutil.rmtree(ready)
    flush(folder)
