from __future__ import annotations

import json
import re
from itertools import product
from typing import Any

import pytest

from aiproxy_desktop.resources_dir import resources_dir
from aiproxy_desktop.ui.theme.stylesheet import style_sheet
from aiproxy_desktop.ui.theme.tokens import (
    CONTROL,
    LAYOUT,
    MOTION,
    RADIUS,
    SPACE,
    TYPE,
    Mixed,
    Syntax,
    Theme,
    load_themes,
)

THEMES = pytest.mark.parametrize("theme", load_themes(), ids=lambda theme: theme.name)
LAYERS = ("window", "sidebar", "surface", "surface_raised", "surface_sunken", "bubble")
TEXTS = ("text", "text_secondary", "text_muted")
COLOUR = re.compile(r"#(?:[0-9A-F]{2})?[0-9A-F]{6}")


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.1 defines it."""
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def document() -> dict[str, Any]:
    value: dict[str, Any] = json.loads((resources_dir() / "tokens.json").read_bytes())
    return value


def values(theme: Theme) -> dict[str, str]:
    groups: list[tuple[Any, Any]] = [(theme, Theme), (theme.syntax, Syntax), (theme.mixed, Mixed)]
    return {
        f"{kind.__name__}.{name}": getattr(group, name)
        for group, kind in groups
        for name in kind._fields
        if name not in {"name", "syntax", "mixed"}
    }


def names(group: dict[str, Any]) -> set[str]:
    return {name.replace("-", "_") for name in group if not name.startswith("$")}


@THEMES
def test_every_colour_is_one_that_qt_parses(theme: Theme) -> None:
    assert not {name: value for name, value in values(theme).items() if not COLOUR.fullmatch(value)}


@THEMES
def test_no_colour_of_the_file_is_left_out(theme: Theme) -> None:
    group = document()["color"][theme.name]
    assert names(group) == set(Theme._fields) - {"name"}
    assert names(group["syntax"]) == set(Syntax._fields)
    assert names(group["mixed"]) == set(Mixed._fields)


def test_the_themes_differ_in_every_layer_and_text() -> None:
    light, dark = load_themes()
    assert (light.name, dark.name) == ("light", "dark")
    assert all(getattr(light, name) != getattr(dark, name) for name in (*LAYERS, *TEXTS))


def test_sizes_come_from_the_file() -> None:
    assert names(document()["layout"]) == set(LAYOUT._fields)
    assert names(document()["type"]) == set(TYPE)
    assert (RADIUS.xs, RADIUS.s, RADIUS.m, RADIUS.l) == (4, 6, 8, 10)
    assert (CONTROL.height_compact, CONTROL.height, CONTROL.height_large) == (28, 32, 40)
    assert (MOTION.fast, MOTION.base, MOTION.slow) == (80, 140, 220)
    assert all(step in {0, 2} or step % 4 == 0 for step in SPACE)
    assert TYPE["code"].family == "mono"
    assert TYPE["body_medium"].weight == 500


@THEMES
@pytest.mark.parametrize(("text", "layer"), list(product(TEXTS, LAYERS)))
def test_text_has_aa_contrast_on_every_layer(theme: Theme, text: str, layer: str) -> None:
    assert contrast(getattr(theme, text), getattr(theme, layer)) >= 4.5


@THEMES
@pytest.mark.parametrize("tone", ["accent_ink", "danger", "warning", "success"])
@pytest.mark.parametrize("layer", ["sidebar", "surface", "surface_raised"])
def test_tones_have_aa_contrast(theme: Theme, tone: str, layer: str) -> None:
    assert contrast(getattr(theme, tone), getattr(theme, layer)) >= 4.5


@THEMES
@pytest.mark.parametrize("tone", ["danger", "warning", "success"])
def test_tones_have_aa_contrast_on_their_own_soft_surface(theme: Theme, tone: str) -> None:
    assert contrast(getattr(theme, tone), getattr(theme, f"{tone}_soft")) >= 4.5


@THEMES
@pytest.mark.parametrize("state", ["accent", "accent_hover", "accent_pressed"])
def test_the_primary_button_can_be_read_in_every_state(theme: Theme, state: str) -> None:
    assert contrast(theme.accent_text, getattr(theme, state)) >= 4.5


@THEMES
@pytest.mark.parametrize("name", sorted(set(Syntax._fields) - {"code_bg"}))
def test_code_can_be_read(theme: Theme, name: str) -> None:
    assert contrast(getattr(theme.syntax, name), theme.syntax.code_bg) >= 4.5


@THEMES
@pytest.mark.parametrize("layer", LAYERS)
def test_focus_and_controls_stand_out(theme: Theme, layer: str) -> None:
    assert contrast(theme.accent, getattr(theme, layer)) >= 3
    assert contrast(theme.border_control, getattr(theme, layer)) >= 3


@THEMES
def test_mixed_colours_are_the_overlay_on_its_layer(theme: Theme) -> None:
    for layer, state in product(
        ("window", "sidebar", "surface", "surface_raised"), ("hover", "pressed", "selected")
    ):
        overlay, below = getattr(theme, state), getattr(theme, layer)
        share = int(overlay[1:3], 16) / 255
        mixed = getattr(theme.mixed, f"{layer}_{state}")
        for index in (1, 3, 5):
            over, under = int(overlay[index + 2 : index + 4], 16), int(below[index : index + 2], 16)
            assert int(mixed[index : index + 2], 16) == pytest.approx(
                over * share + under * (1 - share), abs=1.5
            )


@THEMES
def test_the_style_sheet_is_whole_and_small(theme: Theme) -> None:
    sheet = style_sheet(theme)
    assert sheet.count("{") == sheet.count("}")
    assert len(sheet) < 8_000
    assert "font" not in sheet
    assert set(re.findall(r"#[0-9A-Fa-f]{3,8}\b", sheet)) <= set(values(theme).values())
