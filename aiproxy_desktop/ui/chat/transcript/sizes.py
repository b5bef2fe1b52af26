"""How wide buttons will be, for what is placed beside them before they exist."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QFontMetrics

from aiproxy_desktop.ui.theme.fonts import font

BUTTON: Final = 28
_PAD: Final = 11
_ICON: Final = 16 + 8
_CHEVRON: Final = 16 + 6


def button_width(label: str, *, icon: bool = True, chevron: bool = False) -> int:
    """Pixels that a button with this label takes."""
    width = 2 * _PAD + QFontMetrics(font("body_medium")).horizontalAdvance(label)
    return width + (_ICON if icon else 0) + (_CHEVRON if chevron else 0)
