"""The buttons and fields of what is in view: made when it comes into view, taken away when it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.transcript.blocks import ControlKind, Key, Wanted
from aiproxy_desktop.ui.voice.transcript.card_buttons import CardHead, SourceRow
from aiproxy_desktop.ui.widgets.buttons import Button, ButtonKind
from aiproxy_desktop.ui.widgets.text_field import TextField

_KINDS: Final[Mapping[ControlKind, ButtonKind]] = {
    "allow": "primary",
    "always": "secondary",
    "deny": "quiet",
    "send": "secondary",
}


class Controls(QObject):
    """The controls in view.

    Signals:
        pressed: Key of what was pressed.
        source_wanted: the address of a page.
        answered: the id of a call, and what the person wrote.
    """

    pressed = Signal(object)
    source_wanted = Signal(str)
    answered = Signal(str, str)

    def __init__(self, themes: ThemeController, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._themes = themes
        self._viewport = viewport
        self._shown: dict[Key, QWidget] = {}
        # What was begun in a field that is out of view.
        self._begun: dict[str, str] = {}

    def place(self, wanted: Mapping[Key, tuple[Wanted, QRect]]) -> bool:
        """Show exactly these, each at its place in the viewport; whether the set of them changed."""
        changed = wanted.keys() != self._shown.keys()
        for key in [key for key in self._shown if key not in wanted]:
            self._put_away(key)
        for key, (what, box) in wanted.items():
            widget = self._shown.get(key)
            if widget is None:
                widget = self._shown[key] = self._make(what)
            if isinstance(widget, CardHead | SourceRow):
                widget.show_as(what)
            elif isinstance(widget, Button) and widget.text() != what.label:
                widget.set_label(what.label)
            if widget.geometry() != box:
                widget.setGeometry(box)
            if widget.isHidden():
                widget.show()
        return changed

    def clear(self) -> None:
        """Show none."""
        for key in list(self._shown):
            self._put_away(key)

    def forget(self, entries: set[str]) -> None:
        """Keep what was begun for these entries alone."""
        self._begun = {entry: text for entry, text in self._begun.items() if entry in entries}

    def widget(self, key: Key) -> QWidget | None:
        """The one in view for a key."""
        return self._shown.get(key)

    def in_order(self) -> list[QWidget]:
        """Those in view, from the top down."""
        return sorted(self._shown.values(), key=lambda widget: (widget.y(), widget.x()))

    def _put_away(self, key: Key) -> None:
        widget = self._shown.pop(key)
        if widget.hasFocus():
            # The keyboard must not lose its place because a button scrolled away.
            parent = self._viewport.parentWidget()
            if parent is not None:
                parent.setFocus(Qt.FocusReason.OtherFocusReason)
        widget.hide()
        widget.deleteLater()

    def _make(self, wanted: Wanted) -> QWidget:
        key = wanted.key
        made: QPushButton
        if key.kind == "answer":
            return self._field(wanted)
        if key.kind == "head":
            made = CardHead(self._themes, self._viewport)
        elif key.kind == "source":
            row = made = SourceRow(self._themes, self._viewport)
            row.clicked.connect(lambda: self.source_wanted.emit(row.address))
        else:
            made = Button(
                self._themes,
                wanted.label,
                name=f"voice.transcript.{key.kind}",
                kind=_KINDS[key.kind],
                parent=self._viewport,
            )
        made.setCursor(Qt.CursorShape.ArrowCursor)
        # Pressed by mouse it leaves the keyboard where it is: Space goes on talking.
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if key.kind == "send":
            made.clicked.connect(lambda: self._answer(key.entry))
        else:
            made.clicked.connect(lambda: self.pressed.emit(key))
        return made

    def _field(self, wanted: Wanted) -> TextField:
        entry = wanted.key.entry
        field = TextField(
            self._themes,
            name="voice.transcript.answer",
            placeholder=tr("Write its result, JSON or text"),
            accessible_name=wanted.label,
            parent=self._viewport,
        )
        field.setCursor(Qt.CursorShape.IBeamCursor)
        field.setText(self._begun.get(entry, ""))
        field.textEdited.connect(lambda text: self._begun.update({entry: text}))
        field.returnPressed.connect(lambda: self._answer(entry))
        return field

    def _answer(self, entry: str) -> None:
        text = self._begun.get(entry, "").strip()
        if text:
            self.answered.emit(entry, text)
            return
        field = self._shown.get(Key(entry, "answer"))
        if field is not None:
            field.setFocus(Qt.FocusReason.OtherFocusReason)
