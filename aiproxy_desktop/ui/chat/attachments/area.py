"""What stands above the text of a message: where to drop, the chips, and what the model cannot take."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.chat.attachments.advice import Advice
from aiproxy_desktop.ui.chat.attachments.strip import ChipStrip
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import Theme
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label, set_tooltip
from aiproxy_desktop.ui.widgets.painting import margins

# So that chips, less the room for their focus ring, line up with the text.
_SIDE = 12
_TEXT_SIDE = 16
# Of a model's name: three buttons fit beside one another in the smallest window.
_NAME_MOST = 116


class AttachmentArea(QWidget):
    """Takes no room while there is nothing to show."""

    model_wanted = Signal(str)  # reference

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._advice: Advice | None = None
        self._offers: list[Button] = []
        self.strip = ChipStrip(themes, self)
        self._drop = Label(tr("Drop files or folders here to attach them."), "body", "accent", parent=self)
        self._drop.setObjectName("chat.dropHere")
        self._notice = QWidget(self)
        self._sign = Label(parent=self._notice)
        self._sentence = Label("", "meta", "warning", wrap=True, parent=self._notice)
        self._sentence.setObjectName("chat.attachments.advice")
        self._buttons = QHBoxLayout()
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._wear)
        self._wear(themes.theme)
        self.strip.hide()
        self._notice.hide()
        self.set_dropping(dropping=False)

    def set_dropping(self, *, dropping: bool) -> None:
        """Whether files hover over the page."""
        self._drop.setVisible(dropping)
        self.show_or_hide()

    def show_advice(self, advice: Advice | None) -> None:
        """Say what does not fit, and offer what does."""
        if advice != self._advice:
            self._advice = advice
            for button in self._offers:
                button.hide()
                button.deleteLater()
            self._offers = []
            if advice is not None:
                self._sentence.setText(advice.sentence)
                self._offers = [self._offer(at, *model) for at, model in enumerate(advice.models)]
        self._notice.setVisible(advice is not None)
        self.show_or_hide()

    def show_or_hide(self) -> None:
        """Be there while a part of it is."""
        parts = (self.strip, self._drop, self._notice)
        self.setVisible(any(not part.isHidden() for part in parts))

    def _offer(self, at: int, reference: str, name: str) -> Button:
        button = Button(self._themes, name=f"chat.attachments.use{at + 1}", text=self._elided(name))
        button.setAccessibleName(tr("Use {model}", model=name))
        set_tooltip(button, name if button.text() != button.accessibleName() else "")
        button.clicked.connect(lambda: self.model_wanted.emit(reference))
        self._buttons.insertWidget(at, button)
        return button

    def _elided(self, name: str) -> str:
        metrics = QFontMetrics(font("body_medium"))
        return tr("Use {model}", model=metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, _NAME_MOST))

    def _lay_out(self) -> None:
        words = QHBoxLayout()
        words.setSpacing(8)
        words.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        words.addWidget(self._sentence, 1)
        self._buttons.setContentsMargins(margins(24, 0, 0, 0))
        self._buttons.setSpacing(8)
        self._buttons.addStretch(1)
        notice = QVBoxLayout(self._notice)
        notice.setContentsMargins(_TEXT_SIDE - _SIDE, 4, _TEXT_SIDE - _SIDE, 4)
        notice.setSpacing(4)
        notice.addLayout(words)
        notice.addLayout(self._buttons)
        self._drop.setContentsMargins(_TEXT_SIDE - _SIDE, 0, _TEXT_SIDE - _SIDE, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(_SIDE, 0, _SIDE, 0)
        column.setSpacing(0)
        column.addWidget(self._drop)
        column.addWidget(self.strip)
        column.addWidget(self._notice)

    def _wear(self, theme: Theme) -> None:
        self._sign.setPixmap(icon_pixmap("warning", theme.warning, 16, self.devicePixelRatioF()))
