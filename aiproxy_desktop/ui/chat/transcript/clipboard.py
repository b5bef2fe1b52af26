"""Text onto the clipboard: as it is, and as rich text beside it for programs that take that."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from aiproxy_desktop.ui.chat.transcript.message_view import MessageView
from aiproxy_desktop.ui.markdown.html import html_of
from aiproxy_desktop.ui.markdown.plain import plain_blocks
from aiproxy_desktop.ui.markdown.whole import read_message

# Beyond this many characters nothing rich is made: the window would have to wait for it.
RICH_LIMIT = 300_000


@dataclass(frozen=True, slots=True)
class Clip:
    """What goes to the clipboard; `html` is empty for text alone."""

    text: str
    html: str = ""


def put_on_clipboard(clip: Clip) -> None:
    """Copy."""
    mime = QMimeData()
    mime.setText(clip.text)
    if clip.html:
        mime.setData("text/html", f'<meta charset="utf-8">{clip.html}'.encode())
    QGuiApplication.clipboard().setMimeData(mime)


def message_html(view: MessageView) -> str:
    """A whole message as HTML, or "" where it is too long."""
    if len(view.text) > RICH_LIMIT:
        return ""
    if view.own:
        return html_of(plain_blocks(view.text))
    whole = read_message(view.text)
    return html_of(whole.blocks, whole.references)
