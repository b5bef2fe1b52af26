"""The composer: a text field, the model that answers, and Send, which is Stop while an answer comes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.chat.model_button import ModelButton
from aiproxy_desktop.ui.chat.models import Choice
from aiproxy_desktop.ui.chat.prompt_edit import PromptEdit
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS, Theme
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import rounded

_FOOTER = 32
_TEXT_PAD = 16
_TOP_PAD = 14
_GAP = 8
_PAD = 8
_ROOMY = 54
_ALL_ROOM = 100  # a stretch beside which the others count for nothing

# Of the window's height, the text included.
_MOST_SHARE = 0.4


class Composer(QFrame):
    """Emits what the person does; shows what it is told."""

    edited = Signal(str)
    send_pressed = Signal()
    stop_pressed = Signal()
    picker_wanted = Signal()

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._answering = False
        self._recipients: QWidget | None = None
        self._attached, self._sendable, self._dropping = False, True, False
        self.setObjectName("chat.composerFrame")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.edit = PromptEdit(self)
        self.model_button = ModelButton(themes, self)
        self._cost = Label("", "meta", "muted", parent=self)
        self._send = Button(themes, "Send", name="chat.send", kind="primary", icon="send", large=True)
        self._stop = Button(themes, "Stop", name="chat.stop", icon="stop", hint="Esc", large=True)
        self._stop.setAccessibleName("Stop the answer")
        self._lay_out()
        self.edit.textChanged.connect(self._text_changed)
        self.edit.submitted.connect(self._submit)
        self.edit.focus_changed.connect(self.update)
        self.edit.height_wanted.connect(self.updateGeometry)
        self._send.clicked.connect(self._submit)
        self._stop.clicked.connect(self.stop_pressed)
        self.model_button.clicked.connect(self.picker_wanted)
        themes.changed.connect(self._wear)
        self._wear(themes.theme)
        self._show_buttons()

    def set_answering(self, answering: bool) -> None:
        """Stop stands where Send was, or the other way round; the keyboard's place is kept."""
        if answering != self._answering:
            self._answering = answering
            self._show_buttons()

    def set_draft(self, text: str) -> None:
        """Show a draft, unless it is what stands there."""
        if text != self.edit.toPlainText():
            self.edit.replace_text(text)

    def set_choice(self, choice: Choice | None) -> None:
        """Name the model that answers next, and what it costs."""
        self.model_button.show_choice(choice)
        self._cost.setText("" if choice is None else choice.cost)

    def set_recipients(self, recipients: QWidget | None, send: str) -> None:
        """Who is asked stands in the model's place while several are, and Send says so; None ends that."""
        if self._recipients is not recipients and recipients is not None:
            self._recipients = recipients
            self._footer.insertWidget(self._footer.indexOf(self.model_button), recipients, _ALL_ROOM)
        if self._recipients is not None:
            self._recipients.setVisible(recipients is not None)
        self.model_button.setVisible(recipients is None)
        self._cost.setVisible(recipients is None)
        self._send.set_label(send)
        width = max(self._send.sizeHint().width(), self._stop.sizeHint().width())
        for button in (self._send, self._stop):
            button.setFixedWidth(width)

    def set_room(self, window_height: int, *, roomy: bool) -> None:
        """How tall the text may grow; `roomy` leaves room for three lines from the start."""
        fixed = _TOP_PAD + _GAP + _FOOTER + _PAD
        most = max(int(window_height * _MOST_SHARE) - fixed, 3 * self.edit.fontMetrics().lineSpacing())
        self.edit.set_bounds(_ROOMY if roomy else 0, most)

    def add_above(self, widget: QWidget) -> None:
        """Show something above the text."""
        self._column.insertWidget(0, widget)

    def add_to_footer(self, widget: QWidget) -> None:
        """Put something before the model."""
        self._footer.insertWidget(0, widget)
        QWidget.setTabOrder(self.edit, widget)
        QWidget.setTabOrder(widget, self.model_button)

    def set_attached(self, *, some: bool, sendable: bool) -> None:
        """Whether there is something to send besides the text, and whether what there is can be sent."""
        self._attached, self._sendable = some, sendable
        self._show_sendable(self.edit.toPlainText())

    def set_dropping(self, *, dropping: bool) -> None:
        """Whether files hover over the page, to be dropped."""
        self._dropping = dropping
        self.update()

    def take_focus(self) -> None:
        """Let the person write on."""
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.take_focus()  # the whole frame is the field
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        ringed = self.edit.hasFocus() and self.edit.keyboard_focus
        rounded(
            QPainter(self),
            QRectF(self.rect()),
            RADIUS.l,
            theme.surface_raised,
            theme.accent if ringed or self._dropping else theme.border_strong,
            2.0 if ringed else 1.0,
        )

    def _lay_out(self) -> None:
        self._footer = footer = QHBoxLayout()
        footer.setContentsMargins(_PAD, 0, _PAD, _PAD)
        footer.setSpacing(12)
        footer.addWidget(self.model_button)
        footer.addStretch(1)
        footer.addWidget(self._cost)
        # Of one size, so that nothing moves when one replaces the other.
        width = max(self._send.sizeHint().width(), self._stop.sizeHint().width())
        for button in (self._send, self._stop):
            button.setFixedWidth(width)
            footer.addWidget(button)
        text = QHBoxLayout()
        text.setContentsMargins(_TEXT_PAD, 0, _TEXT_PAD - 8, 0)
        text.addWidget(self.edit)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, _TOP_PAD, 0, 0)
        column.setSpacing(_GAP)
        column.addLayout(text)
        column.addLayout(footer)

    def _text_changed(self) -> None:
        text = self.edit.toPlainText()
        self._show_sendable(text)
        self.edited.emit(text)

    def _submit(self) -> None:
        if not self._answering and self._send.isEnabled():
            self.send_pressed.emit()

    def _show_buttons(self) -> None:
        had_focus = has_focus_inside(self._send) or has_focus_inside(self._stop)
        if had_focus:
            self.take_focus()
        self._send.setVisible(not self._answering)
        self._stop.setVisible(self._answering)
        self._show_sendable(self.edit.toPlainText())

    def _show_sendable(self, text: str) -> None:
        written = bool(text) and not text.isspace()
        self._send.setEnabled((written or self._attached) and self._sendable)

    def _wear(self, theme: Theme) -> None:
        self.edit.set_text_colours(theme.text, theme.text_muted)
