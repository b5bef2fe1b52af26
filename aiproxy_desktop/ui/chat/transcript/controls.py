"""Real buttons on the painted column: as many as are in view, kept and moved about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QObject, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.chat.transcript.pieces.base import ControlKind
from aiproxy_desktop.ui.chat.transcript.sheet import figures, metrics
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button, ButtonKind, PaintedButton
from aiproxy_desktop.ui.widgets.painting import rounded

_COPIED_MS: Final = 1500


@dataclass(frozen=True, slots=True)
class Key:
    """Which button: its kind, the message's id, the index of its piece, and which of its kind there."""

    kind: ControlKind
    message: str
    piece: int
    part: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """A button that should be in view, where, and what it says."""

    key: Key
    at: QPoint
    from_right: bool
    label: str = ""
    on: bool = False
    enabled: bool = True
    size: QSize | None = None
    zoom: int = 100


class CopyButton(Button):
    """A quiet Copy button that says "Copied" for a moment; `grows` is the edge that moves then."""

    def __init__(
        self,
        themes: ThemeController,
        name: str,
        accessible_name: str,
        parent: QWidget,
        *,
        label: str = "",
        grows: Literal["start", "end"] = "start",
    ) -> None:
        self._label = label or tr("Copy")
        super().__init__(
            themes,
            self._label,
            name=name,
            kind="quiet",
            icon="copy",
            accessible_name=accessible_name,
            parent=parent,
        )
        self._said = accessible_name
        self._grows = grows
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_COPIED_MS)
        self._timer.timeout.connect(self.reset)

    def confirm(self) -> None:
        """Say that it is done."""
        self._show(tr("Copied"), "check")
        self.setAccessibleName(tr("Copied"))
        self._timer.start()

    def reset(self) -> None:
        """Say Copy again."""
        self._timer.stop()
        self._show(self._label, "copy")
        self.setAccessibleName(self._said)

    def _show(self, text: str, icon: str) -> None:
        right = self.geometry().right()
        self.setText(text)
        self.set_icon(icon)
        if self._grows == "end":
            return  # what stands beside it stays where it is
        parent = self.parentWidget()
        if parent is not None and parent.layout() is None:
            self.resize(self.sizeHint())
            self.move(right - self.width() + 1, self.y())


class DisclosureButton(PaintedButton):
    """A chevron and a line of muted text: shows and hides what stands below."""

    focus_radius = RADIUS.xs

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(themes, "", name="chat.transcript.reasoning", parent=parent)
        self.setFont(figures("meta"))
        self._zoom = 100
        self.setCheckable(True)

    def set_zoom(self, zoom: int) -> None:
        """It belongs to the text: it grows with it, percent."""
        if zoom != self._zoom:
            self._zoom = zoom
            self.setFont(figures("meta", zoom))
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(4 + 16 + width + 8, metrics("meta", self._zoom).line_height + 8)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.overlay() is not None:
            rounded(painter, QRectF(self.rect()), RADIUS.xs, self.overlay())
        ink = self.theme.text_secondary if self.underMouse() else self.theme.text_muted
        chevron = "chev-down" if self.isChecked() else "chev-right"
        pixmap = icon_pixmap(chevron, ink, 12, self.devicePixelRatioF())
        painter.drawPixmap(2, (self.height() - 12) // 2, pixmap)
        painter.setFont(self.font())
        painter.setPen(ink)
        painter.drawText(self.rect().adjusted(20, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())


class CoverButton(PaintedButton):
    """Lies over something painted that opens when it is pressed."""

    focus_radius = RADIUS.m

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(themes, "", name="chat.transcript.openImage", parent=parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_size(self, size: QSize) -> None:
        """That of what it lies over."""
        if size != self.size():
            self.resize(size)

    def sizeHint(self) -> QSize:
        return self.size()

    def paintEvent(self, _event: QPaintEvent) -> None:
        overlay = self.overlay()
        if overlay is not None:
            rounded(QPainter(self), QRectF(self.rect()), RADIUS.m, overlay)


class Controls(QObject):
    """The buttons in view. `pressed` says which one was."""

    pressed = Signal(object)  # Key

    def __init__(self, themes: ThemeController, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._themes = themes
        self._viewport = viewport
        self._shown: dict[Key, PaintedButton] = {}
        self._spare: dict[ControlKind, list[PaintedButton]] = {}
        self._keys: dict[PaintedButton, Key] = {}
        self._make: dict[ControlKind, Callable[[], PaintedButton]] = {
            "copy_code": self._copy_code,
            "save_code": lambda: Button(
                themes,
                tr("Save"),
                name="chat.transcript.saveCode",
                kind="quiet",
                icon="download",
                accessible_name=tr("Save code as a file"),
                parent=viewport,
            ),
            "wrap_code": self._wrap_code,
            "copy_table": lambda: Button(
                themes,
                tr("Copy"),
                name="chat.transcript.copyTable",
                icon="copy",
                chevron=True,
                accessible_name=tr("Copy table"),
                parent=viewport,
            ),
            "reasoning": lambda: DisclosureButton(themes, viewport),
            "retry": lambda: self._button(tr("Retry"), "retryHere", "refresh"),
            "retry_quiet": lambda: self._button(tr("Retry"), "retryHere", "refresh", kind="quiet"),
            "continue": lambda: self._button(tr("Continue"), "continueHere", "play"),
            "another": lambda: self._button(tr("Another model"), "anotherModel", "", chevron=True),
            "details": lambda: self._button(tr("Details"), "details", ""),
            "former": lambda: self._step("formerVersion", "chev-left", tr("Version before")),
            "later": lambda: self._step("laterVersion", "chev-right", tr("Version after")),
            "open_image": lambda: CoverButton(themes, viewport),
            "copy_image": self._copy_image,
            "save_image": lambda: self._button(tr("Save image…"), "saveImage", "download", kind="quiet"),
            "view_image": lambda: self._button(tr("Open"), "viewImage", "external", kind="quiet"),
            "edit_image": lambda: self._button(tr("Edit in Images"), "editImage", "brush-20", kind="quiet"),
            "copy_tool": lambda: CopyButton(
                themes, "chat.transcript.copyTool", tr("Copy arguments"), viewport
            ),
            "more_tool": lambda: self._button(tr("Show all"), "moreOfTool", ""),
        }

    def place(self, wanted: list[Placed]) -> bool:
        """Show exactly these; whether the set of them changed."""
        keys = {placed.key for placed in wanted}
        changed = keys != self._shown.keys()
        for key in [key for key in self._shown if key not in keys]:
            self._put_away(key)
        ends: dict[tuple[str, int], int] = {}
        for placed in wanted:
            button = self._shown.get(placed.key) or self._take(placed.key)
            self._set(button, placed, ends)
        return changed

    def button(self, key: Key) -> PaintedButton | None:
        """The button in view for a key."""
        return self._shown.get(key)

    def in_order(self) -> list[PaintedButton]:
        """The buttons in view, from the top down."""
        return sorted(self._shown.values(), key=lambda button: (button.y(), button.x()))

    def clear(self) -> None:
        """Show none."""
        for key in list(self._shown):
            self._put_away(key)

    def _put_away(self, key: Key) -> None:
        button = self._shown.pop(key)
        if button.hasFocus():
            # The keyboard must not lose its place because a button scrolled away.
            parent = self._viewport.parentWidget()
            if parent is not None:
                parent.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(button, CopyButton):
            button.reset()
        button.hide()
        self._spare.setdefault(key.kind, []).append(button)

    def _take(self, key: Key) -> PaintedButton:
        spare = self._spare.get(key.kind)
        if spare:
            button = spare.pop()
        else:
            button = self._make[key.kind]()
            button.setCursor(Qt.CursorShape.ArrowCursor)
            button.clicked.connect(lambda _checked=False, source=button: self._clicked(source))
        self._keys[button] = key
        self._shown[key] = button
        return button

    def _clicked(self, button: PaintedButton) -> None:
        self.pressed.emit(self._keys[button])

    def _set(self, button: PaintedButton, placed: Placed, ends: dict[tuple[str, int], int]) -> None:
        if isinstance(button, DisclosureButton):
            button.set_zoom(placed.zoom)
        if isinstance(button, CoverButton) and placed.size is not None:
            button.set_size(placed.size)
            button.setAccessibleName(placed.label)
        elif placed.label and button.text() != placed.label and not isinstance(button, CopyButton):
            button.setText(placed.label)
            button.setAccessibleName(placed.label)
        if button.isCheckable() and button.isChecked() != placed.on:
            button.setChecked(placed.on)
        if button.isEnabled() != placed.enabled:
            button.setEnabled(placed.enabled)
        size = button.sizeHint()
        if button.size() != size:
            button.resize(size)
        left = placed.at.x()
        if placed.from_right:
            # Several at one piece's end stand side by side, whatever their words are long.
            row = placed.key.message, placed.key.piece
            left = ends[row] = ends.get(row, left) - size.width()
        if button.pos() != QPoint(left, placed.at.y()):
            button.move(left, placed.at.y())
        if button.isHidden():
            button.show()

    def _copy_code(self) -> PaintedButton:
        return CopyButton(self._themes, "chat.transcript.copyCode", tr("Copy code"), self._viewport)

    def _copy_image(self) -> PaintedButton:
        name, label = "chat.transcript.copyImage", tr("Copy image")
        return CopyButton(self._themes, name, label, self._viewport, label=label, grows="end")

    def _wrap_code(self) -> PaintedButton:
        button = Button(
            self._themes,
            tr("Wrap"),
            name="chat.transcript.wrapCode",
            kind="quiet",
            icon="wrap",
            accessible_name=tr("Wrap long lines"),
            parent=self._viewport,
        )
        button.setCheckable(True)
        return button

    def _step(self, name: str, icon: str, tooltip: str) -> PaintedButton:
        name = f"chat.transcript.{name}"
        return Button(
            self._themes, name=name, kind="quiet", icon=icon, tooltip=tooltip, parent=self._viewport
        )

    def _button(
        self, text: str, name: str, icon: str, *, kind: ButtonKind | None = None, chevron: bool = False
    ) -> PaintedButton:
        return Button(
            self._themes,
            text,
            name=f"chat.transcript.{name}",
            kind=kind or ("secondary" if icon else "quiet"),
            icon=icon,
            chevron=chevron,
            parent=self._viewport,
        )
