"""A disk of a few megabytes that tests can fill or close to writers: a file system in memory, mounted by root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path


@cache
def why_not() -> str:
    """Say why no such disk can be had here, if so."""
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("mount") is None:
        return "a small disk can be mounted by root alone"
    folder = tempfile.mkdtemp()
    try:
        done = _mount(folder, "size=1m")
        if done.returncode:
            return f"a small disk cannot be mounted here ({done.stderr.strip()})"
        subprocess.run(["umount", folder], check=True)
        return ""
    finally:
        os.rmdir(folder)


@contextmanager
def small_disk(folder: Path, mebibytes: float) -> Iterator[Path]:
    """Mount an empty disk of this size at a folder, which is made; unmount it at the end."""
    folder.mkdir()
    done = _mount(str(folder), f"size={int(mebibytes * 1024)}k,mode=755")
    assert done.returncode == 0, done.stderr
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write to a mounted disk for a while, not even root."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


@contextmanager
def filled(folder: Path, *, left: int = 0) -> Iterator[None]:
    """Fill a disk up to so many free bytes for a while."""
    there = os.statvfs(folder)
    filler = folder / "filler"
    with filler.open("wb") as file:
        file.write(bytes(max(0, there.f_bavail * there.f_frsize - left)))
    try:
        yield
    finally:
        filler.unlink()


def _mount(folder: str, options: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder],
        capture_output=True,
        text=True,
        check=False,
    )
