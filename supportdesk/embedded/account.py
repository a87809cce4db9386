"""As whom PostgreSQL runs. It refuses root, so root lends it another account and keeps its own."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from supportdesk.embedded.errors import CannotStart

PREFERRED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An account of this machine.

    Attributes:
        lent: root stepped down to it; otherwise it is the one that runs this program.
    """

    name: str
    uid: int
    gid: int
    lent: bool

    def popen(self) -> dict:
        """What ``subprocess`` needs to run something as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.lent else {}

    def can_enter(self, folder: Path) -> bool:
        """May this account walk into the folder? Asked of the kernel by trying, not worked out from mode bits."""
        return _succeeds(["test", "-x", str(folder)], self)

    def can_run(self, program: Path) -> bool:
        """Does the program start for this account, with its libraries?"""
        return _succeeds([str(program), "--version"], self)

    def own(self, folder: Path) -> None:
        """Make the folder this account's own and nobody else's. For folders that we have made."""
        if self.lent:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def ourselves() -> Account:
    """The account that runs this program."""
    return Account(str(os.getuid()), os.getuid(), os.getgid(), lent=False)


def is_trusted(uid: int) -> bool:
    """Is this ourselves or, for root, an account that it lends to PostgreSQL?"""
    if uid == os.getuid():
        return True
    try:
        return os.getuid() == 0 and pwd.getpwuid(uid).pw_name in PREFERRED
    except KeyError:
        return False


def for_postgres(cluster: Path) -> Account:
    """The account for a cluster in this folder: ourselves; for root the cluster's owner, else postgres, else nobody.

    Raises:
        CannotStart: the cluster belongs to somebody else, or root has no account to lend.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.getuid() != 0:
        if owner not in (None, os.getuid()):
            raise CannotStart(f"The database in {cluster} belongs to another user (uid {owner}): run this as before.")
        return ourselves()
    return _lend(_entry_of(owner))


def _entry_of(owner: int | None) -> pwd.struct_passwd:
    for look_up, key in ((pwd.getpwuid, owner), *((pwd.getpwnam, name) for name in PREFERRED)):
        try:
            if key:
                return look_up(key)
        except KeyError:
            continue
    raise CannotStart("PostgreSQL refuses to run as root, and this machine has no account 'postgres' or 'nobody'.")


def _lend(entry: pwd.struct_passwd) -> Account:
    account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid, lent=True)
    try:
        subprocess.run(["true"], **account.popen(), check=True)
    except (PermissionError, subprocess.SubprocessError) as error:
        raise CannotStart(
            f"PostgreSQL refuses to run as root, and this container may not step down to '{account.name}'; "
            "run the desk as an ordinary user or set DATABASE_URL."
        ) from error
    return account


def _succeeds(command: list[str], account: Account) -> bool:
    try:
        done = subprocess.run(command, **account.popen(), cwd="/", capture_output=True)
    except OSError:
        return False
    return done.returncode == 0
