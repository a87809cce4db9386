"""Before anything is built: docker-compose.yml, Dockerfile, .dockerignore and .env.example fit the desk."""

from __future__ import annotations

import fnmatch
import importlib
import json
import re
import shlex
import subprocess
import sys

import pytest

from supportdesk.embedded.postgres import MAJOR
from supportdesk.queues import QUEUES
from tests.compose import FILE, ROOT, VARIABLE, Compose, Missing, image, image_environment

SECRETS = {"SECRET_KEY": "s" * 50, "POSTGRES_PASSWORD": "ownerspassword", "DESK_PASSWORD": "deskspassword"}
EXAMPLE = (ROOT / ".env.example").read_text()
# These name the servers and folders that compose itself brings, or what only one machine has.
OF_ONE_MACHINE = {
    *(
        "DATABASE_URL",
        "MIGRATE_DATABASE_URL",
        "DIRECT_DATABASE_URL",
        "REDIS_URL",
        "DATA_DIR",
        "HOST",
        "DESK_DEMO",
        "DEMO_PASSWORD",
    ),
    "QUEUES",  # each worker of compose has its own
}
ONLY_COMPOSE = {"POSTGRES_PASSWORD", "DESK_PASSWORD"}
PROGRAMS = ["migrate", "web", *(f"worker-{queue}" for queue in QUEUES), "beat"]


@pytest.fixture
def cluster() -> Compose:
    return Compose(SECRETS)


def offered() -> set[str]:
    """The variables of .env.example, also those that stand there as a comment."""
    return set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))


def read_by_the_desk() -> set[str]:
    """The names that the program asks the environment for."""
    sources = [*(ROOT / "supportdesk").rglob("*.py"), ROOT / "manage.py"]
    asked = re.compile(r"""\b(?:ENV|env|environ)(?:\.get\(|\[)\s*"([A-Z_]+)\"""")
    return {name for source in sources for name in asked.findall(source.read_text())}


# -- docker-compose.yml ------------------------------------------------------------------------------------------------


def test_it_has_the_servers_the_programs_and_a_worker_for_each_queue(cluster):
    assert list(cluster.services) == ["db", "redis", *PROGRAMS]
    assert [cluster.services[f"worker-{queue}"]["command"][-1] for queue in QUEUES] == list(QUEUES)


def test_images_are_of_one_version_and_the_database_is_of_the_major_that_is_tested(cluster):
    images = {name: service["image"] for name, service in cluster.services.items()}
    assert images["db"] == f"postgres:{MAJOR}"
    assert images["redis"] == "valkey/valkey:9"
    assert {images[name] for name in PROGRAMS} == {"supportdesk"}
    assert all(cluster.services[name]["build"] == "." for name in PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_program_is_there_and_tells_its_use(cluster, name):
    words = cluster.services[name].get("command") or image_command()
    assert words[0] == "python"
    if words[1] == "-m":
        importlib.import_module(words[2])
    env = {**image_environment(), **cluster.environment(name), "DATA_DIR": str(ROOT / "var")}
    done = subprocess.run([sys.executable, *words[1:], "--help"], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("usage: "), done.stderr


def test_the_servers_are_asked_how_they_are_and_so_is_the_web(cluster):
    healths = {name: service.get("healthcheck", {}) for name, service in cluster.services.items()}
    assert healths.pop("db")["test"] == ["CMD", "pg_isready", "--username=desk_owner", "--dbname=supportdesk"]
    assert healths.pop("redis")["test"] == ["CMD", "valkey-cli", "ping"]
    assert healths.pop("web") == {}, "The web has the image's own."
    assert all(health == {"disable": True} for health in healths.values()), "They have no page to ask for."


def test_nobody_starts_before_what_they_need(cluster):
    servers = {"db": {"condition": "service_healthy"}}
    assert cluster.services["migrate"]["depends_on"] == servers
    servers |= {"redis": {"condition": "service_healthy"}, "migrate": {"condition": "service_completed_successfully"}}
    for name in PROGRAMS[1:]:
        assert cluster.services[name]["depends_on"] == servers, name


def test_what_dies_comes_back_and_what_is_done_once_stays_done(cluster):
    restarts = {name: service["restart"] for name, service in cluster.services.items()}
    assert restarts.pop("migrate") == "no"
    assert set(restarts.values()) == {"unless-stopped"}


def test_what_the_servers_keep_outlives_their_containers(cluster):
    # From 18 on the image's volume is the folder above the data.
    assert cluster.services["db"]["volumes"] == ["database:/var/lib/postgresql"]
    assert cluster.services["redis"]["volumes"] == ["queue:/data"]
    assert set(cluster.volumes) == {"database", "queue"}
    assert "--appendonly yes" in " ".join(cluster.services["redis"]["command"])
    assert not any("volumes" in cluster.services[name] for name in PROGRAMS), "The programs hold no state."


def test_only_the_web_is_reached_from_outside(cluster):
    assert {name: service["ports"] for name, service in cluster.services.items() if "ports" in service} == {
        "web": ["8000:8000"]
    }
    assert image_environment()["PORT"] == "8000"


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_has_a_default(secret):
    with pytest.raises(Missing, match=f"set {secret} in .env"):
        _ = Compose(SECRETS | {secret: ""}).services
    assert re.search(rf"^{secret}=$", EXAMPLE, re.MULTILINE), "Nor does the example name one."


def test_nothing_that_is_secret_stands_in_the_file():
    for match in VARIABLE.finditer(FILE.read_text()):
        if re.search("PASSWORD|SECRET|KEY|TOKEN", match["name"]):
            assert match["how"] == "?" or not match["words"], match[0]


def test_the_owner_migrates_and_nobody_else_knows_the_owners_password(cluster):
    told = [name for name in cluster.services if SECRETS["POSTGRES_PASSWORD"] in str(cluster.environment(name))]
    assert told == ["db", "migrate"]
    assert cluster.config("roles") == f"CREATE ROLE desk LOGIN PASSWORD '{SECRETS['DESK_PASSWORD']}';"


def test_the_desk_reads_every_setting_that_compose_gives(cluster):
    for name in PROGRAMS:
        assert set(cluster.environment(name)) <= read_by_the_desk(), name


# -- .env.example ------------------------------------------------------------------------------------------------------


def test_every_variable_of_the_example_is_read():
    assert offered() <= read_by_the_desk() | ONLY_COMPOSE


def test_every_variable_of_the_example_reaches_the_programs(cluster):
    used = {match["name"] for match in VARIABLE.finditer(FILE.read_text())}
    assert offered() - OF_ONE_MACHINE == used
    assert not OF_ONE_MACHINE - offered(), "Left over in this test."


def test_a_default_is_the_same_with_and_without_compose(cluster):
    """What nobody sets does not change by moving into containers."""
    code = "import json; from django.conf import settings as s; print(json.dumps([s.COMPANY, s.HELP_PHONE, s.CURRENCY,"
    code += " s.EMAIL_PORT, s.EMAIL_TIMEOUT, s.DEFAULT_FROM_EMAIL, s.TRUSTED_PROXIES, s.HTTPS, s.LOGGING['root']]))"
    bare = {"DJANGO_SETTINGS_MODULE": "supportdesk.settings", "SECRET_KEY": "s", "DATA_DIR": str(ROOT / "var")}
    answers = [
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, check=True).stdout
        for env in (bare, {**cluster.environment("web"), **bare})
    ]
    assert answers[0] == answers[1]


def test_the_lines_of_the_page_fill_in_every_secret(tmp_path):
    """Those of docs/cluster.md that need neither git nor Docker, done as they stand there."""
    (tmp_path / ".env.example").write_text(EXAMPLE)
    lines = re.search(r"```sh\n(.*?)```", (ROOT / "docs" / "cluster.md").read_text(), re.DOTALL)[1].splitlines()
    assert len(lines) == 5
    subprocess.run(["sh", "-ec", "\n".join(lines[1:3])], cwd=tmp_path, check=True)
    filled = dict(re.findall(r"^([A-Z_]+)=(.*)$", (tmp_path / ".env").read_text(), re.MULTILINE))
    assert all(re.fullmatch(r"[0-9a-f]{64}", filled[secret]) for secret in SECRETS)
    assert len({filled[secret] for secret in SECRETS}) == 3
    assert Compose(filled).services


# -- Dockerfile --------------------------------------------------------------------------------------------------------


def image_command() -> list[str]:
    return json.loads(next(words for instruction, words in image() if instruction == "CMD"))


def last_stage() -> list[tuple[str, str]]:
    lines = image()
    return lines[max(number for number, (instruction, _) in enumerate(lines) if instruction == "FROM") :]


def test_the_image_runs_as_nobody_special():
    instructions = [instruction for instruction, _ in last_stage()]
    user = dict(last_stage())["USER"]
    assert user not in ("root", "0")
    assert f"useradd --system --uid 10001 --home-dir /srv/desk {user}" in [words for _, words in last_stage()]
    assert instructions.index("USER") > max(n for n, each in enumerate(instructions) if each in ("RUN", "COPY"))


def test_the_image_is_asked_how_it_is_without_a_program_that_it_lacks():
    health = dict(last_stage())["HEALTHCHECK"]
    words = json.loads(health.split("CMD", 1)[1])
    assert words[:2] == ["python", "-c"]
    assert "/livez" in words[2], "Not /readyz: a web whose database is away need not be started anew."
    compile(words[2], "HEALTHCHECK", "exec")


def test_nothing_is_fetched_that_is_not_pinned_by_its_hash():
    assert not [words for instruction, words in image() if instruction == "ADD"]
    runs = " ".join(words for instruction, words in image() if instruction == "RUN")
    assert not re.search(r"\b(curl|wget|apt-get|git clone)\b", runs)
    installs = re.findall(r"pip install ([^&]*)", runs)
    assert [each.split() for each in installs] == [["--no-cache-dir", "--require-hashes", "-r", "requirements.txt"]]
    pinned = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if re.match(r"\S+==", line)]
    assert pinned and (ROOT / "requirements.txt").read_text().count("--hash=sha256:") >= len(pinned)


def test_every_stage_begins_with_the_same_small_image_of_a_version():
    assert {words.split()[0] for instruction, words in image() if instruction == "FROM"} == {"python:3.11-slim"}


def test_no_secret_is_baked_into_the_image(tmp_path):
    """Its only secret is one for building, which collectstatic neither keeps nor writes down."""
    command = next(words for instruction, words in last_stage() if "collectstatic" in words)
    assert not re.search("SECRET|PASSWORD", " ".join(words for instruction, words in image() if instruction == "ENV"))
    words = shlex.split(command.split("&&")[0])
    assert words[:2] == ["SECRET_KEY=only-for-building", "python"]
    env = {"SECRET_KEY": "only-for-building", "DATA_DIR": str(tmp_path)}
    subprocess.run([sys.executable, *words[2:]], cwd=ROOT, env=env, check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["static"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"only-for-building" in path.read_bytes()]


# -- .dockerignore -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kept_out"),
    [
        *((each, True) for each in (".env", ".env.local", "var", ".git", ".venv", "desk-20261122-031500.zip")),
        *((each, False) for each in ("manage.py", "supportdesk", "static", "templates", "requirements.txt")),
    ],
)
def test_what_is_private_or_large_stays_outside(path, kept_out):
    patterns = (ROOT / ".dockerignore").read_text().split()
    assert not [pattern for pattern in patterns if pattern.startswith("!")], "Nothing is let in again."
    assert any(fnmatch.fnmatch(path, pattern) for pattern in patterns) == kept_out
