"""One question through the real window, as a person would ask it, and a picture of the answer."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit, QWidget

from aiproxy_desktop.core.errors import AIProxyError, ProviderTimeoutError
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.ui.chat.viewmodel import ChatViewModel

W = TypeVar("W", bound=QWidget)

# Generous: on a busy machine the built-in model writes a few words a second.
_READY_SECONDS = 120.0
_ANSWER_SECONDS = 600.0

# After the last word: code is coloured and the view comes to rest within this time.
_SETTLE_SECONDS = 0.5


async def ask_through_window(window: QWidget, view_model: ChatViewModel, prompt: str, picture: Path) -> None:
    """Type `prompt`, press Send, wait for the whole answer, save `picture`, print both.

    Raises:
        AIProxyError: no model is ready, the provider failed, or the picture cannot be written.
    """
    await _until(view_model, lambda: _ready(view_model), _READY_SECONDS, "No model became ready")
    composer = _visible(window, QPlainTextEdit, "chat.composer")
    composer.setFocus()
    composer.insertPlainText(prompt)
    _visible(window, QAbstractButton, "chat.send").click()
    await _until(view_model, lambda: _ended(view_model), _ANSWER_SECONDS, "The answer did not end")
    if view_model.notice:
        raise AIProxyError(view_model.notice.rstrip("."))
    answer = view_model.messages[-1]
    if answer.status != "complete":
        raise AIProxyError(answer.error_title or "The answer was interrupted", answer.error_advice)
    await asyncio.sleep(_SETTLE_SECONDS)
    _save(window, picture)
    sys.stdout.write(f"answer: {answer.text.strip()}\nscreenshot: {picture}\n")
    sys.stdout.flush()


def _save(window: QWidget, picture: Path) -> None:
    try:
        picture.parent.mkdir(parents=True, exist_ok=True)
        written = window.grab().save(str(picture), "PNG")
    except OSError:
        written = False
    if not written:
        raise StorageError(f"The picture cannot be written to {picture}", "Choose another place for it.")


def _ready(view_model: ChatViewModel) -> bool:
    """Whether the default model is known: every provider has answered, or given up."""
    states = view_model.models.states
    asked = bool(states) and all(state.status != "checking" for state in states)
    return asked and (view_model.models.choice is not None or view_model.models.nothing_usable)


def _ended(view_model: ChatViewModel) -> bool:
    if view_model.notice:
        return True
    messages = view_model.messages
    return bool(messages) and messages[-1].role == "assistant" and messages[-1].status != "streaming"


def _visible(window: QWidget, kind: type[W], name: str) -> W:
    return next(widget for widget in window.findChildren(kind, name) if widget.isVisible())


async def _until(
    view_model: ChatViewModel, condition: Callable[[], bool], seconds: float, failure: str
) -> None:
    """Look at `condition` after each change of the view-model until it holds."""
    changed = asyncio.Event()

    def note(*_: object) -> None:
        changed.set()

    signals = (
        view_model.models.changed,
        view_model.thread_shown,
        view_model.message_added,
        view_model.message_changed,
        view_model.notice_changed,
    )
    for signal in signals:
        signal.connect(note)
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await changed.wait()
                changed.clear()
    except TimeoutError:
        raise ProviderTimeoutError(failure, f"Nothing came within {seconds:.0f} seconds.") from None
    finally:
        for signal in signals:
            signal.disconnect(note)
