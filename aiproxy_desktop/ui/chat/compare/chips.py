"""Who is asked: a chip for each model, and a button to add one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import CONTROL, RADIUS, Theme
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.painting import rounded

_NAME_MOST = 150
_PAD = 10


class Chip(QFrame):
    """The name of a model and a cross that takes it away."""

    removed = Signal()

    def __init__(
        self, themes: ThemeController, name: str, place: int, removable: bool, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setObjectName(f"chat.compare.chip.{place + 1}")
        self.setFixedHeight(CONTROL.height)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._name = ElidedLabel(name, "body_medium", parent=self)
        most = min(_NAME_MOST, self._name.fontMetrics().horizontalAdvance(name) + 2)
        self._name.setMinimumWidth(min(40, most))
        self._name.setMaximumWidth(most)
        self._name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._cross = Button(
            themes,
            name=f"chat.compare.remove.{place + 1}",
            kind="quiet",
            icon="close",
            tooltip=tr("Do not ask {model}", model=name),
            parent=self,
        )
        self._cross.setEnabled(removable)
        self._cross.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        row.addSpacing(_PAD - 4)  # margins are not mirrored where text goes from right to left
        row.addWidget(self._name)
        row.addWidget(self._cross)
        themes.changed.connect(self._wear)
        self._wear(themes.theme)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        rounded(QPainter(self), QRectF(self.rect()), RADIUS.m, theme.accent_soft, theme.accent_border)

    def _wear(self, theme: Theme) -> None:
        palette = self._name.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme.accent_ink)
        self._name.setPalette(palette)


class Recipients(QWidget):
    """The chips in a row. It decides nothing: what may be added or removed it is told."""

    add_wanted = Signal()
    remove_wanted = Signal(int)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._chips: list[Chip] = []
        self._shown: tuple[tuple[str, ...], bool] | None = None
        self.setObjectName("chat.compare.models")
        self.setAccessibleName(tr("Models that are asked"))
        self.add_button = Button(
            themes,
            tr("Add a model"),
            name="chat.compare.add",
            kind="quiet",
            icon="plus",
            large=True,
            parent=self,
        )
        self.add_button.clicked.connect(self.add_wanted)
        self._state = Label("", "meta", "muted", parent=self)
        self._state.setObjectName("chat.compare.state")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addWidget(self.add_button)
        self._row.addStretch(1)
        self._row.addWidget(self._state)

    def show_models(self, names: Sequence[str], *, can_add: bool, can_remove: bool) -> None:
        """Show these."""
        self.add_button.setVisible(can_add)
        if self._shown == (tuple(names), can_remove):
            return
        self._shown = (tuple(names), can_remove)
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = [Chip(self._themes, name, place, can_remove, self) for place, name in enumerate(names)]
        for place, chip in enumerate(self._chips):
            chip.removed.connect(lambda place=place: self.remove_wanted.emit(place))
            self._row.insertWidget(place, chip)

    def show_state(self, sentence: str) -> None:
        """Say why nothing can be sent yet, or nothing."""
        self._state.setText(sentence)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, CONTROL.height)
