"""A theme as Qt's palette, for everything Qt draws by itself."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from aiproxy_desktop.ui.theme.tokens import Theme


def palette(theme: Theme) -> QPalette:
    """All roles of one theme; active and inactive windows look alike."""
    role = QPalette.ColorRole
    result = QPalette()
    for which, colour in (
        (role.Window, theme.surface),
        (role.WindowText, theme.text),
        (role.Base, theme.surface_raised),
        (role.AlternateBase, theme.surface_sunken),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.text_muted),
        (role.Button, theme.surface_raised),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.accent_text),
        (role.Light, theme.surface_raised),
        (role.Midlight, theme.border),
        (role.Mid, theme.border_strong),
        (role.Dark, theme.border_control),
        (role.Shadow, theme.border_strong),
        (role.Highlight, theme.selection),
        (role.HighlightedText, theme.selection_text),
        (role.Accent, theme.accent),
        (role.Link, theme.accent_ink),
        (role.LinkVisited, theme.accent_ink),
        (role.ToolTipBase, theme.text),
        (role.ToolTipText, theme.surface),
    ):
        result.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.text_disabled))
    return result
