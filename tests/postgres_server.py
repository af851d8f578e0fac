"""A PostgreSQL server of the tests' own, on loopback, from installed binaries; never run by root."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

OWNER = "postgres"


def binaries() -> Path | None:
    """Find the folder of initdb: Debian keeps it out of the PATH, newest version last."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def why_not() -> str:
    """Say why no server can be started here, if so."""
    if os.name == "nt" or binaries() is None:
        return "no PostgreSQL server is installed (Debian: apt-get install postgresql)"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "the driver psycopg is not installed"
    if os.geteuid() == 0 and (
        shutil.which("runuser") is None or OWNER not in {one.pw_name for one in pwd.getpwall()}
    ):
        return f"root may not run PostgreSQL, and there is no user '{OWNER}' or no runuser"
    return ""


@dataclass(frozen=True)
class Server:
    """A running server: the address of its database ``postgres``, and how it is started again and stopped."""

    address: str
    start: Callable[[], None]
    stop: Callable[[], None]


@contextmanager
def server(within: Path | None = None) -> Iterator[Server]:
    """Start a server and stop it at the end; its files go into a folder of their own, where nothing else is said."""
    folder = Path(tempfile.mkdtemp(prefix="estimation-postgres-", dir=within))
    data, password, port = folder / "data", secrets.token_hex(8), _free_port()
    (folder / "password").write_text(password)
    as_owner = []
    if os.geteuid() == 0:
        for path in (folder, folder / "password"):
            shutil.chown(path, OWNER)
        as_owner = ["runuser", "-u", OWNER, "--"]

    def call(name: str, *words: str) -> None:
        command = [*as_owner, str(binaries() / name), *words]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stderr or done.stdout}")

    call(
        "initdb",
        "-D",
        str(data),
        "-U",
        OWNER,
        "-E",
        "UTF8",
        "--auth=scram-sha-256",
        "--pwfile",
        str(folder / "password"),
    )
    # Only loopback: the path of a socket may have a hundred letters, and that of a test's folder has more.
    options = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c shared_buffers=32MB"
    )

    def start() -> None:
        call("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w", "-o", options, "start")

    def stop() -> None:
        if not (data / "postmaster.pid").exists():  # it has stopped itself
            return
        try:
            call("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        except RuntimeError:
            if (data / "postmaster.pid").exists():  # else it stopped itself just now, as on a full disk
                raise

    start()
    try:
        yield Server(f"postgresql+psycopg://{OWNER}:{password}@127.0.0.1:{port}/postgres", start, stop)
    finally:
        stop()
        shutil.rmtree(folder, ignore_errors=True)


def new_database(address: str) -> str:
    """Make an empty database and give its address."""
    import psycopg

    name = f"ledger_{secrets.token_hex(4)}"
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return address.removesuffix("/postgres") + f"/{name}"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
