"""Every word that can be seen or heard in the windows that are open, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from aiproxy_desktop.ui.chat.transcript.accessible import MessageInterface
from aiproxy_desktop.ui.chat.transcript.transcript import Transcript
from aiproxy_desktop.ui.voice.transcript.accessible import EntryInterface
from aiproxy_desktop.ui.voice.transcript.transcript import VoiceTranscript


class Word(NamedTuple):
    """A text, the widget it stands in, and what it is there, such as `label` or `spoken`."""

    text: str
    where: str
    what: str


def words_seen() -> Iterator[Word]:
    """What every visible widget shows and says; rows of lists and menus with it."""
    for widget in QApplication.allWidgets():
        if widget.isVisible() and not widget.objectName().startswith("qt_"):
            where = widget.objectName() or _owner(widget)
            for what, text in _texts(widget):
                if text.strip():
                    yield Word(text, where, what)


def _texts(widget: QWidget) -> Iterator[tuple[str, str]]:
    yield "tooltip", widget.toolTip()
    yield "spoken", widget.accessibleName()
    yield "spoken", widget.accessibleDescription()
    if isinstance(widget, QLabel | QAbstractButton):
        yield "label", widget.text()
    elif isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit):
        yield "placeholder", widget.placeholderText()
    elif isinstance(widget, QMenu):
        for action in widget.actions():
            yield "menu", action.text().partition("\t")[0]
    elif isinstance(widget, QHeaderView):
        return  # its words are its view's
    elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from _rows(widget.model())
    elif isinstance(widget, Transcript):
        yield from _messages(widget)
    elif isinstance(widget, VoiceTranscript):
        yield from _entries(widget)


def _rows(model: QAbstractItemModel) -> Iterator[tuple[str, str]]:
    root = QModelIndex()
    # A list keeps how many columns it has to itself: one.
    table = isinstance(model, QAbstractTableModel)
    for column in range(model.columnCount(root) if table else 1):
        if table:
            yield "head", str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        for row in range(model.rowCount(root)):
            index = model.index(row, column)
            yield "row", str(index.data(Qt.ItemDataRole.DisplayRole) or "")
            yield "spoken row", str(index.data(Qt.ItemDataRole.AccessibleTextRole) or "")
            yield "tooltip", str(index.data(Qt.ItemDataRole.ToolTipRole) or "")


def _messages(area: Transcript) -> Iterator[tuple[str, str]]:
    """They are painted: what is told of them is what can be read."""
    for index in range(len(area.column.views)):
        message = MessageInterface(area, index)
        yield "message", message.text(QAccessible.Text.Name)
        yield "message", message.text(QAccessible.Text.Description)


def _entries(area: VoiceTranscript) -> Iterator[tuple[str, str]]:
    for index in range(area.count):
        entry = EntryInterface(area, index)
        yield "entry", entry.text(QAccessible.Text.Name)
        yield "entry", entry.text(QAccessible.Text.Description)


def _owner(widget: QWidget) -> str:
    parent = widget.parentWidget()
    while parent is not None and (not parent.objectName() or parent.objectName().startswith("qt_")):
        parent = parent.parentWidget()
    return f"{parent.objectName()} < {type(widget).__name__}" if parent is not None else "no window"
