"""Every colour is a token, and every token can be read: WCAG 2 contrast, computed, in both themes."""

import math
import re

import pytest

from tests.look.files import ROOT, SHEETS, name_of, rules

TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text()
PAIR = re.compile(r"--([a-z-]+): light-dark\(oklch\(([\d. ]+)\), oklch\(([\d. ]+)\)\);")
THEMES = ("light", "dark")
COLOURS = {name: dict(zip(THEMES, pair, strict=True)) for name, *pair in PAIR.findall(TOKENS)}

ON_PAPER = ("ink", "ink-quiet", "accent", "late", "soon", "kept")
TEXT = [(name, ground) for name in ON_PAPER for ground in ("paper", "paper-raised")]
TEXT += [("on-accent", "accent-fill"), ("on-accent", "accent-strong"), ("inside-ink", "inside")]
TEXT += [(name, ground) for name in ("ink", "ink-quiet") for ground in ("inside", "inside-hatch", "paper-sunk")]
EDGES = [("edge", "paper"), ("edge", "paper-raised"), ("accent", "paper"), ("accent", "paper-raised")]
EDGES += [("line-strong", "paper"), ("accent-fill", "paper"), ("late", "paper"), ("soon", "paper"), ("kept", "paper")]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("name", "ground"), TEXT)
def test_text_stands_out_from_its_ground(name, ground, theme):
    assert contrast(COLOURS[name][theme], COLOURS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("name", "ground"), EDGES)
def test_edges_and_rings_stand_out_from_their_ground(name, ground, theme):
    assert contrast(COLOURS[name][theme], COLOURS[ground][theme]) >= 3


def test_the_arithmetic_agrees_with_known_values():
    assert contrast("1 0 0", "0 0 0") == pytest.approx(21, abs=0.01)
    assert contrast(COLOURS["ink"]["light"], COLOURS["paper"]["light"]) == pytest.approx(15.9, abs=0.06)
    assert contrast(COLOURS["late"]["dark"], COLOURS["paper"]["dark"]) == pytest.approx(6.6, abs=0.06)


@pytest.mark.parametrize("path", [sheet for sheet in SHEETS if sheet.name != "tokens.css"], ids=name_of)
def test_no_colour_is_written_outside_the_tokens(path):
    raw = re.compile(
        r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|hwb)\(\s*[\d.]|:\s*(?:white|black|red|gr[ae]y)\b"
    )
    written = [line for line in rules(path).splitlines() if ":" in line and raw.search(line)]
    assert written == []


@pytest.mark.parametrize("path", SHEETS, ids=name_of)
def test_every_variable_that_a_sheet_uses_is_set_somewhere(path):
    everything = "".join(rules(sheet) for sheet in SHEETS)
    for name in re.findall(r"var\((--[a-z0-9-]+)\)", rules(path)):
        assert f"{name}:" in everything, name


@pytest.mark.parametrize("path", SHEETS, ids=name_of)
def test_a_sheet_imports_no_other(path):
    assert "@import" not in rules(path)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast of two colours written as OKLCH's ``L C H`` (H in degrees)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance; OKLab to linear sRGB by Ottosson's matrices, clipped to the gamut as a screen does."""
    light, chroma, hue = map(float, colour.split())
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    return sum(part * min(max(value, 0), 1) for part, value in ((0.2126, red), (0.7152, green), (0.0722, blue)))
