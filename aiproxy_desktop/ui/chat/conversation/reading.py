"""What every transcript on the chat page may ask for: links, zoom, files, and a word about what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript import Transcript
    from aiproxy_desktop.ui.chat.viewmodel import ChatViewModel


def read_with(transcript: Transcript, view_model: ChatViewModel, parent: QWidget) -> None:
    """Let a transcript be read: it has the zoom that is set, and what it asks for is done.

    Args:
        transcript: made just now.
        view_model: does it.
        parent: dialogs stand over this.
    """

    def save(name: str, text: str) -> None:
        from aiproxy_desktop.ui.shell.save_file import ask_where_to_save

        ask_where_to_save(parent, name, lambda path: view_model.save_text(path, text))

    transcript.link_activated.connect(_open_link)
    transcript.zoom_wanted.connect(view_model.step_zoom)
    transcript.save_requested.connect(save)
    transcript.failed.connect(view_model.say)
    transcript.image_wanted.connect(view_model.image_wanted)
    transcript.set_zoom(view_model.zoom)


def _open_link(url: str) -> None:
    from aiproxy_desktop.ui.shell.open_url import open_url

    open_url(url)
