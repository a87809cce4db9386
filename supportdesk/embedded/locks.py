"""Locks between processes, kept by the kernel: whoever dies, however, lets go."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from supportdesk.embedded.errors import CannotStart


class Lock:
    """One lock file. The file itself means nothing and stays; only a live process holds the lock."""

    def __init__(self, path: Path):
        self.path = path
        self._file: int | None = None

    def shared(self) -> None:
        """Hold it together with others; waits for whoever holds it alone."""
        fcntl.flock(self._opened(), fcntl.LOCK_SH)

    def alone(self) -> None:
        """Hold it alone; waits for everybody else."""
        fcntl.flock(self._opened(), fcntl.LOCK_EX)

    def alone_at_once(self) -> bool:
        """Hold it alone if nobody else holds it now. After a no, a share held before may be gone."""
        try:
            fcntl.flock(self._opened(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def handle(self) -> int:
        """The open file, to be handed to a child: the lock then lasts until the last of both has ended."""
        return self._opened()

    def __enter__(self) -> Lock:
        self.alone()
        return self

    def __exit__(self, *_) -> None:
        self.release()

    def _opened(self) -> int:
        if self._file is None:
            try:
                # Read-only is enough for a lock, also on a file that root has made.
                self._file = os.open(self.path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            except OSError as error:
                raise CannotStart(f"The data folder {self.path.parent} cannot be used: {error.strerror}.") from error
        return self._file
