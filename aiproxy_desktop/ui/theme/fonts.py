"""Fonts of the type scale. Inter and JetBrains Mono come as packages; the system covers what they lack."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

from aiproxy_desktop.resources_dir import font_file
from aiproxy_desktop.ui.theme.tokens import MONO_FAMILIES, TYPE, UI_FAMILIES, TypeName

_INTER = ("fontpkg_inter", "Inter[opsz,wght].ttf")
_INTER_ITALIC = ("fontpkg_inter", "Inter-Italic[opsz,wght].ttf")
_MONO = ("fontpkg_jetbrains_mono", "JetBrainsMono[wght].ttf")
_MONO_ITALIC = ("fontpkg_jetbrains_mono", "JetBrainsMono-Italic[wght].ttf")


@cache
def _load(package: str, name: str) -> None:
    path = font_file(package, name)
    if path is not None:
        QFontDatabase.addApplicationFont(str(path))


def load_fonts() -> None:
    """Load the upright interface font. The others load when a style first asks for them.

    Needs a QGuiApplication. A missing file is no error: the system's sans serif stands in.
    """
    _load(*_INTER)


def font(style: TypeName, *, italic: bool = False, tabular: bool = False) -> QFont:
    """A font of the type scale.

    Args:
        style: a step of the scale, see `tokens.TYPE`.
        italic: only answers use it.
        tabular: figures of one width, for numbers that change or stand in columns.
    """
    step = TYPE[style]
    mono = step.family == "mono"
    if mono:
        _load(*(_MONO_ITALIC if italic else _MONO))
    else:
        _load(*(_INTER_ITALIC if italic else _INTER))
    result = QFont(list(MONO_FAMILIES if mono else UI_FAMILIES))
    result.setPixelSize(step.size)
    result.setWeight(QFont.Weight(step.weight))
    # The files are variable: their weight is an axis, which setWeight alone does not reach everywhere.
    result.setVariableAxis(QFont.Tag("wght"), step.weight)
    result.setItalic(italic)
    if step.letter_spacing_em:
        result.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, step.letter_spacing_em * step.size)
    if mono:
        result.setStyleHint(QFont.StyleHint.Monospace)
        result.setFeature(QFont.Tag("liga"), 0)
        result.setFeature(QFont.Tag("calt"), 0)
    if tabular:
        result.setFeature(QFont.Tag("tnum"), 1)
    return result
