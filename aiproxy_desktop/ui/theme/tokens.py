"""The design tokens as typed values, read once from resources/tokens.json. No Qt here.

Colours are strings Qt parses: `#RRGGBB`, or `#AARRGGBB` for an overlay. Sizes are logical pixels,
durations milliseconds. Attribute names are the token names with underscores. Named tuples, because a
dozen frozen dataclasses cost the first paint 10 ms.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, Literal, NamedTuple, TypeVar

from aiproxy_desktop.resources_dir import resources_dir

TypeName = Literal[
    "caption",
    "meta",
    "body",
    "body_medium",
    "body_strong",
    "reading",
    "reading_strong",
    "title",
    "display",
    "code",
    "code_inline",
]

_RGBA = re.compile(r"rgba\((\d+),(\d+),(\d+),([\d.]+)\)")


class Syntax(NamedTuple):
    """Colours of highlighted code."""

    code_bg: str
    text: str
    keyword: str
    string: str
    number: str
    comment: str
    function: str
    type: str
    operator: str
    punctuation: str
    inserted: str
    deleted: str


class Mixed(NamedTuple):
    """State overlays already blended on each layer: a style sheet cannot blend on its own background."""

    window_hover: str
    window_pressed: str
    window_selected: str
    sidebar_hover: str
    sidebar_pressed: str
    sidebar_selected: str
    surface_hover: str
    surface_pressed: str
    surface_selected: str
    surface_raised_hover: str
    surface_raised_pressed: str
    surface_raised_selected: str


class Theme(NamedTuple):
    """Every colour of one theme."""

    name: Literal["light", "dark"]
    window: str
    sidebar: str
    surface: str
    surface_raised: str
    surface_sunken: str
    bubble: str
    border: str
    border_strong: str
    border_control: str
    text: str
    text_secondary: str
    text_muted: str
    text_disabled: str
    accent: str
    accent_hover: str
    accent_pressed: str
    accent_text: str
    accent_ink: str
    accent_soft: str
    accent_border: str
    danger: str
    danger_soft: str
    danger_border: str
    warning: str
    warning_soft: str
    warning_border: str
    success: str
    success_soft: str
    success_border: str
    hover: str
    pressed: str
    selected: str
    scrim: str
    selection: str
    selection_text: str
    find: str
    mask: str
    mask_edge: str
    meter: str
    meter_peak: str
    syntax: Syntax
    mixed: Mixed


class TypeStyle(NamedTuple):
    """One step of the type scale."""

    family: Literal["ui", "mono"]
    size: int
    line_height: int
    weight: int
    letter_spacing_em: float


class Radius(NamedTuple):
    """Corner radii: badges xs, controls s, cards m, composer and bubbles l."""

    xs: int
    s: int
    m: int
    l: int  # noqa: E741 - the token's own name


class Control(NamedTuple):
    """Heights of controls, and the smallest thing that can be clicked."""

    height_compact: int
    height: int
    height_large: int
    hit_min: int


class Motion(NamedTuple):
    """Durations, milliseconds. A system that asks for less motion gets 0 for all of them."""

    instant: int
    fast: int
    base: int
    slow: int
    caret: int
    meter: int


class Layout(NamedTuple):
    """Widths and heights of the regions."""

    rail: int
    sidebar: int
    sidebar_min: int
    sidebar_max: int
    header: int
    column_max: int
    composer_max: int
    inspector: int
    tools: int
    image_panel: int
    voice_panel: int
    settings_column: int
    versions: int
    window_min_w: int
    window_min_h: int


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((resources_dir() / "tokens.json").read_bytes())
    return document


def _key(field_name: str) -> str:
    return field_name.replace("_", "-")


def _colour(value: str) -> str:
    match = _RGBA.fullmatch(value)
    if match is None:
        return value
    red, green, blue = (int(part) for part in match.groups()[:3])
    return f"#{round(float(match[4]) * 255):02X}{red:02X}{green:02X}{blue:02X}"


_T = TypeVar("_T", Syntax, Mixed)
_N = TypeVar("_N", Radius, Control, Motion, Layout)


def _colours(kind: type[_T], group: dict[str, Any]) -> _T:
    return kind(**{name: _colour(group[_key(name)]["$value"]) for name in kind._fields})


def _numbers(kind: type[_N], group: dict[str, Any]) -> _N:
    return kind(**{name: group[_key(name)]["$value"] for name in kind._fields})


def _theme(name: Literal["light", "dark"]) -> Theme:
    group = _document()["color"][name]
    plain = {
        field: _colour(group[_key(field)]["$value"])
        for field in Theme._fields
        if field not in {"name", "syntax", "mixed"}
    }
    return Theme(
        name=name, syntax=_colours(Syntax, group["syntax"]), mixed=_colours(Mixed, group["mixed"]), **plain
    )


@cache
def load_themes() -> tuple[Theme, Theme]:
    """(light, dark)."""
    return _theme("light"), _theme("dark")


def _type_styles() -> dict[str, TypeStyle]:
    return {
        name.replace("-", "_"): TypeStyle(
            family="mono" if value["$value"]["fontFamily"] == "{font.mono}" else "ui",
            size=value["$value"]["fontSize"],
            line_height=value["$value"]["lineHeight"],
            weight=value["$value"]["fontWeight"],
            letter_spacing_em=value["$value"]["letterSpacingEm"],
        )
        for name, value in _document()["type"].items()
    }


TYPE: dict[str, TypeStyle] = _type_styles()
SPACE: tuple[int, ...] = tuple(step["$value"] for step in _document()["space"].values())
RADIUS = _numbers(Radius, _document()["radius"])
CONTROL = _numbers(Control, _document()["control"])
LAYOUT = _numbers(Layout, _document()["layout"])
MOTION = _numbers(Motion, {k: v for k, v in _document()["motion"].items() if k != "easing"})
UI_FAMILIES: tuple[str, ...] = tuple(_document()["font"]["ui"]["$value"])
MONO_FAMILIES: tuple[str, ...] = tuple(_document()["font"]["mono"]["$value"])
