"""What a computer that loses its power must not lose: files, and the names of files, put on the disk for good."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def flush(path: Path) -> None:
    """See to it that a file, or the names in a folder, are on the disk."""
    windows = os.name == "nt"
    if windows and path.is_dir():  # Windows keeps names by itself
        return
    descriptor = os.open(path, os.O_RDWR if windows else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a name to write to; the file takes its place when it is complete and on the disk, or nothing is left."""
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield half
        flush(half)
        os.replace(half, path)
        flush(path.parent)
    finally:
        half.unlink(missing_ok=True)
