"""What the panel's groups are laid out with."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.widgets.labels import Label, set_tooltip
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.switch import Switch

PAD = 20
_ROW = 32
_ICON = 16


class Group(QWidget):
    """A column of fields between two hairlines: fill `column`."""

    def __init__(self, *, spacing: int = 12) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(margins(PAD, 16, PAD, 16))
        self.column.setSpacing(spacing)


class Note(Label):
    """A small sentence under a field; gone while it is empty."""

    def __init__(self, name: str) -> None:
        super().__init__("", "meta", "muted", wrap=True)
        self.setObjectName(name)
        self.hide()

    def say(self, sentence: str, *, trouble: bool = False) -> None:
        """Say it; with `trouble` in the colour of what has to be mended."""
        self.set_tone("danger" if trouble else "muted")
        self.setText(sentence)
        self.setVisible(bool(sentence))


class SwitchRow(QWidget):
    """Words, a switch at the end, and below them a sentence where there is one to say."""

    def __init__(self, themes: ThemeController, words: str, *, name: str) -> None:
        super().__init__()
        self._label = Label(words, "body", wrap=True)
        self.switch = Switch(themes, name=name, accessible_name=words)
        self.note = Note(f"{name}.note")
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self._label, 1)
        line.addWidget(self.switch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.note)

    def set_words(self, words: str) -> None:
        """Say something else for what it switches."""
        self._label.setText(words)
        self.switch.setAccessibleName(words)

    def show_state(self, on: bool, note: str = "", *, possible: bool = True, quiet: bool = False) -> None:
        """Show it.

        Args:
            on: whether it is switched on; what is not possible is off.
            note: a sentence below, such as why it is not possible.
            possible: whether it can be switched.
            quiet: whether the sentence takes no room: it is told where the switch is pointed at, or read out.
        """
        self.switch.set_on(on and possible)
        self.switch.setEnabled(possible)
        self.switch.setAccessibleDescription(note)
        set_tooltip(self.switch, "" if possible else note)
        self._label.set_tone("text" if possible else "muted")
        self.note.say("" if quiet else note)
        self.switch.update()


class Icon(QWidget):
    """A picture beside a field that says in words what it is."""

    def __init__(self, themes: ThemeController, name: str) -> None:
        super().__init__()
        self._themes = themes
        self._name = name
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(_ICON, _ICON)

    def paintEvent(self, _event: QPaintEvent) -> None:
        ink = self._themes.theme.text_secondary
        QPainter(self).drawPixmap(0, 0, icon_pixmap(self._name, ink, _ICON, self.devicePixelRatioF()))


def field(words: str, control: QWidget | QLayout, buddy: QWidget | None = None) -> QVBoxLayout:
    """A control with its name above it.

    Args:
        words: its name.
        control: what stands below.
        buddy: what the name is for where `control` is more than that.
    """
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    label = Label(words, "meta", "secondary")
    column.addWidget(label)
    if isinstance(control, QLayout):
        column.addLayout(control)
    else:
        column.addWidget(control)
    target = buddy or (control if isinstance(control, QWidget) else None)
    if target is not None:
        label.setBuddy(target)
    return column
