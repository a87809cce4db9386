"""Settings of the tests: the real desk on throw-away servers, which ``conftest.py`` starts and ends.

The servers' addresses are worked out here, because pytest-django reads the settings before any conftest; the process
that starts the tests leaves the folder's name in the environment for its xdist workers.
"""

import os
from pathlib import Path

os.environ.setdefault("DESK_TEST_SERVERS", f"/tmp/desk-tests-{os.getuid()}-{os.getpid()}")
os.environ.setdefault("SECRET_KEY", "only for tests")

from supportdesk.embedded import addresses
from supportdesk.settings import *  # noqa: F403

TEST_SERVERS = Path(os.environ["DESK_TEST_SERVERS"])
DATA_DIR = TEST_SERVERS / "data"
STATIC_ROOT = DATA_DIR / "static"

# The append-only tables let nobody truncate them except a session that says it is a test.
DATABASES = {
    "default": addresses.database(
        DATA_DIR,
        {
            "DATABASE_URL": f"postgresql://{addresses.DATABASE_OWNER}@/{addresses.DATABASE_NAME}"
            f"?host={TEST_SERVERS}&options=-c%20desk.test%3D1"
        },
    )
}
DATABASES["default"]["CONN_MAX_AGE"] = 0
# Made once, by the process that starts the tests; each test process copies it.
DATABASES["default"]["TEST"] = {"TEMPLATE": addresses.DATABASE_NAME}
SERVING_ROLE = addresses.DATABASE_USER

# Two numbered databases of the one Valkey for each test process: gw0 has 0 and 1, gw1 has 2 and 3.
_first = 2 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
REDIS_URL = f"unix://{TEST_SERVERS}/valkey.sock?db={_first}"
CELERY_BROKER_URL = addresses.for_celery(REDIS_URL)
CACHES["default"]["LOCATION"] = addresses.with_redis_database(REDIS_URL, _first + 1)  # noqa: F405

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
