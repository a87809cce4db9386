"""Where the servers are found."""

import os
import stat
import threading
from pathlib import Path

import pytest
from kombu import Connection
from redis import Redis

from supportdesk.embedded import account, addresses
from supportdesk.embedded.errors import CannotStart
from supportdesk.embedded.place import own_folder
from supportdesk.embedded.wishes import wishes_from


def test_without_an_address_the_database_is_the_embedded_one(tmp_path):
    found = addresses.database(tmp_path, {})
    assert found["HOST"] == str(addresses.runtime_folder(tmp_path, {}))
    assert (found["NAME"], found["USER"], found["PORT"]) == ("supportdesk", "desk", "5432")


def test_only_what_changes_tables_works_as_their_owner(tmp_path):
    owner = {addresses.AS_OWNER: "1"}
    assert addresses.database(tmp_path, owner)["USER"] == "desk_owner"
    served = {"DATABASE_URL": "postgresql://ann@db.example/desk"}
    assert addresses.database(tmp_path, {**served, **owner})["USER"] == "ann"
    both = {**served, "MIGRATE_DATABASE_URL": "postgresql://olaf@db.example/desk"}
    assert addresses.database(tmp_path, both)["USER"] == "ann"
    assert addresses.database(tmp_path, {**both, **owner})["USER"] == "olaf"
    assert addresses.serving_role(both) == addresses.serving_role({**both, **owner}) == "ann"
    assert addresses.serving_role({}) == "desk"
    assert addresses.serving_role({"DATABASE_URL": "postgresql:///desk", "PGUSER": "uma"}) == "uma"


def test_a_lock_held_elsewhere_ends_a_request_after_seconds_not_hours(tmp_path):
    options = addresses.database(tmp_path, {})["OPTIONS"]["options"]
    assert "-c lock_timeout=5s" in options
    assert "-c TimeZone=UTC" in options


POOL = {
    "DATABASE_URL": "postgresql://ann@pool.example/desk",
    "DIRECT_DATABASE_URL": "postgresql://ann@db.example/desk",
}


def test_through_a_pool_no_session_is_asked_to_remember_anything(tmp_path):
    found = addresses.database(tmp_path, POOL)
    assert found["HOST"] == "pool.example"
    assert "options" not in found["OPTIONS"], "A pool refuses them."
    assert found["DISABLE_SERVER_SIDE_CURSORS"]


@pytest.mark.parametrize("wish", [addresses.AS_OWNER, addresses.ONE_SESSION])
def test_what_needs_one_session_goes_round_the_pool(tmp_path, wish):
    found = addresses.database(tmp_path, {**POOL, wish: "1"})
    assert found["HOST"] == "db.example"
    assert "lock_timeout" in found["OPTIONS"]["options"]
    assert not found.get("DISABLE_SERVER_SIDE_CURSORS")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://ann:p%40ss@db.example:6543/desk", ("desk", "ann", "p@ss", "db.example", "6543")),
        ("postgresql://ann@db.example/desk", ("desk", "ann", "", "db.example", "")),
        ("postgresql://ann@[::1]:6543/desk", ("desk", "ann", "", "::1", "6543")),
        ("postgresql:///desk?host=/run/Pg&user=ann", ("desk", "ann", "", "/run/Pg", "")),
        ("postgresql://ann@%2Frun%2FPg/desk", ("desk", "ann", "", "/run/Pg", "")),
        ("postgresql://ann@db.example/%C3%A9t%C3%A9", ("été", "ann", "", "db.example", "")),
    ],
)
def test_the_parts_of_an_address_arrive_where_django_looks_for_them(tmp_path, url, expected):
    found = addresses.database(tmp_path, {"DATABASE_URL": url})
    assert tuple(found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")) == expected


def test_what_stands_behind_the_question_mark_goes_to_the_driver(tmp_path):
    url = "postgresql://db.example/desk?sslmode=require&options=-c%20desk.test%3D1"
    options = addresses.database(tmp_path, {"DATABASE_URL": url})["OPTIONS"]
    assert options["sslmode"] == "require"
    assert options["options"].endswith("-c desk.test=1")
    assert "lock_timeout" in options["options"]


@pytest.mark.parametrize(
    "url", ["mysql://ann:secret@db/desk", "postgresql://ann:secret@db", "postgresql://ann:secret@db:port/desk", "desk"]
)
def test_an_address_that_cannot_be_read_is_refused_without_telling_the_password(tmp_path, url):
    with pytest.raises(addresses.AddressError) as refusal:
        addresses.database(tmp_path, {"DATABASE_URL": url})
    assert "secret" not in str(refusal.value)


def test_another_database_of_the_same_redis():
    assert addresses.with_redis_database("redis://:pw@cache:6379/0", 1) == "redis://:pw@cache:6379/1"
    assert addresses.with_redis_database("redis://cache:6379?db=4&protocol=3", 1) == "redis://cache:6379/1?protocol=3"
    assert addresses.with_redis_database("unix:///run/v.sock?db=0", 1) == "unix:///run/v.sock?db=1"


def test_celery_is_told_of_sockets_in_its_own_form():
    assert addresses.for_celery("unix:///run/v.sock?db=2") == "redis+socket:///run/v.sock?virtual_host=2"
    assert addresses.for_celery("rediss://cache:6380/0") == "rediss://cache:6380/0"


def test_what_celery_puts_into_a_socket_s_queue_lies_in_the_numbered_database(settings):
    with Connection(addresses.for_celery(settings.REDIS_URL)) as broker, broker.SimpleQueue("trial") as queue:
        queue.put("hello")
        assert Redis.from_url(settings.REDIS_URL).llen("trial") == 1
        assert queue.get(timeout=2).payload == "hello"
        queue.clear()


def test_the_embedded_address_is_one_that_redis_py_reads(tmp_path):
    connection = Redis.from_url(addresses.redis(tmp_path, {})).get_connection_kwargs()
    assert connection["path"] == str(addresses.valkey_socket(tmp_path, {}))
    assert connection["db"] == 0


def test_a_redis_address_of_another_kind_is_refused(tmp_path):
    with pytest.raises(addresses.AddressError):
        addresses.redis(tmp_path, {"REDIS_URL": "redis+socket:///run/v.sock"})


@pytest.mark.parametrize("env", [{}, {"TMPDIR": "/" + "very-long-name/" * 12}])
def test_a_socket_has_a_short_path_however_long_the_folders_are(tmp_path, env):
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 12)
    for uid in (0, 1000, 4_000_000_000):
        folder = addresses.runtime_folder(deep, env, uid)
        assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= 103


def test_two_data_folders_never_share_a_socket(tmp_path):
    assert addresses.runtime_folder(tmp_path / "a", {}) != addresses.runtime_folder(tmp_path / "b", {})


def test_root_does_not_put_sockets_where_the_database_account_cannot_walk(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = addresses.runtime_folder(tmp_path, {"TMPDIR": str(closed), "XDG_RUNTIME_DIR": str(closed)}, uid=0)
    assert folder.parent == Path("/tmp")


def test_a_secret_stays_and_is_for_its_owner_only(tmp_path):
    secret = addresses.kept_secret(tmp_path / "new", "key")
    assert addresses.kept_secret(tmp_path / "new", "key") == secret
    assert stat.S_IMODE((tmp_path / "new" / "key").stat().st_mode) == 0o600
    assert len(secret) >= 50


def test_many_at_once_read_the_same_secret(tmp_path):
    found, together = [], threading.Barrier(16)

    def first_need():
        together.wait()
        found.append(addresses.kept_secret(tmp_path, "key"))

    threads = [threading.Thread(target=first_need) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16 and len(set(found)) == 1
    assert os.listdir(tmp_path) == ["key"]


def test_where_nothing_can_be_written_the_secret_is_thrown_away(tmp_path):
    (tmp_path / "file").write_text("in the way")
    unusable = tmp_path / "file" / "data"
    assert addresses.kept_secret(unusable, "key") != addresses.kept_secret(unusable, "key")


def test_a_link_in_place_of_the_runtime_folder_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "runtime").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotStart):
        own_folder(tmp_path / "runtime", account.ourselves())


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"PORT": "9000", "BASE_URL": "https://desk.example/"}, "https://desk.example"),
        ({"BASE_URL": "https://desk.example/help-desk/"}, "https://desk.example/help-desk"),
        ({"PUBLIC_URL": "https://earlier.example"}, "https://earlier.example"),
        ({"PUBLIC_URL": "https://earlier.example", "BASE_URL": "https://desk.example"}, "https://desk.example"),
    ],
)
def test_links_begin_with_what_is_wished_else_with_where_the_desk_runs(tmp_path, env, expected):
    assert addresses.web_address(tmp_path, env) == expected


@pytest.mark.parametrize("wished", ["desk.example", "javascript:alert(1)", "//desk.example", "https://"])
def test_links_do_not_begin_with_what_is_no_address(tmp_path, wished):
    with pytest.raises(addresses.AddressError, match="BASE_URL"):
        addresses.web_address(tmp_path, {"BASE_URL": wished})


def test_what_up_starts_knows_where_it_is_reached():
    assert wishes_from({}, demo_exists=False).env["BASE_URL"] == "http://127.0.0.1:8000"
    own = wishes_from({"HOST": "10.1.2.3", "PORT": "9000"}, demo_exists=False)
    assert own.env["BASE_URL"] == "http://10.1.2.3:9000"
    assert wishes_from({"HOST": "0.0.0.0"}, demo_exists=False).env["BASE_URL"] == "http://127.0.0.1:8000"
    assert (
        wishes_from({"BASE_URL": "https://desk.example"}, demo_exists=False).env["BASE_URL"] == "https://desk.example"
    )


def test_mails_are_files_until_a_server_is_named(tmp_path):
    assert addresses.mail_folder(tmp_path, {"EMAIL_HOST": ""}) == tmp_path / "mail"
    assert addresses.mail_folder(tmp_path, {"EMAIL_HOST": "smtp.example"}) is None
    assert addresses.mail_folder(tmp_path, {"EMAIL_BACKEND": "anymail.backends.x.Y"}) is None
