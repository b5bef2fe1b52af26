"""The composer: a text field, the model that answers, and Send, which is Stop while an answer comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.core.messages import Effort
from aiproxy_desktop.storage.presets import Prompt
from aiproxy_desktop.ui.chat.models.button import ModelButton
from aiproxy_desktop.ui.chat.models.rows import Choice
from aiproxy_desktop.ui.chat.writing.effort_select import EffortSelect
from aiproxy_desktop.ui.chat.writing.prompt_edit import PromptEdit
from aiproxy_desktop.ui.chat.writing.prompt_menu import PromptMenu
from aiproxy_desktop.ui.chat.writing.recall_keys import RecallKeys
from aiproxy_desktop.ui.chat.writing.snippet_stops import SnippetStops
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS, Theme
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import Label, set_tooltip
from aiproxy_desktop.ui.widgets.painting import rounded

_FOOTER = 32
_TEXT_PAD = 16
_TOP_PAD = 14
_GAP = 8
_PAD = 8
_ROOMY = 54
_ALL_ROOM = 100  # a stretch beside which the others count for nothing
_BETWEEN = 12

_SEPARATOR = " · "
# A figure of usual length.
_USUAL_COUNT = "about 8,800 tokens · $0.008"

# Of the window's height, the text included.
_MOST_SHARE = 0.4

# Characters up to which a key costs nothing that can be felt; a longer text is told only this often.
_LONG = 20_000
_TELL_EVERY_MS = 250


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
        self._place = ""
        self._line = self._usual_cost = ""
        self.setObjectName("chat.composerFrame")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.edit = PromptEdit(self)
        self.model_button = ModelButton(themes, self)
        self.effort = EffortSelect(
            themes, name="chat.effort", kind="quiet", large=True, prefixed=True, parent=self
        )
        self._effort_shown = False
        self.effort.hide()
        self._cost = Label("", "meta", "muted", tabular=True, parent=self)
        self._cost.setObjectName("chat.count")
        self._warning = Label("", "meta", "warning", wrap=True, parent=self)
        self._warning.setObjectName("chat.tooLong")
        self._warning.hide()
        self._send = Button(themes, tr("Send"), name="chat.send", kind="primary", icon="send", large=True)
        self._stop = Button(themes, tr("Stop"), name="chat.stop", icon="stop", hint=tr("Esc"), large=True)
        self._stop.setAccessibleName(tr("Stop the answer"))
        self._telling = QTimer(self)
        self._telling.setSingleShot(True)
        self._telling.setInterval(_TELL_EVERY_MS)
        self._telling.timeout.connect(self.tell)
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

    def assist(self, prompts: Callable[[], Sequence[Prompt]], former: Callable[[], Sequence[str]]) -> None:
        """Offer saved prompts at `/`, and with Up what was asked before, the last one first."""
        self._stops = SnippetStops(self.edit)
        self._recall = RecallKeys(self.edit, former)
        self._menu = PromptMenu(self._themes, self.edit, self, self._stops, prompts)
        self.edit.key_filters = [self._menu, self._stops, self._recall]

    def set_draft(self, text: str, place: str) -> None:
        """Show a draft, unless it is what stands there.

        Args:
            text: of the draft.
            place: where it was written. In the same place as before, a change of it can be undone.
        """
        same = place == self._place
        self._place = place
        if text == self.edit.toPlainText():
            if not same:
                self.edit.document().clearUndoRedoStacks()
            return
        self._stops.leave()
        self._recall.forget()
        if same:
            self.edit.write_instead(text)
        else:
            self.edit.replace_text(text)

    def tell(self) -> None:
        """Tell now what is written, as is done by itself at every change but in a long text."""
        self._telling.stop()
        text = self.edit.toPlainText()
        self._show_sendable(text)
        self.edited.emit(text)

    def begin_prompt(self) -> None:
        """Open the list of saved prompts at the cursor, as typing `/` does."""
        self.take_focus()
        cursor = self.edit.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()][-1:]
        cursor.insertText(" /" if before.strip() else "/")
        self.edit.setTextCursor(cursor)

    def set_choice(self, choice: Choice | None) -> None:
        """Name the model that answers next, and what it costs."""
        self.model_button.show_choice(choice)
        self._usual_cost = "" if choice is None else choice.cost
        self._fit_footer()

    def set_efforts(self, efforts: Sequence[Effort], chosen: Effort | None, *, shown: bool) -> None:
        """How hard the model can be asked to think; `shown` where that can be set here."""
        self.effort.show_efforts(efforts, chosen)
        self._effort_shown = shown
        self._fit_footer()

    def show_count(self, line: str, warning: str) -> None:
        """What the message will take, and what is wrong with that; empty is what the model costs."""
        self._line = line
        self._fit_footer()
        if warning != self._warning.text():
            self._warning.setText(warning)
            self._warning.setVisible(bool(warning))
            self.updateGeometry()

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
        self._fit_footer()

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
        self._fit_footer()
        QWidget.setTabOrder(self.edit, widget)
        QWidget.setTabOrder(widget, self.model_button)

    def set_attached(self, *, some: bool, sendable: bool) -> None:
        """Whether there is something to send besides the text, and whether what there is can be sent."""
        self._attached, self._sendable = some, sendable
        self._show_sendable(self.edit.toPlainText())
        self.edit.height_wanted.emit()  # what stands above takes room as well

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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_footer()

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
        footer.setSpacing(_BETWEEN)
        footer.addWidget(self.model_button)
        footer.addWidget(self.effort)
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
        warning = QHBoxLayout()
        warning.setContentsMargins(_TEXT_PAD, 0, _TEXT_PAD, 0)
        warning.addWidget(self._warning)
        column.addLayout(text)
        column.addLayout(warning)
        column.addLayout(footer)

    def _text_changed(self) -> None:
        # Taking a megabyte out of the editor takes longer than a key may.
        if self.edit.document().characterCount() < _LONG:
            self.tell()
            return
        self._send.setEnabled(self._sendable)  # so long a text is hardly blank
        if not self._telling.isActive():
            self._telling.start()

    def _fit_footer(self) -> None:
        """Let the model's name come first where there is little room.

        The effort, which the options hold as well, gives way to it, then the number of tokens, which the
        tooltip holds.
        """
        self._cost.setText(self._line or self._usual_cost)
        whole = self._cost.text()
        self.effort.setVisible(self._effort_shown and self._least_footer(effort=True) <= self.width())
        if self._least_footer(effort=False) > self.width():
            self._cost.setText(whole.rpartition(_SEPARATOR)[2])
        set_tooltip(self._cost, whole if self._cost.text() != whole else "")
        self._cost.setAccessibleName(whole)

    def _least_footer(self, *, effort: bool) -> int:
        """The width at which the footer cuts no name and no figure, with the effort or without."""
        items = [self._footer.itemAt(at) for at in range(self._footer.count())]
        widgets = [item.widget() for item in items if item is not None]
        shown = [
            one
            for one in widgets
            if one is not None and (effort if one is self.effort else not one.isHidden())
        ]
        return (
            sum(self._least_width(one, usual=effort) for one in shown)
            + _BETWEEN * (len(shown) - 1)
            + 2 * _PAD
        )

    def _least_width(self, widget: QWidget, *, usual: bool) -> int:
        if widget is self._cost and usual:
            # What stands beside it must not come and go while one types.
            return max(widget.fontMetrics().horizontalAdvance(_USUAL_COUNT), widget.sizeHint().width())
        if widget is self.model_button:
            return self.model_button.named_width()
        if widget is self._recipients:
            return widget.minimumSizeHint().width()
        return max(widget.sizeHint().width(), widget.minimumWidth())

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
