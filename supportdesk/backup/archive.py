"""The file: a zip of ``database.dump``, the files of DATA_DIR under ``files/``, and last ``manifest.json``."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from supportdesk.backup import Impossible
from supportdesk.backup.manifest import FORMAT, Manifest

DUMP = "database.dump"
FILES = "files/"
MANIFEST = "manifest.json"
BLOCK = 1 << 20


class Writer:
    """An archive in the making."""

    def __init__(self, whole: zipfile.ZipFile):
        self._whole = whole
        self.sha256: dict[str, str] = {}

    def add(self, name: str, source: BinaryIO, *, packed: bool = False) -> None:
        """Add one member, read to its end. ``packed``: it is compressed already."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        hashed = hashlib.sha256()
        with self._whole.open(info, "w", force_zip64=True) as member:
            while block := source.read(BLOCK):
                hashed.update(block)
                member.write(block)
        self.sha256[name] = hashed.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        self._whole.writestr(MANIFEST, json.dumps(manifest.as_values(), indent=2))


@contextmanager
def written(path: Path) -> Iterator[Writer]:
    """Write an archive that is there under its name when it is whole, and never in place of another file.

    Raises:
        Impossible: something lies there, or the folder cannot be written.
    """
    if path.exists():
        raise Impossible(f"{path} is there already and stays as it is.")
    draft = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:  # mode 0600
            draft = Path(file.name)
            with zipfile.ZipFile(file, "w", allowZip64=True) as whole:
                yield Writer(whole)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename it refuses a name that has been taken meanwhile
    except FileExistsError:
        raise Impossible(f"{path} is there already and stays as it is.") from None
    except OSError as failure:
        raise Impossible(f"{path} cannot be written: {failure.strerror}.") from failure
    finally:
        if draft:
            draft.unlink(missing_ok=True)


class Reader:
    """An archive that has been found whole."""

    def __init__(self, whole: zipfile.ZipFile, manifest: Manifest):
        self._whole = whole
        self.manifest = manifest

    def extract_dump(self, folder: Path) -> Path:
        with self._whole.open(DUMP) as member, (folder / DUMP).open("xb") as file:
            shutil.copyfileobj(member, file, BLOCK)
        return folder / DUMP

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The files of DATA_DIR: their paths in it and what they hold."""
        for name in self.manifest.sha256:
            if name.startswith(FILES):
                yield name.removeprefix(FILES), self._whole.read(name)


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """Open an archive and prove that it is whole.

    Raises:
        Impossible: it is cut off, damaged, or none of ours.
    """
    foreign = Impossible(f"{path} is no backup of a desk, or it is cut off.")
    try:
        whole = zipfile.ZipFile(path)
    except OSError as failure:
        raise Impossible(f"{path} cannot be read: {failure.strerror}.") from failure
    except zipfile.BadZipFile:
        raise foreign from None
    with whole:
        manifest = None
        with suppress(KeyError, TypeError, ValueError, zipfile.BadZipFile):
            manifest = Manifest(**json.loads(whole.read(MANIFEST)))
        if manifest is None or manifest.format != FORMAT:
            raise foreign
        _require_whole(path, whole, manifest)
        yield Reader(whole, manifest)


def _require_whole(path: Path, whole: zipfile.ZipFile, manifest: Manifest) -> None:
    names = sorted(name for name in whole.namelist() if name != MANIFEST)
    if names != sorted(manifest.sha256) or DUMP not in names:
        raise Impossible(f"{path} does not hold what it says: files are missing or were added.")
    for name, sha256 in manifest.sha256.items():
        hashed = hashlib.sha256()
        try:
            with whole.open(name) as member:
                while block := member.read(BLOCK):
                    hashed.update(block)
        except (zipfile.BadZipFile, OSError, EOFError):
            hashed = hashlib.sha256(b"damaged")
        if hashed.hexdigest() != sha256:
            raise Impossible(f"{path} is damaged: {name} is not what was written.")
        _require_inside(path, name)


def _require_inside(path: Path, name: str) -> None:
    if name.startswith("/") or ".." in Path(name).parts:
        raise Impossible(f"{path} holds a file that would lie outside the data folder: {name}.")
