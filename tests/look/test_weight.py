"""A page is light: 60 KB compressed at most without its fonts, six style sheets at most."""

import gzip
import re

from tests.look.files import ROOT, markup

LIMIT = 60_000
PAGE = 12_000  # bytes of compressed HTML that the heaviest page may have


def linked(template: str) -> list[str]:
    text = markup(ROOT / "templates" / template)
    return re.findall(r"(?:href|src)=\"\{% static '([^']+\.(?:css|js|svg))' %\}\"", text)


def test_a_staff_page_is_light():
    files = [*linked("base.html"), "icons.svg"]
    assert len(files) > 10
    weight = sum(len(gzip.compress((ROOT / "static" / name).read_bytes())) for name in files)
    assert weight + PAGE <= LIMIT


def test_a_page_asks_for_at_most_six_sheets():
    for template in ("base.html", "plain.html", "portal/base.html"):
        sheets = [name for name in linked(template) if name.endswith(".css")]
        assert 3 <= len(sheets) <= 6


def test_every_face_names_a_file_that_is_here():
    sheet = ROOT / "static" / "css" / "tokens.css"
    faces = re.findall(r'url\("([^"]+)"\)', sheet.read_text())
    assert len(faces) == 8
    for face in faces:
        assert (sheet.parent / face).is_file()
