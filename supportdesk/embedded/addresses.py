"""Where the servers are found: those named in the environment, else the embedded ones of DATA_DIR.

Only the standard library, and nothing that fails: the settings read this before anything else is there. Addresses of
the embedded servers are computed from DATA_DIR each time and never recorded, so nothing can go stale; only the web's,
which people follow, is left behind.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent.parent
DATABASE_NAME = "supportdesk"
DATABASE_OWNER = "desk_owner"  # has the tables and migrates
DATABASE_USER = "desk"  # as which everything else works, see `supportdesk.rights`
AS_OWNER = "DESK_AS_OWNER"  # set to 1 by the commands that change tables; see `commands`
# Set to 1 by the commands that ask one session for more than one transaction; they go round a pool of sessions.
ONE_SESSION = "DESK_ONE_SESSION"
POSTGRES_PORT = 5432  # only the last part of the socket's name: the embedded server never listens on TCP
SOCKET_BYTES = 103  # what a socket's path may hold on macOS; Linux allows 107

# A lock held by somebody else answers "conflict" after this long; a request never hangs on one.
LOCK_TIMEOUT = "5s"
# A process that stopped in the middle of its work (SIGSTOP, a machine put to sleep) loses its transaction, so that
# another one can do the work; when it wakes up its own writes are refused.
STOPPED_TIMEOUT = "60s"


class AddressError(ValueError):
    """An address in the environment cannot be read. The text is for people and never repeats a password."""


def data_dir(env: Mapping[str, str]) -> Path:
    """The folder of everything the desk keeps on this machine: ``DATA_DIR``, else ``var/`` beside the program."""
    return Path(env.get("DATA_DIR") or ROOT / "var").resolve()


def note_web_address(data_dir: Path, url: str) -> None:
    """Leave behind where the desk is reached, for commands that print links beside it."""
    (data_dir / "web-address").write_text(url)


def web_address(data_dir: Path, env: Mapping[str, str] = os.environ) -> str:
    """Where the desk is reached, no slash at the end: ``BASE_URL``, else by ``PORT``, else where it last ran.

    ``PUBLIC_URL`` is its earlier name.

    Raises:
        AddressError: ``BASE_URL`` is no address of a web page.
    """
    wished = env.get("BASE_URL") or env.get("PUBLIC_URL")
    if wished:
        parts = urlsplit(wished)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise AddressError("BASE_URL must begin with https:// or http:// and name a host.")
        return wished.rstrip("/")
    if env.get("PORT"):
        return f"http://127.0.0.1:{env['PORT']}"
    with suppress(OSError):
        return (data_dir / "web-address").read_text().rstrip("/")
    return "http://127.0.0.1:8000"


def mail_folder(data_dir: Path, env: Mapping[str, str] = os.environ) -> Path | None:
    """Where mails are written as files; None where a mail server or another way is named in the environment."""
    return None if env.get("EMAIL_HOST") or env.get("EMAIL_BACKEND") else data_dir / "mail"


def runtime_folder(data_dir: Path, env: Mapping[str, str] = os.environ, uid: int | None = None) -> Path:
    """The short folder that holds the sockets of this DATA_DIR's servers. Computed only; it may not exist.

    Args:
        data_dir: absolute path; only its hash goes into the name, for a socket's path must be short.
        env: read for ``XDG_RUNTIME_DIR`` and ``TMPDIR``.
        uid: the user whose servers they are; else the present one.
    """
    uid = os.getuid() if uid is None else uid
    name = f"supportdesk-{uid}-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
    folder = _runtime_base(env, uid) / name
    if len(os.fsencode(folder / f".s.PGSQL.{POSTGRES_PORT}")) > SOCKET_BYTES:
        return Path("/tmp") / name
    return folder


def _runtime_base(env: Mapping[str, str], uid: int) -> Path:
    of_the_session = env.get("XDG_RUNTIME_DIR")
    # Root's PostgreSQL runs as another account, which cannot walk into root's own session folder.
    if uid and of_the_session and _belongs_to(Path(of_the_session), uid):
        return Path(of_the_session)
    temporary = Path(env.get("TMPDIR") or "/tmp")
    return temporary if uid or _open_to_all(temporary) else Path("/tmp")


def _belongs_to(folder: Path, uid: int) -> bool:
    try:
        return folder.is_dir() and folder.stat().st_uid == uid
    except OSError:
        return False


def _open_to_all(folder: Path) -> bool:
    """Can every account walk into this folder?"""
    try:
        return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))
    except OSError:
        return False


def kept_secret(data_dir: Path, name: str, size: int = 48) -> str:
    """A random text that stays the same: read from ``DATA_DIR/name``, made there at the first need, mode 0600.

    Where nothing can be written (``check`` in a read-only image) the text is thrown away with the process.

    Args:
        size: bytes of randomness; the text is a third longer.
    """
    path = data_dir / name
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(size))
        return path.read_text().strip()
    except OSError:
        return secrets.token_urlsafe(size)


def _write_once(path: Path, text: str) -> None:
    """Give the file its text unless it has one. Of two processes at once one wins, and neither sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-") as draft:  # mode 0600
        draft.write(text + "\n")
        draft.flush()
        try:
            os.link(draft.name, path)
        except FileExistsError:
            return


def database(data_dir: Path, env: Mapping[str, str] = os.environ) -> dict:
    """Django's entry for the database: the server of ``DATABASE_URL``, else the embedded one.

    A command that changes tables works as their owner: by ``MIGRATE_DATABASE_URL``, else as the embedded one's.
    ``DIRECT_DATABASE_URL`` says that ``DATABASE_URL`` leads to a pool, which gives each transaction another session.

    Raises:
        AddressError: one of them is no PostgreSQL address.
    """
    as_owner = env.get(AS_OWNER) == "1"
    if not env.get("DATABASE_URL"):
        return _with_limits(_embedded(runtime_folder(data_dir, env), DATABASE_OWNER if as_owner else DATABASE_USER))
    direct = (as_owner and env.get("MIGRATE_DATABASE_URL")) or env.get("DIRECT_DATABASE_URL")
    if direct and (as_owner or env.get(ONE_SESSION) == "1"):
        return _with_limits(_server_of(direct))
    found = _server_of(env["DATABASE_URL"])
    # A pool refuses settings of a session: there they stand at the database. A cursor would outlive its session.
    pooled = bool(env.get("DIRECT_DATABASE_URL"))
    return {**_lasting(found), "DISABLE_SERVER_SIDE_CURSORS": True} if pooled else _with_limits(found)


def _with_limits(found: dict) -> dict:
    limits = f"-c lock_timeout={LOCK_TIMEOUT} -c idle_in_transaction_session_timeout={STOPPED_TIMEOUT} -c TimeZone=UTC"
    found["OPTIONS"]["options"] = f"{limits} {found['OPTIONS'].get('options', '')}".strip()
    return _lasting(found)


def _lasting(found: dict) -> dict:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        **found,
    }


def serving_role(env: Mapping[str, str] = os.environ) -> str:
    """As which role of the database web, worker, beat and most commands work.

    Raises:
        AddressError: ``DATABASE_URL`` is no PostgreSQL address.
    """
    url = env.get("DATABASE_URL")
    # As the driver does it: without a name in the address it is PGUSER, else the account's.
    return (_server_of(url)["USER"] or env.get("PGUSER") or getpass.getuser()) if url else DATABASE_USER


def _embedded(sockets: Path, role: str) -> dict:
    return {
        "NAME": DATABASE_NAME,
        "USER": role,
        "PASSWORD": "",
        "HOST": str(sockets),
        "PORT": str(POSTGRES_PORT),
        "OPTIONS": {},
    }


def _server_of(url: str) -> dict:
    """The parts of a libpq address; what stands behind ``?`` goes to the driver, except ``host`` and its like."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise AddressError(
            "DATABASE_URL, MIGRATE_DATABASE_URL and DIRECT_DATABASE_URL must begin with postgresql:// or postgres://."
        )
    credentials, _, host_and_port = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    host, port = _host_and_port(host_and_port)
    options = dict(parse_qsl(parts.query))
    name = unquote(parts.path.lstrip("/")) or options.pop("dbname", "")
    if not name:
        raise AddressError("DATABASE_URL names no database: postgresql://user:password@host/database.")
    return {
        "NAME": name,
        "USER": unquote(user) or options.pop("user", ""),
        "PASSWORD": unquote(password) or options.pop("password", ""),
        "HOST": host or options.pop("host", ""),
        "PORT": port or options.pop("port", ""),
        "OPTIONS": options,
    }


def _host_and_port(text: str) -> tuple[str, str]:
    """Split by hand: ``urlsplit().hostname`` would lower the letters of a socket's folder (``%2Frun%2FPg``)."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        host, _, port = text.partition(":")
    if port and not port.isdigit():
        raise AddressError("DATABASE_URL has a port that is no number.")
    return unquote(host), port


def valkey_socket(data_dir: Path, env: Mapping[str, str] = os.environ) -> Path:
    """Where the embedded Valkey listens."""
    return runtime_folder(data_dir, env) / "valkey.sock"


def redis(data_dir: Path, env: Mapping[str, str] = os.environ) -> str:
    """The address of Redis or Valkey in redis-py's form: ``REDIS_URL``, else the embedded one's socket.

    Raises:
        AddressError: ``REDIS_URL`` is of another kind.
    """
    url = env.get("REDIS_URL")
    if not url:
        return f"unix://{quote(str(valkey_socket(data_dir, env)))}?db=0"
    if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
        raise AddressError("REDIS_URL must begin with redis://, rediss:// or unix://.")
    return url


def with_redis_database(url: str, number: int) -> str:
    """The same server, another of its numbered databases. ``url`` in redis-py's form."""
    parts = urlsplit(url)
    options = [(key, value) for key, value in parse_qsl(parts.query) if key != "db"]
    if parts.scheme == "unix":
        return _socket_url("unix", parts, [*options, ("db", number)])
    return urlunsplit(parts._replace(path=f"/{number}", query=urlencode(options)))


def for_celery(url: str) -> str:
    """The same server in Celery's form: sockets are ``redis+socket://`` there, and ``db`` is ``virtual_host``."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    options = [("virtual_host" if key == "db" else key, value) for key, value in parse_qsl(parts.query)]
    return _socket_url("redis+socket", parts, options)


def _socket_url(scheme: str, parts: SplitResult, options: list[tuple[str, object]]) -> str:
    # Put together by hand: urlunsplit drops the empty host of a scheme it does not know.
    return f"{scheme}://{parts.netloc}{parts.path}?{urlencode(options)}"
