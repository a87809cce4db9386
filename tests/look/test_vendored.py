"""Other people's files are exactly those that static/VENDORED.toml names."""

import hashlib
import re
import subprocess
import sys
import tomllib

import pytest

from tests.look.files import ROOT, SCRIPTS, TEMPLATES, markup

LISTED = tomllib.loads((ROOT / "static" / "VENDORED.toml").read_text())
FILES = [*LISTED["file"], LISTED["sprite"]]


@pytest.mark.parametrize("item", FILES, ids=lambda item: item["path"])
def test_each_file_is_the_one_that_was_fetched(item):
    content = (ROOT / item["path"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == item["sha256"]


def test_nothing_lies_among_the_vendored_that_is_not_listed():
    lying = {
        str(path.relative_to(ROOT))
        for folder in ("static/vendor", "tests/vendor")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert lying == {item["path"] for item in LISTED["file"]}


def test_every_package_says_its_licence_and_its_text_lies_here():
    for name, package in LISTED["package"].items():
        assert package["licence"], name
        assert any(item["package"] == name and "LICENSE" in item["path"] for item in LISTED["file"]), name


def test_the_check_says_so_when_a_file_is_another_one(tmp_path):
    changed = tmp_path / "static"
    changed.mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "vendor").write_text((ROOT / "bin" / "vendor").read_text())
    (changed / "a.js").write_text("one")
    listed = '[package.x]\nversion = "1"\n\n[sprite]\npath = "static/a.js"\npackage = "x"\nicons = []\nsha256 = "{}"\n'
    listed += '\n[[file]]\npath = "static/a.js"\npackage = "x"\nsource = "a.js"\nsha256 = "{}"\n'
    right = hashlib.sha256(b"one").hexdigest()
    (changed / "VENDORED.toml").write_text(listed.format(right, right))
    asked = [sys.executable, str(tmp_path / "bin" / "vendor"), "--check"]
    assert subprocess.run(asked).returncode == 0
    (changed / "a.js").write_text("two")
    said = subprocess.run(asked, capture_output=True, text=True)
    assert said.returncode == 1
    assert "static/a.js is not the file" in said.stderr


def test_every_icon_that_a_template_names_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static" / "icons.svg").read_text()))
    named = {icon for path in TEMPLATES for icon in re.findall(r'(?:\{% icon |sign=)"([a-z-]+)"', markup(path))}
    assert named, "no template names an icon: the expression has gone stale"
    assert named <= drawn


def test_no_script_of_ours_reaches_for_another_host():
    for path in SCRIPTS:
        assert not re.search(r"https?://", path.read_text()), path
