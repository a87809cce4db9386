"""A child process: started, watched, started again, ended."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from supportdesk.embedded.addresses import ROOT
from supportdesk.embedded.children import Child, Deaths, GivenUp, die_with_parent, last_lines, rotate
from supportdesk.embedded.locks import Lock

SLEEPS = "import time; print('here', flush=True); time.sleep(60)"
DIES = "print('something broke', flush=True); raise SystemExit(3)"
HAS_A_CHILD = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {SLEEPS!r}]); time.sleep(60)"


@pytest.fixture
def child(tmp_path):
    made = []

    def make(program, **more):
        each = Child(
            "clerk",
            [sys.executable, "-c", program],
            log=tmp_path / "clerk.log",
            env=os.environ,
            cwd=tmp_path,
            patience=5,
            **more,
        )
        made.append(each)
        each.start()
        return each

    yield make
    for each in made:
        each.kill()


def until(condition, within=10):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.02)


def test_it_lives_in_a_session_of_its_own_so_that_ctrl_c_reaches_us_first(child):
    assert os.getsid(child(SLEEPS).pid) != os.getsid(0)


def test_a_dead_one_is_shown_with_its_last_lines_and_runs_again(child):
    said = []
    clerk = child(SLEEPS)
    first = clerk.pid
    until(lambda: "here" in last_lines(clerk.log))
    os.kill(first, signal.SIGKILL)
    until(lambda: not clerk.runs())
    until(lambda: clerk.look_after(said.append) or clerk.runs())
    assert clerk.pid != first
    assert "signal 9" in said[0] and "here" in said[0]
    assert said[-1] == "clerk runs again."


def test_five_deaths_in_a_minute_are_enough(child):
    said = []
    clerk = child(DIES)
    clerk._deaths.count = lambda now, real=clerk._deaths.count: real(now) * 0
    with pytest.raises(GivenUp, match="5 times"):
        until(lambda: clerk.look_after(said.append), within=20)
    assert sum("exit code 3" in line for line in said) == 5
    assert "something broke" in said[0]


def test_each_pause_is_longer_than_the_one_before_and_old_deaths_are_forgotten():
    deaths = Deaths("clerk")
    assert [deaths.count(now) for now in (0, 1, 2, 3)] == [0.5, 1, 2, 4]
    assert deaths.count(100) == 0.5


def test_what_it_has_started_goes_with_it(child):
    clerk = child(HAS_A_CHILD)
    until(lambda: psutil.Process(clerk.pid).children())
    grandchild = psutil.Process(clerk.pid).children()[0]
    clerk.kill()
    until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_it_goes_when_its_parent_is_killed():
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import signal, subprocess, sys, time\n"
            "from supportdesk.embedded.children import die_with_parent\n"
            "child = subprocess.Popen(['sleep', '60'], start_new_session=True,"
            " preexec_fn=die_with_parent(signal.SIGTERM))\n"
            "print(child.pid, flush=True)\n"
            "time.sleep(60)\n",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    orphan = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)
    assert die_with_parent(signal.SIGTERM) is not None


def test_a_lock_lasts_as_long_as_the_child_that_inherited_it(child, tmp_path):
    ours, theirs = Lock(tmp_path / "live.lock"), Lock(tmp_path / "live.lock")
    assert ours.alone_at_once()
    clerk = child(SLEEPS, held=(ours.handle(),))
    ours.release()
    assert not theirs.alone_at_once()
    clerk.kill()
    assert theirs.alone_at_once()
    theirs.release()


def test_a_new_start_begins_a_new_log_and_keeps_three(tmp_path):
    log = tmp_path / "web.log"
    for text in "abcde":
        log.write_text(text)
        rotate(log)
    kept = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert kept == {"web.log.1": "e", "web.log.2": "d", "web.log.3": "c"}
