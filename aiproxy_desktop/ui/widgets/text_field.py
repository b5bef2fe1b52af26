"""Text fields, and the field as forms use it: label above, one sentence below when the value is refused."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QStyle, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import CONTROL
from aiproxy_desktop.ui.widgets.labels import Label, set_property

_ICON_ROOM = 24


class TextField(QLineEdit):
    """A single line of text, 32 high.

    Args of the constructor:
        name: its objectName.
        placeholder: shown while empty.
        accessible_name: what a screen reader calls it; the placeholder when not given.
        secret: a password field.
        icon: an icon at the start, such as `search`.
        bare: without frame and background, for use inside another frame.
    """

    def __init__(
        self,
        themes: ThemeController,
        *,
        name: str,
        placeholder: str = "",
        accessible_name: str = "",
        secret: bool = False,
        icon: str = "",
        bare: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setObjectName(name)
        self.setAccessibleName(accessible_name or placeholder)
        self.setPlaceholderText(placeholder)
        self.setFont(font("body"))
        if bare:
            self.setProperty("bare", True)
        if secret:
            self.setEchoMode(QLineEdit.EchoMode.Password)
            # A key is no word: nothing may learn it or offer to complete it.
            self.setInputMethodHints(
                Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
            )
        self._themes = themes
        self._icon_room = _ICON_ROOM if icon else 0
        self._make_room()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), CONTROL.height)

    def set_icon_room(self, pixels: int) -> None:
        """Where the text begins, from the side that the icon stands at."""
        self._icon_room = pixels
        self._make_room()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._make_room()

    def _make_room(self) -> None:
        # The margins of a QLineEdit are left and right, whatever the direction.
        room, leftwards = self._icon_room, self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.setTextMargins(0 if leftwards else room, 0, room if leftwards else 0, 0)

    def set_invalid(self, invalid: bool) -> None:
        """Whether the value was refused: the border turns red."""
        set_property(self, "invalid", invalid)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._icon:
            pixmap = icon_pixmap(self._icon, self._themes.theme.text_secondary, 16, self.devicePixelRatioF())
            place = QRect(12, (self.height() - 16) // 2, 16, 16)
            place = QStyle.visualRect(self.layoutDirection(), self.rect(), place)
            QPainter(self).drawPixmap(place.topLeft(), pixmap)


class Field(QWidget):
    """A text field with its label above and, below, what is wrong with the value or a line of help.

    Args of the constructor:
        label: above the field; empty for none.
        note: muted at the label's other end, such as `optional`.
        help_text: muted below, while nothing is wrong.
    """

    def __init__(
        self,
        themes: ThemeController,
        label: str,
        *,
        name: str,
        placeholder: str = "",
        note: str = "",
        help_text: str = "",
        secret: bool = False,
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.input = TextField(
            themes,
            name=name,
            placeholder=placeholder,
            accessible_name=accessible_name or label or placeholder,
            secret=secret,
        )
        self._help_text = help_text
        self._message = Label("", "meta", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if label:
            head = QHBoxLayout()
            caption = Label(label, "meta", "secondary")
            caption.setBuddy(self.input)
            head.addWidget(caption, 1)
            if note:
                head.addWidget(Label(note, "meta", "muted"))
            column.addLayout(head)
        column.addWidget(self.input)
        column.addWidget(self._message)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.input.textEdited.connect(self._edited)
        self.set_error("")

    def sizeHint(self) -> QSize:
        # A layout gives what is fixed no more than this, however many lines the message takes.
        hint = super().sizeHint()
        return QSize(hint.width(), max(hint.height(), self.heightForWidth(self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    @property
    def text(self) -> str:
        """The text as typed."""
        return self.input.text()

    @property
    def error(self) -> str:
        """The sentence shown below, empty when nothing is wrong."""
        return self._message.text() if self.input.property("invalid") else ""

    def set_text(self, text: str) -> None:
        """Put a text in and forget what was wrong."""
        self.input.setText(text)
        self.set_error("")

    def set_error(self, sentence: str) -> None:
        """Say what is wrong, or with an empty text that nothing is."""
        self.input.set_invalid(bool(sentence))
        self._message.setText(sentence or self._help_text)
        self._message.set_tone("danger" if sentence else "muted")
        self._message.setVisible(bool(self._message.text()))
        self.input.setAccessibleDescription(self._message.text())

    def set_help(self, sentence: str) -> None:
        """Another line of help."""
        self._help_text = sentence
        if not self.error:
            self.set_error("")

    def _edited(self) -> None:
        if self.error:
            self.set_error("")
