"""What only the window knows of where it runs, for the diagnostics. Screens' names may be a person's own."""

from __future__ import annotations

import os
import re
from pathlib import Path

import PySide6
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication, QScreen

from aiproxy_desktop.ui.theme.controller import ThemeController

# A screen's name before its factor, and what follows the name of a platform (a folder of fonts, say).
_PERSONAL = re.compile(r"[^;=]*=|[:/].*")

_VARIABLES = ("QT_SCALE_FACTOR", "QT_SCREEN_SCALE_FACTORS", "QT_FONT_DPI", "QT_QPA_PLATFORM", "QT_IM_MODULE")


def window_facts(themes: ThemeController) -> list[tuple[str, str]]:
    """Names and values, in English."""
    screens = QGuiApplication.screens()
    return [
        ("Qt", qVersion()),
        ("Platform", QGuiApplication.platformName()),
        ("Drawing", "by the processor, no graphics card needed"),
        ("Theme", f"{themes.mode}, shown {themes.theme.name}"),
        ("Direction", QGuiApplication.layoutDirection().name),
        *((f"Screen {at}", _screen(screen)) for at, screen in enumerate(screens, 1)),
        *((name, _PERSONAL.sub("", os.environ.get(name, ""))[:60]) for name in _VARIABLES),
    ]


def qt_libraries() -> Path:
    """The folder in which Qt's shared libraries lie."""
    package = Path(PySide6.__file__).parent
    inside = package / "Qt" / "lib"
    return inside if inside.is_dir() else package  # on Windows they lie beside the modules


def _screen(screen: QScreen) -> str:
    ratio = screen.devicePixelRatio()
    size = screen.size()
    return (
        f"{round(size.width() * ratio)} x {round(size.height() * ratio)} pixels at {ratio:.0%},"
        f" {screen.depth()} bits, {screen.refreshRate():.0f} Hz"
    )
