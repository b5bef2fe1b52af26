"""The end of the panel: what is guaranteed, the button, the price."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.images.panel.viewmodel import RequestViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins, mirrored, rounded
from aiproxy_desktop.ui.widgets.switch import Switch

PAD = 20
_HEIGHT = 36
_ICON = 16


class Footer(QFrame):
    """Follows the view-model.

    Signals:
        protect_shown(bool): whether to show what stays as it is.
        mend_wanted(): no model is ready, and the person wants to change that.
    """

    protect_shown = Signal(bool)

    def __init__(self, themes: ThemeController, view_model: RequestViewModel, *, name: str) -> None:
        super().__init__()
        self._vm = view_model
        self.setProperty("edge", "top")
        column = QVBoxLayout(self)
        column.setContentsMargins(margins(PAD, 16, PAD, 16))
        column.setSpacing(8)
        self._guarantee: _Guarantee | None = None
        if view_model.room == "edit":
            self._guarantee = _Guarantee(themes, view_model, name=name)
            self._guarantee.protect_shown.connect(self.protect_shown)
            column.addWidget(self._guarantee)
            column.addSpacing(8)
        self._why = Label("", "meta", "secondary", wrap=True)
        self._why.setObjectName(f"{name}.why")
        self._button = RunButton(themes, name=f"{name}.run")
        self._button.clicked.connect(self._pressed)
        self._cost = Label("", "meta", "muted", wrap=True, tabular=True)
        self._cost.setObjectName(f"{name}.cost")
        self._cost.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for part in (self._why, self._button, self._cost):
            column.addWidget(part)
        view_model.state_changed.connect(self.show_state)
        view_model.pictures_changed.connect(self.show_state)
        self.show_state()

    def toggle_protect_shown(self) -> None:
        """Turn the switch that shows what stays as it is."""
        if self._guarantee is not None:
            self._guarantee.toggle_shown()

    def show_state(self) -> None:
        """Show what can be done now and what it costs."""
        vm = self._vm
        why = "" if vm.busy else vm.why_not
        # The empty field says itself what to write; a sentence more would stand here most of the time.
        said = why if vm.prompt.strip() else vm.why_beside_prompt
        said = "" if vm.busy else said
        if said != self._why.text():
            self._why.setText(said)
            if self.isVisible():
                announce(self._why, said)
        self._why.setVisible(bool(said))
        self._button.show_action(vm.action, busy=vm.busy)
        self._button.setEnabled(vm.busy or not why)
        self._button.setAccessibleDescription(why)
        line = vm.cost_line
        self._cost.setText(line)
        self._cost.setVisible(bool(line))
        if self._guarantee is not None:
            self._guarantee.setVisible(vm.pictures.base is not None)
            self._guarantee.show_state()

    def _pressed(self) -> None:
        if self._vm.busy:
            self._vm.cancel()
        else:
            self._vm.run()


class RunButton(PaintedButton):
    """The one primary button of the view; while it goes on, it cancels, in the same place and size."""

    def __init__(self, themes: ThemeController, *, name: str) -> None:
        super().__init__(themes, "", name=name)
        self._busy = False
        self._hint = "Ctrl Enter"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_action(self, words: str, *, busy: bool) -> None:
        """What pressing it does now."""
        words = tr("Cancel") if busy else words
        if words != self.text() or busy != self._busy:
            self._busy = busy
            self.setText(words)
            self.setAccessibleName(words)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        held, pointed = self.isDown(), self.underMouse()
        edge: str | None = None
        if not self.isEnabled():
            fill, ink = theme.mixed.surface_hover, theme.text_disabled
        elif self._busy:
            mixed = theme.mixed
            fill = mixed.surface_raised_pressed if held else theme.surface_raised
            fill = mixed.surface_raised_hover if pointed and not held else fill
            edge, ink = theme.border_control if pointed else theme.border_strong, theme.text
        else:
            fill = theme.accent_pressed if held else theme.accent_hover if pointed else theme.accent
            ink = theme.accent_text
        rounded(painter, QRectF(self.rect()), RADIUS.s, fill, edge)
        hint = "" if self._busy else self._hint
        small = QFontMetrics(font("caption"))
        painter.setFont(self.font())
        painter.setPen(ink)
        wide = painter.fontMetrics().horizontalAdvance(self.text())
        beside = small.horizontalAdvance(hint) + 8 if hint else 0
        if wide + beside > self.width() - 16:
            hint, beside = "", 0
        left = (self.width() - wide - beside) // 2
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(mirrored(self, QRect(left, 0, wide + 2, self.height())), middle, self.text())
        if hint:
            painter.setFont(font("caption"))
            box = QRect(left + wide + 8, 0, beside + 2, self.height())
            painter.drawText(mirrored(self, box), middle, hint)


class _Guarantee(QWidget):
    """What is promised of the pixels outside the mask, and whether to hold to it and show it."""

    protect_shown = Signal(bool)

    def __init__(self, themes: ThemeController, view_model: RequestViewModel, *, name: str) -> None:
        super().__init__()
        self._themes = themes
        self._vm = view_model
        self._words = Label("", "body", wrap=True)
        self._words.setObjectName(f"{name}.guarantee")
        self._protect = Switch(themes, name=f"{name}.protect", accessible_name=tr("Keep the rest as it is"))
        self._show = Switch(
            themes, name=f"{name}.showProtected", accessible_name=tr("Show the protected area")
        )
        self._protect.toggled.connect(view_model.set_protect)
        self._show.toggled.connect(self.protect_shown)
        self._show_row = _row(tr("Show the protected area"), self._show)
        self._protect_row = _row(tr("Keep the rest as it is"), self._protect)
        self._maskless = Label("", "meta", "muted", wrap=True)
        self._maskless.setObjectName(f"{name}.maskless")
        column = QVBoxLayout(self)
        column.setContentsMargins(margins(24, 0, 0, 0))
        column.setSpacing(8)
        for part in (self._words, self._maskless, self._protect_row, self._show_row):
            column.addWidget(part)
        self.show_state()

    def toggle_shown(self) -> None:
        """Turn the switch that shows what stays as it is, where there is something to show."""
        if not self._show_row.isHidden():
            self._show.toggle()

    def show_state(self) -> None:
        """Follow the mask."""
        pictures = self._vm.pictures
        masked = pictures.mask.has_mask or pictures.mask.extends
        self._protect.set_on(pictures.protect)
        self._protect_row.setVisible(masked)
        self._show_row.setVisible(masked and pictures.protect)
        if not masked:
            words = tr("Without a mask the whole picture may change")
        elif pictures.protect:
            words = tr("Pixels outside the mask stay exactly as they are")
        else:
            words = tr("The model may change pixels outside the mask")
        self._words.setText(words)
        told = self._vm.without_masks if masked else ()
        names = ", ".join(told)
        self._maskless.setText(tr("{model} takes no mask: it is told in words where to change.", model=names))
        self._maskless.setVisible(bool(told))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        pictures = self._vm.pictures
        kept = pictures.protect and (pictures.mask.has_mask or pictures.mask.extends)
        theme = self._themes.theme
        pixmap = icon_pixmap(
            "lock" if kept else "info", theme.text_secondary, _ICON, self.devicePixelRatioF()
        )
        place = mirrored(self, QRect(0, self._words.y() + 2, _ICON, _ICON))
        QPainter(self).drawPixmap(QPoint(place.x(), place.y()), pixmap)


def _row(words: str, switch: Switch) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    line.addWidget(Label(words, "body", "secondary", wrap=True), 1)
    line.addWidget(switch)
    return row
