"""The command in a process of its own, forked, so that it starts at once with everything loaded."""

import os
import sys
from pathlib import Path

from estimation.cli import command as cli


class Forked:
    """A command that is running; what it says on either output stands in a file."""

    def __init__(self, words: list[str], said: Path) -> None:
        self._said = said
        self.pid = os.fork()
        if self.pid == 0:
            code = 70
            try:
                file = os.open(said, os.O_WRONLY | os.O_CREAT)
                os.dup2(file, 1)
                os.dup2(file, 2)
                sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
                code = cli.main(words)
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)

    def is_running(self) -> bool:
        """Whether it has not ended yet; it is not waited for."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def ended(self) -> tuple[int, str]:
        """Its exit code and what it said, once it has ended."""
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return code, self._said.read_text()
