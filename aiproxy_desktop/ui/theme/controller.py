"""Which theme the application wears, and putting it on."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from aiproxy_desktop.ui.theme.fonts import font, load_fonts
from aiproxy_desktop.ui.theme.palette import palette
from aiproxy_desktop.ui.theme.stylesheet import style_sheet
from aiproxy_desktop.ui.theme.tokens import Theme, load_themes

ThemeMode = Literal["system", "light", "dark"]

_SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}


class ThemeController(QObject):
    """Applies a theme to a QApplication and follows the system while asked to.

    Widgets that paint themselves keep a reference to it and read `theme` when they paint; Qt repaints
    every widget when the palette changes, so only widgets with something to rebuild need `changed`.
    """

    changed = Signal(object)  # Theme
    mode_changed = Signal(str)

    def __init__(self, app: QApplication, mode: ThemeMode = "system") -> None:
        super().__init__(app)
        self._app = app
        self._mode: ThemeMode = mode
        # One style on every system: the looks are drawn from tokens, not from a native theme.
        app.setStyle("Fusion")
        load_fonts()
        app.setFont(font("body"))
        self._follow(mode)
        self._theme = self._chosen()
        self._apply()
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def mode(self) -> ThemeMode:
        """What the person chose."""
        return self._mode

    @property
    def theme(self) -> Theme:
        """The theme worn now."""
        return self._theme

    @property
    def reduced_motion(self) -> bool:
        """Whether the system asks for less motion. Then nothing moves, fades or blinks."""
        from PySide6.QtWidgets import QStyle

        return self._app.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0

    def duration(self, milliseconds: int) -> int:
        """A duration of the tokens, or 0 where the system asks for less motion."""
        return 0 if self.reduced_motion else milliseconds

    def set_mode(self, mode: ThemeMode) -> None:
        """Wear light or dark, or follow the system."""
        if mode == self._mode:
            return
        self._mode = mode
        self._follow(mode)
        self._refresh()
        self.mode_changed.emit(mode)

    def _follow(self, mode: ThemeMode) -> None:
        # Telling Qt keeps native title bars and file dialogs in step with the window.
        hints = self._app.styleHints()
        if mode == "system":
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(_SCHEMES[mode])

    def _chosen(self) -> Theme:
        light, dark = load_themes()
        if self._mode == "system":
            return dark if self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark else light
        return dark if self._mode == "dark" else light

    def _system_changed(self) -> None:
        self._refresh()

    def _refresh(self) -> None:
        theme = self._chosen()
        if theme is self._theme:
            return
        self._theme = theme
        self._apply()
        self.changed.emit(theme)

    def _apply(self) -> None:
        self._app.setPalette(palette(self._theme))
        leftwards = self._app.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self._app.setStyleSheet(style_sheet(self._theme, leftwards=leftwards))
